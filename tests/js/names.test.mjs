// What the files of a page define is used there, or in another page that has the same file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parse } from "espree";

import { BUNDLES, pathOf } from "./bundles.mjs";

const files = [...new Set(Object.values(BUNDLES).flat())];
const trees = new Map(
  files.map((name) => [name, parse(readFileSync(pathOf(name), "utf8"), { ecmaVersion: 2023 })]),
);

/** The names of all identifiers in a tree, one for each place. */
function namesIn(node) {
  if (Array.isArray(node)) return node.flatMap(namesIn);
  if (!node || typeof node !== "object") return [];
  return node.type === "Identifier" ? [node.name] : Object.values(node).flatMap(namesIn);
}

/** What a file defines for the page. */
function definedIn(tree) {
  return tree.body.flatMap((node) =>
    node.type === "VariableDeclaration"
      ? node.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []))
      : (node.id?.name ?? []),
  );
}

test("nothing is defined that no page uses", () => {
  const used = (page, name) =>
    page.flatMap((file) => namesIn(trees.get(file))).filter((one) => one === name).length > 1;
  for (const [file, tree] of trees) {
    const pages = Object.values(BUNDLES).filter((page) => page.includes(file));
    const unused = definedIn(tree).filter((name) => !pages.some((page) => used(page, name)));
    assert.deepEqual(unused, [], file);
  }
});
