// A private name: of a pair of windows, of a run. Whoever hasn't got it isn't listened to.

function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string | null} text
 * @returns {text is string}
 */
function isToken(text) {
  return /^[0-9a-f]{32}$/.test(text ?? "");
}
