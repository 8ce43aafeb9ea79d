// The slide and the next one: the deck itself in frames, and the finger that points.

const TARGET = location.origin;

/** One frame with the deck. */
class DeckFrame {
  /** @type {PhonePlace | null} */
  #place = null;
  #isReady = false;

  /**
   * @param {HTMLElement} box
   * @param {string} token a name for the frame alone
   */
  constructor(box, token) {
    this.box = box;
    this.token = token;
    /** @type {HTMLIFrameElement} */
    this.frame = find("iframe", box);
    new ResizeObserver(() => fitFrame(this.frame)).observe(box);
    fitFrame(this.frame);
  }

  /** @param {string} role */
  load(role) {
    const quiet = "hash=false&keyboard=false&touch=false&transition=none";
    this.frame.src = `index.html?role=${role}&pair=${this.token}&${quiet}`;
  }

  /** The deck has started. */
  ready() {
    this.#isReady = true;
    this.#tell();
  }

  /** @param {PhonePlace | null} place */
  show(place) {
    this.box.classList.toggle("nothing", !place);
    if (!place || (this.#place?.slide === place.slide && this.#place.step === place.step)) return;
    this.#place = place;
    this.#tell();
  }

  #tell() {
    if (!this.#isReady || !this.#place) return;
    const message = { pair: this.token, type: "show", ...this.#place, moved: 1 };
    this.frame.contentWindow?.postMessage(message, TARGET);
  }
}

/** Both frames; the second is loaded when the first is there: a phone has one thing to do. */
function createSlides() {
  const token = newToken();
  const now = new DeckFrame(find("#now"), token);
  const next = new DeckFrame(find("#next"), token);
  let hasNext = false;
  addEventListener("message", ({ data, origin, source }) => {
    if (origin !== location.origin || data?.pair !== token || data.type !== "shown") return;
    if (source === next.frame.contentWindow) return next.ready();
    now.ready();
    if (!hasNext) next.load("next");
    hasNext = true;
  });
  /** The slide is as tall as the audience's. @param {string} size */
  function match(size) {
    const { style } = document.documentElement;
    if (!/^\s*\d+ \/ \d+\s*$/.test(size) || style.getPropertyValue("--slide") === size) return;
    style.setProperty("--slide", size);
    [now, next].forEach(({ frame }) => fitFrame(frame));
  }

  now.load("current");
  return { now, next, token, match };
}

/**
 * A finger on the slide: where it is, once a picture of the screen at most, until it goes.
 * @param {HTMLElement} box
 * @param {(x: number, y: number, on: boolean) => boolean} send whether it was sent
 */
function createPointer(box, send) {
  const dot = find("#dot");
  let [x, y] = [0, 0];
  let isDown = false;
  let isWaiting = false;

  function tell() {
    isWaiting = false;
    dot.hidden = !(isDown && send(x, y, true));
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (!isDown) return;
    const { left, top, width, height } = box.getBoundingClientRect();
    x = Math.max(0, Math.min(1, (event.clientX - left) / width));
    y = Math.max(0, Math.min(1, (event.clientY - top) / height));
    dot.style.left = `${100 * x}%`;
    dot.style.top = `${100 * y}%`;
    if (!isWaiting) requestAnimationFrame(tell);
    isWaiting = true;
  }

  function up() {
    if (isDown) send(x, y, false);
    isDown = false;
    dot.hidden = true;
  }

  box.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return;
    isDown = true;
    box.setPointerCapture(event.pointerId);
    move(event);
  });
  box.addEventListener("pointermove", move);
  for (const type of ["pointerup", "pointercancel"]) box.addEventListener(type, up);
  document.addEventListener("visibilitychange", up);
}
