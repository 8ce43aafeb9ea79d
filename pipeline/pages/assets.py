"""Files that the deck needs beside its page: reveal.js as released, the theme, the typeface."""

from __future__ import annotations

import importlib.util
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path

import rcssmin
import rjsmin

from pipeline.files import kept
from pipeline.pages.templates import to_json
from pipeline.problems import TalkError
from pipeline.resources import TEMPLATES

# Always in the subset; other signs come in when a page uses them and the face has them.
_ALWAYS = {*range(0x20, 0x7F), *map(ord, "–—‘’‚“”„…•→←↑↓×−·≤≥≈€‰")}
_STYLES = ("shared/colours", "deck/theme", "deck/layouts", "deck/text", "deck/narrow")
# Only where what they are for stands in the page: a sign of it, and the file.
_FEATURES = {"<math": "deck/formulas"}
MATH_FONT = "math.woff2"
_FORMULA = re.compile("<math.*?</math>", re.DOTALL)
# Of the face for formulas: what most of them need, so that a new one seldom means a new face.
# Letters in a formula are others than those in a text: slanted, bold, of an alphabet of their own.
_MATH = {
    *range(0x20, 0x7F),
    *range(0x391, 0x3D6),
    *range(0x1D434, 0x1D468),
    *range(0x1D6E2, 0x1D71C),
    *map(
        ord,
        "ℎ−±×⋅÷≤≥≠≈∼≡∝∞∂∇∑∏∫√∈∉⊂⊆∪∩∧∨¬∀∃→←↔⇒⇔↦⟨⟩⌊⌋⌈⌉‖′″…⋯⋮⋱ℝℕℤℚℂℓℒ⊤⊥∘⊗⊕∥¯^~⏞⏟∗:⟶",
    ),
}


def package_file(package: str, inside: str) -> Path:
    """A file of an installed package, found without importing it."""
    found = importlib.util.find_spec(package)
    folders = list(found.submodule_search_locations or []) if found else []
    for folder in folders:
        path = Path(folder) / inside
        if path.is_file():
            return path
    raise TalkError(
        f"the package `{package}` is missing or has no {inside}", hint="run `pip install .` again"
    )


def reveal_script() -> str:
    return package_file("pyreveal", "revealjs/dist/reveal.js").read_text("utf-8")


def stylesheet(more: str = "", shown: str = "") -> str:
    """reveal's own rules, the theme, what the HTML `shown` needs, and `more`; without comments."""
    reveal = (
        package_file("pyreveal", f"revealjs/dist/{name}.css").read_text("utf-8")
        for name in ("reset", "reveal")
    )
    names = [*_STYLES, *features(shown)]
    own = ((TEMPLATES / f"{name}.css").read_text("utf-8") for name in names)
    return str(rcssmin.cssmin("\n".join([*reveal, *own, more])))


def features(shown: str) -> tuple[str, ...]:
    """The styles that some pages need and this HTML does."""
    return tuple(name for sign, name in _FEATURES.items() if sign in shown)


def feature_styles(shown: str) -> str:
    """The rules of these alone, for a page that has styles of its own."""
    rules = ((TEMPLATES / f"{name}.css").read_text("utf-8") for name in features(shown))
    return str(rcssmin.cssmin("\n".join(rules)))


def script(page: str, **data: object) -> str:
    """The browser code of a page: its files, as scripts.json lists them, in one scope of their own.

    They find `data` there as constants. Comments and indents are left out.
    """
    names = json.loads((TEMPLATES / "scripts.json").read_text("utf-8"))[page]
    constants = [f"const {name} = {to_json(value)};" for name, value in data.items()]
    code = [(TEMPLATES / f"{name}.js").read_text("utf-8") for name in names]
    joined = "\n".join(['"use strict";', *constants, *code])
    return f"(() => {{{rjsmin.jsmin(joined)}}})();\n"


def font(used: Iterable[str], cache: Path | None = None) -> bytes:
    """The typeface as WOFF2: ASCII, and the signs in `used` that the face has.

    Kept in the folder `cache`: a build that changes no sign does not load fontTools.
    """
    source = package_file("font_manrope", "files/Manrope-VariableFont_wght.ttf").read_bytes()
    points = sorted(_ALWAYS | {ord(sign) for sign in used})
    return kept(
        cache, "font.woff2", source + repr(points).encode(), lambda: _subset(source, points)
    )


def math_signs(shown: str) -> frozenset[str]:
    """The signs of all formulas in a page's HTML; empty without a formula."""
    return frozenset("".join(_FORMULA.findall(shown)))


def math_font(used: Iterable[str], cache: Path | None = None) -> bytes:
    """STIX Two Math as WOFF2, for formulas: signs of all heights, and what puts them together.

    It comes with ziamath, which is not imported.
    """
    source = package_file("ziamath", "fonts/STIXTwoMath-Regular.ttf").read_bytes()
    points = sorted(_MATH | {ord(sign) for sign in used if not sign.isascii()})
    # Without the small forms for indices: they double its size.
    return kept(
        cache, "math.woff2", source + repr(points).encode(), lambda: _subset(source, points, ())
    )


# No ligatures: Manrope would draw `--` as a dash and `->` as an arrow.
_TEXT_FEATURES = ("kern", "mark", "mkmk", "calt", "tnum", "locl", "ccmp")


def _subset(source: bytes, points: list[int], features: tuple[str, ...] = _TEXT_FEATURES) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = list(features)
    options.notdef_outline = True
    options.hinting = False
    options.name_IDs = [1, 2, 13, 14]  # the licence stays with the font
    # `now` would put a clock into the bytes.
    options.recalc_timestamp = False
    face = TTFont(io.BytesIO(source), recalcTimestamp=False)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=points)
    worker.subset(face)
    face.flavor = "woff2"
    written = io.BytesIO()
    face.save(written)
    return written.getvalue()
