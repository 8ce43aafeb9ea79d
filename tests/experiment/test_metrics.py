"""Rates, intervals and what is undefined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.experiment.data.messages import Labels
from pipeline.experiment.metrics import (
    Judge,
    compared,
    confusion_of,
    f1_of,
    matrix_of,
    predictions_of,
    resampled,
    wilson,
)
from pipeline.results import Score

TWO = Labels(("ham", "spam"), "spam")
THREE = Labels(("bad", "fair", "good"))
matrices = (
    st.lists(st.integers(0, 400), min_size=4, max_size=4)
    .filter(any)
    .map(lambda cells: np.array(cells).reshape(2, 2))
)


def f1_score(matrix: np.ndarray, seed: int) -> Score:
    return resampled(matrix, seed).score(matrix, 1)


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


@given(matrices)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(matrix: np.ndarray) -> None:
    c = confusion_of(matrix)
    precision = wilson(c.true_positive, c.true_positive + c.false_positive).value
    recall = wilson(c.true_positive, c.true_positive + c.false_negative).value
    if precision and recall:
        assert f1_of(matrix, 1) == pytest.approx(2 * precision * recall / (precision + recall))


@given(matrices)
def test_an_f1_lies_in_its_interval(matrix: np.ndarray) -> None:
    c, score = confusion_of(matrix), f1_score(matrix, seed=1)
    if score.value is None:
        assert c.true_positive + c.false_positive + c.false_negative == 0
        assert score.low is None
        return
    assert score.low is not None
    assert score.high is not None
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score == f1_score(matrix, seed=1)


def test_the_bootstrap_resamples_messages() -> None:
    """Drawing cells is drawing messages: the interval is that of the plain bootstrap."""
    outcome = np.repeat(np.arange(4), [60, 8, 420, 12])
    chance = np.random.default_rng(5)
    scores = []
    for _ in range(4000):
        drawn = np.bincount(chance.choice(outcome, len(outcome)), minlength=4)
        scores.append(2 * drawn[0] / (2 * drawn[0] + drawn[1] + drawn[3]))
    low, high = np.percentile(scores, [2.5, 97.5])
    found = f1_score(np.array([[420, 8], [12, 60]]), seed=0)
    assert found.low == pytest.approx(low, abs=0.012)
    assert found.high == pytest.approx(high, abs=0.012)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_counts_add_up(pairs: list[tuple[bool, bool]]) -> None:
    c = confusion_of(matrix_of([a for a, _ in pairs], [b for _, b in pairs], 2))
    assert c.total == len(pairs)
    assert c.true_positive + c.false_negative == sum(a for a, _ in pairs)
    assert c.true_positive + c.false_positive == sum(b for _, b in pairs)


def test_who_flags_nothing_has_no_precision_but_an_f1_of_0() -> None:
    """With positives there 2 tp / (2 tp + fp + fn) is defined, and it is 0."""
    found = Judge([1, 0], TWO, seed=0)("none", "", [0, 0])
    assert found.precision is not None
    assert found.recall is not None
    assert found.precision.value is None
    assert found.recall.value == 0
    assert (found.f1.value, found.f1.low) == (0, 0)


def test_a_perfect_f1_is_no_certainty() -> None:
    """By hand: 40 of 40 have Wilson's 0.9124 as a share, and F1 is 2 J / (1 + J) of it."""
    found = Judge([0] * 60 + [1] * 40, TWO, seed=0)("all", "", [0] * 60 + [1] * 40)
    assert (found.f1.value, found.f1.high) == (1, 1)
    assert found.f1.low == pytest.approx(2 * 0.91238 / 1.91238, abs=1e-5)
    of_both = (found.f1.low or 0) + (found.labels["ham"].f1.low or 0)
    assert found.macro_f1.low == pytest.approx(of_both / 2)
    none = Judge([0] * 60 + [1] * 40, TWO, seed=0)("none", "", [0] * 100)
    assert none.f1.low == 0
    assert none.f1.high == pytest.approx(2 * 0.08762 / 1.08762, abs=1e-5)


def test_two_that_say_the_same_are_not_the_same_for_certain() -> None:
    """No resample differs: accuracy has an interval by its counts, F1 none of its own."""
    truth = [0] * 60 + [1] * 40
    accuracy, f1 = compared(truth, {"linear": truth, "finetuned": list(truth)}, TWO, seed=0)
    assert (accuracy.difference.value, f1.difference) == (0, Score(0, None, None))
    assert accuracy.difference.low == pytest.approx(-0.0272, abs=1e-4)
    assert accuracy.difference.high == pytest.approx(0.0272, abs=1e-4)


def test_without_positives_recall_and_f1_are_undefined() -> None:
    found = Judge([0], TWO, seed=0)("none", "", [0])
    assert found.recall is not None
    assert found.recall.value is None
    assert found.f1.value is None
    assert found.accuracy.value == 1


# --- Any number of labels -----------------------------------------------------------------------


