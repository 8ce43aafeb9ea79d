"""Notes and times in the slides' own files: a section each, timed and checked like the script."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up_results
from support.scripts import section, words

from pipeline.config import Config, Cut, Pace, TalkInfo
from pipeline.measured import NOTHING, Measured
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.script.elements import Script, Speech
from pipeline.script.on_slides import OnSlide, with_slides
from pipeline.script.parse import parse_script
from pipeline.script.timing import Timing, timed

SCRIPT = Path("voiceover.md")
NONE = Script(SCRIPT, ())


def slide(number: int, notes: str = "", time: str = "") -> OnSlide:
    path = Path(f"{number:02}-slide.md")
    at = Source(path, 9) if notes else None
    return OnSlide(number, f"T{number}", Source(path, 1), notes, at, time, Source(path, 4))


def joined(*slides: OnSlide, script: Script = NONE) -> Script:
    return with_slides(script, slides, Numbers(NOTHING))


def clocked(script: Script, length: str = "") -> Timing:
    cuts = {"full": Cut(length)} if length else {}
    return timed(script, Config(Path(), TalkInfo("T", "S"), Pace(), cuts))[1]["full"]


def slots(script: Script, length: str = "") -> list[int]:
    return [row.slot_s for row in clocked(script, length).slides]


def test_notes_are_a_section_with_lines_of_the_slides_file() -> None:
    """Words, cues and headings are read as in the script; each knows where it stands."""
    (text,) = joined(slide(1, "# Mind\n\nHello **there**, 98.7% of you.\n\n[PAUSE 5s]")).slides()
    head, speech, cue = text.items
    assert isinstance(speech, Speech)
    assert (speech.bare, speech.spoken_words) == ("Hello there, 98.7% of you.", 8)
    assert [str(item.source) for item in (head, speech, cue)] == [
        "01-slide.md:9",
        "01-slide.md:11",
        "01-slide.md:13",
    ]
    assert (text.number, text.title) == (1, "T1")


def test_a_slide_without_a_section_stands_between_its_neighbours() -> None:
    """Whatever the script has: slides in their order, what isn't a slide behind them."""
    text = section(1, "1 minute", 140) + section(4, "1 minute", 140) + "## Q&A [5 minutes]\n"
    script = joined(slide(3, "Hi."), slide(2), slide(5), script=parse_script(text, SCRIPT))
    assert [s.label for s in script.sections if s.kind != "header"] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "Q&A",
    ]


def test_a_section_and_notes_name_each_other() -> None:
    """The finding has the line of the notes and of the section, which is what counts."""
    script = joined(slide(1, "Mine."), script=parse_script(section(1, "1 minute", 140), SCRIPT))
    (problem,) = script.problems
    assert str(problem).startswith("01-slide.md:9: slide 1 has notes of its own")
    assert "voiceover.md:1" in problem.message
    assert problem.concerns == "script"
    assert [text.section.on_slide for text in script.slides()] == [False]
    assert ("Mine.", Source(Path("01-slide.md"), 9)) in script.written


def test_a_heading_may_leave_its_slot_to_the_slide() -> None:
    """`time:` stands in for a slot in the heading; without either the heading misses one."""
    text = f"## SLIDE 1: A\n{words(140)}\n## SLIDE 2: B\n{words(140)}\n"
    script = joined(slide(1, time="1m"), slide(2), script=parse_script(text, SCRIPT))
    assert [p.message for p in script.problems] == ["slide 2 has no slot"]
    assert slots(script)[0] == 60


def test_two_times_of_one_slide_are_a_finding_of_time() -> None:
    """The heading's counts; the same length in other words is no finding."""
    spoken = parse_script(section(1, "1 minute", 140), SCRIPT)
    (problem,) = joined(slide(1, time="90s"), script=spoken).problems
    assert problem.message.startswith("slide 1 has two times: `time: 90s` here, [1 minute] in")
    assert (problem.concerns, str(problem.where)) == ("time", "01-slide.md:4")
    assert slots(joined(slide(1, time="90s"), script=spoken)) == [60]
    assert joined(slide(1, time="1:00"), script=spoken).problems == ()


