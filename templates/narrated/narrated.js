// Plays the tracks one after the other and moves the deck along; the deck may be moved by hand, too.
(function () {
  "use strict";
  var tracks = JSON.parse(document.getElementById("narrated-data").textContent);
  var sound = document.getElementById("narrated-sound");
  var button = document.getElementById("narrated-play");
  var seek = document.getElementById("narrated-seek");
  var time = document.getElementById("narrated-time");
  var captions = document.getElementById("narrated-captions");
  var caption = document.getElementById("narrated-caption");
  var starts = [];
  var total = tracks.reduce(function (sum, track) { starts.push(sum); return sum + track.ms; }, 0);
  var current = -1;
  var moving = false;
  var dragging = false;

  function clock(ms) {
    var seconds = Math.floor(ms / 1000);
    return Math.floor(seconds / 60) + ":" + ("0" + (seconds % 60)).slice(-2);
  }

  function open(index, ms, play) {
    if (index !== current) {
      current = index;
      sound.src = tracks[index].file;
    }
    var at = ms / 1000;
    if (sound.readyState) sound.currentTime = at;
    else sound.addEventListener("loadedmetadata", function () { sound.currentTime = at; }, { once: true });
    if (play) sound.play();
    show(ms);
  }

  function show(ms) {
    var track = tracks[current];
    var steps = track.steps.filter(function (at) { return at <= ms; }).length;
    var now = Reveal.getIndices();
    // Reveal counts steps from 0; -1 is none of them yet.
    if (now.h !== track.slide || (now.f !== undefined && now.f !== steps - 1)) {
      moving = true;
      Reveal.slide(track.slide, 0, steps - 1);
      moving = false;
    }
    var said = track.captions.filter(function (one) { return one[0] <= ms && ms < one[1]; })[0];
    caption.textContent = said ? said[2] : "";
    caption.hidden = !said || captions.getAttribute("aria-pressed") !== "true";
    var at = starts[current] + ms;
    time.textContent = clock(at) + " / " + clock(total);
    if (!dragging) seek.value = Math.round((1000 * at) / total);
    seek.setAttribute("aria-valuetext", clock(at) + " of " + clock(total));
  }

  function follow() {
    if (!sound.paused) {
      show(sound.currentTime * 1000);
      requestAnimationFrame(follow);
    }
  }

  function toPosition() {
    var at = (seek.value / 1000) * total;
    var index = starts.filter(function (start) { return start <= at; }).length - 1;
    open(index, Math.min(at - starts[index], tracks[index].ms - 50), !sound.paused);
  }

  function symbol() {
    button.textContent = sound.paused ? "▶" : "❚❚";
    button.setAttribute("aria-label", sound.paused ? "Play" : "Pause");
    if (!sound.paused) follow();
  }

  button.addEventListener("click", function () {
    if (!sound.paused) return sound.pause();
    if (current === tracks.length - 1 && sound.ended) return open(0, 0, true);
    sound.play();
  });
  seek.addEventListener("input", function () { dragging = true; toPosition(); dragging = false; });
  captions.addEventListener("click", function () {
    captions.setAttribute("aria-pressed", captions.getAttribute("aria-pressed") !== "true");
    show(sound.currentTime * 1000);
  });
  sound.addEventListener("play", symbol);
  sound.addEventListener("pause", symbol);
  sound.addEventListener("ended", function () {
    if (current < tracks.length - 1) open(current + 1, 0, true);
  });
  // Keys pressed in the player are the player's.
  document.getElementById("narrated").addEventListener("keydown", function (event) {
    event.stopPropagation();
  });
  Reveal.on("slidechanged", function (event) {
    if (moving) return;
    var index = tracks.findIndex(function (track) { return track.slide === event.indexh; });
    if (index >= 0 && (current < 0 || tracks[current].slide !== event.indexh)) open(index, 0, !sound.paused);
  });
  function begin() {
    var here = Reveal.getIndices().h;
    open(Math.max(0, tracks.findIndex(function (track) { return track.slide === here; })), 0, false);
    document.documentElement.dataset.narrated = "true";
  }
  if (Reveal.isReady()) begin();
  else Reveal.on("ready", begin);
})();
