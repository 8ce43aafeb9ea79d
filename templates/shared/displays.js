// The displays of this machine, where the browser tells them: the Window Management API, which asks
// the speaker once. https://www.w3.org/TR/window-management/

/** A projector is rather no display of the machine's own, nor the one with the desktop. */
const displayRank = (/** @type {Display} */ { isInternal, isPrimary }) =>
  (isInternal ? 2 : 0) + (isPrimary ? 1 : 0);

/** Whether there are several, and the browser places windows on them. */
const placesWindows = () => !!screen.isExtended && !!window.getScreenDetails;

/** Whether the browser will ask the speaker before it tells them. */
async function asksForDisplays() {
  const name = /** @type {PermissionName} */ ("window-management");
  const found = await navigator.permissions.query({ name }).catch(() => null);
  return found?.state === "prompt";
}

/**
 * The audience's display, and the speaker's, which is another one; null where the speaker, or the
 * browser, doesn't tell.
 * @param {boolean} isSpeakers this window is the speaker's
 */
async function findDisplays(isSpeakers) {
  try {
    const details = await window.getScreenDetails?.();
    if (!details || details.screens.length < 2) return null;
    const { currentScreen: here } = details;
    const ranked = [...details.screens].sort((a, b) => displayRank(a) - displayRank(b));
    const [audience] = ranked.filter((one) => !isSpeakers || one !== here);
    return { audience, speaker: audience === here ? ranked[ranked.length - 1] : here };
  } catch {
    return null;
  }
}

/**
 * What window.open takes for a window that fills a display.
 * @param {Display} display
 */
function fills({ availLeft, availTop, availWidth, availHeight }) {
  const size = `width=${availWidth},height=${availHeight}`;
  return `popup,left=${availLeft},top=${availTop},${size}`;
}
