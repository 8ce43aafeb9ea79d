// Which words of a slide can be others without anything else moving: tried on its copy, with the
// least and with the most that a block of text can hold in as many lines as it has.

// Times its words, where a block is as wide as they are.
const FREE_LESS = [0, 0.7, 0.97];
const FREE_MORE = [2, 1.3, 1.05];
const FREE_PX = 2; // that a line isn't filled with
const FREE_SIDES = /** @type {const} */ (["left", "top", "right", "bottom"]);
const FREE_SAME = 0.02; // px by which nothing was moved
const FREE_FIXED = -1; // words that must stay
const FREE_ANY = -2; // words that nobody sees
const FREE_UNSEEN = ".hidden, .printed, aside.notes";
const FREE_NEVER = "svg, math, pre, code, script, style, template, textarea, select, button, video";
// What each block and all in it must have for its lines to be set as Python sets them.
/** @type {[keyof CSSStyleDeclaration, string[]][]} */
const FREE_STYLE = [
  ["direction", ["ltr"]],
  ["writingMode", ["horizontal-tb"]],
  ["textTransform", ["none"]],
  ["textIndent", ["0px"]],
  ["wordSpacing", ["0px"]],
  ["wordBreak", ["normal"]],
  ["lineBreak", ["auto"]],
  ["hyphens", ["manual", "none"]],
  ["unicodeBidi", ["normal", "isolate", "plaintext"]],
  ["cssFloat", ["none"]],
  ["transform", ["none"]],
];
/** @type {[keyof CSSStyleDeclaration, string[]][]} */
const FREE_BLOCK = [
  ["display", ["block", "list-item", "table-cell", "flow-root"]],
  ["whiteSpace", ["normal"]],
  ["textAlign", ["start", "left", "center", "end", "right", "-webkit-auto"]],
  ["columnCount", ["auto"]],
  ["columnWidth", ["auto"]],
  ["webkitLineClamp", ["none"]],
  ["listStylePosition", ["outside"]],
];
/** @type {[keyof CSSStyleDeclaration, string[]][]} */
const FREE_INLINE = [
  ["display", ["inline"]],
  ["whiteSpace", ["normal", "nowrap"]],
  ["verticalAlign", ["baseline"]],
  ["position", ["static", "relative"]],
];

/**
 * @param {CSSStyleDeclaration} style
 * @param {[keyof CSSStyleDeclaration, string[]][]} wanted
 */
function hasStyle(style, wanted) {
  return wanted.every(([name, all]) => all.includes(String(style[name])));
}

/** @param {Element} node */
function hasSigns(node) {
  return ["::before", "::after"].some((name) => {
    const { content } = getComputedStyle(node, name);
    return content !== "none" && content !== "normal";
  });
}

/**
 * Whether the first letter and line look like all others.
 * @param {Element} node
 * @param {CSSStyleDeclaration} style
 */
function isEven(node, style) {
  return ["::first-letter", "::first-line"].every((name) => {
    const first = getComputedStyle(node, name);
    return ["font", "letterSpacing", "textTransform"].every((of) => {
      const property = /** @type {"font"} */ (of);
      return first[property] === style[property];
    });
  });
}

/**
 * What stands at the sides of an element in a line.
 * @param {CSSStyleDeclaration} style
 */
function sidesOf(style) {
  const sides = /** @type {const} */ ([
    "marginLeft", "marginRight", "paddingLeft", "paddingRight", "borderLeftWidth",
    "borderRightWidth",
  ]);
  return sides.map((name) => Number.parseFloat(style[name]));
}

/** A block of text that may be free. */
class FreeBlock {
  /**
   * @param {HTMLElement} node
   * @param {CSSStyleDeclaration} style
   */
  constructor(node, style) {
    this.node = node;
    this.size = Number.parseFloat(style.fontSize);
    /** @type {Text[]} */
    this.texts = [];
    /** @type {string[]} */
    this.words = [];
    this.tried = -1; // the text in whose place others are tried
    this.face = 0; // of that one
    this.spacing = 0;
    this.more = 0; // px at the sides of what is in its lines: padding of emphasis and the like
    this.less = 0;
    this.lines = 0;
    this.least = 0; // px that its words must have, and may have
    this.width = 0;
    this.room = 0; // as it was measured
    this.isWide = true; // whatever its words are
    this.isFree = true;
  }

  /** How many lines there are now, and how wide they are. */
  drawn() {
    const range = document.createRange();
    const all = this.texts.flatMap((text) => {
      range.selectNodeContents(text);
      return [...range.getClientRects()].filter(({ width }) => width > 0);
    });
    const lines = new Set(all.map(({ top }) => Math.round(top))).size;
    const left = Math.min(...all.map((box) => box.left));
    return { lines, width: Math.max(...all.map((box) => box.right)) - left };
  }

