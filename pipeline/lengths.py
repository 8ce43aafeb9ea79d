"""Lengths of time as people write them: `30 seconds`, `2.5 minutes`, `5-8 min`, `52:30`."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from pipeline.locale.words import NO_WORDS, Words
from pipeline.problems import TalkError

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
CARDINALS = {word: value for value, word in enumerate(_ONES.split())}
CARDINALS |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
LONGEST_S = 24 * 3600
LONGEST_TEXT = 40
_UNITS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60}
_UNITS |= {"h": 3600, "hr": 3600, "hour": 3600}
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_UNIT = r"(hours?|hrs?|minutes?|mins?|seconds?|secs?|[hms])\.?"
_AMOUNT = r"([0-9]{1,6}(?:\.[0-9]{1,4})?|\.[0-9]{1,4}|[0-9]{1,3}\s?/\s?[1-9][0-9]?)"
_CLOCK = r"((?:[0-9]{1,2}:)?[0-9]{1,4}:[0-9]{2})"
_TO = r"\s?(?:-|–|—|to)\s?"
_GAP = r"\s?(?:-\s?)?"
_PIECE = re.compile(rf"{_AMOUNT}{_GAP}{_UNIT}")
_RANGE = re.compile(rf"{_AMOUNT}(?:{_GAP}{_UNIT})?{_TO}{_AMOUNT}{_GAP}{_UNIT}")
_CLOCK_RANGE = re.compile(rf"{_CLOCK}{_TO}{_CLOCK}")
_SUM = re.compile(rf"(?:{_AMOUNT}{_GAP}{_UNIT}(?:\s?(?:,|and)\s|\s|$)?)+")
_ABOUT = re.compile(r"^(?:[~≈]|about |around |approx\.? |approximately |ca\.? )\s*")
_NAMED = re.compile(r"^(?:time|duration|slot|length)\s*[:=]?\s*(?=[^a-z])")
_WITH_UNIT = re.compile(rf"({_CLOCK})\s*(m|h)[a-z]*\.?")
_FOUND = re.compile(
    rf"(?:[~≈]\s?)?(?:{_CLOCK}(?:{_TO}{_CLOCK})?|{_AMOUNT}(?:{_TO}{_AMOUNT})?{_GAP}{_UNIT})(?![\w:])"
)
_FORMS = "such as `30 seconds`, `2.5 minutes`, `5-8 minutes` or `52:30`"


class Length(msgspec.Struct, frozen=True):
    """A length, or a range of lengths, in whole seconds; `about` where it was written with ~."""

    low_s: int
    high_s: int
    about: bool = False

    @property
    def middle_s(self) -> int:
        return (self.low_s + self.high_s) // 2

    def __str__(self) -> str:
        if self.low_s == self.high_s:
            return clock(self.low_s)
        return f"{clock(self.low_s)}-{clock(self.high_s)}"

    def __add__(self, other: Length) -> Length:
        about = self.about or other.about
        return Length(self.low_s + other.low_s, self.high_s + other.high_s, about)


def clock(seconds: int) -> str:
    """Seconds as m:ss, with a minus sign where they are negative: 3150 -> 52:30."""
    minutes, rest = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else ''}{minutes}:{rest:02d}"


def parse_length(text: str, words: Words = NO_WORDS) -> Length:
    """Read a length, its units in English or by a language's `words`.

    Raises TalkError (without a place) that says what is wrong with it.
    """
    text = " ".join(text.split())
    shown = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    meant = words.length(shown).lower() if words.time else shown.lower()
    wanted = _ABOUT.sub("", named := _NAMED.sub("", meant))
    found = _read(_usual(wanted))
    if found is None:
        raise _refused(shown, wanted)
    low_s, high_s = found
    if high_s < low_s:
        raise TalkError(f"`{shown}` runs backwards", hint="the shorter length comes first")
    if low_s == 0 and high_s and ":" in wanted:
        hint = f"a slot is a length: `{clock(high_s)}`"
        raise TalkError(f"`{shown}` is a time from the start", hint=hint)
    if low_s == 0:
        raise TalkError(f"`{shown}` is no time at all", hint="give it at least a second")
    if high_s > LONGEST_S:
        raise TalkError(f"`{shown}` is longer than a day", hint=_FORMS)
    return Length(low_s, high_s, wanted != named)


def _usual(text: str) -> str:
    """Other ways to write a length in the usual one: ½, 1,5 minutes, two minutes, 1'30", 2m30."""
    for sign, decimal in _FRACTIONS.items():
        text = re.sub(rf"(?<![0-9]){sign}", f"0{decimal}", text).replace(sign, decimal)
    text = re.sub(r"(?:(?<!\s)\s++)?\btotal$", "", text)
    text = re.sub(r"(?<=[0-9]),(?=[0-9](?![0-9]))", ".", text)
    text = re.sub(r"(?<=[0-9])\s?['’′]", "m", text)
    text = re.sub(r"(?<=[0-9])\s?[\"”″]", "s", text)
    text = re.sub(r"(?<=[0-9])(\s?m[a-z]*\s?[0-9]{1,2})$", r"\1s", text)
    first, _, rest = text.replace("half an ", "0.5 ").replace("half a ", "0.5 ").partition(" ")
    count = {"a": 1, "an": 1, **CARDINALS}.get(first)
    return f"{first if count is None else count} {rest}".strip()


