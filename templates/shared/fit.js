// What is not where it can be seen: measured on copies of the slides, with all their steps, beside
// the deck. `check` and the served deck use the same; all sizes are the slide's own pixels.

const FIT_TOLERANCE = 2; // px: rounding, and what nobody sees
const FIT_SQUEEZED = 40; // px: a picture lower than that shows nothing
const FIT_READABLE = 16; // px: letters of a picture that are lower are read by nobody
const FIT_LIMIT_MS = 5000; // for the pictures to be there
const FIT_UNSEEN = ".hidden, .printed, aside.notes, script, style, template";
const FIT_CUT_ON_PURPOSE = ".message"; // never has more lines than there is room for
const FIT_BEHIND = ".bleed, .cover"; // a picture on which words stand on purpose
const FIT_PICTURES = "img, svg, video, canvas, iframe, object, .logo";
const FIT_STATES = ["past", "future", "stack", "overflowing", "overview", "paused", "ready"];
// What a slide is divided into; each is named in a message.
const FIT_UNITS =
  ".part, .art, .foot > *, .run-marks, .logo, .kicker, h1, .subtitle, .credits > *, .words > p";

/** @param {{ left: number, top: number, right: number, bottom: number }} box */
const copyBox = ({ left, top, right, bottom }) => ({ left, top, right, bottom });

/**
 * @param {Box} box
 * @param {number} x
 * @param {number} y
 */
