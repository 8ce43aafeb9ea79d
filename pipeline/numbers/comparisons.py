"""Measured values calculated with and compared: units, intervals and how they were made go along.

Two values are paired where they can be: repeats of one measurement run by run, two classifiers
message by message. Else the interval comes from both values' own, as `pipeline.statistics` says.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from pipeline import statistics, units
from pipeline.measured import Direction, first_name, places_in
from pipeline.problems import TalkError
from pipeline.results import Comparison, Results
from pipeline.statistics import LEVEL, Interval
from pipeline.units import SHARE


def _exactly(do: Callable[[Any, Any], Any]) -> Callable[[float, float], float]:
    """Calculated in decimals, as both are written: 0.95 - 0.8 is 0.15."""

    def done(one: float, other: float) -> float:
        if isinstance(one, int) and isinstance(other, int):
            return int(do(one, other))
        return float(do(Decimal(repr(one)), Decimal(repr(other))))

    return done


_DO: Mapping[str, Callable[[float, float], float]] = {
    "+": _exactly(operator.add),
    "-": _exactly(operator.sub),
    "*": _exactly(operator.mul),
    "/": operator.truediv,
}
_CHANCE = 0.05  # a p at or above this may be chance
_NO, _YES = "0", "1"  # how predictions have a negative and a positive message


class Paired(msgspec.Struct, frozen=True):
    """What a paired test says of the difference of two values of the same cases."""

    difference: Interval
    p: float  # how likely such a difference is by chance: McNemar's, of F1 that of `same_f1`
    decides: bool  # the test is one of these values, and so `p` decides


Pairs = Mapping[tuple[str, str], Paired]  # by the places of both values
NO_PAIRS: Pairs = {}


class Known(Protocol):
    """What is known of a measured value (`values.Number`)."""

    at: str
    value: float
    low: float | None
    high: float | None
    level: float
    hits: int | None
    total: int | None
    unit: str
    how: str
    direction: Direction
    repeats: tuple[int | float, ...]
    shared: float
    pairs: Pairs


class Made(msgspec.Struct, frozen=True):
    """What a calculation gives: value, interval, unit and how they were made."""

    value: float
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    unit: str = ""
    how: str = ""
    direction: Direction = ""
    repeats: tuple[int | float, ...] = ()

    def times(self, factor: float) -> Made:
        """The same in a unit of which `factor` (above zero) are one of this."""
        if factor == 1:
            return self
        low, high = (None if end is None else end * factor for end in (self.low, self.high))
        repeats = tuple(one * factor for one in self.repeats)
        return replace(self, value=self.value * factor, low=low, high=high, repeats=repeats)


class _Pairs(Mapping[tuple[str, str], Paired]):
    """The paired comparisons of a run; each is made when it is asked for: exact tests take time."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._known: dict[tuple[str, str], Paired] = {}
        self._places: dict[tuple[str, str], tuple[Comparison, bool]] = {}
        for one in results.comparisons:
            if one.difference.value is None or one.difference.low is None:
                continue
            # Where no label is positive, F1 is the mean of all labels'.
            is_both = one.metric == "f1" and not results.data.positive
            for metric in (one.metric, "macro_f1") if is_both else (one.metric,):
                places = f"{one.one}.{metric}", f"{one.other}.{metric}"
                self._places[places] = one, False
                self._places[places[::-1]] = one, True

    def __getitem__(self, places: tuple[str, str]) -> Paired:
        if places not in self._known:
            one, back = self._places[places]
            p = _p_of_f1(one, self._results) if one.metric == "f1" else one.mcnemar_p
            self._known[places] = _paired(one, p, back=back)
        return self._known[places]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def pairs_of(results: Results) -> Pairs:
    """The paired comparisons of a run by the places of the values that they compare."""
    return _Pairs(results)


def _p_of_f1(one: Comparison, results: Results) -> float | None:
    """The exact p of two F1 of the positive label; None where a bootstrap alone is had."""
    place, _, name = one.one.rpartition(".")
    kept, other = results.predictions.get(place or "test"), one.other.rpartition(".")[2]
    if not (results.data.positive and kept and {name, other} <= kept.said.keys()):
        return None
    seen = Counter(zip(kept.truth, kept.said[name], kept.said[other], strict=True))
    return statistics.same_f1(
        seen[_YES, _YES, _YES],
        seen[_NO, _YES, _YES],
        kept.truth.count(_YES),
        (seen[_YES, _YES, _NO], seen[_YES, _NO, _YES]),
        (seen[_NO, _YES, _NO], seen[_NO, _NO, _YES]),
    )


