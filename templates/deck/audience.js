// The deck beside a presenter's page: as the audience's window both follow each other; inside that
// page it shows what it is told. Loaded before the deck starts.

const PAIR_KEY = "deck-pair"; // a deck that opened its presenter's page finds it after a reload
const BOX_STYLE = `position: fixed; z-index: 50; inset: 16px 16px auto auto; margin: 0;
  padding: 14px 18px; border: 2px solid var(--ink); border-radius: 12px; background: var(--card);
  color: var(--ink); font: 600 20px/1.4 Manrope, sans-serif`;
const DRAWN = new Set(["pointer", "stroke", "ink", "zoom", "found"]);
const pairQuery = new URLSearchParams(location.search);
const pairRole = pairQuery.get("role");
let pairToken = pairQuery.get("pair");
/** @type {Pair | null} */
let pair = null;
let beatNow = () => {};
let opening = 0; // how often the speaker's page was asked for
let isApplying = false;
let lastTold = "";
let moved = 0;

function deckPlace() {
  const { h, f } = Reveal.getIndices();
  return { slide: h, step: f === undefined ? 0 : f + 1, moved, tall: Reveal.getConfig().height };
}

/** @param {{ slide?: number, step?: number }} place */
const placeKey = ({ slide, step }) => `${slide}/${step}`;

/** @param {PairMessage} message */
function showPlace(message) {
  const { slide, step } = message;
  if (!Number.isInteger(slide) || !Number.isInteger(step)) return;
  isApplying = true;
  Reveal.slide(Number(slide), 0, Number(step) - 1);
  isApplying = false;
  moved = message.moved || moved;
  lastTold = placeKey(message);
}

function tellPlace() {
  const key = placeKey(deckPlace());
  if (isApplying || key === lastTold) return;
  lastTold = key;
  moved = movedAfter(moved);
  pair?.post({ type: "at", ...deckPlace() });
}

/** @param {PairMessage} message */
function hearPresenter(message) {
  const { type, on } = message;
  if ((type === "at" || type === "hello") && Number(message.moved) > moved) showPlace(message);
  if (type === "black" && on !== Reveal.isPaused()) Reveal.togglePause(!!on);
  if (type === "close") window.close();
  if (type === "full") switchFull().then(beatNow);
  if (type === "caption") showCaption(String(message.text ?? ""));
  if (type === "lost") showCaption("");
  if (message.captions === false) leaveCaptions();
  if (DRAWN.has(type)) askDrawing({ message });
}

// The audience's window holds nothing of the script, whatever the deck was built with, and takes
// none that is still on its way.
function forgetScript() {
  findAll("aside.notes, #spoken").forEach((notes) => notes.remove());
  Object.defineProperty(window, "deckNotes", { value: {}, writable: false, configurable: true });
}

/** @param {string} token */
function follow(token) {
  if (pair) return pair;
  forgetScript();
  pairToken = token;
  storage("sessionStorage").set(PAIR_KEY, token);
  const joined = new Pair(token, "audience", deckPlace, hearPresenter);
  const moves = ["slidechanged", "fragmentshown", "fragmenthidden"];
  moves.forEach((type) => Reveal.on(type, tellPlace));
  for (const type of ["paused", "resumed"]) {
    Reveal.on(type, () => joined.post({ type: "black", on: type === "paused" }));
  }
  document.addEventListener("drawn", ({ detail }) => joined.post(detail));
  pair = joined;
  beatNow = startBeats((message) => joined.post(message));
  return joined;
}

/** The page on the speaker's display; this window goes to full screen on the other one. */
async function openPresenter() {
  if (pair?.isAlive) return pair.post({ type: "focus" });
  const press = (opening += 1);
  const isPlaced = placesWindows() && !find("#asking"); // pressed again: without an answer
  if (isPlaced && (await asksForDisplays())) {
    const why = tr("The browser asks for your screens: to show the slides on the projector.");
    showBox("asking", why);
  }
  const displays = isPlaced ? await findDisplays(false) : null;
  find("#asking")?.remove();
  if (press !== opening) return;
  // In this order: one press of a key is good for both.
  if (displays) root.requestFullscreen({ screen: displays.audience }).catch(() => {});
  const token = pairToken ?? newToken();
  const address = `rehearse.html?pair=${token}${location.hash}`;
  moved = movedAfter(moved);
  lastTold = placeKey(deckPlace());
  const look = displays ? fills(displays.speaker) : "";
  const opened = window.open(address, `presenter-${token.slice(0, 8)}`, look);
  const joined = follow(token);
  if (opened) joined.add(opened);
  else offerPresenter(address, token);
}

/**
 * A word in a corner of the window, one of a kind.
 * @param {string} id
 * @param {...(Node | string)} inside
 */
function showBox(id, ...inside) {
  const box = element("p", { id, role: "status" }, ...inside);
  box.style.cssText = BOX_STYLE;
  find(`#${id}`)?.remove();
  document.body.append(box);
}

/**
 * A browser that blocks the window lets the speaker open it by hand.
 * @param {string} address
 * @param {string} token
 */
function offerPresenter(address, token) {
  const link = element(
    "a",
    { href: address, target: `presenter-${token.slice(0, 8)}`, rel: "opener" },
    tr("Open the presenter's page"),
  );
  link.onclick = () => find("#blocked")?.remove();
  showBox("blocked", tr("The browser blocked the window."), " ", link);
}

// Inside the presenter's page: only that page is listened to.
function obeyPage() {
  addEventListener("message", ({ data, origin, source }) => {
    if (source !== parent || !isFromHere(origin)) return;
    if (data?.pair === pairToken && data.type === "show") showPlace(data);
  });
  Reveal.on("ready", () => {
    const build = deckBuild;
    parent.postMessage({ type: "shown", pair: pairToken, role: pairRole, build }, TARGET);
  });
}

if (!isToken(pairToken)) pairToken = null;
if (window !== parent) {
  if (pairToken && (pairRole === "current" || pairRole === "next")) {
    forgetScript();
    obeyPage();
  }
} else {
  const old = pairRole === "audience" ? pairToken : storage("sessionStorage").get(PAIR_KEY);
  if (pairRole === "audience" || isToken(old)) forgetScript();
  Reveal.on("ready", () => {
    if (isToken(old)) follow(old);
    if (pairQuery.has("full")) root.requestFullscreen().catch(() => {}); // where a site may
    deckKey("S", tr("Presenter's page"), openPresenter);
  });
}
