"""What the report says of recorded rehearsals, and what it proposes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rehearsed import made_up_record, small_talk, whole_talk
from support.second_talk import write_unscripted_talk

from pipeline.config import load_config
from pipeline.measured import NOTHING
from pipeline.problems import TalkError
from pipeline.rehearsal.apply import propose, write_proposal
from pipeline.rehearsal.log import read_log
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.report import report
from pipeline.rehearsal.shown import next_steps, report_json, report_page, report_table
from pipeline.script.timing import all_findings
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return small_talk(tmp_path / "bread")


def runs(talk: Talk, *times_s: list[float], **changes: Any) -> list[Rehearsal]:
    """Records of these times, a day apart."""
    return [
        made_up_record(
            talk, times, id=f"made-up-{n:04}", started=f"2026-11-{n + 1:02}T09:00:00Z", **changes
        )
        for n, times in enumerate(times_s)
    ]


def test_median_spread_and_trend_of_each_slide(talk: Talk) -> None:
    """Three runs: the middle one, the middle half, and the last less the first."""
    found = report(runs(talk, [20, 30, 40], [22, 36, 40], [30, 60, 40]), talk)
    hello, steps, bye = found.slides
    assert (hello.median_s, hello.low_s, hello.high_s, hello.trend_s) == (22, 21, 26, 10)
    assert (steps.median_s, steps.over_s, steps.trend_s) == (36, 6, 30)
    assert (bye.median_s, bye.low_s, bye.high_s, bye.trend_s) == (40, 40, 40, 0)
    assert found.total_s == 98
    assert found.planned_s == 90
    assert [run.total_s for run in found.runs] == [90, 98, 130]
    assert found.worst == (3, 1, 2)


def test_a_jump_back_adds_to_its_slide(talk: Talk) -> None:
    """Two visits of one slide are one time."""
    visits = [
        {"slide": "hello", "at_s": 0, "seconds": 20},
        {"slide": "steps", "at_s": 20, "seconds": 30},
        {"slide": "hello", "at_s": 50, "seconds": 5},
        {"slide": "bye", "at_s": 55, "seconds": 30},
    ]
    record = made_up_record(talk, visits=visits, total_s=85)
    assert report([record], talk).runs[0].slides == (25, 30, 30)


def test_a_run_in_part_counts_for_its_slides_alone(talk: Talk) -> None:
    """Slides that were left out are no zeros, and the run's total is no talk's total."""
    found = report(runs(talk, [30, 30, 30], [0, 50, 0]), talk)
    assert [row.runs for row in found.slides] == [1, 2, 1]
    assert [run.is_whole for run in found.runs] == [True, False]
    assert found.runs[1].planned_s == 30
    assert found.total_s == 90
    only = report(runs(talk, [0, 50, 0]), talk)
    assert only.total_s is None
    assert "no run had all slides" in report_table(only)
    assert "never rehearsed: slide 1, slide 3" in report_table(only)


def test_a_talk_that_starts_at_the_first_advance_is_whole(talk: Talk) -> None:
    """The first slide may have no time: the clock began with the first advance."""
    assert report(runs(talk, [0, 30, 30]), talk).runs[0].is_whole


def test_a_changed_script_is_said_until_it_is_rehearsed(tmp_path: Path) -> None:
    """A slide whose words changed since the last run is named; after a new run it isn't."""
    root = tmp_path / "bread"
    old = small_talk(root)
    before = runs(old, [30, 30, 30])
    script = root / "script" / "voiceover.md"
    text = script.read_text(encoding="utf-8")
    head, tail = text.split("## SLIDE 2")
    script.write_text(head + "## SLIDE 2" + tail.replace("flour", "rye", 1), encoding="utf-8")
    new = load_talk(load_config(root), NOTHING, load_layouts())
    found = report(before, new)
    assert [row.number for row in found.changed] == [2]
    assert "script changed since it was last rehearsed: slide 2" in report_table(found)
    again = [*before, made_up_record(new, id="made-up-0099", started="2026-11-30T09:00:00Z")]
    assert report(again, new).changed == ()


