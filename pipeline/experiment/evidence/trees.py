"""From the outcomes of cells to the values that content names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.experiment.evidence.cell import Cell, Outcome, Plain
from pipeline.experiment.evidence.summary import over_seeds
from pipeline.measured import Direction, Tree, Value

Outcomes = Mapping[Cell, Outcome]


def numbers(outcomes: Outcomes, cells: Iterable[Cell], *at: str) -> list[float]:
    """A number of each of the cells that went well, in the cells' order."""
    found = []
    for cell in cells:
        here: Plain | Outcome = outcomes.get(cell)
        for name in at:
            here = here.get(name) if isinstance(here, dict) else None
        if isinstance(here, int | float):
            found.append(float(here))
    return found


def seen(
    outcomes: Outcomes,
    cells: Iterable[Cell],
    what: str,
    *at: str,
    unit: str = "share",
    direction: Direction = "up",
    least: float = 0.0,
) -> Value | None:
    """What some cells found over their seeds; None where none of them went well."""
    found = numbers(outcomes, cells, *at)
    return over_seeds(found, what, unit=unit, direction=direction, least=least) if found else None


def branch(**values: Tree | None) -> dict[str, Tree]:
    """A branch of the values that there are."""
    return {name: value for name, value in values.items() if value is not None and value != {}}
