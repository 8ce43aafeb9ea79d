// The day itself: the screen stays awake, and the browser asks before it closes the page.

async function stayAwake() {
  if (!navigator.wakeLock || document.hidden) return;
  const lock = await navigator.wakeLock.request("screen").catch(() => null);
  document.body.dataset.awake = String(!!lock);
}

/** @param {() => boolean} isRunning */
function beginDay(isRunning) {
  find("h1 .kind").textContent = tr("Live");
  document.title = document.title.replace(tr("Rehearse"), tr("Live"));
  document.addEventListener("visibilitychange", stayAwake);
  addEventListener("beforeunload", (event) => {
    if (isRunning()) event.preventDefault();
  });
  stayAwake();
}