def test_the_cut_rehearsed_last_is_reported(tmp_path: Path) -> None:
    """Without --cut the last run says which; runs of other cuts are counted."""
    talk = whole_talk(tmp_path / "talk")
    records = [
        made_up_record(talk, id="made-up-0001", cut="full"),
        made_up_record(talk, id="made-up-0002", cut="short", started="2026-11-21T09:00:00Z"),
    ]
    found = report(records, talk)
    assert found.cut == "short"
    assert found.other_cuts == (("full", 1),)
    assert found.planned_s == talk.timings["short"].planned_s
    assert report(records, talk, "full").cut == "full"
    with pytest.raises(TalkError, match="the cut standard was not rehearsed yet") as caught:
        report(records, talk, "standard")
    assert caught.value.hint == "there are runs of --cut full, --cut short"


def test_nothing_rehearsed_is_said(talk: Talk, tmp_path: Path) -> None:
    """No log, no folder: one error that says how to begin; runs of other talks don't count."""
    empty = read_log(tmp_path / "nowhere", "bread-at-home")
    other = msgspec.structs.replace(made_up_record(talk), talk="another")
    for records in (empty.records, (other,)):
        with pytest.raises(TalkError, match="nothing was rehearsed yet") as caught:
            report(records, talk)
        assert "python build.py rehearse" in caught.value.hint


def test_the_own_pace_is_that_of_the_last_runs(talk: Talk) -> None:
    """Old paces are forgotten: the median of the last five."""
    records = [
        made_up_record(
            talk, id=f"made-up-{n:04}", started=f"2026-11-{n + 1:02}T09:00:00Z", spoken_wpm=wpm
        )
        for n, wpm in enumerate([90, 90, 90, 120, None, 124, 122, 128, 126])
    ]
    assert report(records, talk).own_pace_wpm == 124


def test_the_table_has_each_slide_and_run(talk: Talk) -> None:
    """Times as m:ss, the sign of each difference, the worst in words."""
    table = report_table(report(runs(talk, [20, 30, 75], [22, 36, 75]), talk))
    assert "full (full): 2 rehearsals, planned 1:30, to be 1:30" in table
    assert "0:21" in table
    assert "+0:45" in table
    assert "furthest from their slots: slide 3 +0:45, slide 1 -0:09" in table
    assert "2 whole runs: median 2:09, 0:39 too long for 1:30" in table
    assert "pace by the clicks, with pauses: 146 words a minute, planned are 120" in table
    assert "2026-11-01 09:00" in table


def test_json_has_every_number(talk: Talk) -> None:
    """--json is valid JSON with the same numbers."""
    data = json.loads(report_json(report(runs(talk, [20, 30, 75], [22, 36, 75]), talk)))
    assert data["slides"][2]["median_s"] == 75
    assert data["slides"][2]["over_s"] == 45
    assert data["length_s"] == [90, 90]
    assert data["runs"][1]["slides"] == [22, 36, 75]
    assert data["runs"][1]["over_s"] == 43
    assert data["total_s"] == 129


def test_the_page_shows_plots_and_escapes(talk: Talk) -> None:
    """Two SVGs with a text for each; nothing out of a log is HTML."""
    skips = [{"slide": "hello", "part": "<script>alert(1)</script>", "gain_s": 5}]
    found = report(runs(talk, [20, 30, 75], [22, 36, 0], skips=skips), talk)
    page = report_page(found)
    assert page.count("<svg") == page.count("<desc ") == 2
    assert page.count('data-part="run"') == 5
    assert page.count('data-part="partial"') == 1
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_of_many_rehearsals_the_last_are_shown(talk: Talk) -> None:
    """A table and a page stay short; what is said of them counts all."""
    found = report(runs(talk, *[[30, 30, 30]] * 28), talk)
    assert "the last 10 of 28 runs" in report_table(found)
    assert found.whole_runs == 28
    assert report_page(found).count("<tr><td>2026-11-") == 10


