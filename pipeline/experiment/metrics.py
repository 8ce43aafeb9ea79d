"""Counts to rates with their 95% intervals. What is undefined is None, never 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.results import Confusion, Evaluation, Rate, Score

Z = 1.959963984540054  # 97.5% quantile of the normal distribution
RESAMPLES = 2000


def wilson(hits: int, total: int) -> Rate:
    """A share with Wilson's score interval.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if total == 0:
        return Rate(None, None, None, 0, 0)
    share = hits / total
    spread = 1 + Z**2 / total
    centre = (share + Z**2 / (2 * total)) / spread
    half = Z / spread * math.sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    # Rounding may leave a bound a hair on the wrong side of the share itself.
    low = 0.0 if hits == 0 else min(share, max(0.0, centre - half))
    high = 1.0 if hits == total else max(share, min(1.0, centre + half))
    return Rate(share, low, high, hits, total)


def confusion_of(positives: Sequence[bool], flagged: Sequence[bool]) -> Confusion:
    """Counts of what is positive against what was flagged as positive."""
    pairs = list(zip(positives, flagged, strict=True))
    return Confusion(
        true_positive=pairs.count((True, True)),
        false_positive=pairs.count((False, True)),
        true_negative=pairs.count((False, False)),
        false_negative=pairs.count((True, False)),
    )


def f1_of(counts: Confusion) -> float | None:
    """2 tp / (2 tp + fp + fn); None where nothing is positive and nothing was flagged."""
    below = 2 * counts.true_positive + counts.false_positive + counts.false_negative
    return 2 * counts.true_positive / below if below else None


def f1_score(counts: Confusion, seed: int) -> Score:
    """F1 with its 95% percentile bootstrap interval over 2,000 seeded resamples of the messages.

    To draw n messages with replacement is to draw the four cells from a multinomial.
    """
    value = f1_of(counts)
    if value is None:
        return Score(None, None, None)
    cells = [counts.true_positive, counts.false_positive, counts.false_negative]
    shares = np.array([*cells, counts.true_negative], dtype=float) / counts.total
    drawn = np.random.default_rng(seed).multinomial(counts.total, shares, RESAMPLES)
    hits, false_alarms, missed = drawn[:, 0], drawn[:, 1], drawn[:, 2]
    below = 2 * hits + false_alarms + missed
    scores = 2 * hits[below > 0] / below[below > 0]
    low, high = np.percentile(scores, [2.5, 97.5])
    return Score(value, min(value, float(low)), max(value, float(high)))


@dataclass(frozen=True, slots=True)
class Judge:
    """Evaluates classifiers on one set of messages; `positives` says which are positive."""

    positives: Sequence[bool]
    seed: int

    def __call__(
        self,
        name: str,
        how: str,
        flagged: Sequence[bool],
        *,
        fit_seconds: float = 0.0,
        predict_seconds: float = 0.0,
    ) -> Evaluation:
        """All metrics of the classifier that flagged these messages."""
        counts = confusion_of(self.positives, flagged)
        tp, fp = counts.true_positive, counts.false_positive
        return Evaluation(
            name=name,
            how=how,
            accuracy=wilson(tp + counts.true_negative, counts.total),
            precision=wilson(tp, tp + fp),
            recall=wilson(tp, tp + counts.false_negative),
            f1=f1_score(counts, self.seed),
            confusion=counts,
            fit_seconds=fit_seconds,
            predict_seconds=predict_seconds,
        )
