"""Intervals and tests against values that are published or that other software gives."""

from __future__ import annotations

import math
import operator
from itertools import product
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.statistics import (
    Interval,
    difference,
    difference_of_cases,
    difference_of_pairs,
    difference_of_shares,
    interval_of_mean,
    interval_of_repeats,
    mcnemar,
    outermost,
    ratio,
    ratio_of_pairs,
    same_f1,
    widened,
    wilson,
)

RANKS = [(6, 1, 0.96875), (8, 1, 0.9921875), (9, 2, 0.9609375), (10, 2, 0.978515625)]
RANKS += [(15, 4, 0.96484375), (20, 6, 0.9586105346679688), (25, 8, 0.9567147493362427)]


@pytest.mark.parametrize(("count", "rank", "level"), RANKS)
def test_the_interval_of_a_median_is_by_the_order_of_the_runs(
    count: int, rank: int, level: float
) -> None:
    """Ranks and exact coverage as in the tables of the sign test's confidence interval."""
    made = interval_of_repeats(list(range(1, count + 1)))
    assert (made.value, made.low, made.high) == ((count + 1) / 2, rank, count + 1 - rank)
    assert made.level == level


def test_few_runs_get_students_interval_of_their_mean() -> None:
    """t.interval(0.95, 4, loc=mean, scale=sem) of scipy, for five runs."""
    made = interval_of_repeats([10.1, 9.8, 10.4, 10.0, 9.9])
    assert made.value == 10.0
    assert made.low == pytest.approx(9.754147, abs=1e-6)
    assert made.high == pytest.approx(10.325853, abs=1e-6)
    assert "Student" in made.how


def test_a_bound_is_not_crossed() -> None:
    """Two runs of a time that differ much: the interval doesn't begin below zero."""
    made = interval_of_repeats([1.0, 9.0], least=0)
    assert made.low == 0
    assert made.high is not None
    assert made.high > 50


def test_one_run_has_no_interval_and_neither_have_equal_ones() -> None:
    """One run says nothing of its spread, and equal ones may hide it below a timer's tick."""
    assert interval_of_repeats([3]).low is None
    for count in (2, 5, 6, 30):
        made = interval_of_repeats([7.5] * count)
        assert (made.value, made.low, made.high) == (7.5, None, None)
        assert made.how == f"the same in {count} runs"
    made = interval_of_repeats([1, *[7.5] * 18, 9])
    assert (made.value, made.low) == (7.5, None)
    assert "too coarse" in made.how
    with pytest.raises(ValueError, match="no runs"):
        interval_of_repeats([])


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=40))
def test_a_median_lies_in_its_interval(values: list[float]) -> None:
    """Whatever the runs were, and of however many."""
    made = interval_of_repeats(values)
    if made.low is None:
        assert len(set(values)) < len(values)
        return
    assert made.high is not None
    assert made.low <= made.value <= made.high
    assert 0.95 <= made.level < 1


def test_newcombe() -> None:
    """56/70 against 48/80, the example of Newcombe 1998: 0.0524 to 0.3339."""
    made = difference_of_shares(56, 70, 48, 80)
    assert made.value == pytest.approx(0.2)
    assert made.low == pytest.approx(0.0524, abs=5e-5)
    assert made.high == pytest.approx(0.3339, abs=5e-5)


def test_wilson() -> None:
    """81/263, the example of Newcombe 1998, part one: 0.2553 to 0.3662."""
    made = wilson(81, 263)
    assert (made.low, made.high) == (
        pytest.approx(0.2553, abs=5e-5),
        pytest.approx(0.3662, abs=5e-5),
    )
    assert wilson(0, 10).low == 0
    assert wilson(10, 10).high == 1


def test_a_difference_is_propagated() -> None:
    """By hand: 10 (9 to 12) - 6 (5 to 8)."""
    made = difference(Interval(10, 9, 12), Interval(6, 5, 8, 0.9))
    assert made.value == 4
    assert made.low == pytest.approx(4 - math.sqrt(1 + 4))
    assert made.high == pytest.approx(4 + math.sqrt(4 + 1))
    assert made.level == 0.9
    assert difference(Interval(10, 9, 12), Interval(6)).low is None


def test_what_depends_on_each_other_has_the_outermost_ends() -> None:
    """By hand: 10 (9 to 12) - 6 (5 to 8), at 95% and 96%; nothing without both intervals."""
    made = outermost(Interval(10, 9, 12), Interval(6, 5, 8, 0.96), operator.sub)
    assert (made.value, made.low, made.high, made.level) == (4, 1, 7, pytest.approx(0.91))
    assert outermost(Interval(10, 9, 12), Interval(6), operator.sub).low is None


