// The script of a slide as it scrolls past the reading line: by itself at the speaker's pace while
// the clock runs, by hand at any time. Where it is read is kept in seconds of script.

const LINE_SHARE = 0.28; // of the box's height: where the reading line is

const NOTHING = tr("No notes for this slide.");

/** @param {number} cue in seconds */
const cueTime = (cue) => (cue < 60 ? `${Math.round(cue)} s` : clockTime(Math.round(cue)));

/**
 * @param {string} className
 * @param {...(Node | string)} inside
 */
const paragraph = (className, ...inside) => element("p", { className }, ...inside);

/** @type {Record<LineKind, (line: Line) => HTMLElement>} */
const LINE_MAKERS = {
  say: ({ text }) => paragraph("say", text),
  cue: ({ text, cue }) => {
    const isTimed = cue && !/\d/.test(text);
    return paragraph("cue", text, isTimed ? ` · ${cueTime(cue)}` : "");
  },
  click: ({ text, step }) => {
    const more = text.replace(/^click[\s:]*/i, "");
    const mark = element("span", { className: "step" }, tr("step {step}", { step }));
    return paragraph("cue click", tr("Click"), mark, more && ` ${more}`);
  },
  note: ({ text }) => paragraph("note", tr("Note: {text}", { text })),
  aside: ({ text }) => paragraph("aside", tr("If asked: {text}", { text })),
  head: ({ text }) => paragraph("landmark", text),
  code: ({ text }) => element("pre", { className: "code" }, text),
  part: ({ text, name, skipped }) => {
    const about = text ? `: ${text}` : "";
    const said = skipped
      ? tr("skipped: optional “{name}”", { name })
      : tr("optional “{name}”", { name });
    return paragraph("cue part", said + about);
  },
  "part-end": () => paragraph("cue part end", tr("end of the optional part")),
};

class Prompter {
  /** @type {Line[]} */
  #lines = [];
  /** @type {HTMLElement[]} */
  #rows = [];
  #length = 0;
  #read = 0;

  /**
   * @param {HTMLElement} box
   * @param {() => boolean} isStill motion is reduced
   */
  constructor(box, isStill) {
    this.box = box;
    this.isStill = isStill;
    this.#listen();
  }

  /** Seconds of script that were read. */
  get read() {
    return this.#read;
  }

  /**
   * Shows other lines and begins at their start, or where the same slide was read before.
   * @param {Line[]} lines
   * @param {number} from
   */
  show(lines, from) {
    this.#lines = lines;
    this.#length = lengthOf(lines);
    this.#rows = lines.map((line) => {
      const row = LINE_MAKERS[line.kind](line);
      row.classList.toggle("optional", !!line.part);
      row.classList.toggle("skipped", line.skipped);
      return row;
    });
    const shown = lines.length ? this.#rows : [paragraph("note", NOTHING)];
    find(".lines", this.box).replaceChildren(...shown);
    this.#goTo(from);
  }

  /** Puts what is read at the reading line. */
  place() {
    if (!this.#rows.length) {
      this.box.scrollTop = 0;
      return;
    }
    const row = this.#rows[this.#current()];
    if (!row.classList.contains("now")) {
      this.#rows.forEach((one) => one.classList.toggle("now", one === row));
    }
    // With reduced motion the text moves from line to line, never by itself in between.
    const top = this.isStill() ? row.offsetTop : this.#pixel();
    this.box.scrollTop = top - this.box.clientHeight * LINE_SHARE;
  }

  /** @param {number} seconds */
  advance(seconds) {
    this.#goTo(this.#read + seconds);
  }

  /** @param {1 | -1} step */
  byLine(step) {
    const lines = this.#lines;
    if (!lines.length) return;
    let index = this.#current() + step;
    while (lines[index] && (lines[index].skipped || lines[index].at === this.#read)) index += step;
    this.#goTo(lines[Math.max(0, Math.min(lines.length - 1, index))].at);
  }

  /**
   * A step of the slide: what is said after its click comes now.
   * @param {number} step
   */
  atStep(step) {
    const click = this.#lines.find((line) => line.kind === "click" && line.step === step);
    this.#goTo(Math.max(this.#read, click?.at ?? 0));
  }

  /** @param {number} read */
  #goTo(read) {
    this.#read = Math.min(read, this.#length);
    this.place();
  }

  /** The line that is read. */
  #current() {
    const until = this.#read + 0.01;
    return Math.max(0, this.#lines.findLastIndex(({ at, skipped }) => !skipped && at <= until));
  }

  /** The pixel of the text that is read: inside a line by its share. */
  #pixel() {
    const index = this.#current();
    const { at, length } = this.#lines[index];
    const { offsetTop, offsetHeight } = this.#rows[index];
    const share = length ? Math.min(1, (this.#read - at) / length) : 0;
    return offsetTop + share * offsetHeight;
  }

  /**
   * Moved by hand: the reading line goes to what now stands there.
   * @param {number} pixels
   */
  #moveBy(pixels) {
    if (!this.#rows.length) return;
    const wanted = this.#pixel() + pixels;
    const index = Math.max(0, this.#rows.findLastIndex((row) => row.offsetTop <= wanted));
    const { offsetTop, offsetHeight } = this.#rows[index];
    const share = offsetHeight ? (wanted - offsetTop) / offsetHeight : 0;
    const { at, length } = this.#lines[index];
    this.#goTo(at + Math.max(0, Math.min(0.999, share)) * length);
  }

  #listen() {
    let touched = 0;
    /** @param {WheelEvent} event */
    const wheel = (event) => {
      event.preventDefault();
      this.#moveBy(event.deltaMode === 1 ? event.deltaY * 24 : event.deltaY);
    };
    /** @param {TouchEvent} event */
    const touch = (event) => {
      const { clientY } = event.touches[0];
      if (event.type === "touchmove") {
        event.preventDefault();
        this.#moveBy(touched - clientY);
      }
      touched = clientY;
    };
    this.box.addEventListener("wheel", wheel, { passive: false });
    this.box.addEventListener("touchstart", touch, { passive: true });
    this.box.addEventListener("touchmove", touch, { passive: false });
  }
}
