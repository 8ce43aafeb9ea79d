"""Claims in words as assertions over measured values, and two values set against each other.

Each claim gives a Fact; `{{ "…" | holds(FACT) }}` shows the words or fails the build with both
values. Which of two is better says their direction, else their unit: less of a time or a size.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.numbers.comparisons import Outcome, better_direction, compared
from pipeline.numbers.formats import as_number
from pipeline.numbers.values import Fact, Number, Record
from pipeline.problems import TalkError


def holds(text: str, fact: object) -> str:
    """`text` if the measured fact is true; otherwise the build fails with both values.

    A plain comparison of two values must survive their uncertainty: use `beats` for those.
    """
    if not isinstance(fact, Fact | bool):
        raise TalkError("`holds` needs a comparison", hint='"…" | holds(finetuned.recall > 0.9)')
    if isinstance(fact, Fact) and fact and fact.is_close:
        raise TalkError(
            f'the claim "{text}" is not certain: {fact.says}',
            hint="assert it with beats(a, b), or say that they are about the same",
        )
    if fact:
        return text
    says = fact.says if isinstance(fact, Fact) else "its condition is false"
    raise TalkError(
        f'the claim "{text}" no longer holds: {says}',
        hint="write the sentence for this outcome, or with {% if %} for both",
    )


# --- Two values ---------------------------------------------------------------------------------


def ratio(one: object, other: object) -> Number:
    """`one` / `other`, both in the same unit: `ratio(slow.ns, fast.ns) | times("as fast")`."""
    one, other = as_number(one, "ratio"), as_number(other, "ratio")
    made = one / other
    if made.unit:
        raise TalkError(
            f"ratio({one.at}, {other.at}): {one.unit or 'no unit'} and {other.unit or 'no unit'}",
            hint="a ratio is of two values in units that fit; a rate is a / b",
        )
    return made


def difference(one: object, other: object) -> Number:
    """`one` - `other`, in the unit of `one`."""
    return as_number(one, "difference") - as_number(other, "difference")


def beats(one: object, other: object) -> Fact:
    """Whether `one` is better than `other` beyond their uncertainty."""
    one, other = as_number(one, "beats"), as_number(other, "beats")
    outcome, is_better = _better(one, other)
    return Fact(is_better, f"{one.at} ({_short(one)}) beats {_against(one, other, outcome)}")


def about_the_same(one: object, other: object) -> Fact:
    """Whether the run can't tell two values apart."""
    one, other = as_number(one, "about_the_same"), as_number(other, "about_the_same")
    outcome = compared(one, other)
    says = f"{one.at} ({_short(one)}) is about the same as {_against(one, other, outcome)}"
    return Fact(outcome.is_close or outcome.sign == 0, says)


def beats_all(one: object, others: object, name: str = "") -> Fact:
    """Whether `one` beats each other value of a group: `beats_all(hash.swiss.ns, hash, "ns")`.

    `others`: a series, a table or a branch, with the column's `name`; what has none is passed over.
    """
    best = as_number(one, "beats_all")
    rivals = [rival for rival in _column(others, name, "beats_all") if rival.at != best.at]
    if not rivals:
        raise TalkError(f"beats_all: nothing to compare {best.at} with", hint=_COLUMN)
    facts = [beats(best, rival) for rival in rivals]
    return next((fact for fact in facts if not fact), Fact(True, f"{best.at} beats all"))


def ranked(*values: object) -> Fact:
    """Whether each value beats the next: `ranked(hash.swiss.ns, hash.robin.ns, hash.chain.ns)`."""
    if len(values) < 2:
        raise TalkError("`ranked` needs at least two values", hint="ranked(best, next, last)")
    facts = [beats(one, other) for one, other in pairwise(values)]
    return next((fact for fact in facts if not fact), Fact(True, "each beats the next"))


def _better(one: Number, other: Number) -> tuple[Outcome, bool]:
    way = better_direction(one, other)
    outcome = compared(one, other)
    return outcome, outcome.sign == (1 if way == "up" else -1) and not outcome.is_close


def _against(one: Number, other: Number, outcome: Outcome) -> str:
    is_down = better_direction(one, other) == "down"
    says = "; ".join(filter(None, (outcome.says, "less is better" if is_down else "")))
    return f"{other.at} ({_short(other)}){f': {says}' if says else ''}"


def _short(number: Number) -> str:
    return f"{number.value:.4g} {number.unit if number.unit != 'share' else ''}".rstrip()


# --- One value, and many ------------------------------------------------------------------------


