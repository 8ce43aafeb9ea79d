// Keys that are a drawing's: Escape lets go, Ctrl+Z takes back, Delete clears; a held pointer ends.

/** @type {[keys: string, does: string][]} */
const DRAWING_KEYS = [
  ["Ctrl+Z, Ctrl+Y", tr("What was drawn last goes, and comes back")],
  ["Del, Shift+Del", tr("All that was drawn on the slide goes; on all slides")],
  ["Esc", tr("Lets go of a tool; back to the whole slide")],
];

/**
 * @param {Board} board
 * @param {Zooming} zooming
 */
function bindDrawingKeys(board, zooming) {
  addEventListener(
    "keydown",
    (event) => {
      if (document.querySelector("dialog[open]")) return;
      const isLeft = event.key === "Escape" && (board.tool ? !board.hold(null) : zooming.leave());
      if (!isLeft && !board.takesKey(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  addEventListener("keyup", ({ key }) => {
    if (key.toLowerCase() === "y") board.release();
  });
}
