"""How a measured number is written. Each rule stands here once; a value is rounded once, here.

Rounding is half to even on the decimal value. A share that is not exactly 0 or 1 is never shown
as 0% or 100%: it gets one more digit, and "over 99.9%" where that is not enough.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from pipeline.errors import TalkError
from pipeline.talk.values import Fact, Number


class Shown(str):
    """A number as it is shown, with the Number that it shows."""

    __slots__ = ("number",)
    number: Number

    def __new__(cls, text: str, number: Number) -> Shown:
        made = super().__new__(cls, text)
        made.number = number
        return made


def rounded(value: float, digits: int) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def _number(value: Any, name: str) -> Number:
    if isinstance(value, Number):
        return value
    if isinstance(value, Shown):
        raise TalkError(f"`{name}` on an already formatted number", hint="use one format")
    if value is None:
        raise TalkError(f"`{name}` on a value that is undefined in this run", hint="use {% if %}")
    raise TalkError(f"`{name}` formats a measured number, not {value!r}", hint="bind it to the run")


def _kept_off_ends(value: float, digits: int, scale: int, low: int, high: int) -> str:
    """`value` * `scale` with `digits`, more where rounding would reach an end that it isn't at."""
    exact = Decimal(repr(float(value))) * scale
    for more in range(2):
        text = exact.quantize(Decimal(1).scaleb(-(digits + more)), ROUND_HALF_EVEN)
        if text not in (low, high) or exact == text:
            return f"{text:,}"
    edge = Decimal(1).scaleb(-digits)
    return f"over {high - edge}" if exact > 1 else f"under {low + edge}"


def pct(value: Any, digits: int = 1) -> Shown:
    """A share of 1 as a percentage: 0.9333 -> 93.3%, 1.0 -> 100%, 0.9996 -> 99.96%."""
    number = _number(value, "pct")
    if not -1 <= number.value <= 1:
        raise TalkError(
            f"{number.at} is {number.value:g}, no share of 1", hint="use `num` or `count`"
        )
    text = _kept_off_ends(number.value, digits, 100, 0, 100)
    if text.replace("-", "") in ("0." + "0" * digits, "100." + "0" * digits):
        text = text.split(".")[0]
    return Shown(f"{text}%", number)


def num(value: Any, digits: int = 2) -> Shown:
    """A score or rate with fixed digits: 0.9459 -> 0.95, 0.9996 -> 0.9996, 1.0 -> 1.00."""
    number = _number(value, "num")
    if 0 <= number.value <= 1:
        return Shown(_kept_off_ends(number.value, digits, 1, 0, 1), number)
    return Shown(f"{rounded(number.value, digits):,}", number)


def count(value: Any) -> Shown:
    """A whole number with thousands separated: 5574 -> 5,574."""
    number = _number(value, "count")
    if number.value != int(number.value):
        raise TalkError(f"{number.at} is {number.value:g}, no whole number", hint="use `num`")
    return Shown(f"{int(number.value):,}", number)


def millions(value: Any) -> Shown:
    """A large count in words: 134515008 -> 135 million, 1.7e9 -> 1.7 billion."""
    number = _number(value, "millions")
    if number.value >= 1e9:
        return Shown(f"{rounded(number.value / 1e9, 1).normalize():f} billion", number)
    return Shown(f"{rounded(number.value / 1e6, 0)} million", number)


def seconds(value: Any) -> Shown:
    """A time: 0.48 -> 0.5 s, 42.3 -> 42 s, 655 -> 11 min, 7300 -> 2.0 h."""
    number = _number(value, "seconds")
    if number.value < 0.05:
        return Shown(f"{rounded(number.value * 1000, 0)} ms", number)
    if number.value < 10:
        return Shown(f"{rounded(number.value, 1)} s", number)
    if number.value < 90:
        return Shown(f"{rounded(number.value, 0)} s", number)
    if number.value < 5400:
        return Shown(f"{rounded(number.value / 60, 0)} min", number)
    return Shown(f"{rounded(number.value / 3600, 1)} h", number)


def gib(value: Any) -> Shown:
    """Bytes in GiB: 4294967296 -> 4.0 GiB."""
    number = _number(value, "gib")
    return Shown(f"{rounded(number.value / 2**30, 1)} GiB", number)


