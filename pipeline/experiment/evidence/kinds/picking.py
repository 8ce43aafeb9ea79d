"""What choosing on the test set flatters: the best of many probes, and how it does elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.cell import Cell, Outcome
from pipeline.experiment.evidence.trees import Outcomes, branch, numbers, seen
from pipeline.experiment.evidence.trials import MODULES
from pipeline.measured import Tree, Value

if TYPE_CHECKING:
    from pipeline.experiment.evidence.bench import Bench

TRIED, QUICK_TRIED = 60, 20


class Picking:
    """Probes of other layers, strengths and draws of messages, alike but for chance and choice."""

    name = "picking"
    modules = (*MODULES, "evidence/probes", "evidence/kinds/picking")

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """One a seed, twice as many as there are seeds: a probe is cheap."""
        seeds = 2 if quick else 2 * settings.seeds
        at = (("tried", QUICK_TRIED if quick else TRIED),)
        return [Cell("picking", at, seed) for seed in range(1, seeds + 1)]

    def cost(self, cell: Cell) -> float:
        """Seconds on one core of a laptop, roughly."""
        return 3 + 0.4 * float(cell["tried"])

    def measure(self, cell: Cell, bench: Bench) -> Outcome:
        """Fit the probes once; part what is held out many times, and choose."""
        from pipeline.experiment.evidence.probes import parted, picked, probes

        sets = bench.sets(cell.seed)
        known, held_out = parted(bench, sets, cell.seed)
        truth = [int(m.label == bench.labels.positive_place) for m in held_out]
        said = probes(bench, known, held_out, int(cell["tried"]), cell.seed)
        return {**picked(truth, said, len(sets.parts.test), cell.seed), "tried": len(said)}

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`on_test`, `fresh_after_test`, the same for validation, `flattery`, `tried`."""
        cells = sorted(outcomes, key=lambda cell: cell.seed)
        tried = numbers(outcomes, cells, "tried")
        how = {
            "on_test": "F1 of the best on the messages that it was chosen on, called the test set",
            "fresh_after_test": "F1 of the same on messages that nothing was chosen on",
            "on_validation": "F1 of the best on the messages that it was chosen on",
            "fresh_after_validation": "F1 of the same on messages that nothing was chosen on",
            "flattery": "how much more choosing on the test set says than fresh messages do",
        }
        found = {
            name: seen(outcomes, cells, said, name, least=-1.0 if name == "flattery" else 0.0)
            for name, said in how.items()
        }
        return branch(**found, tried=Value(round(tried[0])) if tried else None)


KIND = Picking()
