// The smaller pure parts: times, the film's curve, the live demo's words, the preview, the drill.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./bundles.mjs";

const ENGLISH_PAGE = { document: { documentElement: { lang: "en" } } };

test("times are read as m:ss, and h:mm:ss from an hour on", () => {
  const { clockTime } = load(["shared/time"], ["clockTime"]);
  const shown = [0, 9.99, 60, 3599, 3600, 7325, -61, -0.4].map(clockTime);
  const texts = ["0:00", "0:09", "1:00", "59:59", "1:00:00", "2:02:05", "−1:01", "0:00"];
  assert.deepEqual(shown, texts);
});

test("storage that is shut off keeps nothing and stops nothing; broken JSON is nothing", () => {
  const { storage, parsed } = load(["shared/storage"], ["storage", "parsed"]);
  const shut = storage("localStorage"); // there is no window here at all
  assert.deepEqual([shut.get("x"), shut.set("x", "y"), shut.keys()], [null, false, []]);
  assert.deepEqual([parsed('{"a":1}'), parsed("{"), parsed(null)], [{ a: 1 }, null, null]);
});

test("the film: round axes, and a loss between two points of the log", () => {
  const { ceilingOf, f1FloorOf, logUpTo } = load(
    ["deck/curve"],
    ["ceilingOf", "f1FloorOf", "logUpTo"],
  );
  assert.deepEqual([[2.003], [1.3, NaN], [0.7], [20], []].map(ceilingOf), [3, 1.6, 0.8, 20, 1]);
  const floors = [[0.97, 0.99], [0.95], [0.3, 0.99], [null, 0.99], []];
  const epochs = floors.map((scores) => scores.map((f1) => ({ step: 1, f1, best: false })));
  assert.deepEqual(epochs.map(f1FloorOf), [0.9, 0.9, 0.2, 0.9, 0.9]);
  const log = [[1, 4], [5, 2], [9, 1]];
  assert.deepEqual(logUpTo(log, 0), []);
  assert.deepEqual(logUpTo(log, 5), [[1, 4], [5, 2]]);
  assert.deepEqual(logUpTo(log, 7), [[1, 4], [5, 2], [7, 1.5]]);
  assert.deepEqual(logUpTo(log, 99), log);
});

test("a page says English, or what its words have instead, by their number", () => {
  const { tr, trMany } = load(["shared/words"], ["tr", "trMany"]);
  assert.equal(tr("of {all}, {rest} left", { all: "2:00", rest: "0:30" }), "of 2:00, 0:30 left");
  const both = [1, 2].map((count) => trMany("One is", "{n} are", count));
  assert.deepEqual(both, ["One is", "2 are"]);
  const german = load(
    ["shared/words"],
    ["tr", "trMany"],
    { words: { "of {a}": ["von {a}"], "One is": ["Einer ist", "{n} sind"] } },
    { document: { documentElement: { lang: "de" } } },
  );
  assert.equal(german.tr("of {a}", { a: 3 }), "von 3");
  assert.equal(german.tr("not there"), "not there");
  const many = [1, 2].map((count) => german.trMany("One is", "{n} are", count));
  assert.deepEqual(many, ["Einer ist", "2 sind"]);
});

test("a live training in a sentence, and as a curve", () => {
  const { curveOf, headingOf, runningMean, saidOf } = load(
    ["shared/words", "live/course"],
    ["curveOf", "headingOf", "runningMean", "saidOf"],
    ENGLISH_PAGE,
  );
  assert.deepEqual(runningMean([[1, 4], [5, 2], [9, 1]], 2), [[1, 4], [5, 3], [9, 1.5]]);
  const now = { state: "training", note: "", steps: 40, epochs: 2, seconds: 30, messages: 1200 };
  const log = [[1, 2], [10, 1]];
  assert.equal(headingOf(now), "Training, live");
  assert.equal(saidOf(now, log, false), "step 10 of 40, loss 1.000, about 2 min left");
  assert.equal(saidOf(now, [], false), "Loading the model on 1,200 messages.");
  assert.equal(saidOf({ ...now, share: 0.4 }, [], false), "Reading the messages: 40%");
  assert.equal(saidOf(now, [[40, 0.5]], false), "step 40 of 40, loss 0.500, measuring F1");
  assert.equal(saidOf({ ...now, state: "stopped" }, log, false), "Stopped at step 10 of 40.");
  assert.match(saidOf(now, log, true), /^The server is gone/);
  const { epochs } = curveOf(now, log, [0.9]);
  assert.deepEqual(epochs, [
    { step: 20, best: false, f1: 0.9 },
    { step: 40, best: false, f1: undefined },
  ]);
});

