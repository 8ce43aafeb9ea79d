"""Every number in a text, in digits or words, with its unit: "$5,000", "ninety percent", "3-4 h".

Small counts in words ("two colleagues", "five myths") are language, no measurement: a cardinal up
to twelve is a quantity only with a unit, a measured noun, or in a ratio ("one in three").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from pipeline.lengths import CARDINALS
from pipeline.locale import ENGLISH, Locale
from pipeline.units import WORDS, unit_of

SCALES: dict[str, float] = {"dozen": 12, "hundred": 100, "thousand": 1000}
SCALES |= {"million": 10**6, "billion": 10**9, "trillion": 10**12}
_VAGUE = {f"{scale}s": value for scale, value in SCALES.items()} | {"scores": 20}
_ORDINALS = ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_PARTS = {name: value for value, name in enumerate(_ORDINALS[1:], 3)}
_PARTS |= {"quarter": 4, "twentieth": 20, "hundredth": 100, "thousandth": 1000}
_SIGNS = {"½": 0.5, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 0.25, "¾": 0.75}
_MULTIPLES: dict[str, float] = {"twice": 2, "thrice": 3, "double": 2, "triple": 3, "treble": 3}
_MULTIPLES |= {"quadruple": 4, "doubl": 2, "tripl": 3, "quadrupl": 4, "halv": 0.5}

_COUNTED = (
    "epoch epochs message messages token tokens parameter parameters weight weights layer layers "
    "batch batches"
)
MEASURED = frozenset(_COUNTED.split())
# Not "us", which is a word first: nobody reads "three of us" as microseconds.
_NAMES = [name for unit, word in WORDS.items() if unit != "d" for name in (unit.lower(), word)]
_NAMES += ["day", "sec", "hr", "\u03bcs"]
_DAYS = {"night": 1, "week": 7, "month": 30, "year": 365, "decade": 3650}
_MONEY = "dollar euro pound buck cent quid usd eur gbp rupee yen franc"
_AFTER = {"percent": "percent", "percentage": "percent", "per cent": "percent", "times": "times"}
_KIND = {"time": "time", "size": "bytes"}
UNITS = {name: (_KIND[unit.kind], float(unit.scale)) for name in _NAMES for unit in [unit_of(name)]}
UNITS |= {name: ("time", 86400.0 * days) for name, days in _DAYS.items()}
UNITS |= dict.fromkeys(_MONEY.split(), ("money", 1))

_N = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[\u00a0\u202f]\d{3})+(?!\d)|\d+(?:\.\d+)?|(?<!\d)\.\d+"
)
_DIGITS = re.compile(
    rf"(?P<money>[$€£¥₹]\s?)?(?<![\w.,])(?P<n>{_N})(?P<part>[½⅓⅔¼¾])?"
    r"(?P<suffix>\s?%|\s?(?:hundred|thousand|million|billion|trillion)s?\b|"
    r"(?:k|K|M|m|bn|B|tn)\b|\s?[x×](?!\w)|(?:st|nd|rd|th)\b)?|(?<!\w)(?P<sign>[½⅓⅔¼¾])(?!\w)"
)
_LONGEST = 15  # digits; what is longer is a name
_RUN = re.compile(r"[!-~]{61,}")  # no word that people read is as long
_SUFFIX = {"k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, **SCALES}
_KINDS = {"%": "percent", "x": "times", "×": "times"} | dict.fromkeys(
    ("st", "nd", "rd", "th"), "ordinal"
)
_WORD = re.compile(r"[A-Za-z]+")
_MOST_WORDS = 16  # of one number
_TAIL_WORD = re.compile(
    r"[\s-]{1,2}([A-Za-zµ\u03bc0-9]+(?:['’][a-z]+)?)|\s?([A-Za-zµ\u03bc]{1,12})\b"
)
_SMALL_WORDS = "a an the of our its such per more test training clean spoken long"
_PASSED_OVER = frozenset(_SMALL_WORDS.split())
_RATIO = re.compile(r"(\s(?!in |of )[a-z]+)?\s(?:in|out of|of)\s(?:every\s)?")
_RANGE = re.compile(r"\s?[-–—]\s?[$€£]?|\s(?:to|or)\s[$€£]?")
_SHARE = re.compile(
    rf"\b(?P<count>an?|only a|one|two|three|four|five|six|seven|eight|nine)[ -]"
    rf"(?P<part>{'|'.join(_PARTS)})(?P<many>s?)\b(?P<after>\s+(?:of|the|as|less|more|faster|slower|"
    r"cheaper|could|would|did|said|were|was)\b|(?=\s*(?:[.,;:!?)]|$)))?|"
    rf"\bevery (?P<every>{'|'.join(_ORDINALS)})\b|"
    rf"\b(?P<epoch>{'|'.join(_ORDINALS)})(?= (?:training )?epochs?\b)|"
    r"\b(?P<half>half)\b(?!-|\s+of\s+them\b)|"
    r"\b(?P<twice>twice|thrice)(?=\s+(?:as|the|that|its|his|her|our|what|a)\b)|"
    r"\b(?P<double>double|triple|treble|quadruple)[sd]?(?=\s+(?:the|its|our|that|what|"
    r"accuracy|precision|recall|speed|cost|score)\b)|"
    r"\b(?P<ing>doubl|tripl|quadrupl|halv)(?:ed|es)\b|"
    rf"\b(?P<vague>{'|'.join(_VAGUE).replace('scores', 'scores(?= of)')})\b|"
    r"\b(?P<fold>[a-z]{3,9}|[0-9]{1,4})-?fold\b",
    re.IGNORECASE,
)
# A cheap first look: most passages hold no number at all.
MAY_COUNT = re.compile(
    r"[\d½⅓⅔¼¾]|\b(?:"
    + "|".join((*CARDINALS, *SCALES, *_PARTS, *_MULTIPLES, "half", "halv", "every", "scores"))
    + r")|fold\b",
    re.IGNORECASE,
)


class Quantity(msgspec.Struct, frozen=True):
    """One number in a text; `value` in its unit, `spread` half of its last place.

    Units: percent, money, time (seconds), bytes, times, ratio, ordinal, or "".
    """

    text: str
    start: int
    end: int
    value: float
    spread: float = 0.005
    unit: str = ""
    form: str = "digits"  # or "cardinal", "ordinal", "vague", "fraction", "multiple"
    noun: str = ""  # the first word of weight that follows, lower case

    @property
    def is_small_word(self) -> bool:
        """A cardinal up to twelve, in words, without a unit."""
        return self.form == "cardinal" and self.value <= 12 and self.value == int(self.value)


def find_quantities(text: str, locale: Locale = ENGLISH) -> tuple[Quantity, ...]:
    """Every number of a text in its order; small counts in words are among them."""
    if not locale.is_english:
        from pipeline.numbers.quantities_in import quantities_in

        return quantities_in(text, locale)
    text = without_names(text)
    found = [*in_digits(text), *_shares(text), *_cardinals(text)]
    found.sort(key=lambda quantity: (quantity.start, -quantity.end))
    kept: list[Quantity] = []
    for quantity in found:
        if not kept or quantity.start >= kept[-1].end:
            kept.append(with_unit(text, quantity))
    return tuple(joined(text, kept))


def without_names(text: str) -> str:
    """`text`, as long as it was, without runs of signs that are too long to be words."""
    return _RUN.sub(lambda run: " " * len(run[0]), text.replace("\u2011", "-"))


def is_small_count(quantity: Quantity, measured: Collection[str]) -> bool:
    """Whether it is a count of everyday language, "two colleagues", which nobody measures.

    `measured`: the nouns whose count a run measures (`MEASURED` and the labels of its data).
    """
    if quantity.unit == "time" and quantity.text.lower() in ("one day", "one night"):
        return True
    if quantity.unit == "ratio" or not quantity.is_small_word:
        return False
    if quantity.value == 1:
        counted = quantity.unit in ("percent", "money", "bytes", "time")
        return not counted and not quantity.noun.startswith("epoch")
    return quantity.unit == "" and quantity.noun not in measured


def in_digits(text: str) -> Iterator[Quantity]:
    """The numbers of a text in digits, their units not yet read."""
    for found in _DIGITS.finditer(text):
        if found["sign"]:
            value = _SIGNS[found["sign"]]
            yield Quantity(found[0], found.start(), found.end(), value, form="fraction")
            continue
        digits = re.sub(r"[,\u00a0\u202f]", "", found["n"])
        if len(digits) > _LONGEST:
            continue
        suffix = (found["suffix"] or "").strip().lower()
        spread = 0.5 * 10.0 ** -len(digits.partition(".")[2])
        scale = _SUFFIX.get(suffix if suffix in _SUFFIX else suffix.removesuffix("s"), 1)
        if suffix == "m" and not found["money"]:
            scale = 1  # metres
        value = (float(digits) + _SIGNS.get(found["part"] or "", 0)) * scale
        unit = "money" if found["money"] else _KINDS.get(suffix, "")
        span = found.start(), found.end()
        yield Quantity(found[0].strip(), *span, value, spread * scale, unit)


def _shares(text: str) -> Iterator[Quantity]:
    """ "two thirds", "half", "every second", "twice as", "doubled", "tenfold", "third epoch"."""
    for found in _SHARE.finditer(text):
        start, end, kind = found.start(), found.end(), str(found.lastgroup)
        said = {name: word.lower() for name, word in found.groupdict().items() if word is not None}
        value, form = 0.0, "fraction"
        if "count" in said:
            many = said["count"] not in ("a", "an", "only a", "one")
            is_part = bool(said["many"]) if many else "after" in said
            is_quarter = (
                said["part"] == "quarter" and not many and "of" not in said.get("after", "")
            )
            if not is_part or is_quarter:  # "a third way", "a quarter that …" of a year
                continue
            value = CARDINALS.get(said["count"], 1) / _PARTS[said["part"]]
            end = found.start("after") if "after" in said else end
        elif kind in ("every", "epoch"):
            place = _ORDINALS.index(said[kind]) + 2
            value, form = (1 / place, form) if kind == "every" else (float(place), "ordinal")
        elif kind == "half":
            value = 0.5
        elif kind == "vague":
            value, form = float(_VAGUE[said["vague"]]), "vague"
        elif kind == "fold":
            fold = said["fold"]
            value = float(fold) if fold.isdigit() else {**CARDINALS, **SCALES}.get(fold, 0)
            form = "multiple"
        else:
            value, form = _MULTIPLES[said[kind]], "multiple"
        unit, spread = ("times", 0.5) if form == "multiple" else ("", 0.005)
        spread = value if form == "vague" else spread
        if value:
            yield Quantity(text[start:end], start, end, value, spread, unit, form)


def _cardinals(text: str) -> Iterator[Quantity]:
    """Cardinals in words; "one" and "a" count only where more follows."""
    words = [(found[0].lower(), found.start(), found.end()) for found in _WORD.finditer(text)]
    # Whether each word is joined to the one before it by a single space, hyphen or line end.
    joined = [False, *(text[a[2] : b[1]] in (" ", "-", "\n") for a, b in pairwise(words))]
    index = 0
    while index < len(words):
        word, start, end = words[index]
        used = 1
        if word in CARDINALS or word in SCALES or word in ("a", "an"):
            value, spread, taken = _cardinal(words, joined, index)
            if taken:
                used, end = taken, words[index + taken - 1][2]
                unit = "times" if text[max(0, start - 11) : start].lower() == " factor of " else ""
                yield Quantity(text[start:end], start, end, value, spread, unit, "cardinal")
        index += max(used, 1)


def _cardinal(
    words: list[tuple[str, int, int]], joined: list[bool], start: int
) -> tuple[float, float, int]:
    """Value, spread and number of words of the cardinal that begins at a word; 0 words: none."""
    total, part, last = 0.0, 0.0, 0.0
    used = 0
    at, is_article = start, words[start][0] in ("a", "an")
    stop = min(len(words), start + _MOST_WORDS)
    while at < stop and (at == start or joined[at]):
        word = words[at][0]
        follows = words[at + 1][0] in CARDINALS and joined[at + 1] if at + 1 < stop else False
        if word == "and" and last >= 100 and follows:
            at += 1
            continue
        if at == start and is_article:
            part = 1
        elif word in SCALES:
            last, part = SCALES[word], max(part, 1) * SCALES[word]
            if last >= 1000:
                total, part = total + part, 0
        elif word in CARDINALS and (at == start or _fits(CARDINALS[word], part, last)):
            part, last = part + CARDINALS[word], CARDINALS[word]
        else:
            break
        at += 1
        used = at - start
    if is_article and used < 2:
        return 0, 0, 0
    decimals, taken = _decimals(words, joined, start + used)
    value = total + part + float(f"0{decimals}")
    if decimals:
        return value, 0.5 * 10.0 ** (1 - taken), used + taken
    digits = str(int(value))
    zeros = len(digits) - len(digits.rstrip("0")) if value >= 1000 else 0
    return value, 0.5 * 10.0**zeros, used


def _fits(value: int, part: float, last: float) -> bool:
    """Whether a cardinal may follow: "ninety three" may, "three ninety" and "two three" not."""
    if last >= 100 or (part == 0 and last >= 1000):
        return True
    return 20 <= last <= 90 and 1 <= value <= 9


def _decimals(words: list[tuple[str, int, int]], joined: list[bool], at: int) -> tuple[str, int]:
    """ "point three five" at a word as `.35`, and how many words it takes."""
    digits, first = "", at
    if at < len(words) and words[at][0] == "point" and joined[at]:
        while (at := at + 1) < min(len(words), first + 9) and joined[at]:
            value = 0 if words[at][0] == "oh" else CARDINALS.get(words[at][0], 10)
            if value > 9:
                break
            digits += str(value)
    return (f".{digits}", 1 + len(digits)) if digits else ("", 0)


def _tail(text: str, at: int) -> list[tuple[str, int]]:
    """Up to three words that follow without punctuation, with where each ends."""
    words: list[tuple[str, int]] = []
    while len(words) < 3 and (found := _TAIL_WORD.match(text, at, at + 200)):
        words.append(((found[1] or found[2]).lower(), found.end()))
        at = found.end()
    return words


def with_unit(text: str, quantity: Quantity) -> Quantity:
    """The quantity with the unit that follows it taken in; time in seconds, sizes in bytes."""
    words = _tail(text, quantity.end)
    names = [word for word, _ in words]
    measured = next((word for word in names if word in MEASURED), "")
    noun = measured or next((word for word in names if word not in _PASSED_OVER), "")
    if quantity.unit in ("percent", "ordinal", "money"):
        return replace(quantity, noun=noun)
    first = " ".join(names[:2] if names[:1] == ["per"] else names[:1])
    if unit := _AFTER.get(first, ""):
        return _grown(text, quantity, words[first.count(" ")][1], unit, 1)
    for index, (word, end) in enumerate(words):
        singular = word if word in ("s", "ms", "ns") else word.removesuffix("s")
        unit, scale = UNITS.get(word if word in UNITS else singular, ("", 1))
        is_letter = len(singular) == 1
        if unit == "time" and (
            quantity.form == "vague" or (is_letter and quantity.form != "digits")
        ):
            break
        is_sign = unit == "money" and names[index + 1 : index + 2] in (["sign"], ["signs"])
        if unit and not is_sign and not (is_letter and index):
            return _grown(text, quantity, end, unit, scale)
        if index and word not in _PASSED_OVER and singular not in MEASURED:
            break
    return replace(quantity, noun=noun)


def _grown(text: str, quantity: Quantity, end: int, unit: str, scale: float) -> Quantity:
    whole = text[quantity.start : end].strip()
    last = whole.split()[-1].lower().split("-")[-1]
    return replace(
        quantity,
        text=whole,
        end=end,
        value=quantity.value * scale,
        spread=quantity.spread * scale,
        unit=unit,
        noun=last.removesuffix("s") if unit == "time" and last not in UNITS else last,
    )


def joined(text: str, found: list[Quantity]) -> Iterator[Quantity]:
    """Ratios made one; the first of a range takes the unit of the second."""
    index = 0
    while index < len(found):
        one, index = found[index], index + 1
        if index == len(found) or found[index].start - one.end > 40:
            yield one
            continue
        other, between = found[index], text[one.end : found[index].start]
        if _is_ratio(one, other, between):
            whole = text[one.start : other.end]
            value, spread = one.value / other.value, 0.5 / other.value
            yield Quantity(
                whole, one.start, other.end, value, spread, "ratio", one.form, other.noun
            )
            index += 1
        elif one.unit == "" and _RANGE.fullmatch(between):
            scale = UNITS[other.noun][1] if other.unit == "time" and other.noun in UNITS else 1
            yield replace(
                one,
                unit=other.unit,
                value=one.value * scale,
                spread=one.spread * scale,
                noun=other.noun,
            )
        else:
            yield one


def _is_ratio(one: Quantity, other: Quantity, between: str) -> bool:
    if not _RATIO.fullmatch(between) or one.unit not in ("", "ordinal") or other.unit:
        return False
    if other.value <= one.value or one.form not in ("digits", "cardinal"):
        return False
    is_of = between.split()[-1] == "of" and "out" not in between
    return not (is_of and one.value == 1 and one.form == "cardinal")
