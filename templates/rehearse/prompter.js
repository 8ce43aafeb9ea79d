// The script of a slide as it scrolls past the reading line: by itself at the speaker's pace while
// the clock runs, to where a voice is, by hand at any time. Where it is read is kept in seconds of
// script.

const LINE_SHARE = 0.28; // of the box's height: where the reading line is
const GLIDE_S = 0.4; // in which the script comes two thirds of its way to the voice
const BY_HAND_MS = 5000; // for which a hand is followed, and no voice

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
  /** @type {number | null} where the voice is, where it is known */
  #voice = null;
  /** @type {HTMLElement | null} what is said now */
  #sentence = null;
  #byHand = -Infinity; // when it was moved by hand

  isLed = false; // by the voice

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
    this.#voice = this.#sentence = null;
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
    const line = this.#sentence && row.contains(this.#sentence) ? this.#sentence : row;
    const top = this.isStill() ? line.offsetTop : this.#pixel();
    this.box.scrollTop = top - this.box.clientHeight * LINE_SHARE;
  }

  /** @param {number} seconds */
  advance(seconds) {
    this.#goTo(this.#read + seconds);
  }

  /**
   * Where the voice is: in a line of speech, by its share of it, in this sentence. The script
   * glides there, unless it was just moved by hand. null: where it was, until it is heard again.
   * @param {{ speech: number, share: number, text: string } | null} said
   */
  follow(said) {
    const index = said ? this.#lines.findIndex(({ speech }) => speech === said.speech) : -1;
    if (!said || !this.#lines[index] || this.#lines[index].skipped) {
      this.#voice = null;
      return this.#mark(null, "", 0);
    }
    const { at, length, text } = this.#lines[index];
    this.#voice = at + Math.min(0.999, said.share) * length;
    const start = text.lastIndexOf(said.text, Math.ceil(said.share * text.length));
    this.#mark(this.#rows[index], start < 0 ? "" : said.text, start);
  }

  /** Nearer to the voice by as much as `seconds` bring. @param {number} seconds */
  glide(seconds) {
    if (this.#voice === null || performance.now() - this.#byHand < BY_HAND_MS) return;
    const way = this.#voice - this.#read;
    const share = Math.abs(way) < 0.05 ? 1 : 1 - Math.exp(-seconds / GLIDE_S);
    this.#goTo(this.#read + way * share);
  }

  /**
   * Marks a sentence in its line, and no other.
   * @param {HTMLElement | null} row
   * @param {string} sentence
   * @param {number} start in the line's text
   */
  #mark(row, sentence, start) {
    const marked = this.#sentence;
    const isThere = marked && row?.contains(marked) && marked.textContent === sentence;
    if (isThere && marked.dataset.start === String(start)) return;
    marked?.replaceWith(...marked.childNodes);
    this.#sentence = null;
    if (!row || !sentence) return;
    const { textContent } = row;
    const around = [textContent.slice(0, start), textContent.slice(start + sentence.length)];
    this.#sentence = element("span", { className: "sentence" }, sentence);
    this.#sentence.dataset.start = String(start);
    row.replaceChildren(around[0], this.#sentence, around[1]);
  }

  /** @param {1 | -1} step */
  byLine(step) {
    const lines = this.#lines;
    if (!lines.length) return;
    this.#byHand = performance.now();
    let index = this.#current() + step;
    while (lines[index] && (lines[index].skipped || lines[index].at === this.#read)) index += step;
    this.#goTo(lines[Math.max(0, Math.min(lines.length - 1, index))].at);
  }

  /**
   * A step of the slide: what is said after its click comes now.
   * @param {number} step
   */
  atStep(step) {
    if (this.#voice !== null) return; // it says better where the speaker is
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
    this.#byHand = performance.now();
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
