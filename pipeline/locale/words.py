"""What a language calls the parts of a script, units and signs: catalogues/LANGUAGE.toml.

Each table leads from a word to the English one, which is what the parser knows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import msgspec

from pipeline.locale.catalogue import FOLDER
from pipeline.problems import Source, TalkError

Table = Mapping[str, str]


class Words(msgspec.Struct, frozen=True, eq=False):
    """The words of one language; none for English."""

    headings: Table = {}  # FOLIE -> SLIDE
    cues: Table = {}  # KLICK -> CLICK
    marks: Table = {}  # before a colon: F -> Q
    fields: Table = {}  # Dauer -> Duration
    time: Table = {}  # Sekunden -> s, zwei -> 2, bis -> -, etwa -> ~
    times: Table = {}  # what the format `times` puts around a ratio
    said: Table = {}  # forms of what is said: percent -> {} Prozent
    units: Mapping[str, Sequence[str]] = {}  # of one, several; behind per
    signs: Table = {}  # + -> plus
    short: Table = {}  # z. B. -> zum Beispiel
    quantities: Table = {}  # what numbers are counted in
    ranges: Table = {}  # between two numbers of one unit: bis -> to
    structure: Table = {}  # words beside numbers that are no quantities
    meanings: Table = {}  # words by which a text speaks of a value

    def heading(self, text: str) -> str:
        """A heading with its first word in English: `FOLIE 4: TITEL` is `SLIDE 4: TITEL`."""
        return _led(text.replace("：", ": "), self.headings) if self.headings else text

    def cue(self, text: str) -> str:
        """A cue with its keyword in English: `KLICK: dann weiter` is `CLICK: dann weiter`."""
        return _led(text.replace("：", ": "), self.cues) if self.cues else text

    def mark(self, text: str) -> str:
        """A line with the letter or name before its colon in English: `F: …` is `Q: …`."""
        if not self.marks:
            return text
        before, colon, after = text.replace("：", ":", 1).partition(":")
        bare = before.strip(" *")
        meant = self.marks.get(bare.upper(), "") if len(bare) < 20 else ""
        return before.replace(bare, meant) + colon + after if meant else text

    def field(self, key: str) -> str:
        """The key of a line `**Dauer:** …` in English, in small letters."""
        return self.fields.get(key, key).lower()

    def length(self, text: str) -> str:
        """A text with its lengths in English: `etwa zwei bis drei Minuten` is `~2 - 3 min`.

        Words that stand in no length stay as they are.
        """
        if not self.time:
            return text
        whole, word = _lengths(self)
        table = {name.casefold(): meant for name, meant in self.time.items()}

        def in_english(found: re.Match[str]) -> str:
            said = word.sub(lambda one: table[one[0].rstrip(".").casefold()], found[0])
            return re.sub(r"~[\s-]*", "~", " ".join(said.split()))

        return whole.sub(in_english, text)


NO_WORDS = Words()


@cache
def read_words(language: str) -> Words:
    """The tables of a language, empty ones where there are none.

    Raises TalkError for broken ones.
    """
    path = FOLDER / f"{language}.toml"
    if not language or not path.is_file():
        return NO_WORDS
    try:
        return Words(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:  # no TOML, or a table that nobody asks for
        raise TalkError(f"broken words of a language: {error}", Source(path)) from None


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first, none of them as a part of another."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(
        re.escape(w) + ("" if _needs_no_space(w[-1]) else r"(?![^\W\d_])") for w in ordered
    )


def _needs_no_space(sign: str) -> bool:
    """Whether a word may follow this sign without a space, as in Chinese."""
    return "\u3041" <= sign <= "\u9fff"


def _of(table: Table) -> re.Pattern[str]:
    return _pattern(tuple(table))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{alternatives(words)})\.?", re.IGNORECASE)


_NUMBER = r"(?<![0-9.,:/])[0-9½¼¾][0-9.,:/½¼¾]*"


@cache
def _lengths(words: Words) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A pattern for a length of the language, and one for each word in it.

    It is an amount and its unit, or several of them; what stands for itself (`anderthalb
    Minuten`, `一分半`) is a word of the table with both.
    """
    kinds: dict[str, list[str]] = {kind: [] for kind in ("", "~", "-", "and", "amount", "unit")}
    complete = []
    for word, meant in words.time.items():
        if " " in meant:
            complete.append(word)
        else:
            is_amount = meant[:1].isdigit()
            kinds[meant if meant in kinds else "amount" if is_amount else "unit"].append(word)
    leads, about, to, and_, amounts, units = (
        rf"(?:{alternatives(of) or '(?!)'})" for of in kinds.values()
    )
    amount = rf"(?:{_NUMBER}|{amounts})"
    to, gap = rf"\s?(?:{to}|[-–—])\s?", r"\s?-?\s?"
    one = rf"(?:{alternatives(complete) or '(?!)'}|{amount}(?:{to}{amount})?{gap}{units}\.?)"
    whole = (
        rf"(?<![^\W\d_])(?:(?:{leads}\s)?(?:{about}\.?[\s-]*)?{one}"
        rf"(?:(?:\s?{and_}\s?|,\s|\s?){one})*|{amounts}$)"
    )
    word = rf"(?:{alternatives(words.time)})\.?"
    return re.compile(whole, re.IGNORECASE), re.compile(word, re.IGNORECASE)


def _key(found: str, table: Table) -> str:
    wanted = found.rstrip(".").casefold()
    return next(word for word in table if word.casefold() == wanted)


def _led(text: str, table: Table) -> str:
    """A text whose first words are one of the table's, with the English ones instead."""
    found = _of(table).match(text)
    if not found or found[0].endswith("."):
        return text
    rest = text[found.end() :]
    return f"{table[_key(found[0], table)]}{' ' if rest[:1].isalnum() else ''}{rest}"
