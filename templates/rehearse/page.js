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

  function change(action, isRemote) {
    var before = state;
    state = Clock.apply(state, action, Date.now());
    var hasMoved = state.at !== before.at || state.step !== before.step;
    if (isRemote) state.moved = action.moved || state.moved;
    else if (hasMoved) screens.post(Object.assign({ type: "at" }, place())); // the audience first
    if (hasMoved) showPlace();
    if (state.at !== before.at || (state.mode === "qa") !== (before.mode === "qa")) showScript();
    else if (state.step > before.step) prompter.atStep(state.step);
    if (state.skips !== before.skips) showScript(prompter.read());
    keep();
    render();
  }

  // `how`: "at" and "hello" come from the audience's window; "jump" is no advance. Only an advance
  // starts the clock.
  function go(to, how) {
    if (!to) return;
    var peek = how === "hello" || how === "jump" || drill.isOpen();
    change({ type: "go", slide: to.slide, step: to.step, moved: to.moved, peek: peek }, how === "at" || how === "hello");
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
    first: function () { go({ slide: 0, step: 0 }, "jump"); },
    last: function () { go({ slide: data.slides.length - 1, step: 0 }, "jump"); },
    pause: function () { change({ type: "pause" }); },
    qa: function () { change({ type: "qa" }); },
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
    return say(before + (why ? "Not recorded: " + why + ". " : "") + many + " kept in this browser. ", downloader(rest), before ? 0 : 2 * SHOWN_MS);
  }

  // What was downloaded stays in the browser until the speaker says that it may go.
  function downloader(entries) {
    return button("Download", function () {
      Run.download(data, entries);
      say("Downloaded, to be taken in with rehearse --import. ", button("Forget it here", function () {
        entries.forEach(function (entry) { unsent.drop(entry.id); });
        say("Forgotten.");
      }), 0);
    });
  }

  function button(text, press) {
    var made = document.createElement("button");
    made.textContent = text;
    made.addEventListener("click", press);
    return made;
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
    box.setAttribute("aria-live", "polite");
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
    id("message").setAttribute("aria-live", mode ? "off" : "polite"); // a running time isn't read out
    if (id("message").textContent !== text) id("message").textContent = text;
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
  Keys({ commands: commands, say: say, go: go, drill: drill, slides: data.slides, live: live });
  if (live) Day(function () { return state.started !== null && state.mode !== "ended"; });
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
