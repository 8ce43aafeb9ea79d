"""Where the slides of a Markdown deck begin and end, and which heading names each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.imports.text import Piece, tokens_of

_SETEXT = re.compile(r"[ ]{0,3}(?:=+|-+)[ \t]*$")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")


def at_rules(piece: Piece) -> list[Piece]:
    """The pieces between horizontal rules, as CommonMark sees them."""
    rules = [
        token.map[0]
        for token in tokens_of(piece.text)
        if token.type == "hr" and token.map and token.level == 0
    ]
    return between(piece, rules)


def between(piece: Piece, rules: Iterable[int], *, keeps: bool = False) -> list[Piece]:
    """The pieces between these lines, by index; `keeps`: each line stays with what is below it."""
    made, first, rows = [], 0, piece.rows
    for at in (*rules, len(rows)):
        made.append(Piece("\n".join(rows[first:at]), piece.path, piece.line + first))
        first = at if keeps else at + 1
    return made


def headings(piece: Piece) -> Iterator[tuple[int, int, int]]:
    """Level, first line and line after each heading that stands in nothing else."""
    for token in tokens_of(piece.text):
        if token.type == "heading_open" and token.map and token.level == 0:
            yield int(token.tag[1]), token.map[0], token.map[1]


def heading_text(piece: Piece, first: int, last: int) -> Piece:
    """The words of a heading on these lines, without its signs."""
    rows = piece.rows[first:last]
    if len(rows) > 1 and _SETEXT.match(rows[-1]) and not rows[0].lstrip().startswith("#"):
        rows = rows[:-1]
    elif found := _HEADING.match(rows[0]):
        rows = [found[1] or ""]
    text = " ".join(row.strip() for row in rows)
    return Piece(text, piece.path, piece.line + first)


def titled(piece: Piece) -> tuple[Piece | None, Piece]:
    """A slide's first heading, where it has one that isn't empty, and what else it has."""
    for _, first, last in headings(piece):
        title = heading_text(piece, first, last)
        if not title.is_empty:
            return title, piece.without(first, last)
    return None, piece


def levelled(piece: Piece) -> Piece:
    """With all headings as those that may stand inside a part: ### and ####."""
    rows = piece.rows
    for level, first, last in headings(piece):
        text = heading_text(piece, first, last).text
        rows[first:last] = [f"{'###' if level < 4 else '####'} {text}" if text else ""]
        rows[first + 1 : first + 1] = [""] * (last - first - 1)
    return Piece("\n".join(rows), piece.path, piece.line)
