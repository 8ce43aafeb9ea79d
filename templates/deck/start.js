// Starts the deck: its size, its theme, and reveal.js. Everything here is about decks, not talks.

const root = document.documentElement;
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
const isNarrow = matchMedia("(max-width: 435px)");
const isPrinting = /print-pdf/i.test(location.search);

const ownHeight = Number(root.dataset.height ?? 720); // of a slide, 1280 wide

function deckSize() {
  if (isNarrow.matches && !isPrinting) return { width: 600, height: 1420, fragments: false };
  // A 4:3 or 16:10 projector gets a taller slide instead of bars.
  const asTall = (1280 * (innerHeight - Number(root.dataset.room ?? 0))) / innerWidth;
  const height = Math.min(960, Math.max(ownHeight, Math.round(asTall)));
  return { width: 1280, height: isPrinting ? ownHeight : height, fragments: true };
}

function publishSize() {
  root.style.setProperty("--scale", String(isPrinting ? 1 : Reveal.getScale()));
  root.style.setProperty("--slide-height", `${Reveal.getConfig().height}px`);
}

function resize() {
  const now = deckSize();
  const { width, height } = Reveal.getConfig();
  if (now.height === height && now.width === width) return;
  Reveal.configure(now);
  Reveal.layout();
  publishSize();
}

/**
 * On a phone all slides stand below each other, and reveal forgets the one that the address names.
 * @param {string} address
 */
function scrollToSlide(address) {
  const [name] = address.replace(/^#\/?/, "").split("/");
  const slide = name && document.querySelector(`section[id="${CSS.escape(name)}"]`);
  if (slide && Reveal.isScrollView()) (slide.closest(".scroll-page") ?? slide).scrollIntoView();
}

function switchTheme() {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  storage("localStorage").set(THEME_KEY, root.dataset.theme);
}

/** Slides beside the first one wait for it: what they load would delay it. */
function showNeighbours() {
  Reveal.configure(FAR);
  Reveal.layout();
}

const NEAR = { viewDistance: 1, mobileViewDistance: 1 };
const FAR = { viewDistance: 3, mobileViewDistance: 2 };

async function startDeck() {
  const address = location.hash;
  const isWhole = isPrinting || isNarrow.matches;
  await Reveal.initialize({
    ...deckSize(),
    ...(isWhole ? FAR : NEAR),
    margin: 0,
    minScale: 0.1,
    maxScale: 6,
    center: false,
    rtl: root.dir === "rtl", // the next slide is to the left, as the time line has it
    controls: false,
    progress: false,
    hash: true,
    transition: isStill ? "none" : "fade",
    transitionSpeed: "fast",
    backgroundTransition: "none",
    autoAnimate: !isStill,
    postMessage: false,
    postMessageEvents: false,
    pdfSeparateFragments: false,
    scrollLayout: "compact",
    scrollSnap: false,
    scrollProgress: false,
    keyboardCondition: () => !document.querySelector("dialog[open]"),
  });
  // `application` would keep screen readers from reading the slides as text.
  find(".reveal").removeAttribute("role");
  publishSize();
  scrollToSlide(address);
  Reveal.on("resize", publishSize);
  addEventListener("resize", resize);
  deckKey("D", tr("Light or dark"), switchTheme);
  root.dataset.ready = "true";
  if (!isWhole) setTimeout(showNeighbours, 250);
}

startDeck();
