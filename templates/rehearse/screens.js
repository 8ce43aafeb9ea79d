// The slide, the next one, and the audience's window. The deck in a frame is a window apart: over
// file:// it can only be spoken to.

/** The deck is drawn at its own size and scaled. */
function deckSize() {
  const size = getComputedStyle(document.documentElement).getPropertyValue("--slide");
  const [width, height] = size.split("/").map(Number);
  return { width, height };
}

/**
 * The step or slide that an advance leads to; null at the end.
 * @param {Slide[]} slides
 * @param {Place} place
 * @returns {Place | null}
 */
function placeAfter(slides, { slide, step }) {
  if (step < slides[slide].steps) return { slide, step: step + 1 };
  return slide + 1 < slides.length ? { slide: slide + 1, step: 0 } : null;
}

/**
 * @param {Slide[]} slides
 * @param {Place} place
 * @returns {Place | null}
 */
function placeBefore(slides, { slide, step }) {
  if (step > 0) return { slide, step: step - 1 };
  return slide > 0 ? { slide: slide - 1, step: slides[slide - 1].steps } : null;
}

/**
 * @param {Slide[]} slides
 * @param {string} token
 * @param {() => Place & { moved: number }} placeNow
 * @param {(message: PairMessage) => void} hear
 */
function createScreens(slides, token, placeNow, hear) {
  /** @type {HTMLIFrameElement} */
  const current = find("#current");
  /** @type {HTMLIFrameElement} */
  const next = find("#next");
  const pair = new Pair(token, "presenter", placeNow, hear);

  /** @param {string} role */
  function addressOf(role) {
    const quiet = role === "audience" ? "" : "&hash=false&keyboard=false&touch=false";
    return `index.html?role=${role}&pair=${token}${quiet}`;
  }

  /**
   * @param {HTMLIFrameElement} frame
   * @param {Place} place
   */
  function tell(frame, { slide, step }) {
    frame.contentWindow?.postMessage({ pair: token, type: "show", slide, step, moved: 1 }, TARGET);
  }

  /** @param {Place} [backup] what is shown in place of the talk's slide; the talk comes next */
  function show(backup) {
    const after = backup ? placeNow() : placeAfter(slides, placeNow());
    tell(current, backup ?? placeNow());
    next.closest("figure")?.classList.toggle("nothing", !after);
    if (after) tell(next, after);
  }

  function fit() {
    const { width, height } = deckSize();
    for (const frame of [current, next]) {
      const scale = Number(frame.parentElement?.clientWidth) / width;
      Object.assign(frame.style, {
        width: `${width}px`,
        height: `${height}px`,
        transform: `scale(${scale})`,
      });
    }
  }

  /** Opens the audience's window; returns a link to be pressed where the browser blocks it. */
  function open() {
    const href = `${addressOf("audience")}#/${slides[placeNow().slide].name}`;
    const target = `audience-${token.slice(0, 8)}`;
    const { width, height } = deckSize();
    const opened = window.open(href, target, `popup,width=${width},height=${height}`);
    if (!opened) {
      return element("a", { href, target, rel: "opener" }, tr("Open the audience’s window"));
    }
    pair.add(opened);
    return null;
  }

  addEventListener("message", ({ data, origin, source }) => {
    if (!isFromHere(origin) || data?.pair !== token || data.type !== "shown") return;
    if (source === current.contentWindow || source === next.contentWindow) show();
  });
  current.src = addressOf("current");
  next.src = addressOf("next");
  new ResizeObserver(fit).observe(document.body);
  fit();
  return { show, open, pair };
}
