// Which part of a slide is seen. Knows no page.

const MOST_ZOOM = 6;
const KEY_ZOOM = 2.5; // of the key, and of a click with Alt
/** @type {Zoom} */
const WHOLE = { x: 0.5, y: 0.5, scale: 1 };

/**
 * Nothing beside the slide is seen, and nothing but numbers is taken.
 * @param {{ x?: number, y?: number, scale?: number }} wanted
 * @returns {Zoom}
 */
function zoomWithin({ x = 0.5, y = 0.5, scale = 1 }) {
  const larger = Math.max(1, Math.min(MOST_ZOOM, Number(scale) || 1));
  const edge = 0.5 / larger;
  /** @param {number} middle */
  const within = (middle) => Math.max(edge, Math.min(1 - edge, Number(middle) || 0));
  return { x: within(x), y: within(y), scale: larger };
}

/**
 * Larger or smaller, around a point that stays where it is seen.
 * @param {Zoom} zoom
 * @param {Share} point of the slide
 * @param {number} scale
 * @param {Share} [seen] where it shall be seen, as shares of the whole picture
 */
function zoomAround(zoom, point, scale, seen = seenAt(zoom, point)) {
  const to = Math.max(1, Math.min(MOST_ZOOM, scale));
  const x = point.x - (seen.x - 0.5) / to;
  const y = point.y - (seen.y - 0.5) / to;
  return zoomWithin({ x, y, scale: to });
}

/**
 * Where a point of the slide is seen in the picture.
 * @param {Zoom} zoom
 * @param {Share} point
 * @returns {Share}
 */
function seenAt({ x, y, scale }, point) {
  return { x: (point.x - x) * scale + 0.5, y: (point.y - y) * scale + 0.5 };
}

/**
 * The same as CSS, for an element with its origin at 0 0 in which the slide has this frame.
 * @param {Zoom} zoom
 * @param {{ left: number, top: number, width: number, height: number }} frame in px
 */
function zoomTransform({ x, y, scale }, { left, top, width, height }) {
  if (scale === 1) return "";
  const right = left + width / 2 - scale * (left + x * width);
  const down = top + height / 2 - scale * (top + y * height);
  return `translate(${right.toFixed(2)}px, ${down.toFixed(2)}px) scale(${scale.toFixed(4)})`;
}
