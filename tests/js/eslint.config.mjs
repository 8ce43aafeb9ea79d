import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  "arrow-body-style": "error",
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "max-len": ["error", { code: 100, ignoreUrls: true }],
  "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
  "no-redeclare": ["error", { builtinGlobals: false }],
  "no-restricted-syntax": [
    "error",
    { selector: "TemplateLiteral TemplateLiteral", message: "rjsmin can't read one in another." },
  ],
  "no-shadow": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-arrow-callback": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};

export default [
  {
    // Files of a page share one scope, so tsc says what is undefined there.
    files: ["templates/**/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "script", globals: globals.browser },
    rules: { ...rules, "no-undef": "off", "no-unused-vars": ["error", { vars: "local" }] },
  },
  {
    files: ["tests/js/**/*.mjs"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.node },
    rules: { ...rules, "max-lines-per-function": "off" },
  },
];
