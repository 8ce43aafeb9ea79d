// Puts changed pieces into an open deck: slide, step, scroll and what is typed stay as they are.

// What reveal adds to a slide by itself.
const STATES = [
  "past", "present", "future", "stack", "overflowing", "has-dark-background",
  "has-light-background",
];

/** @param {string} html of one element */
function elementOf(html) {
  const { content } = element("template", { innerHTML: html });
  return /** @type {HTMLElement} */ (content.firstElementChild);
}

/** @param {string} name */
function slideNamed(name) {
  return document.querySelector(`.slides section[id="${CSS.escape(name)}"]`);
}

/**
 * The slides whose HTML is another than the one that was received last.
 * @param {Record<string, string>} sections
 * @param {Record<string, string>} known
 */
function changedSlides(sections, known) {
  return Object.keys(sections).filter((name) => known[name] !== sections[name]);
}

/**
 * Where the deck goes when its slides are in another order: it stays if its slide is still there.
 * @param {string[]} order
 * @param {string | undefined} name
 * @param {RevealSlide} at
 * @returns {[slide: number, step: number]}
 */
function placeIn(order, name, at) {
  const place = order.indexOf(name ?? "");
  return place < 0 ? [Math.min(at.h, order.length - 1), -1] : [place, at.f ?? -1];
}

/**
 * @param {Element} old
 * @param {HTMLElement} made
 */
function fillSlide(old, made) {
  const states = STATES.filter((state) => old.classList.contains(state));
  old.className = made.className;
  old.classList.add(...states);
  old.setAttribute("aria-labelledby", made.getAttribute("aria-labelledby") ?? "");
  const notes = old.querySelector(":scope > aside.notes"); // they come as a file of their own
  old.replaceChildren(...made.childNodes, ...(notes ? [notes] : []));
}

/**
 * New, removed or renamed slides.
 * @param {string[]} order
 * @param {Record<string, string>} sections
 */
function arrangeSlides(order, sections) {
  const slides = find(".slides");
  const [slide, step] = placeIn(order, Reveal.getCurrentSlide()?.id, Reveal.getIndices());
  const old = new Map([...slides.children].map((child) => [child.id, child]));
  slides.replaceChildren(...order.map((name) => old.get(name) ?? elementOf(sections[name])));
  Reveal.sync();
  Reveal.slide(slide, 0, step);
}

/** Remembers how far everything is scrolled; what it returns scrolls it there again. */
function keepScroll() {
  const boxes = [document.scrollingElement, find(".reveal-viewport"), find(".reveal")];
  const tops = boxes.map((box) => ({ box, top: box?.scrollTop, left: box?.scrollLeft }));
  return () => tops.forEach(({ box, top, left }) => box && Object.assign(box, {
    scrollTop: top,
    scrollLeft: left,
  }));
}

/** @param {string} hash */
function swapStylesheet(hash) {
  /** @type {HTMLLinkElement | null} */
  const old = document.querySelector('link[rel="stylesheet"][href^="deck.css"]');
  if (!old) return;
  const made = /** @type {HTMLLinkElement} */ (old.cloneNode());
  made.href = `deck.css?${hash}`;
  // The old rules stay until the new ones are there: no flash.
  made.onload = () => {
    old.remove();
    Reveal.layout();
    document.dispatchEvent(new Event("deck-styled"));
  };
  made.onerror = () => made.remove();
  old.after(made);
}

/**
 * The page's policy allows the text of its own style elements only as they came.
 * @param {string} styles
 */
function swapStyles(styles) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.adoptedStyleSheets = [sheet];
  findAll("style", document.head).forEach((old) => old.remove());
}

/** @param {Patch} patch */
function swapPieces({ styles, data, timeline, css }) {
  if (styles !== undefined) swapStyles(styles);
  if (data !== undefined) find("#deck-data").textContent = data;
  if (timeline !== undefined) {
    find("nav.timeline").replaceChildren(...elementOf(`<nav>${timeline}</nav>`).childNodes);
  }
  if (css !== undefined) swapStylesheet(css);
}

/**
 * Whether the deck could take the change; otherwise the page must be loaded again.
 * @param {Patch} patch
 * @param {Record<string, string>} known slide -> its HTML as it was last received
 */
function applyPatch(patch, known) {
  const { sections = {}, notes } = patch;
  const isScrolled = Reveal.isScrollView();
  const shown = findAll(".slides section").map((slide) => slide.id);
  const order = patch.order ?? shown;
  const isNewOrder = order.join() !== shown.join();
  if (isScrolled && isNewOrder) return false;
  const scrollBack = keepScroll();
  const { h, f = -1 } = Reveal.getIndices();
  document.documentElement.dataset.swapping = "";
  swapPieces(patch);
  const changed = changedSlides(sections, known);
  for (const name of changed) {
    known[name] = sections[name];
    const old = slideNamed(name);
    if (old) fillSlide(old, elementOf(sections[name]));
    if (old instanceof HTMLElement && !isScrolled) Reveal.syncFragments(old);
  }
  if (isNewOrder) arrangeSlides(order, sections);
  else if (changed.length && !isScrolled) Reveal.slide(h, 0, f);
  scrollBack();
  requestAnimationFrame(() => delete document.documentElement.dataset.swapping);
  const slides = patch.styles === undefined ? changed : undefined;
  document.dispatchEvent(new CustomEvent("deck-swapped", { detail: { notes, slides } }));
  return true;
}

async function loadFont() {
  const faces = [["Manrope", "manrope.woff2", "200 800"]];
  if (document.querySelector(".slide code")) faces.push(["Code", "code.woff2", "100 800"]);
  for (const [family, file, weight] of faces) {
    const face = new FontFace(family, `url(${file}?${Date.now()})`, { weight });
    document.fonts.add(await face.load());
  }
}
