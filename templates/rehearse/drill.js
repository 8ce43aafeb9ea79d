// The Q&A bank at random: each question once before one comes again, timed, with its slide a key
// away.
function Drill(data, options) {
  "use strict";
  var box = document.getElementById("drill");
  var order = [], at = -1, since = 0, shown = false, times = {};

  function find(name) { return box.querySelector("." + name); }

  // A random order (Fisher and Yates); `options.random` is replaced in tests.
  function shuffled() {
    var list = data.questions.map(function (_, index) { return index; });
    for (var last = list.length - 1; last > 0; last -= 1) {
      var other = Math.floor(options.random() * (last + 1));
      var kept = list[last];
      list[last] = list[other];
      list[other] = kept;
    }
    return list;
  }

  function next() {
    stop();
    at += 1;
    if (at >= order.length) {
      var last = order[order.length - 1];
      order = shuffled();
      if (order.length > 1 && order[0] === last) order.push(order.shift());
      at = 0;
    }
    shown = false;
    since = options.now();
    render();
  }

  function stop() {
    if (at < 0 || shown) return;
    times[order[at]] = (options.now() - since) / 1000;
  }

  function answer() {
    if (shown) return next();
    stop();
    shown = true;
    render();
  }

  function question() { return data.questions[order[at]]; }

  function said(items) {
    return items.map(function (item) { return item.items ? said(item.items) : item.text || ""; })
      .filter(Boolean).join("\n");
  }

  function render() {
    var one = question();
    find("asked").textContent = one.text;
    find("tags").textContent = one.tags.map(function (tag) { return "#" + tag; }).join(" ");
    find("answer").hidden = !shown;
    find("answer").textContent = shown ? said(one.answer) : "";
    var slide = one.slides.length ? data.slides[one.slides[0]] : null;
    find("support").textContent = slide ? "G shows slide " + slide.number + ": " + slide.title : "no slide supports this one";
    find("count").textContent = "question " + (at + 1) + " of " + order.length;
    tick();
  }

  function tick() {
    if (box.hidden) return;
    var spent = shown ? times[order[at]] : (options.now() - since) / 1000;
    find("spent").textContent = Math.floor(spent / 60) + ":" + String(Math.floor(spent % 60)).padStart(2, "0");
    var done = Object.values(times);
    var mean = done.reduce(function (total, one) { return total + one; }, 0) / (done.length || 1);
    find("mean").textContent = done.length ? done.length + " answered, " + Math.round(mean) + " s each" : "";
  }

  return {
    isOpen: function () { return !box.hidden; },
    open: function () {
      if (!data.questions.length) return false;
      box.hidden = false;
      document.body.classList.add("drilling");
      order = shuffled();
      at = -1;
      times = {};
      next();
      return true;
    },
    close: function () {
      stop();
      box.hidden = true;
      document.body.classList.remove("drilling");
    },
    next: next,
    answer: answer,
    slide: function () { return question().slides.length ? question().slides[0] : null; },
    tick: tick,
  };
}
