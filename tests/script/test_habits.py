"""Scripts as people write them: read as they are meant, or an error that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripts import time_script, words

from pipeline.cli import main
from pipeline.config import Cut
from pipeline.problems import Source
from pipeline.script.cues import parse_cue
from pipeline.script.elements import Cue, Script, Speech
from pipeline.script.parse import parse_script

PATH = Path("script.md")
HEAD = "## SLIDE 1: A [1 minute]\n\n"


def parsed(text: str) -> Script:
    return parse_script(HEAD + text, PATH)


def problems(text: str) -> list[tuple[int | None, str]]:
    return [(p.where and p.where.line, p.message) for p in parsed(text).problems]


@pytest.mark.parametrize(
    ("raw", "seconds", "text"),
    [
        ("PAUSE - 10 sec", 10, ""),
        ("pause, 10 seconds", 10, ""),
        ("PAUSE: 10s", 10, ""),
        ("PAUSE (2 s)", 2, ""),
        ("Pause — 2 seconds — let results load", 2, "let results load"),
        ("PAUSE for 2 seconds, look up", 2, "look up"),
        ("pause for five seconds", 5, ""),
        ("PAUSE five", 5, ""),
        ("Pause for half a minute", 30, ""),
        ("PAUSE about 3 seconds", 3, ""),
        ("PAUSE 2-4 sec", 3, ""),
        ("PAUSE for the audience (5 s)", 5, "for the audience"),
        ("pause while they read, 10 seconds", 10, "while they read"),
        ("PAUSE...", 3, "..."),
        ("pause for one of you to answer", 3, "for one of you to answer"),
        ("PAUSE until 10:30", 3, "until 10:30"),  # a time of the day is no length
    ],
)
def test_the_length_of_a_pause_is_read_wherever_it_stands(
    raw: str, seconds: int, text: str
) -> None:
    """After a dash, a comma, in brackets, at the end, in words: never three seconds instead."""
    cue, problem = parse_cue(raw, Source(PATH, 1))
    assert (cue.kind, cue.seconds, cue.text, problem) == ("PAUSE", seconds, text, None)


@pytest.mark.parametrize(
    "raw", ["DEMO - 2 min", "DEMO, 2 minutes", "DEMO (2 min)", "DEMO two minutes"]
)
def test_so_is_the_length_of_a_demo(raw: str) -> None:
    """Which has no length that could stand for it."""
    cue, problem = parse_cue(raw, Source(PATH, 1))
    assert (cue.kind, cue.seconds, problem) == ("DEMO", 120, None)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("beat", "[PAUSE 3s]"),
        ("10 second pause", "[PAUSE 3s]"),
        ("next", "[CLICK]"),
        ("VISUAL: show the permission matrix", "[SHOW … DIAGRAM]"),
    ],
)
def test_other_words_for_a_cue_get_ours(raw: str, meant: str) -> None:
    """They are errors, since what they cost isn't known, with the cue that is meant."""
    _, problem = parse_cue(raw, Source(PATH, 1))
    assert problem
    assert problem.message == f"unknown cue [{raw}]"
    assert problem.hint == f"did you mean {meant}?"


@pytest.mark.parametrize("line", ["(Pause)", "(pause 5s)", "(CLICK)", "(click: the second step)"])
def test_a_cue_in_round_brackets_on_its_own_line_is_one(line: str) -> None:
    """As scripts for the stage have it; other words in round brackets are said."""
    script = parsed(f"One.\n{line}\nTwo.\n(Note that this is said.)\n")
    _, cue, speech = script.slides()[0].items
    assert isinstance(cue, Cue)
    assert cue.raw == line[1:-1]
    assert isinstance(speech, Speech)
    assert speech.plain.endswith("(Note that this is said.)")
    assert script.problems == ()


@pytest.mark.parametrize(
    "cue", ["[click]", "[PAUSE 3s]", "[Next slide]", "(pause)", "(Click)", "[NOTE: x]"]
)
def test_a_cue_inside_a_sentence_is_named_with_its_line(cue: str) -> None:
    """It would be read aloud, and a click would be missed."""
    assert problems(f"One line.\nSay {cue} this.") == [
        (4, f"the cue {cue} stands inside a sentence")
    ]


@pytest.mark.parametrize(
    "text",
    ["See [click here](https://example.org).", "He paused (pausing).", "We [sic] say [clicks]."],
)
def test_other_brackets_in_a_sentence_are_words(text: str) -> None:
    """Links and remarks."""
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**SPEAKER:** Here it is.", ["Here it is."]),
        ("SPEAKER: Here it is.", ["Here it is."]),
        ("**Speaker:**\nHere it is.", ["Here it is."]),
        ("SPEAKER 1: Here.\nSPEAKER 2: There.", ["Here.", "There."]),
        ("NARRATOR:", []),
        ("**Model:** a pattern-matcher.", ["Model: a pattern-matcher."]),
        ("The speaker: me.", ["The speaker: me."]),
        ("Host: a computer.", ["Host: a computer."]),
    ],
)
def test_who_speaks_is_not_said(text: str, said: list[str]) -> None:
    """A label before the words costs no time; a word that is explained is said."""
    script = parsed(text)
    items = script.slides()[0].items
    assert [item.bare for item in items if isinstance(item, Speech)] == said
    assert script.problems == ()


