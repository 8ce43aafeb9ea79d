// Zoom on one page's slide: by a key or a click, and by two fingers.

/**
 * @typedef {object} ZoomHost
 * @property {EventTarget} target of touches
 * @property {() => { left: number, top: number, width: number, height: number }} frame the whole
 *   slide in the window, were it not zoomed
 * @property {(zoom: Zoom, isSmooth: boolean) => void} show
 * @property {(message: PairMessage) => void} post
 * @property {() => boolean} isDrawing one finger is a tool's
 * @property {() => void} drop a stroke that became a pinch
 */

class Zooming {
  zoom = WHOLE;
  /** Fingers, where they are seen. @type {Map<number, Share>} */
  #fingers = new Map();
  /** @type {{ zoom: Zoom, middle: Share, apart: number } | null} */
  #pinch = null;
  #isBusy = false; // until all fingers are gone
  #frame = 0;
  #host;

  /** @param {ZoomHost} host */
  constructor(host) {
    this.#host = host;
    /** @type {[string, (event: PointerEvent) => void][]} */
    const listeners = [
      ["pointerdown", (event) => this.#down(event)],
      ["pointermove", (event) => this.#move(event)],
      ["pointerup", (event) => this.#up(event)],
      ["pointercancel", (event) => this.#up(event)],
    ];
    for (const [type, listener] of listeners) {
      host.target.addEventListener(type, /** @type {EventListener} */ (listener), true);
    }
  }

  /**
   * @param {{ x?: number, y?: number, scale?: number }} wanted
   * @param {boolean} [isRemote] the other window did it
   */
  set(wanted, isRemote = false) {
    const before = this.zoom;
    this.zoom = zoomWithin(wanted);
    this.#host.show(this.zoom, Math.abs(this.zoom.scale - before.scale) > 0.5);
    if (isRemote || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#host.post({ type: "zoom", ...this.zoom });
    });
  }

  /**
   * Into the slide at this place of the window, or back to all of it.
   * @param {{ clientX: number, clientY: number }} event
   */
  toggle(event) {
    if (this.zoom.scale > 1) return this.set(WHOLE);
    const point = this.#seen(event);
    const isOn = point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1;
    this.set(zoomAround(WHOLE, isOn ? point : { x: 0.5, y: 0.5 }, KEY_ZOOM));
  }

  /** Whether there was something to come back from. */
  leave() {
    const wasIn = this.zoom.scale > 1;
    if (wasIn) this.set(WHOLE);
    return wasIn;
  }

  /** @param {{ clientX: number, clientY: number }} event */
  #seen({ clientX, clientY }) {
    const { left, top, width, height } = this.#host.frame();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.pointerType !== "touch") return;
    this.#fingers.set(event.pointerId, this.#seen(event));
    if (this.#fingers.size < 2) return;
    this.#host.drop();
    this.#isBusy = true;
    event.stopPropagation();
    this.#grip();
  }

  /** Where two fingers took hold. */
  #grip() {
    const [one, two] = this.#fingers.values();
    if (!two) return (this.#pinch = null);
    const { middle, apart } = this.#between(one, two);
    this.#pinch = { zoom: this.zoom, middle, apart };
  }

  /**
   * @param {Share} one
   * @param {Share} two
   */
  #between(one, two) {
    const { width, height } = this.#host.frame();
    const apart = Math.hypot((one.x - two.x) * width, (one.y - two.y) * height);
    return { middle: { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 }, apart };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = this.#seen(event);
    this.#fingers.set(event.pointerId, now);
    const isPan = this.zoom.scale > 1 && this.#fingers.size === 1 && !this.#host.isDrawing();
    if (!isPan && !this.#isBusy) return;
    event.stopPropagation(); // reveal.js would turn the page
    const { x, y, scale } = this.zoom;
    const [one, two] = this.#fingers.values();
    if (this.#pinch && two) {
      const { zoom, middle, apart } = this.#pinch;
      const held = this.#between(one, two);
      const point = {
        x: (middle.x - 0.5) / zoom.scale + zoom.x,
        y: (middle.y - 0.5) / zoom.scale + zoom.y,
      };
      this.set(zoomAround(zoom, point, (zoom.scale * held.apart) / (apart || 1), held.middle));
    } else if (isPan) {
      this.set({ x: x - (now.x - before.x) / scale, y: y - (now.y - before.y) / scale, scale });
    }
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (!this.#fingers.delete(event.pointerId)) return;
    this.#grip();
    if (!this.#fingers.size) this.#isBusy = false;
  }
}
