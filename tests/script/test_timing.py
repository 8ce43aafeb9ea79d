"""The clock of the script: rows, cuts, contradictions, checkpoints, and how they are shown."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.made_up import made_up
from support.needs import ROOT
from support.scripts import SCRIPTS, section, seed_script, time_script, words

from pipeline.config import Config, Cut, Pace, TalkInfo, load_config
from pipeline.locale import locale_of
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pictures.charts.timing import plot_svg
from pipeline.problems import Source
from pipeline.script.parse import load_script, parse_script
from pipeline.script.table import as_json, table
from pipeline.script.timing import all_findings, shared, timings

PATH = Path("script.md")
FULL = Cut("")


def messages(text: str, cut: Cut = FULL) -> list[str]:
    timing = time_script(parse_script(text, PATH), "full", cut, 150)
    return [finding.message for finding in timing.findings]


def test_a_row_keeps_slot_speech_and_cues_apart() -> None:
    """120 words at 120 a minute are a minute; the pause is no speech; the rest is slack."""
    script = parse_script(section(1, "2 minutes", 120, "[PAUSE 20s]"), PATH)
    (row,) = time_script(script, "full", FULL, 120).rows
    assert (row.slot_s, row.spoken_words, row.speech_s, row.cue_s) == (120, 120, 60, 20)
    assert (row.slack_s, row.needed_s, row.full_percent) == (40, 80, 67)
    assert row.pace_needed_wpm == 72  # 120 words in the 100 s that the pause leaves


def test_starts_come_from_the_slots() -> None:
    """Slide, Q&A and closing begin where the slots before them end."""
    text = section(1, "1 minute", 140) + section(2, "90 seconds", 210)
    text += "## Q&A SESSION [5-8 minutes]\n## CLOSING REMARKS [30 seconds]\n" + words(70)
    timing = time_script(parse_script(text, PATH), "full", FULL, 150)
    assert [(row.label, row.start_s) for row in timing.rows] == [
        ("1", 0),
        ("2", 60),
        ("Q&A", 150),
        ("closing", 540),
    ]
    assert timing.planned_s == 150


def test_joined_slides_share_their_slot_by_what_they_need() -> None:
    """The shares are multiples of five seconds and add up to the slot."""
    text = section("1-2", "3 minutes total", 100) + "[NEXT SLIDE]\n" + words(300)
    rows = time_script(parse_script(text, PATH), "full", FULL, 150).rows
    assert [row.slot_s for row in rows] == [45, 135]
    assert [row.label for row in rows] == ["1", "2"]


def test_a_cut_has_its_parts_and_slots() -> None:
    """Optional parts by name, ONLY parts by cut, other slots; totals with and without options."""
    text = section(1, "2 minutes", 100)
    text += f'[OPTIONAL "more"]\n{words(50)}\n[END OPTIONAL]\n'
    text += f"[ONLY full]\n{words(25)}\n[END ONLY]\n[SHOW IT IF TIME PERMITS]\n"
    script = parse_script(text, PATH)
    cuts = {"full": Cut("2 minutes"), "short": Cut("1 minute", slots={"1": "1 minute"})}
    full = time_script(script, "full", cuts["full"], 150, cuts=cuts)
    short = time_script(script, "short", cuts["short"], 150, cuts=cuts)
    assert (full.totals.spoken_words, full.totals.cue_s, full.planned_s) == (175, 2, 120)
    assert (short.totals.spoken_words, short.totals.cue_s, short.planned_s) == (100, 0, 60)
    assert full.without_options.spoken_words == 125
    assert short.with_options.spoken_words == 150
    assert full.rows[0].optional_s == 20


@pytest.mark.parametrize(("count", "fits"), [(126, False), (128, True), (157, True), (160, False)])
def test_a_slide_must_fill_its_slot_to_85_to_105_percent(count: int, fits: bool) -> None:
    """Outside of it there is one finding, with how many words to add or drop."""
    timing = time_script(parse_script(section(1, "1 minute", count), PATH), "full", FULL, 150)
    assert timing.rows[0].fits is fits
    found = [f for f in timing.findings if "fills" in f.message]
    assert bool(found) is not fits
    if count == 126:
        assert found[0].message == (
            "cut full: slide 1 fills 83% of its slot 1:00: 126 words (0:50) and 0:00 of cues"
        )
        assert found[0].hint == "85% to 105% is right: add about 25 words, or change the slot"
        assert found[0].where == Source(PATH, 1)


HEAD = "**Duration:** {duration}\n**Pace:** {pace}\n\n"
BODY = section(1, "10 minutes", 1450) + section(2, "10 minutes", 1450)
TAIL = (
    "## Q&A SESSION [5-8 minutes]\n## CLOSING REMARKS [30 seconds]\n"
    + words(72)
    + "\n**END OF SCRIPT**\n\n**Total Speaking Time:** {total}\n**Q&A Buffer:** {qa}\n"
    "**Total Session:** {session}\n\n## DELIVERY TIPS\n\n1. **Time:** {tip}\n"
)
RIGHT = {
    "duration": "20 minutes (+ 5-8 min Q&A)",
    "pace": "~140-160 words per minute",
    "total": "~20 minutes (includes 10-min title)",
    "qa": "5-8 minutes",
    "session": "25-28 minutes",
    "tip": "Check time at slide 2 (should be ~10 min mark)",
}


def stated(**changes: str) -> str:
    return (HEAD + BODY + TAIL).format(**{**RIGHT, **changes})


def test_figures_that_agree_are_no_findings() -> None:
    """Header, slots, words, footer and tips of a script that keeps its time."""
    assert messages(stated(), Cut("20 minutes")) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"duration": "40-42 minutes"},
            "the header's `Duration` is 40:00-42:00, the slots of the slides add up to 20:00",
        ),
        (
            {"duration": "20 minutes (+ 2-3 min Q&A)"},
            "the header's Q&A is 2:00-3:00, the slot of the Q&A is 5:00-8:00",
        ),
        (
            {"total": "~46-48 minutes"},
            "the footer's `Total Speaking Time` is 46:00-48:00, "
            "the slots of the slides add up to 20:00",
        ),
        (
            {"total": "~20 minutes (includes 4-min title)"},
            "the footer's `title` is 4:00, the slot of slide 1 is 10:00",
        ),
        (
            {"qa": "2-4 minutes"},
            "the footer's `Q&A Buffer` is 2:00-4:00, the slot of the Q&A is 5:00-8:00",
        ),
        (
            {"session": "48-52 minutes"},
            "the footer's `Total Session` is 48:00-52:00, "
            "slides, Q&A and closing remarks add up to 25:00-28:30",
        ),
        (
            {"tip": "Check time at slide 2 (should be ~20 min mark)"},
            "the checkpoint at slide 2 is 20:00, by the slots it starts at 10:00",
        ),
        (
            {"tip": "At slide 7 it is 10:00"},
            "the checkpoint names slide 7, which the script has not",
        ),
        (
            {"pace": "100-120 words per minute"},
            "the header's pace is 100-120 words a minute, the table's pace is 150",
        ),
        (
            {"pace": "130-170 words per minute"},
            "the header's pace is 130-170 words a minute, talk.toml says 140-160",
        ),
    ],
)
def test_each_figure_that_contradicts_is_named(changes: dict[str, str], message: str) -> None:
    """The message says both values; the finding has the figure's line."""
    text = stated(**changes)
    timing = time_script(parse_script(text, PATH), "full", Cut("20 minutes"), 150)
    found = {f.message: f for f in timing.findings}
    assert message in found
    line = next(
        i for i, line in enumerate(text.split("\n"), 1) if next(iter(changes.values())) in line
    )
    assert found[message].where == Source(PATH, line)


