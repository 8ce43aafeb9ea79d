// What is drawn on slides: strokes, what is taken back, two windows that agree; and the zoom.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./bundles.mjs";

const { Ink, inkStateOf, isStroke, lineOf, linesOf, simplified, touched } = load(
  ["drawing/ink"],
  ["Ink", "inkStateOf", "isStroke", "lineOf", "linesOf", "simplified", "touched"],
);
const { WHOLE, seenAt, zoomAround, zoomTransform, zoomWithin } = load(
  ["drawing/zoom"],
  ["WHOLE", "seenAt", "zoomAround", "zoomTransform", "zoomWithin"],
);

const stroke = (id, slide = "one", more = {}) => ({
  id, slide, step: 0, tool: "pen", colour: "myth", points: [[0, 0], [100, 0]], ...more,
});
const shown = (ink) => ink.shown.map(({ id }) => id).join("");
/** All that one has, as the other hears it. */
const tell = (from, to, strokes) => {
  to.merge(inkStateOf(JSON.parse(JSON.stringify(from.state(strokes)))));
};

test("strokes are taken back and come again; a slide that was cleared, too", () => {
  const ink = new Ink();
  "abc".split("").forEach((id) => ink.draw(stroke(id, id === "c" ? "two" : "one")));
  assert.equal(shown(ink), "abc");
  ink.erase(ink.on("one"));
  assert.equal(shown(ink), "c");
  assert.ok(ink.undo());
  assert.equal(shown(ink), "abc");
  ink.undo();
  assert.equal(shown(ink), "ab");
  ink.undo(true);
  assert.equal(shown(ink), "abc");
  ink.undo();
  ink.draw(stroke("d"));
  assert.deepEqual([ink.undo(true), shown(ink)], [false, "abd"]); // nothing is ahead any more
  while (ink.undo());
  assert.equal(shown(ink), "");
  assert.equal(ink.erase([]), false);
});

test("of more strokes than a window takes those that are seen come through, the newest", () => {
  const [ink, other] = [new Ink(), new Ink()];
  for (let n = 0; n < 1500; n += 1) ink.draw(stroke(`gone ${n}`));
  ink.draw(stroke("old"));
  ink.erase(ink.shown.filter(({ id }) => id !== "old"));
  for (let n = 0; n < 600; n += 1) ink.draw(stroke(`new ${n}`));
  tell(ink, other);
  assert.equal(other.shown.length, 601);
  for (let n = 0; n < 1400; n += 1) ink.draw(stroke(`newer ${n}`));
  const later = new Ink();
  tell(ink, later);
  assert.equal(later.shown.length, 2000);
  assert.equal(later.shown.at(-1).id, "newer 1399");
});

test("two windows hold the same, whoever draws, erases or takes back", () => {
  const [one, two] = [new Ink(), new Ink()];
  one.draw(stroke("a"));
  tell(one, two, one.shown.slice(-1));
  two.draw(stroke("b"));
  tell(two, one, two.shown.slice(-1));
  one.undo();
  tell(one, two, []);
  assert.deepEqual([shown(one), shown(two)], ["a", "a"]);
  two.undo(true);
  tell(two, one, []);
  one.erase(one.on("one"));
  tell(one, two, []);
  assert.deepEqual([shown(one), shown(two)], ["", ""]);
  tell(one, two, []);
  assert.deepEqual(one.state(), two.state());
});

test("what both drew while they were apart stays, in the same order", () => {
  const [one, two] = [new Ink(), new Ink()];
  one.draw(stroke("a"));
  tell(one, two);
  one.draw(stroke("b"));
  two.draw(stroke("c"));
  two.draw(stroke("d"));
  two.erase(two.shown.slice(-1));
  const [first, second] = [one.state(), two.state()];
  one.merge(second);
  two.merge(first);
  assert.deepEqual([shown(one), shown(two)], ["abc", "abc"]);
  const fresh = new Ink();
  tell(one, fresh);
  assert.equal(shown(fresh), "abc");
  one.merge(fresh.state());
  assert.equal(shown(one), "abc");
});

