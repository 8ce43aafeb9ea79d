// Runs before anything is painted: light or dark, as asked for by address, choice or talk.
(function () {
  "use strict";
  var root = document.documentElement;
  var asked = new URLSearchParams(location.search).get("theme");
  var kept = null;
  try { kept = localStorage.getItem("deck-theme"); } catch (error) { /* storage is shut off */ }
  [asked, kept].some(function (theme) {
    if (theme !== "light" && theme !== "dark") return false;
    root.dataset.theme = theme;
    return true;
  });
})();
