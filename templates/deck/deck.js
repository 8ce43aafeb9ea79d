// Starts the deck: sizes, theme, time line, notes. Everything here is about decks, not about talks.
(function () {
  "use strict";
  var root = document.documentElement;
  var reveal = document.querySelector(".reveal");
  var timeline = document.querySelector(".timeline");
  var spoken = document.getElementById("spoken");
  var still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  var narrow = matchMedia("(max-width: 435px)");
  var printing = /print-pdf/i.test(location.search);

  function size() {
    if (narrow.matches && !printing) return { width: 600, height: 1420, fragments: false };
    // A 4:3 or 16:10 projector gets a taller slide instead of bars.
    var height = Math.round((1280 * innerHeight) / innerWidth);
    return { width: 1280, height: printing ? 720 : Math.min(960, Math.max(720, height)), fragments: true };
  }

  function place() {
    root.style.setProperty("--scale", printing ? 1 : Reveal.getScale());
    root.style.setProperty("--slide-height", Reveal.getConfig().height + "px");
  }

  function markTimeline(line, current) {
    [].forEach.call(line.children, function (piece, index) {
      piece.className = index < current ? "past" : index === current ? "present" : "coming";
      if (index === current) piece.setAttribute("aria-current", "step");
      else piece.removeAttribute("aria-current");
      piece.tabIndex = index === current ? 0 : -1;
    });
  }

  function follow() {
    markTimeline(timeline, Reveal.getIndices().h);
    if (spoken && !spoken.hidden) showNotes();
  }

  function showNotes() {
    var notes = Reveal.getCurrentSlide().querySelector("aside.notes");
    spoken.innerHTML = notes ? notes.innerHTML : "";
  }

  // The script is long, and the first slide doesn't wait for it.
  function loadNotes() {
    var script = document.createElement("script");
    script.src = "notes.js";
    script.onload = function () {
      Reveal.getSlides().forEach(function (section) {
        if (!window.deckNotes[section.id]) return;
        var notes = document.createElement("aside");
        notes.className = "notes";
        notes.innerHTML = window.deckNotes[section.id];
        section.append(notes);
      });
      if (!spoken.hidden) showNotes();
      spoken.dataset.ready = "true";
    };
    document.head.append(script);
  }

  // A film of the run's training: a file of its own, loaded when it is first asked for.
  function showTraining() {
    if (window.deckTraining) return window.deckTraining.toggle();
    var script = document.createElement("script");
    script.src = reveal.dataset.film;
    script.onload = function () { window.deckTraining.toggle(); };
    document.head.append(script);
    return undefined;
  }

  function switchTheme() {
    var theme = root.dataset.theme === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    try { localStorage.setItem("deck-theme", theme); } catch (error) { /* storage is shut off */ }
  }

  function printTimelines() {
    document.querySelectorAll(".pdf-page").forEach(function (page, index) {
      var line = timeline.cloneNode(true);
      line.removeAttribute("aria-label");
      line.setAttribute("aria-hidden", "true");
      markTimeline(line, index);
      page.appendChild(line);
    });
  }

  // On a phone all slides stand below each other, and reveal forgets the one that the address names.
  function scrollTo(address) {
    var name = address.replace(/^#\/?/, "").split("/")[0];
    var slide = name && document.querySelector('section[id="' + CSS.escape(name) + '"]');
    if (slide && Reveal.isScrollView()) (slide.closest(".scroll-page") || slide).scrollIntoView();
  }

  var start = size(), address = location.hash;
  Reveal.on("pdf-ready", printTimelines);
  Reveal.initialize({
    width: start.width,
    height: start.height,
    fragments: start.fragments,
    margin: 0,
    minScale: 0.1,
    maxScale: 6,
    center: false,
    controls: false,
    progress: false,
    hash: true,
    transition: still ? "none" : "fade",
    transitionSpeed: "fast",
    backgroundTransition: "none",
    autoAnimate: !still,
    postMessage: false,
    postMessageEvents: false,
    pdfSeparateFragments: false,
    scrollLayout: "compact",
    scrollSnap: false,
    scrollProgress: false,
    keyboardCondition: function () { return !document.querySelector("dialog[open]"); },
  }).then(function () {
    // `application` would keep screen readers from reading the slides as text.
    reveal.removeAttribute("role");
    place();
    scrollTo(address);
    follow();
    Reveal.on("slidechanged", follow);
    Reveal.on("resize", place);
    Reveal.on("scrollactivated", follow);
    addEventListener("resize", function () {
      var now = size();
      var config = Reveal.getConfig();
      if (now.height === config.height && now.width === config.width) return;
      Reveal.configure(now);
      Reveal.layout();
      place();
    });
    document.querySelectorAll("a[data-full]").forEach(function (link) {
      var picture = link.closest("section").querySelector('[data-picture="' + link.dataset.full + '"]');
      picture.dataset.opens = "";
      picture.addEventListener("click", function (event) {
        if (!event.target.closest("a, [data-at]")) link.click();
      });
    });
    Reveal.addKeyBinding({ keyCode: 68, key: "D", description: "Light or dark" }, switchTheme);
    if (window.deckMeasured) window.deckMeasured.bind(Reveal);
    if (spoken) {
      loadNotes();
      Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Speaker notes" }, function () {
        spoken.hidden = !spoken.hidden;
        if (!spoken.hidden) showNotes();
      });
      if (reveal.dataset.film) {
        Reveal.addKeyBinding({ keyCode: 82, key: "R", description: "Training, as it went" }, showTraining);
      }
    }
    root.dataset.ready = "true";
  });
})();
