"""What messages with a near copy in training add to a score: one split apart, one plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from pipeline.config import EvidenceSettings
from pipeline.experiment.data.split import plain_sets
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Cell, Outcome
from pipeline.experiment.evidence.summary import over_seeds
from pipeline.measured import Tree, Value

RUNGS = ("linear",)
SPLITS = ("apart", "together")
QUICK_SEEDS = 2


class Leak:
    """The same classifier on a split that keeps copies together, and on a plain random one."""

    name = "leak"
    modules = ("metrics", "model/baselines")

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        seeds = min(settings.seeds, QUICK_SEEDS) if quick else settings.seeds
        return [
            Cell("leak", (("rung", rung), ("split", split)), seed)
            for rung in settings.rungs or RUNGS
            for split in SPLITS
            for seed in range(seeds)
        ]

    def cost(self, cell: Cell) -> float:
        return 4.0

    def measure(self, cell: Cell, bench: Bench) -> Outcome:
        from pipeline.experiment.metrics import f1_of, matrix_of
        from pipeline.experiment.model.baselines import fit_linear

        is_plain, items = cell["split"] == "together", bench.messages.items
        sets = plain_sets(bench.messages, cell.seed) if is_plain else bench.sets(cell.seed)
        train, validation, test = sets.parts.train, sets.parts.validation, sets.parts.test
        seen = {int(bench.groups[at]) for at in train}
        model = fit_linear(
            [items[at] for at in train], [items[at] for at in validation], bench.labels, cell.seed
        )
        said = model.predict([items[at].text for at in test])[0].argmax(-1)
        matrix = matrix_of([items[at].label for at in test], said, len(bench.labels.names))
        return {
            "f1": f1_of(matrix, bench.labels.positive_place) or 0.0,
            "copies": sum(int(bench.groups[at]) in seen for at in test),
            "messages": len(test),
        }

    def values(
        self, settings: EvidenceSettings, outcomes: Mapping[Cell, Outcome]
    ) -> dict[str, Tree]:
        tree: dict[str, Tree] = {}
        for rung in dict.fromkeys(str(cell["rung"]) for cell in outcomes):
            of = {
                split: {
                    cell.seed: float(str(one["f1"]))
                    for cell, one in outcomes.items()
                    if cell["rung"] == rung and cell["split"] == split
                }
                for split in SPLITS
            }
            both = sorted(of["apart"].keys() & of["together"].keys())
            gained = [of["together"][seed] - of["apart"][seed] for seed in both]
            tree[rung] = {
                "apart": over_seeds([of["apart"][seed] for seed in both], "F1"),
                "together": over_seeds([of["together"][seed] for seed in both], "F1"),
                "difference": over_seeds(gained, "F1, paired by seed", least=-1.0),
            }
        plain = [one for cell, one in outcomes.items() if cell["split"] == "together"]
        tree["messages"] = Value(round(fmean(float(str(one["copies"])) for one in plain)))
        tree["test_messages"] = Value(round(fmean(float(str(one["messages"])) for one in plain)))
        return tree


KIND = Leak()
