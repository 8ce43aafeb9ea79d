// What the preview's server says. For tsc alone.

/** What the preview's server says over the socket. */
type LiveMessage =
  | Patch
  | ({ type: "fault" } & Fault)
  | { type: "mended" }
  | { type: "font"; reload: boolean }
  | { type: "hello"; demo: DemoState; training: TrainingState }
  | ({ type: "demo" } & DemoState)
  | ({ type: "training" } & TrainingState);

interface Fault {
  where: string;
  message: string;
  hint?: string;
}

/** What changed in the deck; a piece that is absent stays. */
interface Patch {
  type: "patch";
  version: string;
  frame: string; // of what can't be swapped
  sections?: Record<string, string>; // slide's name -> its HTML
  order?: string[];
  timeline?: string;
  data?: string;
  styles?: string;
  css?: string; // hash of the stylesheet
  notes?: string; // hash of the notes
}

/** What the live demo's model is at. */
interface DemoState {
  name: "loading" | "ready" | "failed" | "gone" | "none";
  note: string;
}

/** What the page knows of the run's models, with the run's own answers. */
interface DemoRun {
  model: string;
  names: Record<string, string>; // model -> its name in the talk
  positive: string; // the label; empty where none is
  examples: ({ text: string; expected: string } & Verdicts)[];
  prompts: ({ prompt: string } & NextTokens)[];
}

interface Verdicts {
  said: Record<string, { label: string; confidence: number }>;
  tokens?: string[];
  beyond?: number; // tokens that were cut off
  unread?: boolean; // too long: only its beginning was read
  expected?: string;
}

interface NextTokens {
  candidates: [token: string, share: number][];
  tokens?: string[];
}

/** How the answer changes when pieces of the text are left out, one at a time. */
interface Moved {
  label?: string; // whose probability changes
  pieces: [from: number, to: number][]; // tokens
  changes: number[];
}

/** A training that the server runs; `log` is what came to it from its place `from` on. */
interface TrainingState {
  state: "none" | "idle" | "preparing" | "training" | "done" | "stopped" | "failed";
  note: string;
  from: number;
  log: Curve["log"];
  scores?: (number | null)[]; // F1 by epoch
  steps?: number;
  epochs?: number;
  seconds?: number;
  messages?: number;
  share?: number; // of the messages that were read
}
