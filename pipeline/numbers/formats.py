"""How a measured number is written. Each rule stands here once; a value is rounded once, here.

Rounding is half to even on the decimal value. A share that is not exactly 0 or 1 is never shown
as 0% or 100%: it gets one more digit, and ">99.9%" where that is not enough; the ends of an
interval neither. A format never takes what another format has made.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from pipeline.numbers.values import Number
from pipeline.problems import TalkError


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


def as_number(value: object, name: str) -> Number:
    """The measured number behind `value`. Raises TalkError for what is none, or shown already."""
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
    return f">{high - edge}" if exact * 2 > high else f"<{low + edge}"


def pct(value: object, digits: int = 1) -> Shown:
    """A share of 1 as a percentage: 0.9333 -> 93.3%, 1.0 -> 100%, 0.9996 -> 99.96%."""
    number = as_number(value, "pct")
    if not -1 <= number.value <= 1:
        raise TalkError(
            f"{number.at} is {number.value:g}, no share of 1", hint="use `num` or `count`"
        )
    text = _kept_off_ends(number.value, digits, 100, 0, 100)
    if text.replace("-", "") in ("0." + "0" * digits, "100." + "0" * digits):
        text = text.split(".")[0]
    return Shown(f"{text}%", number)


def num(value: object, digits: int = 2) -> Shown:
    """A score or rate with fixed digits: 0.9459 -> 0.95, 0.996 -> 0.996, 0.9996 -> >0.99."""
    number = as_number(value, "num")
    if 0 <= number.value <= 1:
        return Shown(_kept_off_ends(number.value, digits, 1, 0, 1), number)
    return Shown(f"{rounded(number.value, digits):,}", number)


def count(value: object) -> Shown:
    """A whole number with thousands separated: 5574 -> 5,574."""
    number = as_number(value, "count")
    if number.value != int(number.value):
        raise TalkError(f"{number.at} is {number.value:g}, no whole number", hint="use `num`")
    return Shown(f"{int(number.value):,}", number)


def millions(value: object) -> Shown:
    """A large count in words: 134515008 -> 135 million, 1.7e9 -> 1.7 billion."""
    number = as_number(value, "millions")
    if number.value < 1000:
        return count(number)
    if number.value < 999_500:
        return Shown(f"{rounded(number.value / 1e3, 0)} thousand", number)
    if number.value < 999_500_000:
        digits = 1 if number.value < 9.95e6 else 0
        return Shown(f"{_short(rounded(number.value / 1e6, digits))} million", number)
    return Shown(f"{_short(rounded(number.value / 1e9, 1))} billion", number)


def _short(value: Decimal) -> str:
    """Without a zero after the point: 1.0 -> 1, 135 -> 135."""
    return str(value).removesuffix(".0")


def money(value: object, currency: str = "$", digits: int = 0) -> Shown:
    """An amount of money: 5000 -> $5,000; below one unit with two digits: 0.131 -> $0.13."""
    number = as_number(value, "money")
    if digits == 0 and 0 < abs(number.value) < 1:
        digits = 2
    amount = rounded(abs(number.value), digits)
    if amount == 0 and number.value:
        return Shown(f"<{currency}{Decimal(1).scaleb(-digits)}", number)
    sign = "-" if number.value < 0 else ""
    return Shown(f"{sign}{currency}{amount:,}", number)


def seconds(value: object) -> Shown:
    """A time: 0.48 -> 0.5 s, 42.3 -> 42 s, 655 -> 11 min, 7300 -> 2.0 h."""
    number = as_number(value, "seconds")
    if number.value < 0.05:
        return Shown(f"{rounded(number.value * 1000, 0)} ms", number)
    if number.value < 10:
        return Shown(f"{rounded(number.value, 1)} s", number)
    if number.value < 90:
        return Shown(f"{rounded(number.value, 0)} s", number)
    if number.value < 5400:
        return Shown(f"{rounded(number.value / 60, 0)} min", number)
    return Shown(f"{rounded(number.value / 3600, 1)} h", number)


def gib(value: object) -> Shown:
    """Bytes in GiB: 4294967296 -> 4.0 GiB; below a tenth in MiB."""
    number = as_number(value, "gib")
    if number.value < 0.1 * 2**30:
        return Shown(f"{rounded(number.value / 2**20, 0)} MiB", number)
    return Shown(f"{rounded(number.value / 2**30, 1)} GiB", number)


def interval(value: object, digits: int = 2, style: str = "num") -> Shown:
    """The 95% interval: 0.90–0.98, or with style "pct" 90–98%."""
    number = as_number(value, "interval")
    if number.low is None or number.high is None:
        raise TalkError(f"{number.at} has no interval", hint="only rates and scores have one")
    scale = 100 if style == "pct" else 1
    places = max(digits - 2, 0) if style == "pct" else digits
    low, high = (_end(v, places, scale) for v in (number.low, number.high))
    return Shown(f"{low}–{high}{'%' if style == 'pct' else ''}", number)


def _end(value: float, digits: int, scale: int) -> str:
    """An end of an interval, not rounded to 0 or 1 where it isn't there."""
    text = _kept_off_ends(value, digits, scale, 0, scale)
    if text.startswith((">", "<")):
        mode = ROUND_FLOOR if text.startswith(">") else ROUND_CEILING
        exact = Decimal(repr(float(value))) * scale
        return str(exact.quantize(Decimal(1).scaleb(-(digits + 1)), mode))
    return text


