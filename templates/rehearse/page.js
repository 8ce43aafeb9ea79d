// The page: one state, one place where it changes, and the commands that change it.

const SHOWN_MS = 6000; // a message
const SURE_MS = 4000; // between the two presses that end the talk
const TICK_MS = 100;

/** @type {TalkData} */
const data = readData("talk-data");
const { slides } = data;
const query = new URLSearchParams(location.search);
const isLive = query.has("live");
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const message = find("#message");
/** @type {HTMLSelectElement} */
const cutPicker = find("#cut");

let state = freshClock(newToken());
let runId = state.id; // of the browser's storage; a reset makes new records, not new storage
let cut = cutNamed(data, data.cut);
let paceWpm = data.pace_wpm;
let doesScroll = true; // the script, by itself
let isBlack = false; // the audience's window
let isKept = true; // the state, in this browser
let isSaying = false;
let saysUntil = 0;
let wasEnding = -Infinity; // the first of the two presses
/** @type {Promise<void>} */
let sending = Promise.resolve(); // of what was recorded
let last = moment(); // when the clock was looked at

const prompter = new Prompter(find("#prompter"), () => reducedMotion.matches);
const drill = new Drill(data);
const backups = new Backups(data, (slide) => showBackup(slide) || showTalk());
const unsent = createUnsent(data.talk);
let pairToken = [query.get("pair"), session.get("presenter-pair")].find(isToken) ?? newToken();
const projector = new Projector(say);
const captions = new Captions((told) => screens.pair.post(told));
/** @type {ReturnType<typeof createScreens>} */
let screens; // once it is known which run goes on
/** @type {ReturnType<typeof createDrawing>} */
let drawing; // on the picture of the slide

function place() {
  return { slide: state.at, step: state.step, moved: state.moved };
}

/** @returns {Moment} */
function moment() {
  return { steady: performance.now(), wall: Date.now() };
}

/** What the picture of the slide shows: its name there, and its step. */
function placeShown() {
  const { shown } = backups;
  const { step } = shown ? backups.place : state;
  return { slide: (shown ?? slides[state.at]).name, step };
}

function isRunning() {
  return state.started !== null && state.mode !== "ended";
}

function view() {
  const options = { cut: cut.name, pace: paceWpm, read: prompter.read };
  return planView(data, state, performance.now(), options);
}

// --- What changes it -----------------------------------------------------------------------------

/**
 * @param {ClockAction} action
 * @param {boolean} [isRemote] it happened in the audience's window
 */
function change(action, isRemote = false) {
  wake();
  const before = state;
  state = applyAction(state, action, performance.now(), Date.now());
  const wasBehind = action.type === "go" && backups.leave();
  const hasMoved = wasBehind || state.at !== before.at || state.step !== before.step;
  if (hasMoved && !isRemote) screens.pair.post({ type: "at", ...place() }); // the audience first
  if (hasMoved) showPlace();
  const isOther = state.at !== before.at || (state.mode === "qa") !== (before.mode === "qa");
  if (isOther || wasBehind) showScript();
  else if (state.step > before.step) prompter.atStep(state.step);
  if (state.skips !== before.skips) showScript(prompter.read);
  const rests = state.mode === "paused" || state.mode === "qa";
  if (rests && state.mode !== before.mode && saysUntil !== Infinity) isSaying = false;
  keep();
  render();
}

/**
 * A backup is shown here and to the audience; the talk stays where it is. Whether there is one.
 * @param {number} slide its place in the deck
 * @param {boolean} [isRemote] the audience's window shows it already
 */
function showBackup(slide, isRemote = false) {
  if (!backups.take(slide)) return false;
  const to = { ...backups.place, moved: movedAfter(state.moved) };
  if (!isRemote) screens.pair.post({ type: "at", ...to });
  showPlace();
  showScript();
  return true;
}

function showTalk() {
  screens.pair.post({ type: "at", ...place(), moved: movedAfter(state.moved) });
  showPlace();
  showScript();
}

/** Whether a backup was shown: an advance leads back to the talk first. */
function leaveBackup() {
  const wasShown = backups.leave();
  if (wasShown) showTalk();
  return wasShown;
}

/**
 * Only an advance starts the clock.
 * @param {Place | null} to
 * @param {string} [how] "at" and "hello" come from the audience's window; "jump" is no advance
 * @param {number} [moved] by the audience's window
 */
function go(to, how = "", moved = movedAfter(state.moved)) {
  const peek = how === "hello" || how === "jump" || drill.isOpen;
  if (to) change({ type: "go", ...to, moved, peek }, how === "at" || how === "hello");
}

/**
 * What the audience's window says.
 * @param {PairMessage} said
 */
