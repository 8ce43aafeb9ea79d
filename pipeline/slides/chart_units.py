"""How a chart writes its numbers: in one unit for all of them, by a format or to three digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec

from pipeline.locale import Locale, locale_of
from pipeline.numbers.localized import formats_of
from pipeline.numbers.values import Number
from pipeline.problems import TalkError
from pipeline.units import SHARE, canonical, converted, family, fits, kind_of

_BASE = {"seconds": "s", "gib": "bytes"}  # the unit that a format takes
WITH_UNIT = ("seconds", "gib", "pct", "money", "with_unit")  # formats that write a unit
TINY = 0.001  # of the chart's unit: such a value has a unit of its own
MOST = 100_000  # a number with more digits isn't taken in


class Shape(msgspec.Struct, frozen=True):
    """The format that a chart asks for; without a name it is chosen."""

    name: str = ""
    digits: int | None = None


class Figures(msgspec.Struct, frozen=True):
    """The unit that all numbers of a chart are in, and how each is written."""

    unit: str = ""
    shape: Shape = msgspec.field(default_factory=Shape)
    whole: bool = False  # they are counts
    language: str = "en"

    @property
    def locale(self) -> Locale:
        return locale_of(self.language)

    @property
    def is_share(self) -> bool:
        return self.unit == SHARE

    @property
    def shown_unit(self) -> str:
        """The unit as it stands behind the title; empty where each number has it, or none."""
        has_own = self.is_share or self.shape.name in WITH_UNIT
        return "" if has_own else self.unit

    def in_unit(self, value: float | None, unit: str) -> float | None:
        """A value in the chart's unit."""
        if value is None or unit == self.unit:
            return value
        return converted(value, unit, self.unit)

    def written(self, value: float) -> str:
        """Any value in the chart's unit: `41.2`, `1,250`, `93.3%`."""
        if self.shape.name:
            form: Callable[..., object] = self._forms[self.shape.name]
            digits = {} if self.shape.digits is None else {"digits": self.shape.digits}
            exact = round(value) if self.shape.name == "count" else value
            return str(form(self._number(exact), **digits))
        if self.is_share:
            return str(self._forms["pct"](self._number(value)))
        return self.locale.rewritten(self._short(value))

    @property
    def _forms(self) -> Mapping[str, Callable[..., object]]:
        return formats_of(self.locale)

    def _short(self, value: float) -> str:
        """A value without a format, as in English."""
        if self.whole:
            return f"{round(value):,}"
        if 0 < abs(value) < TINY and family(self.unit):
            unit = _fitting(abs(value), self.unit)
            return f"{significant(converted(value, self.unit, unit))} {unit}"
        return significant(value)

    def _number(self, value: float) -> Number:
        return Number("a value of the chart", value, unit=self.unit)

    def tick(self, value: float) -> str:
        """A round value of an axis, as short as it can be."""
        has_own = self.shape.name in (*WITH_UNIT, "millions") and self.shape.name != "pct"
        if has_own and value and not self.is_share:
            return str(self._forms[self.shape.name](self._number(value)))
        return self.locale.rewritten(self._tick(value))

    def _tick(self, value: float) -> str:
        """The same without a format that writes a unit, as in English."""
        if self.shape.name == "pct" or (self.is_share and self.shape.name != "num"):
            return f"{round(100 * value, 6):g}%"
        if value and not 1e-5 <= abs(value) < 1e12:
            mantissa, _, power = f"{value:.0e}".partition("e")
            return f"{mantissa}e{int(power)}"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{round(value, 9):g}"

    def compact(self, x: float) -> str:
        """A place along an axis of numbers, as short as it can be: 2,500, 10k, 1M."""
        for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if abs(x) >= max(size, 1e4) and x % (size / 10) == 0:
                return self.locale.rewritten(f"{x / size:g}") + sign
        return self.locale.rewritten(f"{x:,.0f}" if abs(x) >= 1000 else f"{round(x, 9):g}")


def significant(value: float, digits: int = 3) -> str:
    """A value to three significant digits: 41.234 is 41.2, 38.96 is 39.0, 12345 is 12,345.

    Zeros at its end stay where they were rounded to: 3.0 itself is 3.
    """
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -6 < size < 13:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    text = f"{value:,.{max(digits - 1 - size, 0)}f}"
    is_exact = "." in text and float(text.replace(",", "")) == value
    return text.rstrip("0").rstrip(".") if is_exact else text


def common_unit(
    numbers: Sequence[Number], wanted: str, shape: Shape, *, log: bool = False
) -> Figures:
    """The unit for all numbers of a chart. Raises TalkError where they have none in common."""
    stated = [number for number in numbers if number.unit]
    first = stated[0] if stated else numbers[0]
    bare = next((number for number in numbers if not number.unit), None)
    if stated and bare and not wanted:
        message = f"{first.at} is in {_said(first)}, and {bare.at} has no unit"
        hint = 'say its unit in talk.toml: [measure.NAME.values."PLACE"], or chart it alone'
        raise TalkError(message, hint=hint)
    target = canonical(wanted or _BASE.get(shape.name, "") or first.unit)
    for number in stated:
        if not fits(number.unit, target):
            message = f"{number.at} is in {_said(number)}, which is no {target}"
            if not wanted and target == canonical(first.unit):
                message = f"{first.at} is in {_said(first)}, and {number.at} in {_said(number)}"
            raise TalkError(message, hint="a chart has one unit for all its values")
    if not wanted and not shape.name:
        target = _readable(stated, target, log=log)
    whole = all(isinstance(n.value, int) and n.low is None for n in numbers)
    return Figures(target, shape, whole and all(n.unit in ("", target) for n in numbers))


def _said(number: Number) -> str:
    return "shares" if number.unit == SHARE else canonical(number.unit)


def _readable(numbers: Sequence[Number], unit: str, *, log: bool) -> str:
    """The largest unit in which no value is below 1 and none has six digits.

    Without one, that in which the largest is easily read; of orders of magnitude, the middle one.
    """
    kind = kind_of(unit)
    if kind == "share":
        return SHARE
    if kind not in ("time", "size"):
        return unit
    base = "s" if kind == "time" else "bytes"
    scales = {name: converted(1.0, name, base) for name in {number.unit for number in numbers}}
    sizes = sorted(abs(number.value) * scales[number.unit] for number in numbers)
    least, largest = next((size for size in sizes if size), 0.0), sizes[-1]
    names = family(unit)
    for name in reversed(names):
        enough = 2 if name in ("min", "h") else 1
        if converted(least, base, name) >= enough and converted(largest, base, name) < MOST:
            return name
    wanted = sizes[len(sizes) // 2] if log else largest
    name = _fitting(converted(wanted, base, unit), unit)
    return "s" if name in ("min", "h") else name  # the least would be a part of one


def _fitting(value: float, unit: str) -> str:
    """The largest unit in which a value is at least 1, or the smallest there is."""
    names = family(unit)
    return next((n for n in reversed(names) if converted(value, unit, n) >= 1), names[0])
