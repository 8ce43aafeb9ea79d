"""What the pre-trained model's states say as it came: a linear model on them, and random heads."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.experiment.metrics import f1_of, matrix_of
from pipeline.experiment.model.logistic import ON_STATES, on_states, rank
from pipeline.results import Spread

if TYPE_CHECKING:  # takes a second to import
    from sklearn.linear_model import LogisticRegression

HEADS = 2000
AT_ONCE = 200  # heads that are tried together


@dataclass(frozen=True, slots=True)
class Scaled:
    """Standardises states as those of the texts learned from: each number less its mean, by its
    spread.
    """

    middle: np.ndarray  # (hidden,)
    width: np.ndarray

    def __call__(self, states: np.ndarray) -> np.ndarray:
        found: np.ndarray = (np.asarray(states, dtype=np.float64) - self.middle) / self.width
        return found


def scaled_by(states: np.ndarray) -> Scaled:
    rows = np.asarray(states, dtype=np.float64)
    width = rows.std(0)
    width[width == 0] = 1.0
    return Scaled(rows.mean(0), width)


@dataclass(frozen=True, slots=True)
class Probe:
    """Logistic regression on the mean states after one layer of the pre-trained model."""

    layer: int
    strength: float  # C
    scaled: Scaled
    model: LogisticRegression
    fit_seconds: float  # all layers and strengths, and the choice; the reading apart

    @property
    def trained_parameters(self) -> int:
        return int(self.model.coef_.size + self.model.intercept_.size)


def fit_probe(
    train: Mapping[int, np.ndarray],
    labels: Sequence[int],
    held_out: Mapping[int, np.ndarray],
    truth: Sequence[int],
    positive: int | None,
) -> Probe:
    """The layer and strength that rank best on what is held out.

    `train` and `held_out`: mean states by layer, (texts, hidden).
    """
    started = time.perf_counter()
    right = np.array(labels, dtype=int)
    tried: list[tuple[tuple[float, float], Probe]] = []
    for layer, states in train.items():
        scaled = scaled_by(states)
        rows, others = scaled(states), scaled(held_out[layer])
        for strength in ON_STATES:
            model = on_states(strength).fit(rows, right)
            ranked = rank(model, others, truth, positive)
            tried.append((ranked, Probe(layer, strength, scaled, model, 0.0)))
    _, best = max(tried, key=lambda one: one[0])
    return replace(best, fit_seconds=time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class RandomHead:
    """The middle one, by F1, of many random heads on the pre-trained model's states."""

    weights: np.ndarray  # (hidden, labels)
    spread: Spread
    seconds: float


def random_heads(
    states: np.ndarray, truth: Sequence[int], labels: int, positive: int | None, seed: int
) -> RandomHead:
    """Try 2,000 heads as a classifier has one before training: linear, normal, 0.02 wide.

    `states`: what the head would see of each text, (texts, hidden). A new head has no bias, or
    one of zeros; how wide it is changes how sure it is, and not what it says.
    """
    started = time.perf_counter()
    chance, f1s = np.random.default_rng(seed), list[float]()
    rows, hidden = np.asarray(states, dtype=np.float64), states.shape[1]
    heads = []
    for at in range(0, HEADS, AT_ONCE):
        some = chance.normal(0, 0.02, (min(AT_ONCE, HEADS - at), hidden, labels))
        heads.append(some)
        for said in np.einsum("th,khl->ktl", rows, some, optimize=True).argmax(-1):
            f1s.append(f1_of(matrix_of(truth, said, labels), positive) or 0.0)
    order = np.argsort(f1s, kind="stable")
    middle = int(order[len(order) // 2])
    low, high = np.percentile(f1s, [5, 95])
    spread = Spread(
        over="random heads",
        count=HEADS,
        mean=float(np.mean(f1s)),
        low=float(low),
        high=float(high),
        range="5% and 95%",
        highest=float(max(f1s)),
    )
    head = heads[middle // AT_ONCE][middle % AT_ONCE]
    return RandomHead(head, spread, time.perf_counter() - started)
