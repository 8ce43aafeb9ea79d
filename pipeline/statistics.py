"""Intervals and paired comparisons of measured values, each method with its source."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist, fmean, median, stdev

import msgspec
from msgspec.structs import replace

LEVEL = 0.95
Z = 1.959963984540054  # 97.5% quantile of the normal distribution
# The same of Student's t by degrees of freedom.
_T = {1: 12.706204736174705, 2: 4.302652729749464, 3: 3.182446305283710, 4: 2.776445105197793}
_MOST_WAYS = 50_000  # to part cases between two classifiers; of more, a bootstrap is good
_LARGEST = 1e150  # squares of more than that are no number
_T_RUNS = 5  # up to so many runs no pair of order statistics covers the median often enough


class Interval(msgspec.Struct, frozen=True):
    """A value with an interval that covers it with probability `level`; None: it has none."""

    value: float
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    how: str = ""  # how value and interval were made, in a few words


# --- Repeats ------------------------------------------------------------------------------------


def interval_of_repeats(values: Sequence[float], least: float | None = None) -> Interval:
    """The median of repeated runs with its interval; one run has none.

    From six runs on it is the interval between two order statistics, the narrowest symmetric one
    that covers the median of any distribution with at least 95%; its exact level is stated
    (David & Nagaraja 2003, "Order Statistics", section 7.1). Two to five runs can't give that:
    Student's t around the mean (Student 1908), which takes runs as normally distributed. The
    median lies in it: it is less than one standard deviation from the mean.

    Where it would have no width there is none: runs that are all the same have no chance in them,
    or differ by less than what measured them can tell. Which, they don't say.

    `least`: what no value can be below, such as 0 for a time. Raises ValueError without a value.
    """
    made = _of_runs(values, least)
    if made.low is None or made.low != made.high:
        return made
    how = f"{made.how.partition(',')[0]}, in steps too coarse for an interval"
    return Interval(made.value, how=how)


def _of_runs(values: Sequence[float], least: float | None = None) -> Interval:
    """The same, where it may have no width."""
    if not values:
        raise ValueError("no runs")
    runs, middle = sorted(values), median(values)
    count = len(runs)
    if count == 1 or not max(-runs[0], runs[-1]) < _LARGEST:
        return Interval(middle, how="one run" if count == 1 else f"median of {count} runs")
    if runs[0] == runs[-1]:
        return Interval(middle, how=f"the same in {count} runs")
    if count <= _T_RUNS:
        mean, half = fmean(runs), _T[count - 1] * stdev(runs) / math.sqrt(count)
        low, high = mean - half, mean + half
        low = low if least is None else max(low, min(least, runs[0]))
        how = f"median of {count} runs, interval of their mean by Student's t"
        return Interval(middle, min(low, middle), max(high, middle), LEVEL, how)
    rank, level = _ranks(count)
    low, high = runs[rank - 1], runs[count - rank]
    return Interval(middle, low, high, level, f"median of {count} runs, interval by their order")


def _ranks(count: int) -> tuple[int, float]:
    """The largest rank, from 1, so that it and its opposite cover the median; and how often."""
    rank = max(1, int((count - Z * math.sqrt(count)) / 2) - 1)  # below it, as the normal has it
    while 1 - 2 * _missed(rank + 1, count) >= LEVEL:
        rank += 1
    return rank, 1 - 2 * _missed(rank, count)


def _missed(rank: int, count: int) -> float:
    """How often the value of this rank lies above the median: fewer than `rank` lie below it."""
    below, missed = rank - 1, 0.0
    if count <= 1000:
        term: float = math.comb(count, below) / 2**count
    else:  # the exact one takes seconds
        log = math.lgamma(count + 1) - math.lgamma(below + 1) - math.lgamma(count - below + 1)
        term = math.exp(log - count * math.log(2))
    while below >= 0 and missed + term != missed:
        missed += term
        term *= below / (count - below + 1)
        below -= 1
    return missed


def interval_of_mean(
    values: Sequence[float],
    least: float | None = None,
    most: float | None = None,
    shared: float = 0.0,
) -> Interval:
    """The mean of several values with Student's t interval (Student 1908); one value has none.

    It takes them as normally distributed, as means of seeds and splits about are, and as
    independent. Random splits of one collection are not: `shared`, the test messages of a split
    for each that was learned from, is added to one over their number, as Nadeau & Bengio do (2003,
    "Inference for the generalization error", Machine Learning 52).

    `least` and `most`: what no value can be below or above, such as 0 and 1 for a share. Values
    that are all the same give no interval: they don't say how much chance is in them.

    Raises ValueError without a value.
    """
    if not values:
        raise ValueError("no values")
    count, mean = len(values), fmean(values)
    if count == 1 or min(values) == max(values):
        return Interval(mean, how="one value" if count == 1 else f"the same in {count}")
    half = _t(count - 1) * stdev(values) * math.sqrt(1 / count + shared)
    low, high = mean - half, mean + half
    low = low if least is None else min(mean, max(low, least))
    high = high if most is None else max(mean, min(high, most))
    return Interval(mean, low, high, LEVEL, f"mean of {count}, interval by {_by_t(shared)}")


def _by_t(shared: float) -> str:
    return f"Student's t{', as splits share messages (Nadeau & Bengio)' if shared else ''}"


def _t(freedom: int) -> float:
    """The 97.5% quantile of Student's t; from five degrees of freedom on to four digits.

    Abramowitz & Stegun 1964, "Handbook of Mathematical Functions", 26.7.5.
    """
    if freedom in _T:
        return _T[freedom]
    z, z3, z5, z7, z9 = (Z**power for power in (1, 3, 5, 7, 9))
    terms = (
        (z3 + z) / 4,
        (5 * z5 + 16 * z3 + 3 * z) / 96,
        (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384,
        (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160,
    )
    return float(z + sum(term / freedom**power for power, term in enumerate(terms, 1)))


# --- Differences and ratios ---------------------------------------------------------------------


def difference_of_pairs(
    one: Sequence[float], other: Sequence[float], shared: float = 0.0
) -> Interval:
    """`one` - `other` from runs that belong together pairwise: their differences' interval.

    `shared`: the runs are splits that share messages, as `interval_of_mean` has it. Raises
    ValueError for unequal numbers of runs.
    """
    apart = [a - b for a, b in zip(one, other, strict=True)]
    if shared and len(set(apart)) > 1:
        made = interval_of_mean(apart, shared=shared)
        return replace(made, how=f"paired over {len(one)} splits, interval by {_by_t(shared)}")
    made = _of_runs(apart)
    return replace(made, how=_paired(len(one), made))


def ratio_of_pairs(one: Sequence[float], other: Sequence[float]) -> Interval:
    """`one` / `other` from runs that belong together pairwise: from the logs of their ratios.

    Raises ValueError for unequal numbers of runs and for values that are not above zero.
    """
    if min(*one, *other) <= 0:
        raise ValueError("a ratio needs values above zero")
    # Rounded where floats end, so that equal ratios are equal.
    logs = [round(math.log(a) - math.log(b), 12) for a, b in zip(one, other, strict=True)]
    made = _of_runs(logs)
    low, high = (None if end is None else _exp(end) for end in (made.low, made.high))
    if high == math.inf:
        return Interval(_exp(made.value))
    return Interval(_exp(made.value), low, high, made.level, _paired(len(one), made))


def _exp(value: float) -> float:
    """e ** value; infinite where that is too large."""
    return math.exp(value) if value < 700 else math.inf


def _paired(count: int, made: Interval) -> str:
    if made.low is None:
        return f"paired over {count} repeats: {made.how}"
    by = "their order" if count > _T_RUNS else "Student's t"
    return f"paired over {count} repeats, interval by {by}"


def difference(one: Interval, other: Interval) -> Interval:
    """`one` - `other` of independent values, propagated from both intervals; none without both.

    MOVER, the method of variance estimates recovery: Zou & Donner 2008, "Construction of
    confidence limits about effect measures: a general approach", Statistics in Medicine 27.
    For two shares with Wilson's intervals it is Newcombe's method 10 (1998, same journal, 17).
    """
    value = one.value - other.value
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Interval(value)
    low = value - math.hypot(one.value - one.low, other.high - other.value)
    high = value + math.hypot(one.high - one.value, other.value - other.low)
    return Interval(value, low, high, min(one.level, other.level), _MOVER)


_MOVER = "from both intervals, taken as independent (MOVER)"


def ratio(one: Interval, other: Interval) -> Interval:
    """`one` / `other` of independent values: MOVER on their logs; none without both intervals.

    None either where a value, or the lower end of the divisor, is not above zero: the ratio has
    no upper end then. A lower end of `one` at or below zero gives one at 0.

    Raises ZeroDivisionError for a divisor of zero.
    """
    value = one.value / other.value
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Interval(value)
    if min(one.value, one.high, other.value, other.low, other.high) <= 0:
        return Interval(value)
    first, last = math.log(one.value), math.log(other.value)
    up = math.hypot(math.log(one.high) - first, last - math.log(other.low))
    down = math.inf
    if one.low > 0:
        down = math.hypot(first - math.log(one.low), math.log(other.high) - last)
    low, high = _exp(first - last - down), _exp(first - last + up)
    if high == math.inf:
        return Interval(value)
    return Interval(value, min(low, value), max(high, value), min(one.level, other.level), _MOVER)


def outermost(one: Interval, other: Interval, do: Callable[[float, float], float]) -> Interval:
    """`do` of two values that depend on each other in a way that isn't known.

    From the ends of both that lie farthest apart. It covers at least as often as both of them do
    (Bonferroni), however they depend on each other. None without both, nor where `do` divides by
    an interval with zero in it.
    """
    value, level = do(one.value, other.value), one.level + other.level - 1
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Interval(value)
    try:
        ends = [do(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    except ZeroDivisionError:
        return Interval(value)
    how = "from the outermost ends of both, which depend on each other"
    return Interval(value, min(ends), max(ends), level, how)


def widened(one: Interval, level: float = LEVEL) -> Interval:
    """An interval of less than `level` stretched to it, as if it were a normal distribution's."""
    if one.low is None or one.high is None or one.level >= level:
        return one
    by = NormalDist().inv_cdf((1 + level) / 2) / NormalDist().inv_cdf((1 + one.level) / 2)
    low, high = one.value - by * (one.value - one.low), one.value + by * (one.high - one.value)
    return Interval(one.value, low, high, level, f"{one.how}, widened to {level:.0%}")


