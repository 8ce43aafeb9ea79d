// The live demo: a text, what the run's models say of it, and what moved the answer. Before the
// model is ready the recorded examples stand in the same place. Exists only in a served deck.
var LiveDemo = (function () {
  "use strict";
  var KEY = "live-demo-text", TYPING_MS = 120, THINK_MS = 250;
  var who = Math.random().toString(36).slice(2);
  var run = null, now = { name: "loading", note: "" }, mode = "classify";
  var panel, button, field, pick, word, out, asking = null, timer = 0, opener = null;
  var texts = { classify: "", next: "" };

  function element(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function modeOf(slide) {
    if (!slide) return null;
    if (slide.classList.contains("layout-demo")) return "classify";
    return slide.querySelector('[data-picture^="next-token"]') ? "next" : null;
  }

  function share(value) {
    if (value < 1 && value >= 0.9995) return ">99.9%";
    return (100 * value).toFixed(value < 0.0995 ? 2 : 1) + "%";
  }

  function tone(label) { return label === run.positive ? "positive" : "negative"; }

  // --- What is shown ---------------------------------------------------------------------------

  function verdicts(said) {
    var row = element("div", "verdicts");
    Object.keys(run.names).forEach(function (name) {
      var one = said[name];
      if (!one) return;
      var box = element("div", "verdict " + tone(one.label));
      box.append(element("p", "by", run.names[name]));
      var line = element("p", "says");
      line.append(element("b", "", one.label), document.createTextNode(" " + share(one.confidence)));
      var bar = element("span", "bar-of");
      bar.style.setProperty("--share", one.confidence);
      bar.setAttribute("aria-hidden", "true");
      box.append(line, bar);
      row.append(box);
    });
    return row;
  }

  function chips(tokens) {
    var row = element("p", tokens.length > 60 ? "tokens many" : "tokens");
    row.setAttribute("aria-label", "The text as tokens");
    tokens.forEach(function (token) { row.append(element("span", "live-token", token.replace(/\n/g, "↵"))); });
    return row;
  }

  function note(text) { return element("p", "note", text); }

  function showVerdicts(found, recorded) {
    out.replaceChildren(verdicts(found.said));
    if (found.tokens) {
      out.append(chips(found.tokens));
      out.append(note(found.unread
        ? "Far too long: only its beginning is read, by the fine-tuned model the first " + found.tokens.length + " tokens."
        : found.beyond
        ? "The model reads the first " + found.tokens.length + " tokens; " + found.beyond + " more are cut off."
        : found.tokens.length + " tokens, as the model sees them."));
    }
    if (recorded) out.append(note("Recorded in the run, not live" + (found.expected ? "; right is: " + found.expected : "") + "."));
    word.textContent = recorded ? "recorded" : "live";
    panel.dataset.live = recorded ? "no" : "yes";
  }

  function showMoved(found) {
    var all = out.querySelectorAll(".live-token");
    var most = Math.max.apply(null, found.changes.map(Math.abs).concat(0.02));
    found.changes.forEach(function (change, index) {
      var piece = found.pieces[index];
      for (var at = piece[0]; at < piece[1]; at += 1) {
        if (!all[at]) continue;
        all[at].classList.add(change >= 0 ? "positive" : "negative");
        all[at].style.setProperty("--moved", (Math.abs(change) / most).toFixed(3));
        all[at].title = (change >= 0 ? "+" : "−") + share(Math.abs(change)) + " " + run.positive;
      }
    });
    var strongest = found.changes.reduce(function (best, change, index) {
      return Math.abs(change) > Math.abs(found.changes[best]) ? index : best;
    }, 0);
    var piece = found.pieces[strongest];
    var text = [].slice.call(all, piece[0], piece[1]).map(function (one) { return one.textContent; }).join("");
    var size = found.pieces.length && found.pieces[0][1] - found.pieces[0][0];
    var line = out.querySelector(".note");
    if (line) {
      line.textContent = "Each " + (size > 1 ? size + " tokens" : "token") + " left out in turn: “" + text.trim() + "” moves " +
        run.positive + " most, by " + share(Math.abs(found.changes[strongest])) + ".";
    }
  }

  function showNext(found, recorded) {
    var list = element("ol", "candidates");
    found.candidates.forEach(function (candidate) {
      var item = element("li");
      var choose = element("button", "", candidate[0].replace(/\n/g, "↵") || "∅");
      choose.type = "button";
      choose.title = "Go on with this one";
      choose.onclick = function () { type(field.value + candidate[0]); };
      var bar = element("span", "bar-of");
      bar.style.setProperty("--share", candidate[1]);
      item.append(choose, bar, element("span", "share", share(candidate[1])));
      list.append(item);
    });
    out.replaceChildren(list);
    if (found.tokens) out.append(chips(found.tokens));
    out.append(note(recorded ? "Recorded in the run, not live." : "What " + run.model + " takes for likely, before any fine-tuning. Enter takes the first."));
    word.textContent = recorded ? "recorded" : "live";
    panel.dataset.live = recorded ? "no" : "yes";
  }

  function tell(text) {
    out.replaceChildren(note(text));
    word.textContent = now.name === "ready" ? "live" : "recorded";
  }

  // --- Asking ----------------------------------------------------------------------------------

  function ask(kind, text, signal) {
    return fetch("/live/" + kind, {
      method: "POST", signal: signal,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: text, who: who }),
    }).then(function (answer) {
      return answer.json().then(function (found) {
        if (answer.ok) return found;
        throw Object.assign(new Error(found.error || "no answer"), { wait: found.wait_s });
      });
    });
  }

  function recordedOf(text) {
    if (mode === "next") return run.prompts.find(function (one) { return one.prompt === text; });
    return run.examples.find(function (one) { return one.text === text; });
  }

  function refresh() {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = null;
    if (!run || panel.hidden) return;
    var text = field.value;
    if (!text.trim()) {
      tell(mode === "next" ? "Type the beginning of a sentence, or pick one." : "Type a message, or pick one.");
      return;
    }
    if (now.name !== "ready") {
      var kept = recordedOf(text);
      if (!kept) tell(waiting());
      else if (mode === "next") showNext(kept, true);
      else showVerdicts(kept, true);
      return;
    }
    timer = setTimeout(function () { request(mode, text); }, TYPING_MS);
  }

  function waiting() {
    if (now.name === "loading") return "The model is loading. The recorded ones can be picked already.";
    if (now.name === "gone") return "The server is gone. The recorded ones can be picked.";
    return "There is no live model" + (now.note ? ": " + now.note : "") + ". The recorded ones can be picked.";
  }

  function request(kind, text) {
    asking = new AbortController();
    var signal = asking.signal;
    ask(kind, text, signal).then(function (found) {
      if (signal.aborted) return;
      if (kind === "next") return showNext(found, false);
      showVerdicts(found, false);
      timer = setTimeout(function () {
        ask("moved", text, signal).then(function (moved) {
          if (!signal.aborted) showMoved(moved);
        }).catch(function () { /* the verdict stands without it */ });
      }, THINK_MS);
      return undefined;
    }).catch(function (error) {
      if (signal.aborted) return;
      if (error.wait) timer = setTimeout(function () { request(kind, text); }, 1000 * error.wait);
      else if (recordedOf(text)) (kind === "next" ? showNext : showVerdicts)(recordedOf(text), true);
      else tell("No answer: " + error.message);
    });
  }

  // --- The panel -------------------------------------------------------------------------------

  function type(text) {
    field.value = text;
    keep();
    refresh();
  }

  function keep() {
    texts[mode] = field.value;
    try { sessionStorage.setItem(KEY, JSON.stringify(texts)); } catch (error) { /* storage is shut off */ }
  }

  function offer() {
    pick.replaceChildren(element("option", "", "Pick one"));
    var all = mode === "next" ? run.prompts.map(function (one) { return one.prompt; })
      : run.examples.map(function (one) { return one.text; });
    all.forEach(function (text) {
      var option = element("option", "", text);
      option.value = text;
      pick.append(option);
    });
  }

  function turn(to) {
    mode = to;
    panel.dataset.mode = mode;
    field.value = texts[mode];
    field.placeholder = mode === "next" ? "The beginning of a sentence" : "A message";
    if (run) offer();
  }

  function place() {
    var box = document.querySelector(".slides").getBoundingClientRect();
    // The slide keeps its title: half a picture behind the panel would only distract.
    var title = Reveal.getCurrentSlide().querySelector("h1, h2");
    var top = title ? title.getBoundingClientRect().bottom : box.top;
    var style = panel.style;
    style.setProperty("--live-left", Math.max(0, box.left) + "px");
    style.setProperty("--live-width", Math.min(innerWidth, box.width) + "px");
    style.setProperty("--live-foot", Math.max(0, innerHeight - box.bottom) + "px");
    style.setProperty("--live-high", Math.max(0, box.bottom - top) + "px");
    button.style.setProperty("--live-right", Math.max(0, innerWidth - box.right) + "px");
    button.style.setProperty("--live-top", Math.max(0, box.top) + "px");
  }

  function open() {
    turn(modeOf(Reveal.getCurrentSlide()) || "classify");
    opener = document.activeElement;
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    place();
    field.focus();
    field.select();
    if (run) refresh();
    else fetchRun();
  }

  function close() {
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (asking) asking.abort();
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    else field.blur();
  }

  function toggle() {
    if (panel.hidden) open();
    else close();
  }

  function follow() {
    var here = modeOf(Reveal.getCurrentSlide());
    button.hidden = !here || !run;
    if (panel.hidden) return;
    if (!here) close();
    else if (here !== mode) { turn(here); place(); refresh(); }
  }

  function fetchRun() {
    fetch("/live/state").then(function (answer) { return answer.json(); }).then(function (found) {
      run = found.run;
      now = found.demo;
      if (!run) {
        panel.hidden = true;
        return;
      }
      offer();
      follow();
      refresh();
    }).catch(function () { /* the socket comes back, and then this is asked again */ });
  }

  function build() {
    panel = element("aside", "live-panel");
    panel.hidden = true;
    panel.setAttribute("aria-label", "Live demo");
    var bar = element("div", "ask");
    field = element("textarea");
    field.rows = 1;
    field.spellcheck = false;
    field.setAttribute("aria-label", "Text for the model");
    pick = element("select");
    pick.setAttribute("aria-label", "Pick a recorded one");
    word = element("span", "word");
    var shut = element("button", "shut", "×");
    shut.type = "button";
    shut.setAttribute("aria-label", "Close the live demo");
    shut.onclick = close;
    bar.append(field, pick, word, shut);
    out = element("div", "out");
    out.setAttribute("aria-live", "polite");
    panel.append(bar, out);
    button = element("button", "live-button", "Live ");
    button.type = "button";
    button.hidden = true;
    button.append(element("kbd", "", "L"));
    button.setAttribute("aria-expanded", "false");
    button.onclick = toggle;
    document.body.append(panel, button);
    field.addEventListener("input", function () { keep(); refresh(); });
    pick.addEventListener("change", function () {
      if (pick.selectedIndex > 0) type(pick.value);
      pick.selectedIndex = 0;
      field.focus();
    });
    // Keys typed here are no commands to the deck.
    panel.addEventListener("keydown", function (event) {
      event.stopPropagation();
      if (event.key === "Escape") close();
      if (event.key === "Enter" && event.target === field && !event.shiftKey) {
        event.preventDefault();
        var first = mode === "next" && out.querySelector(".candidates button");
        if (first) first.click();
      }
    });
  }

  function start() {
    try { texts = Object.assign(texts, JSON.parse(sessionStorage.getItem(KEY) || "{}")); } catch (error) { /* none kept */ }
    build();
    Reveal.addKeyBinding({ keyCode: 76, key: "L", description: "Live demo" }, toggle);
    Reveal.on("slidechanged", follow);
    Reveal.on("resize", place);
    document.addEventListener("deck-swapped", function () { follow(); place(); });
    place();
    fetchRun();
  }

  function state(found) {
    var before = now.name;
    now = found;
    if (!panel) return;
    if (!run) fetchRun();
    else if (before !== now.name) refresh();
  }

  return { start: start, state: state };
})();
