// The day itself: the browser asks before it closes the page.

/** @param {() => boolean} isRunning */
function beginDay(isRunning) {
  find("h1 .kind").textContent = tr("Live");
  document.title = document.title.replace(tr("Rehearse"), tr("Live"));
  addEventListener("beforeunload", (event) => {
    if (isRunning()) event.preventDefault();
  });
}
