// The open deck measures itself after each change, and says over a slide what doesn't fit on it.

const FIT_AT_ONCE = 4; // slides measured in one go
/** @type {Record<string, FitFault[]>} */
const fitFaults = {};
/** @type {Set<string>} */
const fitWaiting = new Set();
/** @type {Record<string, string>} */
const fitDismissed = {}; // slide -> what was closed there; something else is shown again
let isFitBusy = false;

/** The room sees this window, or it is a frame of another page: there nothing is said. */
function isFitUnwanted() {
  const isWhole = innerHeight === screen.height && innerWidth === screen.width;
  const isPaired = storage("sessionStorage").get("deck-pair") !== null;
  const role = new URLSearchParams(location.search).get("role");
  const isSeen = document.fullscreenElement || isWhole || isPaired || role;
  return !!isSeen || window !== parent || Reveal.isScrollView() || !!find(".pdf-page");
}

/** @param {Box} box in the slide; returns it in the window */
function inWindow({ left, top, right, bottom }) {
  const scale = Reveal.getScale();
  const { width, height } = Reveal.getConfig();
  const x = (innerWidth - width * scale) / 2;
  const y = (innerHeight - height * scale) / 2;
  const [start, end] = [left * scale + x, right * scale + x];
  return { left: start, top: top * scale + y, right: end, bottom: bottom * scale + y };
}

/**
 * Puts the mark into the corner where it hides least of what it is about.
 * @param {HTMLElement} mark
 * @param {FitFault[]} faults
 */
function placeFit(mark, faults) {
  const boxes = faults.map(({ box }) => inWindow(box));
  const corners = ["top-right", "bottom-right", "top-left", "bottom-left"];
  const hidden = corners.map((corner) => {
    mark.dataset.corner = corner;
    const place = mark.getBoundingClientRect();
    return boxes.reduce((sum, box) => sum + Math.max(0, sharedPx(place, box)), 0);
  });
  mark.dataset.corner = corners[hidden.indexOf(Math.min(...hidden))];
}

function showFit() {
  find(".live-fit")?.remove();
  const name = Reveal.getCurrentSlide()?.id;
  const faults = fitFaults[name] ?? [];
  const said = faults.map((fault) => fault.said);
  if (!faults.length || fitDismissed[name] === said.join() || isFitUnwanted()) return;
  const close = element("button", { type: "button", ariaLabel: "Close" }, "×");
  const lines = said.slice(0, 3).map((text) => element("li", {}, text.replaceAll("`", "")));
  const mark = element("div", { className: "live-fit", role: "status" });
  mark.append(element("ul", {}, ...lines), close);
  close.onclick = () => {
    fitDismissed[name] = said.join();
    mark.remove();
  };
  document.body.append(mark);
  placeFit(mark, faults);
}

/** Measures what waits, the slide that is shown first; then tells the server. */
async function measureWaiting() {
  if (isFitBusy) return;
  isFitBusy = true;
  /** @type {Record<string, FitFault[]>} */
  const found = {};
  while (fitWaiting.size) {
    const shown = Reveal.getCurrentSlide()?.id;
    const names = [...fitWaiting].sort((one) => (one === shown ? -1 : 0)).slice(0, FIT_AT_ONCE);
    names.forEach((name) => fitWaiting.delete(name));
    const there = names.filter((name) => slideNamed(name));
    Object.assign(found, await measureFit(there));
    Object.assign(fitFaults, found);
    showFit();
    await new Promise((done) => setTimeout(done, 0));
  }
  isFitBusy = false;
  return found;
}

/**
 * Some slides changed, or all of them.
 * @param {(found: Record<string, FitFault[]>) => void} tell
 * @param {string[]} [names]
 */
async function checkFit(tell, names = Reveal.getSlides().map(({ id }) => id)) {
  if (isFitUnwanted()) return;
  names.forEach((name) => fitWaiting.add(name));
  const found = await measureWaiting();
  if (found) tell(found);
}

/** @param {(found: Record<string, FitFault[]>) => void} tell */
function startFit(tell) {
  const all = () => checkFit(tell);
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(all, 300);
  };
  document.addEventListener("deck-swapped", ({ detail }) => checkFit(tell, detail.slides));
  document.addEventListener("deck-styled", soon);
  document.fonts.addEventListener("loadingdone", soon);
  document.addEventListener("fullscreenchange", showFit);
  addEventListener("resize", soon);
  Reveal.on("slidechanged", showFit);
  document.fonts.ready.then(all);
}
