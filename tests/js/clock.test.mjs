// The clock's states: what is counted where, with a clock that is given to them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./bundles.mjs";

const { applyAction, awake, freshClock, longAbsence, pausedMs, settled, slideMs, talkMs } = load(
  ["rehearse/clock"],
  [
    "applyAction", "awake", "freshClock", "longAbsence", "pausedMs", "settled", "slideMs", "talkMs",
  ],
);

const START = 5000; // of the steady clock
const DATE = 1790000000000; // of the clock on the wall
const HOUR = 3600 * 1000;
const RESET = { type: "reset", id: "second" };

const go = (slide, step = 0, more = {}) => ({ type: "go", slide, step, ...more });

/** Steps are [seconds since the last one, action]; the state after them, and when that is. */
function after(steps, state = freshClock("first")) {
  let now = START;
  for (const [seconds, action] of steps) {
    now += seconds * 1000;
    const whole = typeof action === "string" ? { type: action } : action;
    state = applyAction(state, whole, now, DATE + now);
  }
  return { state, now };
}

/** Seconds on each slide after some steps and ten more seconds. */
function spent(steps) {
  const { state, now } = after(steps);
  return [0, 1, 2, 3].map((slide) => slideMs(settled(state, now + 10000), slide) / 1000);
}

test("it starts at the first advance or on a key; going back or looking starts nothing", () => {
  const first = [go(0, 1), go(1), "pause", go(0, 0), go(2, 0, { peek: true })];
  const modes = first.map((action) => after([[0, action]]).state.mode);
  assert.deepEqual(modes, ["running", "running", "running", "idle", "idle"]);
  assert.equal(after([[1, "pause"]]).state.started, DATE + START + 1000);
});

test("time goes to the slide that is shown; a jump back adds and loses nothing", () => {
  const steps = [[0, "pause"], [20, go(0, 1)], [10, go(1)], [30, go(2)], [5, go(0)], [7, go(2)]];
  assert.deepEqual(spent(steps), [37, 30, 15, 0]);
});

test("a pause and questions are kept apart, and count for nothing", () => {
  const { state } = after([
    [0, "pause"], [20, "pause"], [30, "pause"], [10, go(1)], [5, "qa"], [100, "qa"],
  ]);
  const found = [talkMs(state), pausedMs(state), state.qa, state.mode, state.visits.length];
  assert.deepEqual(found, [35000, 30000, 100000, "running", 3]);
});

test("a slide shown in a pause has no time; the talk goes on where the deck is", () => {
  const steps = [[0, "pause"], [20, "pause"], [9, go(3)], [9, go(0)], [9, "pause"]];
  assert.deepEqual(spent(steps), [30, 0, 0, 0]);
});

test("a reset is undone with the time since, also that of the clock that ran in between", () => {
  const { state } = after([[0, "pause"], [20, RESET]]);
  assert.deepEqual([state.mode, state.visits, state.id], ["idle", [], "second"]);
  assert.deepEqual(spent([[0, "pause"], [20, RESET], [4, "undo"]]), [34, 0, 0, 0]);
  assert.deepEqual(spent([[0, "pause"], [20, RESET], [4, RESET], [4, "undo"]]), [38, 0, 0, 0]);
  const other = [[0, "pause"], [20, RESET], [4, go(1)], [6, "undo"], [1, "undo"]];
  assert.equal(after(other).state.id, "second");
  assert.deepEqual(spent(other), [0, 17, 0, 0]);
});

test("undo without a reset changes nothing", () => {
  assert.deepEqual(spent([[0, "pause"], [20, "undo"]]), [30, 0, 0, 0]);
});

test("an hour without a tick is an hour", () => {
  const { state, now } = after([[0, "pause"]]);
  assert.equal(talkMs(settled(state, now + HOUR)), HOUR);
});

test("nothing is counted twice where time goes back", () => {
  const times = spent([[0, "pause"], [40, go(1)], [-30, go(2)], [35, go(3)]]);
  assert.equal(times[0], 40);
  assert.ok(Math.min(...times) >= 0);
});

