// A training that goes on now, in the chart that shows the run's own one. Only in a deck that is
// served with --train-live; the server starts and stops it, and tells each step.
var LiveTraining = (function () {
  "use strict";
  var now = { state: "none", note: "" }, log = [], scores = [], gone = false;
  var MEAN = 5; // batches hold messages of similar length, so the loss of one says little
  var panel = null, chart = null, row = null, watching = false;

  function active() { return now.state === "preparing" || now.state === "training"; }

  function isOpen() { return panel !== null && panel.isConnected; }

  function data() {
    var epochs = [];
    for (var number = 1; number <= (now.epochs || 0); number += 1) {
      var made = { step: Math.round(now.steps * number / now.epochs), best: false };
      if (number <= scores.length) made.f1 = scores[number - 1];
      epochs.push(made);
    }
    var mean = log.map(function (point, at) {
      var some = log.slice(Math.max(0, at - MEAN + 1), at + 1);
      return [point[0], some.reduce(function (sum, one) { return sum + one[1]; }, 0) / some.length];
    });
    return { steps: now.steps || 1, log: mean, epochs: epochs, loss: "Training loss, mean of " + MEAN + " steps" };
  }

  function time(seconds) {
    return seconds < 90 ? Math.ceil(seconds) + " s" : Math.ceil(seconds / 60) + " min";
  }

  function heading() {
    if (now.state === "done") return "Trained just now";
    return active() ? "Training, live" : "Training, as far as it came";
  }

  function said() {
    var last = log[log.length - 1];
    var on = now.messages ? " on " + now.messages.toLocaleString("en") + " messages" : "";
    if (gone && (active() || now.state === "stopped")) return "The server is gone; this is how far it came.";
    if (now.state === "failed") return "It stopped: " + now.note;
    if (now.state === "done") return now.steps + " steps in " + time(now.seconds) + on + ". The slides show the whole run.";
    if (now.state === "stopped") return "Stopped" + (last ? " at step " + last[0] + " of " + now.steps : "") + ".";
    if (!last) return now.share ? "Reading the messages: " + Math.round(100 * now.share) + "%" : "Loading the model" + on + ".";
    var to = now.steps - last[0], left = now.seconds / last[0] * to;
    return "step " + last[0] + " of " + now.steps + ", loss " + last[1].toFixed(3) +
      (to ? left ? ", about " + time(left) + " left" : "" : ", measuring F1");
  }

  // --- In the open panel -----------------------------------------------------------------------

  function button(text, does) {
    var made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.onclick = function (event) { event.stopPropagation(); does(); };
    // Keys that press it are no commands to the deck.
    made.onkeydown = function (event) { if (event.key === "Enter" || event.key === " ") event.stopPropagation(); };
    row.append(made);
    return made;
  }

  function controls() {
    row.replaceChildren();
    if (gone) return;
    if (active()) {
      button("Stop", function () { send("stop"); });
      return;
    }
    var again = button((now.state === "idle" ? "Train now " : "Train again "), start);
    var key = document.createElement("kbd");
    key.textContent = "Enter";
    again.append(key);
    if (watching) button("The run’s own", function () { watching = false; controls(); chart.play(); });
  }

  function show() {
    if (isOpen() && watching) chart.follow(data(), heading(), said());
  }

  function opened(into, made) {
    if (now.state === "none") return false;
    panel = into;
    chart = made;
    row = document.createElement("div");
    row.className = "live-train";
    panel.append(row);
    watching = now.state !== "idle";
    controls();
    show();
    return watching;
  }

  // --- With the server -------------------------------------------------------------------------

  function send(what) {
    fetch("/live/train", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: what }),
    }).catch(function () { /* the socket says that the server is gone */ });
  }

  function start() {
    if (active() || gone) return;
    watching = true;
    send("start");
  }

  // A message of the server: the state, and what came to the log from its place `from` on.
  function hear(message) {
    var was = now.state;
    gone = false;
    if (message.state === "none") {
      now = message;
      if (isOpen()) row.replaceChildren();
      return;
    }
    // A new server knows nothing of what the old one's training came to.
    if (message.state === "idle" && log.length) {
      message = Object.assign({}, now, { state: active() ? "stopped" : was, from: log.length, log: [] });
    }
    now = message;
    log.length = Math.min(log.length, message.from);
    Array.prototype.push.apply(log, message.log);
    if (message.scores) scores = message.scores;
    if (active() && was !== now.state) watching = true;
    if (isOpen()) controls();
    show();
  }

  function lost() {
    gone = true;
    if (isOpen()) controls();
    show();
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !isOpen() || now.state === "none" || active()) return;
    if (event.target.closest && event.target.closest(".live-train")) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    start();
  }, true);

  return { opened: opened, hear: hear, lost: lost };
})();