def find_lengths(text: str) -> list[tuple[int, int, Length]]:
    """The lengths in a sentence, each with where it begins and ends."""
    found = []
    for match in _FOUND.finditer(text.lower()):
        try:
            found.append((match.start(), match.end(), parse_length(match[0])))
        except TalkError:
            continue
    return found


def _read(text: str) -> tuple[int, int] | None:
    if both := _CLOCK_RANGE.fullmatch(text):
        ends = _clock_s(both[1]), _clock_s(both[2])
        return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None
    if re.fullmatch(_CLOCK, text):
        at = _clock_s(text)
        return None if at is None else (at, at)
    if found := _WITH_UNIT.fullmatch(text):  # 1:30 min, 1:30 h
        at = _clock_s(found[1])
        return None if at is None else (at * _UNITS[found[3]] // 60,) * 2
    if both := _RANGE.fullmatch(text):
        return _seconds(both[1], both[2] or both[4]), _seconds(both[3], both[4])
    if _SUM.fullmatch(text):
        total = sum(_seconds(amount, unit) for amount, unit in _PIECE.findall(text))
        return total, total
    return None


def _clock_s(text: str) -> int | None:
    parts = [int(part) for part in text.split(":")]
    if parts[-1] > 59 or (len(parts) == 3 and parts[1] > 59):
        return None
    total = 0
    for part in parts:
        total = total * 60 + part
    return total


def _seconds(amount: str, unit: str) -> int:
    above, _, below = amount.partition("/")
    value = Decimal(above.strip()) / Decimal(below.strip() or 1)
    return round(value * _UNITS[unit if unit in _UNITS else unit.rstrip("s")])


def _refused(text: str, wanted: str) -> TalkError:
    if not wanted:
        return TalkError("an empty length", hint=_FORMS)
    repaired = re.sub(r"(?<=[0-9:.])o|(?<![a-z])o(?=[0-9:.])", "0", wanted)
    repaired = re.sub(r"(?<=[0-9:.])[il](?=[0-9:.]|$)|(?<![a-z])[il](?=[0-9:.])", "1", repaired)
    if repaired != wanted and _read(repaired):
        wrong = next(old for old, new in zip(wanted, repaired, strict=True) if old != new)
        letter = "O" if wrong == "o" else "I or l"
        digit = "zero" if letter == "O" else "one"
        return TalkError(
            f"`{text}` has the letter {letter} where a {digit} belongs",
            hint=f"write `{repaired}`",
        )
    if re.match(r"[-−]\s*[0-9.]", wanted):
        return TalkError(f"`{text}` is negative", hint=_FORMS)
    if re.fullmatch(_AMOUNT, wanted):
        return TalkError(f"`{text}` has no unit", hint=f"`{text} minutes` or `{text} seconds`?")
    if re.fullmatch(_CLOCK, wanted):
        return TalkError(f"`{text}` has more than 59 seconds", hint=_FORMS)
    return TalkError(f"`{text}` is no length", hint=_FORMS)


def left_in_words(seconds: float) -> str:
    """`40 s`, `3 min`, `2.5 h`, `4 days`: as exactly as an estimate deserves."""
    hours = seconds / 3600
    if seconds < 90:
        return f"{max(5, round(seconds / 5) * 5)} s"
    if hours < 2:
        return f"{round(seconds / 60)} min"
    if hours < 10:
        return f"{round(2 * hours) / 2:g} h"
    return f"{round(hours)} h" if hours < 48 else f"{round(hours / 24)} days"
