// The phone's page: it shows what the speaker's page says, and asks it to do something. It decides
// nothing: a press says which place it was pressed at, and counts only there.

const ANSWER_MS = 2000;
const SHOWN_MS = 4000;
const HAND_MS = 8000; // after a scroll by hand the script follows again
const THEME = "phone-theme";
const WHY = {
  late: tr("It came too late, and was not taken."),
  place: tr("The slide had moved: not taken."),
};
const GONE = {
  unpaired: tr("This phone is unpaired. A new code lets it in again: H on the speaker’s page."),
  unknown: tr("This phone isn’t known any more. A new code lets it in: H on the speaker’s page."),
  elsewhere: tr("The remote was opened once more on this phone."),
  noise: tr("The connection was cut: too many messages, or not understood."),
  full: tr("Too many phones are connected."),
};

const store = storage("localStorage");
const slides = createSlides();
const run = slides.token;
const script = find("#script");
/** @type {PhoneState | null} */
let state = null;
let stateAt = 0; // when it came
let presses = 0;
let pending = 0; // the press that waits for its answer
let isPageHere = true;
let shownScript = "";
let byHand = -Infinity;
let saysUntil = 0;
let lastSpent = { at: "", isOver: true };

/** @param {string} text */
function say(text) {
  put(find("#said"), text);
  saysUntil = performance.now() + SHOWN_MS;
}

/** @param {number[]} pattern in ms; where a phone can't, its edge lights up */
function shake(pattern) {
  if (navigator.vibrate?.(pattern)) return;
  document.body.classList.add("over");
  setTimeout(() => document.body.classList.remove("over"), 900);
}

// --- Presses -------------------------------------------------------------------------------------

/**
 * @param {HTMLElement} key
 * @param {string} why
 */
function refuse(key, why) {
  say(why);
  navigator.vibrate?.([40, 40, 40]);
  key.classList.add("refused");
  setTimeout(() => key.classList.remove("refused"), 600);
}

/** @type {HTMLElement} */
let pressed = find("#forward");

/**
 * @param {HTMLElement} key
 * @param {PhoneDoes} does
 * @param {string} at
 */
function press(key, does, at) {
  if (!state || !link.isFresh) return refuse(key, tr("No connection: nothing was sent."));
  if (!isPageHere) return refuse(key, tr("The speaker’s page is closed."));
  if (pending) return refuse(key, tr("The last press is still on its way."));
  presses += 1;
  const when = state.now + performance.now() - stateAt;
  if (!link.send({ type: "press", run, n: presses, does, at, when })) return;
  pending = presses;
  pressed = key;
  key.classList.add("sent");
  setTimeout(unanswered, ANSWER_MS, presses);
}

/** @param {number} n */
function unanswered(n) {
  if (pending !== n) return;
  settle();
  say(tr("No answer: look at the slide before you press again."));
}

function settle() {
  pending = 0;
  pressed.classList.remove("sent");
}

/** @param {number} n @param {"" | "late" | "place"} why */
function taken(n, why) {
  if (n !== pending) return;
  settle();
  if (why) refuse(pressed, WHY[why]);
}

// --- What is shown -------------------------------------------------------------------------------

/** The clocks: they go on by themselves between two messages. */
function showTimes() {
  if (!state) return;
  const since = state.mode === "running" ? (performance.now() - stateAt) / 1000 : 0;
  const spent = state.spent + since;
  showTime(find("#slide-time"), spent, state.slot);
  showTime(find("#talk-time"), state.elapsed + since, state.total);
  const verdict = find("#verdict");
  verdict.dataset.word = state.word;
  const isApart = state.word === "ahead" || state.word === "behind";
  put(verdict, VERDICTS[state.word] + (isApart ? ` ${clockTime(Math.abs(state.behind))}` : ""));
  const isOver = state.slot > 0 && spent > state.slot;
  const { slide } = state.place;
  if (isOver && !lastSpent.isOver && lastSpent.at === String(slide)) shake([200, 100, 200]);
  lastSpent = { at: String(slide), isOver };
}

/** @param {PhoneState} new_ */
function showState(new_) {
  state = new_;
  stateAt = performance.now();
  slides.match(state.size);
  slides.now.show(state.place);
  slides.next.show(state.next);
  put(find("#now-title"), state.title);
  put(find("#next-title"), state.then);
  document.body.toggleAttribute("data-black", state.isBlack);
  find("#black").ariaPressed = String(state.isBlack);
  const { skip } = state;
  const part = skip && { part: skip.part, gain: clockTime(skip.gain) };
  put(find("#skip"), part ? tr("Skip “{part}”: −{gain}", part) : tr("No optional part ahead"));
  /** @type {HTMLButtonElement} */ (find("#skip")).disabled = !skip;
  showTimes();
  showRead();
}

