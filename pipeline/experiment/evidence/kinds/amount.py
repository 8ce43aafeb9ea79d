"""How many examples are enough: F1 by the number of messages that a rung learns from."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config import EvidenceSettings, Rung
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.trees import Outcomes, branch, numbers, seen
from pipeline.experiment.evidence.trials import Trials, repeats, trial
from pipeline.measured import Tree, Value

SIZES = (10, 20, 50, 100, 200, 500, 1000)
RUNGS: tuple[Rung, ...] = ("few_shot", "linear", "frozen", "finetuned")
QUICK_SIZES, QUICK_RUNGS = (20, 100), ("linear", "frozen")


class Amount(Trials):
    """Balanced draws of each size, and all training messages as the ladder has them."""

    name = "amount"

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """Each size and all, with each rung; a prompt of eight examples is tried once a split."""
        sizes = [n for n in settings.sizes or SIZES if not quick or n in QUICK_SIZES]
        rungs = [r for r in settings.rungs or RUNGS if not quick or r in QUICK_RUNGS]
        return self.ordered(
            cell for rung in rungs for n in (*sizes, 0) for cell in _cells(rung, n, settings, quick)
        )

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`["100"].{n, linear, …}`; the key of all messages is their number."""
        rungs = settings.rungs or RUNGS
        found: dict[str, Tree] = {}
        for n in (*(settings.sizes or SIZES), 0):
            scores = {rung: _score(rung, n, settings, outcomes) for rung in rungs}
            if any(scores.values()):
                count = n or _all(settings, outcomes)
                found[str(count)] = branch(n=Value(count), **scores)
        return found


def _cells(rung: str, n: int, settings: EvidenceSettings, quick: bool = False) -> list[Cell]:
    seeds = repeats(rung, settings.seeds, quick)
    if rung == "few_shot" or not n:  # one reading of the test messages serves all sizes
        return [trial(rung, seed) for seed in seeds]
    return [trial(rung, seed, n=n) for seed in seeds]


def _score(rung: str, n: int, settings: EvidenceSettings, outcomes: Outcomes) -> Value | None:
    cells = _cells(rung, n, settings)
    if rung == "few_shot":
        what = "F1 with eight examples in the prompt and a threshold from the others"
        return seen(outcomes, cells, what, *(("sizes", str(n)) if n else ("test", "f1")))
    what = (
        f"F1 after learning from {n:,} messages, each label equally often"
        if n
        else ("F1 after learning from all training messages, as the ladder has it")
    )
    return seen(outcomes, cells, what, "test", "f1")


def _all(settings: EvidenceSettings, outcomes: Outcomes) -> int:
    """How many messages "all" are, in the first split that was done."""
    cells = [c for rung in settings.rungs or RUNGS for c in _cells(rung, 0, settings)]
    return round(numbers(outcomes, cells, "train")[0])


KIND = Amount()