def test_times_comments_and_tables_are_not_read_aloud() -> None:
    """Each is an error on its own line, with what to write instead."""
    text = "[0:45] We begin.\n\n[0:45 - 1:30]\n\nSo.\n<!-- smile -->\n\n"
    text += "| a | b |\n|---|---|\n| 1 | 2 |"
    assert problems(text) == [
        (3, "the time [0:45] would be read aloud"),
        (5, "[0:45 - 1:30] names no cue"),
        (8, "an HTML comment would be read aloud"),
        (11, "a table would be read aloud"),
    ]
    assert all(problem.hint for problem in parsed(text).problems)


@pytest.mark.parametrize(
    ("heading", "label", "title", "slot_s"),
    [
        ("## Slide 1 - Title (20 sec)", "1", "Title", 20),
        ("## Slide 2. Case [~30s]", "2", "Case", 30),
        ("### SLIDE #3 — End [0:20 min]", "3", "End", 20),
        ("# slide 4: Title (with more) [1:30 min]", "4", "Title (with more)", 90),
        ("## Slide 5/22: Title [two minutes]", "5", "Title", 120),
        ("## Slide 6 of 22 – Title [1,5 minutes]", "6", "Title", 90),
        ("## SLIDE 7: Title [1'30\"]", "7", "Title", 90),
        ("## SLIDE 8: Title [Time: 2 min]", "8", "Title", 120),
        ("## SLIDE 9 & MORE [2m30]", "9", "& MORE", 150),
        ("##   SLIDE  10 :  Title   [ 2 min ]", "10", "Title", 120),
        ("## SLIDES 11–12: Title (4 minutes)", "11-12", "Title", 240),
    ],
)
def test_usual_forms_of_a_heading_are_read(
    heading: str, label: str, title: str, slot_s: int
) -> None:
    """Number, title and slot, whatever stands between them."""
    (section,) = parse_script(heading, PATH).of_kind("slide")
    assert section.slot
    assert (section.label, section.title, section.slot.middle_s) == (label, title, slot_s)


@pytest.mark.parametrize(
    ("heading", "message", "hint"),
    [
        ("## SLIDE 1: T - 2 min", "slide 1 has no slot", "end the heading with [2 minutes]"),
        ("## SLIDE 1: T (soon)", "slide 1 has no slot", "end the heading with [2 minutes]"),
        ("## SLIDE 1: T [20]", "the slot of slide 1: `20` has no unit", "`20 minutes` or"),
        ("## SLIDE 1: T [2 Minuten]", "the slot of slide 1: `2 Minuten` is no length", "such as"),
        (
            "## SLIDE 1: T [0:00-0:30]",
            "the slot of slide 1: `0:00-0:30` is a time from the start",
            "a slot is a length: `0:30`",
        ),
    ],
)
def test_other_forms_are_refused_with_the_right_one(heading: str, message: str, hint: str) -> None:
    """Never a slot that wasn't meant."""
    (problem,) = parse_script(heading, PATH).problems
    assert (problem.message, problem.where) == (message, Source(PATH, 1))
    assert problem.hint.startswith(hint)


def test_slots_that_are_times_from_the_start_are_seen() -> None:
    """`0:30-1:15` alone is a range; after `0:10-0:30` it is when the slide begins and ends."""
    text = "## SLIDE 1: A [0:10-0:30]\n## SLIDE 2: B [0:30 – 1:15]\n## SLIDE 3: C [1:15-2:00]\n"
    found = parse_script(text, PATH).problems
    assert [(p.where and p.where.line, p.message) for p in found] == [
        (2, "the slots of slides 1 and 2 are times from the start"),
        (3, "the slots of slides 2 and 3 are times from the start"),
    ]
    assert found[0].hint == "a slot is a length: 0:45 for this one"
    ranges = "## SLIDE 1: A [0:10-0:30]\n## SLIDE 2: B [0:40-1:15]\n"
    assert parse_script(ranges, PATH).problems == ()


def test_words_that_are_all_quoted_are_named() -> None:
    """Some write what is said as a quotation; here it would cost no time and never be shown."""
    script = parse_script(f"## SLIDE 1: A [20 seconds]\n\n> {words(40)}\n\n[PAUSE 2s]\n", PATH)
    findings = time_script(script, "full", Cut(""), 150).findings
    (found,) = [finding for finding in findings if "slide 1 fills" in finding.message]
    assert "what begins with > is an aside" in found.hint


def test_the_table_of_times_comes_with_what_was_misread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A click inside a sentence is no click, so the times can't be right: `time` says it, too."""
    (tmp_path / "talk.toml").write_text('[talk]\ntitle = "T"\nspeaker = "S"\n')
    script = tmp_path / "script" / "voiceover.md"
    script.parent.mkdir()
    script.write_text(f"## SLIDE 1: A [1 minute]\n\nOne [click] {words(148)}\n")
    assert main(["time", "--talk", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("full (full) at 150 words a minute")
    assert "voiceover.md:3: the cue [click] stands inside a sentence" in err


def test_chinese_takes_its_time() -> None:
    """84 signs are 47 words: they fill 20 seconds as they do when they are said."""
    said = "大家好，欢迎来到这里。这是一个很短的演讲，只是为了试一试一张奇怪的幻灯片。"
    said += "它有开头，有中间的一张，也有结尾，里面没有什么严肃的东西。"
    said += "我会讲得很快，请大家跟我一起看一看。"
    script = parse_script(f"## SLIDE 1: 标题 [20 seconds]\n\n{said}\n", PATH)
    (row,) = time_script(script, "full", Cut(""), 150).rows
    assert (row.spoken_words, row.speech_s, row.fits) == (47, 19, True)
