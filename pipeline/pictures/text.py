"""Text in a picture: its width in the deck's own face, lines that fit, measured numbers in it."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable
from itertools import accumulate
from xml.etree.ElementTree import Element, SubElement

import msgspec

from pipeline.numbers.fill import MARK, Filled, clean_text
from pipeline.pictures.theme import REGULAR, SVG, font_files

# em, for a letter that the face lacks: a fallback font has room. Hebrew's and Arabic's are narrow:
# 0.63 em a word in DejaVu Sans Bold, 0.79 on average.
LACKING, LACKING_RTL = 1.1, {"R": 0.7, "AL": 0.85}


class Run(msgspec.Struct, frozen=True):
    """A piece of a text: as it is shown, and its place if it was measured."""

    text: str
    at: str = ""


Line = tuple[Run, ...]


def runs_of(filled: Filled, line: str) -> Line:
    """One line of a filled text, its measured values as runs of their own; () if it is empty."""
    runs: list[Run] = []
    for at, piece in enumerate(MARK.split(line)):
        if at % 2 == 0:
            runs.append(Run(piece))
            continue
        mark = filled.marks[int(piece)]
        runs.append(Run(" ".join(mark.text.split()), mark.at if mark.value is not None else ""))
    return tuple(run for run in runs if run.text)


def plain(lines: Iterable[Line]) -> str:
    """The text alone, lines joined by a space."""
    return " ".join("".join(run.text for run in line) for line in lines)


def write_line(element: Element, line: Line, colour: str = "") -> None:
    """Put a line at the end of a <text> or <tspan>: its numbers can be opened in the deck.

    `colour` is that of the dotted line under them; else it is the theme's.
    """
    for run in line:
        last = element[-1] if len(element) else None
        if run.at:
            last = SubElement(element, f"{{{SVG}}}tspan", {"class": "measured", "data-at": run.at})
            last.text = run.text
            if colour:
                last.set("style", f"text-decoration-color: {colour}")
        elif last is None:
            element.text = (element.text or "") + run.text
        else:
            last.tail = (last.tail or "") + run.text


def one_line(text: str) -> str:
    """Text from the data as it may stand in a picture: one line, no control or direction marks."""
    return " ".join(clean_text(text).split())


@functools.cache
def _advances(weight: int) -> dict[str, float]:
    """Letter -> advance width in em; digits as the tabular ones, which are wider."""
    from fontTools.ttLib import TTFont

    with TTFont(font_files()[weight], lazy=True) as font:
        em = font["head"].unitsPerEm
        widths = {chr(at): font["hmtx"][name][0] / em for at, name in font.getBestCmap().items()}
        tabular = font["hmtx"]["zero.tf"][0] / em
    return {**widths, **dict.fromkeys("0123456789", tabular)}


def _widths(text: str, weight: int) -> Iterable[float]:
    known = _advances(weight)
    return (known[c] if c in known else _lacking(c) for c in text)


def _lacking(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    return LACKING_RTL.get(unicodedata.bidirectional(letter), LACKING)


def text_width(text: str, size: float, weight: int = REGULAR) -> float:
    """Width in px of one line in the deck's face, kerning left out: never too little."""
    return size * sum(_widths(text, weight))


def shortened(text: str, size: float, room: float, weight: int = REGULAR) -> str:
    """`text` if it fits into `room` px, otherwise its beginning and an ellipsis."""
    if text_width(text, size, weight) <= room:
        return text
    room -= text_width("…", size, weight)
    kept = sum(1 for end in accumulate(_widths(text, weight)) if end * size <= room)
    return text[:kept].rstrip() + "…"


def wrapped(
    line: Line, size: float, room: float, weight: int = REGULAR, lines: int = 2
) -> tuple[Line, ...]:
    """A line in at most `lines` lines of `room` px; what doesn't fit ends in an ellipsis."""
    words: list[Line] = [()]
    for run in line:
        for at, piece in enumerate(run.text.split(" ")):
            words += [()] if at else []
            words[-1] += (Run(piece, run.at),) if piece else ()

    def wide(made: Line) -> float:
        return text_width(plain([made]), size, weight)

    made: list[Line] = []
    while words and len(made) < lines - 1:
        made.append(words.pop(0))
        while words and wide((*made[-1], Run(" "), *words[0])) <= room:
            made[-1] += (Run(" "), *words.pop(0))
    if words:
        made.append(tuple(run for word in words for run in (Run(" "), *word))[1:])
    return tuple(
        one if wide(one) <= room else (Run(shortened(plain([one]), size, room, weight)),)
        for one in made
    )
