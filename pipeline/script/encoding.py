"""Text that was UTF-8 and was read as something else: `â€”` for a dash. Found, and undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pipeline.files import read_text, write_whole

_WORD = re.compile(r"[^ \t\n]+")  # other white space may be the rest of a misread sign
# One sign was two bytes at least, each of them a sign now; or a byte that is no letter anywhere.
_MAY_BE = re.compile(r"[^\x00-\x7f]{2}|[\x80-\x9f]")


def misread_words(text: str) -> Iterator[tuple[int, str, str]]:
    """Each misread word: its offset, how it looks and what it was."""
    for found in _WORD.finditer(text) if _MAY_BE.search(text) else ():
        meant = _meant(found[0])
        if meant != found[0]:
            yield found.start(), found[0], meant


def fix_encoding(text: str) -> str:
    """`text` with misread words put right, also where they were misread twice."""
    return _WORD.sub(lambda found: _meant(found[0]), text)


@lru_cache(maxsize=4096)
def _meant(word: str) -> str:
    if not _MAY_BE.search(word):
        return word
    import ftfy  # takes a tenth of a second, which most scripts needn't wait for

    return ftfy.fix_encoding(word)


def mend_encoding(path: Path) -> str:
    """Mend a file in place, the old one kept as NAME.bak; says what was done."""
    text = read_text(path, "the script")
    mended = fix_encoding(text)
    if mended == text:
        return f"{path.name}: nothing to mend"
    kept = write_whole(path.with_name(path.name + ".bak"), path.read_bytes())
    write_whole(path, mended)
    return f"{path.name}: mended; what it was is kept in {kept.name}"
