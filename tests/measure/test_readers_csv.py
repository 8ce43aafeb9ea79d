"""Reading CSV with a header: tables, units, intervals, and the line of each slip."""

from pathlib import Path

import pytest

from pipeline.measure import readers
from pipeline.measured import Value, rows_of
from pipeline.problems import TalkError

pytestmark = pytest.mark.fast


def read(text, form=""):
    return readers.read(text.encode(), Path("hash.csv"), form)[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_found_by_the_texts_of_its_first_column(delimiter):
    """`hash["std::map"].ns`, and `hash.rows` for loops, with no value twice."""
    found = read("map,ns\nstd::map,41.5\nflat,12\n".replace(",", delimiter))
    assert found["std::map"] == {"map": "std::map", "ns": Value(41.5, unit="ns")}
    assert [row["map"] for row in rows_of(found)] == ["std::map", "flat"]


@pytest.mark.parametrize("text", ["a,ns\nx,1\nx,2\n", "size,ns\n1,2\n2,3\n", "a,ns\nrows,1\n"])
def test_rows_that_no_text_tells_apart_are_found_by_their_number(text):
    """A first column of numbers, or one that repeats itself, names no rows."""
    assert list(read(text)) == ["rows"]


def test_a_decimal_comma_is_read_between_semicolons():
    """As a German spreadsheet writes it."""
    assert read("a;ms\nx;1,5\ny;2\n")["x"]["ms"] == Value(1.5, unit="ms")


def test_units_in_brackets_leave_the_name():
    """`time (ms)` is `time` in ms; where two columns are called so both keep their whole names."""
    row = read("a,time (ms),size [MB]\nx,1,2\n")["x"]
    assert (row["time"].unit, row["size"].unit) == ("ms", "MB")
    assert list(read("a,t (ms),t (s)\nx,1,2\n")["x"]) == ["a", "t (ms)", "t (s)"]


def test_percentages_are_shares():
    """93.3% is 0.933 and not 0.9329999."""
    assert read("a,f1,acc (%)\nx,93.3%,50\n")["x"]["f1"] == Value(0.933, unit="share")
    assert read("a,f1,acc (%)\nx,93.3%,50\n")["x"]["acc"] == Value(0.5, unit="share")


def test_the_column_in_which_pandas_numbers_the_rows_is_left_out():
    """df.to_csv() writes it first and without a name."""
    assert read(",a,ns\n0,x,41\n1,y,12\n")["x"] == {"a": "x", "ns": Value(41, unit="ns")}
    assert read('"","a","ns"\n"1","x",41\n"2","y",12\n')["y"]["ns"].value == 12  # R


def test_a_unit_may_stand_beside_its_value():
    """One measurement a row: its name, its value, its unit."""
    found = read("name,value,unit\ninsert,41.2,ns\nacc,93.3,%\n")
    assert found["insert"]["value"] == Value(41.2, unit="ns")
    assert found["acc"]["value"] == Value(0.933, unit="share")


def test_a_spreadsheet_may_say_its_delimiter():
    """On a line above the header; lines are counted with it."""
    assert read("sep=;\na;ms\nx;1,5\n")["x"]["ms"].value == 1.5
    with pytest.raises(TalkError) as error:
        read("sep=;\na;ms\nx;1,5;2\n")
    assert error.value.where.line == 3


@pytest.mark.parametrize("ends", ["ns_low,ns_high", "ns_lower,ns_upper", "ns_ci_low,ns_ci_high"])
def test_columns_of_ends_become_the_interval(ends):
    """`ns`, `ns_low` and `ns_high` are one value."""
    row = read(f"a,ns,{ends}\nx,41,40,43\n")["x"]
    assert list(row) == ["a", "ns"]
    assert (row["ns"].low, row["ns"].high) == (40, 43)


def test_empty_cells_and_codes_stay_what_they_are():
    """An empty cell is None, NA among numbers too; `007`, `7B` and dates are texts."""
    found = read("a,ns,id,made\n7B,,007,2026-01-02\nx,NA,8,\ny,3,9,\n")
    assert found["7B"] == {"a": "7B", "ns": None, "id": "007", "made": "2026-01-02"}
    assert found["x"]["ns"] is None
    assert found["y"]["id"] == "9"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("1,2\n3,4\n", 1, "no header"),
        ("a,ns\n", 1, "a header and no row"),
        ("a,a\n1,2\n", 1, "two columns of the CSV are called `a`"),
        (",ns\nx,2\n", 1, "column 1 of the CSV has no name"),
        ("a,ns\nx,1\ny\n", 3, "the row has 1 cell, the header names 2"),
        ('a,ns\n"x\ny",1\nz,1,2\n', 4, "the row has 3 cells"),
        ("a,ns\nx,1\na,ns\ny,2\n", 3, "its header twice"),
        ("a,time\n,ms\nx,1\ny,2\n", 2, "a second header"),
        ('a,ns\nx,"1,234"\n', 2, "`1,234` can be read in two ways"),
        ("a;ns\nx;1.234\ny;1,5\n", 2, "`1.234` can be read in two ways"),
        ("a,ns\nx,1\ny,nan\n", 3, "`nan` is no measured value"),
        ("a,ns\nx,1e999\n", 2, "no measured value"),
        ('a,ns\n"x"y,1\n', 2, "not valid CSV"),
        ('a,ns\nx,"1\n', 2, "not valid CSV"),
        ("a,ns,ns_low,ns_high\nx,1,3,2\n", 2, "lies above its high end"),
    ],
)
def test_a_table_that_is_none_is_one_error_with_its_line(text, line, message):
    """Nothing is guessed silently."""
    with pytest.raises(TalkError) as error:
        read(text, "csv")
    assert message in error.value.message
    assert error.value.where.line == line


def test_the_hint_writes_a_number_as_the_file_does():
    """Between semicolons, where a comma is the decimal comma, 1234.5 would be refused in turn."""
    with pytest.raises(TalkError) as error:
        read("day;guests;wait\nMon;1.204;12,5\n")
    assert "1234,5" in error.value.hint
