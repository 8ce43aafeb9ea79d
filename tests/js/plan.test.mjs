// Where the talk stands against its plan, and the script in lines.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./bundles.mjs";

const { applyAction, freshClock, planView, scriptLines } = load(
  ["shared/time", "rehearse/clock", "rehearse/plan"],
  ["applyAction", "freshClock", "planView", "scriptLines"],
);

const START = 5000;
const say = (words) => ({ kind: "say", text: "…", words });
const go = (slide, step = 0) => ({ type: "go", slide, step });

const slide = (n) => ({
  name: `s${n}`,
  number: n + 1,
  title: `S${n}`,
  steps: 1,
  items: [
    say(40),
    { kind: "click", text: "CLICK" },
    {
      kind: "part",
      name: `more-${n}`,
      cuts: ["full"],
      items: [say(20), { kind: "cue", text: "PAUSE", seconds: 5 }],
    },
    { kind: "part", cuts: ["short"], items: [say(500)] },
    say(60),
  ],
});
const full = {
  name: "full",
  title: "Full",
  is_full: true,
  slots_s: [65, 65, 65, 65],
  checkpoints: [{ slide: 2, at_s: 130 }],
};
const short = { name: "short", is_full: false, slots_s: [50, 50, 50, 50], checkpoints: [] };
const data = { pace_wpm: 120, cut: "full", slides: [0, 1, 2, 3].map(slide), cuts: [full, short] };

/** The view some seconds after steps of [seconds since the last one, action]. */
function view(steps, seconds, options = {}) {
  let now = START;
  let state = freshClock("first");
  for (const [passed, action] of steps) {
    now += passed * 1000;
    state = applyAction(state, typeof action === "string" ? { type: action } : action, now, now);
  }
  return planView(data, state, now + seconds * 1000, { cut: "full", pace: 120, ...options });
}

test("behind and ahead: the word changes at a quarter of a minute", () => {
  const words = [10, 70, 100].map((seconds) => view([[0, "pause"]], seconds));
  const moved = [20, 60, 90].map((seconds) => view([[0, "pause"], [seconds, go(1)]], 0));
  assert.deepEqual([...words, ...moved].map(({ word, behind }) => [word, behind]), [
    ["on time", 0],
    ["on time", 5],
    ["behind", 35],
    ["ahead", -45],
    ["on time", -5],
    ["behind", 25],
  ]);
});

test("a talk without times has no plan, and nobody is behind it", () => {
  const bare = { ...full, slots_s: [0, 0, 0, 0], checkpoints: [] };
  const chosen = { cut: "full", pace: 120 };
  const found = planView({ ...data, cuts: [bare] }, freshClock("first"), START, chosen);
  assert.deepEqual([found.word, found.total], ["no plan", 0]);
});

test("a jump back is no lead and no delay by itself: only its time makes the talk late", () => {
  const steps = [[0, "pause"], [65, go(1)], [65, go(2)], [10, go(0)]];
  assert.equal(view(steps, 20).behind, 20);
});

test("what is left by plan is added to what was spent; the pace is that of the slides left", () => {
  const found = view([[0, "pause"], [85, go(1)]], 30);
  const { elapsed, total, finish, slot, spent } = found;
  assert.deepEqual([elapsed, total, finish, slot - spent], [115, 260, 280, 35]);
  assert.equal(found.remaining, 165);
  assert.deepEqual(found.checkpoint, { slide: 2, at: 130, expected: 150 });
  assert.equal(found.pace, 90); // 120 words in 80 seconds without the cue's 5
});

test("a talk that began in the middle is measured from there", () => {
  const found = view([[0, go(2)], [75, go(3)]], 5);
  assert.deepEqual([found.total, found.elapsed, found.behind], [130, 80, 10]);
});

test("a slide hurried past says nothing of the pace", () => {
  assert.equal(view([[0, "pause"], [65, go(1)], [3, go(2)]], 1).pace, 120);
  assert.equal(view([[0, "pause"], [3, go(1)]], 1).pace, null);
});

test("the next optional part, its gain and the finish without it; taken back, it is back", () => {
  const skip = { type: "skip", slide: 0, part: "more-0", gain: 15 };
  const [before, after, again] = [[[1, go(0, 1)]], [[1, skip]], [[1, skip], [1, "unskip"]]].map(
    (steps) => view([[0, "pause"], ...steps], 10, { read: 10 }),
  );
  assert.deepEqual(before.skip, { slide: 0, part: "more-0", gain: 15 });
  assert.deepEqual([before.finish, after.finish, again.finish], [260, 245, 260]);
  assert.equal(after.skip.part, "more-1");
  assert.equal(view([[0, "pause"]], 60, { read: 50 }).skip.part, "more-1");
});

test("lines follow the cut and the pace: cues, numbered clicks, skipped parts", () => {
  const { items } = data.slides[0];
  const lines = scriptLines(items, full, 120, 0, []);
  const kinds = ["say", "click", "part", "say", "cue", "part-end", "say"];
  assert.deepEqual(lines.map((line) => line.kind), kinds);
  assert.deepEqual(lines.map((line) => line.at), [0, 20, 20, 20, 30, 35, 35]);
  assert.equal(lines[1].step, 1);
  const words = scriptLines(items, short, 60, 0, []).map((line) => line.words);
  assert.equal(words.reduce((total, count) => total + count), 600);
  const skipped = scriptLines(items, full, 120, 0, [{ slide: 0, part: "more-0" }]);
  assert.equal(skipped.at(-1).at, 20);
});
