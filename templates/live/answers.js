// What the run's models say of a text, as it stands in the live demo.

/**
 * @param {number} value of 1
 * @returns {string}
 */
function percent(value) {
  if (value < 1 && value >= 0.9995) return `>${percent(0.999)}`;
  return tr("{number}%", { number: decimal(100 * value, value < 0.0995 ? 2 : 1) });
}

/** @param {string} text */
const withSigns = (text) => text.replaceAll("\n", "↵");

/** @param {string} text */
const noteLine = (text) => element("p", { className: "note" }, text);

/** @param {number} share */
function shareBar(share) {
  const bar = element("span", { className: "bar-of", ariaHidden: "true" });
  bar.style.setProperty("--share", String(share));
  return bar;
}

/** @param {string[]} tokens */
function tokenChips(tokens) {
  const looks = { className: "live-token" };
  const chips = tokens.map((token) => element("span", looks, withSigns(token)));
  const className = tokens.length > 60 ? "tokens many" : "tokens";
  return element("p", { className, ariaLabel: tr("The text as tokens") }, ...chips);
}

/**
 * @param {Verdicts} found
 * @param {DemoRun} run
 */
function verdictBoxes({ said }, run) {
  const boxes = Object.entries(run.names).filter(([model]) => said[model]).map(([model, name]) => {
    const { label, confidence } = said[model];
    return element(
      "div",
      { className: `verdict ${label === run.positive ? "positive" : "negative"}` },
      element("p", { className: "by" }, name),
      element("p", { className: "says" }, element("b", {}, label), ` ${percent(confidence)}`),
      shareBar(confidence),
    );
  });
  return element("div", { className: "verdicts" }, ...boxes);
}

/**
 * How much of a text the model read.
 * @param {string[]} tokens
 * @param {Verdicts} found
 */
function readOf(tokens, { unread, beyond }) {
  const count = tokens.length;
  if (unread) {
    return tr(
      "Far too long: only its beginning is read, by the fine-tuned model the first {count} tokens.",
      { count },
    );
  }
  if (beyond) {
    return tr(
      "The model reads the first {count} tokens; {beyond} more are cut off.",
      { count, beyond },
    );
  }
  return tr("{count} tokens, as the model sees them.", { count });
}

/**
 * @param {Verdicts} found
 * @param {DemoRun} run
 * @param {boolean} isRecorded
 */
function verdictParts(found, run, isRecorded) {
  /** @type {Node[]} */
  const parts = [verdictBoxes(found, run)];
  const { tokens, expected } = found;
  if (tokens) parts.push(tokenChips(tokens), noteLine(readOf(tokens, found)));
  if (isRecorded) {
    const said = expected
      ? tr("Recorded in the run, not live; right is: {expected}.", { expected })
      : tr("Recorded in the run, not live.");
    parts.push(noteLine(said));
  }
  return parts;
}

/**
 * @param {NextTokens} found
 * @param {DemoRun} run
 * @param {boolean} isRecorded
 * @param {(token: string) => void} choose
 */
function nextParts({ candidates, tokens }, run, isRecorded, choose) {
  const items = candidates.map(([token, share]) => {
    const button = element("button", { type: "button", title: tr("Go on with this one") });
    button.textContent = withSigns(token) || "∅";
    button.onclick = () => choose(token);
    const size = element("span", { className: "share" }, percent(share));
    return element("li", {}, button, shareBar(share), size);
  });
  /** @type {Node[]} */
  const parts = [element("ol", { className: "candidates" }, ...items)];
  if (tokens) parts.push(tokenChips(tokens));
  const live = tr(
    "What {model} takes for likely, as its makers ship it. Enter takes the first.",
    { model: run.model },
  );
  parts.push(noteLine(isRecorded ? tr("Recorded in the run, not live.") : live));
  return parts;
}

/**
 * The place of the change that is the largest.
 * @param {number[]} changes
 */
function strongestOf(changes) {
  return changes.reduce(
    (best, change, index) => (Math.abs(change) > Math.abs(changes[best]) ? index : best),
    0,
  );
}

/**
 * Colours the tokens of an answer by what each moved, and says which moved most.
 * @param {HTMLElement} out
 * @param {Moved} found
 * @param {string} label
 */
function markMoved(out, { pieces, changes }, label) {
  const chips = findAll(".live-token", out);
  const most = Math.max(0.02, ...changes.map(Math.abs));
  changes.forEach((change, index) => {
    for (const chip of chips.slice(...pieces[index])) {
      chip.classList.add(change >= 0 ? "positive" : "negative");
      chip.style.setProperty("--moved", (Math.abs(change) / most).toFixed(3));
      chip.title = `${change >= 0 ? "+" : "−"}${percent(Math.abs(change))} ${label}`;
    }
  });
  const note = out.querySelector(".note");
  if (!note || !pieces.length) return;
  const strongest = strongestOf(changes);
  const text = chips.slice(...pieces[strongest]).map((chip) => chip.textContent).join("").trim();
  const size = pieces[0][1] - pieces[0][0];
  const by = percent(Math.abs(changes[strongest]));
  note.textContent = size > 1
    ? tr(
      "Each {size} tokens left out in turn: “{text}” moves {label} most, by {by}.",
      { size, text, label, by },
    )
    : tr(
      "Each token left out in turn: “{text}” moves {label} most, by {by}.",
      { text, label, by },
    );
}
