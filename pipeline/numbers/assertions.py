"""Claims in words as assertions over measured values: beats, between, fell_each_epoch, holds.

Each gives a Fact; `{{ "…" | holds(FACT) }}` shows the words or fails the build with both values.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.numbers.formats import as_number
from pipeline.numbers.values import Fact, Number
from pipeline.problems import TalkError


def holds(text: str, fact: object) -> str:
    """`text` if the measured fact is true; otherwise the build fails with both values.

    A plain comparison of two values must survive their intervals: use `beats` for those.
    """
    if not isinstance(fact, Fact | bool):
        raise TalkError("`holds` needs a comparison", hint='"…" | holds(finetuned.recall > 0.9)')
    if isinstance(fact, Fact) and fact and fact.is_close:
        raise TalkError(
            f'the claim "{text}" is not certain: {fact.says}, and their intervals overlap',
            hint="assert it with beats(a, b), or say that they are about the same",
        )
    if fact:
        return text
    says = fact.says if isinstance(fact, Fact) else "its condition is false"
    raise TalkError(
        f'the claim "{text}" no longer holds: {says}',
        hint="write the sentence for this outcome, or with {% if %} for both",
    )


def beats(one: object, other: object) -> Fact:
    """Whether `one` is clearly above `other`: their 95% intervals do not overlap."""
    one, other = as_number(one, "beats"), as_number(other, "beats")
    low, high = one.low, other.high
    if low is None or high is None:
        says = f"{one.at} ({one.value:.4g}) beats {other.at} ({other.value:.4g})"
        return Fact(one.value > other.value, says)
    says = (
        f"{one.at} ({one.value:.4g}, from {low:.4g}) beats "
        f"{other.at} ({other.value:.4g}, up to {high:.4g})"
    )
    return Fact(low > high, says)


def about_the_same(one: object, other: object) -> Fact:
    """Whether the intervals of two values overlap: the run can't tell them apart."""
    one, other = as_number(one, "about_the_same"), as_number(other, "about_the_same")
    fact = not beats(one, other) and not beats(other, one)
    says = f"{_with_interval(one)} and {_with_interval(other)} are about the same"
    return Fact(fact, says)


def between(value: object, low: float, high: float) -> Fact:
    """Whether `low` <= value <= `high`: `"nine in ten" | holds(x | between(0.85, 0.95))`."""
    number = as_number(value, "between")
    if low > high:
        raise TalkError(f"between({low}, {high}) can never hold", hint="the lower end comes first")
    says = f"{number.at} ({number.value:.4g}) lies between {low} and {high}"
    return Fact(low <= number.value <= high, says)


def fell_each_epoch(history: object, name: str = "validation_loss") -> Fact:
    """Whether a value of `training.history` went down with every epoch."""
    return _each_epoch(history, name, falls=True)


def rose_each_epoch(history: object, name: str = "validation_f1") -> Fact:
    """Whether a value of `training.history` went up with every epoch."""
    return _each_epoch(history, name, falls=False)


def _each_epoch(history: object, name: str, *, falls: bool) -> Fact:
    form = "training.history | fell_each_epoch('validation_loss')"
    if not isinstance(history, Sequence) or isinstance(history, str):
        raise TalkError("`fell_each_epoch` needs the epochs of the training", hint=form)
    values = [as_number(getattr(epoch, name), name).value for epoch in history]
    if len(values) < 2:
        raise TalkError(f"{name} has {len(values)} epoch, and nothing to compare", hint=form)
    pairs = list(pairwise(values))
    shown = " → ".join(f"{value:.4g}" for value in values)
    is_true = all(b < a for a, b in pairs) if falls else all(b > a for a, b in pairs)
    way = "fell" if falls else "rose"
    return Fact(is_true, f"training.history {name} {way} each epoch ({shown})")


def _with_interval(number: Number) -> str:
    if number.low is None or number.high is None:
        return f"{number.at} ({number.value:.4g})"
    return f"{number.at} ({number.value:.4g}, {number.low:.4g} to {number.high:.4g})"


FUNCTIONS = {
    "beats": beats,
    "about_the_same": about_the_same,
    "between": between,
    "fell_each_epoch": fell_each_epoch,
    "rose_each_epoch": rose_each_epoch,
}
FILTERS = {"holds": holds, **FUNCTIONS}
