"""What charts and diagrams share: the theme's colours, the deck's typeface, sizes of text.

Everything is drawn in the light theme's colours; at the end each becomes the theme variable that
it stands for, with itself as the fallback for a picture opened alone.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

from pipeline.command import install
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
            "the deck's typeface is missing", hint=f"{install()} (it brings font-manrope)"
        )
    folder = Path(next(iter(found.submodule_search_locations))) / "files"
    return {weight: folder / name for weight, name in _FILES.items()}


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
