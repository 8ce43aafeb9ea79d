// Code that is loaded when it is first wanted, and what was wanted of it meanwhile.

/**
 * What asks such code: by an event of this type, which it takes (`preventDefault`) once it came.
 * @template Wish
 * @param {string} type
 * @param {(wish: Wish) => boolean} [isWorth] loading it for that
 * @returns {(wish: Wish) => void}
 */
function lazily(type, isWorth = () => true) {
  /** @type {Wish[]} */
  const wishes = [];
  /** @param {Wish} detail */
  function ask(detail) {
    const wish = new CustomEvent(type, { detail, cancelable: true });
    if (!document.dispatchEvent(wish) || !isWorth(detail) || wishes.push(detail) > 1) return;
    const script = element("script", { src: `${type}.js` });
    script.onload = () => wishes.splice(0).forEach(ask);
    script.onerror = () => void wishes.splice(0); // no server, just now: the next one asks again
    document.head.append(script);
  }
  return ask;
}
