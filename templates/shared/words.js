// What a page says: in English, as it stands here, or as `words` has it, which a page in another
// language begins with.

const TRANSLATED = typeof words === "undefined" ? {} : words;

/**
 * A text with its values in it.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * A text in the page's language.
 * @param {string} english
 * @param {Record<string, string | number>} [values] for `{name}` in it
 */
function tr(english, values = {}) {
  return filled(TRANSLATED[english]?.[0] ?? english, values);
}

/**
 * The same for a number of things, which is `{n}` in it.
 * @param {string} one
 * @param {string} many
 * @param {number} n
 */
function trMany(one, many, n) {
  const known = TRANSLATED[one];
  const rules = new Intl.PluralRules(known ? document.documentElement.lang : "en");
  const forms = known ?? [one, many];
  return filled(forms.at(rules.select(n) === "one" ? 0 : -1) ?? many, { n });
}

/**
 * A number with the decimal sign of the page's language.
 * @param {number} number
 * @param {number} [places] all that it has, where they aren't said
 */
function decimal(number, places) {
  const { lang } = document.documentElement;
  if (lang.startsWith("en")) return places === undefined ? String(number) : number.toFixed(places);
  return number.toLocaleString(lang, {
    useGrouping: false,
    minimumFractionDigits: places,
    maximumFractionDigits: places ?? 20,
  });
}
