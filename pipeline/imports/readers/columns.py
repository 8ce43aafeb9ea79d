"""Two columns that a deck makes of HTML: a `<div>` of a grid with two in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.imports.deck import Ledger
from pipeline.imports.text import Piece, masked

_DIV = re.compile(r"<(/?)div\b([^<>]*+)>", re.IGNORECASE)
_GRID = re.compile(r"col|grid|flex|split|two|row|side", re.IGNORECASE)


def html_columns(piece: Piece, ledger: Ledger) -> tuple[Piece, Piece | None, Piece | None]:
    """What stands around two columns, and each of them; where there aren't just two, all of it."""
    text = masked(piece.text)
    for opened in _DIV.finditer(text):
        if opened[1] or not _GRID.search(opened[2]):
            continue
        inner = list(_children(text, opened))
        end = _end_of(text, opened.end())
        if len(inner) != 2 or end is None:
            continue
        outside = [text[opened.end() : inner[0][0]], text[inner[0][3] : inner[1][0]]]
        if "".join([*outside, text[inner[1][3] : end[0]]]).strip():
            continue
        for at, first, _, _ in inner:
            ledger.changed(piece.where(at), "HTML, as a column", piece.text[at:first])
        ledger.changed(piece.where(opened.start()), "HTML, as two columns", opened[0])
        inside = piece.text[opened.start() : end[1]].count("\n")
        text = piece.text[: opened.start()] + "\n" * inside + piece.text[end[1] :]
        around = Piece(text, piece.path, piece.line)
        left, right = (piece.slice(first, last) for _, first, last, _ in inner)
        return around, left, right
    return piece, None, None


def _children(text: str, opened: re.Match[str]) -> Iterator[tuple[int, int, int, int]]:
    """For each `<div>` right inside another: where it and its content begin and end."""
    at = opened.end()
    end = _end_of(text, at)
    while end and (found := _DIV.search(text, at, end[0])) and not found[1]:
        inner = _end_of(text, found.end())
        if inner is None:
            return
        yield found.start(), found.end(), inner[0], inner[1]
        at = inner[1]


def _end_of(text: str, at: int) -> tuple[int, int] | None:
    """Where the `</div>` of what was opened before `at` begins and ends."""
    depth = 1
    for found in _DIV.finditer(text, at):
        depth += -1 if found[1] else 1
        if depth == 0:
            return found.span()
    return None
