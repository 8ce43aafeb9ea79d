"""Every number in a text, in digits or words, with its unit: "$5,000", "ninety percent", "3-4 h".

Small counts in words ("two colleagues", "five myths") are language, no measurement: a cardinal up
to twelve is a quantity only with a unit, a measured noun, or in a ratio ("one in three").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from pipeline.numbers.number_words import (
    CARDINALS,
    MULTIPLES,
    PARTS,
    SCALES,
    VAGUE,
    WordNumber,
    find_word_numbers,
)

_N = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<!\d)\.\d+)"
_DIGITS = re.compile(
    rf"(?P<money>[$€£]\s?)?(?<![\w.,])(?P<n>{_N})"
    r"(?P<suffix>\s?%|\s?(?:hundred|thousand|million|billion|trillion)s?\b|"
    r"(?:k|K|M|m|bn|B|tn)\b|\s?[x×](?!\w)|(?:st|nd|rd|th)\b)?"
)
_SUFFIX = {"k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, **SCALES}
_COUNTED = (
    "epoch epochs message messages token tokens parameter parameters weight weights layer layers "
    "batch batches"
)
MEASURED = frozenset(_COUNTED.split())
SECONDS = {
    "ms": 1e-3,
    "millisecond": 1e-3,
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "day": 86400,
    "night": 86400,
    "week": 7 * 86400,
    "month": 30 * 86400,
    "year": 365 * 86400,
    "decade": 3650 * 86400,
}
BYTES = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_MONEY = ("dollar", "euro", "pound", "buck", "cent", "quid", "usd", "eur", "gbp")
_TAIL_WORD = re.compile(r"[\s-]{1,2}([A-Za-z0-9]+(?:['’][a-z]+)?)|\s?([A-Za-z]{1,12})\b")
_PASSED_OVER = "a an the of our its such per more test training clean spoken long"
_SMALL_WORDS = frozenset(_PASSED_OVER.split())
_RATIO = re.compile(r"(\s(?!in |of )[a-z]+)?\s(?:in|out of|of)\s(?:every\s)?")
_RANGE = re.compile(r"\s?[-–—]\s?[$€£]?|\s(?:to|or)\s[$€£]?")


# A cheap first look: most passages hold no number at all.
MAY_COUNT = re.compile(
    r"\d|\b(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty|"
    + "|".join((*CARDINALS, *SCALES, *VAGUE, *PARTS, *MULTIPLES))
    + r"|doubl\w+|halv\w+|every|tripl\w+|quadrupl\w+|\w+fold)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number in a text; `value` in its unit, `spread` half of its last place.

    Units: percent, money, time (seconds), bytes, times, ratio, ordinal, or "".
    """

    text: str
    start: int
    end: int
    value: float
    spread: float
    unit: str
    form: str  # "digits", "cardinal", "vague", "fraction", "multiple"
    noun: str  # the first word of weight that follows, lower case

    @property
    def is_small_word(self) -> bool:
        """A cardinal up to twelve, in words, without a unit."""
        return self.form == "cardinal" and self.value <= 12 and self.value == int(self.value)


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Every number of a masked text in its order; small counts in words are among them."""
    found = sorted((*_in_digits(text), *_in_words(text)), key=lambda q: (q.start, -q.end))
    kept: list[Quantity] = []
    for quantity in found:
        if not kept or quantity.start >= kept[-1].end:
            kept.append(quantity)
    return tuple(_joined(text, kept))


def is_small_count(quantity: Quantity, measured: Collection[str]) -> bool:
    """Whether it is a count of everyday language, "two colleagues", which nobody measures.

    `measured`: the nouns whose count a run measures (`MEASURED` and the labels of its data).
    """
    if quantity.form == "vague" or quantity.unit == "ratio":
        return False
    if quantity.unit == "time" and quantity.text.lower() in ("one day", "one night"):
        return True
    if not quantity.is_small_word:
        return False
    if quantity.value == 0:
        return quantity.unit == "" and quantity.noun not in measured
    if quantity.value == 1:
        counted = quantity.unit in ("percent", "money", "bytes", "time")
        return not counted and not quantity.noun.startswith("epoch")
    return quantity.unit == "" and quantity.noun not in measured


def _in_digits(text: str) -> Iterator[Quantity]:
    for found in _DIGITS.finditer(text):
        digits, suffix = found["n"], (found["suffix"] or "").strip().lower()
        value = float(digits.replace(",", ""))
        places = len(digits.partition(".")[2])
        spread = 0.5 * 10.0**-places
        unit = "money" if found["money"] else ""
        scale = _SUFFIX.get(suffix.removesuffix("s") if suffix not in _SUFFIX else suffix, 1)
        if suffix == "m" and not found["money"]:
            scale = 1  # metres
        if suffix == "%":
            unit = "percent"
        elif suffix in ("x", "×"):
            unit = "times"
        elif suffix in ("st", "nd", "rd", "th"):
            unit = "ordinal"
        yield _with_unit(
            text,
            Quantity(
                found[0].strip(),
                found.start(),
                found.end(),
                value * scale,
                spread * scale,
                unit,
                "digits",
                "",
            ),
        )


def _in_words(text: str) -> Iterator[Quantity]:
    for word in find_word_numbers(text):
        yield _with_unit(text, _from_words(text, word))


def _from_words(text: str, word: WordNumber) -> Quantity:
    is_factor = text[: word.start].lower().endswith(" factor of ")
    unit = "times" if word.form == "multiple" or is_factor else ""
    return Quantity(
        text[word.start : word.end],
        word.start,
        word.end,
        word.value,
        word.spread,
        unit,
        word.form,
        "",
    )


def _tail(text: str, at: int) -> list[tuple[str, int]]:
    """Up to three words that follow without punctuation, with where each ends."""
    words: list[tuple[str, int]] = []
    while len(words) < 3 and (found := _TAIL_WORD.match(text, at)):
        words.append(((found[1] or found[2]).lower(), found.end()))
        at = found.end()
    return words


def _with_unit(text: str, quantity: Quantity) -> Quantity:
    """The quantity with the unit that follows it taken in; time in seconds, sizes in bytes."""
    if quantity.unit in ("percent", "ordinal", "money"):
        return _named(text, quantity)
    words = _tail(text, quantity.end)
    for index, (word, end) in enumerate(words):
        singular = word.removesuffix("s") if word not in ("s", "ms") else word
        follows = words[index + 1][0] if index + 1 < len(words) else ""
        if index == 0 and word in ("percent", "percentage"):
            return _grown(text, quantity, end, "percent", 1)
        if index == 0 and word == "per" and follows == "cent":
            return _grown(text, quantity, words[1][1], "percent", 1)
        if index == 0 and word == "times":
            return _grown(text, quantity, end, "times", 1)
        if singular in _MONEY and follows not in ("sign", "signs"):
            return _grown(text, quantity, end, "money", 1)
        if singular in SECONDS and (len(singular) > 1 or index == 0):
            if quantity.form == "vague" or (
                singular in ("s", "h", "m") and quantity.form != "digits"
            ):
                break
            return _grown(text, quantity, end, "time", SECONDS[singular])
        if word in BYTES:
            return _grown(text, quantity, end, "bytes", BYTES[word])
        if word not in _SMALL_WORDS and singular not in MEASURED and index:
            break
    return _named(text, quantity)


def _grown(text: str, quantity: Quantity, end: int, unit: str, scale: float) -> Quantity:
    grown = replace(
        quantity,
        text=text[quantity.start : end].strip(),
        end=end,
        value=quantity.value * scale,
        spread=quantity.spread * scale,
        unit=quantity.unit if quantity.unit == "money" else unit,
    )
    last = text[quantity.start : end].split()[-1].lower().split("-")[-1]
    return replace(grown, noun=last.removesuffix("s") if unit == "time" else last)


def _named(text: str, quantity: Quantity) -> Quantity:
    words = [word for word, _ in _tail(text, quantity.end)]
    measured = next((word for word in words if word in MEASURED), "")
    weighty = next((word for word in words if word not in _SMALL_WORDS), "")
    return replace(quantity, noun=measured or weighty)


def _joined(text: str, found: list[Quantity]) -> Iterator[Quantity]:
    """Ratios made one; the first of a range takes the unit of the second."""
    index = 0
    while index < len(found):
        one = found[index]
        other = found[index + 1] if index + 1 < len(found) else None
        between = text[one.end : other.start] if other else ""
        if other and _is_ratio(one, other, between):
            value = one.value / other.value
            whole = text[one.start : other.end]
            yield replace(
                one,
                text=whole,
                end=other.end,
                value=value,
                spread=0.5 / other.value,
                unit="ratio",
                noun=other.noun,
            )
            index += 2
            continue
        if other and one.unit == "" and other.unit and _RANGE.fullmatch(between):
            scale = SECONDS.get(other.noun, 1) if other.unit == "time" else 1
            one = replace(
                one,
                unit=other.unit,
                value=one.value * scale,
                spread=one.spread * scale,
                noun=other.noun,
            )
        elif other and one.unit == "" and _RANGE.fullmatch(between):
            one = replace(one, noun=other.noun)
        yield one
        index += 1


def _is_ratio(one: Quantity, other: Quantity, between: str) -> bool:
    if not _RATIO.fullmatch(between) or one.unit not in ("", "ordinal") or other.unit:
        return False
    if other.value <= one.value or one.form not in ("digits", "cardinal"):
        return False
    is_of = between.split()[-1] == "of" and "out" not in between
    return not (is_of and one.value == 1 and one.form == "cardinal")
