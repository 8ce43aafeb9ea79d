"""Files that the deck needs beside its page: reveal.js as released, the theme, the typefaces."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import rcssmin
import rjsmin

from pipeline.caches import kept_faces
from pipeline.faces import code_face, text_face
from pipeline.files import kept
from pipeline.locale import ENGLISH, Locale
from pipeline.pages.templates import to_json
from pipeline.palette import CODE_COLOURS, Palette, read_palette
from pipeline.resources import TEMPLATES, package_file

# Always in the subset; other signs come in when a page uses them and the face has them.
ALWAYS = {*range(0x20, 0x7F), *map(ord, "–—‘’‚“”„…•→←↑↓×−·≤≥≈€‰")}
_STYLES = ("shared/colours", "deck/theme", "deck/layouts", "deck/text", "deck/narrow", "deck/print")
# Only where what they are for stands in the page: a sign of it, and the file.
_FEATURES = {
    "<math": ("deck/formulas",),
    "<code": ("shared/code-colours", "deck/code"),
    'class="media': ("deck/media",),
    "<video": ("deck/videos",),
    'class="cover"': ("deck/cover",),
    'class="plot': ("deck/plots",),
}
_ON_PAGES = {
    "<math": "deck/formulas",
    "<code": "public/code",
    'class="media': "public/media",
    'class="plot': "public/plots",
}
MATH_FONT, CODE_FONT = "math.woff2", "code.woff2"
_FORMULA = re.compile("<math.*?</math>", re.DOTALL)
# Of the face for formulas, always: what a new formula mostly needs. A letter alone is slanted, by
# a sign of its own; a root has no sign in the page.
_SLANTED = (*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C))  # Latin, Greek
_MATH = {*range(0x20, 0x7F), *range(0x1D434, 0x1D468), *map(ord, "ℎ√−")}
# No ligatures: Manrope would draw `--` as a dash and `->` as an arrow, and code is read by letter.
TEXT_FEATURES = ("kern", "mark", "mkmk", "calt", "tnum", "locl", "ccmp")
CODE_FEATURES = ("mark", "mkmk", "locl", "ccmp")


def reveal_script() -> str:
    return package_file("pyreveal", "revealjs/dist/reveal.js").read_text("utf-8")


def stylesheet(more: str = "", shown: str = "", cache: Path | None = None) -> str:
    """reveal's own rules that a deck needs, the theme, what the HTML `shown` needs, and `more`.

    Without comments and line breaks. What reading reveal's rules gives is kept in the folder
    `cache`.
    """
    files = (f"revealjs/dist/{name}.css" for name in ("reset", "reveal"))
    reveal = b"\n".join(package_file("pyreveal", name).read_bytes() for name in files)

    def pruned() -> bytes:
        from pipeline.pages import prune

        return prune.pruned(reveal.decode()).encode()

    key = reveal + Path(__file__).with_name("prune.py").read_bytes()
    rules = kept(cache, "reveal.css", key, pruned)
    names = [*_STYLES, *features(shown)]
    own = ((TEMPLATES / f"{name}.css").read_text("utf-8") for name in names)
    return str(rcssmin.cssmin("\n".join([rules.decode(), *own, more])))


def features(shown: str) -> tuple[str, ...]:
    """The styles that some decks need and this HTML does."""
    return tuple(name for sign, names in _FEATURES.items() if sign in shown for name in names)


def feature_styles(shown: str) -> str:
    """The rules for the same on a page around the deck."""
    names = [name for sign, name in _ON_PAGES.items() if sign in shown]
    rules = [(TEMPLATES / f"{name}.css").read_text("utf-8") for name in names]
    if "<code" in shown:
        rules.insert(0, Palette(*read_palette(CODE_COLOURS)).both_themes())
    return str(rcssmin.cssmin("\n".join(rules)))


def script(page: str, locale: Locale = ENGLISH, **data: object) -> str:
    """The browser code of a page: its files, as scripts.json lists them, in one scope of their own.

    They find `data` there as constants, and, in another language than English, `words`: those of
    its catalogue that they say. Comments and indents are left out.
    """
    names = json.loads((TEMPLATES / "scripts.json").read_text("utf-8"))[page]
    code = [(TEMPLATES / f"{name}.js").read_text("utf-8") for name in names]
    known = locale.catalogue.forms
    if known and "shared/words" in names:
        from pipeline.locale.messages import of_script

        said = of_script("\n".join(code))
        data["words"] = {one.text: known[one.text] for one in said if one.text in known}
    constants = [f"const {name} = {to_json(value)};" for name, value in data.items()]
    joined = "\n".join(['"use strict";', *constants, *code])
    return f"(() => {{{rjsmin.jsmin(joined)}}})();\n"


def font(used: Iterable[str], cache: Path | None = None) -> bytes:
    """The typeface as WOFF2: ASCII, and the signs in `used` that the face has.

    Kept in the folder `cache`: a build that changes no sign does not load fontTools.
    """
    return cut(
        text_face(), sorted(ALWAYS | {ord(sign) for sign in set(used)}), TEXT_FEATURES, cache
    )


def math_signs(shown: str) -> frozenset[str]:
    """The signs of all formulas in a page's HTML; empty without a formula."""
    return frozenset("".join(_FORMULA.findall(shown)))


def math_font(used: Iterable[str], cache: Path | None = None) -> bytes:
    """STIX Two Math as WOFF2, for formulas: signs of all heights, and what puts them together.

    It comes with ziamath, which is not imported.
    """
    source = package_file("ziamath", "fonts/STIXTwoMath-Regular.ttf").read_bytes()
    signs = {sign for sign in used if not sign.isascii()}
    slanted = {at for at in _SLANTED if unicodedata.normalize("NFKC", chr(at)) in signs}
    points = sorted(_MATH | slanted | {ord(sign) for sign in signs})
    # Without the small forms for indices: they double its size.
    return cut(source, points, (), cache)


def code_font(used: Iterable[str], cache: Path | None = None) -> bytes:
    """The face of code, in the same way."""
    points = sorted({*range(0x20, 0x7F)} | {ord(sign) for sign in used})
    return cut(code_face(), points, CODE_FEATURES, cache)


def cut(
    source: bytes, points: list[int], features: Sequence[str], cache: Path | None = None
) -> bytes:
    """Any font with these code points alone, as WOFF2; kept with all faces."""
    key = source + repr((points, features)).encode()
    return kept(kept_faces(cache), "font.woff2", key, lambda: _subset(source, points, features))


def _subset(source: bytes, points: list[int], features: Sequence[str]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = list(features)
    options.notdef_outline = True
    options.hinting = False
    options.drop_tables += ["FFTM"]  # an editor's dates, of which it would warn
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