@given(st.lists(st.lists(st.floats(2, 900), min_size=3, max_size=3), min_size=1, max_size=8))
def test_the_spread_holds_the_median(times: list[list[float]]) -> None:
    """Low, median and high stand in their order, inside what was measured."""
    talk = _talk_once()
    found = report(runs(talk, *times), talk)
    for index, row in enumerate(found.slides):
        spent = [one[index] for one in times]
        assert row.low_s is not None
        assert row.high_s is not None
        assert row.median_s is not None
        assert min(spent) <= row.low_s <= row.median_s <= row.high_s <= max(spent)


_once: list[Talk] = []


def _talk_once() -> Talk:
    if not _once:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            _once.append(small_talk(Path(folder) / "bread"))
    return _once[0]


def test_what_to_do_is_said(talk: Talk) -> None:
    """After one rehearsal: another; after two that ran over: what proposes what."""
    once = report(runs(talk, [30, 30, 40]), talk)
    assert next_steps(once) == [
        ("rehearse --cut full", "once more: two rehearsals make a proposal")
    ]
    twice = report(runs(talk, [30, 30, 40], [30, 30, 40]), talk)
    assert [command for command, _ in next_steps(twice)] == [
        "time --slot 1",
        "rehearse --apply slots --cut full",
        "rehearse --apply pace --cut full",
    ]
    assert "What to do\nwhat to leave out, so that it fits: `" in report_table(twice)
    assert '<code dir="ltr">rehearse --apply slots --cut full</code>' in report_page(twice)
    fine = runs(talk, [30, 30, 30], [30, 30, 30], spoken_wpm=121)
    assert next_steps(report(fine, talk)) == []


# --- Apply --------------------------------------------------------------------------------------


def test_a_talk_without_times_is_reported_without_a_plan(tmp_path: Path) -> None:
    """Totals and medians stand alone; nothing is called long or short; slots can be proposed."""
    root = write_unscripted_talk(tmp_path / "bread", times=False)
    settings = (root / "talk.toml").read_text("utf-8").replace("[cuts.full]", "").splitlines()
    kept = [line for line in settings if not line.startswith("length")]
    (root / "talk.toml").write_text("\n".join(kept), "utf-8")
    talk = load_talk(load_config(root), NOTHING, load_layouts())
    assert talk.slots_s == {}
    found = report(runs(talk, [20, 30, 40], [30, 40, 50]), talk)
    assert (found.planned_s, found.worst, found.total_s) == (0, (), 105)
    table = report_table(found)
    assert "no times planned" in table
    assert "2 whole runs: median 1:45" in table
    assert not {"long", "short", "+0:20"} & set(table.split())
    assert "<svg" in report_page(found)
    with pytest.raises(TalkError) as caught:
        propose(found, talk, "slots")
    assert caught.value.hint == 'add [cuts.full] with length = "1:45"'


def roomy_talk(root: Path, length: str = "1:20-1:50") -> Talk:
    """The small talk, where its cut may have another length than its slots make."""
    settings = root / "talk.toml"
    text = settings.read_text("utf-8").replace('length = "1:30"', f'length = "{length}"')
    settings.write_text(text, "utf-8")
    return small_talk(root)


def test_new_slots_are_a_diff_and_nothing_is_written(talk: Talk) -> None:
    """The medians become slots of the cut; talk.toml stays until it is confirmed, and then an
    empty line stands before its next table."""
    talk = roomy_talk(talk.config.root)
    before = talk.config.path.read_bytes()
    found = report(runs(talk, [35, 30, 38], [35, 30, 38]), talk)
    proposal = propose(found, talk, "slots")
    assert talk.config.path.read_bytes() == before
    assert '+"1" = "0:35"' in proposal.diff
    assert '+"3" = "0:35"' in proposal.diff
    assert "slide 1: 0:30 -> 0:35" in proposal.notes
    assert "slide 2" not in " ".join(proposal.notes)
    write_proposal(proposal)
    cut = load_config(talk.config.root).cuts["full"]
    assert cut.slots == {"1": "0:35", "3": "0:35"}
    assert '"0:35"\n\n[' in proposal.after or proposal.after.endswith('"0:35"\n\n')


