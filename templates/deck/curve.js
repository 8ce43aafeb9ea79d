// A training's course as numbers: the axes, and the loss up to a step. No page is needed.

const ROUND = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/**
 * Twice a round number, above all losses.
 * @param {number[]} losses
 */
function ceilingOf(losses) {
  const half = Math.max(0, ...losses.filter(Number.isFinite)) / 2;
  if (half <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(half));
  return 2 * power * (ROUND.find((step) => step * power >= half) ?? 10);
}

/**
 * Where the axis of F1 starts, a tenth, well below the lowest, as in pictures/charts/training.py.
 * @param {Epoch[]} epochs
 */
function f1FloorOf(epochs) {
  const known = epochs.map((epoch) => epoch.f1).filter((f1) => typeof f1 === "number");
  return Math.max(0, Math.floor(Math.min(0.95, ...known) * 10 - 0.5) / 10);
}

/**
 * The log up to a step, which may lie between two of its points.
 * @param {Curve["log"]} log
 * @param {number} step
 * @returns {Curve["log"]}
 */
function logUpTo(log, step) {
  const points = log.filter(([at]) => at <= step);
  const [last, next] = [points.at(-1), log[points.length]];
  if (!last || !next || last[0] === step) return points;
  const share = (step - last[0]) / (next[0] - last[0]);
  return [...points, [step, last[1] + (next[1] - last[1]) * share]];
}
