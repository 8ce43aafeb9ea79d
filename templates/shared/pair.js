// Two windows that find each other: over a BroadcastChannel and by postMessage to windows that this
// one opened, was opened by, or heard from. A private token names the pair; whoever hasn't got it
// isn't listened to. Works over file://, where pages can't touch each other.

const ALIVE_MS = 4000;
const HELLO_MS = 1000;
const TARGET = location.protocol === "file:" ? "*" : location.origin;

/** @param {string} origin */
function isFromHere(origin) {
  if (location.protocol !== "file:") return origin === location.origin;
  return origin === "null" || origin === "file://";
}

/**
 * When a move happened that follows one of `last`: by the clock on the wall, which may be set back.
 * @param {number} last
 */
function movedAfter(last) {
  return Math.max(Date.now(), last + 1);
}

/** One of the two windows, from its beginning to its end. */
class Pair {
  #me = newToken();
  #count = 0;
  seen = -Infinity; // when the other one was heard
  /** @type {Map<string, number>} */
  #heard = new Map(); // window -> the count of its last message
  /** @type {Window[]} */
  windows = [];
  #channel;

  isAlive = false;

  /**
   * @param {string} token
   * @param {string} role
   * @param {() => object} hello what this side says when it greets
   * @param {(message: PairMessage) => void} hear takes messages of the other side
   */
  constructor(token, role, hello, hear) {
    this.token = token;
    this.role = role;
    this.hello = hello;
    this.hear = hear;
    this.#channel = "BroadcastChannel" in window ? new BroadcastChannel(`pair-${token}`) : null;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#take(data, null);
    addEventListener("message", ({ data, origin, source }) => {
      if (isFromHere(origin) && source) this.#take(data, /** @type {Window} */ (source));
    });
    addEventListener("pagehide", () => this.post({ type: "bye" }));
    this.add(window.opener);
    this.#greet();
    setInterval(() => {
      this.#greet();
      this.#watch();
    }, HELLO_MS);
  }

  /** @param {PairMessage} message */
  whole(message) {
    this.#count += 1;
    const { token: pair, role } = this;
    return { pair, from: this.#me, role, count: this.#count, ...message };
  }

  /** @param {PairMessage} message */
  post(message) {
    const whole = this.whole(message);
    this.#channel?.postMessage(whole);
    this.windows = this.windows.filter((other) => !other.closed);
    this.windows.forEach((other) => other.postMessage(whole, TARGET));
  }

  /** @param {Window | null} other */
  add(other) {
    if (other && other !== window && !this.windows.includes(other)) this.windows.push(other);
  }

  /** @param {{ answer?: boolean }} [more] */
  #greet(more) {
    this.post({ type: "hello", ...more, ...this.hello() });
  }

  /**
   * Both ways bring the same messages: the second copy is dropped.
   * @param {PairMessage | null} message
   * @param {Window | null} source
   */
  #take(message, source) {
    if (message?.pair !== this.token || message.role === this.role) return;
    const { type, from, count, answer } = message;
    if (typeof from !== "string" || count === undefined || !Number.isInteger(count)) return;
    this.add(source);
    if (count <= (this.#heard.get(from) ?? 0)) return;
    const cameAgain = this.isAlive && !this.#heard.has(from); // the last one went without a word
    this.#heard.set(from, count);
    this.seen = type === "bye" ? -Infinity : performance.now();
    this.#watch();
    if (cameAgain) this.hear({ type: "found" });
    if (type === "hello" && !answer) this.#greet({ answer: true });
    this.hear(message);
  }

  #watch() {
    const isAlive = performance.now() - this.seen < ALIVE_MS;
    if (isAlive === this.isAlive) return;
    this.isAlive = isAlive;
    this.hear({ type: isAlive ? "found" : "lost" });
  }
}
