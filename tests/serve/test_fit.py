"""What open decks say doesn't fit: said once, with its line; nothing is taken as it comes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.published import small_talk

from pipeline.serve.fit import MOST_SIGNS, Overflow


def message(said: str = "`body` runs 9 px off the slide at the bottom", **more: object) -> str:
    fault = {"part": "body", "kind": "off", "side": "bottom", "px": 9, "said": said, **more}
    return json.dumps({"hello": [{**fault, "box": {"left": 0}}]})


def test_a_fault_is_said_once_until_it_was_mended(tmp_path: Path) -> None:
    """With slide and line; a second window says nothing new."""
    overflow, slides = Overflow(), small_talk(tmp_path / "talk").slides
    (first,) = overflow.heard(message(), slides)
    assert first.message == "slide 1: `body` runs 9 px off the slide at the bottom"
    assert str(first.where).endswith("01-hello.md:5")
    assert list(overflow.heard(message(), slides)) == []
    assert len(list(overflow.heard(message("it is another"), slides))) == 1
    assert list(overflow.heard('{"hello": []}', slides)) == []
    assert len(list(overflow.heard(message(), slides))) == 1


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"hello": 1}', '{"hello": [{"part": "body"}]}', '{"nowhere": []}', "\ud800"],
)
def test_what_is_no_such_message_says_nothing(tmp_path: Path, text: str) -> None:
    """Whatever a browser sends, the preview goes on."""
    assert list(Overflow().heard(text, small_talk(tmp_path / "talk").slides)) == []


def test_a_message_is_short_and_has_no_control_signs(tmp_path: Path) -> None:
    """A terminal does what such signs say."""
    slides = small_talk(tmp_path / "talk").slides
    (found,) = Overflow().heard(message("\x1b[2J\x9b1mgone\nerror: " + "x" * 999), slides)
    assert "\x1b" not in found.message
    assert "\n" not in found.message
    assert "\x9b" not in found.message
    assert len(found.message) < 400
    assert list(Overflow().heard(message("x" * MOST_SIGNS), slides)) == []
