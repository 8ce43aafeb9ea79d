// In the thread of the sound: what the microphone gives, as frames of a tenth of a second, 16 kHz,
// 16 bit, one channel; each with its level.

const RATE = 16000;
const FRAME = RATE / 10;

class Capture extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, RATE);
  #frame = new Int16Array(FRAME);
  #filled = 0;
  #peak = 0;
  #power = 0;

  /** @param {Float32Array[][]} inputs */
  process([[mono]]) {
    if (mono) for (const value of this.#resampler.push(mono)) this.#put(value);
    return true;
  }

  /** @param {number} value from -1 to 1 */
  #put(value) {
    const cut = Math.max(-1, Math.min(1, value));
    this.#frame[this.#filled] = Math.round(cut * 32767);
    this.#filled += 1;
    this.#peak = Math.max(this.#peak, Math.abs(cut));
    this.#power += cut * cut;
    if (this.#filled < FRAME) return;
    const level = 10 * Math.log10(this.#power / FRAME + 1e-10);
    const { buffer } = this.#frame;
    this.port.postMessage({ buffer, level, peak: this.#peak }, [buffer]);
    this.#frame = new Int16Array(FRAME);
    this.#filled = this.#peak = this.#power = 0;
  }
}

registerProcessor("capture", Capture);
