"""Values of measurements as content names them: branches, odd keys, tables, series, loops."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.measured import two_measurements

from pipeline.measured import Measured, Measurement, Origin, Tree, Value, parts_of, step
from pipeline.numbers.fill import Numbers
from pipeline.numbers.values import Number, namespace
from pipeline.problems import Source, TalkError

WHERE = Source(Path("slide.md"), 10)
NUMBERS = Numbers(two_measurements())


def fill(text: str) -> str:
    return NUMBERS.fill(text, WHERE).plain


SHOWN = [
    ("{{ hash.insert.ns | num(1) }}", "41.2"),
    ('{{ hash["std::map"].insert.ns | num(1) }}', "214.5"),
    ("{{ hash.rows[1].ns | num }}", "87.25"),
    ("{{ hash.rows[-1].load | num(1) }}", "0.9"),
    ("{{ (hash.rows | first).load | num(1) }}", "0.5"),
    ("{{ hash.series[2] | count }}", "4"),
    ("{{ hash.compiler }}", "cc <13> *fast*"),
    ("{% for row in hash.rows %}{{ row.load | num(1) }} {% endfor %}", "0.5 0.9 "),
    ("{% for x in hash.series[1:] %}{{ x | num(1) }} {% endfor %}", "2.5 4.0 "),
    ("{% for name in poll %}{{ name }} {% endfor %}", "yes no asked "),
    ("{% for name in ['yes', 'no'] %}{{ poll[name] | pct(0) }} {% endfor %}", "62% 38% "),
    ("{% if hash.warm %}warm{% endif %}", "warm"),
    ("{% if hash.nothing %}some{% else %}none{% endif %}", "none"),
    ("{{ poll.yes | interval(2, 'pct') }}", "59–65%"),
    ("{{ (hash.keys - poll.asked) | count }}", "999,900"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN, ids=[s[0] for s in SHOWN])
def test_any_value_of_a_measurement_can_be_shown(text: str, shown: str) -> None:
    """By attribute, key, index, slice and loop, beside another measurement."""
    assert fill(text) == shown


WRONG = [
    ("{{ hash.insrt.ns | num }}", "hash of run 1a2b3c4d has no `insrt`", "`insert`"),
    ("{{ hsh.insert.ns | num }}", "'hsh' is undefined", "did you mean `hash`?"),
    ("{{ hash.rows[7].ns | num }}", "hash.rows has 2 items, and no [7]", "counted from 0"),
    ("{{ hash.rows.ns | num }}", "hash.rows is a list: it has no `ns`", "hash.rows[0].ns"),
    ("{{ hash.insert | num }}", "needs a measured number", "ns, probes"),
    ("{{ hash.nothing | num }}", "undefined", "{% if %}"),
    ("{{ hash.insert.ns }}", "hash.insert.ns is used without a format", "num"),
    ("{{ hash.series[poll] | num }}", "hash.series is a list", "count from 0"),
]


@pytest.mark.parametrize(("text", "message", "hint"), WRONG, ids=[w[1] for w in WRONG])
def test_a_wrong_place_names_the_run_and_the_nearest(text: str, message: str, hint: str) -> None:
    """A slip in a place is one error with its line."""
    with pytest.raises(TalkError) as caught:
        fill(text)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
    assert caught.value.where == WHERE


def test_names_and_texts_of_a_file_stay_text() -> None:
    """A key or a text that looks like HTML is shown as it is, never read as markup."""
    evil = "</section><b>*x*"
    found = Measured(None, {"m": Measurement("m", {evil: Value(1)}, Origin("x", {}))})
    filled = Numbers(found).fill("{% for name in m %}{{ name }}{% endfor %}", WHERE)
    assert "<" not in filled.in_html(filled.text)
    assert filled.plain == evil


def test_a_number_knows_all_that_was_measured_of_it() -> None:
    """Value, interval, level, runs, unit, direction, single runs and place."""
    number = namespace(two_measurements())["hash"]["insert"]["ns"]
    assert isinstance(number, Number)
    assert (number.at, number.value, number.low, number.high) == ("hash.insert.ns", 41.2, 40.1, 44)
    assert (number.unit, number.direction, number.n, number.level) == ("ns", "down", 3, 0.95)
    assert number.repeats == (40.1, 41.2, 44.0)
    assert not number.is_share
    assert namespace(two_measurements())["poll"]["yes"].is_share


class Counted(dict[str, Value]):
    """A branch that counts how often one of its values is taken out."""

    taken = 0

    def __getitem__(self, name: str) -> Value:
        self.taken += 1
        return super().__getitem__(name)


def test_a_value_costs_nothing_until_it_is_asked_for() -> None:
    """Of ten thousand in a branch and a table, only those are looked at that a text names."""
    wide = Counted({f"v{n}": Value(n) for n in range(10_000)})
    values = {"wide": wide, "rows": (wide,) * 10_000}
    numbers = namespace(Measured(None, {"m": Measurement("m", values, Origin("x", {}))}))
    assert numbers["m"].wide.v77.value == 77
    assert numbers["m"].rows[9_999].v3.at == "m.rows[9999].v3"
    assert wide.taken == 2


PLACES = ["hash.insert.ns", 'hash["std::map"].ns', "hash.rows[10].ns", 'h["a \\" ] b"]["5"]']


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_made_of_its_parts(place: str) -> None:
    """Any key has a place that content can name, and the place says its parts again."""
    parts = parts_of(place)
    made = str(parts[0])
    for part in parts[1:]:
        made = step(made, part)
    assert made == place


def test_a_branch_of_branches_has_rows() -> None:
    """A table that is kept by its first column's texts; each number keeps its one place."""
    table: dict[str, Tree] = {
        "std::map": {"name": "std::map", "ns": Value(214.5)},
        "flat": {"name": "flat", "ns": Value(41)},
    }
    found = namespace(Measured(None, {"m": Measurement("m", table, Origin("x", {}))}))["m"]
    assert [row.ns.at for row in found.rows] == ['m["std::map"].ns', "m.flat.ns"]
    assert found.rows[-1].name == "flat"
    with pytest.raises(TalkError, match=r"m\.flat of run x has no `rows`"):
        _ = found.flat.rows


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        ("{{ linear.f1 | pct }}", "this run has no `linear`", 'add "linear" to `baselines`'),
        ("{{ prompted | pct }}", "this run has no `prompted`", "it needs `question`"),
        ('{{ example["gift-card"].linear.label }}', "this run has no `linear`", "`baselines`"),
        ("{{ amount | count }}", "this talk has no evidence `amount`", "add [evidence.amount]"),
        ("{{ finetuned.recall | pct }}", "finetuned.recall is of the positive label", '.labels["'),
        (
            "{{ finetuned.confusion.true_positive | count }}",
            "finetuned.confusion is of the positive label, and here none is",
            'use finetuned.matrix["…"]["…"]',
        ),
        ('{{ finetuned.labels["smap"].f1 | num }}', "has no `smap`", "did you mean `spam`?"),
    ],
)
def test_what_a_run_has_not_says_how_to_have_it(asked: str, message: str, hint: str) -> None:
    """A baseline that wasn't run, evidence, or scores of a positive label where none is."""
    whole = made_up_results()
    results = replace(
        whole,
        linear=None,
        prompted=None,
        finetuned=dataclasses.replace(whole.finetuned, recall=None, confusion=None),
        examples=tuple(replace(example, linear=None) for example in whole.examples),
    )
    numbers = Numbers(Measured(results))
    with pytest.raises(TalkError) as caught:
        numbers.fill(asked, Source(Path("a.md"), 1))
    assert message in caught.value.message
    assert hint in caught.value.hint
    said = numbers.fill("{% if linear %}a{% else %}b{% endif %}", Source(Path("a.md"), 1))
    assert said.text == "b"


