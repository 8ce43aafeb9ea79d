"""Limits of words and items are findings that a talk can set; what fits is estimated alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.published import this_talk
from support.second_talk import write_second_talk

from pipeline.checks.room import estimated_problems, limit_problems
from pipeline.config import Config, load_config
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.problems import Problem
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, read_slides

ITEMS = "".join(f"- Item {number}\n" for number in range(7))
ROWS = "| Model | Speed |\n|---|---|\n" + "| One | fast |\n" * 16


def talk_of(root: Path, layout: str, text: str, settings: str = "") -> tuple[Config, list[Slide]]:
    """A talk of one slide, and what stands in its talk.toml besides."""
    write_second_talk(root)
    with (root / "talk.toml").open("a") as file:
        file.write(settings)
    for path in (root / "deck" / "slides").glob("*.md"):
        path.unlink()
    slide = f"---\nlayout: {layout}\ntitle: A slide\n---\n{text}\n"
    (root / "deck" / "slides" / "01-one.md").write_text(slide)
    slides = read_slides(root / "deck" / "slides", load_layouts(), Numbers(NOTHING)).shown
    return load_config(root), list(slides)


def limits(root: Path, layout: str, text: str, settings: str = "") -> list[Problem]:
    config, slides = talk_of(root, layout, text, settings)
    return list(limit_problems(slides, load_layouts(), config))


def test_too_many_words_are_a_finding_with_slide_and_line(tmp_path: Path) -> None:
    """A warning, since it is the speaker's to decide; it says how to set the limit."""
    (found,) = limits(tmp_path, "quote", "word " * 41)
    path = tmp_path / "deck" / "slides" / "01-one.md"
    assert found.shown() == (
        f"warning: {path}:1: slide 1 has 43 words, and 40 are read in passing\n"
        "hint: say the rest, or set `most_words` of [limits.quote] in talk.toml"
    )


def test_too_many_items_are_a_finding_with_the_line_of_their_part(tmp_path: Path) -> None:
    """Of the layouts that say how many they keep apart."""
    (found,) = limits(tmp_path, "list", f"::: items\n{ITEMS}:::")
    assert found.message == "slide 1: `items` has 7 items, and 6 are kept apart"
    assert (found.where and found.where.line, found.is_error) == (5, False)


def test_code_and_tables_are_no_words(tmp_path: Path) -> None:
    """Nobody reads them word by word."""
    assert limits(tmp_path, "figure", f"::: left\n```\n{'word ' * 60}\n```\n:::") == []
    assert limits(tmp_path / "two", "table", f"::: rows\n{ROWS}:::") == []


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ("[limits.quote]\nmost_words = 50\n", 0),
        ("[limits.all]\nmost_words = 50\n", 0),
        ("[limits.all]\nmost_words = 0\n", 0),
        ("[limits.list]\nmost_words = 50\n", 1),
        ("[limits.all]\nmost_words = 50\n[limits.quote]\nmost_words = 30\n", 1),
    ],
)
def test_a_talk_sets_its_own_limits(tmp_path: Path, settings: str, found: int) -> None:
    """For a layout before those for all; 0 is no limit."""
    assert len(limits(tmp_path, "quote", "word " * 41, settings)) == found


def test_a_limit_of_no_layout_is_an_error_with_its_line(tmp_path: Path) -> None:
    """And the nearest name."""
    (found,) = limits(tmp_path, "quote", "Short", "\n[limits.qote]\nmost_words = 9\n")
    assert found.is_error
    assert found.message == "[limits.qote]: there is no layout `qote`"
    assert found.hint == "did you mean `quote`?"
    lines = (tmp_path / "talk.toml").read_text().split("\n")
    assert found.where is not None
    assert lines[(found.where.line or 0) - 1] == "[limits.qote]"


# The real figures were measured in Chromium: 890, 409 and 773 px too high, 378 px too wide; of the
# cards 273 and 305 px.
CODE = "".join(
    f"    total_{n:02} = compute_something_rather_long(argument_{n})\n" for n in range(31)
)

CARDS = ("- **Some lead** " + "word that is long " * 10 + "\n") * 6


@pytest.mark.parametrize(
    ("layout", "text", "least", "most"),
    [
        ("quote", "word " * 150, 700, 1600),
        ("table", f"::: rows\n{ROWS}:::", 300, 500),
        ("figure", f"::: left\n```\n{CODE}```\n:::", 400, 900),
        ("list\nlook: rows", f"::: items\n{ITEMS * 3}:::", 200, 700),
        ("list\nlook: flags", f"::: items\n{CARDS}:::", 200, 350),
        ("list\nlook: recipe", f"::: items\n{CARDS}:::", 220, 380),
    ],
)
def test_what_is_far_too_much_is_seen_without_a_browser(
    tmp_path: Path, layout: str, text: str, least: int, most: int
) -> None:
    """Text, rows, code, items: an error with slide, part, line and about the pixels."""
    _, slides = talk_of(tmp_path, layout, text)
    (found,) = estimated_problems(slides, load_layouts())
    px = int(found.message.partition("about ")[2].split()[0])
    assert least <= px <= most
    assert found.is_error
    assert "estimated" in found.message
    assert found.where is not None
    assert found.where.line is not None


def test_long_lines_of_code_are_seen_without_a_browser(tmp_path: Path) -> None:
    """By the letters' width, which is the same for each in such a face."""
    _, slides = talk_of(tmp_path, "figure", f"::: left\n```\n{'x' * 120}\n```\n:::")
    (found,) = estimated_problems(slides, load_layouts())
    assert "the code in `left` is about 592 px wider than its room" in found.message
    assert found.hint == "shorter lines, or two slides, or `body` in place of two columns"
    assert not found.is_error


def test_this_talk_has_no_finding(tmp_path: Path) -> None:
    """No false alarm: 22 slides, neither too many words nor too little room."""
    talk = this_talk(tmp_path / "talk")
    layouts = load_layouts()
    assert list(limit_problems(talk.slides, layouts, talk.config)) == []
    assert list(estimated_problems(talk.slides, layouts)) == []


def test_a_layout_without_room_is_not_estimated(tmp_path: Path) -> None:
    """Rather nothing than a guess."""
    _, slides = talk_of(tmp_path, "quote", "word " * 150)
    layouts = {name: replace(layout, room={}) for name, layout in load_layouts().items()}
    assert list(estimated_problems(slides, layouts)) == []
