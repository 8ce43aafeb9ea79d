// The day itself: the screen stays awake, and the browser asks before it closes the page.
function Day(isRunning) {
  "use strict";
  var wake = null;
  async function stayAwake() {
    if (!navigator.wakeLock || document.hidden) return;
    try { wake = await navigator.wakeLock.request("screen"); } catch (error) { wake = null; }
    document.body.dataset.awake = String(!!wake);
  }
  document.querySelector("h1 .kind").textContent = "Live";
  document.title = document.title.replace("Rehearse", "Live");
  document.addEventListener("visibilitychange", stayAwake);
  addEventListener("beforeunload", function (event) {
    if (!isRunning()) return;
    event.preventDefault();
    event.returnValue = ""; // older browsers ask only for this
  });
  stayAwake();
}
