"""Several runs of one command -> one tree: the median of each number, with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pipeline import statistics, units
from pipeline.measured import Tree, Value, step
from pipeline.problems import TalkError

_KINDS = {Value: "a number", str: "a text", bool: "a truth", dict: "a branch", tuple: "a list"}
_STEADY = "print only what is the same in each run, or leave `repeats` out"


def merged(name: str, trees: Sequence[dict[str, Tree]]) -> dict[str, Tree]:
    """The trees of repeated runs of a measurement as one; a single one as it is.

    Raises TalkError, naming the place, where they differ in more than their numbers.
    """
    if len(trees) == 1:
        return trees[0]
    made = _merged(trees, name)
    assert isinstance(made, dict)
    return made


def _merged(found: Sequence[Tree], at: str) -> Tree:
    first, where = found[0], f"`{at}`"
    for number, other in enumerate(found[1:], 2):
        if type(other) is not type(first):
            kinds = f"{_kind(first)} in run 1 and {_kind(other)} in run {number}"
            raise TalkError(f"{where} is {kinds}", hint=_STEADY)
    if isinstance(first, Value):
        return _number([one for one in found if isinstance(one, Value)], where)
    if isinstance(first, dict):
        branches = [one for one in found if isinstance(one, dict)]
        for number, branch in enumerate(branches[1:], 2):
            if lost := first.keys() ^ branch.keys():
                name, runs = min(lost), (1, number) if min(lost) in first else (number, 1)
                message = f"`{step(at, name)}` is in run {runs[0]} and not in run {runs[1]}"
                raise TalkError(message, hint=_STEADY)
        return {name: _merged([b[name] for b in branches], step(at, name)) for name in first}
    if isinstance(first, tuple):
        series = [one for one in found if isinstance(one, tuple)]
        for number, one in enumerate(series[1:], 2):
            if len(one) != len(first):
                counts = f"{len(first)} values in run 1 and {len(one)} in run {number}"
                raise TalkError(f"{where} has {counts}", hint=_STEADY)
        return tuple(_merged([s[i] for s in series], step(at, i)) for i in range(len(first)))
    for number, other in enumerate(found[1:], 2):
        if other != first:
            texts = f"`{str(first)[:40]}` in run 1 and `{str(other)[:40]}` in run {number}"
            raise TalkError(f"{where} is {texts}", hint=_STEADY)
    return first


def _number(found: Sequence[Value], where: str) -> Value:
    """The median of one number over the runs, with the interval of so many."""
    first, runs = found[0], tuple(one.value for one in found)
    for number, other in enumerate(found[1:], 2):
        if (other.unit, other.direction) != (first.unit, first.direction):
            of = f"`{first.unit}` in run 1 and `{other.unit}` in run {number}"
            raise TalkError(f"{where} has the unit {of}", hint="print one unit")
    counts = {(one.hits, one.total) for one in found}
    hits, total = counts.pop() if len(counts) == 1 else (None, None)
    known = replace(first, hits=hits, total=total, n=len(runs), repeats=runs)
    if len(set(runs)) == 1:
        low, high, level = first.low, first.high, first.level
        if any((one.low, one.high) != (low, high) for one in found):
            low = high = None
        how = f"the same in {len(runs)} runs" + (f"; {first.how}" if first.how else "")
        return replace(known, low=low, high=high, level=level, how=how)
    is_positive = units.kind_of(first.unit) in ("time", "size", units.SHARE) and min(runs) >= 0
    made = statistics.interval_of_repeats(runs, 0 if is_positive else None)
    high = made.high
    if units.kind_of(first.unit) == units.SHARE and high is not None and max(runs) <= 1:
        high = min(high, 1.0)
    how = made.how + (f", each: {first.how}" if first.how else "")
    return replace(known, value=made.value, low=made.low, high=high, level=made.level, how=how)


def _kind(tree: Tree) -> str:
    return _KINDS.get(type(tree), "nothing")
