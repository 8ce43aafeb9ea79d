# ruff: noqa: E501 - lines of JavaScript
"""The clock's states and the plan, run in a browser's engine with a clock that is given to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.second_talk import ROOT

pytestmark = pytest.mark.browser

SCRIPTS = ROOT / "templates" / "rehearse"

HELPERS = """
  const START = 1790000000000;
  // Steps are [seconds since the last one, action]; returns the state after them.
  window.after = (steps, state, from) => {
    let now = from || START;
    state = state || Clock.fresh("first");
    for (const [seconds, action] of steps) {
      now += seconds * 1000;
      state = Clock.apply(state, typeof action === "string" ? { type: action } : action, now);
    }
    window.now = now;
    return state;
  };
  window.go = (slide, step = 0, more = {}) => ({ type: "go", slide, step, ...more });
  const say = (words) => ({ kind: "say", text: "…", words });
  window.data = {
    pace_wpm: 120, cut: "full",
    slides: [0, 1, 2, 3].map((n) => ({ name: "s" + n, number: n + 1, title: "S" + n, steps: 1, items: [
      say(40), { kind: "click", text: "CLICK" },
      { kind: "part", name: "more-" + n, cuts: ["full"], items: [say(20), { kind: "cue", text: "PAUSE", seconds: 5 }] },
      { kind: "part", cuts: ["short"], items: [say(500)] }, say(60),
    ] })),
    cuts: [
      { name: "full", title: "Full", is_full: true, slots_s: [65, 65, 65, 65], checkpoints: [{ slide: 2, at_s: 130 }] },
      { name: "short", title: "Short", is_full: false, slots_s: [50, 50, 50, 50], checkpoints: [] },
    ],
  };
  window.view = (state, seconds, options) => Plan.view(data, state, now + seconds * 1000, { cut: "full", pace: 120, ...options });
"""


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """An empty page with clock.js and plan.js."""
    made = browser.new_page()
    for name in ("clock", "plan"):
        made.add_script_tag(path=SCRIPTS / f"{name}.js")
    made.add_script_tag(content=HELPERS)
    yield made
    made.close()


def spent(page: Any, steps: str) -> list[float]:
    """Seconds on each slide after some steps and ten more seconds."""
    times: list[float] = page.evaluate(
        f"(() => {{ const s = Clock.settle(after({steps}), now + 10000);"
        " return data.slides.map((_, i) => Clock.on(s, i) / 1000); })()"
    )
    return times


def test_it_starts_at_the_first_advance_or_on_a_key(page: Any) -> None:
    """Idle until the deck goes on, or the key is pressed; going back or looking starts nothing."""
    modes = page.evaluate(
        """[[[0, go(0, 1)]], [[0, go(1)]], [[0, "pause"]], [[0, go(0, 0)]], [[0, go(2, 0, { peek: true })]]]
           .map((steps) => after(steps).mode)"""
    )
    assert modes == ["running", "running", "running", "idle", "idle"]


def test_time_goes_to_the_slide_that_is_shown(page: Any) -> None:
    """Steps of a slide change nothing, slides do; a jump back adds and loses nothing."""
    steps = '[[0, "pause"], [20, go(0, 1)], [10, go(1)], [30, go(2)], [5, go(0)], [7, go(2)]]'
    assert spent(page, steps) == [37, 30, 15, 0]


def test_a_pause_and_questions_are_kept_apart(page: Any) -> None:
    """Neither counts for the talk; each is known."""
    state = page.evaluate(
        """(() => { const s = after([[0, "pause"], [20, "pause"], [30, "pause"], [10, go(1)], [5, "qa"], [100, "qa"]]);
           return [Clock.talk(s), Clock.paused(s), s.qa, s.mode, s.visits.length]; })()"""
    )
    assert state == [35_000, 30_000, 100_000, "running", 3]


def test_moving_in_a_pause_counts_for_nothing_until_it_goes_on(page: Any) -> None:
    """A slide shown to answer a question has no time; the talk goes on where the deck is."""
    assert spent(page, '[[0, "pause"], [20, "pause"], [9, go(3)], [9, go(0)], [9, "pause"]]') == [
        30,
        0,
        0,
        0,
    ]


def test_a_reset_is_undone_with_the_time_since(page: Any) -> None:
    """An accidental reset costs nothing, not even the seconds until it is undone."""
    reset = '{ type: "reset", id: "second" }'
    state = page.evaluate(f'after([[0, "pause"], [20, {reset}]])')
    assert (state["mode"], state["visits"], state["id"]) == ("idle", [], "second")
    assert spent(page, f'[[0, "pause"], [20, {reset}], [4, "undo"]]') == [34, 0, 0, 0]
    assert spent(page, f'[[0, "pause"], [20, {reset}], [4, {reset}], [4, "undo"]]') == [38, 0, 0, 0]
    # The clock that ran between reset and undo is kept too: one more undo brings it back.
    other = f'[[0, "pause"], [20, {reset}], [4, go(1)], [6, "undo"], [1, "undo"]]'
    assert page.evaluate(f"after({other}).id") == "second"
    assert spent(page, other) == [0, 17, 0, 0]


def test_undo_without_a_reset_changes_nothing(page: Any) -> None:
    """There is nothing to undo."""
    assert spent(page, '[[0, "pause"], [20, "undo"]]') == [30, 0, 0, 0]


def test_an_hour_in_the_background_is_an_hour(page: Any) -> None:
    """No tick is counted, so a page that slept for an hour is exact."""
    assert (
        page.evaluate('Clock.talk(Clock.settle(after([[0, "pause"]]), now + 3600000))') == 3_600_000
    )


def test_a_clock_that_is_set_back_counts_nothing_twice(page: Any) -> None:
    """The wall's clock goes back half a minute: no time is lost, none negative."""
    assert spent(page, '[[0, "pause"], [40, go(1)], [-30, go(2)], [35, go(3)]]')[0] == 40
    assert min(spent(page, '[[0, "pause"], [40, go(1)], [-30, go(2)], [35, go(3)]]')) >= 0


