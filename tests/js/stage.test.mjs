// The audience's window: what is wrong with it, and captions in pieces.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./bundles.mjs";

const PAGE = { tr: (text) => text, session: { get: () => null, set() {} } };
const { ALL_STEPS, projectorFault } = load(
  ["rehearse/backups", "rehearse/projector"],
  ["ALL_STEPS", "projectorFault"],
  PAGE,
);
const { Captions, captionPieces } = load(
  ["rehearse/captions"],
  ["Captions", "captionPieces"],
  PAGE,
);
const { findDisplays, fills } = load(["shared/displays"], ["findDisplays", "fills"], {
  window: { getScreenDetails: () => given },
  screen: { isExtended: true },
});

let given = Promise.resolve();

const WANTED = { place: { slide: 3, step: 1 }, build: 5, black: false, isAlive: true };
const BEAT = { at: 1000, since: 400, slide: 3, step: 1, build: 5 };

/** What is wrong with a window that differs from a good one. */
const fault = (beat, wanted, now = 1400) =>
  projectorFault({ ...BEAT, ...beat }, { ...WANTED, ...wanted }, now);

test("a window that paints the same slide has no fault; each other one has its name", () => {
  assert.equal(fault(), null);
  assert.equal(fault({ build: 0 }), null); // not known
  assert.equal(fault({}, { place: { slide: 3, step: ALL_STEPS } }), null); // a backup
  assert.equal(fault({ hidden: true }), "hidden");
  assert.equal(fault({ hidden: true }, {}, 60000), "hidden"); // it beats once a minute
  assert.equal(fault({ hidden: true }, { isAlive: false }, 60000), "silent"); // and answers no more
  assert.equal(fault({ since: 1500 }), "still");
  assert.equal(fault({ build: 6 }), "build");
  assert.equal(fault({ on: true }), "black");
  assert.equal(fault({ on: true }, { black: true }), null);
  assert.equal(fault({ overview: true }), "overview");
  assert.equal(fault({ step: 0 }), "slide");
  assert.equal(fault({}, {}, 3000), "silent"); // two seconds later
});

test("a caption is a sentence; a long one comes in pieces of two lines, by what was said", () => {
  assert.deepEqual(captionPieces("Nothing is typed."), ["Nothing is typed."]);
  const text =
    "A model that was trained on everything (and then on your 4,500 messages, once more) knows " +
    "what its data knew, says what its data said, and isn't wiser than that: not at all.";
  const pieces = captionPieces(text);
  assert.equal(pieces.join(" "), text);
  assert.ok(pieces.length === 2 && pieces.every((piece) => piece.length <= 108), pieces);
  const chinese = "模型".repeat(70);
  assert.ok(captionPieces(`${chinese}。`).every((piece) => piece.length <= 54));
  const hebrew = "מודל שאומן על הכול יודע מה שהנתונים שלו ידעו ".repeat(5).trim();
  assert.equal(captionPieces(hebrew).join(" "), hebrew);
});

test("captions are told once each, only while they are wanted and allowed", () => {
  const told = [];
  const captions = new Captions((message) => told.push(message));
  captions.say("Off by default.", 0);
  assert.deepEqual(told, []);
  captions.toggle();
  captions.say("One.", 0.1);
  captions.say("One.", 0.9);
  captions.say("", 0);
  captions.allow(false); // questions
  captions.allow(false);
  captions.say("Not now.", 0);
  captions.allow(true);
  captions.say("Two.", 0);
  captions.toggle();
  const off = { type: "captions", captions: false };
  assert.deepEqual(told, [
    { type: "caption", text: "One." }, { type: "caption", text: "" }, off,
    { type: "caption", text: "Two." }, off,
  ]);
});

test("the projector is none of the machine's own; the speaker keeps another one", async () => {
  const own = { label: "own", isInternal: true, isPrimary: true };
  const desk = { label: "desk", isInternal: false, isPrimary: true };
  const beamer = { label: "beamer", isInternal: false, isPrimary: false };
  const found = async (screens, currentScreen, isSpeakers) => {
    given = Promise.resolve({ screens, currentScreen });
    const displays = await findDisplays(isSpeakers);
    return displays && [displays.audience.label, displays.speaker.label];
  };
  assert.deepEqual(await found([own, beamer], own, true), ["beamer", "own"]);
  assert.deepEqual(await found([own, desk, beamer], desk, true), ["beamer", "desk"]);
  assert.deepEqual(await found([own, beamer], beamer, true), ["own", "beamer"]);
  assert.deepEqual(await found([own, beamer], beamer, false), ["beamer", "own"]);
  assert.deepEqual(await found([own, beamer], own, false), ["beamer", "own"]);
  assert.equal(await found([own], own, true), null);
  given = Promise.reject(new Error("refused"));
  assert.equal(await findDisplays(true), null);
  const display = { availLeft: -1920, availTop: 0, availWidth: 1920, availHeight: 1040 };
  assert.equal(fills(display), "popup,left=-1920,top=0,width=1920,height=1040");
});