def test_header_and_footer_that_differ_are_named_together() -> None:
    """Even where one of them is right, both lines are in the message."""
    assert (
        "the footer's `Total Speaking Time` is 30:00, the header's `Duration` (line 1) is 20:00"
        in messages(stated(total="30 minutes"))
    )


def test_a_length_and_a_checkpoint_may_name_their_cut() -> None:
    """What names a cut is compared with that cut alone."""
    text = stated(tip="Check time at slide 2 (should be ~10 min mark; short ~8 min)")
    script = parse_script(text, PATH)
    cuts = {"full": Cut("20 minutes"), "short": Cut("18 minutes", slots={"1": "8 minutes"})}
    times = {n: time_script(script, n, c, 150, cuts=cuts) for n, c in cuts.items()}
    assert not [f for t in times.values() for f in t.findings if "checkpoint" in f.message]
    (point,) = times["short"].checkpoints
    assert (point.computed_s, point.stated.low_s, point.agrees) == (480, 480, True)
    wrong = {**cuts, "short": Cut("16 minutes", slots={"1": "5 minutes", "2": "11 minutes"})}
    found = [
        f.message for f in time_script(script, "short", wrong["short"], 150, cuts=wrong).findings
    ]
    assert (
        "the checkpoint of the cut short at slide 2 is 8:00, by the slots it starts at 5:00"
        in found
    )


