"""Text that was UTF-8 and was read as Windows-1252: `â€”` for a dash. Found, and undone."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.files import read_text


def _as_read(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)  # five bytes have no sign there and pass through


def _class(first: int, last: int) -> str:
    return "[" + "".join(re.escape(_as_read(byte)) for byte in range(first, last + 1)) + "]"


_BYTES = {_as_read(byte): byte for byte in range(256)}
_MORE = _class(0x80, 0xBF)
# Two bytes can also occur in right text, so those count only where they make a sign that Windows
# has: Latin-1 (Â, Ã) and the few beyond it (Å, Æ, Ë), which misreading twice leaves behind.
_BROKEN = re.compile(
    f"{_class(0xC2, 0xC3)}{_MORE}|{_class(0xC5, 0xCB)}{_MORE}"
    f"|{_class(0xE2, 0xEF)}{_MORE}{{2}}|{_class(0xF0, 0xF4)}{_MORE}{{3}}"
)


def broken_places(text: str) -> list[tuple[int, str, str]]:
    """Each misread sign: its offset, how it looks and what it was."""
    places = ((m.start(), m[0], _undone(m[0])) for m in _BROKEN.finditer(text))
    return [place for place in places if place[1] != place[2]]


def fix_encoding(text: str) -> str:
    """`text` with misread signs put right, also where they were misread twice."""
    for _ in range(3):
        fixed = _BROKEN.sub(lambda found: _undone(found[0]), text)
        if fixed == text:
            break
        text = fixed
    return text


def _undone(seen: str) -> str:
    try:
        meant = bytes(_BYTES[sign] for sign in seen).decode("utf-8")
    except UnicodeDecodeError:
        return seen
    return meant if len(seen) > 2 or meant in _BYTES else seen


def mend_encoding(path: Path) -> str:
    """Mend a file in place, the old one kept as NAME.bak; says what was done."""
    text = read_text(path, "the script")
    mended = fix_encoding(text)
    if mended == text:
        return f"{path.name}: nothing to mend"
    kept, part = path.with_name(path.name + ".bak"), path.with_name(path.name + ".part")
    part.write_text(mended, encoding="utf-8")
    kept.write_bytes(path.read_bytes())
    part.replace(path)
    return f"{path.name}: mended; what it was is kept in {kept.name}"
