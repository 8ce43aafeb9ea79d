"""What the run's linear heads on the pre-trained model's states have learned, kept with the run.

So a live demo asks the very heads that were measured: the middle random one, and the fitted one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file, save_file

from pipeline.results import Results
from pipeline.seals import put_in_place, seal, sealed

if TYPE_CHECKING:
    from pipeline.experiment.model.frozen import Probe

HEADS = "heads"  # in the run's folder
NAMES = ("frozen", "untrained")  # as they are shown
ARRAYS = ("middle", "width", "weights", "bias")


@dataclass(frozen=True, slots=True)
class Head:
    """A linear head: standardised states times weights, plus a bias; then softmax."""

    layer: int  # after which its states are taken, counted from 1
    pooling: str  # which they are: the "last" token's, or the "mean" over all
    middle: np.ndarray  # (hidden,)
    width: np.ndarray  # (hidden,)
    weights: np.ndarray  # (hidden, labels)
    bias: np.ndarray  # (labels,)

    def predict(self, states: np.ndarray) -> np.ndarray:
        """Each label's probability, (texts, labels), from states of shape (texts, hidden)."""
        from scipy.special import softmax

        scaled = (np.asarray(states, dtype=np.float64) - self.middle) / self.width
        found: np.ndarray = softmax(scaled @ self.weights + self.bias, axis=-1)
        return found


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is said of a head beside its numbers."""

    layer: int
    pooling: str
    f1: float | None  # of the run's record


def plain_head(weights: np.ndarray, layer: int, pooling: str) -> Head:
    """Weights alone, (hidden, labels), as a head has them before training."""
    hidden, labels = weights.shape
    return Head(layer, pooling, np.zeros(hidden), np.ones(hidden), weights, np.zeros(labels))


def head_of(probe: Probe) -> Head:
    """The same as logistic regression; of two labels that has weights for the second alone."""
    weights, bias = probe.model.coef_.T, probe.model.intercept_
    if weights.shape[1] == 1:
        weights = np.hstack([np.zeros_like(weights), weights])
        bias = np.array([0.0, *bias])
    return Head(probe.layer, "mean", probe.scaled.middle, probe.scaled.width, weights, bias)


def keep_heads(run: Path, heads: Mapping[str, Head], results: Results) -> None:
    """Write them into the run's folder, sealed with the scores that the run gives them."""
    with put_in_place(run / HEADS) as made:
        for name, head in heads.items():
            arrays = {key: np.ascontiguousarray(getattr(head, key)) for key in ARRAYS}
            save_file(arrays, made / f"{name}.safetensors")
        scores = {name: _score(results, name) for name in heads}
        seal(made, {key: _Kept(one.layer, one.pooling, scores[key]) for key, one in heads.items()})


def kept_heads(run: Path, results: Results) -> dict[str, Head]:
    """Those that these results are of; none that was changed or belongs to others."""
    kept = sealed(run / HEADS, dict[str, _Kept]) or {}
    fitting = [name for name in NAMES if name in kept and kept[name].f1 == _score(results, name)]
    return {
        name: Head(
            kept[name].layer,
            kept[name].pooling,
            **load_file(run / HEADS / f"{name}.safetensors"),
        )
        for name in fitting
    }


def _score(results: Results, name: str) -> float | None:
    evaluation = results.evaluations.get(name)
    return evaluation.f1.value if evaluation else None
