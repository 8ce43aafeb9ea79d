"""What a language model has to beat: a linear model on the words and letters of texts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.experiment.data.messages import Labels, Message
from pipeline.experiment.metrics import f1_of, matrix_of

if TYPE_CHECKING:  # takes a second to import, and not each user of this module needs it
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

STRENGTHS = (1.0, 10.0, 100.0)  # C of the linear model: the larger, the less it is held back
MOST_STEPS = 1000  # of the linear model's solver


@dataclass(frozen=True, slots=True)
class Linear:
    """TF-IDF of words and of letters inside words, with logistic regression."""

    features: FeatureUnion
    model: LogisticRegression
    strength: float
    fit_seconds: float  # features, all strengths, and the choice between them

    def predict(self, texts: Sequence[str]) -> tuple[np.ndarray, float]:
        """Each label's probability, shape (texts, labels), and the seconds it took."""
        started = time.perf_counter()
        found = self.model.predict_proba(self.features.transform(texts))
        return found, time.perf_counter() - started


def text_features() -> FeatureUnion:
    """What the linear model sees of a text: its words, pairs of them, and letters inside words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", words), ("letters", letters)])


def fit_linear(
    train: Sequence[Message], validation: Sequence[Message], labels: Labels, seed: int
) -> Linear:
    """Fit on the training set; the strength with the best F1 on the validation set is kept.

    Of equals the one with the smallest log-loss there.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    started = time.perf_counter()
    features = text_features()
    rows = features.fit_transform([message.text for message in train])
    held_out = features.transform([message.text for message in validation])
    right, count = [message.label for message in validation], len(labels.names)
    positive = labels.positive_place
    # liblinear knows two labels; of more, all are fitted at once (multinomial).
    solver, most = ("liblinear", 100) if count == 2 else ("lbfgs", MOST_STEPS)
    tried: list[tuple[float, float, LogisticRegression]] = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, solver=solver, random_state=seed, max_iter=most)
        model.fit(rows, np.array([message.label for message in train], dtype=int))
        likely = model.predict_proba(held_out)
        f1 = f1_of(matrix_of(right, likely.argmax(-1), count), positive) or 0.0
        tried.append((f1, -float(log_loss(right, likely, labels=range(count))), model))
    best = max(tried, key=lambda scored: scored[:2])[2]  # of equals the least sure mistakes
    return Linear(features, best, float(best.C), time.perf_counter() - started)
