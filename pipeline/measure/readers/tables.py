"""CSV with a header -> a table; and what a table is: rows by the texts of their first column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from pipeline import units
from pipeline.measure.readers.amounts import RefusedError, amount, as_share, is_number
from pipeline.measured import Tree, Value
from pipeline.problems import Source, TalkError

ROWS = "rows"  # where stands what has no name of its own
DELIMITERS = ",;\t"
_IN_BRACKETS = re.compile(r"(?:(?<!\s)\s++)?[(\[][^()\[\]]*+[)\]]\s*+\Z")
_COMMA = re.compile(r"((?:[+-]|(?<!\d))\d++),(\d+(?:[eE][+-]?\d+)?)")
_SAID = re.compile(r"sep=([,;\t])\n")
_CODE = re.compile(r"0\d+\Z")  # 007 is no number, and so isn't 123 below it
_MISSING = frozenset(["", "na", "n/a", "#n/a", "null", "none", "-", "–", "—"])
_ENDS = (("low", "high"), ("lower", "upper"), ("ci_low", "ci_high"), ("ci_lower", "ci_upper"))
FROM_COLUMNS = "both ends as they stand in the file"
Row = tuple[int, list[str]]  # the line that it begins on, and its cells


def table(rows: Sequence[dict[str, Tree]]) -> dict[str, Tree]:
    """Rows as a tree: `["std::map"].ns` where the first column tells them apart, else `rows[0].ns`.

    It does where each row has a text of its own there. Content finds them under `rows` either way.
    """
    firsts = [next(iter(row.values()), None) for row in rows]
    keys = [first.strip() for first in firsts if isinstance(first, str)]
    one_column = len({next(iter(row), None) for row in rows}) == 1
    told_apart = len(set(keys)) == len(rows) and all(keys) and ROWS not in keys and one_column
    if told_apart and all(len(row) > 1 for row in rows):
        return dict(zip(keys, rows, strict=True))
    return {ROWS: tuple(rows)}


def with_unit_beside(row: dict[str, Tree]) -> dict[str, Tree]:
    """`value` in the unit that stands beside it as `unit`: a table with a measurement a row."""
    value, unit = row.get("value"), row.get("unit")
    if isinstance(value, Value) and not value.unit and isinstance(unit, str):
        row["value"] = as_share(replace(value, unit=units.canonical(unit)))
    return row


def bare_name(name: str, others: Sequence[str]) -> str:
    """A column's name without its unit: `time (ms)` is `time`, unless another is called so."""
    bare = _IN_BRACKETS.sub("", name).strip()
    is_unit = bare and bare != name and units.unit_of_name(name)
    taken = [_IN_BRACKETS.sub("", other).strip() for other in others]
    return bare if is_unit and taken.count(bare) == 1 else name


# --- CSV ----------------------------------------------------------------------------------------


def delimiter_of(header: str) -> str:
    """What parts the names of a header; empty for one name alone."""
    bare = re.sub(r'"[^"]*"', "", header)
    best = max(DELIMITERS, key=bare.count)
    return best if best in bare else ""


def looks_like_csv(text: str) -> bool:
    """Whether the first lines are a header of names and a row of as many cells."""
    lines = [line for line in text.split("\n", 20) if line.strip()][:2]
    if _SAID.match(text):
        return True
    delimiter = delimiter_of(lines[0]) if lines else ""
    if len(lines) < 2 or not delimiter:
        return False
    try:
        header, row = csv.reader(lines, delimiter=delimiter)
    except (csv.Error, ValueError):
        return False
    named = [cell for cell in header if cell.strip()]
    if len(header) != len(row) or not named or any(map(_holds_number, named)):
        return False
    return any(map(is_number, row)) or any(_COMMA.fullmatch(cell.strip()) for cell in row)


def _holds_number(cell: str) -> bool:
    """Whether a cell is a number, or a name and one: no header has those."""
    return any(is_number(part) for part in re.split(r"[=:\s]+", cell.strip()))


def cells(text: str, path: Path) -> tuple[list[str], list[Row], str]:
    """The names, the rows with their lines, and the delimiter of a CSV file.

    Raises TalkError for a missing or second header, names that are empty or stand twice, and rows
    of another length.
    """
    if told := _SAID.match(text):  # a spreadsheet says its delimiter on a line above the header
        text = "\n" + text[told.end() :]
    first = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = told[1] if told else delimiter_of(first) or ","
    rows = _parsed(text, delimiter, path)
    if not rows:
        raise TalkError("the CSV has empty cells alone", Source(path, 1), "was it cut off?")
    line, header = rows[0]
    names = [name.strip() for name in header]
    where = Source(path, line)
    if not names[0] and _are_counted([row[0] for _, row in rows[1:]]):
        names, rows = names[1:], [(number, row[1:]) for number, row in rows]
    if any(map(is_number, names)):
        hint = "the first line names the columns: add `name,ns` above the values"
        raise TalkError("the CSV has no header: its first line holds numbers", where, hint)
    if "" in names:
        hint = "pandas: to_csv(…, index=False) or index_label='…'; R: row.names = FALSE"
        raise TalkError(f"column {names.index('') + 1} of the CSV has no name", where, hint)
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise TalkError(f"two columns of the CSV are called `{twice}`", where, "rename one of them")
    for line, row in rows[1:]:
        if len(row) != len(names):
            said = f"the row has {_cells(len(row))}, the header names {len(names)}"
            hint = f"a text with `{delimiter}` in it needs double quotes".replace("\t", "tabs")
            raise TalkError(said, Source(path, line), hint)
        if [cell.strip() for cell in row] == names:
            hint = "one table a file: keep one header"
            raise TalkError("the CSV has its header twice", Source(path, line), hint)
    if len(rows) == 1:
        raise TalkError("the CSV has a header and no row", where, "was it cut off?")
    return names, rows[1:], delimiter