function movedBox({ left, top, right, bottom }, x, y) {
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

/**
 * How far `inner` reaches over each side of `outer`; negative where it stays inside.
 * @param {Box} inner
 * @param {Box} outer
 * @returns {[FitSide, number][]}
 */
function overreach(inner, outer) {
  return [
    ["top", outer.top - inner.top],
    ["bottom", inner.bottom - outer.bottom],
    ["left", outer.left - inner.left],
    ["right", inner.right - outer.right],
  ];
}

/**
 * What two boxes share: its lesser side, 0 or less for none.
 * @param {Box} one
 * @param {Box} other
 */
function sharedPx(one, other) {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return Math.min(wide, high);
}

/**
 * @param {Box} one
 * @param {Box} other
 */
function commonBox(one, other) {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

/**
 * The picture in its element: as large as fits, in the middle.
 * @param {Box} box
 * @param {number} ratio width to height
 */
function containedBox(box, ratio) {
  const wide = box.right - box.left;
  const high = box.bottom - box.top;
  const half = { x: Math.min(wide, high * ratio) / 2, y: Math.min(high, wide / ratio) / 2 };
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  return { left: x - half.x, top: y - half.y, right: x + half.x, bottom: y + half.y };
}

/** @param {Element} node of a picture */
function drawnBox(node) {
  const box = copyBox(node.getBoundingClientRect());
  if (node instanceof SVGSVGElement) {
    const { width, height } = node.viewBox.baseVal ?? { width: 0, height: 0 };
    return width && height ? containedBox(box, width / height) : box;
  }
  if (node instanceof HTMLImageElement && node.naturalWidth) {
    const fit = getComputedStyle(node).objectFit;
    const ratio = node.naturalWidth / node.naturalHeight;
    return fit === "contain" || fit === "scale-down" ? containedBox(box, ratio) : box;
  }
  return box;
}

/** @type {CanvasRenderingContext2D | null} */
let fitPen = null;

/**
 * How far letters reach over and under their line, whose box is higher than what is drawn in it.
 * @param {string} letters
 * @param {CSSStyleDeclaration} style
 */
function inkOf(letters, { fontStyle, fontWeight, fontSize, fontFamily }) {
  fitPen ??= document.createElement("canvas").getContext("2d");
  if (!fitPen) return { base: 0, up: 0, down: 0 };
  fitPen.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  const ink = fitPen.measureText(letters);
  return {
    base: ink.fontBoundingBoxAscent,
    up: ink.actualBoundingBoxAscent,
    down: ink.actualBoundingBoxDescent,
  };
}

/**
 * The part of a line in which letters are drawn.
 * @param {Box} line
 * @param {ReturnType<typeof inkOf>} ink
 */
function inkBox(line, { base, up, down }) {
  const top = line.top + base - up;
  const bottom = line.top + base + down;
  if (top >= line.bottom || bottom <= line.top || top >= bottom) return line; // another face
  return { ...line, top: Math.max(line.top, top), bottom: Math.min(line.bottom, bottom) };
}

/** @param {CSSStyleDeclaration} style */
function hasFrame(style) {
  const sides = ["Top", "Right", "Bottom", "Left"].filter((side) => {
    const of = /** @type {"borderTopWidth"} */ (`border${side}Width`);
    return Number.parseFloat(style[of]) > 0;
  });
  const ground = style.backgroundColor;
  const isFilled = ground !== "transparent" && !/[,/]\s*0\)$/.test(ground);
  return !style.display.startsWith("inline") && (isFilled || sides.length > 2);
}

/**
 * What can be seen of an element and what is in it: lines of text, pictures, cards.
 * @param {Element} node
 * @param {FitInside} inside
 * @param {FitLeaf[]} found
 */
function gatherLeaves(node, inside, found) {
  const style = getComputedStyle(node);
  if (node.matches(FIT_UNSEEN) || style.display === "none") return;
  if (style.visibility !== "visible" || style.opacity === "0") return;
  if (node.matches(FIT_PICTURES)) {
    const box = drawnBox(node);
    found.push({ kind: "picture", element: node, box, ...inside, block: node });
    return;
  }
  if (node.matches("math")) {
    const box = copyBox(node.getBoundingClientRect());
    found.push({ kind: "text", element: node, box, ...inside });
    return;
  }
  const now = { ...inside };
  if (!style.display.startsWith("inline")) now.block = node;
  if (hasFrame(style)) {
    const box = copyBox(node.getBoundingClientRect());
    found.push({ kind: "card", element: node, box, ...inside });
    now.card = node;
  }
  if (style.overflowX !== "visible" || style.overflowY !== "visible") {
    now.clips = [...inside.clips, node];
  }
  for (const child of node.childNodes) {
    if (child instanceof Element) gatherLeaves(child, now, found);
    else if (child instanceof Text && child.data.trim()) gatherLines(child, style, now, found);
  }
}

/**
 * @param {Text} text
 * @param {CSSStyleDeclaration} style of the element around it
 * @param {FitInside} inside
 * @param {FitLeaf[]} found
 */
function gatherLines(text, style, inside, found) {
  const range = document.createRange();
  range.selectNodeContents(text);
  const ink = inkOf(text.data, style);
  const all = [...range.getClientRects()];
  const lines = new Set(all.map(({ top }) => Math.round(top))).size;
  const parent = /** @type {Element} */ (text.parentElement);
  for (const line of all) {
    if (line.width < 1 || line.height < 1 || style.fontSize === "0px") continue;
    const box = inkBox(copyBox(line), ink);
    found.push({ kind: "text", element: parent, box, lines, text: text.data, ...inside });
  }
}

/**
 * The box in which an element shows what is in it.
 * @param {Element} node
 */
function paddingBox(node) {
  const { left, top } = node.getBoundingClientRect();
  const x = left + node.clientLeft;
  const y = top + node.clientTop;
  return { left: x, top: y, right: x + node.clientWidth, bottom: y + node.clientHeight };
}

/** @param {Element} node */
function unitOf(node) {
  return node.closest(FIT_UNITS) ?? node.closest(".slide > *") ?? node;
}

/** @param {Element} node */
function partName(node) {
  const unit = unitOf(node);
  if (unit.matches(".part")) return unit.classList[1];
  if (unit.matches("h1")) return "title";
  if (unit.matches(".page")) return "slide number";
  if (unit.matches(".art")) return "picture";
  return unit.classList[0] ?? unit.localName;
}

/** @param {string} text */
function firstWords(text) {
  const words = text.trim().split(/\s+/);
  const first = words.slice(0, 4).join(" ").slice(0, 40);
  return words.join(" ") === first ? first : `${first}…`;
}

/**
 * How a message calls what is wrong: its part, and the words it begins with.
 * @param {FitLeaf} leaf
 */
function nameOf({ kind, element: node, block }) {
  const part = `\`${partName(node)}\``;
  if (part === "`logo`") return "the logo";
  if (kind === "picture") return part === "`picture`" ? "the picture" : `the picture in ${part}`;
  const code = node.closest("pre");
  if (code) return `the code in ${part} (“${firstWords(code.textContent)}”)`;
  if (node.matches("math")) return `the formula in ${part}`;
  const row = block.closest("tr");
  const text = (row ?? (kind === "card" ? node : block)).textContent ?? "";
  return `${part} (“${firstWords(text)}”)`;
}

/** @type {Record<FitSide, string>} */
const FIT_EDGES = {
  top: "at the top", bottom: "at the bottom", left: "at the left", right: "at the right",
};

/** One slide on the bench: gathers what is wrong with it. */
class FitCheck {
  /**
   * @param {Element} slide its copy, drawn
   * @param {Box | null} timeline where the time line is, in the slide
   */
  constructor(slide, timeline) {
    this.frame = copyBox(slide.getBoundingClientRect());
    this.timeline = timeline && movedBox(timeline, this.frame.left, this.frame.top);
    /** @type {FitLeaf[]} */
    this.leaves = [];
    /** @type {Map<string, FitFault>} */
    this.faults = new Map();
    for (const child of slide.children) {
      gatherLeaves(child, { block: child, card: null, clips: [] }, this.leaves);
    }
  }

  /**
   * Keeps the worst of each kind at each side of each part.
   * @param {string} kind
   * @param {FitLeaf} leaf
   * @param {number} px
   * @param {FitSide | ""} side
   * @param {string} said
   */
  add(kind, leaf, px, side, said) {
    const part = partName(leaf.element);
    const key = [part, kind, side].join();
    const known = this.faults.get(key);
    if (known && known.px >= px) return;
    const box = movedBox(leaf.box, -this.frame.left, -this.frame.top);
    this.faults.set(key, { part, kind, side, px: Math.round(px), said, box });
  }

  run() {
    for (const leaf of this.leaves) {
      if (leaf.kind === "picture") this.checkSize(leaf);
      if (leaf.element instanceof SVGSVGElement) this.checkDrawn(leaf);
      this.checkClips(leaf);
    }
    const seen = this.leaves.filter(({ box }) => sharedPx(box, box) > 0);
    for (const leaf of seen) {
      this.checkEdges(leaf);
      this.checkCard(leaf);
      this.checkLetters(leaf);
    }
    this.checkOverlaps(seen.filter(({ kind }) => kind !== "card"));
    return this.worst();
  }

  /**
   * Cut off by what is around it, or pushed aside there; then only what is seen of it counts.
   * @param {FitLeaf} leaf
   */
  checkClips(leaf) {
    for (const clip of [...leaf.clips].reverse()) {
      const room = paddingBox(clip);
      const style = getComputedStyle(clip);
      const isMeant = clip.matches(FIT_CUT_ON_PURPOSE);
      for (const [side, px] of overreach(leaf.box, room)) {
        if (px <= FIT_TOLERANCE || isMeant || leaf.kind === "card") continue;
        const flow = side === "left" || side === "right" ? style.overflowX : style.overflowY;
        const scrolls = flow === "auto" || flow === "scroll";
        const by = `${Math.round(px)} px`;
        const size = side === "left" || side === "right" ? "wider" : "higher";
        const cut = `loses ${by} ${FIT_EDGES[side]}: they are cut off`;
        const how = scrolls ? `is ${by} ${size} than its box` : cut;
        this.add("cut", leaf, px, side, `${nameOf(leaf)} ${how}`);
      }
      leaf.box = commonBox(leaf.box, room);
    }
  }

  /** @param {FitLeaf} leaf */
  checkEdges(leaf) {
    if (leaf.element.closest(FIT_BEHIND)) {
      if (leaf.kind !== "text") return;
    }
    for (const [side, px] of overreach(leaf.box, this.frame)) {
      if (px <= FIT_TOLERANCE) continue;
      const said = `${nameOf(leaf)} runs ${Math.round(px)} px off the slide ${FIT_EDGES[side]}`;
      this.add("off", leaf, px, side, said);
    }
    if (!this.timeline || sharedPx(leaf.box, this.timeline) <= FIT_TOLERANCE) return;
    const px = leaf.box.bottom - this.timeline.top;
    const said = `${nameOf(leaf)} runs ${Math.round(px)} px into the time line`;
    this.add("under", leaf, px, "bottom", said);
  }

  /** @param {FitLeaf} leaf */
  checkCard(leaf) {
    if (!leaf.card || leaf.kind === "card") return;
    for (const [side, px] of overreach(leaf.box, copyBox(leaf.card.getBoundingClientRect()))) {
      if (px <= FIT_TOLERANCE) continue;
      const said = `${nameOf(leaf)} sticks ${Math.round(px)} px out of its box ${FIT_EDGES[side]}`;
      this.add("out", leaf, px, side, said);
    }
  }

  /** @param {FitLeaf} leaf */
  checkSize(leaf) {
    const { box, element: node } = leaf;
    const high = box.bottom - box.top;
    const isLine = !node.closest(".picture, .art, figure");
    if (isLine || high >= FIT_SQUEEZED) return;
    const said = `${nameOf(leaf)} has no room: ${Math.round(high)} px are left of its height`;
    this.add("squeezed", leaf, FIT_SQUEEZED - high, "", said);
  }

  /**
   * A drawing that became so small that its words can't be read.
   * @param {FitLeaf} leaf
   */
  checkDrawn(leaf) {
    const texts = /** @type {NodeListOf<SVGTextElement>} */ (leaf.element.querySelectorAll("text"));
    const sizes = [...texts].filter(({ textContent }) => textContent.trim()).map((text) => {
      const { a, b } = text.getScreenCTM() ?? { a: 1, b: 0 };
      return Math.hypot(a, b) * Number.parseFloat(getComputedStyle(text).fontSize);
    });
    const least = Math.min(...sizes);
    if (least >= FIT_READABLE - 0.5 || !sizes.length) return;
    const said = `${nameOf(leaf)} has letters of ${Math.round(least)} px: too small to be read`;
    this.add("small", leaf, FIT_READABLE - least, "", said);
  }

  /**
   * Words that stand letter by letter below each other: their column has no room.
   * @param {FitLeaf} leaf
   */
  checkLetters(leaf) {
    const { lines = 0, text = "", box } = leaf;
    if (lines < 3 || lines <= 2 * text.trim().split(/\s+/).length) return;
    if (leaf.element.closest(FIT_CUT_ON_PURPOSE)) return;
    const wide = Math.round(box.right - box.left);
    const said = `${nameOf(leaf)} has no room: its words are broken into ${lines} lines`;
    this.add("broken", leaf, Math.max(1, FIT_SQUEEZED - wide), "", said);
  }

  /** @param {FitLeaf[]} leaves */
  checkOverlaps(leaves) {
    leaves.forEach((leaf, at) => {
      for (const other of leaves.slice(at + 1)) {
        const px = sharedPx(leaf.box, other.box);
        if (px <= FIT_TOLERANCE + 1 || !canCollide(leaf, other)) continue;
        const [first, second] = isFurniture(leaf) ? [other, leaf] : [leaf, other];
        const said = `${nameOf(first)} and ${nameOf(second)} overlap by ${Math.round(px)} px`;
        this.add(`over ${partName(second.element)}`, first, px, "", said);
      }
    });
  }

  /** What runs off the slide crosses all that lies before its edge: it is said once. */
  worst() {
    const found = [...this.faults.values()];
    const off = found.filter(({ kind }) => kind === "off");
    const isSaid = (/** @type {FitFault} */ { part, kind, side }) =>
      (kind === "under" || kind.startsWith("over")) &&
      off.some((one) => one.part === part && (one.side === side || !side));
    return found.filter((one) => !isSaid(one)).sort((one, other) => other.px - one.px);
  }
}

/** @param {FitLeaf} leaf */
const isFurniture = ({ element: node }) => !!node.closest(".foot, .run-marks, .logo");

/**
 * Whether two things that lie on one another do so by mistake.
 * @param {FitLeaf} one
 * @param {FitLeaf} other
 */
function canCollide(one, other) {
  if (one.element.closest(FIT_BEHIND) || other.element.closest(FIT_BEHIND)) return false;
  if (one.kind === "text" && other.kind === "text") {
    return !one.block.contains(other.block) && !other.block.contains(one.block);
  }
  return unitOf(one.element) !== unitOf(other.element);
}

/** Where the time line lies in a slide; null without one. */
function timelineBox() {
  const line = document.querySelector("nav.timeline");
  const scale = Reveal.getScale();
  if (!line?.firstElementChild || getComputedStyle(line).display === "none") return null;
  const { width, height } = Reveal.getConfig();
  const x = (innerWidth - width * scale) / 2;
  const y = (innerHeight - height * scale) / 2;
  const { left, top, right, bottom } = line.getBoundingClientRect();
  const edge = { left: (left - x) / scale, top: (top - y) / scale };
  return { ...edge, right: (right - x) / scale, bottom: (bottom - y) / scale };
}

/**
 * A slide as it is when all its steps were taken.
 * @param {Element} section
 */
function finishedCopy(section) {
  const copy = /** @type {HTMLElement} */ (section.cloneNode(true));
  for (const name of ["style", "hidden", "inert", "aria-hidden"]) copy.removeAttribute(name);
  copy.classList.remove(...FIT_STATES);
  copy.classList.add("present");
  Object.assign(copy.style, { display: "block", position: "absolute", inset: "0 auto auto 0" });
  for (const step of findAll(".fragment", copy)) step.classList.add("visible");
  for (const picture of findAll("img", copy)) picture.setAttribute("loading", "eager");
  return copy;
}

/** @param {HTMLElement[]} copies which no page holds yet */
async function picturesThere(copies) {
  const all = copies.flatMap((copy) => findAll("img", copy));
  const pictures = /** @type {HTMLImageElement[]} */ (all);
  const there = Promise.allSettled(pictures.map((picture) => picture.decode()));
  await Promise.race([there, new Promise((done) => setTimeout(done, FIT_LIMIT_MS))]);
}

/** Where copies of slides are drawn: as wide and high as the deck's, and out of sight. */
function createBench() {
  const { width, height } = Reveal.getConfig();
  const bench = /** @type {HTMLElement} */ (find(".reveal").cloneNode(false));
  bench.classList.remove(...FIT_STATES);
  Object.assign(bench.style, {
    position: "fixed", inset: "0 auto auto -30000px", width: `${width}px`, height: `${height}px`,
  });
  const slides = element("div", { className: "slides" });
  Object.assign(slides.style, { position: "relative", zoom: "1", transform: "none" });
  bench.append(slides);
  return { bench, slides };
}

/**
 * What `work` makes of copies of slides of the open deck while they are drawn.
 * @template Made
 * @param {string[]} names
 * @param {(copies: HTMLElement[]) => Made} work
 */
async function onBench(names, work) {
  const sections = names.map((name) => find(`.slides section[id="${CSS.escape(name)}"]`));
  const copies = sections.map(finishedCopy);
  await picturesThere(copies);
  // From here on nothing waits: nobody else sees two slides of one name.
  const { bench, slides } = createBench();
  slides.append(...copies);
  document.body.append(bench);
  const made = work(copies);
  bench.remove();
  return made;
}

/**
 * What doesn't fit on slides of the open deck, at the height that it has now, by slide.
 * @param {string[]} names
 * @returns {Promise<Record<string, FitFault[]>>}
 */
async function measureFit(names) {
  const found = await onBench(names, (copies) => {
    const timeline = timelineBox();
    return copies.map((copy) => {
      const slide = copy.querySelector(".slide");
      return slide ? new FitCheck(slide, timeline).run() : [];
    });
  });
  return Object.fromEntries(names.map((name, at) => [name, found[at]]));
}
