// Training as it went: the loss draws itself step by step, F1 after each epoch. Loaded when it is
// first asked for. In a served deck the training that goes on now may be shown here instead.

const FILM_MS = 9000;
const PANEL_STYLE = `position: fixed; inset: 0 0 calc(36px * var(--scale, 1)); z-index: 45;
  box-sizing: border-box; padding: calc(44px * var(--scale, 1)) calc(72px * var(--scale, 1)) 0;
  background: var(--paper); color: var(--ink); display: flex; flex-direction: column; outline: 0;
  font: 600 calc(26px * var(--scale, 1))/1.3 Manrope, sans-serif`;
const TITLE_STYLE = `margin: 0; font-size: 1.85em; font-weight: 800; letter-spacing: -0.02em;
  line-height: 1.15`;
const COUNT_STYLE = "margin: .3em 0 .5em; color: var(--soft); font-variant-numeric: tabular-nums";

const filmTitle = element("h2");
const filmCount = element("p");
const filmPanel = element(
  "div",
  { id: "training", tabIndex: -1, role: "dialog", ariaLabel: tr("How training went") },
  filmTitle,
  filmCount,
);
filmPanel.style.cssText = PANEL_STYLE;
filmTitle.style.cssText = TITLE_STYLE;
filmCount.style.cssText = COUNT_STYLE;
/** @type {ReturnType<typeof trainingChart> | null} */
let chart = null;
let filmFrame = 0;
/** @type {HTMLElement | null} */
let filmOpener = null;

/**
 * @param {string} title
 * @param {Curve} curve
 */
function showCurve(title, curve) {
  cancelAnimationFrame(filmFrame);
  chart?.svg.remove();
  chart = trainingChart(curve);
  filmTitle.textContent = title;
  filmCount.after(chart.svg);
  return chart;
}

function playFilm() {
  const { draw } = showCurve(tr("How training went"), recorded);
  /** @param {number} step */
  const showAt = (step) => {
    const now = { step: Math.round(step), steps: recorded.steps, loss: decimal(draw(step), 3) };
    filmCount.textContent = tr("step {step} of {steps}, loss {loss}", now);
  };
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return showAt(recorded.steps);
  const began = performance.now();
  const next = () => {
    const share = Math.min(1, (performance.now() - began) / FILM_MS);
    showAt(recorded.steps * share);
    if (share < 1) filmFrame = requestAnimationFrame(next);
  };
  next();
}

/**
 * A training that goes on: all that is known of it, and a word.
 * @param {Curve} curve
 * @param {string} title
 * @param {string} said
 */
function followTraining(curve, title, said) {
  showCurve(title, curve).draw(curve.steps);
  filmCount.textContent = said;
}

function openFilm() {
  filmOpener = /** @type {HTMLElement | null} */ (document.activeElement);
  document.body.append(filmPanel);
  filmPanel.focus({ preventScroll: true });
  const detail = { panel: filmPanel, play: playFilm, follow: followTraining };
  const isFree = document.dispatchEvent(
    new CustomEvent("training-opened", { detail, cancelable: true }),
  );
  filmPanel.onclick = isFree ? playFilm : null;
  if (isFree) playFilm();
}

function closeFilm() {
  if (!filmPanel.isConnected) return;
  cancelAnimationFrame(filmFrame);
  filmPanel.remove();
  if (filmOpener?.isConnected) filmOpener.focus({ preventScroll: true });
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!filmPanel.isConnected || event.key !== "Escape") return;
    event.stopImmediatePropagation();
    closeFilm();
  },
  true,
);
Reveal.on("slidechanged", closeFilm);
Reveal.on("fragmentshown", closeFilm);
deckKey("R", tr("Training, as it went"), () =>
  filmPanel.isConnected ? closeFilm() : openFilm(),
);
openFilm();
