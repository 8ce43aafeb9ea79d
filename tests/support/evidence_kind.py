"""A kind of experiment that takes no time, for tests of how experiments are run."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Mapping, Sequence

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Cell, Outcome
from pipeline.experiment.evidence.trees import over_seeds
from pipeline.measured import Tree
from pipeline.problems import TalkError

BREAKS, DIES, HANGS, DIES_ONCE = 7, 8, 9, 11  # sizes whose cells do so


class Drawn:
    """The mean of so many random numbers, of each size and seed."""

    name = "amount"
    modules = ("evidence/cell",)

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        if 13 in settings.sizes:
            raise TalkError("13 brings no luck", None, "take 14")
        sizes = settings.sizes[:1] if quick else settings.sizes
        seeds = range(settings.seeds)
        return [Cell("drawn", (("size", size),), seed) for size in sizes for seed in seeds]

    def cost(self, cell: Cell) -> float:
        return float(cell["size"]) / 100

    def measure(self, cell: Cell, bench: Bench) -> Outcome:
        size = int(cell["size"])
        if size == BREAKS:
            raise ZeroDivisionError("no luck")
        if size == DIES:
            os.kill(os.getpid(), signal.SIGKILL)
        if size == DIES_ONCE and bench.cache and not (died := bench.cache / "died").exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if size == HANGS:
            os.kill(os.getppid(), signal.SIGINT)  # as Ctrl-C would
        while size == HANGS:
            time.sleep(0.1)
        chance = random.Random(f"{cell.seed} {size} {len(bench.messages.items)}")
        threads = [os.environ.get("OMP_NUM_THREADS", ""), str(bench.device.threads)]
        drawn = [chance.random() for _ in range(size)]
        return {"mean": sum(drawn) / size, "threads": " ".join(threads), "process": os.getpid()}

    def values(
        self, settings: EvidenceSettings, outcomes: Mapping[Cell, Outcome]
    ) -> dict[str, Tree]:
        means: dict[str, list[float]] = {}
        for cell, outcome in outcomes.items():
            mean = outcome["mean"]
            assert isinstance(mean, float)
            means.setdefault(str(cell["size"]), []).append(mean)
        return {size: {"mean": over_seeds(found)} for size, found in means.items()}


KIND = Drawn()
