"""Times that slides took as slots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rehearsal.slots import Wanted, slots_near
from pipeline.script.timing import LEAST_FULL, MOST_FULL, slots_filled

pytestmark = pytest.mark.fast

SLIDES = st.lists(
    st.tuples(st.integers(1, 600), st.floats(0, 2000), st.integers(0, 900)), min_size=1, max_size=9
)


@given(SLIDES, st.integers(1, 9000), st.integers(0, 120))
def test_slots_are_filled_and_make_the_length_where_that_can_be(
    slides: list[tuple[int, float, int]], low_s: int, more_s: int
) -> None:
    """Whatever the times were: what is said fills each slot from 85% to 105%, and they are as long
    together as the cut, or as near to it as the words let them be."""
    wanted = [
        Wanted(slot_s, time_s, *slots_filled(needed_s, on_slide=False))
        for slot_s, time_s, needed_s in slides
    ]
    slots = slots_near(wanted, low_s, low_s + more_s)
    for slot_s, one, (_, _, needed_s) in zip(slots, wanted, slides, strict=True):
        assert one.allows(slot_s)
        if needed_s:
            assert LEAST_FULL * slot_s <= 100 * needed_s <= MOST_FULL * slot_s
    if sum(slots) < low_s:
        assert slots == [one.most_s for one in wanted]
    elif sum(slots) > low_s + more_s:
        assert slots == [one.least_s for one in wanted]


def test_a_slot_stays_where_it_is_near_enough() -> None:
    """Less than a step is no reason for another slot; what has to give is furthest over."""
    fit, long = Wanted(61, 65, 50, 70), Wanted(60, 80, 50, 90)
    assert slots_near([fit, long], 0, 1000) == [61, 80]
    assert slots_near([fit, long], 0, 137) == [61, 75]
