"""How a measured number is written. Each rule stands here once; a value is rounded once, here.

Rounding is half to even on the decimal value. A share that is not exactly 0 or 1 is never shown
as 0% or 100%: it gets one more digit, and ">99.9%" where that is not enough; the ends of an
interval neither. Where words claim something ("1.8 to 2.3 times"), ends are rounded outwards. A
value with a unit is converted; one without is taken as the format says. A format never takes
what another format has made.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from pipeline import units
from pipeline.locale import ENGLISH
from pipeline.measured import is_place
from pipeline.numbers.values import Absent, Number, Record, Rows
from pipeline.problems import TalkError
from pipeline.units import SHARE

_HINTS = {"time": "`seconds`", "size": "`gib`", SHARE: "`pct`"}
_CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£"} | {sign: sign for sign in "$€£"}


LARGEST = 1e18  # what is shown in digits


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
        if not abs(value.value) <= LARGEST:
            raise TalkError(f"{value.at} is {value.value:.3g}, too large for digits")
        return value
    if isinstance(value, Shown):
        raise TalkError(f"`{name}` on an already formatted number", hint="use one format")
    if isinstance(value, Absent):
        raise value.refused()
    if value is None:
        raise TalkError(f"`{name}` on a value that is undefined in this run", hint="use {% if %}")
    if isinstance(value, Record | Rows):
        inner = list(value)[:3] if isinstance(value, Record) else ["[0]", "[1]", "…"]
        hint = f"name one of its values: {', '.join(map(str, inner))}"
        raise TalkError(
            f"`{name}` needs a measured number, not a branch or list of them", hint=hint
        )
    hint = "bind it to the run"
    if isinstance(value, int | float):
        hint = "name the value by its place; a number that isn't measured stands without a format"
    raise TalkError(f"`{name}` needs a measured number, not {value!r}", hint=hint)


def _in(number: Number, unit: str, name: str) -> float:
    """The value in `unit`. Raises TalkError for a number of another kind."""
    if not units.fits(number.unit, unit):
        fitting = _HINTS.get(units.kind_of(number.unit), "`with_unit`")
        raise TalkError(
            f"`{name}` on {number.at}, which is in {number.unit}", hint=f"use {fitting} or `num`"
        )
    return units.converted(number.value, number.unit, unit)


def _ends(number: Number, unit: str, name: str) -> tuple[float, float]:
    """The ends of the interval in `unit`. Raises TalkError for a number without one."""
    if number.low is None or number.high is None:
        hint = "rates and scores have one, and what was measured with `repeats`"
        raise TalkError(f"`{name}`: {number.at} has no interval", hint=hint)
    if not max(abs(number.low), abs(number.high)) <= LARGEST:
        raise TalkError(f"`{name}`: the interval of {number.at} is too large for digits")
    low, high = (units.converted(end, number.unit, unit) for end in (number.low, number.high))
    return low, high


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
    share = _in(number, SHARE, "pct")
    if not -1 <= share <= 1:
        raise TalkError(
            f"{number.at} is {number.value:g}, no share of 1", hint="use `num` or `count`"
        )
    text = _kept_off_ends(share, digits, 100, 0, 100)
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
        unit = number.unit if number.unit != SHARE else ""
        fitting = _HINTS.get(units.kind_of(unit), "`with_unit`") if unit else "`num`"
        said = f"{number.value:g} {unit}".rstrip()
        raise TalkError(f"{number.at} is {said}, no whole number", hint=f"use {fitting}")
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


def money(value: object, currency: str = "", digits: int = 0) -> Shown:
    """An amount of money: 5000 -> $5,000; below one unit with two digits: 0.131 -> $0.13.

    The currency is that of the value's unit, else $.
    """
    number = as_number(value, "money")
    own = _CURRENCIES.get(number.unit, "")
    # What is calculated from a time and typed prices may well be money.
    is_other = units.is_known(number.unit) and is_place(number.at)
    if is_other or (own and currency and own != currency):
        hint = _HINTS.get(units.kind_of(number.unit), f"leave {currency} out")
        raise TalkError(f"`money` on {number.at}, which is in {number.unit}", hint=f"use {hint}")
    currency = currency or own or "$"
    if digits == 0 and 0 < abs(number.value) < 1:
        digits = 2
    amount = rounded(abs(number.value), digits)
    if amount == 0 and number.value:
        return Shown(f"<{currency}{Decimal(1).scaleb(-digits)}", number)
    sign = "-" if number.value < 0 else ""
    return Shown(f"{sign}{currency}{amount:,}", number)


def seconds(value: object) -> Shown:
    """A time: 41 ns, 3.2 µs, 30 ms, 0.48 -> 0.5 s, 42.3 -> 42 s, 655 -> 11 min, 7300 -> 2.0 h."""
    number = as_number(value, "seconds")
    time = _in(number, "s", "seconds")
    sign, time = ("-" if time < 0 else ""), abs(time)
    if time < 0.05:
        text = _short_time(time)
        return Shown(f">-{text[1:]}" if sign and text[0] == "<" else sign + text, number)
    if time < 10:
        text = f"{rounded(time, 1)} s"
    elif time < 90:
        text = f"{rounded(time, 0)} s"
    elif time < 5400:
        text = f"{rounded(time / 60, 0)} min"
    else:
        text = f"{rounded(time / 3600, 1)} h"
    return Shown(sign + text, number)


def _short_time(value: float) -> str:
    """A time of less than 0.05 s."""
    if value == 0:
        return "0 ms"
    if value < 1e-11:
        return "<0.01 ns"
    amount, unit = Decimal(), ""
    for name, power in (("ns", 9), ("µs", 6), ("ms", 3)):
        exact, unit = Decimal(repr(value)).scaleb(power), name
        amount = significant(exact, 2) if exact < Decimal("9.95") else exact.quantize(Decimal(1))
        if amount < 1000:
            break
    return f"{amount} {unit}"


def gib(value: object) -> Shown:
    """Bytes in GiB: 4294967296 -> 4.0 GiB; below a tenth in MiB, KiB or bytes."""
    number = as_number(value, "gib")
    size = _in(number, "bytes", "gib")
    if abs(size) < 1024:
        return Shown(f"{rounded(size, 0)} bytes", number)
    if abs(size) < 0.95 * 2**20:
        return Shown(f"{rounded(size / 2**10, 0)} KiB", number)
    if abs(size) < 0.1 * 2**30:
        return Shown(f"{rounded(size / 2**20, 0)} MiB", number)
    return Shown(f"{rounded(size / 2**30, 1)} GiB", number)


def significant(exact: Decimal, digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """A value with so many significant digits: 41.23 -> 41.2, 1234 -> 1230 with three."""
    if not exact:
        return Decimal(0)
    made = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), rounding)
    if made.adjusted() > exact.adjusted():  # 9.96 has become 10.0
        made = made.quantize(Decimal(1).scaleb(made.adjusted() - digits + 1), rounding)
    return (
        made.quantize(Decimal(1))
        if made == made.to_integral() and made.adjusted() >= digits - 1
        else made
    )


# --- With its unit ------------------------------------------------------------------------------


def with_unit(value: object, digits: int = 3, style: str = "") -> Shown:
    """A value in its unit, the prefix chosen: 41.2 ns, 3.20 GB/s, 12,300 messages/s, 93.3%.

    Style "interval": with its interval, 1.50 ± 0.21 ms; where it is lopsided, 1.5 ms (1.4–1.9).
    """
    number = as_number(value, "with_unit")
    if style not in ("", "interval"):
        raise TalkError(f"unknown style `{style}` of `with_unit`", hint='"interval"')
    if units.kind_of(number.unit) == SHARE:
        text = str(pct(number))
        return Shown(f"{text} ({interval(number, style='pct')})" if style else text, number)
    unit = _readable_unit(number, digits)
    exact = _decimal(number, number.value, unit)
    if style:
        return Shown(_with_ends(number, exact, unit, digits), number)
    is_whole = isinstance(number.value, int) and exact == number.value  # as it was counted
    return Shown(_joined(f"{number.value:,}" if is_whole else _amount(exact, digits), unit), number)


def _joined(amount: str, unit: str) -> str:
    return f"{amount} {unit}".rstrip()


def _decimal(number: Number, value: float, unit: str) -> Decimal:
    return Decimal(repr(float(units.converted(value, number.unit, unit))))


def _amount(exact: Decimal, digits: int, rounding: str = ROUND_HALF_EVEN) -> str:
    """Significant digits below the point; above it, all of them stand: 12345.6 -> 12,346."""
    if exact.adjusted() >= digits:
        return f"{exact.quantize(Decimal(1), rounding):,}"
    return f"{significant(exact, digits, rounding):,f}"


def _readable_unit(number: Number, digits: int) -> str:
    """The unit of the same kind in which the value has one to three digits before its point."""
    above, slash, per = units.canonical(number.unit).partition("/")
    family = [name for name in units.family(above) if not slash or name not in ("min", "h")]
    made = above
    for made in family:
        unit = f"{made}{slash}{per}"
        amount = abs(significant(_decimal(number, number.value, unit), digits))
        most = {"s": 120, "min": 120}.get(made, 1000)
        if amount < most or not number.value:
            break
    return f"{made}{slash}{per}"


def _with_ends(number: Number, exact: Decimal, unit: str, digits: int) -> str:
    low, high = _ends(number, number.unit, "with_unit")
    first, last = _decimal(number, low, unit), _decimal(number, high, unit)
    arms = sorted((exact - first, last - exact))
    if arms[1] <= 0:
        return _joined(f"{_amount(exact, digits)} ± 0", unit)
    if arms[0] * Decimal("1.5") >= arms[1]:
        place = Decimal(1).scaleb(min(0, max(arms[1].adjusted() - 1, exact.adjusted() - digits)))
        shown = exact.quantize(place)
        half = max(last - shown, shown - first).quantize(place, ROUND_CEILING)
        return _joined(f"{shown:,f} ± {half:,f}", unit)
    between = f"({_range(first, last, digits)})"
    return f"{_joined(_amount(exact, digits), unit)} {between}"


def _range(low: Decimal, high: Decimal, digits: int) -> str:
    """Both ends, rounded outwards, to the same place."""
    size = max(abs(low), abs(high))
    place = Decimal(1).scaleb(min(0, size.adjusted() - digits + 1)) if size else Decimal(1)
    first, last = low.quantize(place, ROUND_FLOOR), high.quantize(place, ROUND_CEILING)
    return f"{first:,f} to {last:,f}" if first < 0 else f"{first:,f}–{last:,f}"


def interval(
    value: object, digits: int | None = None, style: str = "", level: bool = False
) -> Shown:
    """The interval: 0.90–0.98; in the value's unit: 40.1–43.2 ns; with style "pct" 90–98%.

    `level`: with how often such an interval covers the value: 40.1–43.2 ns (95%). `digits` are
    those after the point, and significant ones where there is a unit.
    """
    number = as_number(value, "interval")
    low, high = _ends(number, number.unit, "interval")
    is_share = units.kind_of(number.unit) == SHARE
    style = style or ("pct" if is_share and number.unit != SHARE else "")
    if style == "pct":
        _in(number, SHARE, "interval")
    if number.unit and not is_share:
        unit = _readable_unit(number, digits or 3)
        first, last = _decimal(number, low, unit), _decimal(number, high, unit)
        text = _joined(_range(first, last, digits or 3), unit)
    else:
        scale, digits = 100 if style == "pct" else 1, 2 if digits is None else digits
        places = max(digits - 2, 0) if style == "pct" else digits
        ends = [_end(end, places, scale) for end in _ends(number, SHARE, "interval")]
        text = (" to " if low < 0 else "–").join(ends) + ("%" if style == "pct" else "")
    return Shown(f"{text} ({100 * number.level:.3g}%)" if level else text, number)


def _end(value: float, digits: int, scale: int) -> str:
    """An end of an interval, not rounded to 0 or 1 where it isn't there."""
    text = _kept_off_ends(value, digits, scale, 0, scale)
    if text.startswith((">", "<")):
        mode = ROUND_FLOOR if text.startswith(">") else ROUND_CEILING
        exact = Decimal(repr(float(value))) * scale
        return str(exact.quantize(Decimal(1).scaleb(-(digits + 1)), mode))
    return text


