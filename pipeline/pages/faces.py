"""A talk's own faces on its pages: cut to the letters in use, and named before ours.

Ours stay behind them: they have the letters that a talk's own lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.faces import OwnFace
from pipeline.pages import assets
from pipeline.problems import TalkError

TEXT, CODE = "Talk", "Talk Code"  # families; each `fallback` has one of its own
_BEHIND = ("Manrope", "Helvetica Neue", "Arial", "Noto Sans", "sans-serif")
_BEHIND_CODE = ("Code", "DejaVu Sans Mono", "monospace")
# em: FaceInfo.width of ours. Wider ones are scaled to it: what fits with ours fits with them.
_WIDTHS = {"text": 0.4666, "bold": 0.4666, "code": 0.6}
_LEAST = 0.75
BOLD_FROM = 600
_LETTERS_NEEDED = 0.5  # of those in use; a face with fewer was not meant for this talk
_LATIN = {*range(0xA0, 0x180)}  # ours has them


def text_families(faces: Sequence[OwnFace]) -> tuple[str, ...]:
    """Families for text with the talk's own among them; empty without one."""
    own = [family_of(face) for face in faces if face.role == "text"]
    fallback = [family_of(face) for face in faces if face.role.startswith("fallback")]
    return (*own, _BEHIND[0], *fallback, *_BEHIND[1:]) if own or fallback else ()


def code_families(faces: Sequence[OwnFace]) -> tuple[str, ...]:
    """The same for code."""
    own = [family_of(face) for face in faces if face.role == "code"]
    fallback = [family_of(face) for face in faces if face.role.startswith("fallback")]
    return (*own, *_BEHIND_CODE[:-1], *fallback, _BEHIND_CODE[-1]) if own or fallback else ()


def stack(families: Iterable[str]) -> str:
    """A value of font-family."""
    return ", ".join(name if name.endswith("serif") else f'"{name}"' for name in families)


def face_rules(faces: Sequence[OwnFace]) -> str:
    """@font-face rules, and those that use them; "" without a face of the talk's own."""
    rules = [
        rule_of(face, family_of(face), f'url("{file_of(face)}") format("woff2")') for face in faces
    ]
    if text := text_families(faces):
        rules.append(f"body{{font-family: {stack(text)};}}")
    if code := code_families(faces):
        on = ".slide code,.listing figcaption,main pre,main code"
        rules.append(f"{on}{{font-family: {stack(code)};}}")
    return "".join(rules)


def rule_of(face: OwnFace, family: str, source: str, weights: str = "") -> str:
    """The @font-face rule of a face under a name, for all its weights or those given."""
    own = f"{face.info.lightest} {face.info.boldest}" if face.is_variable else ""
    if not own and face.has_bold:
        own = f"1 {BOLD_FROM - 1}" if face.role == "text" else f"{BOLD_FROM} 1000"
    width = _WIDTHS.get(face.role, 0.0)
    is_wide = 0 < width < face.info.width
    adjusted = f" size-adjust: {max(_LEAST, width / face.info.width):.1%};" if is_wide else ""
    return (
        f'@font-face{{font-family: "{family}"; src: {source}; '
        f"font-weight: {weights or own or face.info.lightest}; font-display: block;{adjusted}}}"
    )


def face_files(
    faces: Sequence[OwnFace], used: Iterable[str], cache: Path | None
) -> dict[str, bytes]:
    """Each face as WOFF2 with the letters in use; a fallback with those that none before it has.

    Raises TalkError with the line of a face for text that has few of them.
    """
    signs = {ord(sign) for sign in set(used)} if faces else set[int]()
    left, files = signs - assets.ALWAYS - _LATIN, {}
    for face in faces:
        has = set(face.info.points)
        if face.role == "text":
            _check_letters(face, signs)
            left -= has
        wanted = signs | assets.ALWAYS
        features: tuple[str, ...] = assets.TEXT_FEATURES
        if face.role.startswith("fallback"):
            wanted, features = left & has, ("*",)  # which shape some scripts
            left -= has
        elif face.role == "code":
            features = assets.CODE_FEATURES
        files[file_of(face)] = _cut(face, sorted(wanted & has), features, cache)
    return files


def _cut(face: OwnFace, points: list[int], features: tuple[str, ...], cache: Path | None) -> bytes:
    try:
        return assets.cut(face.content, points, features, cache)
    except Exception as error:  # whatever a damaged table makes of fontTools
        message = f"the font can't be cut to the letters in use: {type(error).__name__}"
        raise TalkError(message, face.where, "it is damaged: copy it anew") from None


def _check_letters(face: OwnFace, signs: Iterable[int]) -> None:
    letters = {point for point in signs if chr(point).isalpha()}
    has = letters & set(face.info.points)
    if len(has) < _LETTERS_NEEDED * len(letters):
        message = f"the face has {len(has)} of the {len(letters)} letters in use"
        hint = "name it under `fallback`, and one with most letters as `text`"
        raise TalkError(message, face.where, hint)


def file_of(face: OwnFace) -> str:
    """The name of its file beside a page."""
    return f"face-{face.role}.woff2"


def family_of(face: OwnFace) -> str:
    """Its family on a page."""
    return {"text": TEXT, "bold": TEXT, "code": CODE}.get(face.role) or f"Talk {face.role}"
