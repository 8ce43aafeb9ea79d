"""Reading what a script prints: the lines that hold a value, among others."""

from pathlib import Path

import pytest

from pipeline.measure import readers
from pipeline.measured import Value
from pipeline.problems import TalkError

pytestmark = pytest.mark.fast


def read(text):
    values, _, _, form = readers.read(text.encode(), Path("out.txt"))
    assert form == "lines"
    return values


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("insert = 41.2 ns", "insert", Value(41.2, unit="ns")),
        ("insert: 41.2ns", "insert", Value(41.2, unit="ns")),
        ("insert 41.2", "insert", Value(41.2)),
        ("  - insert:\t41.2", "insert", Value(41.2)),
        ("loss:0.5", "loss", Value(0.5)),
        ("n=1_000_000", "n", Value(1_000_000)),
        ("F1 (macro): 0.93", "F1 (macro)", Value(0.93)),
        ("time (ms): 12", "time", Value(12, unit="ms")),
        ("std::map: 3.5e-2 s", "std::map", Value(0.035, unit="s")),
        ("accuracy: 93.3%", "accuracy", Value(0.933, unit="share")),
        ("rate = 12 messages/s", "rate", Value(12, unit="messages/s")),
        ("\x1b[32mspeed\x1b[0m: 3 MB/s", "speed", Value(3, unit="MB/s")),
        ("42", "value", Value(42)),
        ("t = -1.5 ms", "t", Value(-1.5, unit="ms")),
    ],
)
def test_each_form_of_a_line_is_read(line, name, value):
    """A name, a number, a unit; names with odd signs stay as they are."""
    assert read(f"starting …\n{line}\nEpoch 1/3\nETA: 12:30\n") == {name: value}


@pytest.mark.parametrize("sign", ["±", "+/-", "+-"])
def test_what_stands_behind_plus_minus_is_the_interval(sign):
    """To the digits that are written, and said to be so."""
    found = read(f"t: 12.5 {sign} 0.3 ms\n")["t"]
    assert (found.low, found.high, found.unit) == (12.2, 12.8, "ms")
    assert "printed" in found.how


def test_a_name_that_comes_again_makes_a_series():
    """As a training loop prints it; several values stand on a line."""
    found = read("epoch=1 loss=0.5\nepoch=2 loss=0.4\n")
    assert [one.value for one in found["loss"]] == [0.5, 0.4]
    assert read("epoch: 1, loss: 0.5\n")["loss"] == Value(0.5)
    assert read("Epoch 1/3, loss: 0.5, 3 s left\n") == {"loss": Value(0.5)}
    assert read("F1 (macro, of 3): 0.9\n") == {"F1 (macro, of 3)": Value(0.9)}


@pytest.mark.parametrize(
    "before",
    ["2026-11-20 09:30:00,123 - INFO - ", "[2026-11-20T09:30:00Z] ", "[INFO] ", "ERROR | "],
)
def test_what_a_logger_writes_before_a_line_is_no_name(before):
    """The same name in each line makes a series."""
    found = read(f"{before}loss: 0.5\n{before}loss: 0.4 \n")
    assert [one.value for one in found["loss"]] == [0.5, 0.4]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("hello\nloss: nan\n", 2, "`nan` is no measured value"),
        ("loss -inf\n", 1, "`-inf` is no measured value"),
        ("took: 1,234\n", 1, "`1,234` can be read in two ways"),
        ("took 1,234 ns\n", 1, "`1,234 ns` can be read in two ways"),
        ("n = " + "9" * 500, 1, "no line holds"),
        ("n = 1e999\n", 1, "no measured value"),
        ("a = 1 ms\na = 2 bytes\n", 2, "`a` stands there twice, with `ms` and `bytes`"),
        ('loading\n{\n "a": 1,\n "b": 2\n}\n', 2, "JSON stands among other lines"),
        ("hello\nworld\n", 1, "no line holds a number with a name"),
    ],
)
def test_a_line_that_can_not_be_read_is_one_error(text, line, message):
    """With its number; where no line can be read the forms are shown."""
    with pytest.raises(TalkError) as error:
        read(text)
    assert message in error.value.message
    assert error.value.where.line == line


def test_columns_between_spaces_are_shown_as_csv():
    """A printed table is no guess of ours: the error says what to print instead."""
    with pytest.raises(TalkError) as error:
        read("tool     bytes  seconds\ngzip   2016192    0.349\nxz       32408    0.762\n")
    assert "print `tool,bytes,seconds`" in error.value.hint
    with pytest.raises(TalkError) as error:
        read("hello there\nfoo bar\n")
    assert "`name = 12.5`" in error.value.hint
    assert "CSV with a header" in error.value.hint