  /** How wide lines can be now. */
  roomNow() {
    const style = getComputedStyle(this.node);
    const sides = sidesOf(style).slice(2).reduce((sum, px) => sum + px, 0);
    return this.node.getBoundingClientRect().width - sides;
  }

  /** @param {string} text */
  set(text) {
    this.texts.forEach((node, at) => (node.data = at === this.tried ? text : ""));
  }

  reset() {
    this.texts.forEach((node, at) => (node.data = this.words[at]));
  }
}

/** One slide without a fault, on the bench. */
class FreeWords {
  /**
   * @param {HTMLElement} copy
   * @param {Element} slide in it
   * @param {Faces} faces
   */
  constructor(copy, slide, faces) {
    this.slide = slide;
    this.faces = faces;
    /** @type {FreeBlock[]} */
    this.blocks = [];
    /** @type {Map<Element, number>} */
    this.known = new Map();
    /** @type {FreeRun[]} */
    this.runs = [];
    /** @type {string[]} */
    this.texts = [];
    const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = /** @type {Text} */ (walker.currentNode);
      this.texts.push(text.data);
      this.runs.push(this.runOf(text));
    }
    const all = [...slide.querySelectorAll("*")];
    const floats = all.some((node) => getComputedStyle(node).float !== "none");
    for (const block of this.blocks) this.prepare(block, floats);
    this.watched = all.filter((node) => this.isWatched(node));
    this.places = this.watched.map((node) => copyBox(node.getBoundingClientRect()));
  }

  get free() {
    return this.blocks.filter(({ isFree }) => isFree);
  }

  /**
   * @param {Text} text
   * @returns {FreeRun}
   */
  runOf(text) {
    const none = { block: FREE_FIXED, face: 0, size: 0, spacing: 0, wraps: true };
    const parent = text.parentElement;
    if (!parent || !text.data.trim() || parent.closest(FREE_NEVER)) return none;
    const unseen = parent.closest(FREE_UNSEEN);
    if (unseen) return isNowhere(unseen) ? { ...none, block: FREE_ANY } : none;
    if (parent.closest(`${FIT_CUT_ON_PURPOSE}, ${FIT_BEHIND}`)) return none;
    let node = parent;
    while (getComputedStyle(node).display === "inline" && node.parentElement) {
      node = node.parentElement;
    }
    const at = this.blockOf(node);
    if (at < 0) return none;
    const style = getComputedStyle(parent);
    const run = {
      block: at,
      face: this.faces.of(style),
      size: Number.parseFloat(style.fontSize),
      spacing: Number.parseFloat(style.letterSpacing) || 0,
      wraps: style.whiteSpace === "normal",
    };
    const block = this.blocks[at];
    if (run.wraps && text.data.length > (block.words[block.tried]?.length ?? 0)) {
      const { face, spacing } = run;
      Object.assign(block, { tried: block.texts.length, face, spacing });
    }
    block.texts.push(text);
    block.words.push(text.data);
    return run;
  }

  /**
   * The number of the block that is an element; FREE_FIXED where its words must stay.
   * @param {HTMLElement} node
   */
  blockOf(node) {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const style = getComputedStyle(node);
    const block = new FreeBlock(node, style);
    const isOne = this.slide.contains(node) && isSimple(block, style);
    const at = isOne ? this.blocks.push(block) - 1 : FREE_FIXED;
    this.known.set(node, at);
    return at;
  }

  /**
   * @param {FreeBlock} block
   * @param {boolean} floats whether something may stand in its lines
   */
  prepare(block, floats) {
    const { lines, width } = block.drawn();
    const room = block.roomNow();
    const { node } = block;
    const isScaled = Math.abs(node.getBoundingClientRect().width - node.offsetWidth) > 1;
    Object.assign(block, { lines, room, width: room });
    block.isFree = lines > 0 && block.tried >= 0 && width <= room + 1 && !isScaled && !floats;
  }

  /** Words in a face whose letters don't stand side by side as they are wide must stay. */
  leaveOdd() {
    for (const { block, face } of this.runs) {
      if (block >= 0 && this.faces.known[face].isOdd) this.blocks[block].isFree = false;
    }
  }

  /**
   * Whether it must stay where it is: not what is in lines of words that may be others.
   * @param {Element} node
   */
  isWatched(node) {
    if (node.closest(FREE_UNSEEN) || node.parentElement?.closest("svg, math")) return false;
    if (getComputedStyle(node).display !== "inline") return true;
    return !this.blocks.some((block) => block.node.contains(node));
  }

  /**
   * Whether these blocks have as many lines as ever, and all else is where it was; what is around
   * a block that is as wide as its words may have another width, too.
   * @param {FreeBlock[]} tried
   */
  isSame(tried) {
    if (tried.some((block) => block.drawn().lines !== block.lines)) return false;
    const loose = tried.filter(({ isWide }) => !isWide);
    return this.watched.every((node, at) => {
      if (loose.some((block) => node.contains(block.node))) return true;
      const [now, before] = [node.getBoundingClientRect(), this.places[at]];
      return FREE_SIDES.every((side) => Math.abs(now[side] - before[side]) < FREE_SAME);
    });
  }

  /**
   * How wide a text is in the block's lines.
   * @param {FreeBlock} block
   * @param {string} text
   */
  widthOf({ face, size, spacing }, text) {
    const { widths } = this.faces.known[face];
    const letters = [...text];
    const sum = letters.reduce((all, letter) => all + (widths[letter] ?? 0), 0);
    return (sum * size) / 100 + letters.length * spacing;
  }

  /**
   * The shortest text of as many lines, of short words.
   * @param {FreeBlock} block
   */
  shortest(block) {
    if (!block.isWide) return "x".repeat(Math.ceil(block.least / this.widthOf(block, "x")) || 1);
    const room = (block.lines - 1) * (block.room + block.less);
    return "x ".repeat(Math.ceil(room / this.widthOf(block, "x ")) + block.lines);
  }

  /**
   * The longest text of as many lines, each filled by a word that is as high as words are.
   * @param {FreeBlock} block
   */
  longest(block) {
    const { tall } = this.faces;
    const room = block.width - block.more - FREE_PX - this.widthOf(block, `$${tall}|`);
    const count = Math.max(1, Math.floor(room / this.widthOf(block, "j")));
    return `$${tall}${"j".repeat(count)}| `.repeat(block.lines);
  }

  faults() {
    return new FitCheck(this.slide, timelineBox()).run();
  }

  /** What was found, for who sets other words. */
  found() {
    const numbers = new Map(this.free.map((block, at) => [this.blocks.indexOf(block), at]));
    const runs = this.runs.map((run) => ({
      ...run,
      block: run.block < 0 ? run.block : (numbers.get(run.block) ?? FREE_FIXED),
    }));
    const blocks = this.free.map(({ lines, least, width, more, less }) => ({
      lines, least, width, more, less,
    }));
    return { texts: this.texts, runs, blocks };
  }
}

