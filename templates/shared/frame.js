// A frame with the deck in a page of the speaker's.

/** The deck is drawn at its own size and scaled. */
function deckSize() {
  const size = getComputedStyle(document.documentElement).getPropertyValue("--slide");
  const [width, height] = size.split("/").map(Number);
  return { width, height };
}

/** @param {HTMLIFrameElement} frame */
function fitFrame(frame) {
  const { width, height } = deckSize();
  const transform = `scale(${Number(frame.parentElement?.clientWidth) / width})`;
  Object.assign(frame.style, { width: `${width}px`, height: `${height}px`, transform });
}
