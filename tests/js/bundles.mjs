// The browser code as the pages have it: which files make a page's script, and parts of them alone.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** @type {Record<string, string[]>} */
export const BUNDLES = JSON.parse(readFileSync(`${ROOT}templates/scripts.json`, "utf8"));

/**
 * @param {string} name as in scripts.json
 * @param {string} [ending]
 */
export const pathOf = (name, ending = "js") => `${ROOT}templates/${name}.${ending}`;

/**
 * What some files of templates/ define, run in one scope as in a page, but without a page.
 * @param {string[]} files
 * @param {string[]} names
 * @param {...object} given what a page has, by name
 * @returns {any}
 */
export function load(files, names, ...given) {
  const [known, values] = [given.flatMap(Object.keys), given.flatMap(Object.values)];
  const code = files.map((name) => readFileSync(pathOf(name), "utf8")).join("\n");
  const body = `"use strict";\n${code}\nreturn { ${names.join(", ")} };`;
  return new Function(...known, body)(...values);
}
