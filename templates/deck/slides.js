// What the deck adds to its slides: pictures that open in full size, and the time line's place.

/** A picture opens as its link does; a measured number in it does not. */
function bindPictures() {
  for (const link of findAll("a[data-full]")) {
    const name = CSS.escape(link.dataset.full ?? "");
    const picture = link.closest("section")?.querySelector(`[data-picture="${name}"]`);
    if (!(picture instanceof HTMLElement || picture instanceof SVGElement)) continue;
    picture.dataset.opens = "";
    picture.onclick = (event) => {
      if (!closest(event, "a, [data-at]")) link.click();
    };
  }
}

/**
 * @param {ParentNode} line
 * @param {number} current
 */
function markTimeline(line, current) {
  [...line.children].forEach((piece, index) => {
    piece.className = index < current ? "past" : index === current ? "present" : "coming";
    piece.ariaCurrent = index === current ? "step" : null;
    /** @type {HTMLElement} */ (piece).tabIndex = index === current ? 0 : -1;
  });
}

// At a backup, the line goes on saying where the talk was.
function markPlace() {
  const line = find("nav.timeline");
  const { h } = Reveal.getIndices();
  if (h < line.children.length) markTimeline(line, h);
}

// On paper each page has a time line of its own; a piece for each slide on each page of a long deck
// would be printed for minutes.
function printTimelines() {
  root.dataset.printed = "";
  const { length } = find("nav.timeline").children;
  if (length > 60) return;
  findAll(".pdf-page").forEach((page, index) => {
    const line = /** @type {HTMLElement} */ (find("nav.timeline").cloneNode(true));
    if (index >= length) return;
    line.ariaLabel = null;
    line.ariaHidden = "true";
    markTimeline(line, index);
    page.append(line);
  });
}

// reveal.js writes an address up to a second late: a link to where it still stands changes none.
addEventListener("click", (event) => {
  const { hash } = location;
  const link = /** @type {HTMLAnchorElement | null} */ (closest(event, "a"));
  if (hash && link?.hash === hash) dispatchEvent(new Event("hashchange"));
});
Reveal.on("pdf-ready", printTimelines);
Reveal.on("ready", () => {
  bindPictures();
  markPlace();
});
Reveal.on("slidechanged", markPlace);
Reveal.on("scrollactivated", markPlace);
document.addEventListener("deck-swapped", () => {
  bindPictures();
  markPlace();
});
