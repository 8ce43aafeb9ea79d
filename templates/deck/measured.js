// A measured number opens the run that it came from: click, Enter, or W for all of a slide.

const MEASURED = ".measured[data-at]"; // in the text, and in diagrams

/**
 * @typedef {object} Value a number of the run, with where it stands and how sure it is
 * @property {string} place
 * @property {string} value
 * @property {string} [low]
 * @property {string} [high]
 * @property {number} [hits]
 * @property {number} [total]
 *
 * @typedef {[name: string, text: string, isCode?: boolean]} Row
 */

/** @type {HTMLDialogElement} */
const measuredDialog = find("#measured");
/** @type {HTMLElement | null} */
let measuredOpener = null;

/** @param {...Node} content */
function openMeasured(...content) {
  const close = element("button", { className: "close", ariaLabel: "Close" }, "×");
  close.onclick = () => measuredDialog.close();
  find(".sheet", measuredDialog).replaceChildren(close, ...content);
  find("h2", measuredDialog).id = "measured-title";
  if (!measuredDialog.open) measuredDialog.showModal();
  measuredDialog.scrollTop = 0;
}

/** @param {HTMLElement} number */
function showOneMeasured(number) {
  /** @type {{ values: Record<string, Value>, run: Row[] }} */
  const { values, run } = readData("deck-data");
  const { place, value, low, high, hits, total } = values[number.dataset.at ?? ""] ?? {};
  /** @type {Row[]} */
  const rows = [["in results.json", place, true]];
  if (low !== undefined) rows.push(["95% interval", `${low} to ${high}`]);
  if (total !== undefined) rows.push(["counted", `${hits} of ${total}`]);
  const list = element("dl");
  for (const [name, text, isCode] of [...rows, ...run]) {
    const cell = element("dd", {}, isCode ? element("code", {}, text) : text);
    list.append(element("dt", {}, name), cell);
  }
  openMeasured(
    element("h2", {}, number.textContent),
    element("p", { className: "exact" }, `unrounded ${value}`),
    list,
  );
}

/** @param {HTMLElement} slide */
function showAllMeasured(slide) {
  /** @type {Map<string, HTMLElement>} */
  const numbers = new Map();
  for (const number of findAll(MEASURED, slide)) {
    const key = `${number.dataset.at} ${number.textContent}`;
    if (!numbers.has(key)) numbers.set(key, number);
  }
  const list = element("ul");
  for (const number of numbers.values()) {
    const button = element("button", { onclick: () => showOneMeasured(number) });
    const { textContent, dataset } = number;
    button.append(element("b", {}, textContent), element("code", {}, dataset.at ?? ""));
    list.append(element("li", {}, button));
  }
  const title = numbers.size ? "Measured on this slide" : "Nothing on this slide was measured";
  openMeasured(element("h2", { className: "list" }, title), ...(numbers.size ? [list] : []));
}

/** @param {HTMLElement} number */
function openFrom(number) {
  measuredOpener = number;
  showOneMeasured(number);
}

function markMeasured() {
  for (const number of findAll(MEASURED)) {
    number.tabIndex = 0;
    number.role = "button";
    number.ariaHasPopup = "dialog";
    number.ariaLabel = `${number.textContent}, measured: show the run`;
  }
}

// Reveal listens on the document: keys pressed in the dialog stay in it.
measuredDialog.addEventListener("keydown", (event) => event.stopPropagation());
measuredDialog.addEventListener("click", (event) => {
  if (event.target === measuredDialog) measuredDialog.close();
});
measuredDialog.addEventListener("close", () => {
  measuredOpener?.focus({ preventScroll: true });
  measuredOpener = null;
});
document.addEventListener("click", (event) => {
  const number = closest(event, MEASURED);
  if (number) openFrom(number);
});
document.addEventListener(
  "keydown",
  (event) => {
    const number = closest(event, MEASURED);
    if (!number || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    openFrom(number);
  },
  true,
);
Reveal.on("ready", () => {
  markMeasured();
  deckKey("W", "Where the numbers come from", () => {
    measuredOpener = /** @type {HTMLElement | null} */ (document.activeElement);
    showAllMeasured(Reveal.getCurrentSlide());
  });
});
document.addEventListener("deck-swapped", markMeasured);
