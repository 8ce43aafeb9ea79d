// Training as it went: the loss draws itself step by step, F1 after each epoch. Loaded when asked
// for; the data are the run's own log.
window.deckTraining = (function (data) {
  "use strict";
  var NS = "http://www.w3.org/2000/svg", FILM_MS = 9000;
  var LEFT = 96, RIGHT = 1040, WIDE = 1136;
  var LOSS = [44, 258], F1 = [352, 470];
  var still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  var panel = null, frame = 0, opener = null;

  function make(tag, attributes, text) {
    var made = document.createElementNS(NS, tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (text !== undefined) made.textContent = text;
    return made;
  }

  var most = Math.max.apply(null, data.log.map(function (point) { return point[1]; }));
  var known = data.epochs.filter(function (epoch) { return epoch.f1 !== null; });
  var least = Math.min.apply(null, known.map(function (epoch) { return epoch.f1; }).concat(0.95));
  var floor = Math.max(0, Math.floor(least * 10 - 0.5) / 10);

  function x(step) { return LEFT + (RIGHT - LEFT) * step / data.steps; }
  function lossY(loss) { return LOSS[1] - (LOSS[1] - LOSS[0]) * loss / most; }
  function f1Y(f1) { return F1[1] - (F1[1] - F1[0]) * (f1 - floor) / (1 - floor); }

  function label(at, y, text, more) {
    return make("text", Object.assign({ x: at, y: y, "font-size": 24, fill: "var(--soft)" }, more), text);
  }

  function axes(svg) {
    [[LOSS, "0", most.toFixed(2)], [F1, floor.toFixed(1), "1.0"]].forEach(function (axis) {
      svg.append(make("line", { x1: LEFT, x2: RIGHT, y1: axis[0][1], y2: axis[0][1], stroke: "var(--line)", "stroke-width": 2 }));
      svg.append(label(LEFT - 14, axis[0][1] + 8, axis[1], { "text-anchor": "end" }));
      svg.append(label(LEFT - 14, axis[0][0] + 8, axis[2], { "text-anchor": "end" }));
    });
    svg.append(label(LEFT, LOSS[0] - 18, "Training loss", { "font-weight": 700, fill: "var(--ink)" }));
    svg.append(label(LEFT, F1[0] - 28, "F1 on the validation set" + (floor ? ", axis from " + floor.toFixed(1) : ""), { "font-weight": 700, fill: "var(--accent)" }));
    data.epochs.forEach(function (epoch, index) {
      svg.append(make("line", { x1: x(epoch.step), x2: x(epoch.step), y1: LOSS[0], y2: F1[1], stroke: "var(--line)", "stroke-width": 2, "stroke-dasharray": "3 7" }));
      svg.append(label(x(epoch.step), F1[1] + 36, "epoch " + (index + 1), { "text-anchor": "end" }));
    });
  }

  function build() {
    var svg = make("svg", { viewBox: "0 0 " + WIDE + " 516", role: "img", "aria-label": "Training loss by step, F1 by epoch" });
    axes(svg);
    var line = make("polyline", { fill: "none", stroke: "var(--ink)", "stroke-width": 4, "stroke-linejoin": "round", "stroke-linecap": "round" });
    var head = make("circle", { r: 8, fill: "var(--ink)" });
    svg.append(line, head);
    var dots = data.epochs.map(function (epoch) {
      var group = make("g", { opacity: 0 });
      if (epoch.f1 !== null) {
        group.append(make("circle", { cx: x(epoch.step), cy: f1Y(epoch.f1), r: epoch.best ? 13 : 9, fill: "var(--accent)", stroke: "var(--paper)", "stroke-width": 3 }));
      }
      var shown = epoch.f1 === null ? "undefined" : epoch.f1.toFixed(3);
      // Beside the dot, on the side where no line comes from.
      group.append(label(x(epoch.step) - 22, epoch.f1 === null ? F1[1] - 8 : f1Y(epoch.f1) + (f1Y(epoch.f1) < F1[0] + 40 ? 36 : -14), shown + (epoch.best ? " kept" : ""), { "text-anchor": "end", "font-weight": 750, fill: "var(--ink)" }));
      svg.append(group);
      return group;
    });
    return { svg: svg, line: line, head: head, dots: dots };
  }

  // Everything up to a step, which may lie between two points of the log.
  function draw(film, step) {
    var points = [], loss = data.log[0][1], last = null;
    for (var index = 0; index < data.log.length; index += 1) {
      var point = data.log[index];
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
    film.line.setAttribute("points", points.map(function (point) { return x(point[0]).toFixed(1) + "," + lossY(point[1]).toFixed(1); }).join(" "));
    var end = points[points.length - 1] || data.log[0];
    film.head.setAttribute("cx", x(end[0]));
    film.head.setAttribute("cy", lossY(end[1]));
    film.dots.forEach(function (dot, at) { dot.setAttribute("opacity", data.epochs[at].step <= step ? 1 : 0); });
    film.count.textContent = "step " + Math.round(step) + " of " + data.steps + ", loss " + loss.toFixed(3);
  }

  function play(film) {
    cancelAnimationFrame(frame);
    if (still) return draw(film, data.steps);
    var began = null;
    function next(now) {
      if (began === null) began = now;
      var share = Math.min(1, (now - began) / FILM_MS);
      draw(film, data.steps * share);
      if (share < 1) frame = requestAnimationFrame(next);
    }
    frame = requestAnimationFrame(next);
    return undefined;
  }

  function close() {
    if (!panel) return;
    cancelAnimationFrame(frame);
    panel.remove();
    panel = null;
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  }

  function open() {
    opener = document.activeElement;
    panel = document.createElement("aside");
    panel.id = "training";
    panel.tabIndex = -1;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", "How training went");
    panel.style.cssText = "position:fixed;inset:0 0 calc(36px * var(--scale, 1));z-index:30;box-sizing:border-box;padding:calc(44px * var(--scale, 1)) calc(72px * var(--scale, 1)) 0;background:var(--paper);color:var(--ink);display:flex;flex-direction:column;outline:0;font:600 calc(26px * var(--scale, 1))/1.3 Manrope,sans-serif";
    var title = document.createElement("h2");
    title.textContent = "How training went";
    title.style.cssText = "margin:0;font-size:1.85em;font-weight:800;letter-spacing:-.02em;line-height:1.15";
    var film = build();
    film.count = document.createElement("p");
    film.count.style.cssText = "margin:.3em 0 .5em;color:var(--soft);font-variant-numeric:tabular-nums";
    film.svg.style.cssText = "flex:1;min-height:0;width:100%;font-family:Manrope,sans-serif";
    panel.append(title, film.count, film.svg);
    panel.addEventListener("click", function () { play(film); });
    document.body.append(panel);
    panel.focus({ preventScroll: true });
    play(film);
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
