"""What was drawn on slides, as the deck and the rehearsal page save it, for the PDF."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pipeline.files import read_bytes
from pipeline.problems import Source, TalkError, nearest

FORMAT = 1
MAX_BYTES = 10_000_000
_HINT = "take a file that `Save` wrote: it stands beside the tools in the deck"
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
