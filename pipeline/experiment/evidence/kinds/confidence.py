"""What a model is sure of, and how right it is then: here, and on other messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.trees import SHARED, Outcomes, branch, over_seeds
from pipeline.experiment.evidence.trials import Trials, trial
from pipeline.measured import Direction, Tree, Value

if TYPE_CHECKING:  # imports numpy, and each build looks at this module
    from pipeline.experiment.evidence.calibration import Scored

KEPT = (100, 95, 90, 80, 70, 50)  # percent of the messages, the surest first
RUNG, QUICK_RUNG = "finetuned", "frozen"


class Confidence(Trials):
    """What the fine-tuned models of the ladder gave each message, read again."""

    name = "confidence"

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """The ladder's: nothing is trained for this alone; a quick run takes the frozen rung."""
        return self.ordered(_cells(settings, QUICK_RUNG if quick else RUNG))

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`coverage["90"]`, `calibration`, `temperature`, `home` and `elsewhere`."""
        from pipeline.experiment.evidence.calibration import right_of_surest

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
    from pipeline.experiment.evidence.calibration import scored_of

    found = outcomes.get(cell, {}).get(where)
    if not isinstance(found, dict) or not found.get("likely"):
        return None
    return scored_of(str(found["truth"]), found["likely"])


def _calibration(pairs: Sequence[tuple[Scored, Scored]]) -> dict[str, Tree]:
    from pipeline.experiment.evidence.calibration import (
        BINS,
        best_temperature,
        calibration_error,
        cooled,
    )

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
    from pipeline.experiment.evidence.calibration import sure

    counted = [sure(*one) for one in found]
    shares = [share for share, _ in counted]
    rights = [right for _, right in counted if right is not None]
    given = f"share {whose} that is given 99% or more"
    return branch(
        sure=over_seeds(shares, given, direction="", shared=shared) if shares else None,
        right=over_seeds(rights, f"right {whose} that are given 99% or more", shared=shared)
        if rights
        else None,
    )


KIND = Confidence()