/**
 * Whether nobody sees it, and nothing else knows how large it is.
 * @param {Element} node
 */
function isNowhere(node) {
  const { display, position, overflowX, overflowY, width, height } = getComputedStyle(node);
  if (display === "none") return true;
  const isCut = overflowX === "hidden" && overflowY === "hidden";
  return position === "absolute" && isCut && width === "1px" && height === "1px";
}

/**
 * Whether a block holds words alone, in one size, from left to right.
 * @param {FreeBlock} block
 * @param {CSSStyleDeclaration} style
 */
function isSimple(block, style) {
  const { node } = block;
  if (!hasStyle(style, FREE_STYLE) || !hasStyle(style, FREE_BLOCK)) return false;
  if (hasSigns(node) || !isEven(node, style)) return false;
  return [...node.querySelectorAll("*")].every((inner) => {
    const unseen = inner.closest(FREE_UNSEEN);
    if (unseen && isNowhere(unseen)) return true;
    const own = getComputedStyle(inner);
    if (!hasStyle(own, FREE_STYLE) || !hasStyle(own, FREE_INLINE) || hasSigns(inner)) return false;
    if (inner.matches(`${FREE_NEVER}, ${FIT_PICTURES}, br, wbr, ruby, input`)) return false;
    for (const px of sidesOf(own)) {
      if (px > 0) block.more += px;
      else block.less -= px;
    }
    const same = /** @type {const} */ (["fontSize", "lineHeight", "fontFamily"]);
    return same.every((name) => own[name] === style[name]);
  });
}

/**
 * Finds the blocks that are as wide as their words: all get short ones, then long ones.
 * @param {FreeWords[]} slides
 */
function findLoose(slides) {
  for (const name of /** @type {const} */ (["shortest", "longest"])) {
    for (const slide of slides) for (const block of slide.free) block.set(slide[name](block));
    const loose = slides.flatMap(({ free }) =>
      free.filter((block) => Math.abs(block.roomNow() - block.room) > FREE_SAME),
    );
    for (const { free } of slides) for (const block of free) block.reset();
    for (const block of loose) block.isWide = false;
  }
}

/**
 * Tries blocks alone, one of each slide at once. Those that are as wide as their words: with ever
 * less that they may be longer or shorter.
 * @param {{ slide: FreeWords, blocks: FreeBlock[] }[]} all
 */
