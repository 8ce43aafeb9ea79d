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
    loss: tr("Training loss, mean of {count} steps", { count: MEAN_OF }),
  };
}

/** @param {number} seconds */
function roughTime(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

/** @param {TrainingState} now */
function headingOf(now) {
  if (now.state === "done") return tr("Trained just now");
  return isActive(now) ? tr("Training, live") : tr("Training, as far as it came");
}

/**
 * @param {[step: number, loss: number]} last
 * @param {number} steps
 * @param {number} seconds
 */
function stepSaid([step, loss], steps, seconds) {
  const left = (seconds / step) * (steps - step);
  const said = tr("step {step} of {steps}, loss {loss}", { step, steps, loss: decimal(loss, 3) });
  if (step === steps) return said + tr(", measuring F1");
  return left ? said + tr(", about {time} left", { time: roughTime(left) }) : said;
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
  const count = messages?.toLocaleString(document.documentElement.lang || "en");
  const on = count ? tr(" on {count} messages", { count }) : "";
  if (isGone && (isActive(now) || state === "stopped")) {
    return tr("The server is gone; this is how far it came.");
  }
  if (state === "failed") return tr("It stopped: {note}", { note });
  if (state === "done") {
    const time = roughTime(seconds);
    return tr("{steps} steps in {time}{on}. The slides show the whole run.", { steps, time, on });
  }
  if (state === "stopped") {
    if (!last) return tr("Stopped.");
    return tr("Stopped at step {step} of {steps}.", { step: last[0], steps });
  }
  if (!last && share) {
    return tr("Reading the messages: {percent}%", { percent: Math.round(100 * share) });
  }
  if (!last) return tr("Loading the model{on}.", { on });
  return stepSaid(last, steps, seconds);
}