test("a short absence counts and a long one does not", () => {
  const found = [30, 7200].map((away) => {
    const { state, now } = after([[0, "pause"], [60, go(1)]]);
    const later = now + 5000 + away * 1000;
    const woken = awake(state, now + 5000, later, away * 1000);
    return [woken.mode, talkMs(settled(woken, later)) / 1000];
  });
  assert.deepEqual(found, [["running", 95], ["paused", 65]]);
});

test("a page that is loaded again has another steady clock", () => {
  const { state, now } = after([[0, "pause"], [60, RESET], [10, "pause"], [20, go(1)]]);
  const woken = awake(settled(state, now), now, 200, 3000); // 3 s later, 0.2 s after it was loaded
  assert.equal(talkMs(settled(woken, 1200)), 24000);
  const undone = applyAction(woken, { type: "undo" }, 1200, DATE);
  assert.equal(talkMs(undone), 94000); // 60 s, and the 34 s since
});

test("a long absence can be counted afterwards, and only then", () => {
  const { state, now } = after([[0, "pause"], [60, go(1)]]);
  const woken = awake(state, now + 5000, now + 5000 + 2 * HOUR, 2 * HOUR);
  const counted = applyAction(woken, { type: "count" }, woken.since + 3000, DATE);
  assert.deepEqual([counted.mode, talkMs(counted)], ["running", 68000 + 2 * HOUR]);
  assert.equal(slideMs(counted, 1), 8000 + 2 * HOUR);
  assert.equal(pausedMs(counted), 0);
  const paused = applyAction(state, { type: "pause" }, now, DATE);
  assert.equal(applyAction(paused, { type: "count" }, now, DATE).mode, "paused");
});

test("an absence in a pause is nobody's until it is counted, and before the start it is", () => {
  const { state, now } = after([[0, "pause"], [60, "pause"]]);
  const woken = awake(state, now + 1000, now + HOUR, HOUR);
  assert.deepEqual([woken.mode, pausedMs(woken), talkMs(woken)], ["paused", 1000, 60000]);
  const goesOn = applyAction(woken, { type: "pause" }, now + HOUR + 2000, DATE);
  assert.deepEqual([goesOn.mode, pausedMs(goesOn), talkMs(goesOn)], ["running", 3000, 60000]);
  const counted = applyAction(woken, { type: "count" }, now + HOUR + 2000, DATE);
  assert.deepEqual([counted.mode, pausedMs(counted)], ["running", 1000]);
  assert.equal(talkMs(counted), 62000 + HOUR);
  assert.equal(awake(freshClock("x"), 0, HOUR, HOUR).mode, "idle");
});

test("sleep is seen by either clock; the wall set back, or a little on, is no sleep", () => {
  const last = { steady: 1000, wall: DATE };
  const at = (steady, wall) => longAbsence(last, { steady: 1000 + steady, wall: DATE + wall });
  assert.equal(at(3 * HOUR, 3 * HOUR), 3 * HOUR);
  assert.equal(at(100, 3 * HOUR), 3 * HOUR); // performance.now() stood still
  assert.equal(at(100, -HOUR), 0);
  assert.equal(at(100, 9 * 60 * 1000), 0);
  assert.equal(at(60 * 1000, 60 * 1000), 0); // a tab in the background
});

test("no order of events loses time: talk, pauses and Q&A are the time since the start", () => {
  let seed = 7;
  const random = (n) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % n;
  };
  for (let round = 0; round < 300; round += 1) {
    const steps = [[0, "pause"]];
    for (let n = 0; n < 40; n += 1) {
      const kind = ["pause", "qa", "go", "go", "go", "skip"][random(6)];
      const other = { type: kind, slide: 0, part: "p", gain: 1 };
      steps.push([random(90), kind === "go" ? go(random(4), random(2)) : other]);
    }
    const { state: last, now } = after(steps);
    const state = settled(last, now);
    assert.equal(talkMs(state) + pausedMs(state) + state.qa, now - START);
    for (const stays of [state.visits, state.pauses]) {
      let end = 0;
      for (const stay of stays) {
        assert.ok(stay.at >= end, "stays overlap");
        end = stay.at + stay.ms;
      }
    }
  }
});
