// Keys and buttons. One table makes both, and the help that lists them: no key is missing there.
function Keys(on) {
  "use strict";
  // keys, their names, command, what it does, and the button's text where there is one.
  var KEYS = [
    [["ArrowRight", "PageDown", " ", "n"], "→ Space PgDn N", "next", "Next step or slide; the first one starts the clock", "Next"],
    [["ArrowLeft", "PageUp"], "← PgUp", "back", "Back; time already spent stays counted", "Back"],
    [["p"], "P", "pause", "Start the clock; stop it for a question; go on", "Start / pause"],
    [["q"], "Q", "qa", "Q&A begins or ends; its time is kept apart", "Q&A"],
    [["x"], "X", "skip", "Skip the next optional part", "Skip"],
    [["z"], "Z", "unskip", "Take the last skip back"],
    [["s"], "S", "audience", "Open the audience’s window", "Audience"],
    [["b", "."], "B .", "black", "Audience’s window black, and back"],
    [["ArrowUp"], "↑", "up", "Script: one line back"],
    [["ArrowDown"], "↓", "down", "Script: one line on"],
    [["a"], "A", "scroll", "Script scrolls by itself, or waits"],
    [["+", "="], "+", "faster", "Script scrolls faster"],
    [["-"], "−", "slower", "Script scrolls slower"],
    [["Home"], "Home", "first", "First slide"],
    [["End"], "End", "last", "Last slide"],
    [["r"], "R", "reset", "Reset the clock; the slide stays", "Reset"],
    [["u"], "U", "undo", "Undo the reset", "Undo"],
    [["e"], "E E", "end", on.live ? "End the talk" : "End and record", "End"],
    [["d"], "D", "drill", "Drill: questions at random", "Drill"],
    [["?", "F1"], "?", "help", "These keys", "?"],
  ];
  var MORE = [
    ["1 … 9, Enter", "Go to the slide of that number"],
    ["In the drill", "Space: the answer, then the next question · N: next question · G: its slide · Esc: leave"],
  ];
  var byKey = {};
  KEYS.forEach(function (row) {
    row[0].forEach(function (key) { byKey[key] = row[2]; });
    line(row[1], row[3]);
    if (!row[4]) return;
    var button = document.createElement("button");
    button.textContent = row[4];
    if (row[4] === "?") button.setAttribute("aria-label", "Keys");
    button.dataset.command = row[2];
    button.addEventListener("click", function (event) {
      if (event.detail) button.blur(); // the space bar goes on being an advance
      on.commands[row[2]]();
    });
    document.querySelector("nav").appendChild(button);
  });
  MORE.forEach(function (row) { line(row[0], row[1]); });

  function line(keys, text) {
    var row = document.querySelector("#help tbody").insertRow();
    var head = document.createElement("th");
    head.scope = "row";
    head.textContent = keys;
    row.appendChild(head);
    row.insertCell().textContent = text;
  }

  function drillKey(key) {
    if (key === " " || key === "Enter") on.drill.answer();
    else if (key === "n" || key === "ArrowRight" || key === "PageDown") on.drill.next();
    else if (key === "Escape") on.drill.close();
    else if (key === "g" && on.drill.slide() !== null) on.go({ slide: on.drill.slide(), step: on.slides[on.drill.slide()].steps });
    else return false;
    return true;
  }

  var digits = "";
  addEventListener("keydown", function (event) {
    var key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.repeat && !/^Arrow/.test(key)) return;
    var onControl = event.target.closest && event.target.closest("button, a, select");
    if (onControl && (key === " " || key === "Enter" || event.target.tagName === "SELECT")) return;
    if (on.drill.isOpen() && drillKey(key)) return event.preventDefault();
    if (/^\d$/.test(key)) {
      digits = (digits + key).slice(-3);
      return on.say("Slide " + digits + ": Enter goes there.");
    }
    if (key === "Enter" && digits) {
      var to = on.slides.findIndex(function (slide) { return slide.number === Number(digits); });
      if (to >= 0) on.go({ slide: to, step: 0 }, "jump");
      else on.say("There is no slide " + digits + ".");
      digits = "";
      return event.preventDefault();
    }
    digits = "";
    if (!byKey[key]) return undefined;
    event.preventDefault();
    return on.commands[byKey[key]]();
  });
}
