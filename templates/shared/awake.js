// The screen stays awake while a page is seen: a browser lets go of that when the page is hidden,
// and some when the battery is low. Without a secure context (plain http of another host) there is
// nothing to ask for.

/** @param {(isHeld: boolean) => void} tell */
function keepAwake(tell) {
  async function take() {
    if (document.hidden) return;
    const lock = await navigator.wakeLock?.request("screen").catch(() => null);
    tell(!!lock);
    if (lock) lock.onrelease = () => tell(false);
  }
  document.addEventListener("visibilitychange", take);
  take();
}
