"""Numbers for slides in another order: as few files as can be get another one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

ROOM = 10  # between two numbers at the end, where all others leave as much


def renumbered(order: Sequence[str], numbers: Mapping[str, int]) -> dict[str, int]:
    """A number for each name so that they rise in this order; most of `numbers` stay.

    A name without a number is a new slide. Numbers begin with 1 and may have gaps; where there were
    none and one file more keeps it so, there are none.
    """
    fewest, plain = _fewest(order, numbers), counted(order)
    had_gaps = set(numbers.values()) != set(range(1, len(numbers) + 1))
    more = sum(plain[name] != numbers.get(name) for name in order)
    less = sum(fewest[name] != numbers.get(name) for name in order)
    return fewest if had_gaps or more > less + 1 else plain


def _fewest(order: Sequence[str], numbers: Mapping[str, int]) -> dict[str, int]:
    kept = _kept(order, numbers)
    whole = [numbers[order[at]] for at in kept]
    step = ROOM if len(whole) > 1 and all(number % ROOM == 0 for number in whole) else 1
    made: dict[str, int] = {}
    edges = [-1, *kept, len(order)]
    for first, last in itertools.pairwise(edges):
        below = made[order[first]] if first >= 0 else 0
        above = numbers[order[last]] if last < len(order) else None
        between = order[first + 1 : last]
        made |= zip(between, _spread(below, above, len(between), step), strict=True)
        if above is not None:
            made[order[last]] = above
    return made


def counted(order: Sequence[str]) -> dict[str, int]:
    """The numbers 1, 2, 3 … without gaps."""
    return {name: number for number, name in enumerate(order, 1)}


def _spread(below: int, above: int | None, count: int, step: int) -> Iterator[int]:
    """So many numbers between two, with as much room on both sides as there is."""
    if above is not None:
        step = (above - below) // (count + 1)
    return (below + step * at for at in range(1, count + 1))


def _kept(order: Sequence[str], numbers: Mapping[str, int]) -> list[int]:
    """Where in the order the most numbers can stay that they have.

    Between two that stay there must be a number for each slide between them: the longest chain in
    which a number less its place never falls.
    """
    # The length of the longest chain up to here, and who is before.
    best: list[tuple[int, int]] = []
    for at, name in enumerate(order):
        if name not in numbers or numbers[name] <= at:
            best.append((0, -1))
            continue
        room = numbers[name] - at
        before = [
            (length, -other)
            for other, (length, _) in enumerate(best)
            if length and numbers[order[other]] - other <= room
        ]
        length, other = max(before, default=(0, 1))
        best.append((length + 1, -other))
    at = max(range(len(best)), key=lambda place: best[place][0], default=-1)
    chain: list[int] = []
    while at >= 0 and best[at][0]:
        chain.append(at)
        at = best[at][1]
    return chain[::-1]
