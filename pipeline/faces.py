"""A talk's own font files: read, checked, and what they hold; the pages cut and embed them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from pipeline.caches import kept_faces
from pipeline.config import Config
from pipeline.files import kept, read_bytes
from pipeline.paths import file_below
from pipeline.problems import Source, TalkError
from pipeline.resources import package_file
from pipeline.toml_file import Key

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

# How often letters come in English, a space with each word: widths are compared by it.
_SHARES = {
    **{" ": 18.0, "e": 10.3, "t": 7.5, "a": 6.5, "o": 6.2, "n": 5.7, "i": 5.7, "s": 5.3, "r": 5.0},
    **{"h": 5.0, "l": 3.3, "d": 3.3, "u": 2.3, "c": 2.2, "m": 2.0, "f": 2.0, "w": 1.7, "g": 1.6},
    **{"p": 1.5, "y": 1.4, "b": 1.3, "v": 0.8, "k": 0.6, "E": 0.3, "T": 0.6, "A": 0.4, "S": 0.4},
}
_RESTRICTED, _WHOLE_ONLY = 0x0002, 0x0100  # bits of fsType in OpenType's OS/2 table


class FaceInfo(msgspec.Struct, frozen=True):
    """What a font file holds; kept, so that a build without a change opens none."""

    points: tuple[int, ...]  # code points of its letters
    lightest: int  # CSS weights; the same of a face that isn't variable
    boldest: int
    width: float  # of a letter of English text on average, in em
    name: str = ""
    licence: str = ""  # the font's own words, or an address


class OwnFace(msgspec.Struct, frozen=True):
    """One checked font file of a talk."""

    role: str  # "text", "bold", "code" or "fallback-1"
    content: bytes
    info: FaceInfo
    where: Source  # of the key that names it
    has_bold: bool = False  # of the faces for text: there is one of each

    @property
    def is_variable(self) -> bool:
        return self.info.lightest < self.info.boldest


def text_face() -> bytes:
    """The deck's own face for text."""
    return package_file("font_manrope", "files/Manrope-VariableFont_wght.ttf").read_bytes()


def code_face() -> bytes:
    """The deck's own face for code."""
    return package_file("fontpkg_jetbrains_mono", "files/JetBrainsMono[wght].ttf").read_bytes()


def own_faces(config: Config, cache: Path | None = None) -> tuple[OwnFace, ...]:
    """The font files that [brand.faces] names. Raises TalkError with the line of one that can't be.

    What was found in them is kept in the folder `cache`.
    """
    faces, keys = config.brand.faces, ("brand", "faces")
    named: list[tuple[str, str, tuple[Key, ...]]] = [
        ("text", faces.text, (*keys, "text")),
        ("bold", faces.bold, (*keys, "bold")),
        ("code", faces.code, (*keys, "code")),
    ]
    for at, name in enumerate(faces.fallback):
        named.append((f"fallback-{at + 1}", name, (*keys, "fallback", at)))
    made = tuple(
        _own_face(role, config.root, name, config.source(*at), cache)
        for role, name, at in named
        if name
    )
    return tuple(replace(face, has_bold=bool(faces.bold)) for face in made)


def covered(faces: Iterable[OwnFace]) -> frozenset[int]:
    """The code points that any of the faces has."""
    return frozenset(point for face in faces for point in face.info.points)


def _own_face(role: str, root: Path, name: str, where: Source, cache: Path | None) -> OwnFace:
    content = read_bytes(file_below(root, name, "font", where), "the font")
    return OwnFace(role, content, face_info(content, name, where, cache), where)


def face_info(
    content: bytes, name: str, where: Source | None = None, cache: Path | None = None
) -> FaceInfo:
    """What a font file holds, kept with all faces. Raises TalkError for one we can't use."""

    def read() -> bytes:
        return msgspec.json.encode(_read(content, name, where))

    made = kept(kept_faces(cache), "face.json", content, read)
    return msgspec.json.decode(made, type=FaceInfo)


def _read(content: bytes, name: str, where: Source | None) -> FaceInfo:
    from fontTools.ttLib import TTFont

    try:
        font = TTFont(io.BytesIO(content), lazy=True)
        rights, letters = font["OS/2"].fsType, font.getBestCmap()
        info = _info(font, letters)
    except Exception:  # whatever a broken file makes of fontTools
        raise TalkError(
            f"`{name}` is no font", where, "TTF, OTF or WOFF2, one face a file"
        ) from None
    if rights & 0x000F == _RESTRICTED:
        message = f"the maker of `{name}` forbids embedding it (fsType {rights})"
        raise TalkError(message, where, "ask for a licence for the web, or take another")
    if rights & _WHOLE_ONLY:
        message = f"the maker of `{name}` forbids embedding a part of it (fsType {rights})"
        raise TalkError(message, where, "ask for a licence for the web, or take another")
    if not letters:
        raise TalkError(f"`{name}` has no letters", where, "take another font")
    return info


def _info(font: TTFont, letters: dict[int, str]) -> FaceInfo:
    axes = {a.axisTag: a for a in font["fvar"].axes} if "fvar" in font else {}
    own = int(font["OS/2"].usWeightClass)
    lightest, boldest = own, own
    if "wght" in axes:
        lightest, boldest = int(axes["wght"].minValue), int(axes["wght"].maxValue)
    em, widths = font["head"].unitsPerEm, font["hmtx"]
    known = {sign: share for sign, share in _SHARES.items() if ord(sign) in letters}
    wide = sum(widths[letters[ord(sign)]][0] * share for sign, share in known.items())
    names: Any = font["name"]
    return FaceInfo(
        points=tuple(sorted(letters)),
        lightest=lightest,
        boldest=boldest,
        width=round(wide / em / sum(known.values()), 4) if known else 0.0,
        name=str(names.getDebugName(16) or names.getDebugName(1) or ""),
        licence=str(names.getDebugName(13) or names.getDebugName(14) or ""),
    )
