// The line to the recogniser: a socket to the server that served the page, opened anew for as long
// as it is wanted.

const AGAIN_MS = [300, 1000, 2000]; // until the server is asked anew, the last one for ever
const FRAME_BYTES = 3200; // of a tenth of a second of sound
const LATE_BYTES = 50 * FRAME_BYTES; // that wait: the server is behind
const MOST_BYTES = 600 * FRAME_BYTES; // that wait; more is not kept

class VoiceLine {
  /** @type {WebSocket | null} */
  #socket = null;
  #tries = 0;

  isWanted = false;

  /**
   * @param {(message: VoiceMessage) => void} heard
   * @param {() => void} opened
   * @param {(isFirst: boolean) => void} lost and wanted; `isFirst`: it was there before
   */
  constructor(heard, opened, lost) {
    this.heard = heard;
    this.opened = opened;
    this.lost = lost;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** How much waits to be sent: it fits, it comes late, or there is no room. */
  get load() {
    const waiting = this.#socket?.bufferedAmount ?? 0;
    if (waiting > MOST_BYTES) return "full";
    return waiting > LATE_BYTES ? "late" : "fits";
  }

  open() {
    this.isWanted = true;
    if (this.#socket) return;
    const address = new URL("voice", location.href);
    address.protocol = "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.opened();
    };
    socket.onmessage = ({ data }) => {
      const message = parsed(data);
      if (message) this.heard(message);
    };
    socket.onclose = () => socket === this.#socket && this.#closed();
  }

  close() {
    this.isWanted = false;
    this.#socket?.close();
    this.#socket = null;
  }

  /** @param {string | ArrayBuffer} what */
  send(what) {
    if (this.isOpen) this.#socket?.send(what);
  }

  #closed() {
    this.#socket = null;
    if (!this.isWanted) return;
    this.lost(this.#tries === 0);
    const wait = AGAIN_MS[Math.min(this.#tries, AGAIN_MS.length - 1)];
    this.#tries += 1;
    setTimeout(() => this.isWanted && this.open(), wait);
  }
}
