// The tools on one page's slide: pointer, pen, marker and rubber, by mouse, finger or stylus.
// The page says where its slide is seen; this draws the strokes, and tells the other window.

const HOLD_MS = 500; // a key that is held longer lets go of its tool when it is released
const RUBBER = 14; // its radius, in the slide's units
const NEAR = 0.7; // what a finished stroke may be off the hand's, in the same
const STYLUS_RUBBER = 32; // in `buttons`
const INK_STYLE = `
.ink { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible;
  pointer-events: none; fill: none; stroke-linecap: round; stroke-linejoin: round; z-index: 3; }
.ink .marker { opacity: 0.38; }
@media screen { .ink .later { display: none; } }
#pointing { position: fixed; z-index: 70; pointer-events: none; border-radius: 50%;
  translate: -50% -50%; background: var(--myth);
  box-shadow: 0 0 0 0.18em var(--paper), 0 0 0 0.3em var(--myth), 0 0 1.1em 0.3em var(--myth); }
#pointing[hidden] { display: none; }
#surface { position: fixed; inset: 0; z-index: 42; touch-action: none; cursor: crosshair; }
#surface[hidden] { display: none; }
#surface[data-tool="pointer"] { cursor: none; }
#surface[data-tool="rubber"] { cursor: cell; }
.reveal-viewport:not(.reveal-scroll) > .reveal { touch-action: none; transform-origin: 0 0; }
[data-zoomed] .timeline { visibility: hidden; }
#tools { display: flex; flex-wrap: wrap; gap: 4px; padding: 5px; border: 2px solid var(--line);
  border-radius: 14px; background: var(--card); }
body > #tools { position: fixed; z-index: 60; max-width: calc(100vw - 48px);
  inset: auto auto calc(14px + 40px * var(--scale, 1)) 16px; }
body > #tools { transition: opacity 200ms; }
body > #tools.quiet { opacity: 0; pointer-events: none; }
#draw { position: fixed; z-index: 41; inset: auto auto calc(14px + 40px * var(--scale, 1)) 16px;
  min-height: 44px; padding: 4px 18px; border: 2px solid var(--line); border-radius: 14px;
  background: var(--card); color: var(--ink); font: 600 18px/1.2 Manrope, sans-serif; }
#draw[hidden] { display: none; }
#tools[hidden] { display: none; }
#tools button { min-width: 44px; min-height: 44px; padding: 4px 10px; border: 2px solid transparent;
  border-radius: 10px; background: none; color: var(--ink); font: 600 18px/1.2 Manrope, sans-serif;
  cursor: pointer; }
#tools button:hover { border-color: var(--line); }
#tools button[aria-pressed="true"] { border-color: var(--accent); }
#tools .colour::before { content: ""; display: block; width: 20px; height: 20px; margin: auto;
  border-radius: 50%; background: var(--of); }
@media print { #pointing, #surface, #tools, #draw { display: none !important; } }`;

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Node} inside
 */
function svgOf(tag, attributes, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...inside);
  return made;
}

/** A policy that allows no style in the page allows this. */
function addInkStyle() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(INK_STYLE);
  document.adoptedStyleSheets.push(sheet);
}

