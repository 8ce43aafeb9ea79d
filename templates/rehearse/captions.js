// Live captions in the audience's window: the script's own sentences, as they are said, where the
// speaker wants them.

const CAPTIONS_KEY = "captions";
const CAPTION_MOST = 108; // two lines; a sign as wide as it is high counts twice
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/gu;

/** @param {string} text */
const captionWidth = (text) => text.length + (text.match(WIDE)?.length ?? 0);

/**
 * A sentence in pieces that are about as long as each other; each fits into two lines.
 * @param {string} text
 */
function captionPieces(text) {
  const count = Math.ceil(captionWidth(text) / CAPTION_MOST) || 1;
  const most = Math.min(CAPTION_MOST, captionWidth(text) / count + 8);
  const pieces = [""];
  let before = "";
  const splitter = new Intl.Segmenter([], { granularity: "word" });
  for (const { segment, isWordLike } of splitter.segment(text)) {
    const last = pieces[pieces.length - 1];
    const mayEnd = isWordLike && (/\s$/.test(before) || captionWidth(before) > before.length);
    if (mayEnd && captionWidth(last + segment) > most) pieces.push("");
    pieces[pieces.length - 1] += segment;
    before = segment;
  }
  return pieces.map((piece) => piece.trim());
}

/** What the audience's window is told. */
class Captions {
  #isWanted = session.get(CAPTIONS_KEY) === "on";
  #isAllowed = true;
  #told = "";
  #post;

  /** @param {(message: PairMessage) => void} post */
  constructor(post) {
    this.#post = post;
  }

  /** Whether they are shown now. */
  get isOn() {
    return this.#isWanted && this.#isAllowed;
  }

  get isWanted() {
    return this.#isWanted;
  }

  toggle() {
    this.#isWanted = !this.#isWanted;
    session.set(CAPTIONS_KEY, this.#isWanted ? "on" : "off");
    if (!this.#isWanted) this.#leave();
  }

  /**
   * None in questions, nor while the window is black.
   * @param {boolean} isAllowed
   */
  allow(isAllowed) {
    const wasOn = this.isOn;
    this.#isAllowed = isAllowed;
    if (wasOn && !isAllowed) this.#leave();
  }

  /**
   * @param {string} sentence "" takes the caption away
   * @param {number} share 0 to 1: how much of it has been said
   */
  say(sentence, share) {
    if (!this.isOn) return;
    const pieces = captionPieces(sentence);
    const said = share * captionWidth(sentence);
    let before = 0;
    const text = pieces.find((piece) => (before += captionWidth(piece) + 1) > said);
    this.#tell(text ?? pieces[pieces.length - 1]);
  }

  /** @param {string} text */
  #tell(text) {
    if (text !== this.#told) this.#post({ type: "caption", text });
    this.#told = text;
  }

  #leave() {
    this.#told = "";
    this.#post({ type: "captions", captions: false });
  }
}