function hear(said) {
  const { type, slide, step, moved, on } = said;
  if (type === "at" || type === "hello") {
    if (Number(moved) > state.moved) showBackup(Number(slide), true);
    const steps = slides[Number(slide)]?.steps;
    const isPlace = Number.isInteger(slide) && Number.isInteger(step) && steps !== undefined;
    if (isPlace && Number(moved) > state.moved) {
      const to = { slide: Number(slide), step: Math.max(0, Math.min(Number(step), steps)) };
      go(to, type, moved);
    }
  }
  if (said.tall) screens.match(said.tall);
  if (type === "black") isBlack = !!on;
  if (type === "focus") window.focus();
  if (type === "paint") projector.hear(said);
  if (type === "shown") projector.build = said.build ?? projector.build;
  if (type === "bye") projector.forget();
  drawing?.hear(said);
  if (type === "found" || type === "lost") render();
}

/**
 * After a long time in which nobody looked at the clock it stands, and asks, as after a reload: the
 * machine slept, or somebody set its clock.
 */
function wake() {
  const seen = last;
  last = moment();
  const away = longAbsence(seen, last);
  if (!away) return;
  state = awake(state, seen.steady, last.steady, away);
  if (awayPause(state)) isSaying = false;
}

// --- The commands --------------------------------------------------------------------------------

/** @param {number} wanted words a minute */
function setPace(wanted) {
  paceWpm = Math.max(60, Math.min(600, wanted));
  showScript(prompter.read);
  keep();
  say(tr("The script scrolls at {pace} words a minute.", { pace: paceWpm }));
}

/** @type {Record<string, () => void>} */
const commands = {
  next: () => leaveBackup() || go(placeAfter(slides, place())),
  back: () => leaveBackup() || go(placeBefore(slides, place())),
  first: () => go({ slide: 0, step: 0 }, "jump"),
  last: () => go({ slide: slides.length - 1, step: 0 }, "jump"),
  pause: () => change({ type: "pause" }),
  count() {
    if (!awayPause(state)) return say(tr("Nothing is to be counted: nobody was away."));
    change({ type: "count" });
    say(tr("The time away is counted."));
  },
  qa: () => change({ type: "qa" }),
  reset() {
    const isAnew = state.mode === "ended"; // amid a talk the audience goes on seeing its slide
    change({ type: "reset", id: newToken() });
    if (isAnew) commands.first();
    say(tr("The clock is reset. U undoes it."));
  },
  undo() {
    if (!state.kept.length) return say(tr("There is no reset to undo."));
    change({ type: "undo" });
    showScript();
    say(tr("The clock that was reset is back."));
  },
  skip() {
    const part = view().skip;
    if (!part) return say(tr("There is no optional part ahead."));
    change({ type: "skip", ...part });
    const skipped = { part: part.part, gain: clockTime(part.gain) };
    say(tr("Skipped “{part}”: {gain} gained. Z takes it back.", skipped));
  },
  unskip() {
    const skipped = state.skips.at(-1);
    if (!skipped) return say(tr("Nothing was skipped."));
    change({ type: "unskip" });
    say(tr("“{part}” is back.", { part: skipped.part }));
  },
  end,
  audience: () => openAudience(screens, projector, say),
  full() {
    if (!screens.pair.isAlive || !hasAudience(screens.pair, projector)) {
      return say(tr("There is no audience’s window: S opens one."));
    }
    const { availLeft: left, availTop: top } = screen;
    handOn(screens.pair, { type: "full", left, top }, "fullscreen");
    projector.sayWhereToPress();
  },
  projector() {
    projector.toggle();
    render();
  },
  captions() {
    captions.toggle();
    const on = tr("Live captions are on: they follow the voice (rehearse --voice).");
    say(captions.isWanted ? on : tr("Live captions are off."));
  },
  black() {
    isBlack = !isBlack;
    screens.pair.post({ type: "black", on: isBlack });
    render();
  },
  scroll() {
    doesScroll = !doesScroll;
    const scrolls = tr("The script scrolls at {pace} words a minute.", { pace: paceWpm });
    say(doesScroll ? scrolls : tr("The script waits for your hand."));
  },
  faster: () => setPace(paceWpm + 5),
  slower: () => setPace(paceWpm - 5),
  up: () => prompter.byLine(-1),
  down: () => prompter.byLine(1),
  drill() {
    if (drill.isOpen) drill.close();
    else if (data.questions.length) drill.open();
    else say(tr("The script has no questions."));
  },
  pointer: () => drawing.hold("pointer"),
  pen: () => drawing.hold("pen"),
  marker: () => drawing.hold("marker"),
  rubber: () => drawing.hold("rubber"),
  zoom: () => drawing.zoom(),
  help: () => /** @type {HTMLDialogElement} */ (find("#help")).showModal(),
};

// --- The end, and what is kept -------------------------------------------------------------------

