"""Logistic regression on what is seen of a text: its words and letters, or a model's states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.experiment.metrics import f1_of, matrix_of

if TYPE_CHECKING:  # takes a second to import
    from sklearn.linear_model import LogisticRegression

# C: the larger, the less the weights are held back.
ON_TEXT = (1.0, 10.0, 100.0)
ON_STATES = (0.001, 0.01, 0.1)  # of standardised ones


def on_text(strength: float, labels: int, seed: int) -> LogisticRegression:
    """For rows of many features, nearly all of them zero."""
    from sklearn.linear_model import LogisticRegression

    # liblinear knows two labels; of more, all are fitted at once (multinomial).
    solver, most = ("liblinear", 100) if labels == 2 else ("lbfgs", 1000)
    return LogisticRegression(C=strength, solver=solver, random_state=seed, max_iter=most)


def on_states(strength: float) -> LogisticRegression:
    """For rows of some hundred numbers."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100)


def rank(
    model: LogisticRegression, rows: Any, truth: Sequence[int] | np.ndarray, positive: int | None
) -> tuple[float, float]:
    """What a fitted one is chosen by, the larger the better: F1, and of equals the log-loss.

    Of a few hundred texts many choices have the same F1.
    """
    likely, loss = _judged(model, rows, truth)
    matrix = matrix_of(truth, likely.argmax(-1), likely.shape[1])
    return f1_of(matrix, positive) or 0.0, -loss


def rank_right(
    model: LogisticRegression, rows: Any, truth: Sequence[int] | np.ndarray
) -> tuple[float, float]:
    """The same by accuracy in place of F1."""
    likely, loss = _judged(model, rows, truth)
    return float((likely.argmax(-1) == truth).mean()), -loss


def _judged(
    model: LogisticRegression, rows: Any, truth: Sequence[int] | np.ndarray
) -> tuple[np.ndarray, float]:
    """Each label's probability, (texts, labels), nothing for one never met; and the log-loss."""
    from sklearn.metrics import log_loss

    count = int(max(model.classes_.max(), np.max(truth))) + 1
    likely = np.zeros((len(truth), count))
    likely[:, model.classes_] = model.predict_proba(rows)
    return likely, float(log_loss(truth, likely, labels=range(count)))