def test_a_narrow_level_is_widened() -> None:
    """One standard error each way is 68.27%, two (1.96) are 95%; what has 95% stays."""
    made = widened(Interval(10, 9, 12, 0.6826894921))
    assert (made.low, made.high) == (pytest.approx(8.04, abs=1e-3), pytest.approx(13.92, abs=1e-3))
    assert made.level == 0.95
    assert widened(Interval(10, 9, 12, 0.97)) == Interval(10, 9, 12, 0.97)
    assert widened(Interval(10)) == Interval(10)


def test_a_ratio_is_propagated_on_logs() -> None:
    """By hand: 8 (4 to 16) / 2 (1 to 4); both differ by a factor of two."""
    made = ratio(Interval(8, 4, 16), Interval(2, 1, 4))
    assert made.value == 4
    spread = 2 ** math.sqrt(2)
    assert made.low == pytest.approx(4 / spread)
    assert made.high == pytest.approx(4 * spread)


NO_RATIO = [
    (Interval(8), Interval(2, 1, 4)),
    (Interval(-8, -9, -7), Interval(2, 1, 4)),
    (Interval(0, 0, 1), Interval(2, 1, 4)),
    (Interval(8, 7, 9), Interval(2, 0, 4)),
    (Interval(8, 7, 9), Interval(-2, -3, -1)),
    (Interval(8, 7, 1e300), Interval(2e-300, 1e-300, 4e-300)),
]


@pytest.mark.parametrize(("one", "other"), NO_RATIO)
def test_a_ratio_that_could_be_anything_has_no_interval(one: Interval, other: Interval) -> None:
    """Values or ends at or below zero, and ends beyond all bounds: a value alone."""
    made = ratio(one, other)
    assert made.value == one.value / other.value
    assert made.low is made.high is None


def test_a_ratio_from_zero_up_begins_at_zero() -> None:
    """Where only the lower end of the first is 0, the ratio may be 0."""
    made = ratio(Interval(8, 0, 16), Interval(2, 1, 4))
    assert made.low == 0
    assert made.high is not None
    assert made.high > 8


def test_paired_runs_cancel_what_both_share() -> None:
    """Runs that get slower together: each alone is vague, their ratio is exact."""
    one, other = [10, 12, 14, 16, 18, 20.1], [5, 6, 7, 8, 9, 10]
    made = ratio_of_pairs(one, other)
    assert (made.value, made.low, made.high) == tuple(map(pytest.approx, (2, 2, 2.01)))
    apart = ratio(interval_of_repeats(one), interval_of_repeats(other))
    assert apart.low is not None
    assert apart.low < 1.3
    assert "paired over 6 repeats" in made.how
    minus = difference_of_pairs(one, other)
    assert (minus.value, minus.low, minus.high) == (7.5, 5, pytest.approx(10.1))
    same = ratio_of_pairs(one[:5], other[:5])
    assert (same.low, same.how) == (None, "paired over 5 repeats: the same in 5 runs")


def test_pairs_that_are_none_are_refused() -> None:
    """Unequal numbers of runs, and ratios of what isn't above zero."""
    with pytest.raises(ValueError):
        difference_of_pairs([1, 2], [1])
    with pytest.raises(ValueError, match="above zero"):
        ratio_of_pairs([1, 0], [1, 1])


# binomtest(min, n, 0.5).pvalue of scipy.
MCNEMAR = [(1, 3, 0.625), (0, 5, 0.0625), (0, 6, 0.03125), (4, 14, 0.030884), (0, 0, 1), (7, 7, 1)]


@pytest.mark.parametrize(("one", "other", "p"), MCNEMAR)
def test_mcnemar(one: int, other: int, p: float) -> None:
    """The exact test, whichever of the two stands first."""
    assert mcnemar(one, other) == pytest.approx(p, abs=5e-7)
    assert mcnemar(other, one) == mcnemar(one, other)


def test_mcnemar_of_many_cases() -> None:
    """It neither overflows nor takes long."""
    assert mcnemar(49_000, 51_000) < 1e-8


def test_a_win_of_few_messages_in_f1_is_chance() -> None:
    """Four spam messages against none: each could as well be the other's, 2 of 16 ways."""
    assert same_f1(43, 0, 47, (4, 0), (0, 0)) == pytest.approx(2 / 16)
    assert same_f1(43, 0, 47, (0, 4), (0, 0)) == same_f1(43, 0, 47, (4, 0), (0, 0))
    assert same_f1(37, 0, 47, (8, 0), (0, 0)) == pytest.approx(2 / 256)
    assert same_f1(40, 2, 47, (0, 0), (0, 0)) == 1.0


