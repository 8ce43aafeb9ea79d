"""Times that slides took -> slots: near them, filled by what is said, as long as the cut."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import msgspec

from pipeline.script.timing import ROUND_S


class Wanted(msgspec.Struct, frozen=True):
    """A slide's slot as it is, the time that it took, and what its words fill. In seconds."""

    slot_s: int
    time_s: float
    least_s: int
    most_s: int

    @property
    def first_s(self) -> int:
        """The slot that there is, if it is near enough; else the time in steps of ROUND_S."""
        if self.allows(self.slot_s) and abs(self.time_s - self.slot_s) < ROUND_S:
            return self.slot_s
        near_s = min(max(self.time_s, self.least_s), self.most_s)
        steps_s = (round(near_s / ROUND_S) + step for step in (0, 1, -1))
        found = (step * ROUND_S for step in steps_s if self.allows(step * ROUND_S))
        return next(found, min(max(round(near_s), self.least_s), self.most_s))

    def allows(self, slot_s: int) -> bool:
        return self.least_s <= slot_s <= self.most_s


def slots_near(wanted: Sequence[Wanted], low_s: int, high_s: int) -> list[int]:
    """A slot for each that its words fill; together from `low_s` to `high_s`, if that can be.

    In steps of ROUND_S, each time of the slot that is furthest from its time; in single seconds
    where those steps don't get there.
    """
    slots = [one.first_s for one in wanted]
    for step_s in (ROUND_S, 1):
        _brought_to(slots, wanted, low_s, high_s, step_s)
    return slots


def _brought_to(
    slots: list[int], wanted: Sequence[Wanted], low_s: int, high_s: int, step_s: int
) -> None:
    total_s = sum(slots)
    if low_s <= total_s <= high_s:
        return
    change_s = step_s if total_s < low_s else -step_s

    def share(at: int) -> float:
        return (slots[at] + change_s / 2) / max(1.0, wanted[at].time_s) * change_s

    queue = [(share(at), at) for at in range(len(slots))]
    heapq.heapify(queue)
    while queue and not low_s <= total_s <= high_s:
        _, at = heapq.heappop(queue)
        is_past = total_s + change_s < low_s if change_s < 0 else total_s + change_s > high_s
        if is_past:
            return
        if wanted[at].allows(slots[at] + change_s):
            slots[at] += change_s
            total_s += change_s
            heapq.heappush(queue, (share(at), at))