def times(
    value: object,
    words: str = "",
    style: str = "",
    digits: int = 2,
    *,
    to: str = "to",
    times: str = "times",
    about: str = "about",
    least: str = "at least",
    point: str = ".",
    lead: str = "",
) -> Shown:
    """A ratio in words: 1.8 to 2.3 times as fast; without an interval: about 2 times as fast.

    The ends are rounded outwards, so that the words never claim more than was measured. Styles:
    "low" (at least 1.8 times), "about" (the value alone). The words between can be given:
    `times("so schnell", to="bis", times="-mal", point=",")` is 1,8- bis 2,3-mal so schnell. A talk
    in another language has its own; `lead` stands before the first end.
    """
    number = as_number(value, "times")
    if number.unit or number.value <= 0:
        said = f"is in {number.unit}" if number.unit else f"is {number.value:g}"
        raise TalkError(f"`times` on {number.at}, which {said}", hint="write ratio(a, b) | times")
    if style not in ("", "low", "about"):
        raise TalkError(f"unknown style `{style}` of `times`", hint='"low" or "about"')

    def shown(end: float, rounding: str = ROUND_HALF_EVEN) -> str:
        exact = significant(Decimal(repr(float(end))), digits, rounding)
        text = f"{exact:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.translate(str.maketrans(",.", f"{'.' if point == ',' else ','}{point}"))

    hyphen, gap = ("-", "") if times.startswith("-") else ("", " " if times else "")
    tail = f"{gap}{times}{' ' if words else ''}{words}"
    if style == "low":
        lowest, _ = _ends(number, "", "times")
        return Shown(f"{least} {shown(lowest, ROUND_FLOOR)}{tail}", number)
    if style == "about" or number.low is None or number.high is None:
        return Shown(f"{about} {shown(number.value)}{tail}", number)
    first, last = _ends(number, "", "times")
    low, high = shown(first, ROUND_FLOOR), shown(last, ROUND_CEILING)
    between = f"{low}{hyphen} {to} {high}" if low != high else high
    return Shown(f"{lead}{between}{tail}", number)


