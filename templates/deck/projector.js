// The audience's window on the projector: it says twice a second what it paints, keeps the screen
// awake, and goes to full screen when the speaker's page asks.

const BEAT_MS = 500;

/**
 * What stands on the slides, as a number: windows of one build have the same. Notes come later, and
 * not to the audience.
 */
function slidesHash() {
  let hash = 7;
  for (const slide of Reveal.getSlides()) {
    const parts = [...slide.children].filter((part) => !part.matches("aside.notes"));
    const text = slide.id + parts.map((part) => part.textContent).join("");
    for (let at = 0; at < text.length; at += 1) hash = (31 * hash + text.charCodeAt(at)) | 0;
  }
  return hash;
}

let deckBuild = 0; // 0: not known
Reveal.on("ready", () => {
  deckBuild = slidesHash();
});
document.addEventListener("deck-swapped", () => {
  deckBuild = 0; // what the demo shows stands on a slide, too
});

/** @param {(message: PairMessage) => void} tell */
function startBeats(tell) {
  let painted = performance.now();
  let isAsked = false;
  let isAwake = false;

  function beat() {
    tell({
      type: "paint",
      ...deckPlace(),
      since: Math.round(performance.now() - painted),
      hidden: document.hidden,
      full: !!document.fullscreenElement,
      wants: !!find("#full-screen"),
      width: Math.round(innerWidth * devicePixelRatio),
      height: Math.round(innerHeight * devicePixelRatio),
      on: Reveal.isPaused(),
      overview: Reveal.isOverview(),
      awake: isAwake,
      build: deckBuild,
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

/** To full screen, or back; where the browser wants a press in this window, it asks for one. */
async function switchFull() {
  if (document.fullscreenElement) return document.exitFullscreen();
  try {
    await root.requestFullscreen();
  } catch {
    const text = tr("Full screen: click here, or F");
    showBox("full-screen", element("button", { onclick: switchFull }, text));
  }
}
