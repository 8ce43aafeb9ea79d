"""What the kinds have in common whose cells are trials of rungs: which there are, what they cost.

Equal trials of several experiments are one cell, as their measuring depends on the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pipeline.config import Rung
from pipeline.experiment.evidence.cell import Cell, Outcome

if TYPE_CHECKING:
    from pipeline.experiment.evidence.bench import Bench

TRIAL = "trial"
ALL = 4500  # what "all" is taken to be where costs are guessed
CHEAP: tuple[Rung, ...] = ("linear", "frozen")  # these are drawn twice as often
# Seconds on one core: to start, for a message that is learned from, to be tried.
SECONDS = {
    "majority": (0.1, 0.0, 0.0),
    "prompted": (3.0, 0.0, 60.0),
    "few_shot": (3.0, 0.0, 90.0),
    "linear": (0.2, 0.001, 0.5),
    "frozen": (0.5, 0.001, 0.5),
    "lora": (5.0, 0.04, 3.0),
    "finetuned": (5.0, 0.035, 3.0),
}
TRAINED_ON = 400  # a training of fewer messages has as many steps as one of about so many
MODULES = (
    "evidence/lessons",
    "evidence/rungs",
    "metrics",
    "model/adapters",
    "model/baselines",
    "model/frozen",
    "model/frozen_layers",
    "model/logistic",
    "model/pooling",
    "model/pretrained",
    "model/prompts",
    "model/states",
    "model/training",
)


def trial(rung: str, seed: int, **at: str | int | float) -> Cell:
    """A rung that learns from all training messages, or from what `at` says, and is then tried.

    `n`: from so many messages, each label equally often. `wrong`: with such a share of wrong
    labels, on the `side` "random" (any label is another one) or "one_sided" (of the positive
    messages such a share is called negative). `copies`: on a plain split, with the copies of test
    messages "left in" or "taken out", or with as many "others out". `added`: with so many messages
    of the second set. Equal trials are one cell, whichever experiment asks for them.
    """
    return Cell(TRIAL, (("rung", rung), *sorted(at.items())), seed)


class Trials:
    """The part of a kind that all trials share."""

    modules = MODULES

    def cost(self, cell: Cell) -> float:
        """Seconds on one core of a laptop, roughly."""
        start, each, tried = SECONDS[str(cell["rung"])]
        n = float(dict(cell.at).get("n", ALL))
        if cell["rung"] in ("lora", "finetuned"):
            n = max(n, TRAINED_ON)
        return start + each * n + tried

    def measure(self, cell: Cell, bench: Bench) -> Outcome:
        """Let the rung learn and try it."""
        from pipeline.experiment.evidence import rungs

        return rungs.measure(cell, bench)

    def ordered(self, cells: Iterable[Cell]) -> Sequence[Cell]:
        """Each cell once, the cheapest first."""
        return sorted(dict.fromkeys(cells), key=self.cost)


def repeats(rung: str, seeds: int, quick: bool) -> range:
    """The seeds of a rung: cheap ones are drawn twice as often, in a quick run each twice."""
    count = 2 if quick else 2 * seeds if rung in CHEAP else seeds
    return range(1, count + 1)