def test_a_short_absence_counts_and_a_long_one_does_not(page: Any) -> None:
    """A crash of half a minute belongs to the talk; after two hours the clock stands."""
    result = page.evaluate(
        """[30, 7200].map((away) => { const s = after([[0, "pause"], [60, go(1)]]);
           const woken = Clock.woken(s, now + 5000, now + 5000 + away * 1000);
           return [woken.mode, Clock.talk(Clock.settle(woken, now + 5000 + away * 1000)) / 1000]; })"""
    )
    assert result == [["running", 95], ["paused", 65]]


def test_no_order_of_events_loses_time(page: Any) -> None:
    """Random events: talk, pauses and Q&A together are always the time since the start."""
    lost = page.evaluate(
        """(() => {
          let seed = 7, worst = 0;
          const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n; };
          for (let round = 0; round < 300; round += 1) {
            const steps = [[0, "pause"]];
            for (let n = 0; n < 40; n += 1) {
              const kind = ["pause", "qa", "go", "go", "go", "skip"][random(6)];
              steps.push([random(90), kind === "go" ? go(random(4), random(2)) : { type: kind, slide: 0, part: "p", gain: 1 }]);
            }
            const s = Clock.settle(after(steps), now);
            const total = Clock.talk(s) + Clock.paused(s) + s.qa;
            worst = Math.max(worst, Math.abs(total - (now - s.started)));
            let end = 0;
            for (const stay of s.visits) { if (stay.at < end) return "visits overlap"; end = stay.at + stay.ms; }
            end = 0;
            for (const stay of s.pauses) { if (stay.at < end) return "pauses overlap"; end = stay.at + stay.ms; }
          }
          return worst;
        })()"""
    )
    assert lost == 0


# --- Against the plan ---------------------------------------------------------------------------


def test_behind_and_ahead_in_words(page: Any) -> None:
    """The word changes at a quarter of a minute; a slide that is too long counts at once."""
    words = page.evaluate(
        """[10, 70, 100].map((s) => { const v = view(after([[0, "pause"]]), s); return [v.word, v.behind]; })
           .concat([20, 60, 90].map((s) => { const v = view(after([[0, "pause"], [s, go(1)]]), 0); return [v.word, v.behind]; }))"""
    )
    assert words == [
        ["on time", 0],
        ["on time", 5],
        ["behind", 35],
        ["ahead", -45],
        ["on time", -5],
        ["behind", 25],
    ]


def test_a_jump_back_is_no_lead_and_no_delay_by_itself(page: Any) -> None:
    """The plan follows the furthest slide: only the time of the jump makes the talk late."""
    behind = page.evaluate(
        'view(after([[0, "pause"], [65, go(1)], [65, go(2)], [10, go(0)]]), 20).behind'
    )
    assert behind == 20


def test_finish_checkpoint_and_pace(page: Any) -> None:
    """What is left by plan is added to what was spent; the pace is that of the slides left."""
    v = page.evaluate('view(after([[0, "pause"], [85, go(1)]]), 30)')
    assert (v["elapsed"], v["total"], v["finish"], v["left"]) == (115, 260, 280, 35)
    assert v["checkpoint"] == {"slide": 2, "at": 130, "expected": 150}
    assert v["finishes"] - 280_000 == 1_790_000_000_000
    assert v["pace"] == 90  # 120 words in 80 seconds without the cue's 5


def test_a_slide_hurried_past_says_nothing_of_the_pace(page: Any) -> None:
    """Words that can't have been said aren't counted."""
    assert page.evaluate('view(after([[0, "pause"], [65, go(1)], [3, go(2)]]), 1).pace') == 120
    assert page.evaluate('view(after([[0, "pause"], [3, go(1)]]), 1).pace') is None


def test_what_a_skip_gains(page: Any) -> None:
    """The next optional part, what it takes, and the finish without it; taken back, it is back."""
    skip = '{ type: "skip", slide: 0, part: "more-0", gain: 15 }'
    before, after, again = (
        page.evaluate(f'view(after([[0, "pause"], {steps}]), 10, {{ read: 10 }})')
        for steps in ("[1, go(0, 1)]", f"[1, {skip}]", f'[1, {skip}], [1, "unskip"]')
    )
    assert before["skip"] == {"slide": 0, "part": "more-0", "gain": 15}
    assert (before["finish"], after["finish"], again["finish"]) == (260, 245, 260)
    assert after["skip"]["part"] == "more-1"
    assert page.evaluate('view(after([[0, "pause"]]), 60, { read: 50 }).skip.part') == "more-1"


def test_lines_follow_the_cut_and_the_pace(page: Any) -> None:
    """Parts of other cuts are left out; seconds are words by pace, and cues; clicks are numbered."""
    lines = page.evaluate("Plan.lines(data.slides[0].items, data.cuts[0], 120, 0, [])")
    assert [line["kind"] for line in lines] == [
        "say", "click", "part", "say", "cue", "part-end", "say",
    ]  # fmt: skip
    assert [line["at"] for line in lines] == [0, 20, 20, 20, 30, 35, 35]
    assert lines[1]["step"] == 1
    short = page.evaluate("Plan.lines(data.slides[0].items, data.cuts[1], 60, 0, [])")
    assert sum(line["words"] for line in short) == 600
    skipped = page.evaluate(
        'Plan.lines(data.slides[0].items, data.cuts[0], 120, 0, [{ slide: 0, part: "more-0" }])'
    )
    assert [line["at"] for line in skipped][-1] == 20
