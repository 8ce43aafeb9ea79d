// Is the audience's window showing what the speaker sees? It says twice a second what it paints;
// what is wrong is said within two seconds. A picture of it is taken when the speaker asks.

const SILENT_MS = 1600; // three beats are missing
const STILL_MS = 1400; // nothing was painted
const APART_MS = 900; // what isn't the same, and should be

/** @type {Record<ProjectorFault, string>} */
const FAULTS = {
  silent: tr("Audience: no answer"),
  hidden: tr("Audience: hidden"),
  still: tr("Audience: frozen"),
  build: tr("Audience: an old build"),
  black: tr("Audience: black"),
  overview: tr("Audience: all slides"),
  slide: tr("Audience: another slide"),
};
/** What is done about it. @type {Record<ProjectorFault, string>} */
const REMEDIES = {
  silent: tr("The window hangs, or has crashed: S opens it again."),
  hidden: tr("It is minimised, or behind another window: bring it to the front."),
  still: tr("It draws nothing any more: S opens it again."),
  build: tr("It was opened before the last build: S loads it again."),
  black: tr("B shows the slide again."),
  overview: tr("Esc in that window shows one slide again."),
  slide: tr("An arrow key brings it along; or S opens it again."),
};
const SURFACES = {
  browser: tr("Live from the browser: what that tab paints."),
  window: tr("Live from the browser: what that window shows."),
  monitor: tr("Live from the browser: what that whole screen shows."),
};

/**
 * What is wrong with the audience's window; null where nothing is.
 * @param {Beat} beat its last one
 * @param {{ place: Place, build: number, black: boolean, isAlive: boolean }} wanted
 * @param {number} now
 * @returns {ProjectorFault | null}
 */
function projectorFault(beat, { place, build, black, isAlive }, now) {
  // A browser lets a hidden window beat once a minute, but hear and answer as before.
  if (beat.hidden && isAlive) return "hidden";
  if (now - beat.at > SILENT_MS) return "silent";
  if (beat.since > STILL_MS) return "still";
  if (build && beat.build && build !== beat.build) return "build";
  if (beat.on && !black) return "black";
  if (beat.overview) return "overview";
  const isSame = beat.step === place.step || place.step === ALL_STEPS;
  return beat.slide === place.slide && isSame ? null : "slide";
}

/** What is known of the audience's window, and the panel that shows it. */
class Projector {
  #panel = find("#projector");
  /** @type {Beat | null} */
  #beat = null;
  /** @type {ProjectorFault | null} */
  #fault = null;
  #apart = Infinity; // since when something isn't the same
  /** @type {MediaStream | null} */
  #stream = null;
  #isTaking = false;
  #button = element("button", {}, tr("Picture of it"));

  build = 0; // of the deck beside this page
  isAwake = false; // this page's screen
  #say;

  /** @param {(text: string) => void} say */
  constructor(say) {
    this.#say = say;
    this.#button.onclick = async () => {
      this.#button.blur();
      if (this.#isTaking) return; // the browser asks which one
      if (this.#stream) return this.#stop();
      this.#isTaking = true;
      await this.#take().catch(() => say(tr("No picture: the browser gives none.")));
      this.#isTaking = false;
      if (this.#panel.hidden) this.#stop(); // closed meanwhile
    };
    this.#panel.append(this.#button);
  }

  /** @param {PairMessage} said */
  hear(said) {
    const at = performance.now();
    const beat = /** @type {Beat} */ ({ ...said, at });
    // Of two windows the one that is seen counts.
    const last = this.#beat;
    const isOther = last && last.from !== beat.from && at - last.at < SILENT_MS;
    if (isOther && beat.hidden && !last.hidden) return;
    this.#beat = beat;
    if (!last?.wants) this.sayWhereToPress();
  }

  /** Where the browser fills the screen only for a press in the audience's window. */
  sayWhereToPress() {
    const why = tr("The browser wants it pressed there: F, or a click, in that window.");
    if (this.#beat?.wants) this.#say(why);
  }

  forget() {
    this.#beat = null;
    this.#fault = null;
  }

  get beat() {
    return this.#beat;
  }

  /**
   * What is wrong now. What may be on its way has a moment.
   * @param {{ place: Place, black: boolean, isAlive: boolean }} wanted
   */
  fault(wanted) {
    const now = performance.now();
    const { build } = this;
    const found = this.#beat && projectorFault(this.#beat, { ...wanted, build }, now);
    const isOnItsWay = found === "slide" || found === "black";
    this.#apart = found && isOnItsWay ? Math.min(this.#apart, now) : Infinity;
    this.#fault = isOnItsWay && now - this.#apart < APART_MS ? null : found;
    return this.#fault;
  }

  /** It hangs, has crashed, or draws nothing any more. */
  get isDead() {
    return this.#fault === "silent" || this.#fault === "still";
  }

  /** It shows something else, and draws. */
  get isApart() {
    return this.#fault === "slide" || this.#fault === "build";
  }

  toggle() {
    this.#panel.hidden = !this.#panel.hidden;
    if (this.#panel.hidden) this.#stop();
  }

  /** @param {boolean} isAlive the window answers */
  show(isAlive) {
    if (this.#panel.hidden) return;
    put(find(".verdict", this.#panel), this.#verdict(isAlive));
    this.#panel.dataset.fault = String(this.#fault ?? "");
    const rows = isAlive && this.#beat ? this.#facts(this.#beat) : [];
    put(find(".facts", this.#panel), rows.join("\n"));
  }

  /** @param {boolean} isAlive */
  #verdict(isAlive) {
    if (!isAlive) return tr("There is no audience’s window: S opens one.");
    if (this.#fault) return REMEDIES[this.#fault];
    return tr("It paints the slide that you see.");
  }

  /** @param {Beat} beat */
  #facts({ at, since, full, width, height, awake }) {
    const painted = decimal((performance.now() - at + since) / 1000, 1);
    const yes = tr("The screens stay awake: yours and the audience’s.");
    const whose = awake ? tr("Yours may go to sleep.") : tr("The audience’s may go to sleep.");
    return [
      tr("Painted {s} s ago, {width} × {height} pixels", { s: painted, width, height }),
      full ? tr("Full screen") : tr("Not in full screen: F"),
      this.isAwake && awake ? yes : whose,
    ];
  }

  async #take() {
    const wanted = { video: { displaySurface: "window" }, selfBrowserSurface: "exclude" };
    this.#stream = await navigator.mediaDevices.getDisplayMedia(wanted);
    const [track] = this.#stream.getVideoTracks();
    track.onended = () => this.#stop();
    const video = element("video", { muted: true, autoplay: true, srcObject: this.#stream });
    const surface = /** @type {keyof typeof SURFACES} */ (track.getSettings().displaySurface);
    find(".picture", this.#panel).replaceChildren(video, SURFACES[surface] ?? SURFACES.window);
    this.#button.textContent = tr("End the picture");
  }

  #stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#button.textContent = tr("Picture of it");
    find(".picture", this.#panel).replaceChildren();
  }
}
