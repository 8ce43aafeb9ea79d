"""What a model is sure of, and how right it is then: here, and on other messages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.lessons import trial
from pipeline.experiment.evidence.trees import SHARED, Outcomes, branch, over_seeds
from pipeline.experiment.evidence.trials import Trials
from pipeline.measured import Direction, Tree, Value

KEPT = (100, 95, 90, 80, 70, 50)  # percent of the messages, the surest first
BINS = 15
SURE = 0.99
RUNG, QUICK_RUNG = "finetuned", "frozen"
TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(10), 461))
LEAST = 1e-6  # probabilities are kept with six digits
Scored = tuple[np.ndarray, np.ndarray]  # truth (0 or 1) and the positive label's probability


class Confidence(Trials):
    """What the fine-tuned models of the ladder gave each message, read again."""

    name = "confidence"

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """The ladder's: nothing is trained for this alone; a quick run takes the frozen rung."""
        return self.ordered(_cells(settings, QUICK_RUNG if quick else RUNG))

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`coverage["90"]`, `calibration`, `temperature`, `home` and `elsewhere`."""
        tuned = _cells(settings, RUNG)
        rung = RUNG if any(cell in outcomes for cell in tuned) else QUICK_RUNG
        cells = _cells(settings, rung)
        tried = {
            where: {cell: one for cell in cells if (one := _scores(outcomes, cell, where))}
            for where in ("test", "validation", "elsewhere")
        }
        test, held = [*tried["test"].values()], tried["validation"]
        pairs = [(held[cell], one) for cell, one in tried["test"].items() if cell in held]
        coverage: dict[str, Tree] = {
            str(percent): {
                "kept": Value(percent / 100, unit="share"),
                "accuracy": over_seeds(
                    [right_of_surest(*one, percent / 100) for one in test],
                    f"accuracy on the surest {percent}% of the test messages",
                    shared=SHARED,
                ),
            }
            for percent in (KEPT if test else ())
        }
        return branch(
            coverage=coverage,
            **_calibration(pairs),
            home=_sure(test, "of the test messages", SHARED),
            elsewhere=_sure([*tried["elsewhere"].values()], "of the second set, always the same,"),
            rung=rung,
        )


def _cells(settings: EvidenceSettings, rung: str) -> list[Cell]:
    return [trial(rung, seed) for seed in range(1, settings.seeds + 1)]


def _scores(outcomes: Outcomes, cell: Cell, where: str) -> Scored | None:
    found = outcomes.get(cell, {}).get(where)
    if not isinstance(found, dict) or not found.get("likely"):
        return None
    truth, likely = found["truth"], found["likely"]
    assert isinstance(truth, str)
    return np.array([int(sign) for sign in truth]), np.array(likely, dtype=float)


def _calibration(pairs: Sequence[tuple[Scored, Scored]]) -> dict[str, Tree]:
    if not pairs:
        return {}
    before, after, temperatures = [], [], []
    for held, (truth, likely) in pairs:
        by = best_temperature(*held)
        temperatures.append(by)
        before.append(calibration_error(truth, likely))
        after.append(calibration_error(truth, cooled(likely, by)))
    what = f"expected calibration error on the test set, {BINS} bins of equally many messages"
    down: Direction = "down"
    return {
        "calibration": {
            "before": over_seeds(before, what, direction=down, shared=SHARED),
            "after": over_seeds(after, f"{what}, after temperature", direction=down, shared=SHARED),
        },
        "temperature": over_seeds(
            temperatures,
            "temperature fitted on the validation set",
            unit="",
            direction="",
            shared=SHARED,
        ),
    }


def _sure(found: Sequence[Scored], whose: str, shared: float = 0.0) -> dict[str, Tree]:
    """How many messages are given 99% and more, and how many of those are right."""
    shares, rights = [], []
    for truth, likely in found:
        sure = np.maximum(likely, 1 - likely) >= SURE
        shares.append(float(sure.mean()))
        if sure.any():
            rights.append(float(((likely > 0.5) == truth)[sure].mean()))
    given = f"share {whose} that is given 99% or more"
    return branch(
        sure=over_seeds(shares, given, direction="", shared=shared) if shares else None,
        right=over_seeds(rights, f"right {whose} that are given 99% or more", shared=shared)
        if rights
        else None,
    )


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


KIND = Confidence()
