// The audience's window on the projector: it says twice a second what it paints, keeps the screen
// awake, and goes to full screen when the speaker's page asks.

const BEAT_MS = 500;

/**
 * What stands on the slides, as a number: windows of one build have the same. Notes come later, and
 * not to the audience.
 */
function slidesHash() {
  if (find("script[data-frame]")) return 0; // in the preview slides change: not known
  let hash = 7;
  for (const slide of Reveal.getSlides()) {
    const parts = [...slide.children].filter((part) => !part.matches("aside.notes"));
    const text = slide.id + parts.map((part) => part.textContent).join("");
    for (let at = 0; at < text.length; at += 1) hash = (31 * hash + text.charCodeAt(at)) | 0;
  }
  return hash;
}

/**
 * @param {(message: PairMessage) => void} tell
 * @param {() => object} place
 */
function startBeats(tell, place) {
  const build = slidesHash();
  let painted = performance.now();
  let isAsked = false;
  let isAwake = false;

  function beat() {
    tell({
      type: "paint",
      ...place(),
      since: Math.round(performance.now() - painted),
      hidden: document.hidden,
      full: !!document.fullscreenElement,
      wants: !!find("#full-screen"),
      width: Math.round(innerWidth * devicePixelRatio),
      height: Math.round(innerHeight * devicePixelRatio),
      on: Reveal.isPaused(),
      overview: Reveal.isOverview(),
      awake: isAwake,
      build,
    });
    if (isAsked) return;
    isAsked = true;
    // A task after the frame's own: then it was painted.
    requestAnimationFrame(() =>
      setTimeout(() => {
        painted = performance.now();
        isAsked = false;
      }),
    );
  }

  keepAwake((isHeld) => {
    isAwake = isHeld;
    beat();
  });
  document.addEventListener("visibilitychange", beat);
  document.addEventListener("fullscreenchange", () => {
    find("#full-screen")?.remove();
    beat();
  });
  addEventListener("resize", beat);
  setInterval(beat, BEAT_MS);
  return beat;
}

/**
 * Where the display begins that the speaker's page is on.
 * @type {Pick<PairMessage, "left" | "top">}
 */
const speakersDisplay = {};

/** The other display, where this window is on the speaker's: a projector that came later. */
async function otherDisplay() {
  const { left, top } = speakersDisplay;
  const isSpeakers = left === screen.availLeft && top === screen.availTop;
  if (!isSpeakers || !placesWindows() || (await asksForDisplays())) return null;
  return findDisplays(true);
}

/** To full screen, or back; where the browser wants a press in this window, it asks for one. */
async function switchFull() {
  if (document.fullscreenElement) return document.exitFullscreen();
  try {
    const found = await otherDisplay();
    const { documentElement } = document;
    await documentElement.requestFullscreen(found ? { screen: found.audience } : {});
  } catch {
    const text = tr("Full screen: click here, or F");
    showBox("full-screen", element("button", { onclick: switchFull }, text));
  }
}

/** Where the speaker lets this site fill the screen by itself: a setting of some browsers. */
async function fillScreen() {
  const wanted = { name: "fullscreen", allowWithoutGesture: true };
  const name = /** @type {PermissionDescriptor} */ (/** @type {unknown} */ (wanted));
  const found = await navigator.permissions.query(name).catch(() => null);
  const isAllowed = found?.state === "granted";
  if (isAllowed) document.documentElement.requestFullscreen().catch(() => {});
}