def between(value: object, low: float, high: float) -> Fact:
    """Whether `low` <= value <= `high`: `"nine in ten" | holds(x | between(0.85, 0.95))`."""
    number = as_number(value, "between")
    _check_bounds("between", low, high)
    if low > high:
        raise TalkError(f"between({low}, {high}) can never hold", hint="the lower end comes first")
    says = f"{number.at} ({number.value:.4g}) lies between {low} and {high}"
    return Fact(low <= number.value <= high, says)


def at_least(value: object, bound: float) -> Fact:
    """Whether a value with its whole interval is `bound` or more: at_least(ratio(a, b), 1.5)."""
    number = as_number(value, "at_least")
    _check_bounds("at_least", bound)
    low = number.value if number.low is None else number.low
    return Fact(low >= bound, f"{_with_interval(number)} is at least {bound}")


def at_most(value: object, bound: float) -> Fact:
    """Whether a value with its whole interval is `bound` or less."""
    number = as_number(value, "at_most")
    _check_bounds("at_most", bound)
    high = number.value if number.high is None else number.high
    return Fact(high <= bound, f"{_with_interval(number)} is at most {bound}")


def _check_bounds(claim: str, *bounds: object) -> None:
    for bound in bounds:
        if not isinstance(bound, int | float) or isinstance(bound, bool):
            hint = "two measured values are compared with beats(a, b), or as ratio(a, b)"
            shown = bound.at if isinstance(bound, Number) else repr(bound)
            raise TalkError(f"`{claim}` needs a typed number, not {shown}", hint=hint)


def fell_each(values: object, name: str = "") -> Fact:
    """Whether a series, or a column of a table by its `name`, went down at every step."""
    return _each(values, name, "fell_each", "time", falls=True)


def rose_each(values: object, name: str = "") -> Fact:
    """Whether a series, or a column of a table by its `name`, went up at every step."""
    return _each(values, name, "rose_each", "time", falls=False)


def fell_each_epoch(history: object, name: str = "validation_loss") -> Fact:
    """Whether a value of `training.history` went down with every epoch."""
    return _each(history, name, "fell_each_epoch", "epoch", falls=True)


def rose_each_epoch(history: object, name: str = "validation_f1") -> Fact:
    """Whether a value of `training.history` went up with every epoch."""
    return _each(history, name, "rose_each_epoch", "epoch", falls=False)


_COLUMN = 'a series, or a table with the name of its column: (hash.rows, "ns")'


def _each(values: object, name: str, claim: str, step: str, *, falls: bool) -> Fact:
    form = f"training.history | {claim}('{name}')" if step == "epoch" else _COLUMN
    if isinstance(values, Number | str) or not isinstance(values, Sequence | Record):
        raise TalkError(
            f"`{claim}` needs {'the epochs of the training' if step == 'epoch' else 'a series'}",
            hint=form,
        )
    found = [number.value for number in _column(values, name, claim)]
    at = getattr(values, "_at", "") or "the values"
    at = f"{at} {name}".rstrip()
    if len(found) < 2:
        raise TalkError(f"{at}: {len(found)} {step}, and nothing to compare", hint=form)
    pairs = list(pairwise(found))
    shown = " → ".join(f"{value:.4g}" for value in found)
    is_true = all(b < a for a, b in pairs) if falls else all(b > a for a, b in pairs)
    return Fact(is_true, f"{at} {'fell' if falls else 'rose'} each {step} ({shown})")


def _column(values: object, name: str, claim: str) -> list[Number]:
    """The numbers of a series, or of a column; of a branch those of its parts that have it."""
    if isinstance(values, Record):
        parts = [values[key] for key in values]
        if not name:
            return [part for part in parts if isinstance(part, Number)]
        return [
            as_number(part[name], claim)
            for part in parts
            if isinstance(part, Record) and name in list(part)
        ]
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise TalkError(f"`{claim}` needs a series", hint=_COLUMN)
    return [as_number(getattr(row, name) if name else row, claim) for row in values]


def _with_interval(number: Number) -> str:
    if number.low is None or number.high is None:
        return f"{number.at} ({_short(number)})"
    return f"{number.at} ({_short(number)}, {number.low:.4g} to {number.high:.4g})"


CLAIMS = {
    "beats": beats,
    "about_the_same": about_the_same,
    "beats_all": beats_all,
    "ranked": ranked,
    "between": between,
    "at_least": at_least,
    "at_most": at_most,
    "fell_each": fell_each,
    "rose_each": rose_each,
    "fell_each_epoch": fell_each_epoch,
    "rose_each_epoch": rose_each_epoch,
}
FUNCTIONS = {**CLAIMS, "ratio": ratio, "difference": difference}
# Which of several values is better: a branch under one of these knows how they compare.
COMPARISONS = frozenset(["beats", "about_the_same", "beats_all", "ranked"])
FILTERS = {"holds": holds, **FUNCTIONS}
