// Live captions: the sentence that is being said, under the slide. They cover the time line, and
// the slide gives way for the rest, so that nothing of it is hidden.

const CAPTION = { height: 94, size: 30, over: 38 }; // px of a window 1280 wide

/** @type {HTMLElement | null} */
let captionStrip = null;

/** @param {number} room px that the slide leaves below it */
function leaveRoom(room) {
  const { dataset } = document.documentElement;
  if (Number(dataset.room ?? 0) === room) return;
  dataset.room = String(room);
  find(".reveal").style.height = room ? `calc(100% - ${room}px)` : "";
  find("nav.timeline").style.visibility = room ? "hidden" : "";
  dispatchEvent(new Event("resize")); // the deck's size goes by it
  Reveal.layout();
}

function placeCaption() {
  if (!captionStrip) return;
  const unit = Math.min(innerWidth / 1280, innerHeight / 720);
  const { height, size, over } = CAPTION;
  captionStrip.style.cssText = `position: fixed; z-index: 25; inset: auto 0 0; margin: 0;
    height: ${height * unit}px; padding: 0 max(16px, calc(50% - ${600 * unit}px));
    display: grid; place-content: center; text-align: center; text-wrap: balance;
    border-top: 2px solid var(--line); background: var(--card); color: var(--ink);
    font: 600 ${size * unit}px/1.3 Manrope, "Helvetica Neue", Arial, "Noto Sans", sans-serif`;
  leaveRoom(Math.round((height - over) * unit));
}

/**
 * Two lines at most; the speaker's page sends no more, and what is wider is smaller.
 * @param {string} text
 */
function showCaption(text) {
  if (Reveal.isPaused() || (!text && !captionStrip)) return;
  if (!captionStrip) {
    captionStrip = element("p", { id: "caption" });
    document.body.append(captionStrip);
    placeCaption();
  }
  const words = element("span", {}, text);
  captionStrip.replaceChildren(words);
  for (let size = CAPTION.size; size > 20; size -= 1) {
    words.style.fontSize = `${size / CAPTION.size}em`;
    if (words.offsetHeight <= captionStrip.clientHeight) return;
  }
}

function leaveCaptions() {
  if (!captionStrip) return;
  captionStrip.remove();
  captionStrip = null;
  leaveRoom(0);
}

Reveal.on("paused", leaveCaptions);
addEventListener("resize", placeCaption);
addEventListener("beforeprint", leaveCaptions);
