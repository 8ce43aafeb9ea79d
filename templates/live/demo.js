// The live demo: a text, what the run's models say of it, and what moved the answer. Before the
// model is ready the recorded examples stand in the same place. Exists only in a served deck.

const TYPED_KEY = "live-demo-text";
const TYPING_MS = 120;
const THINK_MS = 250;

/** @typedef {"classify" | "next"} Mode */

/** @param {HTMLElement | undefined} slide @returns {Mode | null} */
function modeOf(slide) {
  if (slide?.classList.contains("layout-demo")) return "classify";
  return slide?.querySelector('[data-picture^="next-token"]') ? "next" : null;
}

/** @param {DemoState} state */
function waitingFor({ name, note }) {
  if (name === "loading") {
    return tr("The model is loading. The recorded ones can be picked already.");
  }
  if (name === "gone") return tr("The server is gone. The recorded ones can be picked.");
  const why = note && `: ${note}`;
  return tr("There is no live model{why}. The recorded ones can be picked.", { why });
}

/** What the server says where it gives no answer. @type {Record<string, string>} */
const REFUSALS = {
  "the text is empty": tr("the text is empty"),
  "the model isn't ready": tr("the model isn't ready"),
  "too many ask at once": tr("too many ask at once"),
  "that took too long": tr("that took too long"),
};

/** An answer that did not come; `wait_s`: it may be asked for again. */
class NoAnswer extends Error {
  /** @param {{ error?: string, wait_s?: number }} found */
  constructor({ error, wait_s: wait }) {
    super(error ? (REFUSALS[error] ?? error) : tr("no answer"));
    this.wait = wait;
  }
}

const who = Math.random().toString(36).slice(2); // whose later question replaces the earlier one

/**
 * @param {string} kind
 * @param {string} text
 * @param {AbortSignal} signal
 */
async function ask(kind, text, signal) {
  const answer = await fetch(`/live/${kind}`, {
    method: "POST",
    signal,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text, who }),
  });
  const found = await answer.json();
  if (!answer.ok) throw new NoAnswer(found);
  return found;
}

const field = element("textarea", {
  rows: 1, spellcheck: false, ariaLabel: tr("Text for the model"),
});
const pick = element("select", { ariaLabel: tr("Pick a recorded one") });
const word = element("span", { className: "word" });
const shut = element("button", { className: "shut", type: "button" }, "×");
shut.ariaLabel = tr("Close the live demo");
const out = element("div", { className: "out", ariaLive: "polite" });
const panel = element(
  "aside",
  { className: "live-panel", hidden: true, ariaLabel: tr("Live demo") },
  element("div", { className: "ask" }, field, pick, word, shut),
  out,
);
const button = element(
  "button",
  { className: "live-button", type: "button", hidden: true, ariaExpanded: "false" },
  `${tr("Live")} `,
  element("kbd", {}, "L"),
);

const kept = storage("sessionStorage");
/** @type {DemoRun | null} */
let run = null;
/** @type {DemoState} */
let demoState = { name: "loading", note: "" };
/** @type {Mode} */
let mode = "classify";
/** @type {Record<Mode, string>} */
const texts = { classify: "", next: "", ...parsed(kept.get(TYPED_KEY)) };
let asking = new AbortController();
let timer = 0;
/** @type {HTMLElement | null} */
let demoOpener = null;

// --- What is shown --------------------------------------------------------------------------

/**
 * @param {Verdicts & NextTokens} found
 * @param {DemoRun} from
 * @param {boolean} isRecorded
 */
function showAnswer(found, from, isRecorded) {
  const parts =
    mode === "next"
      ? nextParts(found, from, isRecorded, (token) => typeText(field.value + token))
      : verdictParts(found, from, isRecorded);
  out.replaceChildren(...parts);
  word.textContent = isRecorded ? tr("recorded") : tr("live");
  panel.dataset.live = isRecorded ? "no" : "yes";
}

/** @param {string} text */
function tellInDemo(text) {
  out.replaceChildren(noteLine(text));
  word.textContent = demoState.name === "ready" ? tr("live") : tr("recorded");
}

/** What can be picked: each text with the run's own answer. @returns {[string, any][]} */
function recordedOnes() {
  if (!run) return [];
  if (mode === "next") return run.prompts.map((one) => [one.prompt, one]);
  return run.examples.map((one) => [one.text, one]);
}

/** @param {string} text */
const recordedOf = (text) => new Map(recordedOnes()).get(text);

// --- Asking ---------------------------------------------------------------------------------

function refreshDemo() {
  clearTimeout(timer);
  asking.abort();
  if (!run || panel.hidden) return;
  const text = field.value;
  const recordedOne = recordedOf(text);
  if (!text.trim()) {
    tellInDemo(
      mode === "next"
        ? tr("Type the beginning of a sentence, or pick one.")
        : tr("Type a message, or pick one."),
    );
  } else if (demoState.name === "ready") {
    timer = setTimeout(requestAnswer, TYPING_MS, run, text);
  } else if (recordedOne) {
    showAnswer(recordedOne, run, true);
  } else {
    tellInDemo(waitingFor(demoState));
  }
}

/**
 * @param {DemoRun} from
 * @param {string} text
 */
