// The open deck and the preview's server: changes come over a socket; faults stand over the slide.
(function () {
  "use strict";
  var self = document.currentScript;
  var version = self.dataset.version, frame = self.dataset.frame;
  var known = {}, socket = null, wait = 200, gone = false;
  var fault = null, quiet = null;

  function element(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function showFault(message) {
    if (!fault) {
      fault = element("aside", "live-fault");
      fault.setAttribute("role", "alert");
      document.body.append(fault);
    }
    fault.replaceChildren(element("p", "where", message.where), element("p", "what", message.message));
    if (message.hint) fault.append(element("p", "hint", message.hint));
  }

  function hideFault() {
    if (fault) fault.remove();
    fault = null;
  }

  // A word in the corner; the deck itself goes on.
  function say(text) {
    if (!quiet) {
      quiet = element("p", "live-word");
      quiet.setAttribute("role", "status");
      document.body.append(quiet);
    }
    quiet.textContent = text;
    quiet.hidden = !text;
  }

  function reload() {
    if (gone) return;
    gone = true;
    location.reload();
  }

  function hear(message) {
    if (message.type === "patch") {
      if (message.frame !== frame) return reload();
      var applied = false;
      try { applied = LiveSwap.apply(message, known); } catch (error) { console.error(error); }
      if (!applied) return reload();
      version = message.version;
    }
    if (message.type === "fault") showFault(message);
    if (message.type === "mended") hideFault();
    if (message.type === "font") LiveSwap.font();
    if (message.type === "hello" && window.LiveDemo) LiveDemo.state(message.demo);
    if (message.type === "demo" && window.LiveDemo) LiveDemo.state(message);
    if (message.type === "hello" && window.LiveTraining) LiveTraining.hear(message.training);
    if (message.type === "training" && window.LiveTraining) LiveTraining.hear(message);
    return undefined;
  }

  function connect() {
    var scheme = location.protocol === "https:" ? "wss://" : "ws://";
    socket = new WebSocket(scheme + location.host + "/live/socket?have=" + version);
    socket.onopen = function () { wait = 200; say(""); };
    socket.onmessage = function (event) { hear(JSON.parse(event.data)); };
    socket.onclose = function () {
      if (gone) return;
      say("preview: waiting for the server");
      if (window.LiveDemo) LiveDemo.state({ name: "gone", note: "" });
      if (window.LiveTraining) LiveTraining.lost();
      setTimeout(connect, wait);
      wait = Math.min(2000, wait * 1.5);
    };
  }

  function start() {
    connect();
    if (window.LiveDemo) LiveDemo.start();
  }

  addEventListener("pagehide", function () { gone = true; });
  addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
  if (window.Reveal && !Reveal.isReady()) Reveal.on("ready", start);
  else start();
})();
