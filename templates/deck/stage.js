// What a deck asks for when it is the audience's window, or wants the speaker's page on another
// display: deck/audience.js loads this then.

const BOX_STYLE = `position: fixed; z-index: 50; inset: 16px 16px auto auto; margin: 0;
  padding: 14px 18px; border: 2px solid var(--ink); border-radius: 12px; background: var(--card);
  color: var(--ink); font: 600 20px/1.4 Manrope, sans-serif`;
let beatNow = () => {};
const F_KEY = 70;
let presses = 0;

/**
 * A word in a corner of the window, one of a kind.
 * @param {string} id
 * @param {...(Node | string)} inside
 */
function showBox(id, ...inside) {
  const box = element("p", { id, role: "status" }, ...inside);
  box.style.cssText = BOX_STYLE;
  find(`#${id}`)?.remove();
  document.body.append(box);
}

/**
 * A browser that blocks the window lets the speaker open it by hand.
 * @param {Partial<HTMLAnchorElement>} address
 */
function offerPresenter(address) {
  const link = element("a", address, tr("Open the presenter's page"));
  link.onclick = () => find("#blocked")?.remove();
  showBox("blocked", tr("The browser blocked the window."), " ", link);
}

/**
 * The page on the speaker's display; this window goes to full screen on the other one.
 * @param {(look?: string) => void} open
 */
async function openPlaced(open) {
  const press = (presses += 1);
  if (!placesWindows() || find("#asking")) return open(); // pressed again: without an answer
  if (await asksForDisplays()) {
    const why = tr("The browser asks for your screens: to show the slides on the projector.");
    showBox("asking", why);
  }
  const displays = await findDisplays(false);
  find("#asking")?.remove();
  if (press !== presses) return;
  // In this order: one press of a key is good for both.
  const { documentElement } = document;
  if (displays) documentElement.requestFullscreen({ screen: displays.audience }).catch(() => {});
  open(displays ? fills(displays.speaker) : undefined);
}

/** @param {PairMessage} message */
function hearPage({ type, on, text, captions, left, top }) {
  if (type === "close") window.close();
  if (type === "reload") location.reload();
  if (type === "black" && on !== Reveal.isPaused()) Reveal.togglePause(!!on);
  if (type === "full") {
    Object.assign(speakersDisplay, { left, top });
    switchFull().then(beatNow);
  }
  if (type === "caption") showCaption(String(text ?? ""));
  if (type === "lost") showCaption("");
  if (captions === false) leaveCaptions();
}

document.addEventListener("stage", (event) => {
  event.preventDefault();
  const { open, blocked, place, tell, message, fill, tellBuild } = event.detail;
  if (open) openPlaced(open);
  if (blocked) offerPresenter(blocked);
  if (place && tell) {
    beatNow = startBeats(tell, place);
    Reveal.on("paused", () => tell({ type: "black", on: true }));
    Reveal.on("resumed", () => tell({ type: "black", on: false }));
    Reveal.addKeyBinding(F_KEY, switchFull); // reveal.js's own leads to full screen, and not back
  }
  if (message) hearPage(message);
  if (fill) fillScreen();
  tellBuild?.(slidesHash());
});
