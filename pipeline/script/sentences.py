"""A paragraph in pieces, and where in it a caption or a sentence ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipeline.locale import Locale
from pipeline.numbers.spoken import CJK

# A word, or one sign of a script without spaces, with the space and the brackets around it.
_PIECE = rf"(?:(?<!\s)\s++)?(?:[「『（《“‘]*{CJK}[、，。！？；：…」』）》”’]*|(?:(?!{CJK})\S)+)"
_DOTTED = ("de", "da", "nb", "nn", "no", "fi", "cs", "sk", "pl", "hu", "sl", "hr")  # am 3. Mai
_CLOSING = r"[\"'”’)」』）》]*$"
_SENTENCE_END = re.compile(rf"[.!?…。！？؟۔।]{_CLOSING}")
_CAPTION_END = re.compile(rf"[.!?…:;。！？；：؟۔।]{_CLOSING}")
_SHORT = re.compile(r"(?:e\.g|i\.e|vs|approx|Dr|Mrs?|Ms|St|No|[A-Z])\.$")


@cache
def piece_pattern() -> re.Pattern[str]:
    """One piece of a paragraph; compiled when first asked for, which takes milliseconds."""
    return re.compile(_PIECE)


def ends_caption(said: str, locale: Locale) -> bool:
    """Whether a caption may end with a word: not with `z.` and `B.`, nor with `3.` in German."""
    if locale.by_characters and said.endswith(("，", "、")):
        return True  # nor are words parted, since a caption is a clause, which fits a line
    if locale.is_english or not said.endswith("."):
        return bool(_CAPTION_END.search(said))
    bare = said.strip(' (“„«"')
    of_letter = len(bare) == 2 and bare[0].isalpha()
    is_ordinal = locale.primary in _DOTTED and bare[:-1].isdigit()
    return not (of_letter or is_ordinal or bare in locale.words.short)


def sentences_in(text: str, locale: Locale) -> Iterator[tuple[int, int]]:
    """Where each sentence of a paragraph begins and ends, the space around it left out."""
    start = end = 0
    for found in piece_pattern().finditer(text):
        said, end = found[0], found.end()
        if _SENTENCE_END.search(said) and ends_caption(said, locale):
            if locale.is_english and _SHORT.search(said.strip(' ("“')):
                continue
            yield start + _space(text[start:end]), end
            start = end
    if text[start:].strip():
        yield start + _space(text[start:]), len(text.rstrip())


def _space(text: str) -> int:
    return len(text) - len(text.lstrip())
