// The page: one state, one place where it changes, and the keys that change it.
(async function () {
  "use strict";
  var SHOWN_MS = 6000, SURE_MS = 4000, TICK_MS = 100;
  var data = JSON.parse(document.getElementById("talk-data").textContent);
  var query = new URLSearchParams(location.search);
  var live = query.has("live");
  var reduced = matchMedia("(prefers-reduced-motion: reduce)");
  function id(name) { return document.getElementById(name); }

  // --- What there is ---------------------------------------------------------------------------

  var pace = data.pace_wpm, cut = Plan.cutNamed(data, data.cut), scrolls = true, black = false;
  var found = await Run.resume(data, Date.now());
  var state = found ? Clock.woken(found.state, found.saved, Date.now()) : Clock.fresh(Run.newId());
  if (found) {
    pace = found.pace || pace;
    cut = Plan.cutNamed(data, found.cut);
  } else {
    await Run.claim(state.id);
    var start = data.slides.findIndex(function (slide) { return "#/" + slide.name === location.hash.split("?")[0]; });
    if (start > 0) state = Clock.fresh(state.id, start);
  }
  var runId = state.id; // of the window's storage; a reset makes new records, not new storage
  if (found) runId = found.id;
  var token = [query.get("pair"), Run.session.get("presenter-pair")].find(Pair.isToken) || Pair.newToken();
  Run.session.set("presenter-pair", token);

  var panels = Panels(data);
  var unsent = Run.Unsent(data);
  var prompter = Prompter(id("prompter"), {
    empty: "Nothing is written for this slide.",
    still: function () { return reduced.matches; },
  });
  var screens = Screens(data, { token: token, place: place, on: hear });
  var drill = Drill(data, { now: Date.now, random: Math.random });

  function place() { return { slide: state.at, step: state.step, moved: state.moved }; }

  // --- What changes it -------------------------------------------------------------------------

  function change(action) {
    var before = state;
    state = Clock.apply(state, action, Date.now());
    if (state.at !== before.at) showScript();
    else if (state.step > before.step) prompter.atStep(state.step);
    if (state.skips !== before.skips) showScript(prompter.read());
    if (state.at !== before.at || state.step !== before.step) showPlace();
    keep();
    render();
    return state !== before;
  }

  function go(to, from) {
    if (!to) return;
    change({ type: "go", slide: to.slide, step: to.step, peek: from === "hello" || drill.isOpen() });
    if (from) state.moved = to.moved || state.moved;
    else screens.post(Object.assign({ type: "at" }, place()));
  }

  function showPlace() {
    screens.show(place());
    panels.titles(place(), screens.after(place()));
  }

  function showScript(from) {
    var items = state.mode === "qa" && data.closing.length
      ? [{ kind: "head", text: "After the questions" }].concat(data.closing)
      : data.slides[state.at].items;
    var spent = state.at === state.front ? Clock.on(Clock.settle(state, Date.now()), state.at) / 1000 : 0;
    prompter.show(Plan.lines(items, cut, pace, state.at, state.skips), from === undefined ? spent : from);
    if (from === undefined && state.step) prompter.atStep(state.step);
  }

  // What the audience's window says.
  function hear(message) {
    if (message.type === "at" || message.type === "hello") {
      var sound = Number.isInteger(message.slide) && Number.isInteger(message.step) && data.slides[message.slide];
      if (sound && message.moved > state.moved) {
        var step = Math.max(0, Math.min(message.step, sound.steps));
        go({ slide: message.slide, step: step, moved: message.moved }, message.type);
      }
    }
    if (message.type === "black") black = !!message.on;
    if (message.type === "focus") window.focus();
    if (message.type === "found" || message.type === "lost") render();
  }

  var commands = {
    next: function () { go(screens.after(place())); },
    back: function () { go(screens.before(place())); },
    first: function () { go({ slide: 0, step: 0 }); },
    last: function () { go({ slide: data.slides.length - 1, step: 0 }); },
    pause: function () { change({ type: "pause" }); },
    qa: function () {
      change({ type: "qa" });
      showScript();
    },
    reset: function () {
      change({ type: "reset", id: Run.newId() });
      say("The clock is reset. U undoes it.");
    },
    undo: function () {
      if (!state.kept.length) return say("There is no reset to undo.");
      change({ type: "undo" });
      showScript();
      say("The clock that was reset is back.");
    },
    skip: function () {
      var part = view().skip;
      if (!part) return say("There is no optional part ahead.");
      change({ type: "skip", slide: part.slide, part: part.part, gain: part.gain });
      say("Skipped “" + part.part + "”: " + panels.clock(part.gain) + " gained. Z takes it back.");
    },
    unskip: function () {
      if (!state.skips.length) return say("Nothing was skipped.");
      var last = state.skips[state.skips.length - 1];
      change({ type: "unskip" });
      say("“" + last.part + "” is back.");
    },
    end: end,
    audience: function () {
      var window_ = screens.open();
      if (!window_.opened) say("The browser blocked the window. ", link(window_, "Open the audience’s window"), 0);
    },
    black: function () {
      black = !black;
      screens.post({ type: "black", on: black });
      render();
    },
    scroll: function () {
      scrolls = !scrolls;
      say(scrolls ? "The script scrolls at " + pace + " words a minute." : "The script waits for your hand.");
    },
    faster: function () { setPace(pace + 5); },
    slower: function () { setPace(pace - 5); },
    up: function () { prompter.byLine(-1); },
    down: function () { prompter.byLine(1); },
    drill: function () {
      if (drill.isOpen()) drill.close();
      else if (!drill.open()) say("The script has no questions.");
    },
    help: function () { id("help").showModal(); },
  };

  function setPace(wanted) {
    pace = Math.max(60, Math.min(300, wanted));
    showScript(prompter.read());
    keep();
    say("The script scrolls at " + pace + " words a minute.");
  }

  // --- The end, and what is kept ---------------------------------------------------------------

  var surely = 0;
  async function end() {
    if (state.started === null) return say("The clock has not started.");
    if (state.mode === "ended") return say("It has ended. R begins anew.");
    if (Date.now() - surely > SURE_MS) {
      surely = Date.now();
      return say(live ? "E again ends the talk." : "E again ends and records this rehearsal.");
    }
    change({ type: "end" });
    var took = panels.clock(Clock.talk(state) / 1000);
    if (live) return say("The end, after " + took + ".", null, 0);
    unsent.add(Run.record(data, state, cut.name, data.pace_wpm));
    say("The end, after " + took + ". Recording …", null, 0);
    return sendAll("The end, after " + took + ". ");
  }

  async function sendAll(before) {
    var why = "";
    for (var entry of unsent.all()) {
      var answer = await Run.send(entry);
      if (answer.kept) unsent.drop(entry.id);
      else why = answer.why;
    }
    var rest = unsent.all();
    if (!rest.length) return say(before + "Recorded in the log.", null, 0);
    var many = rest.length === 1 ? "One rehearsal is" : rest.length + " rehearsals are";
    return say(before + (why ? "Not recorded: " + why + ". " : "") + many + " kept in this browser. ", downloader(), 0);
  }

  function downloader() {
    var button = document.createElement("button");
    button.textContent = "Download";
    button.addEventListener("click", function () { Run.download(data, unsent.all()); });
    return button;
  }

  function link(to, text) {
    var made = document.createElement("a");
    made.href = to.address;
    made.target = to.name;
    made.rel = "opener";
    made.textContent = text;
    return made;
  }

  var keeps = true;
  function keep() {
    var kept = Run.keep(data, state, { id: runId, cut: cut.name, pace: pace }, Date.now());
    if (!kept && keeps) say("This browser keeps nothing: a reload would lose the clock.", null, 0);
    keeps = kept;
  }

  // --- What is shown ---------------------------------------------------------------------------

  var until = 0, said = false;
  function say(text, more, ms) {
    var box = id("message");
    box.textContent = text;
    if (more) box.appendChild(more);
    until = ms === 0 ? Infinity : Date.now() + (ms || SHOWN_MS);
    said = true;
  }

  function view() {
    return Plan.view(data, state, Date.now(), { cut: cut.name, pace: pace, read: prompter.read() });
  }

  function render() {
    var now = Date.now();
    var mode = panels.render(view(), cut, pace, now);
    if (Date.now() > until) said = false;
    if (!said || (mode && until !== Infinity && state.mode !== "running")) standing(mode);
    id("cut").disabled = state.mode !== "idle";
    var audience = screens.isAlive() ? (black ? "Audience: black" : "Audience: in step") : "No audience window: S";
    if (id("audience-state").textContent !== audience) id("audience-state").textContent = audience;
    drill.tick();
  }

  function standing(mode) {
    var text = mode;
    if (state.mode === "idle") text = "P starts the clock, or the first advance does. ? lists the keys.";
    if (state.mode === "ended") text = "Ended. R begins anew.";
    if (id("message").textContent !== text) id("message").textContent = text;
  }

  // --- Keys and buttons ------------------------------------------------------------------------

  // keys, their names, command, what it does, and the button's text where there is one.
  var KEYS = [
    [["ArrowRight", "PageDown", " ", "n"], "→ Space PgDn N", "next", "Next step or slide; the first one starts the clock", "Next"],
    [["ArrowLeft", "PageUp"], "← PgUp", "back", "Back; time already spent stays counted", "Back"],
    [["p"], "P", "pause", "Start the clock; stop it for a question; go on", "Start / pause"],
    [["q"], "Q", "qa", "Q&A begins or ends; its time is kept apart", "Q&A"],
    [["x"], "X", "skip", "Skip the next optional part", "Skip"],
    [["z"], "Z", "unskip", "Take the last skip back"],
    [["s"], "S", "audience", "Open the audience’s window", "Audience"],
    [["b", "."], "B .", "black", "Audience’s window black, and back"],
    [["ArrowUp"], "↑", "up", "Script: one line back"],
    [["ArrowDown"], "↓", "down", "Script: one line on"],
    [["a"], "A", "scroll", "Script scrolls by itself, or waits"],
    [["+", "="], "+", "faster", "Script scrolls faster"],
    [["-"], "−", "slower", "Script scrolls slower"],
    [["Home"], "Home", "first", "First slide"],
    [["End"], "End", "last", "Last slide"],
    [["r"], "R", "reset", "Reset the clock; the slide stays", "Reset"],
    [["u"], "U", "undo", "Undo the reset", "Undo"],
    [["e"], "E E", "end", live ? "End the talk" : "End and record", "End"],
    [["d"], "D", "drill", "Drill: questions at random", "Drill"],
    [["?", "F1"], "?", "help", "These keys", "?"],
  ];
  var MORE = [
    ["1 … 9, Enter", "Go to the slide of that number"],
    ["In the drill", "Space: the answer, then the next question · N: next question · G: its slide · Esc: leave"],
  ];
  var byKey = {};
  KEYS.forEach(function (row) {
    row[0].forEach(function (key) { byKey[key] = row[2]; });
    line(row[1], row[3]);
    if (!row[4]) return;
    var button = document.createElement("button");
    button.textContent = row[4];
    if (row[4] === "?") button.setAttribute("aria-label", "Keys");
    button.dataset.command = row[2];
    button.addEventListener("click", function (event) {
      if (event.detail) button.blur(); // the space bar goes on being an advance
      commands[row[2]]();
    });
    document.querySelector("nav").appendChild(button);
  });
  MORE.forEach(function (row) { line(row[0], row[1]); });

  function line(keys, text) {
    var row = id("help").querySelector("tbody").insertRow();
    var head = document.createElement("th");
    head.scope = "row";
    head.textContent = keys;
    row.appendChild(head);
    row.insertCell().textContent = text;
  }

  function drillKey(key) {
    if (key === " " || key === "Enter") drill.answer();
    else if (key === "n" || key === "ArrowRight" || key === "PageDown") drill.next();
    else if (key === "Escape") drill.close();
    else if (key === "g" && drill.slide() !== null) go({ slide: drill.slide(), step: data.slides[drill.slide()].steps });
    else return false;
    return true;
  }

  var digits = "";
  addEventListener("keydown", function (event) {
    var key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    var onControl = event.target.closest && event.target.closest("button, a, select");
    if (onControl && (key === " " || key === "Enter" || event.target.tagName === "SELECT")) return;
    if (drill.isOpen() && drillKey(key)) return event.preventDefault();
    if (/^\d$/.test(key)) {
      digits = (digits + key).slice(-3);
      return say("Slide " + digits + ": Enter goes there.");
    }
    if (key === "Enter" && digits) {
      var to = data.slides.findIndex(function (slide) { return slide.number === Number(digits); });
      if (to >= 0) go({ slide: to, step: 0 });
      else say("There is no slide " + digits + ".");
      digits = "";
      return event.preventDefault();
    }
    digits = "";
    if (!byKey[key]) return undefined;
    event.preventDefault();
    return commands[byKey[key]]();
  });

  // --- The day itself --------------------------------------------------------------------------

  var wake = null;
  async function stayAwake() {
    if (!live || !navigator.wakeLock || document.hidden) return;
    try { wake = await navigator.wakeLock.request("screen"); } catch (error) { wake = null; }
    document.body.dataset.awake = String(!!wake);
  }
  if (live) {
    document.querySelector("h1 .kind").textContent = "Live";
    document.title = document.title.replace("Rehearse", "Live");
    document.addEventListener("visibilitychange", stayAwake);
    addEventListener("beforeunload", function (event) {
      if (state.started === null || state.mode === "ended") return;
      event.preventDefault();
      event.returnValue = ""; // older browsers ask only for this
    });
    stayAwake();
  }

  // --- Begin -----------------------------------------------------------------------------------

  data.cuts.forEach(function (one) {
    var length = one.slots_s.reduce(function (total, slot) { return total + slot; }, 0);
    id("cut").add(new Option(one.title + ", " + panels.clock(length), one.name, false, one === cut));
  });
  id("cut").addEventListener("change", function () {
    cut = Plan.cutNamed(data, id("cut").value);
    id("cut").blur();
    showScript();
    keep();
    render();
  });
  showScript();
  showPlace();
  render();
  keep();
  Run.forgetOld(data, Date.now());
  if (!live && unsent.all().length) sendAll("");
  if (found && state.started !== null && state.mode !== "ended") say("The rehearsal goes on where it was. R resets the clock.");
  var last = Date.now();
  setInterval(function () {
    var now = Date.now();
    if (state.mode === "running" && scrolls && !drill.isOpen()) prompter.advance((now - last) / 1000);
    if (Math.floor(now / 1000) !== Math.floor(last / 1000)) keep();
    last = now;
    render();
  }, TICK_MS);
  addEventListener("pagehide", keep);
  addEventListener("resize", prompter.place);
  document.documentElement.dataset.ready = "true";
})();
