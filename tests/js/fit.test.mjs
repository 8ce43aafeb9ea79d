// What is measured on a slide: boxes against boxes, and how a fault is called.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./bundles.mjs";

const { overreach, sharedPx, containedBox, firstWords, movedBox } = load(
  ["shared/fit"],
  ["overreach", "sharedPx", "containedBox", "firstWords", "movedBox"],
);
const box = (left, top, right, bottom) => ({ left, top, right, bottom });
const SLIDE = box(0, 0, 1280, 720);

test("what reaches over each side of a slide, and by how much", () => {
  const found = Object.fromEntries(overreach(box(-5, 10, 1300, 1040), SLIDE));
  assert.deepEqual(found, { top: -10, bottom: 320, left: 5, right: 20 });
});

test("two boxes share their lesser side; beside each other they share nothing", () => {
  assert.equal(sharedPx(box(0, 0, 100, 50), box(90, 20, 200, 60)), 10);
  assert.ok(sharedPx(box(0, 0, 100, 50), box(100, 0, 200, 50)) <= 0);
  assert.ok(sharedPx(box(0, 0, 100, 50), box(90, 60, 200, 90)) <= 0);
});

test("a picture is as large as fits into its element, in the middle", () => {
  assert.deepEqual(containedBox(box(0, 0, 400, 400), 2), box(0, 100, 400, 300));
  assert.deepEqual(containedBox(box(0, 0, 400, 100), 2), box(100, 0, 300, 100));
});

test("a box moves with all its sides", () => {
  assert.deepEqual(movedBox(box(1, 2, 3, 4), 10, 20), box(11, 22, 13, 24));
});

test("a fault is called by its first words; what goes on is seen to go on", () => {
  assert.equal(firstWords("  Model  P "), "Model P");
  assert.equal(firstWords("one two three four five"), "one two three four…");
  assert.equal(firstWords(`${"x".repeat(60)}`), `${"x".repeat(40)}…`);
});