test("what isn't drawn by this page is not taken", () => {
  assert.ok(isStroke(stroke("a")));
  const wrong = [
    null, { tool: "brush" }, { colour: "url(x)" }, { points: [] }, { points: [[1]] }, { step: -1 },
    { points: [[1, "2"]] }, { points: [[1, NaN]] }, { id: "" }, { tool: "toString" },
    { points: Array(5000).fill([1, 1]) },
  ];
  for (const more of wrong) assert.ok(!isStroke(more && { ...stroke("a"), ...more }));
  const state = new Ink().state();
  assert.ok(inkStateOf(state));
  const off = [{ version: 1.5 }, { strokes: [{}] }, { done: [{ n: 1, ids: "a", on: true }] }];
  for (const more of off) {
    assert.equal(inkStateOf({ ...state, ...more }), null);
  }
  assert.equal(inkStateOf("{"), null);
});

test("a stroke keeps the points that its line needs", () => {
  const straight = Array.from({ length: 50 }, (_, x) => [x, 0]);
  assert.deepEqual(simplified(straight, 0.5), [[0, 0], [49, 0]]);
  const corner = [[0, 0], [10, 0.1], [20, 0], [20, 10], [20, 20]];
  assert.deepEqual(simplified(corner, 0.5), [[0, 0], [20, 0], [20, 20]]);
  assert.deepEqual(simplified([[1, 2]], 1), [[1, 2]]);
});

test("a dot is seen, a line is smooth, a stylus makes it thick and thin", () => {
  assert.equal(lineOf([[3, 4]]), "M3 4h0.01");
  assert.equal(lineOf([[0, 0], [10, 0], [10, 10]]), "M0 0Q10 0 10 5Q10 10 10 10");
  const points = [[0, 0, 0.1], [10, 0, 0.1], [20, 0, 0.9], [30, 0, 0.9]];
  const lines = linesOf(stroke("a", "one", { points }));
  assert.equal(lines.length, 2);
  assert.ok(lines[0].width < lines[1].width);
  assert.equal(linesOf(stroke("a", "one", { points, tool: "marker" })).length, 1);
});

test("the rubber takes what it touches, between two points too", () => {
  const strokes = [stroke("a"), stroke("b", "one", { points: [[0, 50], [100, 50]] })];
  const near = (at) => touched(strokes, at, 10).map(({ id }) => id).join("");
  const places = [[50, 8], [50, 45], [50, 25], [120, 0]];
  assert.deepEqual(places.map(near), ["a", "b", "", ""]);
  assert.equal(touched([stroke("a", "one", { points: [[5, 5]] })], [7, 5], 10).length, 1);
});

test("a zoom keeps its point in place, and shows nothing beside the slide", () => {
  const point = { x: 0.7, y: 0.3 };
  const zoom = zoomAround(WHOLE, point, 2.5);
  const { x, y } = seenAt(zoom, point);
  assert.ok(Math.abs(x - 0.7) < 1e-9 && Math.abs(y - 0.3) < 1e-9);
  assert.deepEqual(zoomAround(WHOLE, { x: 0, y: 1 }, 2), { x: 0.25, y: 0.75, scale: 2 });
  assert.deepEqual(zoomAround(zoom, point, 0.2), WHOLE);
  const most = { x: 1 - 0.5 / 6, y: 0.5 / 6, scale: 6 };
  assert.deepEqual(zoomWithin({ x: 9, y: -9, scale: 99 }), most);
  assert.deepEqual(zoomWithin({ x: NaN, y: "x", scale: {} }), WHOLE);
});

test("the zoom as CSS leads the slide's corner to the picture's", () => {
  const frame = { left: 100, top: 50, width: 1000, height: 500 };
  assert.equal(zoomTransform(WHOLE, frame), "");
  const corner = zoomTransform({ x: 0.25, y: 0.25, scale: 2 }, frame);
  assert.equal(corner, "translate(-100.00px, -50.00px) scale(2.0000)"); // 2 · 100 − 100 = 100
});

test("a press asks for the tools again where their script didn't come", () => {
  /** @type {any[]} */
  const scripts = [];
  const { askDrawing } = load(["deck/lazy", "deck/tools"], ["askDrawing"], {
    window: {}, parent: null, location: { pathname: "/" }, tr: (text) => text,
    Reveal: { isScrollView: () => false },
    element: (_, properties) => properties,
    document: { dispatchEvent: () => true, head: { append: (script) => scripts.push(script) } },
  });
  askDrawing({ tool: "pen" });
  askDrawing({ tool: "pen" });
  assert.equal(scripts.length, 1); // it may be on its way
  scripts[0].onerror();
  askDrawing({ tool: "pen" });
  assert.equal(scripts.length, 2);
});
