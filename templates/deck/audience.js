// The deck beside a presenter's page: as the audience's window both follow each other; inside that
// page it shows what it is told. Loaded before the deck starts.

const PAIR_KEY = "deck-pair"; // a deck that opened its presenter's page finds it after a reload
const DRAWN = new Set(["pointer", "stroke", "ink", "zoom", "found"]);
const pairQuery = new URLSearchParams(location.search);
const pairRole = pairQuery.get("role");
let pairToken = pairQuery.get("pair");
/** @type {Pair | null} */
let pair = null;
/** What only a window on a stage needs. @type {(wish: StageWish) => void} */
const askStage = lazily("stage");
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
  const { type } = message;
  if ((type === "at" || type === "hello") && Number(message.moved) > moved) showPlace(message);
  askStage({ message });
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
  document.addEventListener("drawn", ({ detail }) => joined.post(detail));
  pair = joined;
  askStage({ place: deckPlace, tell: (message) => joined.post(message) });
  return joined;
}

/** @param {string} [look] of its window: on the speaker's display */
function openPresenter(look = "popup") {
  const token = pairToken ?? newToken();
  const address = `rehearse.html?pair=${token}${location.hash}`;
  moved = movedAfter(moved);
  lastTold = placeKey(deckPlace());
  const target = `presenter-${token.slice(0, 8)}`;
  const opened = window.open(address, target, look);
  const joined = follow(token);
  if (opened) joined.add(opened);
  else askStage({ blocked: { href: address, target, rel: "opener" } });
}

function wantPresenter() {
  if (pair?.isAlive) pair.post({ type: "focus" });
  else if (screen.isExtended) askStage({ open: openPresenter });
  else openPresenter();
}

// Inside the presenter's page: only that page is listened to.
function obeyPage() {
  addEventListener("message", ({ data, origin, source }) => {
    if (source !== parent || !isFromHere(origin)) return;
    if (data?.pair === pairToken && data.type === "show") showPlace(data);
  });
  Reveal.on("ready", () => {
    const shown = { type: "shown", pair: pairToken, role: pairRole };
    parent.postMessage(shown, TARGET);
    const tellBuild = (/** @type {number} */ build) =>
      parent.postMessage({ ...shown, build }, TARGET);
    if (pairRole === "current") askStage({ tellBuild });
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
    if (pairQuery.has("full")) askStage({ fill: true });
    deckKey("S", tr("Presenter's page"), wantPresenter);
  });
}
