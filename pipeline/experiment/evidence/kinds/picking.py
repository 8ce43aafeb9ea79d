"""What choosing on the test set flatters: the best of many probes, and how it does elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.cell import Cell, Outcome
from pipeline.experiment.evidence.trees import Outcomes, branch, numbers, seen
from pipeline.experiment.evidence.trials import MODULES
from pipeline.measured import Tree, Value

if TYPE_CHECKING:
    from pipeline.experiment.data.messages import Message
    from pipeline.experiment.data.split import Sets
    from pipeline.experiment.evidence.bench import Bench

LEARNED_FROM = 1000  # messages; fewer than there are, so that sixty probes are fitted in seconds
TRIED, QUICK_TRIED = 60, 20
DRAWS = 200  # ways to part the messages that are held out
PARTS = ("test", "validation", "fresh")


class Picking:
    """Probes of other layers, strengths and draws of messages, alike but for chance and choice."""

    name = "picking"
    modules = (*MODULES, "evidence/kinds/picking")

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
        from pipeline.experiment.evidence.rungs import probes

        sets = bench.sets(cell.seed)
        known, held_out = parted(bench, sets, cell.seed)
        truth = np.array([m.label == bench.labels.positive_place for m in held_out], dtype=int)
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


def parted(bench: Bench, sets: Sets, seed: int) -> tuple[list[Message], list[Message]]:
    """Training messages to learn from, and one message of each group that they leave."""
    order = np.random.default_rng([seed, 4]).permutation(sets.parts.train)
    learned = order[:LEARNED_FROM].tolist()
    seen_groups = {int(bench.groups[i]) for i in learned}
    left: dict[int, int] = {}
    for i in (*sets.parts.test, *sets.parts.validation, *order[LEARNED_FROM:].tolist()):
        group = int(bench.groups[i])
        if group not in seen_groups:
            left.setdefault(group, i)
    items = bench.messages.items
    return [items[i] for i in learned], [items[i] for i in left.values()]


def picked(truth: np.ndarray, said: np.ndarray, size: int, seed: int) -> dict[str, float]:
    """Mean F1 of the best probe where it was chosen, and on messages that nothing was chosen on.

    `truth` is 0 or 1, shape (messages,); `said` the same by probe, (probes, messages). The
    messages give three sets of `size` at random, many times over: so only the choosing makes a
    difference between them.
    """
    size = min(size, len(truth) // len(PARTS))
    chance = np.random.default_rng([seed, 3])
    found = np.zeros((DRAWS, 4))
    for draw in range(DRAWS):
        parts = chance.permutation(len(truth))[: size * len(PARTS)].reshape(len(PARTS), size)
        scores = [_f1s(truth[part], said[:, part]) for part in parts]  # each (probes,)
        test, validation, fresh = scores
        by_test, by_validation = int(test.argmax()), int(validation.argmax())
        found[draw] = (
            test[by_test], fresh[by_test], validation[by_validation], fresh[by_validation],
        )  # fmt: skip
    names = ("on_test", "fresh_after_test", "on_validation", "fresh_after_validation")
    means = dict(zip(names, found.mean(0).tolist(), strict=True))
    return {**means, "flattery": means["on_test"] - means["fresh_after_test"]}


def _f1s(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    hits, both = said @ truth, said.sum(1) + truth.sum()
    return np.asarray(np.divide(2 * hits, both, out=np.zeros(len(said)), where=both > 0))


KIND = Picking()
