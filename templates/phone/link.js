// The phone's connection: open, fresh or not, and open again. Nothing waits in it: what can't be
// sent at once is not sent.

const PING_MS = 1000;
const STALE_MS = 2500; // nothing heard for so long: it is gone, whatever the socket says
const OPENS_MS = 2000;
const RETRY_MS = 400;
const LOOK_MS = 200;
const UNSURE_MS = 1000; // after the screen was locked, until the other side must have answered
/** Why the server closes for good: as of pipeline/serve/remote.py. */
const ENDS = { 4001: "unpaired", 4002: "elsewhere", 4003: "noise", 4004: "noise", 4005: "full" };

class Link {
  /** @type {WebSocket | null} */
  #socket = null;
  #opened = -Infinity; // when it was tried
  #heard = -Infinity;
  #pinged = -Infinity;
  #pings = 0;
  #wall = Date.now();
  isEnded = false;

  /**
   * @param {(message: ToPhone) => void} hear
   * @param {(why: string) => void} end takes why it isn't tried again
   */
  constructor(hear, end) {
    this.hear = hear;
    this.end = end;
    setInterval(() => this.#look(), LOOK_MS);
    for (const type of ["online", "pageshow", "focus"]) addEventListener(type, () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    this.open();
  }

  /** Whether what is said now arrives, as far as can be known. */
  get isFresh() {
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    return isOpen && performance.now() - this.#heard < STALE_MS;
  }

  /**
   * Whether it was sent.
   * @param {FromPhone} message
   */
  send(message) {
    if (!this.isFresh) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  open() {
    this.#drop();
    this.isEnded = false;
    this.#opened = performance.now();
    const socket = new WebSocket(`ws${location.protocol.slice(4)}//${location.host}/phone`);
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.#ping();
    };
    socket.onmessage = ({ data }) => {
      this.#heard = performance.now();
      this.hear(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      const why = ENDS[/** @type {keyof typeof ENDS} */ (code)];
      this.#drop();
      if (why) this.#finish(why);
      else if (!wasOpen) this.#ask();
    };
    this.#socket = socket;
  }

  /** The phone was asleep, or is back in the network: it must be heard anew. */
  wake() {
    if (this.isEnded) return;
    if (this.#socket?.readyState !== WebSocket.OPEN) return this.open();
    this.#heard = Math.min(this.#heard, performance.now() - STALE_MS + UNSURE_MS);
    this.#ping();
  }

  #ping() {
    this.#pinged = performance.now();
    this.#pings += 1;
    this.#socket?.send(JSON.stringify({ type: "ping", n: this.#pings }));
  }

  #drop() {
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
    this.#heard = -Infinity;
  }

  /** @param {string} why */
  #finish(why) {
    this.isEnded = true;
    this.end(why);
  }

  /** A refused socket doesn't say why: the page does. */
  async #ask() {
    const answer = await fetch("phone.html", { method: "HEAD" }).catch(() => null);
    if (answer?.status === 403 && !this.isEnded) this.#finish("unknown");
  }

  #look() {
    const now = performance.now();
    const wasAsleep = Date.now() - this.#wall > 10 * LOOK_MS; // some phones stop the other clock
    this.#wall = Date.now();
    if (this.isEnded) return;
    if (wasAsleep) return this.wake();
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    const since = now - Math.max(this.#opened, this.#heard);
    if (isOpen ? since > STALE_MS : now - this.#opened > (this.#socket ? OPENS_MS : RETRY_MS)) {
      this.open();
    } else if (isOpen && now - this.#pinged > PING_MS) {
      this.#ping();
    }
  }
}
