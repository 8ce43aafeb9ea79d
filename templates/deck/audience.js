// The deck beside a presenter's page: as the audience's window both follow each other; inside that
// page it shows what it is told. Loaded before the deck starts.
(function () {
  "use strict";
  var query = new URLSearchParams(location.search);
  var role = query.get("role");
  var token = query.get("pair");
  var KEY = "deck-pair"; // a deck that opened its presenter's page finds it again after a reload
  var applying = false, last = "", moved = 0, pair = null, presenter = null;

  function kept() {
    try { return sessionStorage.getItem(KEY); } catch (error) { return null; }
  }

  function place() {
    var at = Reveal.getIndices();
    return { slide: at.h, step: at.f === undefined ? 0 : at.f + 1, moved: moved };
  }

  function show(message) {
    if (!Number.isInteger(message.slide) || !Number.isInteger(message.step)) return;
    applying = true;
    Reveal.slide(message.slide, 0, message.step - 1);
    applying = false;
    moved = message.moved || moved;
    last = JSON.stringify([message.slide, message.step]);
  }

  function tell() {
    if (applying || !pair) return;
    var now = place(), key = JSON.stringify([now.slide, now.step]);
    if (key === last) return;
    last = key;
    now.moved = moved = Date.now();
    pair.post(Object.assign({ type: "at" }, now));
  }

  function hear(message) {
    if ((message.type === "at" || message.type === "hello") && message.moved > moved) show(message);
    if (message.type === "black" && message.on !== Reveal.isPaused()) Reveal.togglePause(message.on);
    if (message.type === "close") window.close();
  }

  // The audience's window holds nothing of the script, whatever the deck was built with, and takes
  // none that is still on its way.
  function forgetScript() {
    document.querySelectorAll("aside.notes, #spoken").forEach(function (notes) { notes.remove(); });
    Object.defineProperty(window, "deckNotes", { value: {}, writable: false, configurable: true });
  }

  function join(name) {
    if (pair) return;
    forgetScript();
    token = name;
    try { sessionStorage.setItem(KEY, token); } catch (error) { /* storage is shut off */ }
    pair = Pair.join(token, "audience", place, hear);
    ["slidechanged", "fragmentshown", "fragmenthidden"].forEach(function (name) { Reveal.on(name, tell); });
    ["paused", "resumed"].forEach(function (name) {
      Reveal.on(name, function () { pair.post({ type: "black", on: name === "paused" }); });
    });
  }

  function openPresenter() {
    if (pair && pair.isAlive()) {
      pair.post({ type: "focus" });
      return;
    }
    if (!token) token = Pair.newToken();
    moved = Date.now();
    last = JSON.stringify([place().slide, place().step]);
    var opened = window.open("rehearse.html?pair=" + token + location.hash, "presenter-" + token.slice(0, 8));
    join(token);
    if (opened) pair.add(opened);
    else offer("rehearse.html?pair=" + token + location.hash);
  }

  // A browser that blocks the window lets the speaker open it by hand.
  function offer(address) {
    var box = document.getElementById("blocked") || document.body.appendChild(document.createElement("p"));
    box.id = "blocked";
    box.setAttribute("role", "status");
    box.style.cssText = "position:fixed;z-index:50;inset:16px 16px auto auto;margin:0;padding:14px 18px;border:2px solid var(--ink);border-radius:12px;background:var(--card);color:var(--ink);font:600 20px/1.4 Manrope,sans-serif";
    box.textContent = "The browser blocked the window. ";
    var link = box.appendChild(document.createElement("a"));
    link.href = address;
    link.target = "presenter-" + token.slice(0, 8);
    link.rel = "opener";
    link.textContent = "Open the presenter's page";
    link.addEventListener("click", function () { box.remove(); });
  }

  // Inside the presenter's page: only that page is listened to.
  function embed() {
    addEventListener("message", function (event) {
      var message = event.data;
      if (event.source !== parent || !Pair.isFromHere(event.origin)) return;
      if (!message || message.pair !== token || message.type !== "show") return;
      show(message);
    });
    Reveal.on("ready", function () {
      parent.postMessage({ pair: token, type: "shown", role: role }, location.protocol === "file:" ? "*" : location.origin);
    });
  }

  if (!Pair.isToken(token)) token = null;
  if (window !== parent) {
    if (token && (role === "current" || role === "next")) { forgetScript(); embed(); }
    return;
  }
  var old = role === "audience" ? token : kept();
  if (role === "audience" || Pair.isToken(old)) forgetScript();
  Reveal.on("ready", function () {
    if (Pair.isToken(old)) join(old);
    Reveal.addKeyBinding({ keyCode: 83, key: "S", description: "Presenter's page" }, openPresenter);
  });
})();