async function requestAnswer(from, text) {
  asking = new AbortController();
  const { signal } = asking;
  try {
    const found = await ask(mode, text, signal);
    if (signal.aborted) return;
    showAnswer(found, from, false);
    if (mode === "classify") timer = setTimeout(requestMoved, THINK_MS, from, text, signal);
  } catch (error) {
    if (signal.aborted) return;
    const recordedOne = recordedOf(text);
    if (error instanceof NoAnswer && error.wait) {
      timer = setTimeout(requestAnswer, 1000 * error.wait, from, text);
    } else if (recordedOne) {
      showAnswer(recordedOne, from, true);
    } else {
      const why = error instanceof Error ? error.message : String(error);
      tellInDemo(tr("No answer: {why}", { why }));
    }
  }
}

/**
 * The verdict stands without it.
 * @param {DemoRun} from
 * @param {string} text
 * @param {AbortSignal} signal
 */
async function requestMoved(from, text, signal) {
  const found = await ask("moved", text, signal).catch(() => null);
  if (found && !signal.aborted) markMoved(out, found, found.label ?? from.positive);
}

async function fetchRun() {
  // Without an answer: the socket comes back, and then this is asked again.
  const found = await fetch("/live/state").then((answer) => answer.json()).catch(() => null);
  if (!found) return;
  run = found.run;
  demoState = found.demo;
  if (!run) {
    panel.hidden = true;
    return;
  }
  offerRecorded();
  followSlide();
  refreshDemo();
}

// --- The panel ------------------------------------------------------------------------------

/** @param {string} text */
function typeText(text) {
  field.value = text;
  keepTexts();
  refreshDemo();
}

function keepTexts() {
  texts[mode] = field.value;
  kept.set(TYPED_KEY, JSON.stringify(texts));
}

function offerRecorded() {
  const options = recordedOnes().map(([text]) => element("option", { value: text }, text));
  pick.replaceChildren(element("option", {}, tr("Pick one")), ...options);
}

/** @param {Mode} to */
function turnTo(to) {
  mode = to;
  panel.dataset.mode = mode;
  field.value = texts[mode];
  field.placeholder = mode === "next" ? tr("The beginning of a sentence") : tr("A message");
  offerRecorded();
}

function placeDemo() {
  const box = find(".slides").getBoundingClientRect();
  // The slide keeps its title: half a picture behind the panel would only distract.
  const title = Reveal.getCurrentSlide().querySelector("h1, h2");
  const top = title ? title.getBoundingClientRect().bottom : box.top;
  const sizes = {
    left: box.left,
    width: Math.min(innerWidth, box.width),
    foot: innerHeight - box.bottom,
    high: box.bottom - top,
    right: innerWidth - box.right,
    top: box.top,
  };
  for (const [name, size] of Object.entries(sizes)) {
    for (const { style } of [panel, button]) {
      style.setProperty(`--live-${name}`, `${Math.max(0, size)}px`);
    }
  }
}

function openDemo() {
  turnTo(modeOf(Reveal.getCurrentSlide()) ?? "classify");
  demoOpener = /** @type {HTMLElement | null} */ (document.activeElement);
  panel.hidden = false;
  button.ariaExpanded = "true";
  placeDemo();
  field.focus();
  field.select();
  if (run) refreshDemo();
  else fetchRun();
}

function closeDemo() {
  panel.hidden = true;
  button.ariaExpanded = "false";
  clearTimeout(timer);
  asking.abort();
  if (demoOpener?.isConnected) demoOpener.focus({ preventScroll: true });
  else field.blur();
}

const toggleDemo = () => (panel.hidden ? openDemo() : closeDemo());

function followSlide() {
  const here = modeOf(Reveal.getCurrentSlide());
  button.hidden = !here || !run;
  if (panel.hidden) return;
  if (!here) {
    closeDemo();
  } else if (here !== mode) {
    turnTo(here);
    placeDemo();
    refreshDemo();
  }
}

function listenToDemo() {
  shut.onclick = closeDemo;
  button.onclick = toggleDemo;
  field.addEventListener("input", () => {
    keepTexts();
    refreshDemo();
  });
  pick.addEventListener("change", () => {
    if (pick.selectedIndex > 0) typeText(pick.value);
    pick.selectedIndex = 0;
    field.focus();
  });
  panel.addEventListener("keydown", (event) => {
    event.stopPropagation(); // keys typed here are no commands to the deck
    if (event.key === "Escape") closeDemo();
    if (event.key === "Enter" && event.target === field && !event.shiftKey) {
      event.preventDefault();
      if (mode === "next") findAll(".candidates button", out)[0]?.click();
    }
  });
  deckKey("L", tr("Live demo"), toggleDemo);
  Reveal.on("slidechanged", followSlide);
  Reveal.on("resize", placeDemo);
  document.addEventListener("deck-swapped", () => {
    followSlide();
    placeDemo();
  });
}

/** Puts the demo into the deck. */
function startDemo() {
  document.body.append(panel, button);
  listenToDemo();
  placeDemo();
  fetchRun();
}

/**
 * The model is loading, ready, gone.
 * @param {DemoState} found
 */
function hearDemo(found) {
  const before = demoState.name;
  demoState = found;
  if (!panel.isConnected) return;
  if (!run) fetchRun();
  else if (before !== demoState.name) refreshDemo();
}
