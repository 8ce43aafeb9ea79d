// The script of a slide as it scrolls past the reading line: by itself at the speaker's pace while
// the clock runs, by hand at any time. Where it is read is kept in seconds of script.
function Prompter(box, settings) {
  "use strict";
  var LINE_SHARE = 0.28; // of the box's height: where the reading line is
  var lines = [], rows = [], length = 0, read = 0, line = null;
  var list = box.querySelector(".lines");

  function element(kind, className, text) {
    var made = document.createElement(kind);
    made.className = className;
    made.textContent = text;
    return made;
  }

  function clock(seconds) {
    return seconds < 60 ? Math.round(seconds) + " s" : Math.floor(seconds / 60) + ":" + String(Math.round(seconds % 60)).padStart(2, "0");
  }

  var makers = {
    say: function (line) { return element("p", "say", line.text); },
    cue: function (line) {
      return element("p", "cue", line.text + (line.cue && !/\d/.test(line.text) ? " · " + clock(line.cue) : ""));
    },
    click: function (line) {
      var made = element("p", "cue click", "Click");
      made.appendChild(element("span", "step", "step " + line.step));
      if (!/^click$/i.test(line.text)) made.append(" " + line.text.replace(/^click[\s:]*/i, ""));
      return made;
    },
    note: function (line) { return element("p", "note", line.text); },
    aside: function (line) { return element("p", "aside", "If asked: " + line.text); },
    head: function (line) { return element("p", "landmark", line.text); },
    code: function (line) { return element("pre", "code", line.text); },
    part: function (line) {
      var text = "optional “" + line.name + "”" + (line.text ? ": " + line.text : "");
      return element("p", "cue part", line.skipped ? "skipped: " + text : text);
    },
    "part-end": function () { return element("p", "cue part end", "end of the optional part"); },
  };

  // Shows other lines and begins at their start, or where the same slide was read before.
  function show(newLines, from) {
    lines = newLines;
    length = lines.reduce(function (total, one) { return total + one.length; }, 0);
    list.textContent = "";
    rows = lines.map(function (one) {
      var row = makers[one.kind](one);
      if (one.part) row.classList.add("optional");
      if (one.skipped) row.classList.add("skipped");
      list.appendChild(row);
      return row;
    });
    if (!rows.length) list.appendChild(element("p", "note", settings.empty));
    read = Math.min(from || 0, length);
    place();
  }

  function current() {
    for (var index = lines.length - 1; index >= 0; index -= 1) {
      if (!lines[index].skipped && lines[index].at <= read + 0.01) return index;
    }
    return 0;
  }

  // The pixel of the text that `read` means: inside a line by its share.
  function pixel() {
    if (!rows.length) return 0;
    var index = current(), one = lines[index], row = rows[index];
    var share = one.length ? Math.min(1, (read - one.at) / one.length) : 0;
    return row.offsetTop + share * row.offsetHeight;
  }

  function place() {
    if (!rows.length) { box.scrollTop = 0; return; }
    var index = current();
    if (line !== rows[index]) {
      if (line) line.classList.remove("now");
      line = rows[index];
      line.classList.add("now");
    }
    // With reduced motion the text moves from line to line, never by itself in between.
    var top = settings.still() ? line.offsetTop : pixel();
    box.scrollTop = top - box.clientHeight * LINE_SHARE;
  }

  // Moved by hand: the reading line goes to what now stands there.
  function byHand(pixels) {
    if (!rows.length) return;
    var wanted = pixel() + pixels;
    var index = 0;
    while (index < rows.length - 1 && rows[index + 1].offsetTop <= wanted) index += 1;
    var one = lines[index], row = rows[index];
    var share = row.offsetHeight ? Math.max(0, Math.min(0.999, (wanted - row.offsetTop) / row.offsetHeight)) : 0;
    read = one.at + share * one.length;
    place();
  }

  box.addEventListener("wheel", function (event) {
    event.preventDefault();
    byHand(event.deltaMode === 1 ? event.deltaY * 24 : event.deltaY);
  }, { passive: false });
  var touch = null;
  box.addEventListener("touchstart", function (event) { touch = event.touches[0].clientY; }, { passive: true });
  box.addEventListener("touchmove", function (event) {
    event.preventDefault();
    byHand(touch - event.touches[0].clientY);
    touch = event.touches[0].clientY;
  }, { passive: false });

  return {
    show: show,
    place: place,
    byLine: function (count) {
      if (!rows.length) return;
      var index = current();
      do { index += count; } while (rows[index] && (lines[index].skipped || lines[index].at === read));
      index = Math.max(0, Math.min(rows.length - 1, index));
      read = lines[index].at;
      place();
    },
    // A step of the slide: what is said after its click comes now.
    atStep: function (step) {
      var click = lines.find(function (one) { return one.kind === "click" && one.step === step; });
      if (click) read = Math.max(read, click.at);
      place();
    },
    advance: function (seconds) { read = Math.min(length, read + seconds); place(); },
    read: function () { return read; },
    length: function () { return length; },
    time: clock,
  };
}