# --- Counted cases ------------------------------------------------------------------------------


def wilson(hits: int, total: int) -> Interval:
    """A share with Wilson's score interval; raises ZeroDivisionError for no cases.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    share = hits / total
    spread = 1 + Z**2 / total
    centre = (share + Z**2 / (2 * total)) / spread
    half = Z / spread * math.sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    # Rounding may leave a bound a hair on the wrong side of the share itself.
    low = 0.0 if hits == 0 else min(share, max(0.0, centre - half))
    high = 1.0 if hits == total else max(share, min(1.0, centre + half))
    return Interval(share, low, high, LEVEL, "Wilson's interval")


def difference_of_shares(hits: int, total: int, other_hits: int, other_total: int) -> Interval:
    """The difference of two shares of different cases.

    Newcombe 1998, "Interval estimation for the difference between independent proportions:
    comparison of eleven methods", Statistics in Medicine 17, method 10.
    """
    made = difference(wilson(hits, total), wilson(other_hits, other_total))
    return Interval(made.value, made.low, made.high, LEVEL, "from both counts (Newcombe)")


def mcnemar(only_one: int, only_other: int) -> float:
    """The exact two-sided p of two classifiers on the same cases being right equally often.

    `only_one`: cases that only the first gets right; `only_other`: only the second. McNemar 1947,
    "Note on the sampling error of the difference between correlated proportions"; exact: the
    binomial test of the cases on which they differ.
    """
    count, fewer = only_one + only_other, min(only_one, only_other)
    if count == 0:
        return 1.0
    term = tail = 1
    for hit in range(fewer):
        term = term * (count - hit) // (hit + 1)
        tail += term
    return float(min(1.0, 2 * tail / 2**count))


def difference_of_cases(only_one: int, only_other: int, total: int) -> Interval:
    """How much more often one is right than another on the same `total` cases.

    Bonett & Price 2012, "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data", Journal of Educational and Behavioral Statistics 37.
    """
    value = (only_one - only_other) / total
    one, other = (only_one + 1) / (total + 2), (only_other + 1) / (total + 2)
    half = Z * math.sqrt((one + other - (one - other) ** 2) / (total + 2))
    low, high = max(-1.0, one - other - half), min(1.0, one - other + half)
    how = f"paired over {total:,} cases (Bonett & Price)"
    return Interval(value, min(value, low), max(value, high), LEVEL, how)


@lru_cache(maxsize=256)
def same_f1(
    hits: int, alarms: int, positive: int, only_hits: tuple[int, int], only_alarms: tuple[int, int]
) -> float | None:
    """The two-sided p of two classifiers on the same cases having the same F1; None: too many.

    Both find `hits` of the `positive` cases and raise `alarms` false alarms; `only_hits` and
    `only_alarms` are those of one of them alone. If nothing tells the two apart, each of these
    might as well be the other's: how often do their F1 then lie as far apart as they do? Noreen
    1989, "Computer-Intensive Methods for Testing Hypotheses"; Yeh 2000, "More accurate tests for
    the statistical significance of result differences"; exact, as all ways are counted. Of few
    such cases a percentile bootstrap is too sure: 4 against 0 would be a win, at p = 0.125.
    """
    found, raised = sum(only_hits), sum(only_alarms)
    if (found + 1) * (raised + 1) > _MOST_WAYS:
        return None

    def apart(one_found: int, one_raised: int) -> float:
        tp = hits + one_found, hits + found - one_found
        said = tp[0] + alarms + one_raised, tp[1] + alarms + raised - one_raised
        one, other = (
            2 * t / (positive + s) if positive + s else 0.0 for t, s in zip(tp, said, strict=True)
        )
        return abs(one - other)

    least = apart(only_hits[0], only_alarms[0]) - 1e-12
    ways = sum(
        math.comb(found, one_found) * math.comb(raised, one_raised)
        for one_found in range(found + 1)
        for one_raised in range(raised + 1)
        if apart(one_found, one_raised) >= least
    )
    return float(ways / 2 ** (found + raised))