/** @param {PhoneScript} message */
function showScript({ of, lines }) {
  const key = JSON.stringify([of, lines]);
  if (key === shownScript) return; // after a reconnect: what is read stays where it is
  const isSame = parsed(shownScript)?.[0] === of;
  shownScript = key;
  const rows = lines.map(([className, text]) => {
    const tag = className.includes("code") ? "pre" : "p";
    return element(tag, { className, textContent: text });
  });
  const top = isSame ? script.scrollTop : 0;
  script.replaceChildren(...rows);
  script.scrollTop = top;
  if (!isSame) byHand = -Infinity;
  showRead();
}

/** The line that is read stands near the top, unless a hand scrolled just now. */
function showRead() {
  if (!state) return;
  const rows = /** @type {HTMLElement[]} */ ([...script.children]);
  const row = rows[state.read];
  if (!row || row.classList.contains("now")) return;
  rows.forEach((one) => one.classList.toggle("now", one === row));
  if (performance.now() - byHand < HAND_MS) return;
  script.scrollTo({ top: row.offsetTop - script.clientHeight * 0.2 });
}

function showLink() {
  const isAway = !link.isFresh;
  const { dataset } = document.body;
  if (isAway && dataset.link === "here") saysUntil = -Infinity;
  dataset.link = isAway ? "away" : isPageHere ? "here" : "alone";
  if (isAway && pending) {
    settle();
    say(tr("Not sure whether it arrived: look at the slide."));
  } else if (link.isEnded) {
    put(find("#said"), "");
  } else if (performance.now() > saysUntil) {
    const closed = isPageHere ? "" : tr("The speaker’s page is closed.");
    put(find("#said"), isAway ? tr("No connection. Trying again …") : closed);
  }
}

// --- Begin ---------------------------------------------------------------------------------------

/** @param {ToPhone} message */
function hear(message) {
  if (message.type === "state") showState(message);
  if (message.type === "script") showScript(message);
  if (message.type === "taken") taken(message.n, message.why);
  if (message.type === "page") isPageHere = message.here;
  showLink();
}

/** @param {string} why */
function gone(why) {
  const box = /** @type {HTMLDialogElement} */ (find("#gone"));
  const again = /** @type {HTMLButtonElement} */ (find("button", box));
  put(find("p", box), GONE[/** @type {keyof typeof GONE} */ (why)]);
  again.hidden = why === "unpaired" || why === "unknown";
  put(again, tr("Go on here"));
  again.onclick = () => {
    box.close();
    link.open();
  };
  showLink();
  if (!box.open) box.showModal();
}

/** Says so where the browser lets no page keep the screen on. */
function stayAwake() {
  keepAwake((isHeld) => {
    if (isHeld || document.hidden) return; // one that goes to the background holds nothing
    const advice = tr("The screen may go dark: have it stay on longer in the phone’s settings.");
    put(find("#awake"), advice);
    if (store.get("phone-awake-said")) return;
    store.set("phone-awake-said", "1");
    say(advice);
  });
}

/** @param {string | null} theme */
function setTheme(theme) {
  document.documentElement.dataset.theme = theme === "light" ? "light" : "dark";
}

function listen() {
  /** @type {[id: string, does: PhoneDoes, at: () => string][]} */
  const keys = [
    ["#forward", "next", () => state?.at ?? ""],
    ["#back", "back", () => state?.at ?? ""],
    ["#black", "black", () => String(state?.isBlack)],
    ["#skip", "skip", () => state?.skip?.at ?? ""],
  ];
  for (const [id, does, at] of keys) {
    const key = find(id);
    key.addEventListener("click", () => press(key, does, at()));
  }
  const more = /** @type {HTMLDialogElement} */ (find("#more"));
  find("#menu").addEventListener("click", () => more.showModal());
  find("#theme").addEventListener("click", () => {
    const theme = document.documentElement.dataset.theme === "light" ? "dark" : "light";
    store.set(THEME, theme);
    setTheme(theme);
  });
  find("#unpair").addEventListener("click", () => {
    more.close();
    if (!link.send({ type: "unpair" })) say(tr("No connection: nothing was sent."));
  });
  for (const type of ["touchmove", "wheel"]) {
    script.addEventListener(type, () => { byHand = performance.now(); }, { passive: true });
  }
  document.addEventListener("dblclick", (event) => event.preventDefault());
}

setTheme(store.get(THEME));
const link = new Link(hear, gone);
createPointer(find("#now"), (x, y, on) => link.send({ type: "pointer", x, y, on }));
listen();
stayAwake();
setInterval(() => {
  showTimes();
  showLink();
}, 200);
document.documentElement.dataset.ready = "true";
