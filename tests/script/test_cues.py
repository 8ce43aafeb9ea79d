"""Cues against the deck: clicks and steps, what is shown, sections and titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.checks.cues import SlideFacts, check_cues
from pipeline.config import Cut
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source
from pipeline.script.elements import Script
from pipeline.script.on_slides import OnSlide, with_slides
from pipeline.script.parse import parse_script

PATH = Path("script.md")
CUTS = {"full": Cut(""), "short": Cut("")}


def found(text: str, *slides: SlideFacts, cuts: dict[str, Cut] | None = None) -> list[str]:
    findings = check_cues(parse_script(text, PATH), {s.number: s for s in slides}, cuts)
    return [finding.message for finding in findings]


def slide(steps: int = 0, *shows: str, number: int = 1, title: str = "Title") -> SlideFacts:
    return SlideFacts(number, title, steps, frozenset(shows))


ONE = "## SLIDE 1: TITLE [1 minute]\n"


@pytest.mark.parametrize(
    ("cues", "steps", "message"),
    [
        ("", 0, None),
        ("[CLICK]\n[CLICK]\n", 2, None),
        ("", 2, "slide 1 has 0 [CLICK]s, the deck's has 2 steps"),
        ("[CLICK]\n[CLICK]\n", 1, "slide 1 has 2 [CLICK]s, the deck's has 1 step"),
        ("```\n[CLICK]\n```\n", 0, None),
        (
            '[OPTIONAL "a"]\n[CLICK]\n[END OPTIONAL]\n',
            1,
            "slide 1 has 0 [CLICK]s in the cut short, the deck's has 1 step",
        ),
        ("[ONLY full]\n[CLICK]\n[END ONLY]\n[ONLY short]\n[CLICK]\n[END ONLY]\n", 1, None),
    ],
)
def test_clicks_are_as_many_as_steps_in_every_cut(
    cues: str, steps: int, message: str | None
) -> None:
    """A click in an optional part would leave a step out in the cuts without it."""
    assert found(ONE + cues, slide(steps), cuts=CUTS) == ([message] if message else [])


@pytest.mark.parametrize(
    ("cue", "shows", "is_there"),
    [
        ("SHOW PIPELINE DIAGRAM", "pipeline", True),
        ("SHOW THE TRAINING LOOP DIAGRAM", "training-loop", True),
        ("SHOW INFERENCE EXAMPLES", "examples", True),
        ("SHOW TRAINING PROGRESS IF TIME PERMITS", "training-progress", True),
        ("SHOW CONFUSION MATRIX (10 s)", "confusion", True),
        ("SHOW PIPELINE DIAGRAM", "training-loop", False),
        ("SHOW DIAGRAM", "pipeline", False),
    ],
)
def test_what_a_cue_shows_must_be_on_its_slide(cue: str, shows: str, is_there: bool) -> None:
    """Names are compared by their words, without the kind of thing."""
    messages = found(f"{ONE}[{cue}]\n", slide(0, shows))
    assert messages == ([] if is_there else [f"[{cue}]: slide 1 has no such thing to show"])


def test_a_thing_on_another_slide_is_named() -> None:
    """The hint says which slide has it; else what there is."""
    text = ONE + "[SHOW PIPELINE DIAGRAM]\n## SLIDE 2: OTHER [1 minute]\n[SHOW A TRIANGLE]\n"
    facts = {1: slide(), 2: slide(0, "pipeline", number=2, title="Other")}
    first, second = check_cues(parse_script(text, PATH), facts)
    assert (first.hint, first.where) == ("slide 2 has it", Source(PATH, 2))
    assert second.hint == "slide 2 shows `pipeline`"


def test_switching_goes_to_something_that_is_known() -> None:
    """Slides' things and things outside the deck; unchecked where nothing is said of them."""
    script = parse_script(ONE + "[SWITCH TO JUPYTER NOTEBOOK]\n[RETURN TO SLIDES]\n", PATH)
    assert check_cues(script, {1: slide()}) == []
    assert check_cues(script, {1: slide()}, elsewhere=frozenset({"notebook"})) == []
    (wrong,) = check_cues(script, {1: slide()}, elsewhere=frozenset({"terminal"}))
    assert wrong.message == "[SWITCH TO JUPYTER NOTEBOOK]: there is no such thing to switch to"
    assert wrong.hint == "known: `terminal`"


def test_every_slide_has_a_section_and_every_section_a_slide() -> None:
    """Both ways, with the heading to add."""
    script = parse_script(ONE + "## SLIDE 3: GONE [1 minute]\n", PATH)
    missing, extra = check_cues(script, {1: slide(), 2: slide(number=2, title="Agenda")})
    assert missing.message == "slide 2 (Agenda) has no section in the script"
    assert missing.hint.startswith("add `## SLIDE 2: AGENDA [1 minute]`")
    assert (extra.message, extra.where) == ("the deck has no slide 3", Source(PATH, 2))


@pytest.mark.parametrize(
    ("notes", "clicks"),
    [("", None), ("Nothing of it.", None), ("[CLICK]\n", 1), ("[CLICK]\n\n[CLICK]\n", None)],
)
def test_clicks_of_notes_are_held_against_the_deck_where_there_are_any(
    notes: str, clicks: int | None
) -> None:
    """Notes are no script yet, nor is a slide without any."""
    own = OnSlide(1, "Title", Source(Path("01-title.md"), 1), notes)
    script = with_slides(Script(PATH, ()), [own], Numbers(NOTHING))
    messages = [problem.message for problem in check_cues(script, {1: slide(2)})]
    wrong = f"slide 1 has {clicks} [CLICK], the deck's has 2 steps"
    assert messages == ([] if clicks is None else [wrong])


def test_a_slide_that_says_how_long_it_stays_needs_no_section() -> None:
    """In a script with sections the others are warned of, and no more."""
    at = Source(Path("02-agenda.md"), 1)
    facts = {1: slide(), 2: slide(number=2, title="Agenda")}
    for time, expected in (("10s", []), ("", ["warning"])):
        own = [OnSlide(1, "Title", at), OnSlide(2, "Agenda", at, time=time)]
        script = with_slides(parse_script(ONE, PATH), own, Numbers(NOTHING))
        assert [problem.severity for problem in check_cues(script, facts)] == expected


@pytest.mark.parametrize(
    ("heading", "title", "alike"),
    [
        ("TITLE SLIDE", "Beyond the Hype", True),
        ("MYTH #1 - FINE-TUNING = ADDING KNOWLEDGE", "Fine-tuning adds knowledge", True),
        ("THE REALITY CHECK", "Reality check: cost, time, expertise", True),
        ("", "Anything", True),
        ("MORE DATA", "RAG is cheating", False),
    ],
)
def test_titles_resemble_each_other(heading: str, title: str, alike: bool) -> None:
    """A heading that speaks of another slide is a warning: numbers slip when slides are moved."""
    script = parse_script(f"## SLIDE 1: {heading} [1 minute]\n", PATH)
    findings = check_cues(script, {1: slide(title=title)})
    assert [f.is_error for f in findings] == ([] if alike else [False])
    named = SlideFacts(1, title, 0, also=f"about-{heading.lower().replace(' ', '-')}")
    assert check_cues(script, {1: named}) == []