def spoken(value: object, style: str = "") -> Shown:
    """As a person says it: 0.933 -> ninety-three point three percent, 5574 -> five thousand….

    Styles: "pct" (default for shares), "score" (zero point nine five), "count" (default for whole
    numbers), "about" (two significant digits), "range" (the interval), "seconds" (half a
    second, eleven minutes, forty-one nanoseconds), "unit" (three point two gigabytes per second),
    "times" (one point eight to two point three times).
    """
    number = as_number(value, "spoken")
    style = style_of(number, style)
    match style:
        case "pct":
            text = f"{_said(str(pct(number)).rstrip('%').removesuffix('.0'))} percent"
        case "range" if units.kind_of(number.unit) in ("", SHARE):
            low, high = re.split("–| to ", str(interval(number, 2, "pct")).rstrip("%"))
            text = f"{_said(low)} to {_said(high)} percent"
        case "range":
            text = _said_with_unit(str(interval(number)))
        case "unit":
            text = _said_with_unit(str(with_unit(number, 2)))
        case "times":
            text = _DIGITS.sub(lambda found: _said(found[0]), str(times(number)))
        case "score":
            text = _said(str(num(number)))
        case "count":
            text = _said(str(count(number)))
        case "about" if number.is_share:
            text = f"{_said(about(number).rstrip('%').removesuffix('.0'))} percent"
        case "about":
            text = _said(about(number))
        case "millions":
            amount, _, unit = str(millions(number)).partition(" ")
            text = f"{_said(amount)} {unit}".strip()
        case "seconds":
            text = _said_time(str(seconds(number)), _in(number, "s", "spoken"))
        case _:
            raise TalkError(
                f"unknown style `{style}` of `spoken`",
                hint="pct, score, range, count, about, millions, seconds, unit or times",
            )
    return Shown(text, number)


