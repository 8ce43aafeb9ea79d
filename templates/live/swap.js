// Puts changed pieces into an open deck: slide, step, scroll and what is typed stay as they are.
var LiveSwap = (function () {
  "use strict";
  // What reveal adds to a slide by itself.
  var STATES = ["past", "present", "future", "stack", "overflowing", "has-dark-background", "has-light-background"];

  function parsed(text) {
    var box = document.createElement("template");
    box.innerHTML = text;
    return box.content.firstElementChild;
  }

  function section(name) {
    return document.querySelector('.slides section[id="' + CSS.escape(name) + '"]');
  }

  function fill(old, made) {
    var states = STATES.filter(function (state) { return old.classList.contains(state); });
    old.className = made.className;
    states.forEach(function (state) { old.classList.add(state); });
    old.setAttribute("aria-labelledby", made.getAttribute("aria-labelledby"));
    // The notes come as a file of their own.
    var notes = old.querySelector(":scope > aside.notes");
    old.replaceChildren.apply(old, [].slice.call(made.childNodes));
    if (notes) old.append(notes);
  }

  // New, removed or renamed slides: the order is the server's, the shown slide stays if it is there.
  function arrange(order, sections) {
    var slides = document.querySelector(".slides");
    var shown = Reveal.getCurrentSlide(), at = Reveal.getIndices();
    var name = shown && shown.id;
    var old = {};
    [].slice.call(slides.children).forEach(function (child) { old[child.id] = child; });
    order.forEach(function (id) {
      var one = old[id] || parsed(sections[id]);
      delete old[id];
      slides.appendChild(one);
    });
    Object.keys(old).forEach(function (id) { old[id].remove(); });
    Reveal.sync();
    var place = order.indexOf(name);
    var stays = place >= 0;
    Reveal.slide(stays ? place : Math.min(at.h, order.length - 1), 0, stays ? at.f : -1);
  }

  function bind(one) {
    one.querySelectorAll("a[data-full]").forEach(function (link) {
      var picture = one.querySelector('[data-picture="' + CSS.escape(link.dataset.full) + '"]');
      if (!picture) return;
      picture.dataset.opens = "";
      picture.addEventListener("click", function (event) {
        if (!event.target.closest("a, [data-at]")) link.click();
      });
    });
  }

  function place() {
    var view = document.querySelector(".reveal-viewport");
    var boxes = [document.scrollingElement, view, document.querySelector(".reveal")].filter(Boolean);
    var tops = boxes.map(function (box) { return [box, box.scrollTop, box.scrollLeft]; });
    return function () {
      tops.forEach(function (top) { top[0].scrollTop = top[1]; top[0].scrollLeft = top[2]; });
    };
  }

  function timeline(inner) {
    var line = document.querySelector("nav.timeline");
    line.replaceChildren.apply(line, [].slice.call(parsed("<nav>" + inner + "</nav>").childNodes));
    mark(line);
  }

  function mark(line) {
    var now = Reveal.getIndices().h;
    [].forEach.call(line.children, function (piece, index) {
      piece.className = index < now ? "past" : index === now ? "present" : "coming";
      if (index === now) piece.setAttribute("aria-current", "step");
      else piece.removeAttribute("aria-current");
      piece.tabIndex = index === now ? 0 : -1;
    });
  }

  function stylesheet(hash) {
    var old = document.querySelector('link[rel="stylesheet"][href^="deck.css"]');
    if (!old) return;
    var made = old.cloneNode();
    made.href = "deck.css?" + hash;
    // The old rules stay until the new ones are there: no flash.
    made.onload = function () { old.remove(); Reveal.layout(); };
    made.onerror = function () { made.remove(); };
    old.after(made);
  }

  var looks = null;

  function pictureStyles(text) {
    // The page's policy allows the text of its own style elements only as they came.
    if (!looks) {
      looks = new CSSStyleSheet();
      document.adoptedStyleSheets = document.adoptedStyleSheets.concat(looks);
      document.head.querySelectorAll("style").forEach(function (old) { old.remove(); });
    }
    looks.replaceSync(text);
  }

  // `known`: slide -> its HTML as it was last received; a slide that is the same is left alone.
  function apply(message, known) {
    var sections = message.sections || {};
    var still = Reveal.isScrollView && Reveal.isScrollView();
    var now = [].map.call(document.querySelectorAll(".slides section"), function (one) { return one.id; });
    var order = message.order || now;
    if (still && order.join() !== now.join()) return false;
    var back = place(), step = Reveal.getIndices().f;
    document.documentElement.dataset.swapping = "";
    if (message.styles !== undefined) pictureStyles(message.styles);
    if (message.data !== undefined) {
      document.getElementById("deck-data").textContent = message.data;
      if (window.deckMeasured && deckMeasured.update) deckMeasured.update();
    }
    var changed = Object.keys(sections).filter(function (name) { return known[name] !== sections[name]; });
    changed.forEach(function (name) {
      known[name] = sections[name];
      var old = section(name);
      if (!old) return;
      fill(old, parsed(sections[name]));
      if (!still) Reveal.syncFragments(old);
    });
    if (order.join() !== now.join()) arrange(order, sections);
    else if (changed.length && !still) Reveal.slide(Reveal.getIndices().h, 0, step);
    changed.forEach(function (name) { if (section(name)) bind(section(name)); });
    if (message.timeline !== undefined) timeline(message.timeline);
    else mark(document.querySelector("nav.timeline"));
    if (message.css !== undefined) stylesheet(message.css);
    if (message.notes) notes(message.notes);
    if (changed.length && window.deckMeasured) deckMeasured.bind(Reveal);
    back();
    requestAnimationFrame(function () { delete document.documentElement.dataset.swapping; });
    document.dispatchEvent(new CustomEvent("deck-swapped", { detail: changed }));
    return true;
  }

  function notes(hash) {
    var script = document.createElement("script");
    script.src = "notes.js?" + hash;
    script.onload = function () {
      document.querySelectorAll(".slides section").forEach(function (one) {
        var old = one.querySelector(":scope > aside.notes");
        if (old) old.remove();
        if (!window.deckNotes[one.id]) return;
        var made = document.createElement("aside");
        made.className = "notes";
        made.innerHTML = window.deckNotes[one.id];
        one.append(made);
      });
      var spoken = document.getElementById("spoken"), slide = Reveal.getCurrentSlide();
      var shown = slide && slide.querySelector("aside.notes");
      if (spoken && !spoken.hidden) spoken.innerHTML = shown ? shown.innerHTML : "";
      script.remove();
    };
    document.head.append(script);
  }

  function font() {
    var face = new FontFace("Manrope", "url(manrope.woff2?" + Date.now() + ")", { weight: "200 800" });
    face.load().then(function () { document.fonts.add(face); });
  }

  return { apply: apply, font: font };
})();
