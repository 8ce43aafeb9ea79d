"""From the numbers of single seeds to one value with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.measured import Direction, Value
from pipeline.statistics import interval_of_mean


def over_seeds(
    values: Sequence[float],
    what: str = "",
    *,
    unit: str = "share",
    direction: Direction = "up",
    least: float | None = 0.0,
    most: float | None = None,
) -> Value:
    """The mean over seeds with its 95% interval; `what` the values are, for people.

    A share ends at 1. Raises ValueError without a value.
    """
    top = 1.0 if most is None and unit == "share" else most
    made = interval_of_mean(values, least, top)
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
    )