def interval(value: Any, digits: int = 2, style: str = "num") -> Shown:
    """The 95% interval: 0.90–0.98, or with style "pct" 90–98%."""
    number = _number(value, "interval")
    if number.low is None or number.high is None:
        raise TalkError(f"{number.at} has no interval", hint="only rates and scores have one")
    if style == "pct":
        low, high = (rounded(v * 100, max(digits - 2, 0)) for v in (number.low, number.high))
        return Shown(f"{low}–{high}%", number)
    return Shown(f"{rounded(number.low, digits)}–{rounded(number.high, digits)}", number)


def spoken(value: Any, style: str = "") -> Shown:
    """As a person says it: 0.933 -> ninety-three point three percent, 5574 -> five thousand….

    Styles: "pct" (default for shares), "score" (zero point nine five), "count" (default for whole
    numbers), "about" (two significant digits), "seconds" (half a second, eleven minutes).
    """
    number = _number(value, "spoken")
    whole = number.value == int(number.value) and not number.is_share
    style = style or ("pct" if number.is_share else "count" if whole else "score")
    match style:
        case "pct":
            text = f"{_said(str(pct(number)).rstrip('%').removesuffix('.0'))} percent"
        case "score":
            text = _said(str(num(number)))
        case "count":
            text = _said(str(count(number)))
        case "about":
            size = len(str(abs(int(number.value)))) - 2
            text = _said(
                str(rounded(number.value, -size) if size > 0 else rounded(number.value, 0))
            )
        case "millions":
            amount, unit = str(millions(number)).split()
            text = f"{_said(amount)} {unit}"
        case "seconds":
            text = _said_time(str(seconds(number)), number.value)
        case _:
            raise TalkError(
                f"unknown style `{style}` of `spoken`",
                hint="pct, score, count, about, millions or seconds",
            )
    return Shown(text, number)


def _said(digits: str) -> str:
    from num2words import num2words

    prefix = ""
    for word in ("over ", "under "):
        if digits.startswith(word):
            prefix, digits = word, digits.removeprefix(word)
    said = str(num2words(Decimal(digits.replace(",", ""))))
    return prefix + said.replace(",", "")


def _said_time(text: str, value: float) -> str:
    if 0.45 <= value < 0.55:
        return "half a second"
    amount, unit = text.split()
    name = {"ms": "millisecond", "s": "second", "min": "minute", "h": "hour"}[unit]
    amount = amount.removesuffix(".0")
    return f"{_said(amount)} {name}{'' if amount == '1' else 's'}"


def holds(text: str, fact: Any) -> str:
    """`text` if the measured fact is true; otherwise the build fails with both values."""
    if not isinstance(fact, Fact | bool):
        raise TalkError("`holds` needs a comparison", hint='"…" | holds(finetuned.recall > 0.9)')
    if fact:
        return text
    says = fact.says if isinstance(fact, Fact) else "its condition is false"
    raise TalkError(
        f'the claim "{text}" no longer holds: {says}',
        hint="write the sentence for this outcome, or with {% if %} for both",
    )


def beats(one: Any, other: Any) -> Fact:
    """Whether `one` is clearly above `other`: their 95% intervals do not overlap."""
    one, other = _number(one, "beats"), _number(other, "beats")
    low, high = one.low, other.high
    if low is None or high is None:
        return Fact(one.value > other.value, f"{one.at} beats {other.at}")
    says = f"{one.at} (from {low:.4g}) beats {other.at} (up to {high:.4g})"
    return Fact(low > high, says)


def about_the_same(one: Any, other: Any) -> Fact:
    """Whether the intervals of two values overlap: the run can't tell them apart."""
    fact = not beats(one, other) and not beats(other, one)
    return Fact(fact, f"{one.at} and {other.at} are about the same")


FORMATS = {
    "pct": pct,
    "num": num,
    "count": count,
    "millions": millions,
    "seconds": seconds,
    "gib": gib,
    "interval": interval,
    "spoken": spoken,
    "holds": holds,
}
FUNCTIONS = {"beats": beats, "about_the_same": about_the_same}
