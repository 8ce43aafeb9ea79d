// Live captions: the sentence that is being said, under the slide. They cover the time line, and
// the slide gives way for the rest, so that nothing of it is hidden.

// px of a window 1280 wide; in a small window they are at least so large, and take more lines.
const CAPTION = { height: 94, size: 30, over: 38, least: 0.6 };

/** @type {HTMLElement | null} */
let captionStrip = null;

const captionScale = () => Math.min(innerWidth / 1280, innerHeight / 720);

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
  const { height, size, over, least } = CAPTION;
  const unit = Math.max(captionScale(), least);
  const isSmall = captionScale() < least;
  const beside = `max(16px, calc(50% - ${600 * unit}px))`;
  captionStrip.style.cssText = `position: fixed; z-index: 25; inset: auto 0 0; margin: 0;
    box-sizing: border-box; ${isSmall ? "min-height" : "height"}: ${height * unit}px;
    padding: ${isSmall ? 4 : 0}px ${beside};
    display: grid; place-content: center; text-align: center; text-wrap: balance;
    border-top: 2px solid var(--line); background: var(--card); color: var(--ink);
    font: 600 ${size * unit}px/1.3 Manrope, "Helvetica Neue", Arial, "Noto Sans", sans-serif`;
  leaveRoom(Math.round(height * unit - over * captionScale()));
}

/**
 * Two lines at most; the speaker's page sends no more, and what is wider is smaller. More lines in
 * a small window.
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
  if (captionScale() < CAPTION.least) return;
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
