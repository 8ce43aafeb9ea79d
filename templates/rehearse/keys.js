// Keys and buttons. One table makes both, and the help that lists them: no key is missing there.

/** @type {KeyRow[]} */
const KEYS = [
  [
    ["ArrowRight", "PageDown", " ", "n"], "→ Space PgDn N", "next",
    tr("Next step or slide; the first one starts the clock"), tr("Next"),
  ],
  [
    ["ArrowLeft", "PageUp"], "← PgUp", "back",
    tr("Back; time already spent stays counted"), tr("Back"),
  ],
  [
    ["p"], "P", "pause",
    tr("Start the clock; stop it for a question; go on"), tr("Start / pause"),
  ],
  [["t"], "T", "count", tr("After a closed lid: the time away was part of the talk")],
  [["q"], "Q", "qa", tr("Q&A begins or ends; its time is kept apart"), tr("Q&A")],
  [["x"], "X", "skip", tr("Skip the next optional part"), tr("Skip")],
  [["z"], "Z", "unskip", tr("Take the last skip back")],
  [["s"], "S", "audience", tr("Open the audience’s window"), tr("Audience")],
  [["f"], "F", "full", tr("Audience’s window in full screen, and back")],
  [["w"], "W", "projector", tr("What the audience’s window paints: is it frozen?")],
  [["c"], "C", "captions", tr("Live captions for the audience on or off")],
  [["b", "."], "B .", "black", tr("Audience’s window black, and back")],
  [["y"], "Y", "pointer", tr("Pointer: on and off, or while it is held")],
  [["i"], "I", "pen", tr("Pen"), tr("Draw")],
  [["m"], "M", "marker", tr("Marker")],
  [["j"], "J", "rubber", tr("Rubber")],
  [["k"], "K", "zoom", tr("Zoom in where the mouse is, and back")],
  [["ArrowUp"], "↑", "up", tr("Script: one line back")],
  [["ArrowDown"], "↓", "down", tr("Script: one line on")],
  [["a"], "A", "scroll", tr("Script scrolls by itself, or waits")],
  [["+", "="], "+", "faster", tr("Script scrolls faster")],
  [["-"], "−", "slower", tr("Script scrolls slower")],
  [["Home"], "Home", "first", tr("First slide")],
  [["End"], "End", "last", tr("Last slide")],
  [["r"], "R", "reset", tr("Reset the clock; the slide stays"), tr("Reset")],
  [["u"], "U", "undo", tr("Undo the reset"), tr("Undo")],
  [["e"], "E E", "end", tr("End and record"), tr("End")],
  [["d"], "D", "drill", tr("Drill: questions at random"), tr("Drill")],
  [["?", "F1"], "?", "help", tr("These keys"), "?"],
];
const MORE_KEYS = [
  ...DRAWING_KEYS,
  ["1 … 9, Enter", tr("Go to the slide of that number")],
  [
    tr("In the drill"),
    tr("Space: the answer, then the next question · N: next question · G: its slide · Esc: leave"),
  ],
];
/** @type {Record<string, "answer" | "next" | "close" | "go">} */
const DRILL_KEYS = {
  " ": "answer", Enter: "answer", n: "next", ArrowRight: "next", PageDown: "next",
  Escape: "close", g: "go",
};

/** What an arrow means where the next slide is to the left. @type {Record<string, string>} */
const MIRRORED = { ArrowRight: "ArrowLeft", ArrowLeft: "ArrowRight", "→": "←", "←": "→" };

/** @param {string} key */
const commandOf = (key) => KEYS.find(([keys]) => keys.includes(key))?.[2];

/** Whether the talk is written from right to left. */
const isMirrored = () => find("#prompter").dir === "rtl";

/**
 * The key of an event; empty for one that belongs to the browser or to what has the focus.
 * @param {KeyboardEvent} event
 */
function pressedKey(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.altKey || event.metaKey) return "";
  if (document.querySelector("dialog[open]")) return "";
  if (event.repeat && !key.startsWith("Arrow")) return "";
  if (closest(event, "select")) return "";
  const isPress = key === " " || key === "Enter";
  if (isPress && closest(event, "button, a")) return "";
  return isMirrored() ? (MIRRORED[key] ?? key) : key;
}

/**
 * @param {string} keys
 * @param {string} does
 */
function listKey(keys, does) {
  const head = element("th", { scope: "row" }, element("bdi", {}, keys));
  find("#help tbody").append(element("tr", {}, head, element("td", {}, does)));
}

/**
 * @param {object} page
 * @param {Record<string, () => void>} page.commands
 * @param {(text: string, more?: string, ms?: number) => void} page.say
 * @param {(place: Place, how?: string) => void} page.go
 * @param {(slide: number) => boolean} page.showBackup whether a place in the deck is a backup's
 * @param {Drill} page.drill
 * @param {Slide[]} page.slides
 * @param {boolean} page.isLive
 */
function createKeys({ commands, say, go, showBackup, drill, slides, isLive }) {
  let digits = "";

  for (const [, shown, command, does, text] of KEYS) {
    const keys = isMirrored() ? shown.replace(/[←→]/, (arrow) => MIRRORED[arrow]) : shown;
    listKey(keys, isLive && command === "end" ? tr("End the talk") : does);
    if (!text) continue;
    const button = element("button", {}, text);
    if (text === "?") button.ariaLabel = tr("Keys");
    button.dataset.command = command;
    button.onclick = (event) => {
      if (event.detail) button.blur(); // the space bar goes on being an advance
      commands[command]();
    };
    find("nav").append(button);
  }
  for (const [keys, does] of MORE_KEYS) listKey(keys, does);

  function goToTyped() {
    const slide = slides.findIndex(({ number }) => number === Number(digits));
    if (slide >= 0) {
      go({ slide, step: 0 }, "jump");
      say("", "", 0); // what was said of Enter is done
    } else say(tr("There is no slide {number}.", { number: digits }));
  }

  /** @param {string} key */
  function pressInDrill(key) {
    const does = drill.isOpen && DRILL_KEYS[key];
    const slide = does === "go" ? drill.slide : null;
    if (slide !== null && !showBackup(slide)) go({ slide, step: slides[slide].steps });
    if (does && does !== "go") drill[does]();
    return does && (does !== "go" || slide !== null);
  }

  addEventListener("keydown", (event) => {
    const key = pressedKey(event);
    const command = commandOf(key);
    if (!key) return;
    if (pressInDrill(key)) return event.preventDefault();
    if (/^\d$/.test(key)) {
      digits = (digits + key).slice(-3);
      return say(tr("Slide {number}: Enter goes there.", { number: digits }));
    }
    if (key === "Enter" && digits) {
      goToTyped();
      event.preventDefault();
    } else if (command) {
      event.preventDefault();
      commands[command]();
    }
    digits = "";
  });
}
