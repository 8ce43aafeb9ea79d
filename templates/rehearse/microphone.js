// The microphone: opened when asked, its sound in frames of a tenth of a second, and why there is
// none. Where the sound goes isn't known here.

// As it is: what browsers do for calls pumps the level in pauses, and takes off the beginnings of
// words, which a recogniser that was made from plain recordings misses.
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** @type {Record<string, string>} */
const REFUSED = {
  NotAllowedError: tr("The microphone isn’t allowed: allow it beside the address, then press V."),
  NotFoundError: tr("There is no microphone: plug one in, then press V."),
  NotReadableError: tr("Another program has the microphone: close that one, then press V."),
};
const NO_SOUND = tr("This browser opens no microphone here: open this page at 127.0.0.1.");

/** @param {unknown} error */
function refusedBecause(error) {
  const { name, message } = /** @type {Error} */ (error);
  return REFUSED[name] ?? tr("The microphone doesn’t open: {why}.", { why: message || name });
}

/** @param {MediaStream | null} stream */
function stopAll(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

class Microphone {
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {AudioContext | null} */
  #context = null;
  #turn = 0; // each open and close: who waits for the browser meanwhile is late

  /**
   * @param {(frame: SoundFrame) => void} heard
   * @param {() => void} gone it was unplugged
   */
  constructor(heard, gone) {
    this.heard = heard;
    this.gone = gone;
  }

  get isOpen() {
    return this.#stream !== null;
  }

  /** The system or a switch on it holds it shut. */
  get isMuted() {
    return this.#stream?.getAudioTracks()[0]?.muted ?? false;
  }

  /**
   * Null once it is open, otherwise why it isn't; undefined where it was closed, or opened again,
   * while the browser asked: that one microphone too many must not stay open.
   */
  async open() {
    if (!navigator.mediaDevices) return NO_SOUND;
    this.close();
    const turn = this.#turn;
    const isLate = () => turn !== this.#turn;
    try {
      const audio = { ...PLAIN, channelCount: 1 };
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      if (isLate()) return stopAll(stream);
      this.#stream = stream;
      stream.getAudioTracks()[0].addEventListener("ended", () => this.gone());
      await this.#connect(stream);
      return isLate() ? undefined : null;
    } catch (error) {
      if (isLate()) return undefined;
      this.close();
      return refusedBecause(error);
    }
  }

  /** @param {MediaStream} stream */
  async #connect(stream) {
    const context = new AudioContext();
    this.#context = context;
    // A lid that was closed, or a call that came in, may leave it waiting.
    context.addEventListener("statechange", () => this.wake());
    await context.audioWorklet.addModule("voice/capture.js");
    const mono = { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" };
    const capture = new AudioWorkletNode(
      context,
      "capture",
      /** @type {AudioWorkletNodeOptions} */ (mono),
    );
    capture.port.onmessage = ({ data }) => this.heard(data);
    context.createMediaStreamSource(stream).connect(capture);
    await context.resume();
  }

  wake() {
    const { state } = this.#context ?? {};
    if (state && state !== "running" && state !== "closed") this.#context?.resume();
  }

  close() {
    this.#turn += 1;
    stopAll(this.#stream);
    this.#context?.close();
    this.#stream = this.#context = null;
  }
}