def csv_rows(text: str, path: Path) -> list[dict[str, Tree]]:
    """The rows of a CSV file. Raises TalkError with path and line."""
    names, rows, delimiter = cells(text, path)
    german = delimiter == ";" and any(_COMMA.fullmatch(c.strip()) for _, row in rows for c in row)
    columns = [[row[at].strip() for _, row in rows] for at in range(len(names))]
    lines = [line for line, _ in rows]
    read = {
        bare_name(name, names): _column(name, column, lines, german, path)
        for name, column in zip(names, columns, strict=True)
    }
    _refuse_second_header(read, lines, path)
    _join_ends(read, lines, path)
    rows_read = zip(*read.values(), strict=True)
    return [with_unit_beside(dict(zip(read, row, strict=True))) for row in rows_read]


def _are_counted(column: Sequence[str]) -> bool:
    """Whether it is the column without a name in which pandas and R number the rows."""
    return any(
        list(column) == [str(at) for at in range(first, first + len(column))] for first in (0, 1)
    )


def _parsed(text: str, delimiter: str, path: Path) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for row in reader:
            begins, line = line, reader.line_num + 1
            if any(cell.strip() for cell in row):
                rows.append((begins, row))
    except csv.Error as error:
        hint = 'double quotes stand around a whole cell, and twice within one: "a ""b"""'
        raise TalkError(f"not valid CSV: {error}", Source(path, line), hint) from None
    return rows


def _column(name: str, column: list[str], lines: list[int], german: bool, path: Path) -> list[Tree]:
    """The cells of one column as numbers, truths and texts; empty ones are None."""
    if any(_CODE.match(cell) for cell in column):
        return [cell or None for cell in column]
    read: list[Tree] = []
    refused: dict[int, str] = {}  # line -> why
    for line, cell in zip(lines, column, strict=True):
        try:
            read.append(_cell(cell, name, german))
        except RefusedError as error:
            refused[line] = str(error)
            read.append(cell)
    is_numeric = any(isinstance(one, Value) for one in read)
    texts = sum(isinstance(one, str) and one.lower() not in _MISSING for one in read)
    if refused and (is_numeric or texts == len(refused)):  # among texts it is one
        line, why = next(iter(refused.items()))
        plain = "1234,5" if german else "1234.5"
        hint = f"write numbers plainly: {plain}; what couldn't be measured is an empty cell"
        raise TalkError(f"column `{name}`: {why}", Source(path, line), hint)
    missing = _MISSING if is_numeric else {""}
    return [None if isinstance(one, str) and one.lower() in missing else one for one in read]


def _cell(cell: str, name: str, german: bool) -> Tree:
    if cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    if german:
        if re.match(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?\Z", cell):
            raise RefusedError(f"`{cell}` can be read in two ways")
        cell = _COMMA.sub(r"\1.\2", cell)
    return amount(cell, name) or cell


def _refuse_second_header(read: Mapping[str, list[Tree]], lines: list[int], path: Path) -> None:
    """A second line of names, or of units, makes texts of what are numbers in all other rows."""
    if len(lines) < 2 or any(isinstance(column[0], Value) for column in read.values()):
        return
    for name, column in read.items():
        if isinstance(column[0], str) and all(isinstance(one, Value) for one in column[1:]):
            message = f"the CSV has a second header: column `{name}` holds numbers below this line"
            hint = "keep one line of names; a unit stands in the name: `time (ms)`"
            raise TalkError(message, Source(path, lines[0]), hint)


def _join_ends(read: dict[str, list[Tree]], lines: list[int], path: Path) -> None:
    """Columns `ns_low` and `ns_high` beside `ns` become its interval."""
    for name in list(read):
        for low, high in _ENDS:
            lows, highs = read.get(f"{name}_{low}"), read.get(f"{name}_{high}")
            if lows is None or highs is None:
                continue
            for at, line in enumerate(lines):
                read[name][at] = _with_ends(read[name][at], lows[at], highs[at], Source(path, line))
            del read[f"{name}_{low}"], read[f"{name}_{high}"]
            break


def _with_ends(value: Tree, low: Tree, high: Tree, where: Source) -> Tree:
    if not isinstance(value, Value) or low is None or high is None:
        return value
    if not isinstance(low, Value) or not isinstance(high, Value):
        raise TalkError("an end of the interval is no number", where)
    if low.value > high.value:
        raise TalkError("the low end of the interval lies above its high end", where)
    return replace(value, low=low.value, high=high.value, how=FROM_COLUMNS)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
