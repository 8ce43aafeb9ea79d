// Whether two scripts mean the same: `node same.mjs ONE OTHER` compares their syntax trees.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { parse } from "espree";

/** @param {string} path */
function treeOf(path) {
  const tree = parse(readFileSync(path, "utf8"), { ecmaVersion: 2023 });
  const places = new Set(["start", "end", "range", "loc"]);
  return JSON.parse(JSON.stringify(tree, (key, value) => (places.has(key) ? undefined : value)));
}

const [one, other] = process.argv.slice(2).map(treeOf);
process.exitCode = isDeepStrictEqual(one, other) ? 0 : 1;
