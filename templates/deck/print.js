// Ctrl+P on the open deck: a slide a page, all steps shown, in light colours, and as it was after.

/** What is shown while printing, and has to go again. */
const printing = { theme: "", shown: /** @type {HTMLElement[]} */ ([]) };

function beforePrint() {
  if (isPrinting || root.classList.contains("printing")) return;
  printing.theme = root.dataset.theme ?? "light";
  printing.shown = findAll(".slides .fragment:not(.visible)");
  printing.shown.forEach((one) => one.classList.add("visible"));
  root.dataset.theme = "light";
  root.style.setProperty("--own-height", `${ownHeight}px`);
  root.classList.add("printing");
}

function afterPrint() {
  if (!root.classList.contains("printing")) return;
  root.classList.remove("printing");
  root.dataset.theme = printing.theme;
  printing.shown.forEach((one) => one.classList.remove("visible"));
}

addEventListener("beforeprint", beforePrint);
addEventListener("afterprint", afterPrint);
