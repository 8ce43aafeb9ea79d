"""Several runs are one tree: the median of each number, with its interval."""

from __future__ import annotations

import pytest

from pipeline.measure.merge import merged
from pipeline.measured import Tree, Value
from pipeline.problems import TalkError


def number(*values: float, **known: object) -> Value:
    made = merged("hash", [{"ns": Value(value, **known)} for value in values])["ns"]  # type: ignore
    assert isinstance(made, Value)
    return made


def test_one_run_stays_as_it_is() -> None:
    tree: dict[str, Tree] = {"ns": Value(4.0, 3.0, 5.0, n=7, how="given")}
    assert merged("hash", [tree]) == tree


def test_the_median_with_an_interval_and_its_method() -> None:
    made = number(4.0, 1.0, 9.0, unit="ns", direction="down", how="by the clock")
    assert (made.value, made.n, made.repeats) == (4.0, 3, (4.0, 1.0, 9.0))
    assert made.low is not None
    assert made.high is not None
    assert made.low <= 4.0 <= made.high
    assert (made.unit, made.direction) == ("ns", "down")
    assert made.how.startswith("median of 3 runs")
    assert made.how.endswith("each: by the clock")


def test_a_time_is_never_below_nothing_and_a_share_never_above_one() -> None:
    assert number(1.0, 90.0, unit="ns").low == 0
    assert number(0.5, 1.0, unit="share").high == 1
    low = number(1.0, 90.0).low
    assert low is not None
    assert low < 0  # nothing is known of it


def test_what_is_the_same_in_each_run_has_no_interval() -> None:
    """A count that can't vary is no estimate."""
    made = number(3, 3, 3)
    assert (made.value, made.low, made.high, made.how) == (3, None, None, "the same in 3 runs")


def test_a_tree_is_merged_leaf_by_leaf() -> None:
    def run(value: float) -> dict[str, Tree]:
        return {"rows": ({"a": Value(value), "name": "x"},), "ok": True, "none": None}

    made = merged("hash", [run(1), run(2)])
    assert (made["ok"], made["none"]) == (True, None)
    row = made["rows"][0]  # type: ignore[index]
    assert row["name"] == "x"  # type: ignore[index, call-overload]
    assert row["a"].value == 1.5  # type: ignore[index, union-attr, call-overload]


DIFFERENT: list[tuple[dict[str, Tree], dict[str, Tree], str]] = [
    ({"a": Value(1)}, {"b": Value(1)}, "`hash.a` is in run 1 and not in run 2"),
    ({"a": Value(1)}, {}, "`hash.a` is in run 1 and not in run 2"),
    ({}, {"std::map": Value(1)}, '`hash["std::map"]` is in run 2 and not in run 1'),
    ({"a": "x"}, {"a": "y"}, "`hash.a` is `x` in run 1 and `y` in run 2"),
    ({"a": True}, {"a": False}, "`hash.a` is `True` in run 1 and `False` in run 2"),
    ({"a": None}, {"a": Value(1)}, "`hash.a` is nothing in run 1 and a number in run 2"),
    ({"a": (Value(1),)}, {"a": ()}, "`hash.a` has 1 values in run 1 and 0 in run 2"),
    ({"a": (Value(1), "x")}, {"a": (Value(1), "y")}, "`hash.a[1]` is `x` in run 1"),
    ({"a": Value(1, unit="s")}, {"a": Value(1, unit="ms")}, "has the unit `s` in run 1"),
]


@pytest.mark.parametrize(("one", "other", "message"), DIFFERENT)
def test_what_differs_in_more_than_its_numbers_is_named(
    one: dict[str, Tree], other: dict[str, Tree], message: str
) -> None:
    with pytest.raises(TalkError) as caught:
        merged("hash", [one, other])
    assert message in caught.value.message
