// A training's course as numbers: the axes, and the loss up to a step. No page is needed.

const ROUND = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];
const F1_FLOORS = [0.96, 0.9, 0.8, 0.6];

/**
 * The next round number above all losses, as in the run's own charts.
 * @param {number[]} losses
 */
function ceilingOf(losses) {
  const highest = Math.max(0, ...losses.filter(Number.isFinite));
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return power * (ROUND.find((step) => step * power >= highest) ?? 10);
}

/**
 * Where the axis of F1 starts, as in the run's own charts: well below the lowest.
 * @param {Epoch[]} epochs
 */
function f1FloorOf(epochs) {
  const known = epochs.map((epoch) => epoch.f1).filter((f1) => typeof f1 === "number");
  const lowest = known.length ? Math.min(...known) : 0;
  return F1_FLOORS.find((start) => lowest - (1 - start) * 0.15 >= start) ?? 0;
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

/**
 * Each loss as the mean of the last `count` ones.
 * @param {Curve["log"]} log
 * @param {number} count
 * @returns {Curve["log"]}
 */
function runningMean(log, count) {
  return log.map(([step], at) => {
    const some = log.slice(Math.max(0, at - count + 1), at + 1);
    return [step, some.reduce((total, [, loss]) => total + loss, 0) / some.length];
  });
}
