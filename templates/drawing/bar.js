// The tools as buttons, while one is held: for hands without a keyboard.

const PRESS_MS = 1000; // in which a click is the press that was taken already
let pressedAt = -Infinity; // by a finger: the click may come to a button that stands there since

/** @type {[tool: Tool, name: string][]} */
const BAR_TOOLS = [
  ["pointer", tr("Pointer")],
  ["pen", tr("Pen")],
  ["marker", tr("Marker")],
  ["rubber", tr("Rubber")],
];

/**
 * A button that a finger presses at once: browsers take no click right after a swipe.
 * @param {string} text
 * @param {() => void} action
 */
function pressButton(text, action) {
  const button = element("button", { type: "button" }, text);
  button.onpointerdown = (event) => {
    if (event.pointerType === "mouse") return;
    pressedAt = performance.now();
    action();
  };
  button.onclick = (event) => {
    if (event.detail) button.blur(); // the space bar goes on being an advance
    if (performance.now() - pressedAt > PRESS_MS) action();
  };
  return button;
}

// No words of a slide, or other ones elsewhere; pipeline/export/drawings.py leaves out the same.
const UNSAID = "svg, math, pre, footer, figure, button, [hidden], .hidden, .run-marks, .logo";

/**
 * What a slide says, by which its drawings can tell later whether it still says that.
 * @param {Element | null | undefined} section
 */
function slideWords(section) {
  const slide = section?.querySelector(".slide");
  const box = /** @type {Element | undefined} */ (slide?.cloneNode(true));
  for (const one of box?.querySelectorAll(UNSAID) ?? []) one.remove();
  return (box?.textContent ?? "").replace(/[^\p{L}\p{N}]+/gu, "");
}

class ToolBar {
  #box = element("div", { id: "tools", hidden: true, ariaLabel: tr("Drawing"), role: "toolbar" });
  /** @type {Map<string, HTMLButtonElement>} */
  #pressed = new Map();
  #board;

  /**
   * @param {Board} board
   * @param {HTMLElement} surface that says when another tool is held
   * @param {(box: HTMLElement) => void} place puts it into the page, when it is first seen
   * @param {(slide: string) => Element | null | undefined} sectionOf
   */
  constructor(board, surface, place, sectionOf) {
    this.#board = board;
    for (const [tool, name] of BAR_TOOLS) {
      this.#pressed.set(tool, this.#button(name, () => board.tool !== tool && board.hold(tool)));
    }
    INK_COLOURS.forEach((colour, index) => {
      const button = this.#button("", () => {
        board.colour = colour;
        if (board.tool !== "pen" && board.tool !== "marker") board.hold("pen");
        this.#show();
      });
      button.className = "colour";
      button.ariaLabel = tr("Colour {n}", { n: index + 1 });
      button.style.setProperty("--of", `var(--${colour})`);
      this.#pressed.set(colour, button);
    });
    this.#button(tr("Undo stroke"), () => board.undo());
    this.#button(tr("Clear"), () => board.clear(false));
    this.#button(tr("Save"), () => saveDrawings(board, sectionOf));
    this.#button("×", () => board.hold(null)).ariaLabel = tr("Close");
    surface.addEventListener("tool", () => {
      if (!this.#box.isConnected) place(this.#box);
      this.#show();
    });
  }

  /**
   * @param {string} text
   * @param {() => void} onclick
   */
  #button(text, onclick) {
    const button = pressButton(text, onclick);
    this.#box.append(button);
    return button;
  }

  #show() {
    const { tool, colour } = this.#board;
    this.#box.hidden = !tool;
    for (const [name, button] of this.#pressed) {
      button.ariaPressed = String(name === tool || name === colour);
    }
  }
}

/**
 * All strokes as a file, which `publish --with-drawings` takes.
 * @param {Board} board
 * @param {(slide: string) => Element | null | undefined} sectionOf
 */
function saveDrawings(board, sectionOf) {
  const strokes = board.ink.shown;
  const said = strokes.map(({ slide }) => [slide, slideWords(sectionOf(slide))]);
  const words = Object.fromEntries(said.filter(([, some]) => some));
  const text = `${JSON.stringify({ format: 1, strokes, words })}\n`;
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  element("a", { href, download: "drawings.json" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
