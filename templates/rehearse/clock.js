// The clock of a talk: states and what changes them. No page, no timer: `now` is given, in ms of a
// clock that is never set (performance.now()), so that what is done to the clock on the wall
// changes no time. Nothing here changes a state: each step makes a new one.

const KEPT = 5; // clocks that were reset
const LONG_AWAY_MS = 10 * 60 * 1000; // who was away for longer has missed the talk

/**
 * @param {string} id
 * @param {number} [at] the slide
 * @param {number} [step]
 * @returns {ClockState}
 */
function freshClock(id, at = 0, step = 0) {
  return {
    id, mode: "idle", started: null, since: 0, at, step, moved: 0, front: at, origin: at,
    visits: [], pauses: [], skips: [], qa: 0, kept: [],
  };
}

/**
 * @param {Stay[]} stays
 * @param {number} spent
 */
function longer(stays, spent) {
  const last = /** @type {Stay} */ (stays.at(-1));
  return [...stays.slice(0, -1), { ...last, ms: last.ms + spent }];
}

/**
 * The same state with the time until `now` put where it was spent.
 * @param {ClockState} state
 * @param {number} now
 * @returns {ClockState}
 */
function settled(state, now) {
  if (state.started === null) return state;
  const spent = Math.max(0, now - state.since);
  const { mode, visits, pauses, qa } = state;
  return {
    ...state,
    since: Math.max(now, state.since), // nothing is counted twice
    visits: mode === "running" ? longer(visits, spent) : visits,
    pauses: mode === "paused" ? longer(pauses, spent) : pauses,
    qa: mode === "qa" ? qa + spent : qa,
  };
}

/**
 * @param {Stay[]} stays
 * @param {number} [slide]
 */
function msOf(stays, slide) {
  const some = stays.filter((stay) => slide === undefined || stay.slide === slide);
  return some.reduce((total, { ms }) => total + ms, 0);
}

/** @param {ClockState} state */
const talkMs = (state) => msOf(state.visits);

/** @param {ClockState} state @param {number} slide */
const slideMs = (state, slide) => msOf(state.visits, slide);

/** @param {ClockState} state */
const pausedMs = (state) => msOf(state.pauses);

/** All that was spent, pauses and Q&A among it. @param {ClockState} state */
const sinceStart = (state) => talkMs(state) + pausedMs(state) + state.qa;

/**
 * A stay that begins now.
 * @param {ClockState} state
 * @returns {Stay}
 */
function newStay(state) {
  return { slide: state.at, at: sinceStart(state), ms: 0 };
}

/**
 * @param {ClockState} state
 * @returns {ClockState}
 */
function running(state) {
  const { at, visits, pauses } = state;
  const [visit, pause] = [visits.at(-1), pauses.at(-1)];
  const isResumed = visit && pause && pause.at >= visit.at; // visits and pauses keep their order
  const stays = visit?.slide === at && !isResumed;
  return {
    ...state,
    mode: "running",
    front: Math.max(state.front, at),
    visits: stays ? visits : [...visits, newStay(state)],
  };
}

/**
 * @param {ClockState} state
 * @param {number} now
 * @param {number} date
 */
function begun(state, now, date) {
  return running({ ...state, started: date, since: now, front: state.at, origin: state.at });
}

/**
 * @param {ClockState[]} kept
 * @param {ClockState} state
 */
function withKept(kept, state) {
  return state.started === null ? kept : [...kept, { ...state, kept: [] }].slice(-KEPT);
}

/**
 * The pause that began while nobody was there, as long as nobody said what that time was.
 * @param {ClockState} state
 */
function awayPause({ mode, pauses }) {
  const pause = pauses.at(-1);
  return mode === "paused" && pause?.away ? pause : null;
}

