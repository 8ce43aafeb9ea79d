// How far a training is that goes on now: as a chart, and in a sentence. No page is needed.

const MEAN_OF = 5; // batches hold messages of similar length, so the loss of one says little

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

/** @param {TrainingState} state */
const isActive = ({ state }) => state === "preparing" || state === "training";

/**
 * What is known of a training, as a chart shows it.
 * @param {TrainingState} now
 * @param {Curve["log"]} log
 * @param {(number | null)[]} scores
 * @returns {Curve}
 */
function curveOf({ steps = 0, epochs = 0 }, log, scores) {
  return {
    steps: steps || 1,
    log: runningMean(log, MEAN_OF),
    epochs: Array.from({ length: epochs }, (_, index) => ({
      step: Math.round((steps * (index + 1)) / epochs),
      best: false,
      f1: scores[index],
    })),
    loss: `Training loss, mean of ${MEAN_OF} steps`,
  };
}

/** @param {number} seconds */
function roughTime(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

/** @param {TrainingState} now */
function headingOf(now) {
  if (now.state === "done") return "Trained just now";
  return isActive(now) ? "Training, live" : "Training, as far as it came";
}

/**
 * How far a training is, in a sentence.
 * @param {TrainingState} now
 * @param {Curve["log"]} log
 * @param {boolean} isGone
 */
function saidOf(now, log, isGone) {
  const { state, note, messages, share, steps = 0, seconds = 0 } = now;
  const last = log.at(-1);
  const on = messages ? ` on ${messages.toLocaleString("en")} messages` : "";
  if (isGone && (isActive(now) || state === "stopped")) {
    return "The server is gone; this is how far it came.";
  }
  if (state === "failed") return `It stopped: ${note}`;
  if (state === "done") {
    return `${steps} steps in ${roughTime(seconds)}${on}. The slides show the whole run.`;
  }
  if (state === "stopped") return last ? `Stopped at step ${last[0]} of ${steps}.` : "Stopped.";
  if (!last && share) return `Reading the messages: ${Math.round(100 * share)}%`;
  if (!last) return `Loading the model${on}.`;
  const [step, loss] = last;
  const left = (seconds / step) * (steps - step);
  const ahead = step === steps ? ", measuring F1" : left ? `, about ${roughTime(left)} left` : "";
  return `step ${step} of ${steps}, loss ${loss.toFixed(3)}${ahead}`;
}
