// Sound at another rate: a low pass and new places in one step, a windowed sine over x. Firefox
// connects no microphone to a context of another rate than its own, so the browser's isn't used.

const CROSSINGS = 8; // of the kernel, to each side
const TABLE = 256; // its values between two crossings

/** The kernel from its middle to its end. */
const KERNEL = Float64Array.from({ length: CROSSINGS * TABLE + 2 }, (_, index) => {
  const x = index / TABLE;
  if (x >= CROSSINGS) return 0;
  const wave = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return wave * (0.5 + 0.5 * Math.cos((Math.PI * x) / CROSSINGS));
});

class Resampler {
  #input = new Float64Array(0); // what the next values are made of
  #at = 0; // of the next value, in #input

  /**
   * @param {number} from in Hz
   * @param {number} to in Hz
   */
  constructor(from, to) {
    this.step = from / to;
    this.wide = Math.max(1, this.step); // how much the kernel is spread
    this.reach = Math.ceil(CROSSINGS * this.wide);
    this.#input = new Float64Array(this.reach); // silence before the beginning
    this.#at = this.reach;
  }

  /**
   * The values that are known after some more of the input.
   * @param {Float32Array} more
   */
  push(more) {
    const input = new Float64Array(this.#input.length + more.length);
    input.set(this.#input);
    input.set(more, this.#input.length);
    /** @type {number[]} */
    const made = [];
    for (; this.#at + this.reach < input.length; this.#at += this.step) {
      made.push(this.#value(input, this.#at));
    }
    const done = Math.max(0, Math.floor(this.#at) - this.reach);
    this.#input = input.subarray(done);
    this.#at -= done;
    return made;
  }

  /**
   * @param {Float64Array} input
   * @param {number} at
   */
  #value(input, at) {
    const last = Math.floor(at + this.reach);
    let total = 0;
    for (let index = Math.ceil(at - this.reach); index <= last; index += 1) {
      const place = (Math.abs(index - at) / this.wide) * TABLE;
      const low = Math.min(Math.floor(place), CROSSINGS * TABLE);
      const weight = KERNEL[low] + (KERNEL[low + 1] - KERNEL[low]) * (place - low);
      total += input[index] * weight;
    }
    return total / this.wide;
  }
}
