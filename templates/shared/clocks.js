// Clocks as the speaker reads them, on the rehearsal page and on a phone.

const VERDICTS = {
  ahead: tr("ahead"),
  behind: tr("behind"),
  "on time": tr("on time"),
  "no plan": tr("no plan"),
};

/**
 * A text that is the same stays as it is: screen readers read out what changes.
 * @param {HTMLElement} box
 * @param {string} text
 */
function put(box, text) {
  if (box.textContent !== text) box.textContent = text;
}

/**
 * @param {HTMLElement} box
 * @param {number} spent
 * @param {number} planned 0 where nothing is
 */
function showTime(box, spent, planned) {
  put(find(".big", box), clockTime(spent));
  const times = { planned: clockTime(planned), rest: clockTime(Math.abs(planned - spent)) };
  const over = tr("of {planned}, {rest} over", times);
  const of = spent <= planned ? tr("of {planned}, {rest} left", times) : over;
  put(find(".detail", box), planned ? of : "");
  box.classList.toggle("over", planned > 0 && spent > planned);
}
