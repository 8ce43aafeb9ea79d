"""Counts to rates with their 95% intervals. What is undefined is None, never 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline import statistics
from pipeline.experiment.data.messages import Labels
from pipeline.results import (
    Comparison,
    Confusion,
    Evaluation,
    LabelScores,
    Predictions,
    Rate,
    Score,
)

RESAMPLES = 2000


def wilson(hits: int, total: int) -> Rate:
    """A share with Wilson's score interval; undefined where there are no cases."""
    if total == 0:
        return Rate(None, None, None, 0, 0)
    made = statistics.wilson(hits, total)
    return Rate(made.value, made.low, made.high, hits, total)


def matrix_of(
    truth: Sequence[int] | np.ndarray, said: Sequence[int] | np.ndarray, labels: int
) -> np.ndarray:
    """Counts of true labels (rows) against said ones (columns), shape (labels, labels)."""
    cells = np.asarray(truth, dtype=int) * labels + np.asarray(said, dtype=int)
    return np.bincount(cells, minlength=labels * labels).reshape(labels, labels)


def confusion_of(matrix: np.ndarray) -> Confusion:
    """The matrix of two labels, of which the second is positive."""
    (true_negative, false_positive), (false_negative, true_positive) = matrix.tolist()
    return Confusion(true_positive, false_positive, true_negative, false_negative)


def f1_of(matrix: np.ndarray, positive: int | None = None) -> float | None:
    """F1 of a label, 2 tp / (2 tp + fp + fn); without one the mean over labels.

    None where it is undefined: nothing is of the label, and nothing was said to be.
    """
    each = [_f1_of_counts(*counts) for counts in _hits_and_both(matrix)]
    if positive is not None:
        return each[positive]
    defined = [f1 for f1 in each if f1 is not None]
    return sum(defined) / len(defined) if defined else None


def _hits_and_both(matrix: np.ndarray) -> list[tuple[int, int]]:
    """For each label: messages that are it and said to be, and the sum of those that are either."""
    both = matrix.sum(0) + matrix.sum(1)
    return list(zip(np.diag(matrix).tolist(), both.tolist(), strict=True))


def _f1_of_counts(hits: int, both: int) -> float | None:
    return 2 * hits / both if both else None


def auc_of(truth: Sequence[int], likely: np.ndarray, positive: int) -> float | None:
    """Area under the ROC curve: how often a positive message is given more than another one.

    Half of it where they are given the same (Mann and Whitney's rank statistic). None where there
    is only one kind of messages.
    """
    from scipy.stats import rankdata

    is_positive = np.asarray(truth) == positive
    hits = int(is_positive.sum())
    if not 0 < hits < len(is_positive):
        return None
    above = float(rankdata(likely)[is_positive].sum()) - hits * (hits + 1) / 2
    return above / (hits * (len(is_positive) - hits))


@dataclass(frozen=True, slots=True)
class Resampled:
    """F1 of each label in 2,000 resamples; `nan` where it is undefined in one."""

    each: np.ndarray  # (resamples, labels)

    def of(self, label: int | None) -> np.ndarray:
        """F1 of a label in each resample, or the mean over the labels that are defined in it."""
        if label is not None:
            return np.asarray(self.each[:, label])
        known = ~np.isnan(self.each)
        total, count = np.where(known, self.each, 0).sum(1), known.sum(1)
        return _divided(total, count)

    def score(self, matrix: np.ndarray, label: int | None) -> Score:
        """F1 with the percentile interval of its resamples; None: undefined.

        No resample of messages that are all right, or all wrong, has others: such an F1 has the
        interval of its counts.
        """
        made = interval_of(f1_of(matrix, label), self.of(label))
        return by_counts(matrix, label) if made.low == made.high and made.low is not None else made


def by_counts(matrix: np.ndarray, label: int | None) -> Score:
    """F1 with an interval from Wilson's; of the mean over labels, the mean of both their ends.

    F1 is 2 J / (1 + J) of the share J of messages that are the label and are said to be, among
    those that are either (Lam, Gopal & Qian 2023, "Confidence intervals for the F1 score: a
    comparison of four methods", arXiv:2309.14621). That the labels' messages depend on each other
    can make the interval of the mean too wide, not too narrow.
    """
    counts = _hits_and_both(matrix)
    shares = [
        statistics.wilson(hits, both - hits)
        for hits, both in (counts if label is None else [counts[label]])
        if both
    ]
    ends = ([2 * end / (1 + end) for end in (s.low, s.high) if end is not None] for s in shares)
    lows, highs = zip(*ends, strict=True)
    value = f1_of(matrix, label)
    assert value is not None
    low, high = sum(lows) / len(lows), sum(highs) / len(highs)
    return Score(value, min(value, low), max(value, high))


def resampled(matrix: np.ndarray, seed: int) -> Resampled:
    """F1 over seeded resamples of the messages, drawn with replacement (Efron's bootstrap).

    To draw n messages is to draw the matrix's cells from a multinomial: those that hold any, and
    the last, which takes what a draw leaves.
    """
    count, total = len(matrix), int(matrix.sum())
    cells = matrix.T.ravel()[::-1]
    held = cells > 0
    held[-1] = True
    kinds = np.flatnonzero(held)
    drawn = np.random.default_rng(seed).multinomial(total, cells[kinds] / total, RESAMPLES)
    said, true = np.divmod(count**2 - 1 - kinds, count)
    return Resampled(_redrawn(drawn, true, said, count))


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """`nan` where it would be divided by zero."""
    found: np.ndarray = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def interval_of(value: float | None, scores: np.ndarray) -> Score:
    """A value with the middle 95% of its resamples that are defined."""
    if value is None:
        return Score(None, None, None)
    low, high = np.percentile(scores[~np.isnan(scores)], [2.5, 97.5])
    return Score(value, min(value, float(low)), max(value, float(high)))


