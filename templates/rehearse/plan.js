// Where the talk stands against its plan. Pure: talk's data, cut, clock's state and `now` in,
// seconds out.
var Plan = (function (Clock) {
  "use strict";
  var ON_TIME_S = 15; // nearer than this is on time
  var LEAST_SPEECH_S = 20; // a pace from less than this says nothing
  var LEAST_SHARE = 0.25; // of its time: a slide on which less was spent wasn't spoken

  function sum(numbers) {
    return numbers.reduce(function (total, number) { return total + number; }, 0);
  }

  function cutNamed(data, name) {
    return data.cuts.find(function (cut) { return cut.name === name; }) || data.cuts[0];
  }

  function isSkipped(skips, slide, part) {
    return skips.some(function (skip) { return skip.slide === slide && skip.part === part; });
  }

  // A slide's script in one cut as a flat list: each line with the seconds at which it begins and
  // how long it takes. Skipped parts stay in the list, without length.
  function lines(items, cut, pace, slide, skips) {
    var list = [], at = 0, step = 0;
    function walk(items, part, skipped) {
      items.forEach(function (item) {
        if (item.kind === "part") {
          if ((item.cuts || []).indexOf(cut.name) < 0) return;
          var out = skipped || (!!item.name && isSkipped(skips, slide, item.name));
          if (item.name) push({ kind: "part", text: item.text || "", name: item.name }, 0, item.name, out);
          walk(item.items || [], item.name || part, out);
          if (item.name) push({ kind: "part-end", text: "" }, 0, item.name, out);
          return;
        }
        var cue = item.if_time && !cut.is_full ? 0 : item.seconds || 0;
        push(item, ((item.words || 0) * 60) / pace + cue, part, skipped);
      });
    }
    function push(item, length, part, skipped) {
      if (item.kind === "click") step += 1;
      list.push({
        kind: item.kind, text: item.text || "", name: item.name || "", words: skipped ? 0 : item.words || 0,
        cue: skipped || item.kind === "say" ? 0 : length, step: item.kind === "click" ? step : 0,
        part: part, skipped: skipped, at: at, length: skipped ? 0 : length,
      });
      at += skipped ? 0 : length;
    }
    walk(items, "", false);
    return list;
  }

  // The optional parts of a slide that a cut has: name and seconds at a pace.
  function parts(data, cut, pace, slide) {
    return data.slides[slide].items.filter(function (item) {
      return item.kind === "part" && item.name && (item.cuts || []).indexOf(cut.name) >= 0;
    }).map(function (item) {
      return { slide: slide, part: item.name, gain: Math.round(sum(
        lines([item], cut, pace, slide, []).map(function (line) { return line.length; })
      )) };
    });
  }

  // The next optional part that can still be skipped: on this slide after `read` seconds of its
  // script, or on a later one.
  function nextPart(data, cut, pace, state, read) {
    for (var slide = state.at; slide < data.slides.length; slide += 1) {
      var left = parts(data, cut, pace, slide).filter(function (part) {
        if (isSkipped(state.skips, slide, part.part) || part.gain <= 0) return false;
        if (slide > state.at) return true;
        return lines(data.slides[slide].items, cut, pace, slide, state.skips).some(function (line) {
          return line.kind === "part" && line.name === part.part && line.at >= read - 1;
        });
      });
      if (left.length) return left[0];
    }
    return null;
  }

  // Words a minute on the slides that were left behind, but for those that were hurried past; null
  // while too little was said.
  function pace(data, cut, state, atPace) {
    var words = 0, speech = 0;
    var done = state.front === data.slides.length - 1 && (state.mode === "qa" || state.mode === "ended");
    data.slides.forEach(function (slide, index) {
      var spent = Clock.on(state, index) / 1000;
      if (index >= state.front && !done) return;
      var list = lines(slide.items, cut, atPace, index, state.skips);
      var cues = sum(list.map(function (line) { return line.cue; }));
      var needed = sum(list.map(function (line) { return line.length; }));
      if (spent < needed * LEAST_SHARE) return;
      words += sum(list.map(function (line) { return line.words; }));
      speech += Math.max(0, spent - cues);
    });
    return speech >= LEAST_SPEECH_S && words ? Math.round((words * 60) / speech) : null;
  }

  function word(behind) {
    if (Math.abs(behind) < ON_TIME_S) return "on time";
    return behind > 0 ? "behind" : "ahead";
  }

  // Everything that the page shows of the time.
  function view(data, state, now, options) {
    var cut = cutNamed(data, options.cut);
    var settled = Clock.settle(state, now);
    var elapsed = Clock.talk(settled) / 1000;
    var starts = [], at = 0;
    cut.slots_s.forEach(function (slot) { starts.push(at); at += slot; });
    function skipped(slide) {
      return sum(settled.skips.filter(function (skip) { return skip.slide === slide; })
        .map(function (skip) { return skip.gain; }));
    }
    function slot(slide) { return Math.max(0, cut.slots_s[slide] - skipped(slide)); }
    var front = settled.front, onFront = Clock.on(settled, front) / 1000;
    var coming = sum(cut.slots_s.map(function (_, slide) { return slide > front ? slot(slide) : 0; }));
    var finish = elapsed + Math.max(0, slot(front) - onFront) + coming;
    var planned = starts[front] - starts[settled.origin] + Math.min(onFront, cut.slots_s[front]);
    var behind = elapsed - planned;
    var spent = Clock.on(settled, settled.at) / 1000;
    var point = cut.checkpoints.find(function (one) { return one.slide > front; });
    var gain = nextPart(data, cut, options.pace, settled, options.read || 0);
    return {
      mode: settled.mode,
      slide: settled.at,
      step: settled.step,
      spent: spent,
      slot: slot(settled.at),
      left: slot(settled.at) - spent,
      elapsed: elapsed,
      total: at - starts[settled.origin],
      finish: finish,
      remaining: Math.max(0, finish - elapsed),
      finishes: now + (finish - elapsed) * 1000,
      behind: behind,
      word: word(behind),
      paused: Clock.paused(settled) / 1000,
      qa: settled.qa / 1000,
      checkpoint: point && {
        slide: point.slide,
        at: point.at_s - starts[settled.origin],
        expected: finish - sum(cut.slots_s.map(function (_, slide) { return slide >= point.slide ? slot(slide) : 0; })),
      },
      skip: gain,
      pace: pace(data, cut, settled, options.pace),
    };
  }

  return { view: view, lines: lines, parts: parts, cutNamed: cutNamed, pace: pace, word: word };
})(typeof require === "function" && typeof module !== "undefined" ? require("./clock.js") : Clock);
if (typeof module !== "undefined") module.exports = Plan;