function end() {
  if (state.started === null) return say(tr("The clock has not started."));
  if (state.mode === "ended") return say(tr("It has ended. R begins anew."));
  if (performance.now() - wasEnding > SURE_MS) {
    wasEnding = performance.now();
    const sure = tr("E again ends and records this rehearsal.");
    return say(isLive ? tr("E again ends the talk.") : sure);
  }
  change({ type: "end" });
  const took = tr("The end, after {time}.", { time: clockTime(talkMs(state) / 1000) });
  if (isLive) return say(took, "", Infinity);
  unsent.add(recordOf(data, state, cut.name));
  say(`${took} ${tr("Recording …")}`, "", Infinity);
  sending = sendAll(`${took} `);
}

/** @param {string} before what is said first */
async function sendAll(before) {
  let why = "";
  for (const record of unsent.all()) {
    const refused = await sendRecord(record);
    if (refused === null) unsent.drop(record.id);
    else why = refused;
  }
  const rest = unsent.all();
  if (!rest.length) return say(before + tr("Recorded in the log."), "", Infinity);
  const kept = trMany(
    "One rehearsal is kept in this browser.",
    "{n} rehearsals are kept in this browser.",
    rest.length,
  );
  const refusal = why && tr("Not recorded: {why}.", { why });
  const text = [before.trim(), refusal, kept].filter(Boolean).join(" ");
  say(`${text} `, downloader(rest), before ? Infinity : 2 * SHOWN_MS);
}

/**
 * What was downloaded stays in the browser until the speaker says that it may go.
 * @param {RehearsalRecord[]} records
 */
function downloader(records) {
  const forget = button(tr("Forget it here"), () => {
    records.forEach(({ id }) => unsent.drop(id));
    say(tr("Forgotten."));
  });
  return button(tr("Download"), () => {
    downloadRecords(data.talk, records);
    const taken = tr("Downloaded, to be taken in with rehearse --import.");
    say(`${taken} `, forget, Infinity);
  });
}

/**
 * @param {string} text
 * @param {() => void} onclick
 */
function button(text, onclick) {
  return element("button", { onclick }, text);
}

function keep() {
  const seen = performance.now();
  const wasKept = isKept;
  isKept = keepRun(data.talk, {
    saved: Date.now(),
    seen,
    slides: slides.length,
    id: runId,
    cut: cut.name,
    pace: paceWpm,
    pair: pairToken,
    state: settled(state, seen),
  });
  if (!isKept && wasKept) {
    const warning = tr("This browser keeps nothing: a reload would lose the clock.");
    say(warning, "", Infinity);
  }
}

// --- What is shown -------------------------------------------------------------------------------

/**
 * @param {string} text
 * @param {Node | string} [more]
 * @param {number} [ms] how long it stays
 */
function say(text, more = "", ms = SHOWN_MS) {
  message.ariaLive = "polite";
  message.replaceChildren(text, more);
  saysUntil = performance.now() + ms;
  isSaying = true;
}

function showPlace() {
  const { shown } = backups;
  screens.show(shown && backups.place);
  drawing.moved();
  if (shown) showBackupTitle(shown, slides[state.at]);
  else showTitles(slides, place(), placeAfter(slides, place()));
}

/** @param {number} [from] seconds of the script; otherwise what was spent on the slide */
function showScript(from) {
  const { at, step, front, mode, skips } = state;
  /** @type {Item[]} */
  const closing = [{ kind: "head", text: tr("After the questions") }, ...data.closing];
  const isClosing = mode === "qa" && data.closing.length > 0;
  const items = backups.shown?.items ?? (isClosing ? closing : slides[at].items);
  const spent = at === front ? slideMs(settled(state, performance.now()), at) / 1000 : 0;
  prompter.show(scriptLines(items, cut, paceWpm, at, skips), from ?? spent);
  if (from === undefined && step) prompter.atStep(step);
}

function render() {
  const shown = view();
  showView(slides, shown, paceWpm);
  document.dispatchEvent(new CustomEvent("rehearsal-shown", { detail: shown }));
  const resting = restingText(shown, cut);
  if (performance.now() > saysUntil) isSaying = false;
  if (!isSaying) showStanding(resting);
  cutPicker.disabled = state.mode !== "idle";
  captions.allow(state.mode !== "qa" && state.mode !== "ended" && !isBlack);
  showAudience();
  drill.tick();
}

function showAudience() {
  const { isAlive } = screens.pair;
  const isClosed = isAllClosed(screens.pair);
  const at = backups.shown ? backups.place : place();
  const fault = projector.fault({ place: at, black: isBlack, isAlive });
  if (fault && isClosed) projector.forget();
  const none = !hasAudience(screens.pair, projector);
  const inStep = isBlack ? tr("Audience: black") : tr("Audience: in step");
  const captioned = captions.isOn ? `${inStep} · ${tr("captions")}` : inStep;
  const box = find("#audience-state");
  box.classList.toggle("fault", !!fault && !none);
  put(box, none ? tr("No audience window: S") : fault ? FAULTS[fault] : captioned);
  projector.show(!none);
}

