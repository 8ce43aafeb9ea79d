// Keys of the deck: reveal.js listens on the document and lists them in its help.

/**
 * @param {string} key a capital letter
 * @param {string} description
 * @param {(event?: KeyboardEvent) => void} action
 */
function deckKey(key, description, action) {
  Reveal.addKeyBinding({ keyCode: key.charCodeAt(0), key, description }, action);
}
