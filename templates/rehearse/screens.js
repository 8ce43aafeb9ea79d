// The slide, the next one, and the audience's window. The deck in a frame is a window apart: over
// file:// it can only be spoken to.
function Screens(data, options) {
  "use strict";
  var WIDTH = 1280, HEIGHT = 720; // the deck is drawn at its own size and scaled
  var token = options.token;
  var target = location.protocol === "file:" ? "*" : location.origin;
  var frames = { current: document.getElementById("current"), next: document.getElementById("next") };
  var opened = null;
  var pair = Pair.join(token, "presenter", options.place, options.on);
  var at = { slide: 0, step: 0 };

  function address(role) {
    var quiet = role === "audience" ? "" : "&hash=false&keyboard=false&touch=false";
    return "index.html?role=" + role + "&pair=" + token + quiet;
  }

  // The step or slide that an advance leads to; null at the end.
  function after(place) {
    if (place.step < data.slides[place.slide].steps) return { slide: place.slide, step: place.step + 1 };
    return place.slide + 1 < data.slides.length ? { slide: place.slide + 1, step: 0 } : null;
  }

  function before(place) {
    if (place.step > 0) return { slide: place.slide, step: place.step - 1 };
    if (place.slide === 0) return null;
    return { slide: place.slide - 1, step: data.slides[place.slide - 1].steps };
  }

  function tell(role, place) {
    var message = { pair: token, type: "show", slide: place.slide, step: place.step, moved: 1 };
    frames[role].contentWindow.postMessage(message, target);
  }

  function show(place) {
    at = place;
    tell("current", place);
    var next = after(place);
    frames.next.closest("figure").classList.toggle("nothing", !next);
    if (next) tell("next", next);
  }

  function fit() {
    Object.values(frames).forEach(function (frame) {
      var box = frame.parentElement;
      frame.style.width = WIDTH + "px";
      frame.style.height = HEIGHT + "px";
      frame.style.transform = "scale(" + box.clientWidth / WIDTH + ")";
    });
  }

  // Opens the audience's window, or says no and leaves a link to be pressed.
  function open() {
    var slide = "#/" + data.slides[at.slide].name;
    var name = "audience-" + token.slice(0, 8);
    opened = window.open(address("audience") + slide, name, "popup,width=1280,height=720");
    if (opened) pair.add(opened);
    return { opened: !!opened, address: address("audience") + slide, name: name };
  }

  addEventListener("message", function (event) {
    var message = event.data;
    if (!Pair.isFromHere(event.origin) || !message || message.pair !== token || message.type !== "shown") return;
    if (event.source === frames.current.contentWindow || event.source === frames.next.contentWindow) show(at);
  });
  Object.keys(frames).forEach(function (role) { frames[role].src = address(role); });
  new ResizeObserver(fit).observe(document.body);
  fit();

  return {
    show: show, after: after, before: before, open: open,
    post: pair.post, isAlive: pair.isAlive,
  };
}
