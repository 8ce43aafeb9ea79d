"""Words of a text in one form, and runs of them: what a proof compares, in any language."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from pipeline.numbers.spoken import CJK

# A run is as long as six words: as much is said by 10 signs in Chinese and by 14 in Japanese
# (`Locale.pace` beside English), and by some 24 letters in Thai, which parts no words either.
# Fewer would be found where slide and script share a name or a usual turn.
RUN = 24
_OF_WORD, _OF_SIGN, _OF_LETTER = 4, 2, 1
_LETTER = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"  # Thai, Lao, Burmese, Khmer
_WORD = re.compile(r"[^\W_]+")
_UNPARTED = re.compile(rf"{CJK}|{_LETTER}")
_PIECE = re.compile(rf"{CJK}|{_LETTER}|(?:(?!{CJK}|{_LETTER})[^\W_])+")
_BETWEEN = re.compile(rf"(?:(?<={CJK})|(?<={_LETTER})) (?={CJK}|{_LETTER})")
_APOSTROPHE = re.compile("['’‘ʼ׳\u0640]")  # and the line that only makes an Arabic word longer
_OTHER = re.compile(r"[^\x00-\x7f]")
# As printers write what looks the same: of the CJK radicals those that are words, too. NFKC has
# the older ones (Unicode, EquivalentUnifiedIdeograph).
_RADICALS = str.maketrans(
    "⺁⺒⺓⺝⺠⺩⺶⺼⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
    "厂巳幺月民王羊肉西见角贝车長长门青韦页风飞食马骨鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
)
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LTR_PIECE = re.compile(r"([A-Za-z0-9](?:[^\W_]|[.,:/%-](?=[A-Za-z0-9]))*)")


def words_of(text: str) -> list[str]:
    """Words in one form: no case, no points and accents beside letters, no hidden signs.

    Where a script parts no words, each of its signs is one.
    """
    text = _APOSTROPHE.sub("", text)
    if text.isascii():
        return _WORD.findall(text.lower())
    plain = unicodedata.normalize("NFKC", text).translate(_RADICALS)
    words = _WORD.findall(_OTHER.sub(_seen, plain).casefold())
    if not _UNPARTED.search(plain):
        return words
    return [piece for word in words for piece in _PIECE.findall(word)]


def _seen(found: re.Match[str]) -> str:
    """A sign, or nothing for one that stands with others (marks) or is invisible (formats)."""
    kind = unicodedata.category(found[0])
    return "" if kind[0] == "M" or kind == "Cf" else found[0]


def runs_of(text: str) -> Iterator[str]:
    """From each word on, what is as long as six words; nothing where less is left."""
    words = words_of(text)
    weights = [_OF_WORD if word < "\u0e00" else _weight(word) for word in words]
    end = total = 0
    for at, weight in enumerate(weights):
        while total < RUN and end < len(words):
            total += weights[end]
            end += 1
        if total < RUN:
            return
        yield " ".join(words[at:end])
        total -= weight


def _weight(word: str) -> int:
    if len(word) > 1 or not _UNPARTED.match(word):
        return _OF_WORD
    return _OF_LETTER if re.match(_LETTER, word) else _OF_SIGN


def quoted(run: str) -> str:
    """A run for the eye: no spaces between signs that have none."""
    return _BETWEEN.sub("", run)


@functools.lru_cache(maxsize=64)
def all_runs(text: str) -> frozenset[str]:
    """Those of a text; the large files of a site are proven twice, and the same in each site."""
    return frozenset(runs_of(text))


def letters_of(text: str) -> str:
    """A text, or a run, without what parts its words."""
    return "".join(words_of(text))


def as_printed(text: str) -> Iterator[str]:
    """The letters of a page of a PDF, in which words are divided at lines and at soft hyphens.

    A line from right to left is there in pieces from the left, as soon as it has other letters
    or digits: these are read from the right, too.
    """
    yield letters_of(text)
    if _RTL.search(text):
        lines = (_LTR_PIECE.split(line)[::-1] for line in text.splitlines())
        yield letters_of("\n".join(" ".join(pieces) for pieces in lines))
