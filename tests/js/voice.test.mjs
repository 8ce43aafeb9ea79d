// The microphone: its sound at the recogniser's rate, and that no second one is open.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./bundles.mjs";

const { Resampler } = load(["worklet/resampler"], ["Resampler"]);

/**
 * A tone at 16 kHz that came in blocks of 128, as browsers give them; its middle, without the ends.
 * @param {number} rate
 * @param {number} hertz
 */
function heard(rate, hertz) {
  const resampler = new Resampler(rate, 16000);
  const made = [];
  for (let start = 0; start < rate; start += 128) {
    const tone = (_, n) => Math.sin((2 * Math.PI * hertz * (start + n)) / rate);
    made.push(...resampler.push(Float32Array.from({ length: 128 }, tone)));
  }
  return { count: made.length, middle: made.slice(4000, 12000) };
}

test("a tone stays as loud and as high, whatever the microphone's rate", () => {
  for (const rate of [16000, 22050, 44100, 48000, 96000]) {
    const { count, middle } = heard(rate, 1000);
    assert.ok(Math.abs(count - 16000) < 64, `${rate}: ${count} values a second`);
    const power = middle.reduce((total, value) => total + value * value, 0) / middle.length;
    assert.ok(Math.abs(power - 0.5) < 0.005, `${rate}: ${power}`);
    const turns = middle.filter((value, n) => n > 0 && value >= 0 && middle[n - 1] < 0).length;
    assert.ok(Math.abs(turns - 500) <= 1, `${rate}: ${turns}`);
  }
});

test("what is too high for the recogniser's rate isn't heard as something else", () => {
  for (const rate of [44100, 48000]) {
    const { middle } = heard(rate, 12000);
    assert.ok(Math.max(...middle.map(Math.abs)) < 0.01);
  }
});

/** A browser that asks before it gives a microphone; what it gave, and how it answers. */
function asking() {
  /** @type {{ isOpen: boolean }[]} */
  const tracks = [];
  /** @type {(() => void)[]} */
  const answers = [];
  const getUserMedia = () =>
    new Promise((resolve) => {
      answers.push(() => {
        const track = { isOpen: true, addEventListener() {}, stop: () => (track.isOpen = false) };
        tracks.push(track);
        resolve({ getTracks: () => [track], getAudioTracks: () => [track] });
      });
    });
  class AudioContext {
    audioWorklet = { addModule: async () => {} };
    addEventListener() {}
    createMediaStreamSource = () => ({ connect() {} });
    async resume() {}
    async close() {}
  }
  const page = { tr: (text) => text, navigator: { mediaDevices: { getUserMedia } }, AudioContext };
  const AudioWorkletNode = class {
    port = {};
  };
  const { Microphone } = load(["rehearse/microphone"], ["Microphone"], page, { AudioWorkletNode });
  return { microphone: new Microphone(() => {}, () => {}), tracks, answers };
}

test("of a microphone closed and opened again while the browser asked one is open", async () => {
  const { microphone, tracks, answers } = asking();
  const first = microphone.open();
  microphone.close();
  const second = microphone.open();
  answers.forEach((answer) => answer());
  assert.deepEqual([await first, await second], [undefined, null]);
  assert.deepEqual(tracks.map(({ isOpen }) => isOpen), [false, true]);
  microphone.close();
  assert.ok(!tracks[1].isOpen);
});

test("a microphone closed while the browser asked doesn't open", async () => {
  const { microphone, tracks, answers } = asking();
  const opened = microphone.open();
  microphone.close();
  answers[0]();
  assert.equal(await opened, undefined);
  assert.ok(!microphone.isOpen && !tracks[0].isOpen);
});
