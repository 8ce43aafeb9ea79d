"""What charts and diagrams share: the theme's colours, the deck's typeface and its letter widths.

Everything is drawn in the light theme's colours; at the end each becomes the theme variable that
it stands for, with itself as the fallback for a picture opened alone.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

from pipeline.numbers.fill import clean_text
from pipeline.palette import LIGHT
from pipeline.problems import TalkError

INK, SOFT, LINE, CARD, PAPER = (LIGHT[name] for name in ("ink", "soft", "line", "card", "paper"))
ACCENT, MYTH, REALITY = (LIGHT[name] for name in ("accent", "myth", "reality"))
NEGATIVE, POSITIVE = LIGHT["negative"], LIGHT["positive"]
VARIABLES = {colour: name for name, colour in LIGHT.items()}

FACE = "Manrope"
FAMILY = "Manrope, Helvetica, Arial, sans-serif"
TABULAR = "font-variant-numeric: tabular-nums"
REGULAR, STRONG = 500, 700
SMALL, TEXT = 24, 26  # px at the picture's intended width: nothing on a slide is under 24
STROKE = 3  # one line weight, in charts and diagrams

SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)

_COLOUR = re.compile("|".join(VARIABLES), re.IGNORECASE)
_FILES = {500: "Manrope-Medium.ttf", 700: "Manrope-Bold.ttf"}


def themed(style: str) -> str:
    """A CSS declaration with each of the colours above as its theme variable."""
    return _COLOUR.sub(lambda c: f"var(--{VARIABLES[c[0].lower()]}, {c[0].lower()})", style)


def font_files() -> dict[int, Path]:
    """Weight -> the static font file of the deck's face. Raises TalkError if it isn't installed."""
    found = importlib.util.find_spec("font_manrope")
    if found is None or not found.submodule_search_locations:
        raise TalkError(
            "the deck's typeface is missing", hint="pip install . (it brings font-manrope)"
        )
    folder = Path(next(iter(found.submodule_search_locations))) / "files"
    return {weight: folder / name for weight, name in _FILES.items()}


@functools.cache
def _advances(weight: int) -> dict[int, float]:
    """Code point -> advance width in em; digits as the tabular ones, which are wider."""
    from fontTools.ttLib import TTFont

    with TTFont(font_files()[weight], lazy=True) as font:
        em = font["head"].unitsPerEm
        widths = {code: font["hmtx"][name][0] / em for code, name in font.getBestCmap().items()}
        tabular = font["hmtx"]["zero.tf"][0] / em
    return {**widths, **{ord(digit): tabular for digit in "0123456789"}}


def text_width(text: str, size: float, weight: int = REGULAR) -> float:
    """Width in px of one line in the deck's face, kerning left out: a little too wide, never less.

    A letter that the face lacks counts as a wide one, so that a fallback font has room.
    """
    widths = _advances(weight)
    return size * sum(widths.get(ord(c), 0.0 if unicodedata.combining(c) else 1.1) for c in text)


def one_line(text: str) -> str:
    """Text from the data as it may stand in a picture: one line, no control or direction marks."""
    return " ".join(clean_text(text).split())


def shortened(text: str, size: float, room: float, weight: int = REGULAR) -> str:
    """`text` if it fits into `room` px, otherwise its beginning and an ellipsis."""
    if text_width(text, size, weight) <= room:
        return text
    kept = len(text)
    while kept and text_width(text[:kept].rstrip() + "…", size, weight) > room:
        kept -= 1
    return text[:kept].rstrip() + "…"


def wrapped(
    text: str, size: float, room: float, lines: int = 2, weight: int = REGULAR
) -> tuple[str, ...]:
    """`text` in at most `lines` lines of `room` px; what doesn't fit ends in an ellipsis."""
    made: list[str] = []
    rest = one_line(text).split(" ")
    while rest and len(made) < lines - 1:
        line = rest.pop(0)
        while rest and text_width(f"{line} {rest[0]}", size, weight) <= room:
            line = f"{line} {rest.pop(0)}"
        made.append(shortened(line, size, room, weight))
    if rest:
        made.append(shortened(" ".join(rest), size, room, weight))
    return tuple(made)


def written(root: ElementTree.Element) -> str:
    """The <svg> as text, a shape or a group a line; white space inside a text would be shown."""
    root.text = "\n"
    for child in root:
        child.tail = "\n"
    return ElementTree.tostring(root, encoding="unicode")


def describe(root: ElementTree.Element, name: str, title: str, desc: str, role: str) -> None:
    """Put <title> and <desc> first into an <svg> and tie them to its role."""
    root.set("role", role)
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for at, (tag, text) in enumerate((("title", title), ("desc", desc))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", id=f"{name}-{tag}")
        element.text = text
        root.insert(at, element)
