// The numbers of the page: what plan.js finds, put where it is read.

const ADVICE = {
  ahead: tr("there is room"),
  behind: tr("faster, or skip a part"),
  "on time": tr("keep this pace"),
  "no plan": tr("time: 2m on a slide plans it"),
};
/**
 * A clock with its bar.
 * @param {HTMLElement} box
 * @param {number} spent
 * @param {number} planned 0 where nothing is
 */
function showClock(box, spent, planned) {
  showTime(box, spent, planned);
  find("i", box).style.width = `${Math.min(100, planned ? (100 * spent) / planned : 0)}%`;
}

/** @param {View} view */
function showVerdict({ word, behind }) {
  const box = find("#verdict");
  box.dataset.word = word;
  put(find(".word", box), VERDICTS[word]);
  const isApart = word === "ahead" || word === "behind";
  put(find(".by", box), isApart ? clockTime(Math.abs(behind)) : "");
  put(find(".detail", box), ADVICE[word]);
}

/**
 * @param {Slide[]} slides
 * @param {View} view
 * @param {number} paceWpm of the script
 */
function showFacts(slides, { remaining, finish, checkpoint, skip, slide, pace, word }, paceWpm) {
  const ends = { ends: timeOfDay(Date.now() + 1000 * remaining), after: clockTime(finish) };
  const end = tr("Ends {ends}, after {after}", ends);
  put(find("#finish"), word === "no plan" ? tr("No slide has a time") : end);
  let point = tr("No checkpoint ahead");
  if (checkpoint) {
    const times = { at: clockTime(checkpoint.at), expected: clockTime(checkpoint.expected) };
    const of = { slide: slides[checkpoint.slide].number, ...times };
    point = tr("Checkpoint slide {slide}: {at}, you {expected}", of);
  }
  put(find("#checkpoint"), point);
  let offer = tr("No optional part ahead");
  if (skip) {
    const of = { part: skip.part, slide: slides[skip.slide].number, gain: clockTime(skip.gain) };
    offer =
      skip.slide === slide
        ? tr("X skips “{part}”: −{gain}", of)
        : tr("X skips “{part}” (slide {slide}): −{gain}", of);
  }
  put(find("#skip"), offer);
  const script = tr("Script at {pace} words a minute", { pace: paceWpm });
  put(find("#pace"), pace ? tr("{pace} words a minute so far", { pace }) : script);
}

/**
 * Where the deck is, and where it goes next.
 * @param {Slide[]} slides
 * @param {Place} place
 * @param {Place | null} next
 */
function showTitles(slides, place, next) {
  const { number, title, steps } = slides[place.slide];
  const now = { number, count: slides.length, step: place.step, steps, title };
  const said = steps
    ? tr("{number} of {count}, step {step} of {steps}: {title}", now)
    : tr("{number} of {count}: {title}", now);
  put(find("#now-title"), said);
  let then = tr("Then: the end");
  if (next?.slide === place.slide) then = tr("Next: step {step} of {steps}", { ...next, steps });
  else if (next) then = tr("Next: {title}", { title: slides[next.slide].title });
  put(find("#next-title"), then);
}

/**
 * @param {Backup} backup
 * @param {Slide} slide where the talk is
 */
function showBackupTitle({ shown, title }, slide) {
  put(find("#now-title"), `${shown}: ${title}`);
  const back = { number: slide.number, title: slide.title };
  put(find("#next-title"), tr("Then back to {number}: {title}", back));
}

/**
 * What stands in the page while the clock rests; empty while it runs.
 * @param {View} view
 * @param {Cut} cut
 */
function restingText(view, { q_and_a_s: slot }) {
  const paused = { time: clockTime(view.paused) };
  if (view.mode === "paused") return tr("Paused: {time} in all. P goes on.", paused);
  if (view.mode !== "qa") return "";
  const time = clockTime(view.qa);
  if (!slot) return tr("Questions: {time}. Q ends them.", { time });
  const [low, high] = slot.map(clockTime);
  return tr("Questions: {time} of {low} to {high}. Q ends them.", { time, low, high });
}

/**
 * @param {Slide[]} slides
 * @param {View} view
 * @param {number} paceWpm
 */
function showView(slides, view, paceWpm) {
  document.body.dataset.mode = view.mode;
  showClock(find("#slide-time"), view.spent, view.slot);
  showClock(find("#talk-time"), view.elapsed, view.total);
  showVerdict(view);
  showFacts(slides, view, paceWpm);
  put(find("#wall"), timeOfDay(Date.now()));
}