@dataclass(frozen=True, slots=True)
class Judge:
    """Evaluates classifiers on one set of messages; `truth` holds their labels' places."""

    truth: Sequence[int]
    labels: Labels
    seed: int

    def __call__(
        self,
        name: str,
        how: str,
        said: Sequence[int],
        *,
        fit_seconds: float = 0.0,
        predict_seconds: float = 0.0,
    ) -> Evaluation:
        """All metrics of the classifier that said these labels of the messages."""
        names = self.labels.names
        matrix = matrix_of(self.truth, said, len(names))
        drawn = resampled(matrix, self.seed)
        macro = drawn.score(matrix, None)
        each = {name: _label_scores(matrix, at, drawn) for at, name in enumerate(names)}
        positive = each[self.labels.positive] if self.labels.positive else None
        counts = matrix.tolist()
        return Evaluation(
            name=name,
            how=how,
            accuracy=wilson(int(np.trace(matrix)), int(matrix.sum())),
            precision=positive.precision if positive else None,
            recall=positive.recall if positive else None,
            f1=positive.f1 if positive else macro,
            confusion=confusion_of(matrix) if positive else None,
            fit_seconds=fit_seconds,
            predict_seconds=predict_seconds,
            macro_f1=macro,
            labels=each,
            matrix={
                true: dict(zip(names, row, strict=True))
                for true, row in zip(names, counts, strict=True)
            },
        )


def _label_scores(matrix: np.ndarray, at: int, drawn: Resampled) -> LabelScores:
    hits, said, true = int(matrix[at, at]), int(matrix[:, at].sum()), int(matrix[at].sum())
    f1 = drawn.score(matrix, at)
    return LabelScores(precision=wilson(hits, said), recall=wilson(hits, true), f1=f1)


# --- Two classifiers on the same messages -------------------------------------------------------


def predictions_of(
    truth: Sequence[int], said: Mapping[str, Sequence[int]], labels: Labels
) -> Predictions:
    """What is true and what each classifier said of each message, as digits."""
    wide = 1 if len(labels.names) <= 16 else 2

    def digits(places: Sequence[int]) -> str:
        return "".join(f"{place:0{wide}x}" for place in places)

    return Predictions(digits(truth), {name: digits(found) for name, found in said.items()})


def compared(
    truth: Sequence[int], said: Mapping[str, Sequence[int]], labels: Labels, seed: int
) -> tuple[Comparison, ...]:
    """Each pair of classifiers on the same messages, the later one against the earlier one."""
    pairs = ((one, other) for at, one in enumerate(said) for other in list(said)[:at])
    return tuple(
        made
        for one, other in pairs
        for made in _pair(np.asarray(truth), (one, said[one]), (other, said[other]), labels, seed)
    )


def _pair(
    truth: np.ndarray,
    one: tuple[str, Sequence[int]],
    other: tuple[str, Sequence[int]],
    labels: Labels,
    seed: int,
) -> Iterator[Comparison]:
    """By accuracy and F1, with McNemar's test and a paired bootstrap over the messages.

    A resample draws messages with what both classifiers said of them.
    """
    says = np.asarray(one[1]), np.asarray(other[1])
    right = [said == truth for said in says]
    only = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    count, total = len(labels.names), len(truth)
    cells = (truth * count + says[0]) * count + says[1]
    kinds, shares = np.unique(cells, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(total, shares / total, RESAMPLES)
    true, said = kinds // count**2, (kinds // count % count, kinds % count)
    positive = labels.positive_place
    f1s = [f1_of(matrix_of(truth, each, count), positive) for each in says]
    draws = {
        "accuracy": [drawn @ (each == true) / total for each in said],
        "f1": [Resampled(_redrawn(drawn, true, each, count)).of(positive) for each in said],
    }
    values: dict[str, list[float | None]]
    values = {"accuracy": [float(each.mean()) for each in right], "f1": f1s}
    how = (
        f"paired bootstrap over the same {total:,} messages, {RESAMPLES:,} resamples; "
        "McNemar's exact test"
    )
    for metric, (first, second) in values.items():
        between = None if first is None or second is None else first - second
        difference = interval_of(between, draws[metric][0] - draws[metric][1])
        if difference.low == difference.high:  # no resample differs: that is no certainty
            difference = _undrawn(metric, between, *only, total)
        p = statistics.mcnemar(*only)
        yield Comparison(one[0], other[0], metric, difference, p, *only, how)


def _undrawn(metric: str, value: float | None, only_one: int, only_other: int, total: int) -> Score:
    """A difference that resamples say nothing of: by its counts, or with no interval of its own."""
    if metric != "accuracy":
        return Score(value, None, None)
    made = statistics.difference_of_cases(only_one, only_other, total)
    return Score(value, made.low, made.high)


def _redrawn(drawn: np.ndarray, true: np.ndarray, said: np.ndarray, count: int) -> np.ndarray:
    """F1 of each label in each resample of kinds of messages, shape (resamples, labels)."""
    # As floats, which hold these counts exactly: products of those are fast.
    drawn, is_true, is_said = drawn.astype(float), np.eye(count)[true], np.eye(count)[said]
    return _divided(2 * (drawn @ (is_true * is_said)), drawn @ (is_true + is_said))