@pytest.mark.parametrize(
    ("time", "seconds"), [("2m", 120), ("90s", 90), ("1:30", 90), ("2 minutes", 120)]
)
def test_a_time_has_the_forms_of_a_slot(time: str, seconds: int) -> None:
    """One reader for both."""
    assert slots(joined(slide(1, time=time))) == [seconds]


def test_a_time_that_is_none_is_said_with_its_line() -> None:
    """And the slide goes without."""
    (problem,) = joined(slide(7, time="2")).problems
    assert str(problem) == "01-slide.md:4: `time` of slide 7: `2` has no unit".replace("01", "07")
    assert "2 minutes" in problem.hint


def test_slides_without_a_time_share_what_the_length_leaves() -> None:
    """By their words where all have some, evenly otherwise; the talk has the cut's length."""
    said = [slide(2, words(100)), slide(3, words(300))]
    assert slots(joined(slide(1, time="1m"), *said), "5:00") == [60, 60, 180]
    assert slots(joined(slide(1, time="1m"), slide(2), said[1]), "5:00") == [60, 120, 120]
    assert not clocked(joined(slide(1, time="1m"), slide(2)), "5:00").findings


def test_without_times_and_length_nothing_is_planned() -> None:
    """Words of notes are no plan; a single time is one, and names what lacks its own."""
    assert not clocked(joined(slide(1, words(100)), slide(2))).is_planned
    timing = clocked(joined(slide(1, time="1m"), slide(2)))
    assert timing.is_planned
    assert [f.message for f in timing.findings] == ["slide 2 has no time, and counts as 0:00"]


def test_notes_may_be_less_than_what_is_said_and_not_more() -> None:
    """A few words to remember fill no slot; too many for the time are a finding."""
    assert not clocked(joined(slide(1, "One word.", "2m")), "2:00").findings
    found = clocked(joined(slide(1, words(300), "1m")), "1:00").findings
    assert "cut full: slide 1 fills 200% of its slot 1:00" in found[-1].message
    assert {finding.concerns for finding in found} == {"time"}


def test_values_of_the_run_in_notes_keep_their_marks() -> None:
    """After those of the script's file, each text with its own."""
    results = made_up_results()
    numbers = Numbers(Measured(results))
    filled = numbers.fill(
        "## SLIDE 1: A [1 minute]\n\n{{ finetuned.f1 | pct }} here.", Source(SCRIPT, 1)
    )
    script = parse_script(filled.text, SCRIPT, filled.lines, filled.marks)
    notes = slide(2, "{{ data.messages | count }} there.")
    texts = with_slides(script, [slide(1), notes], numbers).slides()
    f1 = results.finetuned.f1.value
    assert [i.plain for t in texts for i in t.items if isinstance(i, Speech)] == [
        f"{100 * f1:.1f}% here.",
        f"{results.data.messages:,} there.",
    ]


def test_what_notes_can_not_say_is_said_with_their_line() -> None:
    """A length of the plan, an unknown cue, a value that isn't there."""
    script = joined(slide(1, "It takes {{ plan.length }}.\n\n[CLIKC]"))
    assert [str(p) for p in script.problems] == [
        "01-slide.md:9: `plan.length` can't be said: it is known once the script is timed",
        "01-slide.md:11: unknown cue [CLIKC]",
    ]
    with pytest.raises(TalkError, match=r"01-slide\.md:10: no such value"):
        joined(slide(1, "A\n{{ nothing.here }}"))


def test_times_that_miss_the_length_are_a_warning() -> None:
    """A plan of a talk without a script is a rough one; notes that fill little are none at all."""
    found = clocked(joined(slide(1, "A few words.", "3m"), slide(2, "", "4m")), "20 minutes")
    assert [
        (problem.is_error, "add up to 7:00" in problem.message) for problem in found.findings
    ] == [(False, True)]