def test_slots_and_words_are_held_against_the_cuts_length() -> None:
    """A cut whose slots don't add up, and one whose words don't."""
    found = messages(section(1, "10 minutes", 100), Cut("46-48 minutes"))
    assert found[0] == (
        "cut full: its length is 46:00-48:00, the slots of its slides add up to 10:00"
    )
    assert found[1] == (
        "cut full: 100 words at 150 a minute and 0:00 of cues take 0:40, "
        "the slots of its slides add up to 10:00"
    )


def test_names_that_do_not_exist_are_errors_with_the_nearest(tmp_path: Path) -> None:
    """A part, a slide, a cut, a bad length: each at its line of talk.toml or of the script."""
    (tmp_path / "talk.toml").write_text(
        '[talk]\ntitle = "T"\nspeaker = "S"\n\n[cuts.full]\nlength = "1 minute"\n\n'
        '[cuts.short]\nlength = "1:3O"\nkeep = ["progres"]\nlike = "ful"\n\n'
        '[cuts.short.slots]\n"7" = "1 minute"\n"1" = "soon"\n'
    )
    text = section(1, "1 minute", 150) + '[OPTIONAL "progress"]\n[END OPTIONAL]\n'
    text += '[ONLY fulll]\n[END ONLY]\n[OPTIONAL "progress"]\n[END OPTIONAL]\n'
    config = load_config(tmp_path)
    found = {f.message: f for f in all_findings(timings(parse_script(text, PATH), config))}
    settings_at = {
        "cuts.short.length: `1:3O` has the letter O where a zero belongs": 9,
        "cut short keeps `progres`: no such optional part": 10,
        "cut short: there is no cut `ful`": 11,
        "cut short has a slot for slide 7, which the script has not": 14,
        "cuts.short.slots.1: `soon` is no length": 15,
    }
    for message, line in settings_at.items():
        assert found[message].where == Source(config.path, line), message
    assert found["cut short keeps `progres`: no such optional part"].hint == (
        "did you mean `progress`?"
    )
    assert found["[ONLY fulll]: there is no cut `fulll`"].hint == "did you mean `full`?"
    assert 'two optional parts are named "progress"' in found


def test_the_seed_contradicts_itself_in_these_ways() -> None:
    """Header 40-42, slots 52:30, footer 46-48, words for 15 minutes, Q&A of two lengths."""
    script = load_script(seed_script(), Numbers(NOTHING))
    timing = time_script(script, "full", FULL, 150)
    assert timing.planned_s == 3150
    assert 15 * 60 <= timing.totals.speech_s <= 15 * 60 + 15
    lines = {(f.where and f.where.line, f.message) for f in timing.findings}
    assert {(line, message) for line, message in lines if "fills" not in message} == {
        (4, "the header's `Duration` is 40:00-42:00, the slots of the slides add up to 52:30"),
        (
            474,
            "the footer's `Total Speaking Time` is 46:00-48:00, "
            "the slots of the slides add up to 52:30",
        ),
        (
            474,
            "the footer's `Total Speaking Time` is 46:00-48:00, "
            "the header's `Duration` (line 4) is 40:00-42:00",
        ),
        (475, "the footer's `Q&A Buffer` is 2:00-4:00, the slot of the Q&A is 5:00-8:00"),
        (475, "the footer's `Q&A Buffer` is 2:00-4:00, the header's Q&A (line 4) is 5:00-8:00"),
        (
            476,
            "the footer's `Total Session` is 48:00-52:00, "
            "slides, Q&A and closing remarks add up to 57:30-61:00",
        ),
        (
            None,
            f"cut full: {timing.totals.spoken_words} words at 150 a minute and 0:18 of cues take "
            "15:21, the slots of its slides add up to 52:30",
        ),
    }
    assert timing.checkpoints[0].computed_s == 1200
    assert timing.checkpoints[0].agrees
    assert sum("fills" in message for _, message in lines) == 23


def test_our_own_script_keeps_its_time_in_every_cut() -> None:
    """No contradiction in full, standard or short."""
    config = load_config(ROOT)
    script = load_script(ROOT / "script" / "voiceover.md", Numbers(made_up()))
    times = timings(script, config)
    assert list(times) == ["full", "standard", "short"]
    assert [finding.shown() for finding in all_findings(times)] == []


@settings(max_examples=200)
@given(SCRIPTS, st.integers(60, 300))
def test_starts_never_go_back_and_nothing_breaks_the_clock(text: str, pace_wpm: int) -> None:
    """For any text: a table, data and a plot, and starts in order."""
    script = parse_script(text, PATH)
    cuts = {"full": Cut("5 minutes"), "short": Cut("2 minutes", keep=("a",), slots={"1": "1:00"})}
    for name, cut in cuts.items():
        timing = time_script(script, name, cut, pace_wpm, cuts=cuts)
        starts = [row.start_s for row in timing.rows]
        assert starts == sorted(starts)
        assert all(row.speech_s >= 0 and row.cue_s >= 0 for row in timing.rows)
        assert timing.totals.spoken_words == sum(row.spoken_words for row in timing.slides)
        assert table(timing)
        json.dumps(as_json({name: timing}))


