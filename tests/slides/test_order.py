"""Slides in another order keep as many of their files' numbers as can be."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.slides.order import counted, renumbered

PLAIN = {name: number for number, name in enumerate("abcdef", 1)}
TENS = {name: 10 * number for number, name in enumerate("abcdef", 1)}

CASES = [
    ("a slide moved on leaves a gap", "acdebf", PLAIN, "1 3 4 5 6 7"),
    ("a slide put in without room", "abxcdef", PLAIN, "1 2 3 4 5 6 7"),
    ("the last one first", "fabcde", PLAIN, "1 2 3 4 5 6"),
    ("a new last one", "abcdefx", PLAIN, "1 2 3 4 5 6 7"),
    ("room in a gap", "acdebf", TENS, "10 30 40 50 55 60"),
    ("room before the first", "xabcdef", TENS, "5 10 20 30 40 50 60"),
    ("room behind the last", "abcdefx", TENS, "10 20 30 40 50 60 70"),
    ("two of one number", "abc", {"a": 1, "b": 1, "c": 5}, "1 3 5"),
    ("the first slide", "x", {}, "1"),
]


@pytest.mark.parametrize(
    ("order", "numbers", "wanted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_numbers_of_another_order(order: str, numbers: dict[str, int], wanted: str) -> None:
    """Gaps are used, plain numbers stay plain where it costs one file more, tens stay tens."""
    made = renumbered(order, numbers)
    assert " ".join(str(made[name]) for name in order) == wanted


@given(st.permutations("abcdefg"), st.lists(st.integers(1, 12), min_size=7, max_size=7))
def test_numbers_rise_and_most_stay(order: list[str], numbers: list[int]) -> None:
    """No choice of slides that keep their numbers is larger, but for one file in plain numbers."""
    old = dict(zip("abcdefg", numbers, strict=True))
    made = renumbered(order, old)
    values = [made[name] for name in order]
    assert values[0] >= 1
    assert all(one < other for one, other in pairwise(values))
    stay = sum(made[name] == old[name] for name in order)
    best = max(
        size
        for size in range(8)
        for kept in combinations(range(7), size)
        if _can_stay(kept, [old[name] for name in order])
    )
    assert stay >= best - 1
    assert stay == best or made == counted(order)


def _can_stay(kept: tuple[int, ...], numbers: list[int]) -> bool:
    chain = [(-1, 0), *((at, numbers[at]) for at in kept)]
    steps = pairwise(chain)
    return all(after - before >= at - was for (was, before), (at, after) in steps)
