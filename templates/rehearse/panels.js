// The numbers of the page: what plan.js finds, put where it is read.
function Panels(data) {
  "use strict";
  function id(name) { return document.getElementById(name); }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  // Whole seconds as m:ss, h:mm:ss from an hour on.
  function clock(seconds) {
    var whole = Math.floor(Math.abs(seconds) + 1e-6), hours = Math.floor(whole / 3600);
    var minutes = Math.floor((whole % 3600) / 60), rest = String(whole % 60).padStart(2, "0");
    var shown = hours ? hours + ":" + String(minutes).padStart(2, "0") + ":" + rest : minutes + ":" + rest;
    return seconds < 0 && whole > 0 ? "−" + shown : shown;
  }

  function left(seconds) {
    return seconds >= 0 ? clock(seconds) + " left" : clock(-seconds) + " over";
  }

  function time(name, spent, planned) {
    var box = id(name);
    put(box.querySelector(".big"), clock(spent));
    put(box.querySelector(".detail"), "of " + clock(planned) + ", " + left(planned - spent));
    box.querySelector("i").style.width = Math.min(100, planned ? (100 * spent) / planned : 0) + "%";
    box.classList.toggle("over", spent > planned);
  }

  var advice = {
    "ahead": "there is room", "behind": "faster, or skip a part", "on time": "keep this pace",
  };

  function verdict(view) {
    var box = id("verdict");
    box.dataset.word = view.word;
    put(box.querySelector(".word"), view.word);
    put(box.querySelector(".by"), view.word === "on time" ? "" : clock(Math.abs(view.behind)));
    put(box.querySelector(".detail"), advice[view.word]);
  }

  function named(slide) { return "slide " + data.slides[slide].number; }

  function facts(view, pace) {
    var when = new Date(view.finishes);
    var hands = String(when.getHours()).padStart(2, "0") + ":" + String(when.getMinutes()).padStart(2, "0");
    put(id("finish"), "Ends " + hands + ", after " + clock(view.finish));
    var point = view.checkpoint;
    put(id("checkpoint"), point
      ? "Checkpoint " + named(point.slide) + ": " + clock(point.at) + ", you " + clock(point.expected)
      : "No checkpoint ahead");
    var skip = view.skip;
    put(id("skip"), skip
      ? "X skips “" + skip.part + "”" + (skip.slide === view.slide ? "" : " (" + named(skip.slide) + ")") + ": −" + clock(skip.gain)
      : "No optional part ahead");
    put(id("pace"), view.pace ? view.pace + " words a minute so far" : "Script at " + pace + " words a minute");
  }

  function modeText(view, cut) {
    if (view.mode === "paused") return "Paused: " + clock(view.paused) + " in all. P goes on.";
    if (view.mode === "qa") {
      var slot = cut.q_and_a_s;
      return "Questions: " + clock(view.qa) + (slot ? " of " + clock(slot[0]) + " to " + clock(slot[1]) : "") + ". Q ends them.";
    }
    return "";
  }

  function titles(place, next) {
    var slide = data.slides[place.slide];
    var steps = slide.steps ? ", step " + place.step + " of " + slide.steps : "";
    put(id("now-title"), slide.number + " of " + data.slides.length + steps + ": " + slide.title);
    var then = "Then: the end";
    if (next) {
      then = next.slide === place.slide ? "Next: step " + next.step + " of " + slide.steps : "Next: " + data.slides[next.slide].title;
    }
    put(id("next-title"), then);
  }

  function wall(now) {
    var date = new Date(now);
    put(id("wall"), String(date.getHours()).padStart(2, "0") + ":" + String(date.getMinutes()).padStart(2, "0"));
  }

  return {
    clock: clock,
    titles: titles,
    render: function (view, cut, pace, now) {
      document.body.dataset.mode = view.mode;
      time("slide-time", view.spent, view.slot);
      time("talk-time", view.elapsed, view.total);
      verdict(view);
      facts(view, pace);
      wall(now);
      return modeText(view, cut);
    },
  };
}
