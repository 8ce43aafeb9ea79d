// The slide, the next one, and the audience's window. The deck in a frame is a window apart: over
// file:// it can only be spoken to.

// A window that hangs never shows what is opened under its name: the next one has another.
const LEFT_KEY = "audiences-left";

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

  /**
   * Opens the audience's window; returns a link to be pressed where the browser blocks it.
   * @param {Display} [display] which it fills
   */
  function open(display) {
    const full = display ? "&full" : "";
    const href = `${addressOf("audience")}${full}#/${slides[placeNow().slide].name}`;
    const target = `audience-${token.slice(0, 8)}-${session.get(LEFT_KEY) ?? 0}`;
    const { width, height } = deckSize();
    const look = display ? fills(display) : `popup,width=${width},height=${height}`;
    const opened = window.open(href, target, look);
    if (!opened) {
      return element("a", { href, target, rel: "opener" }, tr("Open the audience’s window"));
    }
    pair.add(opened);
    return null;
  }

  /**
   * The slide here is as tall as in the audience's window: a projector that isn't 16:9 has a taller
   * one, and what is pointed at stands elsewhere on it.
   * @param {number} tall
   */
  function match(tall) {
    const { width, height } = deckSize();
    if (tall === height || !(tall >= 540 && tall <= 960)) return;
    document.documentElement.style.setProperty("--slide", `${width} / ${tall}`);
    fit();
  }

  addEventListener("message", ({ data, origin, source }) => {
    if (!isFromHere(origin) || data?.pair !== token || data.type !== "shown") return;
    if (source !== current.contentWindow && source !== next.contentWindow) return;
    hear(data);
    show();
  });
  current.src = addressOf("current");
  next.src = addressOf("next");
  const fit = () => [current, next].forEach(fitFrame);
  new ResizeObserver(fit).observe(document.body);
  fit();
  return { show, open, pair, match };
}

/**
 * A message with which the other window may do what a press of a key allows here, once: browsers
 * that can hand it on do, over http, to a window that this one has to do with.
 * https://wicg.github.io/capability-delegation/spec.html
 * @param {Pair} pair
 * @param {PairMessage} message
 * @param {string} delegate
 */
function handOn(pair, message, delegate) {
  const other = pair.windows.findLast((one) => !one.closed);
  if (!other || TARGET === "*") return pair.post(message);
  const options = /** @type {WindowPostMessageOptions} */ ({ targetOrigin: TARGET, delegate });
  other.postMessage(pair.whole(message), options);
}

/**
 * Whether each window that this one had to do with is closed: seen without a message.
 * @param {Pair} pair
 */
function isAllClosed({ windows }) {
  isAllClosed.knewOne ||= windows.length > 0;
  return isAllClosed.knewOne && windows.every((other) => other.closed);
}
isAllClosed.knewOne = false;

/**
 * Whether there is an audience's window: one that was killed is still thought alive for a while.
 * @param {Pair} pair
 * @param {Projector} projector
 */
function hasAudience(pair, { beat }) {
  return !!beat || (pair.isAlive && !isAllClosed(pair));
}

/**
 * The window is given up: it closes, or will when it comes to itself.
 * @param {Pair} pair
 */
function leaveAudience(pair) {
  session.set(LEFT_KEY, `${Number(session.get(LEFT_KEY)) + 1}`);
  pair.post({ type: "close" });
  pair.windows.splice(0).forEach((other) => other.close());
  Object.assign(pair, { seen: -Infinity, isAlive: false });
}

/**
 * A window that answers is opened no second time: it comes to the front, where that won't take it
 * out of full screen, or is loaded again where it shows something else. Whether that was possible:
 * one that this page only hears can't be raised.
 * @param {Pair} pair
 * @param {Projector} projector
 */
function raiseAudience(pair, { beat, isApart }) {
  if (isApart) pair.post({ type: "reload" });
  if (isApart || (beat?.full && !beat.hidden)) return true;
  const other = pair.windows.findLast((one) => !one.closed);
  other?.focus();
  return !!other || !beat?.hidden;
}

/**
 * Opens the audience's window on the other display, where there is one and the browser places
 * windows; otherwise here, and says how it gets there. One that is there comes to the front.
 * @param {ReturnType<typeof createScreens>} screens
 * @param {Projector} projector where it says that the window is dead, a new one takes its place
 * @param {(text: string, more?: Node | string, ms?: number) => void} say
 */
async function openAudience(screens, projector, say) {
  const press = (openAudience.presses += 1);
  let displays = null;
  const { isDead } = projector;
  const isThere = screens.pair.isAlive && !isDead && hasAudience(screens.pair, projector);
  if (placesWindows() && !openAudience.isAsking) {
    openAudience.isAsking = true; // pressed again meanwhile, it opens here
    const why = tr("The browser asks for your screens: to fill the projector. S opens it here.");
    if (await asksForDisplays()) say(why, "", Infinity);
    displays = await findDisplays(true);
    openAudience.isAsking = false;
  }
  if (press !== openAudience.presses) return;
  const open = tr("The audience’s window is open. F: full screen; W: what it shows.");
  if (isThere && raiseAudience(screens.pair, projector)) {
    return say(open);
  }
  if (isThere || isDead) {
    leaveAudience(screens.pair);
    projector.forget();
  }
  const link = screens.open(displays?.audience);
  if (link) say(`${tr("The browser blocked the window.")} `, link, Infinity);
  else if (displays) {
    const { label, width, height } = displays.audience;
    say(tr("On {screen}. F: full screen.", { screen: label || `${width} × ${height}` }));
  } else if (screen.isExtended !== false) {
    say(tr("Drag the audience’s window to the projector, then F: full screen."));
  } else say(open);
}
openAudience.presses = 0;
openAudience.isAsking = false;
