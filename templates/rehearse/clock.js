// The clock of a talk: states and what changes them. Pure: no page, no timer; `now` is given in
// milliseconds. All times are differences of the clock on the wall, so that a page that slept, or
// was loaded again, goes on right. Nothing here changes a state: each step makes a new one.
var Clock = (function () {
  "use strict";
  var KEPT = 5; // clocks that were reset
  var LONG_AWAY_MS = 10 * 60 * 1000; // a page that was closed for longer has missed the talk

  // mode: "idle", "running", "paused" (a question), "qa" or "ended".
  // at, step: where the deck is; front: the furthest slide reached; origin: where the clock began.
  function fresh(id, at, step) {
    return {
      id: id, mode: "idle", started: null, since: 0, ended: null,
      at: at || 0, step: step || 0, moved: 0, front: at || 0, origin: at || 0,
      visits: [], pauses: [], skips: [], qa: 0, kept: [],
    };
  }

  // The same state with the time until `now` put where it was spent.
  function settle(state, now) {
    var next = Object.assign({}, state);
    if (state.started === null) return next;
    var spent = Math.max(0, now - state.since);
    next.since = Math.max(now, state.since); // a clock that is set back counts nothing twice
    if (state.mode === "running") next.visits = longer(state.visits, spent);
    if (state.mode === "paused") next.pauses = longer(state.pauses, spent);
    if (state.mode === "qa") next.qa = state.qa + spent;
    return next;
  }

  function longer(stays, spent) {
    var last = stays[stays.length - 1];
    return stays.slice(0, -1).concat(Object.assign({}, last, { ms: last.ms + spent }));
  }

  function stay(state) {
    return { slide: state.at, at: state.since - state.started, ms: 0 };
  }

  function run(state) {
    var last = state.visits[state.visits.length - 1];
    state.mode = "running";
    state.front = Math.max(state.front, state.at);
    var pause = state.pauses[state.pauses.length - 1];
    var resumed = last && pause && pause.at >= last.at; // so that visits and pauses keep their order
    if (!last || last.slide !== state.at || resumed) state.visits = state.visits.concat(stay(state));
    return state;
  }

  function withKept(kept, state) {
    if (state.started === null) return kept;
    return kept.concat(Object.assign({}, state, { kept: [] })).slice(-KEPT);
  }

  function begin(state, now) {
    state.started = state.since = now;
    state.front = state.origin = state.at;
    return run(state);
  }

  var actions = {
    // The deck went to a slide and step. The first advance starts the clock, unless only looked at.
    go: function (state, action, now) {
      var ahead = action.slide > state.at || (action.slide === state.at && action.step > state.step);
      state.at = action.slide;
      state.step = action.step;
      state.moved = now;
      if (state.mode === "idle") return ahead && !action.peek ? begin(state, now) : state;
      return state.mode === "running" ? run(state) : state;
    },
    // One key: start, stop for a question, go on.
    pause: function (state, _, now) {
      if (state.mode === "idle") return begin(state, now);
      if (state.mode === "running") {
        state.mode = "paused";
        state.pauses = state.pauses.concat(stay(state));
      } else if (state.mode === "paused" || state.mode === "qa") {
        run(state);
      }
      return state;
    },
    qa: function (state) {
      if (state.mode === "qa") return run(state);
      if (state.mode === "running" || state.mode === "paused") state.mode = "qa";
      return state;
    },
    skip: function (state, action) {
      state.skips = state.skips.concat({ slide: action.slide, part: action.part, gain: action.gain });
      return state;
    },
    unskip: function (state) {
      state.skips = state.skips.slice(0, -1);
      return state;
    },
    // A reset keeps the slide (the audience sees it) and the clock that was there before.
    reset: function (state, action) {
      var next = fresh(action.id, state.at, state.step);
      next.moved = state.moved;
      next.kept = withKept(state.kept, state);
      return next;
    },
    // Back to the last clock that was reset; pressed again, to the one before it. The time since the
    // reset belongs to the talk, which never stopped.
    undo: function (state, _, now) {
      var last = state.kept[state.kept.length - 1];
      if (!last) return state;
      var next = settle(last, now);
      next.kept = withKept([], state).concat(state.kept.slice(0, -1));
      next.at = state.at;
      next.step = state.step;
      next.moved = state.moved;
      return next.mode === "running" ? run(next) : next;
    },
    end: function (state, action, now) {
      if (state.started === null || state.mode === "ended") return state;
      state.mode = "ended";
      state.ended = Math.max(now, state.since);
      return state;
    },
  };

  function apply(state, action, now) {
    return actions[action.type](settle(state, now), action, now);
  }

  // A state that was kept by a page that is gone. A short absence belongs to the talk; after a long
  // one the clock stands where the page last saw it.
  function woken(state, saved, now) {
    if (state.mode === "idle" || state.mode === "ended" || now - saved <= LONG_AWAY_MS) return state;
    var next = settle(state, saved);
    next.since = now;
    if (next.mode !== "running") return next;
    next.mode = "paused";
    next.pauses = next.pauses.concat({ slide: next.at, at: saved - next.started, ms: now - saved });
    return next;
  }

  function sum(stays, slide) {
    return stays.reduce(function (total, one) {
      return slide === undefined || one.slide === slide ? total + one.ms : total;
    }, 0);
  }

  return {
    fresh: fresh, apply: apply, settle: settle, woken: woken,
    talk: function (state) { return sum(state.visits); },
    on: function (state, slide) { return sum(state.visits, slide); },
    paused: function (state) { return sum(state.pauses); },
  };
})();
if (typeof module !== "undefined") module.exports = Clock;