def test_three_labels_have_their_own_scores_and_a_mean() -> None:
    """By hand: bad 2 of 3 found, of 2 said; fair 1 of 2, of 3; good 2 of 2, of 2."""
    found = Judge([0, 0, 0, 1, 1, 2, 2], THREE, seed=0)("some", "", [0, 0, 1, 1, 1, 2, 0])
    assert (found.precision, found.recall, found.confusion) == (None, None, None)
    assert found.matrix["bad"] == {"bad": 2, "fair": 1, "good": 0}
    assert found.matrix["good"] == {"bad": 1, "fair": 0, "good": 1}
    assert (found.accuracy.hits, found.total) == (5, 7)
    bad, fair, good = (found.labels[name] for name in THREE.names)
    assert (bad.precision.hits, bad.precision.total, bad.recall.total) == (2, 3, 3)
    assert bad.f1.value == pytest.approx(4 / 6)
    assert fair.f1.value == pytest.approx(4 / 5)
    assert good.f1.value == pytest.approx(2 / 3)
    assert found.f1 == found.macro_f1
    assert found.f1.value == pytest.approx((4 / 6 + 4 / 5 + 2 / 3) / 3)


def test_two_labels_have_the_positive_ones_f1_and_the_mean_beside_it() -> None:
    found = Judge([1, 1, 0, 0], TWO, seed=0)("some", "", [1, 0, 0, 0])
    assert found.f1 == found.labels["spam"].f1
    assert found.macro_f1.value == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found.confusion is not None
    assert found.confusion.true_positive == 1


def test_a_label_that_is_nowhere_is_left_out_of_the_mean() -> None:
    matrix = matrix_of([0, 0, 1], [0, 0, 1], 3)
    assert f1_of(matrix, 2) is None
    assert f1_of(matrix) == 1


def test_the_mean_of_f1_has_the_interval_of_the_plain_bootstrap() -> None:
    chance = np.random.default_rng(3)
    truth = np.repeat([0, 1, 2], [60, 50, 40])
    said = np.where(chance.random(150) < 0.8, truth, chance.integers(0, 3, 150))
    scores = []
    for _ in range(3000):
        rows = chance.integers(0, 150, 150)
        scores.append(f1_of(matrix_of(truth[rows], said[rows], 3)))
    found = Judge(truth.tolist(), THREE, seed=0)("some", "", said.tolist()).macro_f1
    low, high = np.percentile([score for score in scores if score is not None], [2.5, 97.5])
    assert found.low == pytest.approx(low, abs=0.012)
    assert found.high == pytest.approx(high, abs=0.012)


# --- Two classifiers on the same messages -------------------------------------------------------


def test_classifiers_are_compared_message_by_message() -> None:
    """One is right where the other is wrong in 9 messages, and the other way round in one."""
    truth = [0] * 60 + [1] * 40
    one, other = list(truth), list(truth)
    for at in range(9):
        other[60 + at] = 0
    one[0] = 1
    accuracy, f1 = compared(truth, {"linear": other, "finetuned": one}, TWO, seed=0)
    assert (accuracy.one, accuracy.other, accuracy.metric) == ("finetuned", "linear", "accuracy")
    assert f1.metric == "f1"
    assert (f1.only_one, f1.only_other) == (9, 1)
    assert f1.mcnemar_p == pytest.approx(2 * 11 / 1024)  # (1 + 10) of 2 ** 10, both sides
    assert accuracy.difference.value == pytest.approx(0.08)
    assert f1.difference.value == pytest.approx(80 / 81 - 62 / 71)
    assert accuracy.difference.low is not None
    assert 0 < accuracy.difference.low < 0.08


def test_paired_differences_have_the_interval_of_the_plain_bootstrap() -> None:
    """Messages are drawn with what both said of them: less is left to chance than without."""
    chance = np.random.default_rng(4)
    truth = chance.integers(0, 3, 200)
    one = np.where(chance.random(200) < 0.9, truth, 0)
    other = np.where(chance.random(200) < 0.9, one, 1)
    differences = []
    for _ in range(3000):
        rows = chance.integers(0, 200, 200)
        both = [f1_of(matrix_of(truth[rows], said[rows], 3)) for said in (one, other)]
        differences.append((both[0] or 0) - (both[1] or 0))
    said = {"linear": other.tolist(), "finetuned": one.tolist()}
    found = compared(truth.tolist(), said, THREE, seed=0)[1].difference
    low, high = np.percentile(differences, [2.5, 97.5])
    assert found.low == pytest.approx(low, abs=0.012)
    assert found.high == pytest.approx(high, abs=0.012)


def test_predictions_are_kept_as_a_digit_a_message() -> None:
    kept = predictions_of([0, 2, 1], {"linear": [0, 0, 2]}, THREE)
    assert (kept.truth, kept.said) == ("021", {"linear": "002"})
    many = Labels(tuple(f"label {n}" for n in range(20)))
    assert predictions_of([0, 19], {}, many).truth == "0013"