/** @param {string} resting */
function showStanding(resting) {
  const texts = {
    idle: tr("P starts the clock, or the first advance does. ? lists the keys."),
    ended: tr("Ended. R begins anew."),
  };
  const away = awayPause(state);
  message.ariaLive = resting && !away ? "off" : "polite"; // a running time isn't read out
  if (away) return askToCount(clockTime(Number(away.away) / 1000));
  const { mode } = state;
  put(message, mode === "idle" || mode === "ended" ? texts[mode] : resting);
}

/**
 * What the time was in which nobody was there: asked until it is said.
 * @param {string} time
 */
function askToCount(time) {
  const text = tr("Away for {time}, and the clock stood.", { time });
  if (message.textContent?.startsWith(text)) return;
  const goOn = button(tr("P: not counted, go on"), commands.pause);
  const count = button(tr("T: it was part of the talk"), commands.count);
  message.replaceChildren(`${text} `, goOn, count);
}

// --- Begin ---------------------------------------------------------------------------------------

/**
 * The page as its guests have it: scripts before this one that hear "rehearsal".
 * @returns {RehearsalStage}
 */
function stage() {
  const now = () => ({
    id: state.id,
    slide: backups.shown ? "" : slides[state.at].name,
    cut: cut.name,
    skipped: state.skips.map(({ slide, part }) => ({ slide: slides[slide].name, part })),
    at_s: sinceStart(settled(state, performance.now())) / 1000,
    mode: state.mode,
  });
  const shown = () => {
    const after = backups.shown ? place() : placeAfter(slides, place());
    return { place: backups.shown ? backups.place : place(), after, isBlack };
  };
  const { pair } = screens;
  const told = { data, isLive, commands, keys: KEYS, say, pair, prompter, captions };
  return { ...told, now, shown, view, sent: () => sending };
}

/** Goes on with the run that was not ended, or begins one; returns how long it was away, in ms. */
async function beginRun() {
  const found = await resumeRun(data);
  if (found) {
    const away = Math.max(0, Date.now() - found.saved);
    state = awake(found.state, found.seen, performance.now(), away);
    ({ id: runId, pace: paceWpm } = found);
    if (!query.has("pair") && isToken(found.pair ?? null)) pairToken = found.pair ?? pairToken;
    cut = cutNamed(data, found.cut);
    const goesOn = isRunning() && !awayPause(state);
    if (goesOn) say(tr("The rehearsal goes on where it was. R resets the clock."));
    return;
  }
  await claimRun(runId);
  const start = slides.findIndex(({ name }) => `#/${name}` === location.hash.split("?")[0]);
  state = freshClock(runId, Math.max(0, start));
}

function listCuts() {
  for (const one of data.cuts) {
    const planned = sum(one.slots_s);
    const text = planned ? `${one.title}, ${clockTime(planned)}` : one.title;
    cutPicker.add(new Option(text, one.name, false, one === cut));
  }
  cutPicker.addEventListener("change", () => {
    cut = cutNamed(data, cutPicker.value);
    cutPicker.blur();
    showScript();
    keep();
    render();
  });
}

function tick() {
  const before = last;
  wake();
  const passed = (last.steady - before.steady) / 1000;
  if (prompter.isLed) prompter.glide(passed);
  else if (state.mode === "running" && doesScroll && !drill.isOpen) prompter.advance(passed);
  if (Math.floor(last.steady / 1000) !== Math.floor(before.steady / 1000)) keep();
  render();
}

async function beginPage() {
  await beginRun();
  session.set("presenter-pair", pairToken);
  const hello = () => ({ ...place(), captions: captions.isOn });
  screens = createScreens(slides, pairToken, hello, hear);
  drawing = createDrawing({ place: placeShown, post: (told) => screens.pair.post(told) });
  listCuts();
  document.dispatchEvent(new CustomEvent("rehearsal", { detail: stage() }));
  createKeys({ commands, say, go, showBackup, drill, slides, isLive });
  find("#audience-state").onclick = commands.projector;
  keepAwake((isHeld) => {
    projector.isAwake = isHeld;
    if (isLive && !isHeld && !document.hidden) say(tr("The screen may go to sleep: W says why."));
  });
  if (isLive) beginDay(isRunning);
  showScript();
  showPlace();
  render();
  keep();
  forgetOldRuns(data.talk);
  if (!isLive && unsent.all().length) sendAll("");
  last = moment();
  setInterval(tick, TICK_MS);
  addEventListener("pagehide", keep);
  addEventListener("resize", () => prompter.place());
  document.documentElement.dataset.ready = "true";
}

beginPage();
