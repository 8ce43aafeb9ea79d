"""What a language model has to beat: a linear model on the words and letters of texts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.experiment.data.messages import Labels, Message
from pipeline.experiment.model.logistic import ON_TEXT, on_text, rank

if TYPE_CHECKING:  # takes a second to import, and not each user of this module needs it
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion


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
    """Fit on the training set; the strength that ranks best on the validation set is kept."""
    started = time.perf_counter()
    features = text_features()
    rows = features.fit_transform([message.text for message in train])
    held_out = features.transform([message.text for message in validation])
    known = np.array([message.label for message in train], dtype=int)
    right, count = [message.label for message in validation], len(labels.names)
    tried = [on_text(strength, count, seed).fit(rows, known) for strength in ON_TEXT]
    best = max(tried, key=lambda model: rank(model, held_out, right, labels.positive_place))
    return Linear(features, best, float(best.C), time.perf_counter() - started)
