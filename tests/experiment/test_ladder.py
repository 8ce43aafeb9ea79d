"""The rungs below the fine-tuned model: what each is told to have said, and at what cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.experiment.data.messages import Labels
from pipeline.experiment.ladder import RUNGS, Rung, Scores, _middle
from pipeline.experiment.metrics import Judge, auc_of
from pipeline.results import CLASSIFIERS

SPAM = Labels(("ham", "spam"), "spam")
JUDGE = Judge([0, 0, 0, 1, 1], SPAM, 1)


def rung(*likely: float, **more: object) -> Rung:
    """One that gives the positive label these probabilities."""
    rows = tuple((1 - p, p) for p in likely)
    made = Rung("A rung", "Somehow.", {"test": Scores(rows, 0.5, 0.4)})
    return replace(made, **more)  # type: ignore[arg-type]


def test_rungs_stand_in_the_order_of_the_results() -> None:
    """Cheapest first, and the fine-tuned model at the end."""
    assert (*RUNGS, "finetuned") == CLASSIFIERS


def test_a_threshold_decides_what_is_said_and_not_what_is_likely() -> None:
    """Of a rung with one, the positive label is said above it; the area stays as it is."""
    plain = rung(0.6, 0.7, 0.1, 0.8, 0.9)
    strict = replace(plain, threshold=0.75, examples=9)
    assert plain.said("test", SPAM) == [1, 1, 0, 1, 1]
    assert strict.said("test", SPAM) == [0, 0, 0, 1, 1]
    one, other = (each.evaluated("test", JUDGE) for each in (plain, strict))
    assert one.auc == other.auc == 1
    assert other.f1.value == 1
    assert (other.threshold, other.examples, other.predict_seconds) == (0.75, 9, 0.5)


def test_the_middle_draw_is_shown_with_the_range_of_all() -> None:
    drawn = [(0.9, rung(0.9, threshold=0.9)), (0.5, rung(0.5)), (0.7, rung(0.7, examples=10))]
    found = _middle(drawn, 2)
    assert found.scores["test"].probabilities[0, 1] == pytest.approx(0.7)
    assert found.spread is not None
    assert (found.spread.low, found.spread.high, found.spread.count) == (0.5, 0.9, 3)
    assert found.spread.mean == pytest.approx(0.7)
    assert found.spread.over == "draws of eight examples"
    assert "middle one of three draws" in found.how


@pytest.mark.parametrize(
    ("likely", "area"),
    [
        ((0.1, 0.2, 0.3, 0.8, 0.9), 1.0),
        ((0.9, 0.8, 0.7, 0.2, 0.1), 0.0),
        ((0.5, 0.5, 0.5, 0.5, 0.5), 0.5),
        ((0.1, 0.5, 0.9, 0.5, 0.6), (1.5 + 2) / 6),
    ],
)
def test_the_area_counts_pairs_in_the_right_order(likely: tuple[float, ...], area: float) -> None:
    """Of each positive with each other message, a tie as a half."""
    assert auc_of(JUDGE.truth, np.array(likely), 1) == pytest.approx(area)
    assert auc_of([1, 1], np.array([0.1, 0.2]), 1) is None
