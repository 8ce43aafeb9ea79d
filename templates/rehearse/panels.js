// The numbers of the page: what plan.js finds, put where it is read.

const ADVICE = {
  ahead: "there is room",
  behind: "faster, or skip a part",
  "on time": "keep this pace",
  "no plan": "time: 2m on a slide plans it",
};

/**
 * A text that is the same stays as it is: screen readers read out what changes.
 * @param {HTMLElement} box
 * @param {string} text
 */
function put(box, text) {
  if (box.textContent !== text) box.textContent = text;
}

/** @param {number} left in seconds */
function leftOver(left) {
  return left >= 0 ? `${clockTime(left)} left` : `${clockTime(-left)} over`;
}

/**
 * @param {HTMLElement} box
 * @param {number} spent
 * @param {number} planned 0 where nothing is
 */
function showTime(box, spent, planned) {
  put(find(".big", box), clockTime(spent));
  const of = `of ${clockTime(planned)}, ${leftOver(planned - spent)}`;
  put(find(".detail", box), planned ? of : "");
  find("i", box).style.width = `${Math.min(100, planned ? (100 * spent) / planned : 0)}%`;
  box.classList.toggle("over", planned > 0 && spent > planned);
}

/** @param {View} view */
function showVerdict({ word, behind }) {
  const box = find("#verdict");
  box.dataset.word = word;
  put(find(".word", box), word);
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
  /** @param {number} index */
  const named = (index) => `slide ${slides[index].number}`;
  const ends = timeOfDay(Date.now() + 1000 * remaining);
  const end = `Ends ${ends}, after ${clockTime(finish)}`;
  put(find("#finish"), word === "no plan" ? "No slide has a time" : end);
  let point = "No checkpoint ahead";
  if (checkpoint) {
    const { at, expected } = checkpoint;
    point = `Checkpoint ${named(checkpoint.slide)}: ${clockTime(at)}, you ${clockTime(expected)}`;
  }
  put(find("#checkpoint"), point);
  let offer = "No optional part ahead";
  if (skip) {
    const where = skip.slide === slide ? "" : ` (${named(skip.slide)})`;
    offer = `X skips “${skip.part}”${where}: −${clockTime(skip.gain)}`;
  }
  put(find("#skip"), offer);
  const script = `Script at ${paceWpm} words a minute`;
  put(find("#pace"), pace ? `${pace} words a minute so far` : script);
}

/**
 * Where the deck is, and where it goes next.
 * @param {Slide[]} slides
 * @param {Place} place
 * @param {Place | null} next
 */
function showTitles(slides, place, next) {
  const { number, title, steps } = slides[place.slide];
  const step = steps ? `, step ${place.step} of ${steps}` : "";
  put(find("#now-title"), `${number} of ${slides.length}${step}: ${title}`);
  let then = "Then: the end";
  if (next?.slide === place.slide) then = `Next: step ${next.step} of ${steps}`;
  else if (next) then = `Next: ${slides[next.slide].title}`;
  put(find("#next-title"), then);
}

/**
 * @param {Backup} backup
 * @param {Slide} slide where the talk is
 */
function showBackupTitle({ shown, title }, slide) {
  put(find("#now-title"), `${shown}: ${title}`);
  put(find("#next-title"), `Then back to ${slide.number}: ${slide.title}`);
}

/**
 * What stands in the page while the clock rests; empty while it runs.
 * @param {View} view
 * @param {Cut} cut
 */
function restingText(view, { q_and_a_s: slot }) {
  if (view.mode === "paused") return `Paused: ${clockTime(view.paused)} in all. P goes on.`;
  if (view.mode !== "qa") return "";
  const of = slot ? ` of ${clockTime(slot[0])} to ${clockTime(slot[1])}` : "";
  return `Questions: ${clockTime(view.qa)}${of}. Q ends them.`;
}

/**
 * @param {Slide[]} slides
 * @param {View} view
 * @param {number} paceWpm
 */
function showView(slides, view, paceWpm) {
  document.body.dataset.mode = view.mode;
  showTime(find("#slide-time"), view.spent, view.slot);
  showTime(find("#talk-time"), view.elapsed, view.total);
  showVerdict(view);
  showFacts(slides, view, paceWpm);
  put(find("#wall"), timeOfDay(Date.now()));
}
