// What is drawn on slides: strokes in the slide's own units, the actions that made and took them,
// and how two windows come to hold the same. Knows no page.

const INK_WIDTH = 1280; // of a slide, in its units
const INK_COLOURS = ["myth", "accent", "reality"];
const INK_WIDTHS = { pen: 5, marker: 26 };
const MOST_POINTS = 4000; // of a stroke
const MOST_STROKES = 2000;

/** @param {unknown} value */
const isCount = (value) => Number.isInteger(value) && Number(value) >= 0;

/** @param {unknown} value */
const isName = (value) => typeof value === "string" && value.length > 0 && value.length <= 200;

/**
 * Whether a value from elsewhere is a stroke.
 * @param {any} value
 * @returns {value is Stroke}
 */
function isStroke(value) {
  if (!value || !isName(value.id) || !isName(value.slide) || !isCount(value.step)) return false;
  if (!Object.hasOwn(INK_WIDTHS, value.tool) || !INK_COLOURS.includes(value.colour)) return false;
  const { points } = value;
  if (!Array.isArray(points) || !points.length || points.length > MOST_POINTS) return false;
  return points.every((one) => Array.isArray(one) && one.length > 1 && one.every(Number.isFinite));
}

/**
 * @param {any} value
 * @returns {value is InkAction}
 */
function isAction(value) {
  if (!value || !isCount(value.n) || typeof value.on !== "boolean") return false;
  return Array.isArray(value.ids) && value.ids.every(isName);
}

/**
 * A whole state, or null for anything else.
 * @param {any} value
 * @returns {InkState | null}
 */
function inkStateOf(value) {
  if (!value || !isCount(value.version)) return null;
  const { version, strokes, known, done, undone } = value;
  if (![strokes, known, done, undone].every(Array.isArray)) return null;
  if (!strokes.every(isStroke) || !known.every(isName)) return null;
  if (strokes.length > MOST_STROKES || ![...done, ...undone].every(isAction)) return null;
  return { version, strokes, known, done, undone };
}

/** @param {InkAction} action */
const actionKey = ({ n, ids, on }) => `${String(n).padStart(9, "0")} ${on} ${ids.join(" ")}`;

class Ink {
  /** @type {Map<string, Stroke>} */
  #strokes = new Map();
  /** @type {InkAction[]} */
  #done = [];
  /** @type {InkAction[]} */
  #undone = [];
  #version = 0;

