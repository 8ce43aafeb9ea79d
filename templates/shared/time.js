// Times as they are read, and sums of them.

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** @param {number} number */
function twoDigits(number) {
  return String(number).padStart(2, "0");
}

/**
 * Whole seconds as m:ss, h:mm:ss from an hour on.
 * @param {number} seconds
 */
function clockTime(seconds) {
  const whole = Math.floor(Math.abs(seconds) + 1e-6);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const shown = hours ? `${hours}:${twoDigits(minutes)}` : String(minutes);
  return `${seconds < 0 && whole > 0 ? "−" : ""}${shown}:${twoDigits(whole % 60)}`;
}

/**
 * The time of day, hh:mm.
 * @param {number} moment in ms, as of Date.now()
 */
function timeOfDay(moment) {
  const date = new Date(moment);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}
