"""Old data, new messages: trained on the collection, tried on today's, with some of them added."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from pipeline.config import EvidenceSettings, Rung
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.trees import (
    HALVES,
    SHARED,
    Outcomes,
    branch,
    numbers,
    seen,
)
from pipeline.experiment.evidence.trials import CHEAP, Trials, trial
from pipeline.measured import Tree, Value

RUNGS: tuple[Rung, ...] = ("linear", "frozen", "finetuned")
ADDED = (0, 50, 150, 350)
QUICK_RUNGS = ("linear", "frozen")
TUNED_SEEDS = 2  # of a rung that is dear, where messages are added


class Drift(Trials):
    """Half of the second set is held out; of the other half some messages are added."""

    name = "drift"

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """Each rung with each number of messages added; with none it is the ladder's."""
        rungs = [r for r in settings.rungs or RUNGS if not quick or r in QUICK_RUNGS]
        return self.ordered(
            cell
            for rung in rungs
            for added in settings.sizes or ADDED
            for cell in _cells(rung, added, settings)
        )

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`["50"].{added, RUNG}`, `auc["50"].RUNG`, `home["50"].RUNG`, `always`."""
        rungs, sizes = settings.rungs or RUNGS, settings.sizes or ADDED
        found: dict[str, Tree] = {}
        areas: dict[str, Tree] = {}
        home: dict[str, Tree] = {}
        for added in sizes:
            cells = {rung: _cells(rung, added, settings) for rung in rungs}
            more = [n for each in cells.values() for n in numbers(outcomes, each, "added")]
            if not more:
                continue
            what = f"on messages of the second set held out, {added} of the others added"
            key = str(added)
            found[key] = branch(
                added=Value(round(more[0])), **_scores(outcomes, cells, f"F1 {what}", "held_out")
            )
            areas[key] = branch(**_scores(outcomes, cells, f"AUC {what}", "held_out", "auc"))
            home[key] = branch(
                **_scores(outcomes, cells, f"F1 on the test set, {added} added", "test")
            )
        every = [c for rung in rungs for added in sizes for c in _cells(rung, added, settings)]
        return {**found, **branch(auc=areas, home=home, always=_always(outcomes, every))}


def _cells(rung: str, added: int, settings: EvidenceSettings) -> list[Cell]:
    dear = added and rung not in CHEAP
    seeds = range(1, (min(TUNED_SEEDS, settings.seeds) if dear else settings.seeds) + 1)
    return [trial(rung, seed, **({"added": added} if added else {})) for seed in seeds]


def _scores(
    outcomes: Outcomes, cells: dict[Rung, list[Cell]], what: str, where: str, which: str = "f1"
) -> dict[str, Tree | None]:
    shared = HALVES if where == "held_out" else SHARED
    return {
        rung: seen(outcomes, each, what, where, which, shared=shared)
        for rung, each in cells.items()
    }


def _always(outcomes: Outcomes, cells: Sequence[Cell]) -> Value | None:
    """F1 of calling each held-out message positive."""
    positive = numbers(outcomes, cells, "held_out", "positive")
    total = numbers(outcomes, cells, "held_out", "messages")
    if not total:
        return None
    shares = [a / b for a, b in zip(positive, total, strict=True)]
    value = fmean(2 * share / (1 + share) for share in shares)
    how = "F1 of calling each of these messages positive"
    return Value(value, unit="share", how=how, direction="up")


KIND = Drift()