/** @param {number} height of a slide */
function inkLayer(height) {
  return svgOf("svg", {
    class: "ink",
    viewBox: `0 0 ${INK_WIDTH} ${height}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
}

/**
 * A stroke as it is drawn; before its step it is seen on paper alone.
 * @param {Stroke} stroke
 * @param {number} step
 */
function strokeOf(stroke, step) {
  const lines = linesOf(stroke).map(({ line, width }) =>
    svgOf("path", { d: line, "stroke-width": width }),
  );
  const isLater = stroke.step > step;
  const looks = {
    class: stroke.tool + (isLater ? " later" : ""),
    stroke: `var(--${stroke.colour})`,
    "data-id": stroke.id,
    "data-points": stroke.points.length,
  };
  return svgOf("g", looks, ...lines);
}

/**
 * The strokes of a slide; those that are there already stay.
 * @param {Element} layer
 * @param {Stroke[]} strokes
 * @param {number} step that is shown
 */
function paintLayer(layer, strokes, step) {
  const there = new Map([...layer.children].map((one) => [one.getAttribute("data-id"), one]));
  const shown = strokes.map((stroke) => {
    const old = there.get(stroke.id);
    if (old?.getAttribute("data-points") !== String(stroke.points.length)) {
      return strokeOf(stroke, step);
    }
    old.classList.toggle("later", stroke.step > step);
    return old;
  });
  layer.replaceChildren(...shown);
}

class Board {
  ink = new Ink();
  /** @type {Tool | null} */
  tool = null;
  colour = INK_COLOURS[0];
  /** What the other window draws just now. @type {Map<string, Stroke>} */
  #coming = new Map();
  /** @type {Stroke | null} */
  #stroke = null;
  #sent = 0; // points of it
  #held = 0; // when the key of the tool went down
  #isDue = false; // in the next frame
  /** @type {{ x: number, y: number, on: boolean } | null} */
  #pointed = null; // not yet told
  #dot = element("div", { id: "pointing", hidden: true });
  #host;

  /** @param {BoardHost} host */
  constructor(host) {
    this.#host = host;
    addInkStyle();
    document.body.append(this.#dot);
    const kept = inkStateOf(parsed(storage("sessionStorage").get(host.key)));
    if (kept) this.ink.merge(kept);
    const { surface } = host;
    surface.addEventListener("pointerdown", (event) => this.#down(event));
    surface.addEventListener("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel"]) {
      surface.addEventListener(type, (event) => this.#up(/** @type {PointerEvent} */ (event)));
    }
    surface.addEventListener("pointerleave", () => this.#point(0, 0, false));
    surface.addEventListener("contextmenu", (event) => event.preventDefault());
    this.#show();
  }

  /** What is seen of a slide, with the strokes that are being drawn. @param {string} slide */
  strokesOn(slide) {
    const coming = [this.#stroke, ...this.#coming.values()];
    const live = coming.filter((stroke) => stroke !== null && stroke.slide === slide);
    return [...this.ink.on(slide), .../** @type {Stroke[]} */ (live)];
  }

  /**
   * Takes a tool in the hand, or lets go of the one that is there.
   * @param {Tool | null} tool
   */
  hold(tool) {
    this.#finish();
    this.tool = tool === this.tool ? null : tool;
    if (this.tool !== "pointer") this.#point(0, 0, false);
    this.#held = performance.now();
    this.#show();
    return this.tool;
  }

  /** A key of the pointer is released: held for long, it was for that long alone. */
  release() {
    const wasLong = performance.now() - this.#held > HOLD_MS;
    if (this.tool === "pointer" && wasLong) this.hold(null);
  }

  /** @param {boolean} [forward] */
  undo(forward = false) {
    if (this.ink.undo(forward)) this.#changed();
  }

  /** @param {boolean} all of this slide alone, otherwise */
  clear(all) {
    const strokes = all ? this.ink.shown : this.ink.on(this.#host.place().slide);
    if (this.ink.erase(strokes)) this.#changed();
  }

  /**
   * A key that is the drawing's while there is something drawn; whether it was.
   * @param {KeyboardEvent} event
   */
  takesKey({ key, ctrlKey, metaKey, shiftKey, altKey }) {
    const letter = key.toLowerCase();
    if ((ctrlKey || metaKey) && !altKey && (letter === "z" || letter === "y")) {
      this.undo(letter === "y" || shiftKey);
      return true;
    }
    if (key !== "Delete" || ctrlKey || altKey || metaKey || !this.ink.shown.length) return false;
    this.clear(shiftKey);
    return true;
  }

  /**
   * What the other window says.
   * @param {PairMessage} message
   */
  hear({ type, x, y, on, stroke, ink, answer }) {
    if (type === "pointer") this.showPointer(Number(x), Number(y), !!on);
    if (type === "stroke" && isStroke(stroke)) {
      const begun = this.#coming.get(stroke.id);
      if (begun && begun.points.length < MOST_POINTS) begun.points.push(...stroke.points);
      else if (!begun) this.#coming.set(stroke.id, stroke);
      this.#host.paint();
    }
    const state = type === "ink" ? inkStateOf(ink) : null;
    if (!state) return;
    this.#coming.clear();
    this.ink.merge(state);
    this.#keep();
    this.#host.paint();
    if (answer === false) this.greet(true);
  }

  /** All that was drawn, for a window that came. @param {boolean} [answer] it was asked for */
  greet(answer = false) {
    this.#host.post({ type: "ink", ink: this.ink.state(), answer });
  }

  /**
   * @param {number} x a share of the slide
   * @param {number} y
   * @param {boolean} on
   */
  showPointer(x, y, on) {
    const isSeen = on && x >= 0 && x <= 1 && y >= 0 && y <= 1;
    this.#dot.hidden = !isSeen;
    if (!isSeen) return;
    const { left, top, width, height } = this.#host.box();
    const size = Math.max(10, Math.min(width, 2 * innerWidth) / 58);
    Object.assign(this.#dot.style, {
      left: `${left + x * width}px`,
      top: `${top + y * height}px`,
      width: `${size}px`,
      height: `${size}px`,
      fontSize: `${size}px`,
    });
  }

  /** Where an event is on the slide, as shares of it. @param {PointerEvent | MouseEvent} event */
  shareOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#host.box();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  /** A second finger came: it is no stroke. */
  drop() {
    this.#stroke = null;
    this.#host.paint();
  }

  /**
   * @param {PointerEvent} event
   * @returns {InkPoint}
   */
  #pointOf(event) {
    const { x, y } = this.shareOf(event);
    /** @param {number} number */
    const tenth = (number) => Math.round(10 * number) / 10;
    const [across, down] = [tenth(x * INK_WIDTH), tenth(y * this.#host.height)];
    if (event.pointerType !== "pen" || !event.pressure) return [across, down];
    return [across, down, Math.round(100 * event.pressure) / 100];
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (!this.tool || !event.isPrimary) return;
    event.preventDefault();
    this.#host.surface.setPointerCapture(event.pointerId);
    if (this.tool === "pen" || this.tool === "marker") {
      if (!(event.buttons & STYLUS_RUBBER) && event.button === 0) return this.#begin(event);
    }
    this.#move(event);
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    const { slide, step } = this.#host.place();
    const tool = this.tool === "marker" ? "marker" : "pen";
    const points = [this.#pointOf(event)];
    this.#stroke = { id: newStrokeId(), slide, step, tool, colour: this.colour, points };
    this.#sent = 0;
    this.#soon();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.tool || !event.isPrimary) return;
    if (this.#stroke) {
      const all = event.getCoalescedEvents?.() ?? [];
      const { points } = this.#stroke;
      for (const one of all.length ? all : [event]) {
        if (points.length < MOST_POINTS) points.push(this.#pointOf(one));
      }
      this.#soon();
    } else if (this.tool === "pointer") {
      const { x, y } = this.shareOf(event);
      this.#point(x, y, true);
    } else if (event.buttons) {
      const strokes = this.ink.on(this.#host.place().slide);
      if (this.ink.erase(touched(strokes, this.#pointOf(event), RUBBER))) this.#changed();
    }
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (!event.isPrimary) return;
    if (event.pointerType !== "mouse") this.#point(0, 0, false);
    this.#finish();
  }

  #finish() {
    const stroke = this.#stroke;
    this.#stroke = null;
    if (!stroke) return;
    this.ink.draw({ ...stroke, points: simplified(stroke.points, NEAR) });
    this.#changed(this.ink.shown.slice(-1));
  }

  /** @param {Stroke[]} [added] */
  #changed(added = []) {
    this.#keep();
    this.#host.paint();
    this.#host.post({ type: "ink", ink: this.ink.state(added) });
  }

  #keep() {
    storage("sessionStorage").set(this.#host.key, JSON.stringify(this.ink.state()));
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} on
   */
  #point(x, y, on) {
    if (!on && this.#dot.hidden) return;
    this.#pointed = { x, y, on };
    this.#soon();
  }

  /** What happened is shown and told once a frame. */
  #soon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      if (this.#pointed) {
        const { x, y, on } = this.#pointed;
        this.#pointed = null;
        this.showPointer(x, y, on);
        this.#host.post({ type: "pointer", x, y, on });
      }
      if (!this.#stroke) return;
      const points = this.#stroke.points.slice(this.#sent);
      this.#sent += points.length;
      if (!points.length) return;
      this.#host.paint();
      this.#host.post({ type: "stroke", stroke: { ...this.#stroke, points } });
    });
  }

  #show() {
    const { surface } = this.#host;
    surface.hidden = !this.tool;
    surface.dataset.tool = this.tool ?? "";
    surface.dispatchEvent(new CustomEvent("tool"));
  }
}

function newStrokeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}
