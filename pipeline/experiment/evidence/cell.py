"""What an experiment of the evidence is made of: its kind, its cells, what one of them gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from pipeline.config import EvidenceSettings
from pipeline.measured import Tree

if TYPE_CHECKING:
    from pipeline.experiment.evidence.bench import Bench

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]  # as JSON has it
Outcome = dict[str, Plain]  # what one cell gave: counts, scores, seconds


class Cell(msgspec.Struct, frozen=True):
    """One point of a grid with one seed: what it measures depends on this and the bench alone.

    `at` are its coordinates by name, such as `{"rung": "linear", "n": 100}`.
    """

    kind: str
    at: tuple[tuple[str, str | int | float], ...]
    seed: int

    def __getitem__(self, name: str) -> str | int | float:
        return dict(self.at)[name]

    @property
    def title(self) -> str:
        """As people read it: "amount: rung linear, n 100, seed 3"."""
        where = ", ".join(f"{name} {value}" for name, value in (*self.at, ("seed", self.seed)))
        return f"{self.kind}: {where}"


class ExperimentKind(Protocol):
    """One kind of experiment. A module of `kinds` each; it imports torch only in `measure`."""

    name: str
    modules: tuple[str, ...]  # of this room: a change of their code makes the cells anew

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """The grid, cheapest cells first; with `quick` a small one that tries all that it does."""
        ...

    def cost(self, cell: Cell) -> float:
        """Seconds that a cell takes on one core of a laptop, roughly: for order and estimate."""
        ...

    def measure(self, cell: Cell, bench: Bench) -> Outcome:
        """Do one cell. The same cell and bench give the same outcome, its seconds aside."""
        ...

    def values(
        self, settings: EvidenceSettings, outcomes: Mapping[Cell, Outcome]
    ) -> dict[str, Tree]:
        """What the cells that went well say together: the tree that content names."""
        ...
