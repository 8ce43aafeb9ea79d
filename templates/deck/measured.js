// A measured number opens the run that it came from: click, Enter, or W for all of a slide.

const MEASURED = ".measured[data-at]"; // in the text, and in diagrams

/**
 * @typedef {object} Value a measured number, with where it stands and how sure it is
 * @property {string} [place] in the file of its run; without it, the name that it has here
 * @property {number[]} runs by their index in the page's data
 * @property {number} value
 * @property {string} [unit]
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [level] that the interval covers it with; 0.95 where it isn't said
 * @property {number} [how] the sentence that says how it was made, by its index
 * @property {number} [n]
 * @property {number} [hits]
 * @property {number} [total]
 * @property {number[]} [repeats]
 * @property {"up" | "down"} [direction]
 *
 * @typedef {[name: string, text: string, isCode?: boolean]} Row
 * @typedef {{ file: string, rows: Row[] }} Run
 * @typedef {{ values: Record<string, Value>, runs: Run[], hows: string[] }} Measured
 */

/** @type {HTMLDialogElement} */
const measured = find("#measured");
/** @type {HTMLElement | null} */
let measuredOpener = null;

/**
 * Numbers with their unit, in one piece where lines run from right to left.
 * @param {string} text
 * @param {string} [unit]
 */
function inUnit(text, unit = "") {
  const whole = `${text} ${unit}`.trim();
  return unit && document.documentElement.dir === "rtl" ? `\u2066${whole}\u2069` : whole;
}

/** @param {...Node} content */
function openMeasured(...content) {
  const close = element("button", { className: "close", ariaLabel: tr("Close") }, "×");
  close.onclick = () => measured.close();
  find(".sheet", measured).replaceChildren(close, ...content);
  find("h2", measured).id = "measured-title";
  if (!measured.open) measured.showModal();
  measured.scrollTop = 0;
}

/** @param {Row[]} rows */
function listOf(rows) {
  const list = element("dl");
  for (const [name, text, isCode] of rows) {
    const cell = element("dd", {}, isCode ? element("code", { dir: "ltr" }, text) : text);
    list.append(element("dt", {}, name), cell);
  }
  return list;
}

/**
 * What is known of one number, before the runs that it is from.
 * @param {Value} value
 * @param {Measured} data
 */
function factsOf(value, { runs, hows }) {
  const { place = "", low, high, level = 0.95, n, hits, total, repeats, direction } = value;
  const file = value.runs.length === 1 ? `${runs[value.runs[0]].file}: ` : "";
  /** @type {Row[]} */
  const rows = [[tr("place"), file + place, true]];
  if (low !== undefined && high !== undefined) {
    const [from, to] = [decimal(low), inUnit(decimal(high), value.unit)];
    const share = decimal(+(100 * level).toFixed(1));
    const ends = tr("{low} to {high}", { low: from, high: to });
    rows.push([tr("{level}% interval", { level: share }), ends]);
  }
  if (value.how !== undefined) rows.push([tr("how"), hows[value.how]]);
  if (hits !== undefined && total !== undefined) {
    rows.push([tr("counted"), tr("{hits} of {total}", { hits, total })]);
  }
  if (repeats) {
    const short = repeats.map((one) => decimal(one));
    rows.push([tr("single runs"), inUnit(short.join(tr(", ")), value.unit)]);
  } else if (n !== undefined) rows.push(["n", String(n)]);
  if (direction) rows.push([tr("better"), direction === "up" ? tr("more") : tr("less")]);
  return rows;
}

/** @param {HTMLElement} number */
function showOneMeasured(number) {
  /** @type {Measured} */
  const data = readData("deck-data");
  const value = data.values[number.dataset.at ?? ""];
  if (!value) return;
  const exact = tr("unrounded {value}", { value: inUnit(decimal(value.value), value.unit) });
  const [first, ...others] = value.runs.map((index) => data.runs[index].rows);
  openMeasured(
    element("h2", {}, element("bdi", {}, number.textContent)),
    element("p", { className: "exact" }, exact),
    listOf([...factsOf({ place: number.dataset.at, ...value }, data), ...first]),
    ...others.map(listOf),
  );
}

/** @param {HTMLElement} slide */
function showAllMeasured(slide) {
  /** @type {Map<string, HTMLElement>} */
  const numbers = new Map();
  for (const number of findAll(MEASURED, slide)) {
    if (number.closest("aside.notes, div[hidden]")) continue; // the script's, and what a link opens
    const key = `${number.dataset.at} ${number.textContent}`;
    if (!numbers.has(key)) numbers.set(key, number);
  }
  const list = element("ul");
  for (const number of numbers.values()) {
    const button = element("button", { onclick: () => showOneMeasured(number) });
    const { textContent, dataset } = number;
    const shown = element("b", {}, element("bdi", {}, textContent));
    button.append(shown, element("code", { dir: "ltr" }, dataset.at ?? ""));
    list.append(element("li", {}, button));
  }
  const title = numbers.size
    ? tr("Measured on this slide")
    : tr("Nothing on this slide was measured");
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
    const said = { number: number.textContent ?? "" };
    number.ariaLabel = tr("{number}, measured: show the run", said);
  }
}

// Reveal listens on the document: keys pressed in the dialog stay in it.
measured.addEventListener("keydown", (event) => event.stopPropagation());
measured.addEventListener("click", (event) => {
  if (event.target === measured) measured.close();
});
measured.addEventListener("close", () => {
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
  deckKey("W", tr("Where the numbers come from"), () => {
    measuredOpener = /** @type {HTMLElement | null} */ (document.activeElement);
    showAllMeasured(Reveal.getCurrentSlide());
  });
});
document.addEventListener("deck-swapped", markMeasured);
