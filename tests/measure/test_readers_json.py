"""Reading JSON of any shape: what is read, and the line of each slip."""

from pathlib import Path

import pytest

from pipeline.measure import readers
from pipeline.measured import Value
from pipeline.problems import TalkError

pytestmark = pytest.mark.fast


def read(text, form=""):
    raw = text if isinstance(text, bytes) else text.encode()
    return readers.read(raw, Path("hash.json"), form)[0]


def test_numbers_texts_truths_and_lists_become_a_tree():
    """Numbers are values with the unit that their name states; the rest stays what it is."""
    found = read(
        '{"insert": {"ns": 41.2, "runs": [1, 2]}, "ok": true,'
        ' "cpu": "x", "none": null, "t_ms": [3]}'
    )
    assert found == {
        "insert": {"ns": Value(41.2, unit="ns"), "runs": (Value(1), Value(2))},
        "ok": True,
        "cpu": "x",
        "none": None,
        "t_ms": (Value(3, unit="ms"),),
    }


def test_an_object_that_says_what_is_known_of_a_number_is_one():
    """Unit, interval, counts and direction come with the value; a percentage becomes a share."""
    found = read(
        '{"f1": {"value": 93.3, "unit": "%", "low": 90, "high": 95.1, "level": 0.9, "n": 30,'
        ' "hits": 28, "total": 30, "how": "bootstrap", "direction": "up"}}'
    )
    assert found["f1"] == Value(
        0.933, 0.9, 0.951, 0.9, 30, 28, 30, unit="share", how="bootstrap", direction="up"
    )


def test_an_object_with_another_key_beside_value_is_a_branch():
    """A key that nothing is known of is kept, not dropped."""
    assert read('{"a": {"value": 3, "colour": "red"}}')["a"] == {"value": Value(3), "colour": "red"}


def test_repeats_bring_their_interval():
    """Of several repeats the interval follows, with its method; they stay in their order."""
    found = read('{"t": {"value": 5, "unit": "ms", "values": [4, 6, 5]}}')["t"]
    assert found.repeats == (4, 6, 5)
    assert found.low < 5 < found.high
    assert "3 runs" in found.how
    assert found.n == 3


def test_a_share_of_single_cases_is_counted():
    """Repeats of a share that are right or wrong each are cases, with Wilson's interval."""
    found = read('{"a": {"value": 0.75, "unit": "share", "repeats": [1, 1, 0, 1]}}')["a"]
    assert (found.hits, found.total) == (3, 4)
    assert 0 < found.low < 0.75 < found.high < 1
    assert "Wilson" in found.how


def test_records_with_texts_of_their_own_are_found_by_them():
    """A list of objects is a table, by its first column where that tells the rows apart."""
    by_name = read('[{"map": "std::map", "ns": 41}, {"map": "flat", "ns": 12}]')
    assert by_name["std::map"] == {"map": "std::map", "ns": Value(41, unit="ns")}
    assert read('[{"map": "a", "ns": 41}, {"map": "a", "ns": 12}]')["rows"][1]["ns"].value == 12


def test_a_unit_may_stand_beside_its_value():
    """As tools that track benchmarks want it: a name, a value, a unit."""
    found = read('[{"name": "insert", "value": 41.2, "unit": "ns"}, {"name": "b", "value": 1}]')
    assert found["insert"]["value"] == Value(41.2, unit="ns")
    assert found["b"]["value"] == Value(1)


@pytest.mark.parametrize("between", ["\n", "", "\n\n"])
def test_json_lines_and_objects_one_after_the_other_are_rows(between):
    """A log of one object a line is a table."""
    found = read(between.join(['{"step": 1, "loss": 2.5}', '{"step": 2, "loss": 1.5}']))
    assert [row["loss"].value for row in found["rows"]] == [2.5, 1.5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_and_utf_16_are_read(encoding):
    """Windows' shells write UTF-16."""
    assert read('{"größe": 3}'.encode(encoding))["größe"] == Value(3)


def test_a_whole_number_beyond_64_bits_becomes_a_float():
    """No file could keep it otherwise."""
    assert read('{"n": 20000000000000000000}')["n"].value == 2e19


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"a": 1,\n"b": {"c": NaN}}', 2, "`b.c` is NaN"),
        ('{"a": 1,\n"b": [1,\n-Infinity]}', 3, "`b[1]` is -Infinity"),
        ('{"x": {"a": 1,\n"a": 2}}', 2, "`x.a` stands twice"),
        ('{"a": 1}\n{"a": 1, "a": 2}', 2, "`a` stands twice"),
        ('{"a": 1}\n{"a": NaN}', 2, "`a` is NaN"),
        ('{"a": 1,\n}', 2, "comma before `}`"),
        ('{"a": [1,\n2', 2, "ends in the middle"),
        ('{"a": "cut', 1, "ends in the middle"),
        ("{'a': 1}", 1, "a single quote"),
        ('{"a": 1\n"b": 2}', 2, "not valid JSON"),
        ('{"a": 1e999}', 1, "`a` is beyond what a number can be"),
        ('{"a": ' + "9" * 350 + "}", 1, "`a` is beyond what a number can be"),
        ('{"a": ' + "9" * 9000 + "}", 1, "`a` is beyond what a number can be"),
        ("[" * 100_000, 1, "nested too deep"),
        ('{"a":' * 80 + "1" + "}" * 80, 1, "nested too deep"),
        ('{"a": "\\ud800", "b": 1}', 1, "half a sign"),
        ('{"": 1}', 1, "a name that can't be written"),
        ('{"a": 1}\n[2]', 2, "a list has no name"),
        ('{"a":\n{"value": 5, "low": "x", "high": 6}}', 2, "`a.low` is no number"),
        ('{"a": {"value": 5, "low": 4}}', 1, "one end of an interval"),
        ('{"a": {"value": 5, "low": 7, "high": 6}}', 1, "`low` lies above its `high`"),
        ('{"a": {"value": 5, "hits": 7, "total": 6}}', 1, "more `hits` than `total`"),
        ('{"a": {"value": 5, "level": 95}}', 1, "no level between 0 and 1"),
        ('{"a": {"value": 5, "direction": "left"}}', 1, 'not "up" or "down"'),
        ('{"a": {"value": 5, "repeats": ["x"]}}', 1, "no list of numbers"),
        ('{"a": "b"}', None, "holds no number"),
        ("", None, "is empty"),
        (b"\x00\x01", 1, "holds a NUL"),
        ('{"größe": 3}'.encode("latin-1"), 1, "not UTF-8"),
        ('{"größe": 3}'.encode("utf-16")[:-1], 1, "broken UTF-16"),
    ],
)
def test_what_no_measurement_can_be_is_one_error_with_its_line(text, line, message):
    """Each slip is named with its place, and the file is not half read."""
    with pytest.raises(TalkError) as error:
        read(text, "json" if not isinstance(text, bytes) else "")
    assert message in error.value.message
    assert error.value.where.line == line
