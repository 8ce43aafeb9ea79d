// Pointer, pen and zoom on the page's picture of the slide; the audience's window shows the same.

/**
 * @param {HTMLElement} screen
 * @param {HTMLElement} whole what is moved and made larger in it
 * @param {Board} board
 * @param {(message: PairMessage) => void} post
 */
function zoomingOn(screen, whole, board, post) {
  return new Zooming({
    target: screen,
    post,
    frame: () => screen.getBoundingClientRect(),
    show(zoom, isSmooth) {
      const { width, height } = this.frame();
      whole.style.transition = isSmooth ? "transform 200ms" : "";
      whole.style.transform = zoomTransform(zoom, { left: 0, top: 0, width, height });
    },
    isDrawing: () => board.tool !== null,
    drop: () => board.drop(),
  });
}

/**
 * @param {object} page
 * @param {() => { slide: string, step: number }} page.place
 * @param {(message: PairMessage) => void} page.post
 */
function createDrawing({ place, post }) {
  const screen = find(".now .screen");
  const whole = find(".whole", screen);
  const { height } = deckSize();
  const layer = inkLayer(height);
  const surface = element("div", { id: "surface", hidden: true });
  let shown = "";
  const mouse = { clientX: 0, clientY: 0 };
  // The picture is the deck's: in its theme, and this page is dark.
  const chosen = storage("localStorage").get(THEME_KEY);
  if (chosen === "light" || chosen === "dark") whole.dataset.theme = chosen;
  whole.append(layer);
  screen.append(surface);

  function paint() {
    const { slide, step } = place();
    paintLayer(layer, board.strokesOn(slide), step);
  }

  const box = () => whole.getBoundingClientRect();
  const key = `drawn ${location.pathname}`;
  const board = new Board({ surface, height, key, box, place, post, paint });
  const zooming = zoomingOn(screen, whole, board, post);
  /** @type {HTMLIFrameElement} */
  const frame = find("#current");
  // From a file nothing may look into the frame: then nobody knows what its slides say.
  const sectionOf = (/** @type {string} */ slide) => frame.contentDocument?.getElementById(slide);
  new ToolBar(board, surface, (bar) => find("main").append(bar), sectionOf);

  addEventListener("pointermove", ({ clientX, clientY }) => {
    Object.assign(mouse, { clientX, clientY });
  });
  screen.addEventListener("click", (event) => {
    if (event.altKey) zooming.toggle(event);
  });
  addEventListener("resize", () => zooming.set(zooming.zoom, true));
  bindDrawingKeys(board, zooming);
  paint();

  return {
    /** @param {Tool} tool */
    hold: (tool) => board.hold(tool),
    zoom: () => zooming.toggle(mouse),
    /** Another step, or slide, which is seen whole. */
    moved() {
      const { slide } = place();
      if (slide !== shown) zooming.set(WHOLE, true);
      shown = slide;
      paint();
    },
    /** @param {PairMessage} message */
    hear(message) {
      if (message.type === "zoom") zooming.set(message, true);
      else if (message.type !== "found") board.hear(message);
      else if (board.ink.shown.length) board.greet(false);
    },
  };
}