def spoken(value: object, style: str = "") -> Shown:
    """As a person says it: 0.933 -> ninety-three point three percent, 5574 -> five thousand….

    Styles: "pct" (default for shares), "score" (zero point nine five), "count" (default for whole
    numbers), "about" (two significant digits), "range" (the interval), "seconds" (half a
    second, eleven minutes).
    """
    number = as_number(value, "spoken")
    whole = number.value == int(number.value) and not number.is_share
    style = style or ("pct" if number.is_share else "count" if whole else "score")
    match style:
        case "pct":
            text = f"{_said(str(pct(number)).rstrip('%').removesuffix('.0'))} percent"
        case "range":
            low, high = str(interval(number, 2, "pct")).rstrip("%").split("–")
            text = f"{_said(low)} to {_said(high)} percent"
        case "score":
            text = _said(str(num(number)))
        case "count":
            text = _said(str(count(number)))
        case "about" if number.is_share:
            text = f"{_said(str(pct(number, 0)).rstrip('%').removesuffix('.0'))} percent"
        case "about":
            size = len(str(abs(int(number.value)))) - 2
            text = _said(
                str(rounded(number.value, -size) if size > 0 else rounded(number.value, 0))
            )
        case "millions":
            amount, _, unit = str(millions(number)).partition(" ")
            text = f"{_said(amount)} {unit}".strip()
        case "seconds":
            text = _said_time(str(seconds(number)), number.value)
        case _:
            raise TalkError(
                f"unknown style `{style}` of `spoken`",
                hint="pct, score, range, count, about, millions or seconds",
            )
    return Shown(text, number)


def _said(digits: str) -> str:
    from num2words import num2words

    prefix = ""
    for sign, word in ((">", "over "), ("<", "under ")):
        if digits.startswith(sign):
            prefix, digits = word, digits.removeprefix(sign)
    said = str(num2words(Decimal(digits.replace(",", ""))))
    return prefix + said.replace(",", "")


def _said_time(text: str, value: float) -> str:
    if 0.45 <= value < 0.55:
        return "half a second"
    amount, unit = text.split()
    name = {"ms": "millisecond", "s": "second", "min": "minute", "h": "hour"}[unit]
    amount = amount.removesuffix(".0")
    return f"{_said(amount)} {name}{'' if amount == '1' else 's'}"


FORMATS = {
    "pct": pct,
    "num": num,
    "count": count,
    "millions": millions,
    "seconds": seconds,
    "gib": gib,
    "interval": interval,
    "spoken": spoken,
    "money": money,
}
