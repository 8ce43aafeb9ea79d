// Videos of slides: they play when their slide or step comes, and stop when it goes.

const VIDEO_KEYS = new Set([" ", "Enter", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);
const wantsStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Whether the audience sees it now, and the step that it waits for, if any, has come.
 * @param {HTMLElement} video
 */
function isOn(video) {
  const step = video.parentElement?.querySelector(".starts");
  const isShown = !video.closest(".fragment:not(.visible)");
  const isHere = video.closest("section") === Reveal.getCurrentSlide();
  return isHere && isShown && (!step || step.classList.contains("visible"));
}

function playVideos() {
  for (const video of /** @type {HTMLVideoElement[]} */ (findAll(".slides video"))) {
    if (!isOn(video)) {
      if (video.dataset.begun || !video.paused) {
        video.pause();
        video.currentTime = 0;
      }
      delete video.dataset.begun;
    } else if (!wantsStill && !video.dataset.begun) {
      video.dataset.begun = "true";
      // In a frame of the rehearsal page it would be heard twice.
      if (window !== window.parent) video.muted = true;
      // A browser may want a click first; its own controls are there.
      video.play().catch(() => {});
    }
  }
}

// A video that was reached by keyboard takes its keys; the slides stay.
document.addEventListener(
  "keydown",
  (event) => {
    const video = closest(event, "video");
    if (video?.matches(":focus-visible") && VIDEO_KEYS.has(event.key)) event.stopPropagation();
  },
  true,
);

const moments = ["ready", "slidechanged", "fragmentshown", "fragmenthidden", "scrollactivated"];
moments.forEach((kind) => Reveal.on(kind, playVideos));
document.addEventListener("deck-swapped", playVideos);
playVideos();
