// What the speaker's page and a phone say to each other. For tsc alone.

interface PhonePlace {
  slide: number; // from 0
  step: number;
}

/** What the phone shows, as the speaker's page has it. */
interface PhoneState {
  type: "state";
  now: number; // ms, the page's clock
  at: string; // the place that a press is pressed at
  size: string; // "width / height" of the slide, as the audience has it
  place: PhonePlace;
  next: PhonePlace | null;
  title: string;
  then: string; // what comes next, in words
  isBlack: boolean;
  mode: string;
  spent: number; // seconds, on the slide
  slot: number;
  elapsed: number;
  total: number;
  behind: number;
  word: "on time" | "behind" | "ahead" | "no plan";
  skip: { at: string; part: string; gain: number } | null;
  read: number; // the line of the script that is read
}

/** A slide's script: a class and a text for each line. */
interface PhoneScript {
  type: "script";
  of: string; // the slide
  lines: [kind: string, text: string][];
}

type PhoneDoes = "next" | "back" | "black" | "skip";

/** What a phone hears. */
type ToPhone =
  | PhoneState
  | PhoneScript
  | { type: "page"; here: boolean }
  | { type: "taken"; n: number; why: "" | "late" | "place" };

/** What a phone says. */
type FromPhone =
  | { type: "press"; run: string; n: number; does: PhoneDoes; at: string; when: number }
  | { type: "pointer"; x: number; y: number; on: boolean }
  | { type: "ping"; n: number }
  | { type: "unpair" };