def test_slots_are_those_that_the_words_fill(talk: Talk) -> None:
    """A time that the words don't fill, or run over, is no slot: that is said; `check` is fine."""
    talk = roomy_talk(talk.config.root)
    proposal = propose(report(runs(talk, [15, 30, 80], [15, 30, 80]), talk), talk, "slots")
    assert tomllib.loads(proposal.after)["cuts"]["full"]["slots"] == {"3": "0:35"}
    assert "slide 1: you took 0:15, and its words need 0:29: say less there, or drop some" in (
        proposal.notes
    )
    assert any(
        "slide 3: you took 1:20, and its words fill 0:35 at most" in n for n in proposal.notes
    )
    write_proposal(proposal)
    assert not list(all_findings(small_talk(talk.config.root).timings))


def test_slots_make_the_length_of_the_cut(talk: Talk) -> None:
    """Medians that are too long together come as near as the cut's length allows; where no slots
    make it, that is said."""
    found = report(runs(talk, [35, 35, 35], [35, 35, 35]), talk)
    proposal = propose(found, talk, "slots")
    assert proposal.diff == ""
    assert "slots: the medians add up to 1:45, the cut is 1:30: these make 1:30" in proposal.notes
    talk = roomy_talk(talk.config.root, "2:30")
    proposal = propose(report(runs(talk, [60, 60, 30], [60, 60, 30]), talk), talk, "slots")
    assert any("none that the words fill make that length" in note for note in proposal.notes)


def test_comments_and_joined_slides_stay(tmp_path: Path) -> None:
    """In this talk's settings only slots change: comments stay, slides 11-12 share their slot."""
    talk = whole_talk(tmp_path / "talk", "short")
    plan = [float(row.slot_s) for row in talk.timings["short"].slides]
    spent = [*plan[:10], plan[10] + 30, plan[11] + 30, *plan[12:15], plan[15] - 60, *plan[16:]]
    proposal = propose(report(runs(talk, spent, spent), talk), talk, "slots")
    changed = [line for line in proposal.diff.split("\n") if line.startswith(("+", "-"))][2:]
    assert [line.split(" = ")[0] for line in changed] == ['-"11-12"', '+"11-12"', '-"16"', '+"16"']
    write_proposal(proposal)
    assert load_talk(load_config(talk.config.root), talk.measured, load_layouts(), "short")


def test_the_pace_learned_is_proposed(talk: Talk) -> None:
    """A pace that differs is written to [pace]; a range that it leaves is said."""
    proposal = propose(report(runs(talk, [30, 30, 30]), talk), talk, "pace")
    assert "-words_per_minute = 120" in proposal.diff
    assert "+words_per_minute = 146" in proposal.diff
    slow = runs(talk, [30, 30, 30], spoken_wpm=122)
    assert propose(report(slow, talk), talk, "pace").diff == ""
    fast = propose(report(runs(talk, [30, 30, 30], spoken_wpm=170), talk), talk, "pace")
    assert any("170 is outside of 140-160" in note for note in fast.notes)


def test_one_run_is_no_habit(talk: Talk) -> None:
    """Slots from a single rehearsal are refused."""
    with pytest.raises(TalkError, match="slots need 2 rehearsals of the cut full, there is 1"):
        propose(report(runs(talk, [30, 30, 30]), talk), talk, "slots")


def test_settings_changed_meanwhile_are_not_overwritten(talk: Talk) -> None:
    """What was proposed for another talk.toml is not written."""
    found = report(runs(talk, [20, 30, 40], [20, 30, 40]), talk)
    proposal = propose(found, talk, "both")
    changed = proposal.before + "\n# a thought\n"
    talk.config.path.write_text(changed, encoding="utf-8")
    with pytest.raises(TalkError, match="was changed in the meantime: nothing was written"):
        write_proposal(proposal)
    assert talk.config.path.read_text(encoding="utf-8") == changed