def test_finding_more_at_the_price_of_false_alarms() -> None:
    """One finds 3 more with 3 more alarms: all 64 ways, by hand as a loop over who gets which."""
    least, count = 2 * 43 / (47 + 43 + 4) - 2 * 40 / (47 + 40 + 1), 0
    for ways in product((0, 1), repeat=6):
        one, other = sum(ways[:3]), sum(ways[3:])
        first = 2 * (40 + one) / (47 + 40 + one + 1 + other)
        second = 2 * (43 - one) / (47 + 43 - one + 4 - other)
        count += abs(first - second) >= abs(least) - 1e-12
    assert same_f1(40, 1, 47, (3, 0), (3, 0)) == pytest.approx(count / 64)


def test_too_many_ways_are_left_to_the_bootstrap() -> None:
    assert same_f1(0, 0, 5000, (400, 300), (200, 100)) is None


def test_the_difference_of_paired_cases() -> None:
    """1 against 7 of 21: by hand -0.2609 ± 0.2475, as the formula of Bonett & Price says."""
    made = difference_of_cases(1, 7, 21)
    assert made.value == pytest.approx(-6 / 21)
    assert (made.low, made.high) == (
        pytest.approx(-0.5084, abs=5e-5),
        pytest.approx(-0.0134, abs=5e-5),
    )
    same = difference_of_cases(0, 0, 100)
    assert same.low is not None
    assert same.high is not None
    assert same.low < 0 < same.high


def test_many_runs_are_ranked_as_exactly_and_at_once() -> None:
    """1 - 2 * binom.cdf(rank - 1, n, 0.5) of scipy, for a benchmark of 200,000 rounds."""
    made = interval_of_repeats(range(1, 200_001))
    assert (made.low, made.high) == (99_562, 100_439)
    assert made.level == pytest.approx(0.9501249363419205, abs=1e-9)


def test_runs_beyond_all_bounds_have_no_interval() -> None:
    """A command that prints 1.7e308 again and again is no reason to fail."""
    made = interval_of_repeats([1.7e308, 1.0, 1.7e308])
    assert (made.low, made.high) == (None, None)
    assert ratio(Interval(5e-324, 5e-324, 1.7e308), Interval(1, 1e-300, 1e300)).low is None


def test_a_mean_has_students_interval_at_any_number() -> None:
    """The interval of a mean is Student's t for two values as for fifty."""
    ten = interval_of_mean([0.0, 1.0] * 5)
    half = 2.262157 * stdev([0.0, 1.0] * 5) / math.sqrt(10)
    assert ten.value == 0.5
    assert (ten.low, ten.high) == pytest.approx((0.5 - half, 0.5 + half), rel=1e-4)
    two = interval_of_mean([0.4, 0.6])
    assert two.low == pytest.approx(0.5 - 12.7062 * 0.1, rel=1e-4)
    fifty = interval_of_mean([0.0, 1.0] * 25)
    assert fifty.high == pytest.approx(0.5 + 2.009575 * stdev([0.0, 1.0] * 25) / math.sqrt(50))


def test_a_mean_stays_where_values_can_be() -> None:
    """Ends are cut where no share can be; one value, and equal ones, have no interval."""
    cut = interval_of_mean([0.1, 0.9], 0.0, 1.0)
    assert (cut.low, cut.high) == (0.0, 1.0)
    assert interval_of_mean([0.9]).low is None
    assert interval_of_mean([0.9, 0.9, 0.9]).low is None
    with pytest.raises(ValueError, match="no values"):
        interval_of_mean([])


def test_splits_that_share_messages_have_wider_intervals() -> None:
    """Five splits that test on a tenth: t 2.776 x sd x root of 1/5 + 1/9, not of 1/5 (by hand)."""
    values = [0.92, 0.95, 0.94, 0.96, 0.93]
    alone, made = interval_of_mean(values), interval_of_mean(values, shared=1 / 9)
    assert made.high is not None
    assert alone.high is not None
    assert made.value == alone.value == pytest.approx(0.94)
    assert made.high - made.value == pytest.approx(2.776445 * 0.0158114 * 0.557773, abs=1e-6)
    assert made.high > alone.high
    assert "Nadeau & Bengio" in made.how


def test_differences_of_splits_are_corrected_too() -> None:
    """Ten pairs, all but one above: by their order a difference, as splits none."""
    one, other = [0.01, 0.02, 0.01, 0.03, 0.02, 0.01, 0.02, 0.03, 0.01, -0.03], [0.0] * 10
    alone, made = difference_of_pairs(one, other), difference_of_pairs(one, other, 1 / 9)
    assert alone.low is not None
    assert made.low is not None
    assert alone.low > 0 > made.low
    assert made.value == pytest.approx(0.013)
    assert difference_of_pairs([1, 1], [0, 0], 1 / 9).low is None
