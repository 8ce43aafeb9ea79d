// Keys and buttons. One table makes both, and the help that lists them: no key is missing there.

/** @type {[keys: string[], shown: string, command: string, does: string, button?: string][]} */
const KEYS = [
  [
    ["ArrowRight", "PageDown", " ", "n"], "→ Space PgDn N", "next",
    "Next step or slide; the first one starts the clock", "Next",
  ],
  [["ArrowLeft", "PageUp"], "← PgUp", "back", "Back; time already spent stays counted", "Back"],
  [["p"], "P", "pause", "Start the clock; stop it for a question; go on", "Start / pause"],
  [["q"], "Q", "qa", "Q&A begins or ends; its time is kept apart", "Q&A"],
  [["x"], "X", "skip", "Skip the next optional part", "Skip"],
  [["z"], "Z", "unskip", "Take the last skip back"],
  [["s"], "S", "audience", "Open the audience’s window", "Audience"],
  [["b", "."], "B .", "black", "Audience’s window black, and back"],
  [["ArrowUp"], "↑", "up", "Script: one line back"],
  [["ArrowDown"], "↓", "down", "Script: one line on"],
  [["a"], "A", "scroll", "Script scrolls by itself, or waits"],
  [["+", "="], "+", "faster", "Script scrolls faster"],
  [["-"], "−", "slower", "Script scrolls slower"],
  [["Home"], "Home", "first", "First slide"],
  [["End"], "End", "last", "Last slide"],
  [["r"], "R", "reset", "Reset the clock; the slide stays", "Reset"],
  [["u"], "U", "undo", "Undo the reset", "Undo"],
  [["e"], "E E", "end", "End and record", "End"],
  [["d"], "D", "drill", "Drill: questions at random", "Drill"],
  [["?", "F1"], "?", "help", "These keys", "?"],
];
const MORE_KEYS = [
  ["1 … 9, Enter", "Go to the slide of that number"],
  [
    "In the drill",
    "Space: the answer, then the next question · N: next question · G: its slide · Esc: leave",
  ],
];
/** @type {Record<string, "answer" | "next" | "close" | "go">} */
const DRILL_KEYS = {
  " ": "answer", Enter: "answer", n: "next", ArrowRight: "next", PageDown: "next",
  Escape: "close", g: "go",
};

/** @param {string} key */
const commandOf = (key) => KEYS.find(([keys]) => keys.includes(key))?.[2];

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
  return isPress && closest(event, "button, a") ? "" : key;
}

/**
 * @param {string} keys
 * @param {string} does
 */
function listKey(keys, does) {
  const head = element("th", { scope: "row" }, keys);
  find("#help tbody").append(element("tr", {}, head, element("td", {}, does)));
}

/**
 * @param {object} page
 * @param {Record<string, () => void>} page.commands
 * @param {(text: string) => void} page.say
 * @param {(place: Place, how?: string) => void} page.go
 * @param {(slide: number) => boolean} page.showBackup whether a place in the deck is a backup's
 * @param {Drill} page.drill
 * @param {Slide[]} page.slides
 * @param {boolean} page.isLive
 */
function createKeys({ commands, say, go, showBackup, drill, slides, isLive }) {
  let digits = "";

  for (const [, keys, command, does, text] of KEYS) {
    listKey(keys, isLive && command === "end" ? "End the talk" : does);
    if (!text) continue;
    const button = element("button", {}, text);
    if (text === "?") button.ariaLabel = "Keys";
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
    if (slide >= 0) go({ slide, step: 0 }, "jump");
    else say(`There is no slide ${digits}.`);
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
      return say(`Slide ${digits}: Enter goes there.`);
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
