// Typefaces as words are set in them: how wide letters are, and how close pairs of them are set.

const FACE_KNOWN = /[ -~À-ɏ–—‘’‚“”„…•→←↑↓×−·≤≥≈€‰]/; // what is measured, where a text has it
const FACE_TALL = /[À-ɏ]/;
const FACE_LOWER = [..."abcdefghijklmnopqrstuvwxyz"];
const FACE_UPPER = FACE_LOWER.map((letter) => letter.toUpperCase());
const FACE_AFTER = [...".,:;!?-)%'’”"];
const FACE_FIGURES = [..."0123456789"];
const FACE_ASCII = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at));
const FACE_WORDS = 40; // that are tried
const FACE_SLACK = 0.004; // what more than two letters may do to each other
const FACE_STYLES = /** @type {const} */ ([
  "fontFamily", "fontWeight", "fontStyle", "fontStretch", "fontFeatureSettings", "fontKerning",
  "fontVariationSettings", "fontVariant", "fontSizeAdjust", "fontOpticalSizing", "fontSynthesis",
]);

/** The faces of all words that may change: each letter's width in it, and how pairs are set. */
class Faces {
  constructor() {
    /** @type {Map<string, number>} */
    this.numbers = new Map();
    /** @type {CSSStyleDeclaration[]} */
    this.styles = [];
    /** @type {KnownFace[]} */
    this.known = [];
    this.tall = ""; // letters that may be higher than those of ASCII
  }

  /** @param {CSSStyleDeclaration} style */
  of(style) {
    const key = FACE_STYLES.map((name) => style[name]).join();
    const at = this.numbers.get(key);
    if (at !== undefined) return at;
    const kept = Object.fromEntries(FACE_STYLES.map((name) => [name, style[name]]));
    this.styles.push(/** @type {CSSStyleDeclaration} */ (/** @type {unknown} */ (kept)));
    this.numbers.set(key, this.numbers.size);
    return this.numbers.size - 1;
  }

  /**
   * Measures at 100 px the letters that words like these have and how pairs of them are set, and
   * tries it on the longest words.
   * @param {string[]} texts
   */
  measure(texts) {
    const all = new Set([...FACE_ASCII, ...texts.join("")]);
    const letters = [...all].filter((letter) => FACE_KNOWN.test(letter));
    const pairs = pairsOf(texts);
    const words = [...new Set(texts.join(" ").split(/\s+/))].filter((word) =>
      [...word].every((letter) => FACE_KNOWN.test(letter)),
    );
    words.sort((one, other) => other.length - one.length).splice(FACE_WORDS);
    this.tall = letters.filter((letter) => FACE_TALL.test(letter)).join("");
    const figures = pairs.filter((pair) => /\d/.test(pair)); // a pen has no tabular ones
    const drawn = this.drawn([...letters, ...figures, ...words]);
    this.known = this.styles.map((style, at) => {
      const kerning = kerningOf(pairs, style, drawn[at]);
      const isOdd = words.some((word) => {
        const signs = [...word];
        const apart = signs.map((sign, nth) => kerning[sign + signs[nth + 1]] ?? 0);
        const sum = signs.reduce((px, sign, nth) => px + drawn[at][sign] + apart[nth], 0);
        return Math.abs(drawn[at][word] / sum - 1) > FACE_SLACK;
      });
      const widths = Object.fromEntries(letters.map((letter) => [letter, drawn[at][letter]]));
      return { widths, kerning, isOdd };
    });
  }

  /**
   * How wide texts are in each face.
   * @param {string[]} texts
   * @returns {Record<string, number>[]}
   */
  drawn(texts) {
    const lines = this.styles.map((style) => {
      const spans = texts.map((text) => {
        const span = element("span", { textContent: text });
        Object.assign(span.style, { display: "inline-block", whiteSpace: "pre" });
        return span;
      });
      const line = element("div", {}, ...spans);
      const place = { position: "absolute", width: "99999px" };
      Object.assign(line.style, style, place, { fontSize: "100px", letterSpacing: "0px" });
      document.body.append(line);
      return { line, spans };
    });
    const found = lines.map(({ spans }) => {
      const widths = spans.map((span, at) => [texts[at], span.getBoundingClientRect().width]);
      return Object.fromEntries(widths);
    });
    for (const { line } of lines) line.remove();
    return found;
  }

  /** What is known of each face: widths, and each distance with the pairs that have it, joined. */
  found() {
    return this.known.map(({ widths, kerning }) => {
      /** @type {Record<string, string>} */
      const joined = {};
      for (const [pair, px] of Object.entries(kerning)) {
        const key = px.toFixed(2);
        joined[key] = (joined[key] ?? "") + pair;
      }
      return { widths, kerning: joined };
    });
  }
}

/**
 * By how much pairs of letters are set wider than alone.
 * @param {string[]} pairs
 * @param {CSSStyleDeclaration} style
 * @param {Record<string, number>} drawn widths of letters, and of some pairs
 */
function kerningOf(pairs, { fontStyle, fontWeight, fontFamily }, drawn) {
  const pen = document.createElement("canvas").getContext("2d");
  if (pen) pen.font = `${fontStyle} ${fontWeight} 100px ${fontFamily}`;
  /** @type {Map<string, number>} */
  const known = new Map();
  const width = (/** @type {string} */ text) => {
    if (!known.has(text)) known.set(text, pen?.measureText(text).width ?? 0);
    return known.get(text) ?? 0;
  };
  /** @type {Record<string, number>} */
  const found = {};
  for (const pair of pairs) {
    const of = pair in drawn ? (/** @type {string} */ text) => drawn[text] : width;
    found[pair] = of(pair) - of(pair[0]) - of(pair[1]);
  }
  return found;
}

/**
 * The pairs of letters that most words and numbers are made of, and those of these texts.
 * @param {string[]} texts
 */
function pairsOf(texts) {
  const pairs = new Set();
  const add = (/** @type {string[]} */ ones, /** @type {string[]} */ others) => {
    for (const one of ones) for (const other of others) pairs.add(one + other);
  };
  add([...FACE_LOWER, ...FACE_UPPER], FACE_LOWER);
  add(FACE_LOWER, FACE_AFTER);
  add(FACE_FIGURES, [...FACE_FIGURES, ...FACE_AFTER]);
  for (const text of texts) {
    for (let at = 1; at < text.length; at++) pairs.add(text.slice(at - 1, at + 1));
  }
  const isKnown = (/** @type {string} */ sign) => FACE_KNOWN.test(sign) && sign !== " ";
  return [...pairs].filter((pair) => [...pair].every(isKnown));
}
