// The chart of a training in the deck: the loss by step, F1 after each epoch; drawn up to a step.

const LEFT = 96;
const RIGHT = 1040;
const LOSS_BOX = { top: 44, bottom: 258 };
const F1_BOX = { top: 352, bottom: 470 };

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} inside
 */
function drawn(tag, attributes, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...inside);
  return made;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Record<string, string | number>} [attributes]
 */
function label(x, y, text, attributes = {}) {
  return drawn("text", { x, y, "font-size": 24, fill: "var(--soft)", ...attributes }, text);
}

/** @param {Curve} curve */
function scales(curve) {
  const most = ceilingOf(curve.log.map(([, loss]) => loss));
  const floor = f1FloorOf(curve.epochs);
  /** @type {(box: typeof F1_BOX, share: number) => number} */
  const within = ({ top, bottom }, share) => bottom - (bottom - top) * share;
  return {
    most,
    floor,
    /** @param {number} step */
    x: (step) => LEFT + ((RIGHT - LEFT) * step) / curve.steps,
    /** @param {number} loss */
    lossY: (loss) => within(LOSS_BOX, loss / most),
    /** @param {number} f1 */
    f1Y: (f1) => within(F1_BOX, (f1 - floor) / (1 - floor)),
  };
}

/**
 * @param {Curve} curve
 * @param {ReturnType<typeof scales>} at
 */
function axes(curve, at) {
  const line = { stroke: "var(--line)", "stroke-width": 2 };
  const end = { "text-anchor": "end" };
  const bold = { "font-weight": 700 };
  const f1Name = at.floor
    ? tr("F1 on the validation set, axis from {from}", { from: decimal(at.floor) })
    : tr("F1 on the validation set");
  const lossName = curve.loss ?? tr("Training loss");
  const parts = [
    label(LEFT, LOSS_BOX.top - 18, lossName, { ...bold, fill: "var(--ink)" }),
    label(LEFT, F1_BOX.top - 28, f1Name, { ...bold, fill: "var(--accent)" }),
  ];
  /** @type {[typeof F1_BOX, low: string, high: string][]} */
  const boxes = [
    [LOSS_BOX, "0", decimal(Number(at.most.toPrecision(3)))],
    [F1_BOX, decimal(at.floor, 1), decimal(1, 1)],
  ];
  for (const [{ top, bottom }, low, high] of boxes) {
    parts.push(
      drawn("line", { x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom, ...line }),
      label(LEFT - 14, bottom + 8, low, end),
      label(LEFT - 14, top + 8, high, end),
    );
  }
  curve.epochs.forEach(({ step }, index) => {
    const x = at.x(step);
    const ends = { x1: x, x2: x, y1: LOSS_BOX.top, y2: F1_BOX.bottom };
    parts.push(
      drawn("line", { ...ends, ...line, "stroke-dasharray": "3 7" }),
      label(x, F1_BOX.bottom + 36, tr("epoch {number}", { number: index + 1 }), end),
    );
  });
  return parts;
}

/**
 * An epoch's F1 as a dot with its value; nothing while it isn't measured.
 * @param {Epoch} epoch
 * @param {ReturnType<typeof scales>} at
 */
function f1Dot({ step, f1, best }, at) {
  const group = drawn("g", { opacity: 0 });
  if (f1 === undefined) return group;
  const x = at.x(step);
  const y = f1 === null ? F1_BOX.bottom : at.f1Y(f1);
  if (f1 !== null) {
    const looks = { fill: "var(--accent)", stroke: "var(--paper)", "stroke-width": 3 };
    group.append(drawn("circle", { cx: x, cy: y, r: best ? 13 : 9, ...looks }));
  }
  // Beside the dot, on the side where no line comes from.
  const below = f1 === null ? -8 : y < F1_BOX.top + 40 ? 36 : -14;
  const value = f1 === null ? tr("undefined") : decimal(f1, 3);
  const text = best ? tr("{value} kept", { value }) : value;
  const bold = { "text-anchor": "end", "font-weight": 750, fill: "var(--ink)" };
  group.append(label(x - 22, y + below, text, bold));
  return group;
}

/** @param {Curve} curve */
function trainingChart(curve) {
  const at = scales(curve);
  const line = drawn("polyline", {
    fill: "none",
    stroke: "var(--ink)",
    "stroke-width": 4,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
  });
  const head = drawn("circle", { r: 8, fill: "var(--ink)" });
  const dots = curve.epochs.map((epoch) => f1Dot(epoch, at));
  const said = { role: "img", "aria-label": tr("Training loss by step, F1 by epoch") };
  const svg = drawn(
    "svg",
    { viewBox: "0 0 1136 516", ...said },
    ...axes(curve, at),
    line,
    head,
    ...dots,
  );
  svg.style.cssText = "flex: 1; min-height: 0; width: 100%; font-family: Manrope, sans-serif";

  /**
   * Draws everything up to a step; returns the loss there.
   * @param {number} step
   */
  function draw(step) {
    const points = logUpTo(curve.log, step);
    const [x, y] = [at.x, at.lossY];
    const places = points.map(([s, loss]) => `${x(s).toFixed(1)},${y(loss).toFixed(1)}`);
    line.setAttribute("points", places.join(" "));
    const end = points.at(-1) ?? curve.log[0];
    head.setAttribute("opacity", end ? "1" : "0");
    if (end) {
      head.setAttribute("cx", String(x(end[0])));
      head.setAttribute("cy", String(y(end[1])));
    }
    dots.forEach((dot, which) => {
      dot.setAttribute("opacity", curve.epochs[which].step <= step ? "1" : "0");
    });
    return end?.[1] ?? 0;
  }

  return { svg, draw };
}
