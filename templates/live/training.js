// A training that goes on now, in the chart that shows the run's own one. Only in a deck that is
// served with --train-live; the server starts and stops it, and tells each step.

/** @type {TrainingState} */
let training = { state: "none", note: "", from: 0, log: [] };
/** @type {Curve["log"]} */
const lossLog = [];
/** @type {(number | null)[]} */
let f1Scores = [];
/** @type {TrainingPanel | null} */
let film = null;
const buttonRow = element("div", { className: "live-train" });
let isServerGone = false;
let isWatching = false; // the training, not the run's own film

/** @param {string} what */
function tellServer(what) {
  fetch("/live/train", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text: what }),
  }).catch(() => {}); // the socket says that the server is gone
}

function startTraining() {
  if (isActive(training) || isServerGone) return;
  isWatching = true;
  tellServer("start");
}

/**
 * @param {() => void} does
 * @param {...(Node | string)} inside
 */
function quietButton(does, ...inside) {
  const made = element("button", { type: "button" }, ...inside);
  made.onclick = (event) => {
    event.stopPropagation();
    does();
  };
  // Keys that press it are no commands to the deck.
  made.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
  };
  return made;
}

function trainingButtons() {
  if (isServerGone || training.state === "none") return [];
  if (isActive(training)) return [quietButton(() => tellServer("stop"), tr("Stop"))];
  const again = training.state === "idle" ? tr("Train now") : tr("Train again");
  const buttons = [quietButton(startTraining, `${again} `, element("kbd", {}, "Enter"))];
  if (isWatching) buttons.push(quietButton(showOwn, tr("The run’s own")));
  return buttons;
}

function showOwn() {
  isWatching = false;
  buttonRow.replaceChildren(...trainingButtons());
  film?.play();
}

function showTraining() {
  if (!film || !buttonRow.isConnected) return;
  buttonRow.replaceChildren(...trainingButtons());
  if (isWatching) {
    const curve = curveOf(training, lossLog, f1Scores);
    film.follow(curve, headingOf(training), saidOf(training, lossLog, isServerGone));
  }
}

document.addEventListener("training-opened", (event) => {
  buttonRow.remove();
  if (training.state === "none") return;
  film = event.detail;
  film.panel.append(buttonRow);
  isWatching = training.state !== "idle";
  if (isWatching) event.preventDefault();
  showTraining();
});
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || !buttonRow.isConnected || isActive(training)) return;
    if (training.state === "none" || closest(event, ".live-train")) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    startTraining();
  },
  true,
);

/** @param {TrainingState} message */
function hearTraining(message) {
  const was = training;
  isServerGone = false;
  // A new server knows nothing of what the old one's training came to.
  const isNew = message.state === "idle" && lossLog.length > 0;
  training = isNew
    ? { ...was, state: isActive(was) ? "stopped" : was.state, from: lossLog.length, log: [] }
    : message;
  if (training.state !== "none") {
    lossLog.splice(training.from, Infinity, ...training.log);
    f1Scores = training.scores ?? f1Scores;
    if (isActive(training) && was.state !== training.state) isWatching = true;
  }
  showTraining();
}

function loseTraining() {
  isServerGone = true;
  showTraining();
}
