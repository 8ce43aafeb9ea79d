// Pointer, pen and zoom: their keys. Their code is loaded when one is first wanted.

const DRAWN_KEY = `drawn ${location.pathname}`; // as drawing.js has it
const mouse = { clientX: 0, clientY: 0 };
/** Nothing is drawn where somebody came, nor in a phone's column. @param {DrawingWish} wish */
const isWorthDrawing = ({ message }) => message?.type !== "found" && !Reveal.isScrollView();
const askDrawing = lazily("drawing", isWorthDrawing);

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
    Reveal.on("showhelp", () => askDrawing({})); // it lists keys, too
    if (storage("sessionStorage").get(DRAWN_KEY)) askDrawing({});
  });
}
