"""Files that the deck needs beside its page: reveal.js as released, the theme, the typeface."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.problems import TalkError
from pipeline.resources import TEMPLATES

# Always in the subset; other signs come in when a page uses them and the face has them.
_LATIN = {*range(0x20, 0x7F), *range(0xA0, 0x100)}
_SIGNS = set(map(ord, "–—‘’‚“”„…•→←↑↓×−·≤≥≈€‰"))
_STYLES = ("shared/colours", "deck/theme", "deck/layouts", "deck/narrow")
_SCRIPTS = ("deck/measured", "deck/deck")
_SPEAKERS = (
    "shared/pair",
    "deck/audience",
)  # before the deck starts; the public has no second window
# What templates/deck/deck.js leaves switched off: a quarter of reveal's rules, for every viewer.
_OFF = re.compile(
    r"\.(controls|progress|hljs|speaker-notes|slide-number|playback|cube|page|roll|rtl|concave"
    r"|convex|zoom|slide|show-notes|accessibility)(?![\w-])"
    r"|\[data-(background-)?transition|navigation-mode|controls-|preview-(image|video|link)"
    r"|fragment\.(grow|shrink|zoom|highlight|fade-|semi|strike|blur|current-visible)"
    r"|r-(hstack|vstack|stack|fit-text|stretch)|has-(light|dark)-background|\.stack(?![\w-])"
    r"|r-overlay-(spinner|preview|external)|\.scrollbar|speaker-notes-pdf|slide-number-pdf"
)


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


def stylesheet(templates: Path = TEMPLATES) -> str:
    """reveal's rules for what is switched on, then the theme."""
    reveal = [
        without_unused(package_file("pyreveal", f"revealjs/dist/{name}.css").read_text("utf-8"))
        for name in ("reset", "reveal")
    ]
    own = [(templates / f"{name}.css").read_text("utf-8") for name in _STYLES]
    return "".join([*reveal, *map(_packed_css, own)])


def without_unused(css: str) -> str:
    """A stylesheet without the rules for reveal's features that the deck leaves off."""
    kept = []
    for head, body in _rules(css):
        if head.startswith(("@media", "@supports", "@layer")):
            inner = without_unused(body)
            kept.append(f"{head}{{{inner}}}" if inner else "")
        elif head.startswith("@keyframes bounce"):  # the controls' arrows
            continue
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            # Commas inside :is(…) and :not(…) separate nothing here.
            selectors = re.split(r",(?![^(]*\))", head)
            used = [selector for selector in selectors if not _OFF.search(selector)]
            kept.append(f"{','.join(used)}{{{body}}}" if used else "")
    return "".join(kept)


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Each rule's head and what stands between its braces."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    start = 0
    while (opened := css.find("{", start)) >= 0:
        depth, end = 1, opened + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[start:opened].strip(), css[opened + 1 : end - 1]
        start = end


def deck_script(templates: Path = TEMPLATES, *, for_speaker: bool = False) -> str:
    names = (*_SPEAKERS, *_SCRIPTS) if for_speaker else _SCRIPTS
    scripts = [(templates / f"{name}.js").read_text("utf-8") for name in names]
    return "".join(map(_packed_js, scripts))


def early_script(templates: Path = TEMPLATES) -> str:
    """What must run before anything is painted; goes into the page's head."""
    return _packed_js((templates / "deck" / "theme.js").read_text("utf-8"))


def _packed_css(css: str) -> str:
    """Without comments, line breaks and indents."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};])\s*", r"\1", css).replace(";}", "}").strip() + "\n"


def _packed_js(script: str) -> str:
    """Without comments on lines of their own and indents; the lines stay."""
    lines = [line.strip() for line in script.split("\n")]
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def font(used: Iterable[str], cache: Path | None = None) -> bytes:
    """The typeface as WOFF2: Latin-1 and the signs in `used`.

    Kept in the folder `cache` under a hash of the font and the signs, so that a build that changes
    no sign does not load fontTools.
    """
    source = package_file("font_manrope", "files/Manrope-VariableFont_wght.ttf").read_bytes()
    points = sorted(_LATIN | _SIGNS | {ord(sign) for sign in used})
    key = hashlib.sha256(source + repr(points).encode()).hexdigest()[:16]
    kept = cache / f"font-{key}.woff2" if cache else None
    if kept and kept.is_file():
        return kept.read_bytes()
    made = _subset(source, points)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(made)
        part.replace(kept)
    return made


def _subset(source: bytes, points: list[int]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["kern", "mark", "mkmk", "calt", "liga", "tnum", "locl", "ccmp"]
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
