"""Files that the deck needs beside its page: reveal.js as released, the theme, the typeface."""

from __future__ import annotations

import importlib.util
import io
import json
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


def stylesheet(more: str = "") -> str:
    """reveal's own rules, the theme, and `more`; without comments and line breaks."""
    reveal = (
        package_file("pyreveal", f"revealjs/dist/{name}.css").read_text("utf-8")
        for name in ("reset", "reveal")
    )
    own = ((TEMPLATES / f"{name}.css").read_text("utf-8") for name in _STYLES)
    return str(rcssmin.cssmin("\n".join([*reveal, *own, more])))


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


def _subset(source: bytes, points: list[int]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor = "woff2"
    # No ligatures: Manrope would draw `--` as a dash and `->` as an arrow.
    options.layout_features = ["kern", "mark", "mkmk", "calt", "tnum", "locl", "ccmp"]
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
