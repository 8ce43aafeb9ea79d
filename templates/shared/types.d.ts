// What the browser code is given: reveal.js, and data that the pages carry. For tsc alone.

interface RevealSlide {
  h: number;
  v: number;
  f?: number; // the last step that is shown, from 0; -1 for none
}

/** English -> its forms, one or more: texts of a page in another language. */
declare const words: Record<string, string[]> | undefined;

/** The part of reveal.js that is used here: https://revealjs.com/api/ */
declare const Reveal: {
  initialize(config: object): Promise<void>;
  configure(config: object): void;
  getConfig(): { width: number; height: number };
  isReady(): boolean;
  isPaused(): boolean;
  isOverview(): boolean;
  isScrollView(): boolean;
  getScale(): number;
  getIndices(): RevealSlide;
  getSlides(): HTMLElement[];
  getCurrentSlide(): HTMLElement;
  slide(horizontal: number, vertical: number, fragment?: number): void;
  sync(): void;
  syncFragments(slide: HTMLElement): void;
  layout(): void;
  togglePause(on: boolean): void;
  on(type: string, listener: (event: Event & { indexh: number }) => void): void;
  registerKeyboardShortcut(key: string, description: string): void;
  addKeyBinding(
    binding: number | { keyCode: number; key: string; description: string },
    action: (event?: KeyboardEvent) => void,
  ): void;
};

interface Window {
  deckNotes: Record<string, string>; // slide's name -> its speaker notes as HTML
  showsFull?: boolean; // one picture alone, no deck
}

/** What a deck asks of stage.js, which is loaded when it is first asked. */
interface StageWish {
  open?: (look?: string) => void; // the speaker's page, on another display
  blocked?: Partial<HTMLAnchorElement>; // its address, where the browser opens no window
  place?: () => object; // with `tell`: this is the audience's window
  tell?: (message: PairMessage) => void;
  message?: PairMessage; // of the speaker's page
  fill?: boolean; // the screen, where the browser lets a page do that by itself
  tellBuild?: (build: number) => void;
}

interface DocumentEventMap {
  stage: CustomEvent<StageWish>;
  // The preview changed slides: these alone, or all.
  "deck-swapped": CustomEvent<{ notes?: string; slides?: string[] }>;
  "deck-styled": Event; // its stylesheet is there
  "training-opened": CustomEvent<TrainingPanel>;
  drawing: CustomEvent<DrawingWish>; // what is wanted of drawing.js
  drawn: CustomEvent<PairMessage>; // what it tells the other window
}

/** What the deck wants of drawing.js; none of it: to show what was drawn. */
interface DrawingWish {
  tool?: "pointer" | "pen" | "marker" | "rubber" | "zoom";
  clientX?: number; // where the mouse is
  clientY?: number;
  message?: PairMessage;
  isTouched?: boolean;
}

interface TrainingPanel {
  panel: HTMLElement;
  play: () => void;
  follow: (curve: Curve, heading: string, said: string) => void;
}

/** A run's training, recorded or still going on. */
interface Curve {
  steps: number;
  log: [step: number, loss: number][];
  epochs: Epoch[];
  loss?: string; // what the loss is called
}

/** The data of the run that the film shows: its script begins with them. */
declare const recorded: Curve;

interface Epoch {
  step: number; // its last one
  f1?: number | null; // null: undefined; absent: not measured yet
  best: boolean;
}

/** What one of two paired windows says to the other. */
interface PairMessage {
  type:
    | ("at" | "hello" | "bye" | "black" | "focus" | "close" | "show" | "found" | "lost" | "shown")
    | ("paint" | "full" | "reload" | "caption" | "captions")
    | ("pointer" | "stroke" | "ink" | "zoom");
  pair?: string | null;
  from?: string;
  role?: string | null;
  count?: number;
  answer?: boolean;
  on?: boolean;
  slide?: number;
  step?: number;
  moved?: number;
  x?: number; // a share of the slide
  y?: number;
  scale?: number;
  tall?: number; // the slide in the audience's window, 1280 wide
  stroke?: unknown; // a Stroke, with new points alone
  ink?: unknown; // an InkState
  text?: string; // the live caption
  captions?: boolean; // whether there are live captions
  build?: number; // of the slides: 0 where it isn't known
  since?: number; // "paint": ms since the window painted
  hidden?: boolean;
  full?: boolean; // screen
  wants?: boolean; // a press in that window for full screen
  left?: number; // "full": where the display begins that the speaker's page is on
  top?: number;
  width?: number; // in pixels of the display
  height?: number;
  overview?: boolean;
  awake?: boolean; // the screen stays so
}

/** A display, where the browser tells: https://www.w3.org/TR/window-management/ */
interface Display extends Screen {
  availLeft: number;
  availTop: number;
  isPrimary: boolean;
  isInternal: boolean;
  label: string;
}

interface Screen {
  isExtended?: boolean;
  availLeft?: number;
  availTop?: number;
}

interface Window {
  getScreenDetails?: () => Promise<{ screens: Display[]; currentScreen: Display }>;
}

interface FullscreenOptions {
  screen?: Display;
}

/** A place in pixels, of the window or of a slide. */
interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

type FitSide = "top" | "bottom" | "left" | "right";

/** What stands around a piece of a slide. */
interface FitInside {
  block: Element; // the nearest that isn't in a line
  card: Element | null; // the nearest with a frame or a ground of its own
  clips: Element[]; // all that cut off or scroll what is in them
}

/** A line of text, a picture or a card, and where it can be seen. */
interface FitLeaf extends FitInside {
  kind: "text" | "picture" | "card";
  element: Element;
  box: Box;
  lines?: number; // of the whole text
  text?: string;
}

/** A typeface at 100 px. */
interface KnownFace {
  widths: Record<string, number>; // of letters
  kerning: Record<string, number>; // by how much two letters are set wider than alone
  isOdd: boolean; // words are wider or less wide than that says
}

/** One text of a slide: of which block it is, and how its letters are set. */
interface FreeRun {
  block: number; // or FREE_FIXED, FREE_ANY
  face: number;
  size: number;
  spacing: number;
  wraps: boolean;
}

/** One thing that isn't where it can be seen. */
interface FitFault {
  part: string;
  kind: string;
  side: FitSide | "";
  px: number;
  said: string;
  box: Box; // in the slide
}