  /** What is seen of it, the last drawn on top. */
  get shown() {
    /** @type {Map<string, boolean>} */
    const on = new Map();
    for (const action of this.#done) action.ids.forEach((id) => on.set(id, action.on));
    return [...on].flatMap(([id, isOn]) => (isOn && this.#strokes.get(id)) || []);
  }

  /** @param {string} slide */
  on(slide) {
    return this.shown.filter((stroke) => stroke.slide === slide);
  }

  /** @param {Stroke} stroke */
  draw(stroke) {
    this.#strokes.set(stroke.id, stroke);
    this.#act([stroke.id], true);
  }

  /** @param {Stroke[]} strokes */
  erase(strokes) {
    if (strokes.length) this.#act(strokes.map(({ id }) => id), false);
    return strokes.length > 0;
  }

  /**
   * The last action is taken back; whether there was one.
   * @param {boolean} [forward] what was taken back last is done again
   */
  undo(forward = false) {
    const [from, to] = forward ? [this.#undone, this.#done] : [this.#done, this.#undone];
    const action = from.pop();
    if (!action) return false;
    to.push(action);
    this.#version += 1;
    return true;
  }

  /**
   * All of it, or with a few strokes alone, for a window that knows the others.
   * @param {Stroke[]} [strokes]
   * @returns {InkState}
   */
  state(strokes = this.#newest()) {
    const known = [...this.#strokes.keys()];
    const [done, undone] = [[...this.#done], [...this.#undone]];
    return { version: this.#version, strokes, known, done, undone };
  }

  /** As many as another window takes: of more, what isn't seen goes first, then the oldest. */
  #newest() {
    const all = [...this.#strokes.values()];
    if (all.length <= MOST_STROKES) return all;
    const shown = new Set(this.shown);
    return [...all.filter((one) => !shown.has(one)), ...shown].slice(-MOST_STROKES);
  }

  /**
   * What another window has: the newer of both counts, with what it couldn't know of.
   * @param {InkState} other
   */
  merge(other) {
    const known = new Set(this.#strokes.keys());
    for (const stroke of other.strokes) this.#strokes.set(stroke.id, stroke);
    const mine = { done: this.#done, undone: this.#undone, known };
    const theirs = { ...other, known: new Set(other.known) };
    const [newer, older] = other.version < this.#version ? [mine, theirs] : [theirs, mine];
    const added = older.done.filter(({ ids }) => ids.some((id) => !newer.known.has(id)));
    const all = new Map([...newer.done, ...added].map((one) => [actionKey(one), one]));
    if (added.length) {
      this.#done = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, action]) => action);
    } else this.#done = [...newer.done];
    this.#undone = added.length ? [] : [...newer.undone];
    this.#version = Math.max(this.#version, other.version);
  }

  /**
   * @param {string[]} ids
   * @param {boolean} on
   */
  #act(ids, on) {
    this.#version += 1;
    this.#done.push({ n: this.#version, ids, on });
    this.#undone = [];
  }
}

/**
 * The points that a line needs: those that are nearer than `near` to the line of the others go.
 * @param {InkPoint[]} points
 * @param {number} near
 * @returns {InkPoint[]}
 */
function simplified(points, near) {
  const keep = new Set([0, points.length - 1]);
  const spans = [[0, points.length - 1]];
  for (let span; (span = spans.pop()); ) {
    const [from, to] = span;
    let [worst, at] = [near, -1];
    for (let index = from + 1; index < to; index += 1) {
      const far = distanceToLine(points[index], points[from], points[to]);
      if (far > worst) [worst, at] = [far, index];
    }
    if (at < 0) continue;
    keep.add(at);
    spans.push([from, at], [at, to]);
  }
  return points.filter((_, index) => keep.has(index));
}

/**
 * How far a point is from the line between two others.
 * @param {InkPoint} point
 * @param {InkPoint} from
 * @param {InkPoint} to
 */
function distanceToLine([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

/**
 * The strokes that a rubber of this radius touches.
 * @param {Stroke[]} strokes
 * @param {InkPoint} at
 * @param {number} radius
 */
function touched(strokes, at, radius) {
  return strokes.filter(({ points, tool }) => {
    const reach = radius + INK_WIDTHS[tool] / 2;
    const isNear = /** @type {(point: InkPoint, index: number) => boolean} */ (point, index) =>
      distanceToLine(at, points[index - 1] ?? point, point) <= reach;
    return points.some(isNear);
  });
}

/** @param {number} number */
const short = (number) => String(Math.round(10 * number) / 10);

/**
 * A smooth line through points, as SVG has it: a dot for one alone.
 * @param {InkPoint[]} points
 */
function lineOf(points) {
  const [[x, y], ...rest] = points;
  let line = `M${short(x)} ${short(y)}`;
  if (!rest.length) return `${line}h0.01`;
  rest.forEach(([to, down], index) => {
    const next = rest[index + 1];
    const [endX, endY] = next ? [(to + next[0]) / 2, (down + next[1]) / 2] : [to, down];
    line += `Q${short(to)} ${short(down)} ${short(endX)} ${short(endY)}`;
  });
  return line;
}

/**
 * A stroke as lines of one width each: more than one where a stylus says how hard it was pressed.
 * @param {Stroke} stroke
 * @returns {{ line: string, width: number }[]}
 */
function linesOf({ points, tool }) {
  const width = INK_WIDTHS[tool];
  if (tool === "marker" || points.every(({ length }) => length < 3)) {
    return [{ line: lineOf(points), width }];
  }
  /** @param {InkPoint} point */
  const widthAt = ([, , pressure = 0.5]) => width * (0.5 + Math.round(5 * pressure) / 5);
  /** @type {{ points: InkPoint[], width: number }[]} */
  const pieces = [];
  for (const point of points) {
    const last = pieces.at(-1);
    if (last?.width === widthAt(point)) last.points.push(point);
    else {
      last?.points.push(point);
      pieces.push({ points: [point], width: widthAt(point) });
    }
  }
  return pieces.map((piece) => ({ line: lineOf(piece.points), width: piece.width }));
}
