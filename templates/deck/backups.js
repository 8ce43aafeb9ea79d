// Slides behind the end, for questions: a link, the overview, `G` and a key lead there, an advance
// doesn't; and there is a way back to where the talk was.

/** @type {{ h: number, f?: number } | null} */
let leftAt = null; // where the talk was when a backup was shown
let isStepping = false; // a key or a finger moves the deck, nothing else

const backupsAt = () => findAll(".slides section:not([data-backup])").length;
const isAtBackup = () => Reveal.getIndices().h >= backupsAt();

/**
 * @param {number} slide
 * @param {number} [step]
 */
function lead(slide, step) {
  isStepping = false;
  Reveal.slide(slide, 0, step);
}

function goBack() {
  const { h, f } = leftAt ?? { h: backupsAt() - 1, f: undefined };
  leftAt = null;
  lead(h, f);
}

/** The slide's link back leads where the talk was. */
function nameWayBack() {
  const link = Reveal.getCurrentSlide().querySelector("a[data-back]");
  if (!(link instanceof HTMLAnchorElement)) return;
  const slides = findAll(".slides section");
  link.href = `#/${slides[leftAt?.h ?? backupsAt() - 1].id}`;
  link.onclick = (event) => {
    event.preventDefault();
    goBack();
  };
}

/**
 * Whether the speaker chose the slide: in the overview, by its number, by a link.
 * @param {number} to
 */
function isChosen(to) {
  if (!isStepping || Reveal.isOverview() || find(".jump-to-slide")) return true;
  return location.hash === `#/${findAll(".slides section").at(to)?.id}`;
}

/** @param {Event & { indexh?: number }} event */
function guardTheEnd(event) {
  const first = backupsAt();
  const { h, f } = Reveal.getIndices();
  const to = Number(event.indexh);
  if (h < first && to >= first) {
    if (isChosen(to)) {
      leftAt = { h, f };
      return;
    }
    event.preventDefault();
    if (to > first) lead(first - 1); // the key End
  } else if (h === first && to === first - 1 && !isChosen(to)) {
    event.preventDefault();
    goBack();
  } else if (to < first) leftAt = null;
}

/** @param {Event} event */
function noteStep(event) {
  if (event instanceof PointerEvent && event.pointerType === "mouse") return;
  isStepping = true;
  setTimeout(() => (isStepping = false));
}

/** @param {() => void} [elsewhere] what is done on a slide of the talk */
function back(elsewhere) {
  if (isAtBackup()) goBack();
  else elsewhere?.();
}

Reveal.on("ready", () => {
  if (!find(".slides section[data-backup]")) return;
  for (const type of ["keydown", "touchmove", "pointermove"]) {
    document.addEventListener(type, noteStep, true);
  }
  Reveal.on("beforeslidechange", guardTheEnd);
  Reveal.on("slidechanged", nameWayBack);
  deckKey("U", tr("Backup slides, and back"), () => back(() => lead(backupsAt())));
  const description = tr("From a backup slide to where you were");
  Reveal.addKeyBinding({ keyCode: 8, key: "Backspace", description }, () => back());
  nameWayBack();
});
