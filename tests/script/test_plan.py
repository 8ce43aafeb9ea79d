"""Lengths that the script names of its own plan: put in where they are shown, refused elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripts import section, words

from pipeline.config import Config, Cut, TalkInfo
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.script.elements import Field, Remark, Script
from pipeline.script.parse import load_script
from pipeline.script.timing import Timing, timed

CUTS = {
    "full": Cut("20 minutes"),
    "short": Cut("18 minutes", slots={"1": "7:40", "2": "10:20"}),
    "a-b": Cut("20 minutes"),
}
BODY = (
    section(1, "9:30", 1400)
    + section(2, "10.5 minutes", 1550)
    + "## Q&A SESSION [5-8 minutes]\n## CLOSING REMARKS [30 seconds]\n"
    + words(72)
)


def timed_talk(
    tmp_path: Path, head: str = "", tips: str = "", body: str = BODY
) -> tuple[Script, dict[str, Timing]]:
    path = tmp_path / "script.md"
    path.write_text(f"{head}\n\n{body}\n## DELIVERY TIPS\n\n{tips}\n", encoding="utf-8")
    script = load_script(path, Numbers(NOTHING))
    return timed(script, Config(tmp_path, TalkInfo("T", "S"), cuts=CUTS))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plan.length", "20:00"),
        ("plan.length.minutes", "20"),
        ("plan.qa", "5:00-8:00"),
        ("plan.qa.minutes", "5-8"),
        ("plan.session", "25:00-28:30"),
        ("plan.session.minutes", "25-29"),  # outward: it may take the half minute, too
        ("plan.slides[2].starts", "9:30"),
        ("plan.slides[2].starts.minutes", "10"),
        ("plan.slides[1].slot", "9:30"),
        ("plan.slides[2].slot.minutes", "11"),
        ("plan.cuts.short.length", "18:00"),
        ("plan.cuts.short.slides[2].starts", "7:40"),
        ("plan.cuts['a-b'].slides[2].starts.minutes", "10"),
    ],
)
def test_header_and_tips_show_what_the_slots_add_up_to(
    tmp_path: Path, written: str, shown: str
) -> None:
    """Of the script as it is written, or of a cut; as clock time or in whole minutes."""
    head, tips = f"**Duration:** {{{{ {written} }}}}!", f"Say {{{{ {written} }}}}."
    script, _ = timed_talk(tmp_path, head, tips)
    assert script.of_kind("header")[0].notes[0] == Field(
        "Duration", f"{shown}!", "", Source(Path())
    )
    assert script.of_kind("tips")[0].notes[0] == Remark(f"Say {shown}.", Source(Path()))


def test_what_is_put_in_contradicts_nothing_and_gives_checkpoints(tmp_path: Path) -> None:
    """Placeholders agree in every cut; what is typed is still held against the slots."""
    head = "**Duration:** {{ plan.length }} (+ {{ plan.qa.minutes }} min Q&A)"
    mark = "~{{ plan.slides[2].starts.minutes }} min mark"
    short = "short ~{{ plan.cuts.short.slides[2].starts.minutes }} min"
    _, times = timed_talk(tmp_path, head, f"1. **Time:** check at slide 2 ({mark}; {short})")
    found = [f.message for t in times.values() for f in t.findings]
    assert [message for message in found if "checkpoint" in message or "`" in message] == []
    (point,) = times["short"].checkpoints
    assert (point.computed_s, point.stated.middle_s, point.agrees) == (460, 480, True)
    wrong = head.replace("{{ plan.length }}", "25 minutes")
    _, times = timed_talk(tmp_path, wrong, "1. **Time:** check at slide 2 (~14 min mark)")
    assert {f.message: f.where and f.where.line for f in times["full"].findings} == {
        "the header's `Duration` is 25:00, the slots of the slides add up to 20:00": 1,
        "the checkpoint at slide 2 is 14:00, by the slots it starts at 9:30": 18,
    }


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("plan.lenght", "there is no `plan.lenght`"),
        ("plan", "there is no `plan`"),
        ("plan.slides[2]", "there is no `plan.slides[2]`"),
        ("plan.slides[7].starts", "`plan.slides[7].starts`: the script has no slide 7"),
        ("plan.cuts.brief.length", "there is no cut `brief`"),
    ],
)
def test_what_the_plan_has_not_is_an_error_with_its_line(
    tmp_path: Path, written: str, message: str
) -> None:
    """A typo, a slide or a cut that doesn't exist."""
    with pytest.raises(TalkError) as error:
        timed_talk(tmp_path, f"# Script\n\n**Duration:** {{{{ {written} }}}}")
    assert error.value.message == message
    assert error.value.where == Source(tmp_path / "script.md", 3)
    assert error.value.hint


def test_a_talk_without_questions_has_no_slot_for_them(tmp_path: Path) -> None:
    """The session has no length then, either."""
    with pytest.raises(TalkError, match="the script has no slot for the Q&A"):
        timed_talk(tmp_path, "**Q&A:** {{ plan.session }}", body=section(1, "1 minute", 150))


@pytest.mark.parametrize(
    "text",
    ["We have {{ plan.length }}.", "[NOTE: be at\n{{ plan.length }}]", "> {{ plan.length }}"],
)
def test_it_cannot_be_said(tmp_path: Path, text: str) -> None:
    """How long the talk is depends on what is said; the other way round there is no end."""
    script, _ = timed_talk(tmp_path, body=f"## SLIDE 1: A [1 minute]\n\n{text}\n")
    (problem,) = script.problems
    assert problem.message == "`plan.length` can't be said: it is known once the script is timed"
    assert problem.where == Source(script.path, 5 + text.count("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "{% if plan.length > 3 %}Long.{% endif %}",
        "{% if plan.length %}Long.{% endif %}",
        "{% for slide in plan.slides %}x{% endfor %}",
        "{{ [plan.length] | join }}",
    ],
)
def test_nothing_can_depend_on_it(tmp_path: Path, text: str) -> None:
    """A sentence that follows the plan would change the plan."""
    with pytest.raises(TalkError, match="is known only once the script is timed") as error:
        timed_talk(tmp_path, text)
    assert error.value.where == Source(tmp_path / "script.md", 1)


def test_other_content_knows_no_plan() -> None:
    """On a slide its name would be shown."""
    with pytest.raises(TalkError, match="'plan' is undefined"):
        Numbers(NOTHING).fill("{{ plan.length }}", Source(Path("slide.md"), 1))