def _paired(one: Comparison, p: float | None, *, back: bool) -> Paired:
    score, only, how = one.difference, (one.only_one, one.only_other), one.how
    if one.metric == "f1" and p is not None:
        how = f"{how.partition(';')[0]}; exact test by swapping what only one of them got right"
    against = _against(one.mcnemar_p if p is None else p, *(reversed(only) if back else only))
    made = Interval(score.value or 0.0, score.low, score.high, LEVEL, f"{how}: {against}")
    decides = p is not None
    return Paired(_negative(made) if back else made, one.mcnemar_p if p is None else p, decides)


def _against(p: float, only_one: int, only_other: int) -> str:
    return f"p = {p:.2g}, {only_one:,} against {only_other:,}"


def _negative(one: Interval) -> Interval:
    low, high = (None if end is None else -end for end in (one.high, one.low))
    return Interval(-one.value, low, high, one.level, one.how)


# --- Calculations -------------------------------------------------------------------------------


def calculated(one: Known | float, sign: str, other: Known | float) -> Made:
    """`one` sign `other`, where at least one is measured; a plain number has no uncertainty.

    Raises TalkError for units that don't fit and for a division by zero.
    """
    unit, factor, by = _units(one, sign, other)
    if sign == "/" and _value(other) == 0:
        raise TalkError(f"{_at(one)} is divided by zero", hint="guard it with {% if %}")
    if isinstance(one, int | float) or isinstance(other, int | float):
        made = _with_constant(one, sign, other)
        return _finite(replace(made, unit=unit).times(factor))
    do, direction = _DO[sign], _direction(one, sign, other)
    made = Made(do(one.value, other.value * by), direction=direction)
    paired = pair_of(one, other) if sign == "-" else None
    if paired:
        found = paired.difference
    elif are_paired(one, other) and not (_is_of_cases(one) and _is_of_cases(other)):
        repeats = _repeats(do, one.repeats, [run * by for run in other.repeats])
        shared = max(one.shared, other.shared)
        found = _of_repeats(sign, one.repeats, [run * by for run in other.repeats], shared)
        made = replace(made, repeats=repeats)
    else:
        found = _of_intervals(sign, one, other, by)
    made = replace(made, how=found.how)
    if found.low is not None and found.high is not None:
        low, high = min(found.low, made.value), max(found.high, made.value)
        made = replace(made, low=low, high=high, level=found.level)
    return _finite(replace(made, unit=unit).times(factor))


def _finite(made: Made) -> Made:
    """Without an interval that has no end, and without runs that a number can't hold."""
    ends = (made.low, made.high)
    if any(end is not None and not math.isfinite(end) for end in ends):
        made = replace(made, low=None, high=None)
    if not all(map(math.isfinite, made.repeats)):
        made = replace(made, repeats=())
    return made


def are_paired(one: Known, other: Known) -> bool:
    """Whether two values are from the same runs of one measurement."""
    count = len(one.repeats)
    return 1 < count == len(other.repeats) and measurement_name(one.at) == measurement_name(
        other.at
    )


def pair_of(one: Known, other: Known) -> Paired | None:
    """What a paired test says of two values: the run's own, or of single cases, right or wrong.

    The cases are the repeats of shares that are 1 or 0 each.
    """
    found = one.pairs.get((one.at, other.at))
    if found or not (are_paired(one, other) and _is_of_cases(one) and _is_of_cases(other)):
        return found
    cases = Counter(zip(one.repeats, other.repeats, strict=True))
    only_one, only_other = cases[1, 0], cases[0, 1]
    p = statistics.mcnemar(only_one, only_other)
    made = statistics.difference_of_cases(only_one, only_other, len(one.repeats))
    how = f"{made.how}; McNemar's exact test: {_against(p, only_one, only_other)}"
    return Paired(replace(made, how=how), p, decides=True)


def _is_of_cases(one: Known) -> bool:
    return one.unit == SHARE and set(one.repeats) <= {0, 1}