@pytest.mark.slow
@settings(max_examples=50)
@given(SCRIPTS, st.integers(60, 300))
def test_any_timing_can_be_drawn(text: str, pace_wpm: int) -> None:
    """The plot is well-formed, whatever the script is."""
    timing = time_script(parse_script(text, PATH), "full", Cut("5 minutes"), pace_wpm)
    ET.fromstring(plot_svg(timing))


@given(st.integers(1, 4000), st.lists(st.integers(0, 5000), min_size=1, max_size=30))
def test_shares_add_up_exactly(total_s: int, weights: list[int]) -> None:
    """Whatever is divided, nothing is lost, and nobody gets less than nothing."""
    times = shared(total_s, weights)
    assert sum(times) == total_s
    assert len(times) == len(weights)
    assert min(times) >= 0


def test_the_table_is_aligned_and_complete() -> None:
    """One line a row, times as m:ss, the mark of what is outside its slot, totals."""
    script = parse_script(section(1, "1 minute", 145) + section(2, "1 minute", 50), PATH)
    shown = table(time_script(script, "full", Cut("2 minutes"), 150)).split("\n")
    assert shown[0] == "full (full) at 150 words a minute, to be 2:00"
    assert shown[2].split() == [
        "slide",
        "start",
        "slot",
        "words",
        "speech",
        "cues",
        "slack",
        "full",
        "pace",
    ]
    assert shown[4].split() == [
        "1",
        "TITLE",
        "0:00",
        "1:00",
        "145",
        "0:58",
        "0:00",
        "0:02",
        "97%",
        "145",
    ]
    assert shown[5].split() == [
        "2",
        "TITLE",
        "1:00",
        "1:00",
        "50",
        "0:20",
        "0:00",
        "0:40",
        "33%",
        "50",
        "short",
    ]
    assert shown[7].split() == ["the", "talk", "2:00", "195", "1:18", "0:00", "0:42", "65%"]


def test_the_table_is_aligned_for_wide_signs_too() -> None:
    """A Chinese sign takes two columns."""
    script = parse_script("## SLIDE 1: 标题 [1 minute]\n\n## SLIDE 2: ABCD [1 minute]\n", PATH)
    _, _, _, _, wide, plain, *_ = table(time_script(script, "full", FULL, 150)).split("\n")
    assert wide.index("0:00") == plain.index("1:00") - 2


def test_the_json_holds_the_same_numbers() -> None:
    """Seconds as numbers, findings in the same words as in the table."""
    script = parse_script(section(1, "1 minute", 50), PATH)
    timing = time_script(script, "full", FULL, 150)
    data = json.loads(json.dumps(as_json({"full": timing})))["cuts"]["full"]
    assert data["rows"][0]["speech_s"] == 20
    assert data["total"] == {"spoken_words": 50, "speech_s": 20, "cue_s": 0, "needed_s": 20}
    assert [f["message"] for f in data["findings"]] == [f.message for f in timing.findings]
    assert data["findings"][-1]["where"] == "script.md:1"


def test_the_plot_names_itself_and_uses_the_themes_colours() -> None:
    """A title and a description for screen readers; no colour without its property."""
    script = parse_script(section(1, "1 minute", 50), PATH)
    svg = plot_svg(time_script(script, "full", replace(FULL, title="<Full>"), 150))
    root = ET.fromstring(svg)
    names = {"s": "http://www.w3.org/2000/svg"}
    assert root.find("s:title", names).text == "Slots and speech by slide: <Full>"  # type: ignore[union-attr]
    assert "Outside its slot: slide 1." in root.find("s:desc", names).text  # type: ignore[union-attr,operator]
    assert {"0:00", "0:30"} <= {text.strip() for text in root.itertext()}  # no "0 min" each
    assert svg.count("#") == svg.count("var(--")
    german = plot_svg(time_script(script, "full", FULL, 150), locale_of("de"))
    assert "Außerhalb des Zeitfensters: Folie 1." in german


def test_a_talk_without_cuts_has_one() -> None:
    """Its name is full, and it keeps everything."""
    config = Config(Path("nowhere"), TalkInfo("T", "S"), Pace(140, 130, 150))
    times = timings(parse_script(section(1, "1 minute", 140), PATH), config)
    assert list(times) == ["full"]
    assert times["full"].findings == ()
    assert times["full"].pace_wpm == 140
