// Two windows that find each other: over a BroadcastChannel and by postMessage to windows that this
// one opened, was opened by, or heard from. A private token names the pair; whoever hasn't got it
// isn't listened to. Works over file://, where pages can't touch each other.
var Pair = (function () {
  "use strict";
  var ALIVE_MS = 4000, HELLO_MS = 1000;

  function newToken() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
  }

  function isToken(text) { return /^[0-9a-f]{32}$/.test(text || ""); }

  function isFromHere(origin) {
    return location.protocol === "file:" ? origin === "null" || origin === "file://" : origin === location.origin;
  }

  // `hello` gives what this side says when it greets; `on` takes messages of the other side.
  function join(token, role, hello, on) {
    var me = newToken(), count = 0, heard = {}, windows = [], seen = 0, alive = false;
    var channel = "BroadcastChannel" in window ? new BroadcastChannel("pair-" + token) : null;
    var target = location.protocol === "file:" ? "*" : location.origin;

    function post(message) {
      count += 1;
      var whole = Object.assign({ pair: token, from: me, role: role, count: count }, message);
      if (channel) channel.postMessage(whole);
      windows = windows.filter(function (other) { return other && !other.closed; });
      windows.forEach(function (other) { other.postMessage(whole, target); });
    }

    function add(other) {
      if (other && other !== window && windows.indexOf(other) < 0) windows.push(other);
    }

    // Both ways bring the same messages: the second copy is dropped.
    function take(message, source) {
      if (!message || message.pair !== token || message.role === role) return;
      if (typeof message.from !== "string" || !Number.isInteger(message.count)) return;
      add(source);
      if (message.count <= (heard[message.from] || 0)) return;
      heard[message.from] = message.count;
      seen = message.type === "bye" ? 0 : Date.now();
      watch();
      if (message.type === "hello" && !message.answer) post(Object.assign({ type: "hello", answer: true }, hello()));
      on(message);
    }

    function watch() {
      var now = Date.now() - seen < ALIVE_MS;
      if (now === alive) return;
      alive = now;
      on({ type: alive ? "found" : "lost" });
    }

    function greet() { post(Object.assign({ type: "hello" }, hello())); }

    addEventListener("message", function (event) {
      if (isFromHere(event.origin) && event.source) take(event.data, event.source);
    });
    if (channel) channel.onmessage = function (event) { take(event.data, null); };
    addEventListener("pagehide", function () { post({ type: "bye" }); });
    if (window.opener) add(window.opener);
    greet();
    setInterval(function () { greet(); watch(); }, HELLO_MS);
    return { post: post, add: add, isAlive: function () { return alive; } };
  }

  return { newToken: newToken, isToken: isToken, isFromHere: isFromHere, join: join };
})();
