// Training as it went: the loss draws itself step by step, F1 after each epoch. Loaded when asked
// for; the data are the run's own log. In a served deck live-training.js may show another one here.
window.deckTraining = (function (recorded) {
  "use strict";
  var NS = "http://www.w3.org/2000/svg", FILM_MS = 9000;
  var LEFT = 96, RIGHT = 1040, WIDE = 1136;
  var LOSS = [44, 258], F1 = [352, 470];
  var still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  var panel = null, frame = 0, opener = null;
  var title, count, film; // of the open panel

  function make(tag, attributes, text) {
    var made = document.createElementNS(NS, tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function scale(data) {
    var most = Math.max.apply(null, data.log.map(function (point) { return point[1]; }).concat(0.01));
    var known = data.epochs.filter(function (epoch) { return typeof epoch.f1 === "number"; });
    var least = Math.min.apply(null, known.map(function (epoch) { return epoch.f1; }).concat(0.95));
    var floor = Math.max(0, Math.floor(least * 10 - 0.5) / 10);
    return {
      most: most,
      floor: floor,
      x: function (step) { return LEFT + (RIGHT - LEFT) * step / data.steps; },
      lossY: function (loss) { return LOSS[1] - (LOSS[1] - LOSS[0]) * loss / most; },
      f1Y: function (f1) { return F1[1] - (F1[1] - F1[0]) * (f1 - floor) / (1 - floor); },
    };
  }

  function label(at, y, text, more) {
    return make("text", Object.assign({ x: at, y: y, "font-size": 24, fill: "var(--soft)" }, more), text);
  }

  function axes(svg, data, at) {
    [[LOSS, "0", at.most.toFixed(2)], [F1, at.floor.toFixed(1), "1.0"]].forEach(function (axis) {
      svg.append(make("line", { x1: LEFT, x2: RIGHT, y1: axis[0][1], y2: axis[0][1], stroke: "var(--line)", "stroke-width": 2 }));
      svg.append(label(LEFT - 14, axis[0][1] + 8, axis[1], { "text-anchor": "end" }));
      svg.append(label(LEFT - 14, axis[0][0] + 8, axis[2], { "text-anchor": "end" }));
    });
    svg.append(label(LEFT, LOSS[0] - 18, data.loss || "Training loss", { "font-weight": 700, fill: "var(--ink)" }));
    svg.append(label(LEFT, F1[0] - 28, "F1 on the validation set" + (at.floor ? ", axis from " + at.floor.toFixed(1) : ""), { "font-weight": 700, fill: "var(--accent)" }));
    data.epochs.forEach(function (epoch, index) {
      svg.append(make("line", { x1: at.x(epoch.step), x2: at.x(epoch.step), y1: LOSS[0], y2: F1[1], stroke: "var(--line)", "stroke-width": 2, "stroke-dasharray": "3 7" }));
      svg.append(label(at.x(epoch.step), F1[1] + 36, "epoch " + (index + 1), { "text-anchor": "end" }));
    });
  }

  // `f1` of an epoch: a number, null where it is undefined, absent where it isn't measured yet.
  function build(data) {
    var at = scale(data);
    var svg = make("svg", { viewBox: "0 0 " + WIDE + " 516", role: "img", "aria-label": "Training loss by step, F1 by epoch" });
    axes(svg, data, at);
    var line = make("polyline", { fill: "none", stroke: "var(--ink)", "stroke-width": 4, "stroke-linejoin": "round", "stroke-linecap": "round" });
    var head = make("circle", { r: 8, fill: "var(--ink)" });
    svg.append(line, head);
    var dots = data.epochs.map(function (epoch) {
      var group = make("g", { opacity: 0 });
      if (epoch.f1 !== undefined) {
        var defined = epoch.f1 !== null, y = defined ? at.f1Y(epoch.f1) : F1[1];
        if (defined) group.append(make("circle", { cx: at.x(epoch.step), cy: y, r: epoch.best ? 13 : 9, fill: "var(--accent)", stroke: "var(--paper)", "stroke-width": 3 }));
        // Beside the dot, on the side where no line comes from.
        group.append(label(at.x(epoch.step) - 22, defined ? y + (y < F1[0] + 40 ? 36 : -14) : y - 8, (defined ? epoch.f1.toFixed(3) : "undefined") + (epoch.best ? " kept" : ""), { "text-anchor": "end", "font-weight": 750, fill: "var(--ink)" }));
      }
      svg.append(group);
      return group;
    });
    svg.style.cssText = "flex:1;min-height:0;width:100%;font-family:Manrope,sans-serif";
    return { data: data, at: at, svg: svg, line: line, head: head, dots: dots };
  }

  // Everything up to a step, which may lie between two points of the log; returns the loss there.
  function draw(film, step) {
    var log = film.data.log, at = film.at;
    var points = [], loss = log.length ? log[0][1] : 0, last = null;
    for (var index = 0; index < log.length; index += 1) {
      var point = log[index];
      if (point[0] > step) {
        if (last) {
          var share = (step - last[0]) / (point[0] - last[0]);
          loss = last[1] + (point[1] - last[1]) * share;
          points.push([step, loss]);
        }
        break;
      }
      points.push(point);
      loss = point[1];
      last = point;
    }
    film.line.setAttribute("points", points.map(function (point) { return at.x(point[0]).toFixed(1) + "," + at.lossY(point[1]).toFixed(1); }).join(" "));
    var end = points[points.length - 1] || log[0];
    film.head.setAttribute("opacity", end ? 1 : 0);
    if (end) {
      film.head.setAttribute("cx", at.x(end[0]));
      film.head.setAttribute("cy", at.lossY(end[1]));
    }
    film.dots.forEach(function (dot, which) { dot.setAttribute("opacity", film.data.epochs[which].step <= step ? 1 : 0); });
    return loss;
  }

  function showAt(step) {
    var loss = draw(film, step);
    count.textContent = "step " + Math.round(step) + " of " + film.data.steps + ", loss " + loss.toFixed(3);
  }

  // Put a chart of these data into the open panel.
  function put(data) {
    cancelAnimationFrame(frame);
    var made = build(data);
    if (film) film.svg.replaceWith(made.svg);
    else count.after(made.svg);
    film = made;
  }

  function play() {
    title.textContent = "How training went";
    put(recorded);
    if (still) return showAt(recorded.steps);
    var began = null;
    function next(now) {
      if (began === null) began = now;
      var share = Math.min(1, (now - began) / FILM_MS);
      showAt(recorded.steps * share);
      if (share < 1) frame = requestAnimationFrame(next);
    }
    showAt(0);
    frame = requestAnimationFrame(next);
    return undefined;
  }

  // A training that goes on: all that is known of it, and a word.
  function follow(data, heading, said) {
    if (!panel) return;
    title.textContent = heading;
    put(data);
    draw(film, data.steps);
    count.textContent = said;
  }

  function close() {
    if (!panel) return;
    cancelAnimationFrame(frame);
    panel.remove();
    panel = film = null;
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  }

  function open() {
    opener = document.activeElement;
    panel = document.createElement("div");
    panel.id = "training";
    panel.tabIndex = -1;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", "How training went");
    panel.style.cssText = "position:fixed;inset:0 0 calc(36px * var(--scale, 1));z-index:45;box-sizing:border-box;padding:calc(44px * var(--scale, 1)) calc(72px * var(--scale, 1)) 0;background:var(--paper);color:var(--ink);display:flex;flex-direction:column;outline:0;font:600 calc(26px * var(--scale, 1))/1.3 Manrope,sans-serif";
    title = document.createElement("h2");
    title.style.cssText = "margin:0;font-size:1.85em;font-weight:800;letter-spacing:-.02em;line-height:1.15";
    count = document.createElement("p");
    count.style.cssText = "margin:.3em 0 .5em;color:var(--soft);font-variant-numeric:tabular-nums";
    panel.append(title, count);
    document.body.append(panel);
    panel.focus({ preventScroll: true });
    var live = window.LiveTraining && LiveTraining.opened(panel, { play: play, follow: follow });
    if (live) return;
    panel.addEventListener("click", play);
    play();
  }

  document.addEventListener("keydown", function (event) {
    if (!panel || event.key !== "Escape") return;
    event.stopImmediatePropagation();
    close();
  }, true);
  Reveal.on("slidechanged", close);
  Reveal.on("fragmentshown", close);
  return { toggle: function () { if (panel) close(); else open(); } };
})("THE DATA");
