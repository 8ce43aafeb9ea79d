"""How right a classifier is when sure: truth (0 or 1), and the positive label's probability."""

from __future__ import annotations

import numpy as np

BINS = 15
SURE = 0.99
TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(10), 461))
LEAST = 1e-6  # probabilities are kept with six digits
Scored = tuple[np.ndarray, np.ndarray]  # truth and probability, each (messages,)


def scored_of(truth: str, likely: object) -> Scored:
    """As the scores of a cell keep them: a sign a message, and the probabilities."""
    return np.array([int(sign) for sign in truth]), np.array(likely, dtype=float)


def sure(truth: np.ndarray, likely: np.ndarray) -> tuple[float, float | None]:
    """The share of messages given 99% or more, and how many of them are right; None of none."""
    given = np.maximum(likely, 1 - likely) >= SURE
    right = float(((likely > 0.5) == truth)[given].mean()) if given.any() else None
    return float(given.mean()), right


def right_of_surest(truth: np.ndarray, likely: np.ndarray, kept: float) -> float:
    """Accuracy on the share of the messages with the largest confidence."""
    order = np.argsort(-np.maximum(likely, 1 - likely), kind="stable")
    some = order[: max(1, round(kept * len(order)))]
    return float(((likely > 0.5) == truth)[some].mean())


def calibration_error(truth: np.ndarray, likely: np.ndarray) -> float:
    """How far confidence and accuracy lie apart, a mean over bins of equally many messages.

    Nguyen & O'Connor 2015, "Posterior calibration and exploratory analysis for natural language
    processing models": adaptive bins, so that none is nearly empty.
    """
    confidence, right = np.maximum(likely, 1 - likely), (likely > 0.5) == truth
    bins = np.array_split(np.argsort(confidence, kind="stable"), BINS)
    apart = (
        len(bin_) * abs(float(confidence[bin_].mean()) - float(right[bin_].mean()))
        for bin_ in bins
        if len(bin_)
    )
    return sum(apart) / len(truth)


def best_temperature(truth: np.ndarray, likely: np.ndarray) -> float:
    """The temperature with the least log-loss (Guo et al. 2017, "On calibration of modern neural
    networks"), to one percent, between a tenth and ten.
    """
    losses = [_loss(truth, cooled(likely, float(by))) for by in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def cooled(likely: np.ndarray, by: float) -> np.ndarray:
    """The probabilities with their logits divided by a temperature."""
    likely = np.clip(likely, LEAST, 1 - LEAST)
    return np.asarray(1 / (1 + np.exp(-np.log(likely / (1 - likely)) / by)))


def _loss(truth: np.ndarray, likely: np.ndarray) -> float:
    given = np.where(truth == 1, likely, 1 - likely)
    return float(-np.log(np.clip(given, 1e-12, 1)).mean())
