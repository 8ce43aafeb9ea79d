// Storage that may be shut off or full: then nothing is kept, and the page goes on.

const THEME_KEY = "deck-theme"; // the theme that the viewer chose

/** @param {"localStorage" | "sessionStorage"} kind */
function storage(kind) {
  /**
   * @template Result
   * @param {(store: Storage) => Result} action
   * @param {Result} otherwise
   */
  const guarded = (action, otherwise) => {
    try {
      return action(window[kind]);
    } catch {
      return otherwise;
    }
  };
  return {
    /** @param {string} key */
    get: (key) => guarded((store) => store.getItem(key), null),
    /**
     * Whether it was kept.
     * @param {string} key
     * @param {string} value
     */
    set: (key, value) =>
      guarded((store) => {
        store.setItem(key, value);
        return true;
      }, false),
    /** @param {string} key */
    drop: (key) => guarded((store) => store.removeItem(key), undefined),
    keys: () => guarded((store) => Object.keys(store), []),
  };
}

/**
 * JSON that may be broken: then null.
 * @param {string | null} text
 */
function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
