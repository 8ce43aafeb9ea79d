"""The deck's variable typeface as plain ones: in a PDF they are small, and text stays text."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from pathlib import Path

# Chromium writes a variable font into a PDF glyph by glyph as drawings (Type 3).
_WEIGHT = re.compile(r"font(?:-weight)?:\s*([1-9]\d\d)\b(?! \d)")


def print_faces(deck: Path, cache: Path) -> str:
    """CSS with one face for each weight that the deck's stylesheet uses, kept in `cache`.

    The faces have a family name of their own, since the page's own faces stay loaded.
    """
    font = (deck.parent / "manrope.woff2").read_bytes()
    css = (deck.parent / "deck.css").read_text("utf-8")
    weights = sorted({int(weight) for weight in _WEIGHT.findall(css)} | {700})
    rules = []
    for weight in weights:
        face = base64.b64encode(_face(font, weight, cache)).decode()
        rules.append(
            "@font-face{font-family:Printed;"
            f'src:url("data:font/ttf;base64,{face}") format("truetype");font-weight:{weight}}}'
        )
    return "".join(rules)


def _face(font: bytes, weight: int, cache: Path) -> bytes:
    key = hashlib.sha256(font + str(weight).encode()).hexdigest()[:16]
    kept = cache / "publish" / f"face-{key}.ttf"
    if kept.is_file():
        return kept.read_bytes()
    made = _instance(font, weight)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(made)
    part.replace(kept)
    return made


def _instance(font: bytes, weight: int) -> bytes:
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    face = TTFont(io.BytesIO(font), recalcTimestamp=False)
    lowest, _, highest = next((a.minValue, 0, a.maxValue) for a in face["fvar"].axes)
    limits = {"wght": min(max(weight, lowest), highest)}
    face = instancer.instantiateVariableFont(face, limits)
    face.flavor = None
    written = io.BytesIO()
    face.save(written)
    return written.getvalue()