/** @type {{ [Type in ClockAction["type"]]: ClockStep<Type> }} */
const CLOCK_STEPS = {
  // The deck went to a slide and step. The first advance starts the clock, unless only looked at.
  go(state, { slide, step, moved, peek }, now, date) {
    const isAhead = slide > state.at || (slide === state.at && step > state.step);
    const gone = { ...state, at: slide, step, moved: moved ?? state.moved };
    if (gone.mode === "idle") return isAhead && !peek ? begun(gone, now, date) : gone;
    return gone.mode === "running" ? running(gone) : gone;
  },
  // One key: start, stop for a question, go on.
  pause(state, _, now, date) {
    if (state.mode === "idle") return begun(state, now, date);
    if (state.mode === "running") {
      return { ...state, mode: "paused", pauses: [...state.pauses, newStay(state)] };
    }
    return state.mode === "ended" ? state : running(state);
  },
  qa(state) {
    if (state.mode === "qa") return running(state);
    const isOn = state.mode === "running" || state.mode === "paused";
    return isOn ? { ...state, mode: "qa" } : state;
  },
  skip: (state, { slide, part, gain }) => ({
    ...state,
    skips: [...state.skips, { slide, part, gain }],
  }),
  unskip: (state) => ({ ...state, skips: state.skips.slice(0, -1) }),
  // The time away was part of the talk after all, and so is what went by until that was said.
  count(state) {
    const pause = awayPause(state);
    if (!pause) return state;
    const pauses = state.pauses.slice(0, -1);
    const ms = pause.ms + (pause.isApart ? Number(pause.away) : 0);
    return running({ ...state, pauses, visits: longer(state.visits, ms) });
  },
  // A reset keeps the slide (the audience sees it) and the clock that was there before.
  reset: (state, { id }) => ({
    ...freshClock(id, state.at, state.step),
    moved: state.moved,
    kept: withKept(state.kept, state),
  }),
  // Back to the last clock that was reset; pressed again, to the one before it. The time since the
  // reset belongs to the talk, which never stopped.
  undo(state, _, now) {
    const last = state.kept.at(-1);
    if (!last) return state;
    const { at, step, moved } = state;
    const kept = [...withKept([], state), ...state.kept.slice(0, -1)];
    const next = { ...settled(last, now), at, step, moved, kept };
    return next.mode === "running" ? running(next) : next;
  },
  end: (state) => (state.started === null ? state : { ...state, mode: "ended" }),
};

/**
 * @param {ClockState} state
 * @param {ClockAction} action
 * @param {number} now
 * @param {number} date of the clock on the wall: when a talk begins
 */
function applyAction(state, action, now, date) {
  const step = /** @type {ClockStep<any>} */ (CLOCK_STEPS[action.type]);
  return step(settled(state, now), action, now, date);
}

/**
 * How long nobody looked at the clock, if that was long; otherwise 0. A machine that sleeps stops
 * performance.now() on some systems, and the clock on the wall may be set back: the longer counts.
 * @param {Moment} last
 * @param {Moment} now
 */
function longAbsence(last, now) {
  const away = Math.max(now.steady - last.steady, now.wall - last.wall);
  return away > LONG_AWAY_MS ? away : 0;
}

/**
 * A state that nobody looked at since `seen`, `away` ms long: the machine slept, or the page was
 * loaded again. A short absence belongs to the talk; after a long one the clock stands at `seen`.
 * @param {ClockState} state
 * @param {number} seen
 * @param {number} now
 * @param {number} away
 * @returns {ClockState}
 */
function awake(state, seen, now, away) {
  // What follows `seen` is counted from here: `now` may be of another page's clock.
  const since = now - away;
  const kept = state.kept.map((one) => ({ ...one, since: one.since + since - seen }));
  const next = { ...settled(state, seen), since, kept };
  if (away <= LONG_AWAY_MS) return next;
  if (next.mode !== "running" && next.mode !== "paused") return { ...next, since: now };
  // In a pause the time away is nobody's, unless it is counted.
  const isApart = next.mode === "paused";
  const pause = { ...newStay(next), ms: isApart ? 0 : away, away, isApart };
  return { ...next, since: now, mode: "paused", pauses: [...next.pauses, pause] };
}
