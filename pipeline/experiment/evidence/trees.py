"""From the outcomes of cells to the values that content names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.experiment.data.split import PARTS
from pipeline.experiment.evidence.cell import Cell, Outcome, Plain
from pipeline.measured import Direction, Tree, Value
from pipeline.statistics import interval_of_mean

Outcomes = Mapping[Cell, Outcome]
SHARED = 1 / (PARTS - 1)  # of splits that test on a tenth
HALVES = 1.0  # of splits in halves


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


def over_seeds(
    values: Sequence[float],
    what: str = "",
    *,
    unit: str = "share",
    direction: Direction = "up",
    least: float | None = 0.0,
    most: float | None = None,
    shared: float = 0.0,
) -> Value:
    """The mean over seeds with its 95% interval; `what` the values are, for people.

    A share ends at 1. `shared`: the seeds are splits of one collection, and their test sets have
    messages in common: so many for each that was learned from. Raises ValueError without a value.
    """
    top = 1.0 if most is None and unit == "share" else most
    made = interval_of_mean(values, least, top, shared)
    how = f"{what}: {made.how}" if what else made.how
    return Value(
        made.value,
        made.low,
        made.high,
        n=len(values),
        unit=unit,
        how=how,
        direction=direction,
        repeats=tuple(values),
        shared=shared,
    )


def seen(
    outcomes: Outcomes,
    cells: Iterable[Cell],
    what: str,
    *at: str,
    unit: str = "share",
    direction: Direction = "up",
    least: float = 0.0,
    shared: float = SHARED,
) -> Value | None:
    """What some cells found over their seeds; None where none of them went well."""
    found = numbers(outcomes, cells, *at)
    if not found:
        return None
    return over_seeds(found, what, unit=unit, direction=direction, least=least, shared=shared)


def branch(**values: Tree | None) -> dict[str, Tree]:
    """A branch of the values that there are."""
    return {name: value for name, value in values.items() if value is not None and value != {}}
