// The tracks of a narration one after the other, and what is said and shown at a moment of one.

/**
 * @typedef {object} Track the narration of one slide; times are in ms
 * @property {number} slide from 0
 * @property {string} file
 * @property {number} ms how long it is
 * @property {number[]} steps when each step of the slide is shown
 * @property {[from: number, to: number, text: string][]} captions
 */

/**
 * When each track begins.
 * @param {Track[]} tracks
 */
function startsOf(tracks) {
  return tracks.map((_, index) => sum(tracks.slice(0, index).map((track) => track.ms)));
}

/**
 * The track at a moment of the whole, and the moment in it; never its very end.
 * @param {Track[]} tracks
 * @param {number} ms
 * @returns {[index: number, ms: number]}
 */
function trackAt(tracks, ms) {
  const starts = startsOf(tracks);
  const index = Math.max(0, starts.filter((start) => start <= ms).length - 1);
  return [index, Math.min(ms - starts[index], tracks[index].ms - 50)];
}

/**
 * How many steps are shown, and the caption, empty between two.
 * @param {Track} track
 * @param {number} ms
 */
function shownAt({ steps, captions }, ms) {
  const said = captions.find(([from, to]) => from <= ms && ms < to);
  return { steps: steps.filter((at) => at <= ms).length, text: said?.[2] ?? "" };
}
