"""Words of a text in one form, and runs of them: what a proof compares, in any language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pipeline.numbers.spoken import CJK

# A run is as long as six words: as much is said by 10 signs in Chinese and by 14 in Japanese
# (`Locale.pace` beside English), and by some 24 letters in Thai, which parts no words either.
# Fewer would be found where slide and script share a name or a usual turn.
RUN = 24
_OF_WORD, _OF_SIGN, _OF_LETTER = 4, 2, 1
_WORDS = RUN // _OF_WORD
_START = _WORDS  # letters: no run has fewer
_UNPARTED_FROM = "\u0e00"  # no script before it goes without spaces
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
_RADICAL = re.compile("[\u2e80-\u2eff]")
# Letters of other scripts that look like Latin ones: the same word to the eye.
_ALIKE = str.maketrans("аеорсухіјѕԁһӏοαρυνκιѵԛԝ", "aeopcyxijsdhloapuvkivqw")
_GREEK_OR_CYRILLIC = re.compile(r"[\u0370-\u052f]")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LTR_PIECE = re.compile(r"([A-Za-z0-9](?:[^\W_]|[.,:/%-](?=[A-Za-z0-9]))*)")


def words_of(text: str) -> list[str]:
    """Words in one form: no case, no points and accents beside letters, no hidden signs.

    Where a script parts no words, each of its signs is one.
    """
    text = _APOSTROPHE.sub("", text)
    if text.isascii():
        return _WORD.findall(text.lower())
    plain = unicodedata.normalize("NFKC", text)
    if _RADICAL.search(plain):
        plain = plain.translate(_RADICALS)
    plain = _OTHER.sub(_seen, plain).casefold()
    words = _WORD.findall(plain.translate(_ALIKE) if _GREEK_OR_CYRILLIC.search(plain) else plain)
    if not _UNPARTED.search(plain):
        return words
    return [piece for word in words for piece in _PIECE.findall(word)]


def _seen(found: re.Match[str]) -> str:
    """A sign, or nothing for one that stands with others (marks) or is invisible (formats)."""
    kind = unicodedata.category(found[0])
    return "" if kind[0] == "M" or kind == "Cf" else found[0]


def runs_of(text: str) -> Iterator[str]:
    """From each word on, what is as long as six words; nothing where less is left."""
    return _runs_of(words_of(text))


def _runs_of(words: list[str]) -> Iterator[str]:
    weights = [_OF_WORD if word < _UNPARTED_FROM else _weight(word) for word in words]
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


class Sought(msgspec.Struct, frozen=True):
    """Runs prepared for a search of all at once, which most texts hold none of."""

    runs: frozenset[str]
    of_words: frozenset[tuple[str, ...]]  # those of six words
    starts: Mapping[str, tuple[str, ...]]  # their letters, by the first few

    @classmethod
    def of(cls, runs: Iterable[str]) -> Sought:
        all_runs = dict.fromkeys(runs)
        words = (tuple(run.split(" ")) for run in all_runs)
        starts: dict[str, list[str]] = {}
        for run in all_runs:
            letters = run.replace(" ", "")
            starts.setdefault(letters[:_START], []).append(run)
        grouped = {start: tuple(found) for start, found in starts.items()}
        return cls(frozenset(all_runs), frozenset(w for w in words if len(w) == _WORDS), grouped)

    def are_in(self, text: str) -> bool:
        """Whether a text holds one of them, word by word."""
        words = words_of(text)
        if words and max(words) < _UNPARTED_FROM:  # then each run of the text has six words
            each = zip(*(words[at:] for at in range(_WORDS)), strict=False)
            return not self.of_words.isdisjoint(each)
        return not self.runs.isdisjoint(_runs_of(words))

    def among(self, letters: str) -> list[str]:
        """Those of which the letters stand in these one after the other, in no order."""
        found = pieces(letters) & self.starts.keys()
        return [r for one in found for r in self.starts[one] if r.replace(" ", "") in letters]


def pieces(letters: str) -> set[str]:
    """All pieces of a text that are as long as what runs are looked up by."""
    return {letters[at : at + _START] for at in range(len(letters) - _START + 1)}


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
