"""What was drawn on slides, as the deck and the rehearsal page save it, for the PDF."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pipeline.files import read_bytes
from pipeline.problems import Source, TalkError, nearest

FORMAT = 1
MAX_BYTES = 10_000_000
_HINT = "take a file that `Save` wrote: it stands beside the tools in the deck"
_VOID = frozenset({"br", "hr", "img", "input", "source", "track", "wbr", "col", "link", "meta"})
_UNSAID = frozenset({"svg", "math", "pre", "footer", "figure", "button"})
_UNSAID_CLASSES = frozenset({"hidden", "run-marks", "logo"})
_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Point = Annotated[tuple[float, ...], Meta(min_length=2, max_length=3)]


class Stroke(msgspec.Struct, frozen=True):
    """One line, in the slide's units (1280 wide), with a stylus's pressure if it told that."""

    id: _Name
    slide: _Name
    step: Annotated[int, Meta(ge=0)]
    tool: Literal["pen", "marker"]
    colour: Literal["myth", "accent", "reality"]
    points: Annotated[tuple[_Point, ...], Meta(min_length=1, max_length=4000)]


class Drawings(msgspec.Struct, frozen=True):
    format: int
    strokes: Annotated[tuple[Stroke, ...], Meta(max_length=2000)]
    words: dict[_Name, Annotated[str, Meta(max_length=100_000)]] = {}  # what slides said then


def read_drawings(path: Path, slides: Collection[str]) -> Drawings:
    """A saved file of drawings on these slides. Raises TalkError for anything else."""
    raw, where = read_bytes(path, "the drawings", MAX_BYTES), Source(path)
    try:
        drawings = msgspec.json.decode(raw, type=Drawings)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TalkError(f"no drawings: {error}", where, _HINT) from None
    if drawings.format != FORMAT:
        message = f"drawings in format {drawings.format}, this program reads {FORMAT}"
        raise TalkError(message, where, "update the project")
    for stroke in drawings.strokes:
        if stroke.slide not in slides:
            message = f"something is drawn on a slide that isn't there: `{stroke.slide}`"
            raise TalkError(message, where, nearest(stroke.slide, slides) or _HINT)
    return drawings


def reworded(drawings: Drawings, sections: Mapping[str, str]) -> Iterator[str]:
    """The slides that say other words than when they were drawn on: strokes stay, words move.

    `sections` is the HTML of each slide.
    """
    for name in dict.fromkeys(stroke.slide for stroke in drawings.strokes):
        said = drawings.words.get(name)
        if said and name in sections and said != slide_words(sections[name]):
            yield name


def slide_words(section: str) -> str:
    """The letters and digits of a slide, as `slideWords` of templates/drawing/bar.js has them."""
    reader = _Words()
    reader.feed(section)
    return "".join(sign for sign in "".join(reader.said) if sign.isalnum())


class _Words(HTMLParser):
    """The words of a slide without its pictures, formulas, code and foot."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._is_said = [False]  # of each element that is open; outside of the slide none is

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        its = dict(attrs)
        classes = (its.get("class") or "").split()
        is_out = tag in _UNSAID or "hidden" in its or not _UNSAID_CLASSES.isdisjoint(classes)
        is_in = self._is_said[-1] or (len(self._is_said) < 3 and "slide" in classes)
        self._is_said.append(is_in and not is_out)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._is_said) > 1:
            self._is_said.pop()

    def handle_data(self, data: str) -> None:
        if self._is_said[-1]:
            self.said.append(data)


def shown_by(drawings: Drawings) -> str:
    """The script after which a deck that is opened shows them: as if they had been drawn there."""
    ids = [stroke.id for stroke in drawings.strokes]
    state = {
        "version": 1,
        "strokes": msgspec.to_builtins(drawings.strokes),
        "known": ids,
        "done": [{"n": 1, "ids": ids, "on": True}],
        "undone": [],
    }
    kept = json.dumps(json.dumps(state))
    return f"sessionStorage.setItem(`drawn ${{location.pathname}}`, {kept});"
