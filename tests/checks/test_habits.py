"""What begins the notes in other tools is no text for the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.checks.habits import habit_problems
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import read_slides


def lines(folder: Path, body: str) -> list[int]:
    text = f"---\nlayout: text\ntitle: T\n---\n{body}\n"
    (folder / "01-one.md").write_text(text, encoding="utf-8")
    problems = habit_problems(read_slides(folder, load_layouts(), Numbers(NOTHING)).shown)
    return [problem.where.line or 0 for problem in problems if problem.where]


@pytest.mark.parametrize("word", ["Note:", "Notes:", "note:", "Speaker notes:"])
def test_a_note_of_another_tool_is_said(tmp_path: Path, word: str) -> None:
    """A paragraph that begins with it is an error with its line, the word alone too."""
    assert lines(tmp_path, f"Words\n\n{word} only for me") == [7]
    assert lines(tmp_path, f"::: left\nA\n:::\n::: right\nB\n\n{word}\n:::") == [11]


@pytest.mark.parametrize("word", ["???", ".notes:", "^", "Presenter notes:"])
def test_forms_of_other_tools(tmp_path: Path, word: str) -> None:
    """Notes as remark, landslide, Deckset write them."""
    assert lines(tmp_path, f"Words\n\n{word}\nonly for me") == [7]


def test_the_sign_of_remark_ends_the_words_before_it(tmp_path: Path) -> None:
    """`???` needs no empty line before it; a table, code and \\??? show it."""
    assert lines(tmp_path, "Words\nmore\n???\nonly for me") == [7]
    assert lines(tmp_path, "| a |\n|---|\n| ??? |\n\n\\???\n\nWhat???\n\n```\n???\n```") == []


@pytest.mark.parametrize("text", ["**Note:** it", "Nota bene: it", "A note: it", "`Note:` it"])
def test_other_words_are_words(tmp_path: Path, text: str) -> None:
    """A note that is meant for the room is written in bold, as on any slide."""
    assert lines(tmp_path, text) == []