def measurement_name(at: str) -> str:
    """The first name in a place or an expression of places: `hash` of `(hash.a - hash.b) / 2`."""
    return first_name(next(places_in(at), ""))


def _units(one: Known | float, sign: str, other: Known | float) -> tuple[str, float, float]:
    """The unit of a result, by what it is multiplied, and `other` before it is added."""
    left, right = ("" if isinstance(v, int | float) else v.unit for v in (one, other))
    if sign in "+-":
        if not units.fits(left, right):
            raise _misfit(one, other)
        return left or right, 1, _plain(units.factor(right, left))
    if sign == "*":
        unit, factor = units.product(left, right)
    else:
        unit, factor = units.quotient(left, right)
    if SHARE in (left, right) and unit == SHARE and not (left == right == SHARE):
        unit = ""  # a share times or by a plain number may be anything
    return unit, _plain(factor), 1


def _plain(factor: Fraction) -> float:
    """Whole where it is, so that whole values stay whole."""
    return int(factor) if factor.denominator == 1 else float(factor)


def _misfit(one: Known | float, other: Known | float) -> TalkError:
    said = [v if isinstance(v, int | float) else f"{v.at} ({v.unit})" for v in (one, other)]
    return TalkError(f"{said[0]} and {said[1]}: their units don't fit", hint="compare like things")


def _value(one: Known | float) -> float:
    return one if isinstance(one, int | float) else one.value


def _at(one: Known | float) -> str:
    return str(one) if isinstance(one, int | float) else one.at


def _with_constant(one: Known | float, sign: str, other: Known | float) -> Made:
    """A measured value with a plain number: its interval is moved or stretched."""
    known = other if isinstance(one, int | float) else one
    assert not isinstance(known, int | float)
    do = _DO[sign]

    def moved(value: float) -> float:
        return do(one, value) if isinstance(one, int | float) else do(value, _value(other))

    made = Made(moved(known.value), how=known.how, direction=_moved_direction(one, sign, other))
    is_divisor = isinstance(one, int | float) and sign == "/"
    # Cases, right or wrong, that are no more 1 or 0 have a median that says nothing of them.
    is_kept = sign in "+-" or not _is_of_cases(known)
    if is_kept and not (is_divisor and any(run == 0 for run in known.repeats)):
        made = replace(made, repeats=tuple(moved(run) for run in known.repeats))
    if known.low is None or known.high is None:
        return made
    if is_divisor and min(known.low, known.high) <= 0 <= max(known.low, known.high):
        return made
    low, high = sorted((moved(known.low), moved(known.high)))
    return replace(made, low=low, high=high, level=known.level)


_OPPOSITE: Mapping[Direction, Direction] = {"": "", "up": "down", "down": "up"}


def _direction(one: Known, sign: str, other: Known) -> Direction:
    """Which way is better of what is calculated from two values, as far as they say it."""
    left, right = one.direction, other.direction
    if sign in "-/":  # the more of what is taken off or divided by, the less of the result
        if left and right:
            return left if sign == "-" else ""
        return left or _OPPOSITE[right]
    return left or right if not (left and right) or left == right else ""


def _moved_direction(one: Known | float, sign: str, other: Known | float) -> Direction:
    """Which way is better of a value with a plain number: 1 - x turns it round, and so does -x."""
    if not isinstance(one, int | float):
        is_turned = sign in "*/" and _value(other) < 0
        return _OPPOSITE[better_direction(one)] if is_turned else one.direction
    assert not isinstance(other, int | float)
    if sign == "+":
        return other.direction
    if (sign == "*") == (one > 0) or (sign == "/" and one < 0):
        return other.direction
    return _OPPOSITE[better_direction(other)]


def _repeats(
    do: Callable[[float, float], float], one: Sequence[float], other: Sequence[float]
) -> tuple[float, ...]:
    try:
        return tuple(do(a, b) for a, b in zip(one, other, strict=True))
    except ZeroDivisionError:
        return ()


def _of_repeats(sign: str, one: Sequence[float], other: Sequence[float], shared: float) -> Interval:
    if sign in "*/":
        if min(*one, *other) <= 0:
            return Interval(math.nan)
        divisors = other if sign == "/" else [1 / run for run in other]
        if not all(map(math.isfinite, divisors)):
            return Interval(math.nan)
        return statistics.ratio_of_pairs(one, divisors)
    others = other if sign == "-" else [-run for run in other]
    return statistics.difference_of_pairs(one, others, shared)


