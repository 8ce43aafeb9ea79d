"""A number as people and programs write it -> `Value`: its unit, its ±, its share in percent."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from msgspec.structs import replace

from pipeline import units
from pipeline.measured import Tree, Value

PLUS_MINUS = "± as it was printed"
_NUMBER = r"[+-]?(?:\d+(?:_\d{3})*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_UNIT = r"[^\W\d_][^\s,;:=()\[\]{}|<>\"']{0,23}|[%°€$£µ‰][^\s,;:=()\[\]{}|<>\"']{0,11}"
_AMOUNT = re.compile(
    rf"(?P<value>{_NUMBER})(?:\s*(?:±|\+/-|\+-)\s*(?P<spread>{_NUMBER}))?(?P<gap>\s*)(?P<unit>{_UNIT})?\Z"
)
# Signs between groups of three digits, or a comma before the decimals: both are guesses.
_GROUPED = re.compile(r"[+-]?(?:\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+,\d+)")
_NO_NUMBER = frozenset(["nan", "inf", "infinity"])
MOST_DIGITS = 400  # more than a float can have before its point


class RefusedError(Exception):
    """A number that can't be taken for a measured one; the message says why."""


def amount(text: str, name: str = "", *, any_unit: bool = False) -> Value | None:
    """`12.5 ± 0.3 ms`, `93.3%`, `1e-3`; None for a text that is no number.

    Without a unit of its own it has the one that `name` states. Only known units count, or any word
    behind a space with `any_unit`: `7B` and `3D` are names. Raises RefusedError for NaN, for what
    no float can hold, and for signs between digits that can be read in two ways.
    """
    text = text.strip()
    if text.lstrip("+-").lower() in _NO_NUMBER:
        raise RefusedError(f"`{text}` is no measured value")
    found = _AMOUNT.match(text)
    if not found or not _is_unit(found["unit"] or "", found["gap"], any_unit):
        grouped = _GROUPED.match(text)
        if grouped and (not text[grouped.end() :] or any_unit):
            raise RefusedError(f"`{text}` can be read in two ways")
        return None
    unit = units.canonical(found["unit"] or "")
    made = Value(number(found["value"]), unit=unit or units.unit_of_name(name))
    if found["spread"]:
        low, high = _around(found["value"], found["spread"])
        made = replace(made, low=low, high=high, how=PLUS_MINUS)
    return as_share(made)


def parameter(text: str) -> Tree:
    """A parameter is a text to the programs that write it; one that is a number is one here."""
    try:
        return amount(text) or text
    except RefusedError:
        return text


def _is_unit(unit: str, gap: str, any_unit: bool) -> bool:
    """Whether what stands behind a number is its unit, as far as one can tell."""
    if not unit or (gap and any_unit):
        return True
    return units.is_known(unit) and (bool(gap) or len(unit) > 1 or unit in "s%")


def is_number(text: str) -> bool:
    """Whether a text is a number and nothing else."""
    return bool(re.fullmatch(_NUMBER, text.strip()))


def number(text: str) -> int | float:
    """A number as it is written, whole ones whole. Raises RefusedError for one beyond a float."""
    if len(text) > MOST_DIGITS:
        raise RefusedError(f"`{text[:12]}…` has more digits than a number can have")
    return finite(int(text) if text.lstrip("+-").replace("_", "").isdigit() else float(text))


def finite(value: float, text: str = "") -> int | float:
    """A number that a file can keep. Raises RefusedError for NaN and what no float can hold."""
    try:
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise RefusedError(f"`{text or value}` is no measured value")
    return value


def as_share(value: Value) -> Value:
    """A value in percent as a share of 1, without what a division in floats would add."""
    if units.canonical(value.unit) != "%":
        return value
    return replace(
        value,
        value=_percent(value.value),
        low=None if value.low is None else _percent(value.low),
        high=None if value.high is None else _percent(value.high),
        repeats=tuple(_percent(one) for one in value.repeats),
        unit=units.SHARE,
    )


def _percent(value: float) -> float:
    return float(Decimal(repr(value)).scaleb(-2))


def _around(value: str, spread: str) -> tuple[float, float]:
    """The ends of a ±, to the digits that are written."""
    middle, half = Decimal(value.replace("_", "")), abs(Decimal(spread.replace("_", "")))
    return finite(float(middle - half)), finite(float(middle + half))
