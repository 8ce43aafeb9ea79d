// What the rehearsal page is given, and the states of its clock. For tsc alone.

/** The page's JSON block: `TalkData` of pipeline/pages/rehearsal.py. */
interface TalkData {
  talk: string;
  title: string;
  script: string;
  cut: string;
  pace_wpm: number;
  cuts: Cut[];
  slides: Slide[];
  backups: Backup[];
  questions: Question[];
  closing: Item[];
}

interface Cut {
  name: string;
  title: string;
  is_full: boolean;
  slots_s: number[];
  q_and_a_s: [low: number, high: number] | null;
  checkpoints: { slide: number; at_s: number }[];
}

interface Slide {
  name: string;
  number: number;
  title: string;
  steps: number;
  version: string;
  items: Item[];
}

/** A slide behind the end. */
interface Backup {
  name: string;
  shown: string; // its number, as pages print it
  title: string;
  items: Item[];
}

type LineKind = "say" | "cue" | "click" | "note" | "aside" | "head" | "code" | "part" | "part-end";

/** One item of a slide's script. */
interface Item {
  kind: LineKind;
  text?: string;
  words?: number;
  seconds?: number; // of a cue
  if_time?: boolean;
  name?: string; // of an optional part
  cuts?: string[]; // that have the part
  items?: Item[];
  speech?: number; // "say": which of the slide's, in all cuts
}

/** One line of the teleprompter. */
interface Line {
  kind: LineKind;
  text: string;
  name: string;
  words: number;
  cue: number; // seconds
  step: number; // of a click
  part: string;
  skipped: boolean;
  at: number; // seconds of script before it
  length: number; // seconds
  speech?: number; // as of an item
}

interface Question {
  text: string;
  answer: Item[];
  slides: number[];
  tags: string[];
}

interface Place {
  slide: number; // from 0
  step: number;
}

/** Both clocks at once, in ms. */
interface Moment {
  steady: number; // performance.now()
  wall: number; // Date.now()
}

interface Stay {
  slide: number;
  at: number; // ms of the rehearsal before it, pauses and Q&A among them
  ms: number;
  away?: number; // ms in which nobody was there, when the pause began
  isApart?: boolean; // those are not in its `ms`: it was a pause before
}

interface Skip {
  slide: number;
  part: string;
  gain: number; // seconds
}

interface ClockState {
  id: string;
  mode: "idle" | "running" | "paused" | "qa" | "ended";
  started: number | null; // ms of the clock on the wall
  since: number; // until when the time is put where it was spent
  at: number; // the slide that is shown
  step: number;
  moved: number; // when the deck was moved last, by either window
  front: number; // the furthest slide that was reached
  origin: number; // the slide where the clock began
  visits: Stay[];
  pauses: Stay[];
  skips: Skip[];
  qa: number; // ms
  kept: ClockState[]; // clocks that were reset
}

type ClockAction =
  | { type: "go"; slide: number; step: number; moved?: number; peek?: boolean }
  | { type: "pause" | "qa" | "unskip" | "undo" | "end" | "count" }
  | ({ type: "skip" } & Skip)
  | { type: "reset"; id: string };

type ClockStep<Type extends ClockAction["type"]> = (
  state: ClockState,
  action: Extract<ClockAction, { type: Type }>,
  now: number,
  date: number,
) => ClockState;

/** All that the page shows of the time; seconds. */
interface View {
  mode: ClockState["mode"];
  slide: number;
  spent: number; // on the slide that is shown
  slot: number;
  elapsed: number;
  total: number;
  finish: number;
  remaining: number;
  behind: number;
  word: "on time" | "behind" | "ahead" | "no plan"; // no slide has a time
  paused: number;
  qa: number;
  checkpoint?: { slide: number; at: number; expected: number };
  skip: Skip | null; // the next one
  pace: number | null; // words a minute
}

/** A key or several: as pressed, as shown, the command, what it does, the text of its button. */
type KeyRow = [keys: string[], shown: string, command: string, does: string, button?: string];

/** Where the rehearsal is, for who isn't the page. */
interface RehearsalNow {
  id: string; // its record's
  slide: string; // name; "" while a backup is shown
  cut: string;
  skipped: { slide: string; part: string }[];
  at_s: number; // since it began, with pauses and Q&A
  mode: ClockState["mode"];
}

/** The page, for scripts that come before it: they add commands and keys, and change it by those. */
interface RehearsalStage {
  data: TalkData;
  isLive: boolean;
  commands: Record<string, () => void>;
  keys: KeyRow[];
  say: (text: string, more?: Node | string, ms?: number) => void;
  pair: { post: (message: PairMessage) => void };
  prompter: Follower;
  captions: { say: (sentence: string, share: number) => void };
  now: () => RehearsalNow;
  shown: () => RehearsalShown;
  view: () => View; // the times as they are now
  sent: () => Promise<void>; // once the answer to the last record is shown
}

/** What the audience sees, and what an advance leads to. */
interface RehearsalShown {
  place: Place; // a backup's, too
  after: Place | null;
  isBlack: boolean;
}

/** A press on a phone, as the server passes it on. */
interface PhonePress {
  type: "press";
  phone: number;
  run: string; // of the phone's page
  n: number; // within it
  does: "next" | "back" | "black" | "skip";
  at: string; // the place it was pressed at
  when: number; // by this page's clock
}

/** What the server says of phones. */
type FromRemote =
  | PhonePress
  | { type: "phones"; phones: number[] }
  | { type: "code"; link: string; picture: string; refused: number }
  | { type: "came" | "ping"; phone: number }
  | { type: "pointer"; phone: number; x: number; y: number; on: boolean };

/** A tenth of a second of sound: 16 kHz, 16 bit, one channel. */
interface SoundFrame {
  buffer: ArrayBuffer;
  level: number; // dB below full scale
  peak: number; // 1: full scale
}

/** Where in the script the voice is. */
interface VoicePlace {
  type: "place";
  sentence: number;
  slide: string; // name; "" for the closing words
  speech: number; // as of an item
  share: number; // of the item
  within: number; // of the sentence
  text: string; // of the sentence
  lost: boolean; // nothing of the script is heard
  sure: number;
}

/** What the server says over the voice's socket. */
type VoiceMessage =
  | VoicePlace
  | { type: "trouble"; what: string }
  | { type: "ready" | "kept" };

/** The teleprompter, as it is led. */
interface Follower {
  isLed: boolean;
  follow: (said: { speech: number; share: number; text: string } | null) => void;
}

interface DocumentEventMap {
  rehearsal: CustomEvent<RehearsalStage>; // it begins: keys are not made yet
  "rehearsal-shown": CustomEvent<View>; // ten times a second
}

/** A run as the browser keeps it. */
interface KeptRun {
  saved: number; // ms of the clock on the wall
  seen: number; // ms of the clock that the state was settled by
  slides: number;
  id: string;
  cut: string;
  pace: number;
  pair?: string; // with the audience's window
  state: ClockState; // settled when it was saved
}

/** A rehearsal as the log takes it: `Record` of pipeline/rehearsal/record.py. */
interface RehearsalRecord {
  id: string;
  started: string;
  [field: string]: unknown;
}

/** What the audience's window said last of what it paints. */
interface Beat extends Required<
  Pick<PairMessage, "since" | "hidden" | "full" | "wants" | "width" | "height" | "overview">
>, Required<Pick<PairMessage, "slide" | "step" | "on" | "awake" | "build">> {
  at: number; // ms of this page's steady clock
  from?: string;
}

type ProjectorFault = "silent" | "hidden" | "still" | "build" | "black" | "overview" | "slide";
