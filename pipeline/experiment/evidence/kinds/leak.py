"""What near copies across the split add: the same test messages with and without them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from pipeline.config import EvidenceSettings, Rung
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.trees import (
    SHARED,
    Outcomes,
    branch,
    numbers,
    over_seeds,
    seen,
)
from pipeline.experiment.evidence.trials import Trials, repeats, trial
from pipeline.measured import Tree, Value

RUNGS: tuple[Rung, ...] = ("linear", "frozen")
SIDES = {"apart": "taken out", "together": "others out"}


class Leak(Trials):
    """Plain random splits, without the copies of test messages, and without as many others."""

    name = "leak"

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """Each rung on each split, both ways."""
        return self.ordered(
            cell
            for rung in settings.rungs or RUNGS
            for side in SIDES
            for cell in _cells(rung, side, settings, quick)
        )

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`RUNG.{apart, together, difference}`, and how many test messages have a copy."""
        rungs = settings.rungs or RUNGS
        found = {rung: _rung(rung, settings, outcomes) for rung in rungs}
        together = [cell for rung in rungs for cell in _cells(rung, "together", settings)]
        return branch(
            **found,
            messages=_mean(outcomes, together, "near copies in training, mean of", "copied"),
            test_messages=_mean(outcomes, together, "mean of", "test", "messages"),
        )


def _cells(rung: str, side: str, settings: EvidenceSettings, quick: bool = False) -> list[Cell]:
    seeds = repeats(rung, settings.seeds, quick)
    return [trial(rung, seed, copies=SIDES[side]) for seed in seeds]


def _rung(rung: str, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
    apart, together = (_cells(rung, side, settings) for side in SIDES)
    pairs = [
        (without[0], with_them[0])
        for one, other in zip(apart, together, strict=True)
        if (without := numbers(outcomes, [one], "test", "f1"))
        and (with_them := numbers(outcomes, [other], "test", "f1"))
    ]
    what = "F1 on the test messages of plain splits,"
    return branch(
        apart=seen(
            outcomes, apart, f"{what} their near copies taken out of training", "test", "f1"
        ),
        together=seen(outcomes, together, f"{what} as many other messages taken out", "test", "f1"),
        difference=over_seeds(
            [b - a for a, b in pairs],
            "difference in F1 on the same test messages, split by split",
            direction="",
            least=-1.0,
            shared=SHARED,
        )
        if pairs
        else None,
    )


def _mean(outcomes: Outcomes, cells: Sequence[Cell], what: str, *at: str) -> Value | None:
    found = numbers(outcomes, cells, *at)
    return Value(round(fmean(found)), how=f"{what} {len(found)} splits") if found else None


KIND = Leak()
