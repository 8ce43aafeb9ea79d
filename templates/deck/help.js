// The list of keys that `?` opens is reveal.js's: its own words, in the page's language.

/** @type {Record<string, string>} */
const HELP_WORDS = {
  "Keyboard Shortcuts": tr("Keyboard Shortcuts"),
  KEY: tr("KEY"),
  ACTION: tr("ACTION"),
  "Next slide": tr("Next slide"),
  "Previous slide": tr("Previous slide"),
  "Navigate left": tr("Navigate left"),
  "Navigate right": tr("Navigate right"),
  "Navigate up": tr("Navigate up"),
  "Navigate down": tr("Navigate down"),
  "Navigate without fragments": tr("Navigate without fragments"),
  "Jump to first/last slide": tr("Jump to first/last slide"),
  Pause: tr("Pause"),
  Fullscreen: tr("Fullscreen"),
  "Jump to slide": tr("Jump to slide"),
  "Slide overview": tr("Slide overview"),
};

// Its field to jump from slide to slide is in the page only while it has the focus.
document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLInputElement && target.matches(".jump-to-slide-input")) {
    target.placeholder = HELP_WORDS["Jump to slide"];
  }
});
Reveal.on("showhelp", () => {
  for (const cell of findAll(".r-overlay-help-content :is(.title, th, td)")) {
    cell.textContent = HELP_WORDS[cell.textContent ?? ""] ?? cell.textContent;
  }
});
