"""Numbers in words -> values: "five thousand five hundred and seventy-four", "half", "twice"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
CARDINALS = {word: value for value, word in enumerate(_ONES.split())}
CARDINALS |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
SCALES = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
VAGUE = {f"{scale}s": value for scale, value in SCALES.items()}  # "hundreds", "billions"
PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "twentieth": 20,
    "hundredth": 100,
    "thousandth": 1000,
}
MULTIPLES = {"twice": 2, "thrice": 3, "double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_WORD = re.compile(r"[A-Za-z]+")
_FRACTION = re.compile(
    r"\b(?P<count>an?|one|two|three|four|five|six|seven|eight|nine)[ -]"
    r"(?P<part>third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|twentieth|hundredth|"
    r"thousandth)(?P<many>s?)\b(?P<after>\s+(?:of|the|as|less|more|faster|slower|cheaper)\b|"
    r"(?=\s*[.,;:!?)]|\s*$))?",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(
    r"\b(?:(?P<twice>twice|thrice)(?=\s+(?:as|the|that|its|his|her|our|what|a)\b)|"
    r"(?P<times>double|triple|treble|quadruple)[sd]?(?=\s+(?:the|its|our|that|what|"
    r"(?:accuracy|precision|recall|speed|cost|score))\b)|"
    r"(?P<ing>doubl|tripl|quadrupl|halv)(?:ed|es)\b|"
    r"(?P<fold>[a-z]+|[0-9]+)-?fold\b)",
    re.IGNORECASE,
)
_PLACES = "second third fourth fifth sixth seventh eighth ninth tenth"
_ORDINALS = tuple(_PLACES.split())
_NTH = re.compile(
    rf"\bevery (?P<every>{'|'.join(_ORDINALS)})\b|"
    rf"\b(?P<epoch>{'|'.join(_ORDINALS)})(?= (?:training )?epochs?\b)",
    re.IGNORECASE,
)
_HALF = re.compile(r"\bhalf\b(?!-|\s+of\s+them\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WordNumber:
    """A number in words: where it stands, its value, and how far it may be rounded."""

    start: int
    end: int
    value: float
    spread: float  # half of the last place that is said
    form: str  # "cardinal", "ordinal", "vague", "fraction", "multiple"
    words: int  # of the number itself


def find_word_numbers(text: str) -> Iterator[WordNumber]:
    """Every number in words, in no order; "one" and "a" count only where more follows."""
    yield from _fractions(text)
    words = list(_WORD.finditer(text))
    index = 0
    while index < len(words):
        found, used = _cardinal(text, words, index)
        if found:
            yield found
        index += max(used, 1)


def _fractions(text: str) -> Iterator[WordNumber]:
    for found in _FRACTION.finditer(text):
        many = found["count"].lower() not in ("a", "an", "one")
        if not (found["many"] if many else found["after"] is not None):
            continue  # "a third way", "one second"
        if found["part"].lower() == "quarter" and not many and "of" not in (found["after"] or ""):
            continue  # "a quarter that …": of a year
        count = CARDINALS.get(found["count"].lower(), 1)
        value = count / PARTS[found["part"].lower()]
        end = found.start("after") if found["after"] else found.end()
        yield WordNumber(found.start(), end, value, 0.005, "fraction", 2)
    for found in _NTH.finditer(text):
        place = _ORDINALS.index((found["every"] or found["epoch"]).lower()) + 2
        value, form = (1 / place, "fraction") if found["every"] else (float(place), "ordinal")
        yield WordNumber(found.start(), found.end(), value, 0.005, form, 1)
    for found in _HALF.finditer(text):
        yield WordNumber(found.start(), found.end(), 0.5, 0.005, "fraction", 1)
    for found in _MULTIPLE.finditer(text):
        value = _multiple(found)
        if value:
            yield WordNumber(found.start(), found.end(), value, 0.5, "multiple", 1)


def _multiple(found: re.Match[str]) -> float:
    if fold := found["fold"]:
        return float(fold) if fold.isdigit() else {**CARDINALS, **SCALES}.get(fold.lower(), 0)
    if ing := found["ing"]:
        return {"doubl": 2, "tripl": 3, "halv": 0.5}.get(ing.lower(), 4)
    return MULTIPLES[(found["twice"] or found["times"]).lower()]


def _cardinal(text: str, words: list[re.Match[str]], start: int) -> tuple[WordNumber | None, int]:
    """The cardinal that begins at a word, and how many words it takes."""
    first = words[start][0].lower()
    if first in VAGUE:
        scale = float(VAGUE[first])
        return _made(words, start, 1, scale, scale, "vague"), 1
    article = first in ("a", "an")
    if not article and first not in CARDINALS and first not in SCALES:
        return None, 1
    total, part, last, used = 0.0, 0.0, 0, 0
    at = start
    while at < len(words):
        word = words[at][0].lower()
        if at > start and not _joined(text, words, at):
            break
        if word == "and" and last >= 100 and _continues(text, words, at):
            at += 1
            continue
        if at == start and article:
            part = 1
        elif word in SCALES:
            scale = SCALES[word]
            part = max(part, 1)
            if scale == 100 or scale == 12:
                part, last = part * scale, scale
            else:
                total, part, last = total + part * scale, 0, scale
        elif word in CARDINALS and _fits(CARDINALS[word], part, last, at == start):
            part, last = part + CARDINALS[word], CARDINALS[word]
        else:
            break
        at += 1
        used = at - start
    if article and used < 2:
        return None, 1
    decimals, taken = _decimals(text, words, start + used)
    value = total + part + decimals
    spread = 0.5 * 10.0 ** (1 - taken) if taken else _spread(value)
    return _made(words, start, used + taken, value, spread, "cardinal"), used + taken


def _made(
    words: list[re.Match[str]], start: int, used: int, value: float, spread: float, form: str
) -> WordNumber:
    first, last = words[start], words[start + used - 1]
    return WordNumber(first.start(), last.end(), value, spread, form, used)


def _joined(text: str, words: list[re.Match[str]], at: int) -> bool:
    return text[words[at - 1].end() : words[at].start()] in (" ", "-", "\n")


def _continues(text: str, words: list[re.Match[str]], at: int) -> bool:
    follows = at + 1 < len(words) and words[at + 1][0].lower() in CARDINALS
    return follows and _joined(text, words, at + 1)


def _fits(value: int, part: float, last: int, is_first: bool) -> bool:
    """Whether a cardinal may follow: "ninety three" may, "three ninety" and "two three" not."""
    if is_first or last >= 100 or (part == 0 and last >= 1000):
        return True
    return 20 <= last <= 90 and 1 <= value <= 9


def _decimals(text: str, words: list[re.Match[str]], at: int) -> tuple[float, int]:
    """The value of "point three five" at a word, and how many words it takes."""
    if at >= len(words) or words[at][0].lower() != "point" or not _joined(text, words, at):
        return 0.0, 0
    digits = ""
    used = 1
    while at + used < len(words) and _joined(text, words, at + used):
        value = CARDINALS.get(words[at + used][0].lower())
        if words[at + used][0].lower() == "oh":
            value = 0
        if value is None or value > 9:
            break
        digits += str(value)
        used += 1
    return (float(f"0.{digits}"), used) if digits else (0.0, 0)


def _spread(value: float) -> float:
    if value < 1000:
        return 0.5
    zeros = len(str(int(value))) - len(str(int(value)).rstrip("0"))
    return 0.5 * 10.0**zeros
