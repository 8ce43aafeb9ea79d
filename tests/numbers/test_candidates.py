"""Which measured value a typed number could be: copies, stale copies and other values."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.measured import two_measurements

from pipeline.measured import Measured, Measurement, Origin, Value
from pipeline.numbers.candidates import CONTRADICTION, COPY, STALE, candidates_of, measured_numbers
from pipeline.numbers.quantities import MEASURED, find_quantities

CANDIDATES = candidates_of(two_measurements())


def said(sentence: str) -> list[tuple[str, str, str]]:
    """Status and place of each number of a sentence that speaks of a measured value."""
    found = []
    for quantity in find_quantities(sentence):
        if what := CANDIDATES.said(quantity, sentence, quantity.start):
            found.append((quantity.text, what[0], what[1].at))
    return found


SPOKEN = [
    ("Insert takes 41 ns.", "41 ns", COPY, "hash.insert.ns"),
    ("Insert takes 41 nanoseconds.", "41 nanoseconds", COPY, "hash.insert.ns"),
    ("Insert takes 0.0412 µs.", "0.0412 µs", COPY, "hash.insert.ns"),
    ("Insert takes 40 ns.", "40 ns", STALE, "hash.insert.ns"),
    ("Insert takes 90 ns.", "90 ns", CONTRADICTION, "hash.insert.ns"),
    (
        "With std::map, insert takes 214.5 ns.",
        "214.5 ns",
        COPY,
        'hash["std::map"].insert.ns',
    ),
    ("Robin Hood needs 20.5 ns.", "20.5 ns", COPY, "hash.robin_hood.insert.ns"),
    ("It has 1,000,000 keys.", "1,000,000", COPY, "hash.keys"),
    ("Its memory is 4 GiB.", "4 GiB", COPY, "hash.memory"),
    ("62% said yes.", "62%", COPY, "poll.yes"),
    ("60% said yes.", "60%", STALE, "poll.yes"),
    ("Open addressing takes 87 ns.", "87 ns", COPY, "hash.rows[1].ns"),
]


@pytest.mark.parametrize(("sentence", "text", "status", "at"), SPOKEN, ids=[s[0] for s in SPOKEN])
def test_a_typed_copy_is_found_by_the_names_in_its_place(
    sentence: str, text: str, status: str, at: str
) -> None:
    """In any unit, by names, keys and the texts of its row; others near it are stale."""
    assert (text, status, at) in said(sentence)


INNOCENT = [
    "The hash has 64 bits.",
    "We insert for 30 seconds and go.",
    "In 41 cities people use it.",
    "A hash table from 1953 is still fast.",
    "Insert coins into 3 machines.",
    "The talk takes 20 minutes.",
    "My memory of the last 3 years is poor.",
    "Take 5% off.",
]


@pytest.mark.parametrize("sentence", INNOCENT)
def test_other_numbers_are_left_alone(sentence: str) -> None:
    """A number of another kind or size, or in a sentence that names no value, is no copy."""
    assert said(sentence) == []


WRITTEN = [
    ("hash.insert.ns", "{{ hash.insert.ns | seconds }}"),
    ('hash["std::map"].insert.ns', '{{ hash["std::map"].insert.ns | seconds }}'),
    ("hash.rows[0].load", "{{ hash.rows[0].load | num }}"),
    ("hash.memory", "{{ hash.memory | gib }}"),
    ("hash.keys", "{{ hash.keys | count }}"),
    ("poll.yes", "{{ poll.yes | pct }}"),
]


@pytest.mark.parametrize(("at", "written"), WRITTEN)
def test_the_placeholder_of_a_value_can_be_pasted(at: str, written: str) -> None:
    """Brackets for odd keys, and the format that its unit asks for."""
    (leaf,) = [leaf for leaf in measured_numbers(two_measurements()) if leaf.at == at]
    assert leaf.written == written


def test_ten_thousand_values_are_searched_by_few() -> None:
    """What a typed number could be is looked for among values near it, not among all."""
    rows = tuple(
        {"name": f"table{n % 100} load{n // 100}", "ns": Value(10.0 + n, unit="ns")}
        for n in range(10_000)
    )
    run = Origin("x", {})
    many = candidates_of(Measured(None, {"hash": Measurement("hash", {"rows": rows}, run)}))
    (quantity,) = find_quantities("5,010 ns")
    assert len(list(many._around(quantity))) < 700
    found = many.said(quantity, "On table0 at load50 it takes 5,010 ns.", 30)
    assert found
    assert found[1].at == "hash.rows[5000].ns"


def test_all_labels_of_a_run_can_be_counted() -> None:
    """However many there are, and whether one of them is positive or none."""
    run = made_up_results()
    data = replace(run.data, labels=("Question", "complaint", "praise"), positive="", negative="")
    nouns = candidates_of(Measured(replace(run, data=data))).nouns
    assert nouns - MEASURED == {"question", "complaint", "praise"}


def test_both_ends_of_a_range_have_its_unit() -> None:
    """The first number of "40–44 ns" is in nanoseconds, too."""
    first, last = find_quantities("between 40–44 ns")
    assert (first.value, first.unit) == (pytest.approx(40e-9), "time")
    assert last.value == pytest.approx(44e-9)