test("the demo's shares say neither 0 nor 100% of what is neither", () => {
  const { percent, strongestOf, readOf } = load(
    ["shared/words", "live/answers"],
    ["percent", "strongestOf", "readOf"],
    ENGLISH_PAGE,
  );
  assert.deepEqual([1, 0.99996, 0.5, 0.0123].map(percent), ["100.0%", ">99.9%", "50.0%", "1.23%"]);
  assert.equal(strongestOf([0.1, -0.7, 0.3]), 1);
  const tokens = ["a", "b"];
  assert.equal(readOf(tokens, {}), "2 tokens, as the model sees them.");
  const cut = "The model reads the first 2 tokens; 3 more are cut off.";
  assert.equal(readOf(tokens, { beyond: 3 }), cut);
  assert.match(readOf(tokens, { unread: true }), /by the fine-tuned model the first 2 tokens\.$/);
  const german = load(
    ["shared/words", "live/answers"],
    ["percent"],
    { words: { "{number}%": ["{number}\u00a0%"] } },
    { document: { documentElement: { lang: "de" } } },
  );
  assert.deepEqual([0.99996, 0.0123].map(german.percent), [">99,9\u00a0%", "1,23\u00a0%"]);
});

test("the preview changes only what changed, and stays at its slide", () => {
  const { changedSlides, placeIn } = load(["live/swap"], ["changedSlides", "placeIn"]);
  assert.deepEqual(changedSlides({ a: "1", b: "2", c: "3" }, { a: "1", b: "x" }), ["b", "c"]);
  assert.deepEqual(placeIn(["b", "a"], "a", { h: 0, v: 0, f: 2 }), [1, 2]);
  assert.deepEqual(placeIn(["b"], "a", { h: 3, v: 0, f: 2 }), [0, -1]);
  assert.deepEqual(placeIn(["b", "c"], "c", { h: 0, v: 0 }), [1, -1]);
});

test("a moment of the narration: its track, its steps and its caption", () => {
  const { shownAt, trackAt } = load(["shared/time", "narrated/tracks"], ["shownAt", "trackAt"]);
  const track = (slide, ms) => ({ slide, ms, steps: [400, 900], captions: [[0, 500, "Hello"]] });
  const tracks = [track(0, 1000), track(1, 2000)];
  assert.deepEqual(trackAt(tracks, 0), [0, 0]);
  assert.deepEqual(trackAt(tracks, 1500), [1, 500]);
  assert.deepEqual(trackAt(tracks, 3000), [1, 1950]);
  assert.deepEqual(shownAt(tracks[0], 450), { steps: 1, text: "Hello" });
  assert.deepEqual(shownAt(tracks[0], 950), { steps: 2, text: "" });
});

test("the drill asks each question once, and none twice in a row", () => {
  const { nextRound, shuffled, saidIn } = load(
    ["rehearse/drill"],
    ["nextRound", "shuffled", "saidIn"],
  );
  assert.deepEqual(shuffled(4, () => 0.99), [0, 1, 2, 3]);
  assert.deepEqual(shuffled(4, () => 0), [1, 2, 3, 0]);
  assert.deepEqual(nextRound(3, 0, () => 0.99), [1, 2, 0]);
  assert.deepEqual(nextRound(1, 0, () => 0.99), [0]);
  assert.equal(saidIn([{ text: "A" }, { items: [{ text: "B" }, {}] }]), "A\nB");
});

test("each key has one command, and a step forward leads through all slides", () => {
  const { KEYS, commandOf, placeAfter, placeBefore } = load(
    ["shared/words", "drawing/keys", "rehearse/screens", "rehearse/keys"],
    ["KEYS", "commandOf", "placeAfter", "placeBefore"],
  );
  const keys = KEYS.flatMap(([some]) => some);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual([commandOf(" "), commandOf("e"), commandOf("o")], ["next", "end", undefined]);
  const slides = [{ steps: 1 }, { steps: 0 }];
  const way = [{ slide: 0, step: 0 }];
  for (let next; (next = placeAfter(slides, way.at(-1))); ) way.push(next);
  assert.deepEqual(way, [{ slide: 0, step: 0 }, { slide: 0, step: 1 }, { slide: 1, step: 0 }]);
  assert.deepEqual(placeBefore(slides, way[2]), way[1]);
  assert.equal(placeBefore(slides, way[0]), null);
});
