"""A section names its slides by number or by name; hidden and backup slides take no time."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import Config, Cut, TalkInfo
from pipeline.places import Places, arranged
from pipeline.script.headings import slide_heading
from pipeline.script.parse import parse_script
from pipeline.script.timing import timings

PLACES = arranged(
    [
        (10, "intro", "slide"),
        (20, "demo", "slide"),
        (25, "3-ways", "slide"),
        (30, "secret", "hidden"),
        (40, "end", "slide"),
        (50, "proof", "backup"),
    ]
)
PATH = Path("voiceover.md")


HEADINGS = [
    ("SLIDE 20: Live demo", (20,), "Live demo", "slide"),
    ("SLIDE demo: Live demo", (20,), "Live demo", "slide"),
    ("slide `Demo` – Live", (20,), "Live", "slide"),
    ("SLIDE #/demo", (20,), "", "slide"),
    ("SLIDE 3-ways: Three", (25,), "Three", "slide"),
    ("SLIDES intro..3-ways: Both", (10, 20, 25), "Both", "slide"),
    ("SLIDES 10-25: Both", (10, 20, 25), "Both", "slide"),
    ("SLIDE secret: No", (30,), "No", "hidden"),
    ("SLIDE 50: Proof", (50,), "Proof", "backup"),
    ("SLIDE 7: Unknown", (7,), "Unknown", "slide"),
]


@pytest.mark.parametrize(
    ("text", "numbers", "title", "role"), HEADINGS, ids=[h[0] for h in HEADINGS]
)
def test_a_heading_names_slides(text: str, numbers: tuple[int, ...], title: str, role: str) -> None:
    """By the numbers of their files or by their names, one or several; gaps are no slides."""
    found = slide_heading(text, PLACES)
    assert found
    assert (found.numbers, found.title, found.role, found.wrong) == (numbers, title, role, ())


WRONG = [
    ("SLIDE dmo: Live", "no slide has the name `dmo`", "did you mean `demo`?"),
    ("SLIDES end..intro: X", "slides end..intro run backwards", "the first one comes first"),
    (
        "SLIDES end..proof: X",
        "the section joins a backup with slides of the talk",
        "give the backup a section of its own",
    ),
]


@pytest.mark.parametrize(("text", "message", "hint"), WRONG, ids=[w[0] for w in WRONG])
def test_a_heading_that_names_none(text: str, message: str, hint: str) -> None:
    """The nearest name is offered."""
    script = parse_script(f"## {text} [1 minute]\n\nWords.\n", PATH, places=PLACES)
    first = script.problems[0]
    assert (first.message, first.hint) == (message, hint)


def test_a_heading_that_only_sounds_like_one() -> None:
    """Without a colon or a name of a slide it is none."""
    assert slide_heading("SLIDE DECK OVERVIEW", PLACES) is None
    assert slide_heading("SLIDE demo: x", Places()) is None


SCRIPT = """\
## SLIDE intro: HELLO [30 seconds]

One two three.

## SLIDES 20-40: REST [1 minute]

Four.

[NEXT SLIDE]

Five.

[NEXT SLIDE]

Never said.

[NEXT SLIDE]

Six.

## SLIDE proof: PROOF [0 seconds]

For questions.
"""


def config(**slots: str) -> Config:
    cut = Cut("1:30", slots={key.replace("__", ".."): value for key, value in slots.items()})
    return Config(Path(), TalkInfo("T", "S"), cuts={"full": cut})


def test_hidden_and_backup_slides_take_no_time() -> None:
    """Their sections are read, and neither counted nor said; a slot of a backup is none."""
    script = parse_script(SCRIPT, PATH, places=PLACES)
    assert script.problems == ()
    assert [(text.number, [i.plain for i in text.items]) for text in script.slides()] == [  # type: ignore[union-attr]
        (10, ["One two three."]),
        (20, ["Four."]),
        (25, ["Five."]),
        (40, ["Six."]),
    ]
    assert [text.number for text in script.backups()] == [50]
    rows = timings(script, config())["full"].rows
    assert [(row.label, row.number) for row in rows] == [("1", 10), ("2", 20), ("3", 25), ("4", 40)]
    assert sum(row.slot_s for row in rows) == 90


def test_cuts_name_slots_by_number_or_name() -> None:
    """One slide or several joined; a name that isn't there, and two slots for one, are said."""
    script = parse_script(SCRIPT, PATH, places=PLACES)

    def slots(**given: str) -> list[int]:
        return [row.slot_s for row in timings(script, config(**given))["full"].rows]

    assert slots(intro="10 s")[0] == slots(**{"10": "10 s"})[0] == 10
    assert sum(slots(demo__end="30 s")[1:]) == sum(slots(**{"20-40": "30 s"})[1:]) == 30
    assert slots(demo="10 s", **{"3-ways": "20 s"}, end="25 s")[1:] == [10, 20, 25]
    found = [p.message for p in timings(script, config(dmo="10 s"))["full"].findings]
    assert "cut full has a slot for slide dmo, which the script has not" in found
    both = timings(script, config(intro="10 s", **{"10": "20 s"}))["full"].findings
    assert "cut full has two slots for one slide: intro and 10" in [p.message for p in both]
