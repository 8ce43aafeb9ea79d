"""Drawings that the deck saved: read strictly, or refused with what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.export.drawings import read_drawings, reworded, shown_by, slide_words
from pipeline.problems import TalkError

STROKE: dict[str, Any] = {
    "id": "a1",
    "slide": "title",
    "step": 0,
    "tool": "pen",
    "colour": "myth",
    "points": [[320, 360], [640, 360, 0.5]],
}


def write(folder: Path, whole: object) -> Path:
    path = folder / "drawings.json"
    path.write_text(whole if isinstance(whole, str) else json.dumps(whole), "utf-8")
    return path


def test_a_saved_file_is_read(tmp_path: Path) -> None:
    """What was drawn, and a script that puts it where the deck looks for it."""
    path = write(tmp_path, {"format": 1, "strokes": [STROKE]})
    drawings = read_drawings(path, {"title"})
    assert drawings.strokes[0].points == ((320, 360), (640, 360, 0.5))
    assert '\\"ids\\": [\\"a1\\"]' in shown_by(drawings)


def test_a_slide_that_says_other_words_since_is_named(tmp_path: Path) -> None:
    """What it said is saved with its strokes; pictures, code and the foot are no words of it, and
    without such words nothing is known."""
    slide = (
        '<section id="title"><div class="slide"><h2>Bread &amp; <em>salt</em><br>2</h2>'
        "<svg><title>a loaf</title></svg><pre>x = 1</pre><footer>page 1</footer></div>"
        "<aside>said, not shown</aside></section>"
    )
    assert slide_words(slide) == "Breadsalt2"
    whole = {"format": 1, "strokes": [STROKE], "words": {"title": "Breadsalt2"}}
    drawings = read_drawings(write(tmp_path, whole), {"title"})
    assert list(reworded(drawings, {"title": slide})) == []
    assert list(reworded(drawings, {"title": slide.replace("salt", "wine")})) == ["title"]
    old = read_drawings(write(tmp_path, {**whole, "words": {}}), {"title"})
    assert list(reworded(old, {"title": "<section></section>"})) == []


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        ("{", "no drawings"),
        ("[" * 100_000, "no drawings"),
        ({"format": 1}, "missing required field `strokes`"),
        ({"format": 2, "strokes": []}, "format 2, this program reads 1"),
        ({"format": 1, "strokes": [{**STROKE, "tool": "spray"}]}, "spray"),
        ({"format": 1, "strokes": [{**STROKE, "points": [[1]]}]}, "length >= 2"),
        ({"format": 1, "strokes": [{**STROKE, "slide": "titel"}]}, "isn't there: `titel`"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, whole: object, message: str) -> None:
    """With the file, and what is wrong with it."""
    path = write(tmp_path, whole)
    with pytest.raises(TalkError) as caught:
        read_drawings(path, {"title"})
    assert message in caught.value.message
    assert caught.value.where is not None
    assert caught.value.where.path == path
