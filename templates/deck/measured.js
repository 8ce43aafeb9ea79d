// A measured number opens the run that it came from: click, Enter, or W for all of a slide.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("deck-data").textContent);
  var dialog = document.getElementById("measured");
  var sheet = dialog.querySelector(".sheet");
  var opener = null;
  // In the text, and in diagrams.
  var ALL = ".measured[data-at]";

  function element(tag, text, name) {
    var made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  function show(fill) {
    sheet.textContent = "";
    var close = element("button", "×", "close");
    close.setAttribute("aria-label", "Close");
    close.onclick = function () { dialog.close(); };
    sheet.append(close);
    fill();
    sheet.querySelector("h2").id = "measured-title";
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  function one(shown, at) {
    var value = data.values[at] || {};
    show(function () {
      sheet.append(element("h2", shown));
      sheet.append(element("p", "unrounded " + value.value, "exact"));
      var list = element("dl");
      var rows = [["in results.json", value.place, true]];
      if (value.low !== undefined) rows.push(["95% interval", value.low + " to " + value.high]);
      if (value.total !== undefined) rows.push(["counted", value.hits + " of " + value.total]);
      data.run.forEach(function (row) { rows.push(row); });
      rows.forEach(function (row) {
        var cell = element("dd");
        cell.append(row[2] ? element("code", row[1]) : document.createTextNode(row[1]));
        list.append(element("dt", row[0]), cell);
      });
      sheet.append(list);
    });
  }

  function all(slide) {
    var seen = {};
    var numbers = [].filter.call(slide.querySelectorAll(ALL), function (number) {
      var key = number.dataset.at + " " + number.textContent;
      if (seen[key]) return false;
      return (seen[key] = true);
    });
    show(function () {
      sheet.append(element("h2", numbers.length ? "Measured on this slide" : "Nothing on this slide was measured", "list"));
      var list = element("ul");
      numbers.forEach(function (number) {
        var row = element("li");
        var button = element("button");
        button.append(element("b", number.textContent), element("code", number.dataset.at));
        button.onclick = function () { one(number.textContent, number.dataset.at); };
        row.append(button);
        list.append(row);
      });
      if (numbers.length) sheet.append(list);
    });
  }

  function open(number) {
    opener = number;
    one(number.textContent, number.dataset.at);
  }

  // Reveal listens on the document: keys pressed in the dialog stay in it.
  dialog.addEventListener("keydown", function (event) { event.stopPropagation(); });
  dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", function () {
    if (opener) opener.focus({ preventScroll: true });
    opener = null;
  });
  document.addEventListener("click", function (event) {
    var number = event.target.closest && event.target.closest(ALL);
    if (number) open(number);
  });
  document.addEventListener("keydown", function (event) {
    var number = event.target.closest && event.target.closest(ALL);
    if (!number || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    open(number);
  }, true);

  window.deckMeasured = {
    bind: function (Reveal) {
      document.querySelectorAll(ALL).forEach(function (number) {
        number.setAttribute("tabindex", "0");
        number.setAttribute("role", "button");
        number.setAttribute("aria-haspopup", "dialog");
        number.setAttribute("aria-label", number.textContent + ", measured: show the run");
      });
      Reveal.addKeyBinding({ keyCode: 87, key: "W", description: "Where the numbers come from" }, function () {
        opener = document.activeElement;
        all(Reveal.getCurrentSlide());
      });
    },
  };
})();
