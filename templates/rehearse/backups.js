// Backups, for questions: shown to the audience when they are picked, and left by the next advance.
// The clock and the place in the talk stay as they are.

const ALL_STEPS = 99;

class Backups {
  /** @type {HTMLSelectElement} */
  #picker = find("#backups");

  /**
   * @param {TalkData} data
   * @param {(slide: number) => void} pick the last slide of the talk where none is picked
   */
  constructor({ backups, slides }, pick) {
    this.backups = backups;
    this.first = slides.length;
    const label = /** @type {HTMLElement} */ (this.#picker.parentElement);
    label.hidden = !backups.length;
    for (const { shown, title } of backups) this.#picker.add(new Option(`${shown} ${title}`));
    this.#picker.addEventListener("change", () => {
      this.#picker.blur();
      pick(this.place.slide);
    });
  }

  get #index() {
    return this.#picker.selectedIndex - 1;
  }

  /** The one that is shown. */
  get shown() {
    return this.backups.at(this.#index < 0 ? this.backups.length : this.#index);
  }

  /**
   * Where the deck shows it, with all its steps.
   * @returns {Place}
   */
  get place() {
    return { slide: this.first + this.#index, step: ALL_STEPS };
  }

  /**
   * Whether a place of the deck is a backup's, which is shown from now on.
   * @param {number} slide
   */
  take(slide) {
    const index = slide - this.first;
    if (!this.backups[index]) return false;
    this.#picker.selectedIndex = index + 1;
    return true;
  }

  /** Whether one was shown, and is no more. */
  leave() {
    const wasShown = this.#index >= 0;
    this.#picker.selectedIndex = 0;
    return wasShown;
  }
}
