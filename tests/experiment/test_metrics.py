"""Rates, intervals and what is undefined."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.experiment.metrics import Judge, confusion_of, f1_of, f1_score, wilson
from pipeline.results import Confusion

counts = st.builds(Confusion, *(st.integers(0, 400) for _ in range(4))).filter(
    lambda c: c.total > 0
)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_published_values(hits: int, total: int, low: float, high: float) -> None:
    rate = wilson(hits, total)
    assert (rate.low, rate.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_in_its_interval(pair: tuple[int, int]) -> None:
    rate = wilson(*pair)
    assert rate.low is not None
    assert rate.value is not None
    assert rate.high is not None
    assert 0 <= rate.low <= rate.value <= rate.high <= 1
    assert rate.high > rate.low


def test_a_rate_of_nothing_is_undefined() -> None:
    rate = wilson(0, 0)
    assert (rate.value, rate.low, rate.high) == (None, None, None)


@given(counts)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(c: Confusion) -> None:
    precision = wilson(c.true_positive, c.true_positive + c.false_positive).value
    recall = wilson(c.true_positive, c.true_positive + c.false_negative).value
    if precision and recall:
        assert f1_of(c) == pytest.approx(2 * precision * recall / (precision + recall))


@given(counts)
def test_an_f1_lies_in_its_interval(c: Confusion) -> None:
    score = f1_score(c, seed=1)
    if score.value is None:
        assert c.true_positive + c.false_positive + c.false_negative == 0
        assert score.low is None
        return
    assert score.low is not None
    assert score.high is not None
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score == f1_score(c, seed=1)


def test_the_bootstrap_resamples_messages() -> None:
    """Drawing cells is drawing messages: the interval is that of the plain bootstrap."""
    import numpy as np

    c = Confusion(60, 8, 420, 12)
    outcome = np.repeat(np.arange(4), [60, 8, 420, 12])
    chance = np.random.default_rng(5)
    scores = []
    for _ in range(4000):
        drawn = np.bincount(chance.choice(outcome, len(outcome)), minlength=4)
        scores.append(2 * drawn[0] / (2 * drawn[0] + drawn[1] + drawn[3]))
    low, high = np.percentile(scores, [2.5, 97.5])
    found = f1_score(c, seed=0)
    assert found.low == pytest.approx(low, abs=0.012)
    assert found.high == pytest.approx(high, abs=0.012)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_counts_add_up(pairs: list[tuple[bool, bool]]) -> None:
    c = confusion_of([a for a, _ in pairs], [b for _, b in pairs])
    assert c.total == len(pairs)
    assert c.true_positive + c.false_negative == sum(a for a, _ in pairs)
    assert c.true_positive + c.false_positive == sum(b for _, b in pairs)


def test_who_flags_nothing_has_no_precision_but_an_f1_of_0() -> None:
    """With positives there 2 tp / (2 tp + fp + fn) is defined, and it is 0."""
    found = Judge([True, False], seed=0)("none", "", [False, False])
    assert found.precision.value is None
    assert found.recall.value == 0
    assert (found.f1.value, found.f1.low, found.f1.high) == (0, 0, 0)


def test_without_positives_recall_and_f1_are_undefined() -> None:
    found = Judge([False], seed=0)("none", "", [False])
    assert found.recall.value is None
    assert found.f1.value is None
    assert found.accuracy.value == 1