def _of_intervals(sign: str, one: Known, other: Known, by: float) -> Interval:
    left = Interval(one.value, one.low, one.high, one.level)
    right = Made(other.value, other.low, other.high, other.level).times(by)
    if are_paired(one, other) or set(places_in(one.at)) & set(places_in(other.at)):
        return _of_dependent(sign, left, _interval(right))
    if sign == "-":
        counts = (one.hits, one.total, other.hits, other.total)
        if one.unit == other.unit == SHARE and None not in counts and one.total and other.total:
            return statistics.difference_of_shares(*(count or 0 for count in counts))
        return statistics.difference(left, _interval(right))
    if sign == "+":
        return statistics.difference(left, _negative(_interval(right)))
    if sign == "/":
        return statistics.ratio(left, _interval(right))
    if right.low is None or right.high is None or min(right.low, right.value, right.high) <= 0:
        return Interval(math.nan)
    reciprocal = Interval(1 / right.value, 1 / right.high, 1 / right.low, right.level)
    return statistics.ratio(left, reciprocal)


def _of_dependent(sign: str, one: Interval, other: Interval) -> Interval:
    """Of values of the same cases, or of two in which the same value stands."""
    if sign == "/" and (other.low or 0.0) <= 0 <= (other.high or 0.0):
        return Interval(math.nan)
    return statistics.outermost(one, other, _DO[sign])


def _interval(made: Made) -> Interval:
    return Interval(made.value, made.low, made.high, made.level)


# --- Comparisons --------------------------------------------------------------------------------


class Outcome(msgspec.Struct, frozen=True):
    """How two values compare: `sign` is 1 where the first is higher, -1 lower, 0 neither.

    Where the difference may be chance, `is_close` says so; `says` is the difference with its
    interval and method, "" where neither has one.
    """

    sign: int
    is_close: bool
    says: str


def compared(one: Known, other: Known | float) -> Outcome:
    """Two values by the uncertainty of their difference; a plain number has none.

    Raises TalkError for units that don't fit.
    """
    made = calculated(one, "-", other)
    sign = (made.value > 0) - (made.value < 0)
    paired = None if isinstance(other, int | float) else pair_of(one, other)
    if made.low is None or made.high is None:
        made = _one_sided(made, one, other)
    found = statistics.widened(Interval(made.value, made.low, made.high, made.level, made.how))
    unit = f" {made.unit}" if made.unit not in ("", SHARE) else ""
    says = f"difference {_signed(made.value)}{unit}"
    if found.low is None or found.high is None:
        return Outcome(sign, False, f"{says}, {made.how}" if made.how else "")
    says += f" ({_signed(found.low)} to {_signed(found.high)})"
    says += f", {found.how}" if found.how else ""
    is_certain = found.low > 0 or found.high < 0
    return Outcome(sign, paired.p >= _CHANCE if paired and paired.decides else not is_certain, says)


def _one_sided(made: Made, one: Known, other: Known | float) -> Made:
    """The difference where one value alone has an interval: the other is taken as exact."""
    if isinstance(other, int | float) or (one.low is None) == (other.low is None):
        return made
    _, _, by = _units(one, "-", other)
    if one.low is not None and one.high is not None:
        known, low, high = one, one.low - other.value * by, one.high - other.value * by
    elif other.low is not None and other.high is not None:
        known, low, high = other, one.value - other.high * by, one.value - other.low * by
    else:
        return made
    how = "from the one interval that there is"
    return replace(made, low=low, high=high, level=known.level, how=how)


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def better_direction(*numbers: Known) -> Direction:
    """Which way is better of values that are compared: as they say, else by their units.

    Raises TalkError where one is better up and another down.
    """
    found: dict[Direction, Known] = {}
    for number in numbers:
        is_down = units.lower_is_better(number.unit)
        way: Direction = number.direction or ("down" if is_down else "")
        if way:
            found.setdefault(way, number)
    if len(found) > 1:
        up, down = found["up"], found["down"]
        raise TalkError(
            f"{up.at} is better when it is higher, {down.at} when it is lower",
            hint="compare values of one kind, or set `direction` in [measure.NAME.values]",
        )
    return next(iter(found), "up")
