"""Done when: the short cut is rehearsed twice, whole, at 60 times the speed, and reported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.rehearsed import build_pages, whole_talk

from pipeline.rehearsal.app import open_server
from pipeline.rehearsal.log import read_log
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.report import report
from pipeline.rehearsal.shown import report_page, report_table
from pipeline.talk import Talk, talk_id

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOMENT = 1_790_000_000  # 21 September 2026, 14:13:20 UTC


def pass_s(page: Any, seconds: float) -> None:
    page.clock.fast_forward(round(seconds * 1000))


def speak(
    page: Any, talk: Talk, times_s: list[float], extras: Mapping[int, list[tuple[str, float]]]
) -> None:
    """One rehearsal: each slide its time, divided over its steps, then what is extra on it.

    `extras`: slide (from 0) -> keys, each with the seconds after it.
    """
    page.keyboard.press("p")
    for index, (slide, seconds) in enumerate(zip(talk.slides, times_s, strict=True)):
        for _ in range(slide.steps):
            pass_s(page, seconds / (slide.steps + 1))
            page.keyboard.press("ArrowRight")
        pass_s(page, seconds / (slide.steps + 1))
        for key, after_s in extras.get(index, []):
            page.keyboard.press(key)
            pass_s(page, after_s)
        if index + 1 < len(talk.slides):
            page.keyboard.press("PageDown")
            title = page.inner_text("#now-title")
            assert title.startswith(f"{talk.slides[index + 1].number} of "), title


def finish(page: Any) -> None:
    page.keyboard.press("e")
    page.keyboard.press("e")
    wait_until(
        page, "document.getElementById('message').innerText.includes('Recorded in the log.')"
    )


def test_the_short_cut_is_rehearsed_twice_and_reported(browser: Any, tmp_path: Path) -> None:
    """Two runs driven in Chromium; the report says what each of them did, slide by slide."""
    talk = whole_talk(tmp_path / "talk", "short")
    site = build_pages(talk, tmp_path / "out" / "speaker")
    kept: list[Rehearsal] = []
    slots = [row.slot_s for row in talk.timings["short"].slides]
    first = [float(slot) for slot in slots]
    first[7] += 60
    second = [slot * 0.9 for slot in slots]
    second[13] += 90
    with open_server(site.parent, tmp_path / "log", talk_id(talk.config), kept.append, 0) as server:
        page = browser.new_context(viewport={"width": 1024, "height": 768}).new_page()
        page.clock.install(time=MOMENT)
        page.goto(server.url)
        page.wait_for_selector("html[data-ready]")
        page.clock.pause_at(MOMENT + 60)

        speak(page, talk, first, {4: [("p", 40), ("p", 0)]})  # a question on slide 5
        finish(page)
        page.keyboard.press("r")  # begins anew, on the first slide
        pass_s(page, 3600)
        # Skips a part on slide 3, looks back from slide 10 for 6 s, and takes questions at the end.
        back = [("ArrowLeft", 0.0)] * (talk.slides[9].steps + 1)
        back[-1] = ("ArrowLeft", 6.0)
        ahead = [("PageDown", 0.0)] * (talk.slides[9].steps + 1)
        speak(page, talk, second, {2: [("x", 0)], 9: [*back, *ahead], 21: [("q", 300), ("q", 0)]})
        finish(page)
        page.context.close()

    log = read_log(tmp_path / "log", talk_id(talk.config))
    assert log.findings == ()
    assert list(log.records) == kept
    found = report(log.records, talk)
    assert found.cut == "short"
    one, two = found.runs
    assert one.is_whole
    assert two.is_whole
    expected = list(second)
    expected[8] += 6
    for run, times in ((one, first), (two, expected)):
        assert run.total_s == pytest.approx(sum(times), abs=1)
        for spent, wanted in zip(run.slides, times, strict=True):
            assert spent == pytest.approx(wanted, abs=0.5)
    assert (one.paused_s, two.paused_s) == (pytest.approx(40, abs=0.2), 0)
    assert (one.q_and_a_s, two.q_and_a_s) == (0, pytest.approx(300, abs=0.2))
    assert (one.skipped, two.skipped) == ((), ("elsewhere",))
    assert found.changed == found.unrehearsed == ()
    assert set(found.worst) >= {8, 14}
    table = report_table(found)
    assert "Short (short): 2 rehearsals, planned 40:35, to be 40:00-42:00" in table
    assert "2026-09-21 14:14" in table
    assert "elsewhere" in table
    assert report_page(found).count('data-part="whole"') == 2
    print(table)