def style_of(number: Number, style: str = "") -> str:
    """The style in which `spoken` says a number that is given none."""
    whole = number.value == int(number.value) and not number.is_share
    return style or ("pct" if number.is_share else "count" if whole else "score")


def about(number: Number) -> str:
    """A share without decimals, or two significant digits of another number: 5574 -> 5600."""
    if number.is_share:
        return str(pct(number, 0))
    size = len(str(abs(int(number.value)))) - 2
    return f"{rounded(number.value, -max(size, 0)):f}"


_MOST_DIGITS = 30
_DIGITS = re.compile(r"[<>]?-?[0-9][0-9,]*(?:\.[0-9]+)?")


def _said(digits: str) -> str:
    prefix = ""
    for sign, word in ((">", "over "), ("<", "under ")):
        if digits.startswith(sign):
            prefix, digits = word, digits.removeprefix(sign)
    if digits.startswith("-"):  # num2words has no minus for -0.5
        prefix, digits = f"{prefix}minus ", digits.removeprefix("-")
    if len(digits) > _MOST_DIGITS:
        raise TalkError(f"nobody says {digits[:20]}…", hint="choose another style or unit")
    return prefix + ENGLISH.said(Decimal(digits.replace(",", "")).normalize())


def _said_time(text: str, value: float) -> str:
    return "half a second" if 0.45 <= value < 0.55 else _said_with_unit(text)


def _said_with_unit(text: str) -> str:
    """ "3.2 GB/s" as "three point two gigabytes per second", "40–43 ns" with both ends."""
    if text.endswith("%") and " " not in text:
        return f"{_said(text.removesuffix('%').removesuffix('.0'))} percent"
    amounts, _, unit = text.replace(" to ", "–").partition(" ")
    above, _, per = unit.partition("/")
    amounts = amounts.removesuffix(".0")
    name = units.WORDS.get(above, above)
    name += "s" if above in units.WORDS and amounts != "1" else ""
    name += f" per {units.WORDS.get(per, per)}" if per else ""
    said = " to ".join(_said(amount) for amount in amounts.split("–"))
    return f"{said} {name}".rstrip()


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
    "times": times,
    "with_unit": with_unit,
}
