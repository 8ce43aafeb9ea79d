// Pointer, pen and zoom: their keys. Their code is loaded when one is first wanted.

const DRAWN_KEY = `drawn ${location.pathname}`; // as drawing.js has it
const mouse = { clientX: 0, clientY: 0 };
/** @type {DrawingWish[]} */
const wishes = [];

/** @param {DrawingWish} detail */
function askDrawing(detail) {
  const wish = new CustomEvent("drawing", { detail, cancelable: true });
  if (!document.dispatchEvent(wish) || Reveal.isScrollView()) return; // taken, or a phone's column
  if (detail.message?.type === "found") return; // nothing is drawn here
  wishes.push(detail);
  if (wishes.length > 1) return;
  const script = element("script", { src: "drawing.js" });
  script.onload = () => wishes.splice(0).forEach(askDrawing);
  document.head.append(script);
}

/** @type {[key: string, tool: DrawingWish["tool"], does: string][]} */
const TOOL_KEYS = [
  ["Y", "pointer", tr("Pointer: on and off, or while it is held")],
  ["I", "pen", tr("Pen")],
  ["M", "marker", tr("Marker")],
  ["J", "rubber", tr("Rubber")],
  ["K", "zoom", tr("Zoom in where the mouse is, and back")],
];

if (window === parent) {
  document.addEventListener("pointermove", ({ clientX, clientY }) => {
    Object.assign(mouse, { clientX, clientY });
  });
  document.addEventListener("pointerdown", ({ pointerType }) => {
    if (pointerType !== "mouse") askDrawing({ isTouched: true });
  });
  document.addEventListener("click", (event) => {
    if (!event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    askDrawing({ tool: "zoom", ...mouse });
  }, true);
  Reveal.on("ready", () => {
    for (const [key, tool, does] of TOOL_KEYS) {
      deckKey(key, does, (event) => event?.repeat || askDrawing({ tool, ...mouse }));
    }
    if (storage("sessionStorage").get(DRAWN_KEY)) askDrawing({});
  });
}
