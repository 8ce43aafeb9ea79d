// Where the talk stands against its plan. No page: talk's data, cut, clock's state and `now` in,
// seconds out.

const ON_TIME_S = 15; // nearer than this is on time
const LEAST_SPEECH_S = 20; // a pace from less than this says nothing
const LEAST_SHARE = 0.25; // of its time: a slide on which less was spent wasn't spoken

/**
 * @param {TalkData} data
 * @param {string} name
 */
function cutNamed(data, name) {
  return data.cuts.find((cut) => cut.name === name) ?? data.cuts[0];
}

/**
 * @param {Item} item
 * @param {Cut} cut
 */
const isInCut = (item, cut) => item.cuts?.includes(cut.name) ?? false;

/**
 * A slide's script in one cut as a flat list: each line with the seconds at which it begins and how
 * long it takes. Skipped parts stay in the list, without length.
 * @param {Item[]} items
 * @param {Cut} cut
 * @param {number} paceWpm
 * @param {number} slide
 * @param {{ slide: number, part: string }[]} skips
 */
function scriptLines(items, cut, paceWpm, slide, skips) {
  /** @type {Line[]} */
  const lines = [];
  let at = 0;
  let step = 0;

  /**
   * @param {Item} item
   * @param {number} length
   * @param {string} part
   * @param {boolean} skipped
   */
  function push({ kind, text = "", name = "", words = 0, speech }, length, part, skipped) {
    if (kind === "click") step += 1;
    const own = skipped ? 0 : length;
    lines.push({
      kind, text, name, part, skipped, at, speech,
      words: skipped ? 0 : words,
      cue: kind === "say" ? 0 : own,
      step: kind === "click" ? step : 0,
      length: own,
    });
    at += own;
  }

  /**
   * @param {Item[]} some
   * @param {string} part
   * @param {boolean} skipped
   */
  function walk(some, part, skipped) {
    for (const item of some) {
      const { kind, name, words = 0, seconds = 0 } = item;
      if (kind !== "part") {
        const cue = item.if_time && !cut.is_full ? 0 : seconds;
        push(item, (words * 60) / paceWpm + cue, part, skipped);
      } else if (isInCut(item, cut)) {
        const isOut = skips.some((skip) => skip.slide === slide && skip.part === name);
        const out = skipped || (!!name && isOut);
        if (name) push({ ...item, words: 0 }, 0, name, out);
        walk(item.items ?? [], name || part, out);
        if (name) push({ kind: "part-end" }, 0, name, out);
      }
    }
  }

  walk(items, "", false);
  return lines;
}

/** @param {Line[]} lines */
const lengthOf = (lines) => sum(lines.map((line) => line.length));

/**
 * The optional parts of a slide that a cut has.
 * @param {TalkData} data
 * @param {Cut} cut
 * @param {number} paceWpm
 * @param {number} slide
 * @returns {Skip[]}
 */
function optionalParts(data, cut, paceWpm, slide) {
  return data.slides[slide].items
    .filter((item) => item.kind === "part" && item.name && isInCut(item, cut))
    .map((item) => ({
      slide,
      part: item.name ?? "",
      gain: Math.round(lengthOf(scriptLines([item], cut, paceWpm, slide, []))),
    }));
}

/**
 * The next optional part that can still be skipped: on this slide after `read` seconds of its
 * script, or on a later one.
 * @param {TalkData} data
 * @param {Cut} cut
 * @param {number} paceWpm
 * @param {ClockState} state
 * @param {number} read
 */
function nextPart(data, cut, paceWpm, { at, skips }, read) {
  for (let slide = at; slide < data.slides.length; slide += 1) {
    const lines = scriptLines(data.slides[slide].items, cut, paceWpm, slide, skips);
    const next = optionalParts(data, cut, paceWpm, slide).find(({ part, gain }) => {
      const line = lines.find(({ kind, name }) => kind === "part" && name === part);
      return gain > 0 && line && !line.skipped && (slide > at || line.at >= read - 1);
    });
    if (next) return next;
  }
  return null;
}

/**
 * Words a minute on the slides that were left behind, but for those that were hurried past; null
 * while too little was said.
 * @param {TalkData} data
 * @param {Cut} cut
 * @param {ClockState} state
 * @param {number} paceWpm
 */
function spokenPace(data, cut, state, paceWpm) {
  const { front, mode, skips } = state;
  const isDone = front === data.slides.length - 1 && (mode === "qa" || mode === "ended");
  let words = 0;
  let speech = 0;
  data.slides.forEach((slide, index) => {
    const spent = slideMs(state, index) / 1000;
    const lines = scriptLines(slide.items, cut, paceWpm, index, skips);
    if ((index >= front && !isDone) || spent < lengthOf(lines) * LEAST_SHARE) return;
    words += sum(lines.map((line) => line.words));
    speech += Math.max(0, spent - sum(lines.map((line) => line.cue)));
  });
  return speech >= LEAST_SPEECH_S && words ? Math.round((words * 60) / speech) : null;
}

/**
 * @param {number} behind in seconds
 * @param {number} planned of the whole talk
 */
function verdictOf(behind, planned) {
  if (!planned) return "no plan";
  if (Math.abs(behind) < ON_TIME_S) return "on time";
  return behind > 0 ? "behind" : "ahead";
}

/**
 * Everything that the page shows of the time.
 * @param {TalkData} data
 * @param {ClockState} before
 * @param {number} now
 * @param {{ cut: string, pace: number, read?: number }} options
 * @returns {View}
 */
function planView(data, before, now, options) {
  const cut = cutNamed(data, options.cut);
  const state = settled(before, now);
  const { at, front, origin } = state;
  /** @type {(slide: number) => number} */
  const skipped = (slide) => sum(state.skips.filter((s) => s.slide === slide).map((s) => s.gain));
  const slots = cut.slots_s.map((slot, slide) => Math.max(0, slot - skipped(slide)));
  /** @type {(slide: number) => number} */
  const startOf = (slide) => sum(cut.slots_s.slice(origin, slide));

  const elapsed = talkMs(state) / 1000;
  const onFront = slideMs(state, front) / 1000;
  const remaining = Math.max(0, slots[front] - onFront) + sum(slots.slice(front + 1));
  const finish = elapsed + remaining;
  const behind = elapsed - startOf(front) - Math.min(onFront, cut.slots_s[front]);
  const point = cut.checkpoints.find(({ slide }) => slide > front);
  return {
    mode: state.mode,
    slide: at,
    spent: slideMs(state, at) / 1000,
    slot: slots[at],
    elapsed,
    total: startOf(slots.length),
    finish,
    remaining,
    behind,
    word: verdictOf(behind, sum(cut.slots_s)),
    paused: pausedMs(state) / 1000,
    qa: state.qa / 1000,
    checkpoint: point && {
      slide: point.slide,
      at: startOf(point.slide),
      expected: finish - sum(slots.slice(point.slide)),
    },
    skip: nextPart(data, cut, options.pace, state, options.read ?? 0),
    pace: spokenPace(data, cut, state, options.pace),
  };
}
