// What is drawn on slides. For tsc alone.

/** A point of a slide in its own units (1280 wide), with how hard a stylus was pressed, if it says. */
type InkPoint = [x: number, y: number, pressure?: number];

interface Stroke {
  id: string;
  slide: string; // its name
  step: number; // from which on it is shown
  tool: "pen" | "marker";
  colour: string; // of the palette, by name
  points: InkPoint[];
}

/** Strokes that came or went together. */
interface InkAction {
  n: number; // the version that it made
  ids: string[];
  on: boolean;
}

/** All that was drawn, or, as a message, what is new of it. */
interface InkState {
  version: number;
  strokes: Stroke[];
  known: string[]; // the ids of all strokes
  done: InkAction[];
  undone: InkAction[];
}

/** Which part of a slide is seen: its middle, as shares of the slide, and how much larger. */
interface Zoom {
  x: number;
  y: number;
  scale: number;
}

interface Share {
  x: number;
  y: number;
}

type Tool = "pointer" | "pen" | "marker" | "rubber";

/** What a page has for drawing. */
interface BoardHost {
  surface: HTMLElement; // takes mouse, finger and stylus while a tool is held
  height: number; // of a slide, 1280 wide
  key: string; // of the session's storage
  box: () => DOMRect; // the slide as it is seen now
  place: () => { slide: string; step: number };
  post: (message: PairMessage) => void;
  paint: () => void; // what is drawn has changed
}
