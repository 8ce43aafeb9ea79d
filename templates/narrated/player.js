// Plays the tracks one after the other and moves the deck along; it may be moved by hand, too.

/** @type {Track[]} */
const tracks = readData("narrated-data");
const starts = startsOf(tracks);
const totalMs = sum(tracks.map((track) => track.ms));
/** @type {HTMLAudioElement} */
const sound = find("#narrated-sound");
/** @type {HTMLInputElement} */
const seek = find("#narrated-seek");
const play = find("#narrated-play");
const captions = find("#narrated-captions");
const caption = find("#narrated-caption");
let current = -1;
let isMoving = false; // the deck by the sound
let isDragging = false;

/** @param {number} ms */
const minutes = (ms) => clockTime(ms / 1000);

/**
 * @param {number} index
 * @param {number} ms
 * @param {boolean} isPlaying
 */
function openTrack(index, ms, isPlaying) {
  if (index !== current) {
    current = index;
    sound.src = tracks[index].file;
  }
  const jump = () => {
    sound.currentTime = ms / 1000;
  };
  if (sound.readyState) jump();
  else sound.addEventListener("loadedmetadata", jump, { once: true });
  if (isPlaying) sound.play();
  showMoment(ms);
}

/** @param {number} ms */
function showMoment(ms) {
  const track = tracks[current];
  const { steps, text } = shownAt(track, ms);
  const { h, f } = Reveal.getIndices();
  // Reveal counts steps from 0; -1 is none of them yet.
  if (h !== track.slide || (f !== undefined && f !== steps - 1)) {
    isMoving = true;
    Reveal.slide(track.slide, 0, steps - 1);
    isMoving = false;
  }
  caption.textContent = text;
  caption.hidden = !text || captions.ariaPressed !== "true";
  const at = starts[current] + ms;
  find("#narrated-time").textContent = `${minutes(at)} / ${minutes(totalMs)}`;
  if (!isDragging) seek.value = String(Math.round((1000 * at) / totalMs));
  seek.ariaValueText = tr("{at} of {total}", { at: minutes(at), total: minutes(totalMs) });
}

function followSound() {
  if (sound.paused) return;
  showMoment(sound.currentTime * 1000);
  requestAnimationFrame(followSound);
}

function showState() {
  play.textContent = sound.paused ? "▶" : "❚❚";
  play.ariaLabel = sound.paused ? tr("Play") : tr("Pause");
  followSound();
}

/** @param {number} slide */
const trackOf = (slide) => tracks.findIndex((track) => track.slide === slide);

function begin() {
  openTrack(Math.max(0, trackOf(Reveal.getIndices().h)), 0, false);
  document.documentElement.dataset.narrated = "true";
}

play.addEventListener("click", () => {
  if (!sound.paused) sound.pause();
  else if (current === tracks.length - 1 && sound.ended) openTrack(0, 0, true);
  else sound.play();
});
seek.addEventListener("input", () => {
  isDragging = true;
  openTrack(...trackAt(tracks, (seek.valueAsNumber / 1000) * totalMs), !sound.paused);
  isDragging = false;
});
captions.addEventListener("click", () => {
  captions.ariaPressed = String(captions.ariaPressed !== "true");
  showMoment(sound.currentTime * 1000);
});
sound.addEventListener("play", showState);
sound.addEventListener("pause", showState);
sound.addEventListener("ended", () => {
  if (current < tracks.length - 1) openTrack(current + 1, 0, true);
});
// Keys pressed in the player are the player's.
find("#narrated").addEventListener("keydown", (event) => event.stopPropagation());
Reveal.on("slidechanged", ({ indexh }) => {
  if (isMoving) return;
  const index = trackOf(indexh);
  if (index >= 0 && tracks[current]?.slide !== indexh) openTrack(index, 0, !sound.paused);
});
if (Reveal.isReady()) begin();
else Reveal.on("ready", begin);