function tryEach(all) {
  const most = Math.max(0, ...all.map(({ blocks }) => blocks.length));
  for (let at = 0; at < most; at++) {
    const tried = all.flatMap(({ slide, blocks }) =>
      blocks.slice(at, at + 1).map((block) => ({ slide, block })),
    );
    for (const name of /** @type {const} */ (["shortest", "longest"])) {
      let left = tried.filter(({ block }) => block.isFree);
      FREE_MORE.forEach((more, step) => {
        for (const { slide, block } of left) {
          if (!block.isWide && name === "shortest") block.least = block.room * FREE_LESS[step];
          if (!block.isWide && name === "longest") block.width = block.room * more;
          block.set(slide[name](block));
        }
        const now = left.map(({ slide, block }) => slide.isSame([block]) && block.drawn().width);
        left.forEach(({ block }, which) => {
          if (now[which] !== false && !block.isWide) {
            block[name === "shortest" ? "least" : "width"] = now[which];
          }
        });
        const failed = left.filter((_, which) => now[which] === false);
        const isLast = step === FREE_MORE.length - 1;
        for (const { block } of failed) if (block.isWide || isLast) block.isFree = false;
        left = failed.filter(({ block }) => !block.isWide);
      });
    }
    for (const { block } of tried) block.reset();
  }
}

/**
 * Tries all free blocks of a slide together: all short, all long, and short ones beside long ones,
 * so that of any two each was short beside the other.
 * @param {FreeWords[]} slides
 * @returns {FreeWords[]} those of them where something was another
 */
function tryTogether(slides) {
  const held = new Set(slides);
  const most = Math.max(0, ...slides.map(({ free }) => free.length));
  /** @type {{ from: number, isLong: (at: number) => boolean }[]} */
  const ways = [{ from: 0, isLong: () => false }, { from: 0, isLong: () => true }];
  for (let bit = 1; bit < most; bit *= 2) {
    ways.push({ from: bit, isLong: (at) => !(at & bit) });
    ways.push({ from: bit, isLong: (at) => !!(at & bit) });
  }
  for (const { from, isLong } of ways) {
    const tried = [...held].filter(({ free }) => free.length > from);
    for (const slide of tried) {
      slide.free.forEach((block, at) => {
        block.set(isLong(at) ? slide.longest(block) : slide.shortest(block));
      });
    }
    for (const slide of tried) {
      if (!slide.isSame(slide.free) || (!from && slide.faults().length)) held.delete(slide);
    }
    for (const { free } of tried) for (const block of free) block.reset();
  }
  return slides.filter((slide) => !held.has(slide));
}

/**
 * What words of slides without a fault can be others, and what there is to know of them.
 * @param {FreeWords[]} slides
 * @param {Faces} faces of their words
 */
function freeWords(slides, faces) {
  const texts = slides.flatMap(({ blocks }) => blocks.flatMap(({ words }) => words));
  faces.measure(texts);
  for (const slide of slides) slide.leaveOdd();
  findLoose(slides);
  const loose = slides.map(({ free }) => free.filter(({ isWide }) => !isWide));
  for (const block of loose.flat()) block.isFree = block.lines === 1;
  tryEach(slides.map((slide, at) => ({ slide, blocks: loose[at].filter(({ isFree }) => isFree) })));
  // Most slides hold at once; of the others each block is tried alone.
  let left = tryTogether(slides);
  tryEach(left.map((slide) => ({ slide, blocks: slide.free })));
  left = tryTogether(left);
  for (const { blocks } of left) for (const block of blocks) block.isFree &&= block.isWide;
  left = tryTogether(left);
  for (const { blocks } of left) for (const block of blocks) block.isFree = false;
  return { found: slides.map((slide) => slide.found()), faces: faces.found() };
}

/**
 * What doesn't fit on slides, as `measureFit` says it, where all of it is drawn, and, if it is
 * asked for, what words of those where all fits can be others.
 * @param {string[]} names
 * @param {boolean} isAsked
 */
function measureSlides(names, isAsked) {
  return onBench(names, (copies) => {
    const timeline = timelineBox();
    const faces = new Faces();
    /** @type {Record<string, FreeWords>} */
    const whole = {};
    const slides = copies.map((copy, at) => {
      const slide = copy.querySelector(".slide");
      if (!slide) return { name: names[at], faults: [], drawn: "" };
      const check = new FitCheck(slide, timeline);
      const faults = check.run();
      const drawn = check.leaves.map(({ kind, box }) =>
        [kind, ...FREE_SIDES.map((side) => box[side])].join(" "),
      );
      if (isAsked && !faults.length) whole[names[at]] = new FreeWords(copy, slide, faces);
      return { name: names[at], faults, drawn: drawn.join() };
    });
    const free = freeWords(Object.values(whole), faces);
    const found = Object.fromEntries(Object.keys(whole).map((name, at) => [name, free.found[at]]));
    return { slides, free: found, faces: free.faces };
  });
}