KNOWN = [
    ("{{ hash.insert.ns.mean | with_unit }}", "41.8 ns"),
    ("{{ hash.insert.ns.least | with_unit }}", "40.1 ns"),
    ("{{ hash.insert.ns.most | with_unit }}", "44.0 ns"),
    ("{{ hash.insert.ns.n | count }}", "3"),
    ("{{ hash.insert.ns.low | with_unit }}", "40.1 ns"),
    ("{% if 'low' in hash.insert.ns and 'hits' not in hash.insert.ns %}yes{% endif %}", "yes"),
    ("{{ poll.yes.hits | count }} of {{ poll.yes.total | count }}", "62 of 100"),
    ("{{ hash.insert.ns.how }}", "median of the repeats, from the least to the largest"),
]


@pytest.mark.parametrize(("text", "shown"), KNOWN, ids=[k[0] for k in KNOWN])
def test_what_is_known_of_a_value_can_be_shown(text: str, shown: str) -> None:
    """Its runs, counts and ends are numbers with their unit."""
    assert fill(text) == shown


UNKNOWN = [
    ("{{ hash.keys.mean | num }}", "hash.keys has no `mean`", "aren't known"),
    ("{{ hash.insert.ns.avg | num }}", "hash.insert.ns has no `avg`", "`mean`"),
    ("{{ hash.insert.ns.value }}", "hash.insert.ns has no `value`", "`mean`"),
    ("{{ hash.insert.ns.pairs }}", "hash.insert.ns has no `pairs`", "`mean`"),
]


@pytest.mark.parametrize(("text", "message", "hint"), UNKNOWN, ids=[u[0] for u in UNKNOWN])
def test_what_is_not_known_of_a_value_says_so(text: str, message: str, hint: str) -> None:
    """No number is shown raw, and none is made up."""
    with pytest.raises(TalkError) as caught:
        fill(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
