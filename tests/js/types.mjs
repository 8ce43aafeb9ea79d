// tsc over each page's files: they share one scope there, and know nothing of another page's.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

import { BUNDLES, ROOT, pathOf } from "./bundles.mjs";

const OPTIONS = [
  "--noEmit", "--strict", "--allowJs", "--checkJs", "--noUnusedLocals", "--noUnusedParameters",
  "--target", "es2023", "--lib", "es2023,dom,dom.iterable",
  // What TypeScript brings is right, and a page is too small for several threads.
  "--skipDefaultLibCheck", "--singleThreaded",
  "--types", "", "--moduleDetection", "legacy", "--pretty", "false",
];

/** @param {string[]} names */
function declarationsOf(names) {
  const folders = new Set(["shared", ...names.map((name) => name.split("/")[0])]);
  return [...folders].map((folder) => pathOf(`${folder}/types.d`, "ts")).filter(existsSync);
}

let failed = 0;
for (const [page, names] of Object.entries(BUNDLES)) {
  const files = [...declarationsOf(names), ...names.map((name) => pathOf(name))];
  const { status, stdout, stderr } = spawnSync("node_modules/.bin/tsc", [...OPTIONS, ...files], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status !== 0) console.error(`${page}:\n${stdout}${stderr}`);
  failed += status === 0 ? 0 : 1;
}
console.log(`types: ${Object.keys(BUNDLES).length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
