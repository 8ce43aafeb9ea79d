"""Units of measured values: what they measure, how one becomes another, which one a name states.

Shares are fractions of 1, times are compared in seconds, sizes in bytes. Standard library alone.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

import msgspec

SHARE = "share"


class Unit(msgspec.Struct, frozen=True):
    """One unit: `kind` is "time", "size", "share", or what a rate is of ("size/time").

    `scale` is how many seconds, bytes or ones it is; 1 for a unit that nothing is known of, whose
    kind is its own name, so that it fits itself alone.
    """

    name: str
    kind: str
    scale: Fraction = Fraction(1)


def _table() -> dict[str, Unit]:
    milli = Fraction(1, 1000)
    time = (("ns", milli**3), ("µs", milli**2), ("ms", milli), ("s", Fraction(1)))
    units = [Unit(name, "time", scale) for name, scale in time]
    units += [Unit("min", "time", Fraction(60)), Unit("h", "time", Fraction(3600))]
    units += [Unit("d", "time", Fraction(86400)), Unit("bytes", "size")]
    for power, prefix in enumerate("kMGTP", 1):
        units.append(Unit(f"{prefix}B", "size", Fraction(1000) ** power))
        units.append(Unit(f"{prefix.upper()}iB", "size", Fraction(1024) ** power))
    units += [Unit(SHARE, "share"), Unit("%", "share", Fraction(1, 100))]
    return {unit.name: unit for unit in units}


# As they are said of one.
WORDS = {"ns": "nanosecond", "µs": "microsecond", "ms": "millisecond", "s": "second"}
WORDS |= {"min": "minute", "h": "hour", "d": "day", "bytes": "byte", "kB": "kilobyte"}
WORDS |= {"MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "PB": "petabyte"}
WORDS |= {"KiB": "kibibyte", "MiB": "mebibyte", "GiB": "gibibyte", "TiB": "tebibyte"}
WORDS |= {"PiB": "pebibyte"}

_UNITS = _table()
_TIMES = ("ns", "µs", "ms", "s", "min", "h")
_SIZES = ("bytes", "kB", "MB", "GB", "TB", "PB")
_BINARY = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")
_SAME = {"us": "µs", "\u03bcs": "µs", "usec": "µs", "msec": "ms", "sec": "s", "B": "bytes"}
_SAME |= {"KB": "kB", "hr": "h", "hrs": "h", "percent": "%", "pct": "%"}
_SAME |= {word: unit for unit, word in WORDS.items()}
_SAME |= {f"{name}s": unit for name, unit in _SAME.items() if len(name) > 2 and name[-1] != "s"}
# What stands in brackets behind a name and is a unit; other words there may be anything.
_ENERGY = "J kJ MJ Wh kWh W mW kW V mV A mA Hz kHz MHz GHz K °C °F"
_OTHERS = f"{_ENERGY} m km cm mm µm nm g kg mg t l ml € $ £ px fps bit kbit Mbit Gbit FLOP".split()
# As the last word of a name these say something else more often: `min` is the least, `d` a number.
_AMBIGUOUS = frozenset(["min", "h", "d", "s", "b", "B", "%", "day", "days", "hour", "hr", "second"])
_SUFFIXES = {name.lower(): name for name in _UNITS if name not in ("%", SHARE)}
_SUFFIXES |= {name.lower(): unit for name, unit in _SAME.items()}
_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*\Z")
_BORDER = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=1024)
def canonical(unit: str) -> str:
    """A unit by the name that it is shown with: "seconds" -> "s", "us" -> "µs", "B" -> "bytes".

    What is not known stays as it is.
    """
    unit = unit.strip()
    if "/" in unit and unit not in _UNITS:
        above, _, below = unit.partition("/")
        return f"{canonical(above)}/{canonical(below)}"
    if unit in _UNITS or unit in _OTHERS:
        return unit
    if unit.islower():
        return _SUFFIXES.get(unit, unit)  # "mb": "Mb" may be a megabit
    return _SAME.get(unit) or _SAME.get(unit.lower(), unit)


def unit_of(name: str) -> Unit:
    """The unit of a name, one that nothing is known of included; "" has the kind ""."""
    name = canonical(name)
    if name in _UNITS:
        return _UNITS[name]
    above, slash, below = name.partition("/")
    if slash and above and below:
        one, other = unit_of(above), unit_of(below)
        return Unit(name, f"{one.kind}/{other.kind}", one.scale / other.scale)
    return Unit(name, name)


def kind_of(unit: str) -> str:
    """ "time", "size", "share", "size/time", …; the unit itself where nothing is known of it."""
    return unit_of(unit).kind


def family(unit: str) -> tuple[str, ...]:
    """The units that a time or a size is written in, the smallest first; of anything else none."""
    if kind_of(unit) == "time":
        return _TIMES
    if kind_of(unit) != "size":
        return ()
    return _BINARY if canonical(unit) in _BINARY[1:] else _SIZES


def is_known(unit: str) -> bool:
    """Whether a unit stands in the table: a time, a size or a share."""
    return canonical(unit) in _UNITS


def fits(unit: str, other: str) -> bool:
    """Whether values of these units can be added and compared; "" fits everything."""
    return not unit or not other or kind_of(unit) == kind_of(other)


def factor(unit: str, to: str) -> Fraction:
    """By what a value in `unit` is multiplied to be one in `to`; 1 where one of them is "".

    Raises ValueError for units that don't fit.
    """
    if not unit or not to:
        return Fraction(1)
    one, other = unit_of(unit), unit_of(to)
    if one.kind != other.kind:
        raise ValueError(f"{one.name} is no {other.name}")
    return one.scale / other.scale


def converted(value: float, unit: str, to: str) -> float:
    """A value in another unit, exact in decimals: converted(93.3, "%", "share") is 0.933.

    A value without a unit is taken as one in `to`. Raises ValueError for units that don't fit.
    """
    by = factor(unit, to)
    return value if by == 1 else float(Fraction(repr(value)) * by)


def product(unit: str, other: str) -> tuple[str, Fraction]:
    """The unit of a product, and what the product is multiplied with: s times messages/s.

    Shares and values without a unit leave the other's unit as it is.
    """
    for one, rate in ((unit, other), (other, unit)):
        if one in ("", SHARE):
            return rate, Fraction(1)
        above, slash, below = rate.partition("/")
        if slash and kind_of(below) == kind_of(one):
            return above, factor(one, below)
    return f"{canonical(unit)}·{canonical(other)}", Fraction(1)


def quotient(unit: str, other: str) -> tuple[str, Fraction]:
    """The unit of a quotient, and what it is multiplied with: ms / ns is none and a million."""
    if not other or (other == SHARE and unit != SHARE):
        return unit, Fraction(1)
    if unit and kind_of(unit) == kind_of(other):
        return "", factor(unit, other)
    above, slash, below = canonical(unit).partition("/")
    if slash and above and kind_of(above) == kind_of(other):
        return f"1/{below}", factor(above, other)
    return f"{canonical(unit) if unit != SHARE and unit else 1}/{canonical(other)}", Fraction(1)


@lru_cache(maxsize=1024)
def unit_of_name(name: str) -> str:
    """The unit that a name states: insert_ns, `time (ms)`, `time [ms]`, peakBytes; "" without one.

    Not every last word is one: `x_min` is a minimum. Where a name is the unit alone (`ns`,
    `seconds`), that is its unit.
    """
    in_brackets = _BRACKETS.search(name)
    if in_brackets:
        unit = canonical(in_brackets[1])
        above, _, below = unit.partition("/")
        is_rate = bool(above and below) and (is_known(below) or below in _OTHERS)
        return unit if is_known(unit) or is_rate or unit in _OTHERS else ""
    words = [word for word in _BORDER.split(name) if word]
    if not words:
        return ""
    last = words[-1]
    is_seconds = last == "s" and len(words) > 1
    if ((last in _AMBIGUOUS or last.lower() in _AMBIGUOUS) and not is_seconds) or last == SHARE:
        return SHARE if last == SHARE else ""
    return _SUFFIXES.get(last.lower(), "")


def lower_is_better(unit: str) -> bool:
    """Whether less of it is better unless said otherwise: of times and sizes, also for each thing.

    A size per time is a throughput, of which more is better.
    """
    kind, _, per = kind_of(unit).partition("/")
    return kind in ("time", "size") and per != "time"
