// Pointer, pen and zoom on the deck's own slides. Loaded when one is first wanted; the audience's
// window does what the presenter's page does, and tells that page.

const drawnHeight = Number(document.documentElement.dataset.height ?? 720);
const surface = element("div", { id: "surface", hidden: true });
const BAR_MS = 4000; // how long the tools, or the way to them, stand there
const BAR_PX = 120; // of the window's foot, where a mouse looks for them
document.body.append(surface);

const slideNow = () => find(".slide", Reveal.getCurrentSlide());

/** @param {PairMessage} detail */
const post = (detail) => void document.dispatchEvent(new CustomEvent("drawn", { detail }));

function placeNow() {
  const { f } = Reveal.getIndices();
  return { slide: Reveal.getCurrentSlide().id, step: f === undefined ? 0 : f + 1 };
}

/**
 * Each slide with what is drawn on it; a slide that goes keeps what it shows.
 * @param {HTMLElement[]} [sections]
 */
function paint(sections = [Reveal.getCurrentSlide()]) {
  const { slide, step } = placeNow();
  for (const section of sections) {
    const box = section.querySelector(".slide");
    const strokes = board.strokesOn(section.id);
    let layer = box?.querySelector(":scope > .ink");
    if (!box || (!layer && !strokes.length)) continue;
    if (!layer) box.append((layer = inkLayer(drawnHeight)));
    paintLayer(layer, strokes, section.id === slide ? step : Infinity);
  }
}

const paintAll = () => paint(findAll(".slides section"));

const board = new Board({
  surface,
  height: drawnHeight,
  key: `drawn ${location.pathname}`,
  box: () => slideNow().getBoundingClientRect(),
  place: placeNow,
  post,
  paint: paintAll,
});

const zooming = new Zooming({
  target: document,
  post,
  frame() {
    const { width, height } = Reveal.getConfig();
    const { clientWidth, clientHeight } = find(".reveal"); // captions may stand below it
    const [wide, high] = [width * Reveal.getScale(), height * Reveal.getScale()];
    return {
      left: (clientWidth - wide) / 2,
      top: (clientHeight - high) / 2,
      width: wide,
      height: high,
    };
  },
  show(zoom, isSmooth) {
    const { style } = find(".reveal");
    style.transition = isSmooth ? "transform var(--moment)" : "";
    style.transform = zoomTransform(zoom, this.frame());
    document.documentElement.toggleAttribute("data-zoomed", zoom.scale > 1);
  },
  isDrawing: () => board.tool !== null,
  drop: () => board.drop(),
});

/** @type {HTMLElement} */
let bar = surface; // until it is there
new ToolBar(
  board,
  surface,
  (box) => document.body.append((bar = box)),
  (slide) => document.getElementById(slide),
);

/** A mouse finds the tools at the foot of the window; otherwise they'd hide what stands there. */
let quietTimer = 0;
function showBar() {
  bar.classList.remove("quiet");
  clearTimeout(quietTimer);
  quietTimer = setTimeout(() => bar.classList.add("quiet"), BAR_MS);
}
surface.addEventListener("tool", showBar);
bar.addEventListener("pointermove", showBar);
surface.addEventListener("pointermove", ({ pointerType, clientY, buttons }) => {
  if (pointerType !== "mouse" || (!buttons && clientY > innerHeight - BAR_PX)) showBar();
});

/** A finger has no keys: after a touch a button stands there for a while. */
const drawButton = pressButton(tr("Draw"), () => {
  drawButton.hidden = true;
  if (!board.tool) board.hold("pen");
});
drawButton.id = "draw";
drawButton.hidden = true;
let openerTimer = 0;
document.body.append(drawButton);

function offerTools() {
  drawButton.hidden = board.tool !== null;
  clearTimeout(openerTimer);
  openerTimer = setTimeout(() => (drawButton.hidden = true), BAR_MS);
}

/** @param {DrawingWish} wish */
function grant({ tool, message, isTouched, clientX = 0, clientY = 0 }) {
  if (tool === "zoom") zooming.toggle({ clientX, clientY });
  else if (tool) board.hold(tool);
  if (isTouched) offerTools();
  if (message?.type === "zoom") zooming.set(message, true);
  else if (message?.type === "found") board.greet(false);
  else if (message) board.hear(message);
}

document.addEventListener("drawing", (event) => {
  event.preventDefault();
  grant(event.detail);
});
bindDrawingKeys(board, zooming);
for (const [keys, does] of DRAWING_KEYS) Reveal.registerKeyboardShortcut(keys, does);

// The list of keys in two columns: more than thirty in one don't fit a projector.
const HELP_STYLE = `
.r-overlay-help .r-overlay-help-content { max-width: 1120px; padding: 0 8px; columns: 2 400px; }
.r-overlay-help-content .title { column-span: all; }
.r-overlay-help .r-overlay-help-content table :is(th, td) { padding: 5px 12px; }`;
const helpSheet = new CSSStyleSheet(); // the page's policy lets no other style in
helpSheet.replaceSync(HELP_STYLE);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, helpSheet];

/** Of the letters that reveal.js lists beside arrows, some mean something else here. */
function tidyHelp() {
  for (const cell of findAll(".r-overlay-help-content td:first-child")) {
    cell.textContent = cell.textContent?.replace(/^([←→↑↓]) .*/, "$1") ?? "";
  }
}
Reveal.on("showhelp", tidyHelp);
tidyHelp();

addEventListener("resize", () => zooming.set(zooming.zoom, true));
for (const type of ["fragmentshown", "fragmenthidden"]) Reveal.on(type, () => paint());
Reveal.on("slidechanged", () => {
  paint();
  zooming.set(WHOLE, true);
});
Reveal.on("pdf-ready", paintAll);
document.addEventListener("deck-swapped", paintAll);
paintAll();
