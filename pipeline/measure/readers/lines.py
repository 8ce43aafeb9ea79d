"""What any script prints -> values: `name = 12.5 ms` on lines of their own, among other lines."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline import units
from pipeline.measure.readers.amounts import RefusedError, amount, is_number
from pipeline.measure.readers.tables import bare_name
from pipeline.measured import Tree, Value
from pipeline.problems import Source, TalkError, shortened

FORMS = "`name = 12.5`, `name: 12.5 ± 0.3 ms`, `name 12.5 ms`, `accuracy: 93.3%`"
REST = "JSON; and files of pytest-benchmark, hyperfine, Google Benchmark, MLflow, W&B"
WITHOUT_NAME = "value"  # a number that stands alone on its line
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_BULLET = r"\s*(?:[-*•>]\s+)?"
_NAMED = re.compile(
    _BULLET + r"(?P<name>[^\s=:].*?)\s*(?:=|:(?=\s)|(?<=[^\W\d]):)\s*(?P<amount>[^=:]*)\Z"
)
_WORD = re.compile(_BULLET + r"(?P<name>[^\s\d]\S*|[^\s\d][^\t]*(?=\t))\s+(?P<amount>\S.*)\Z")
_JSON = re.compile(r"""\s*(?:\{\s*(?:"|\Z)|\[\s*(?:\{|\Z))""")  # begins on such a line
_LOGGED = re.compile(  # when, and how grave: before what Python's and others' loggers write
    r"\A\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,Z+:]*\]?[\s|:-]*)?"
    r"(?:\[?(?:DEBUG|INFO|WARNING|WARN|ERROR)\]?[\s|:-]+)?"
)
_BETWEEN = re.compile(r"(?:(?<!\s)\s++)?[,;|]\s+|(?<!\s)\s++(?:[|]\s*|(?=[^\s=:,;]++=))")
MOST_HEADER = 60  # signs of a header that a hint repeats
MOST_LENGTH = 400  # signs of a line with a value; longer ones are passed over


def read_lines(text: str, path: Path) -> dict[str, Tree]:
    """The values of the lines that hold one, by their names; other lines are passed over.

    A name that comes again makes a series. Raises TalkError with the line of a NaN, of a number
    that can be read in two ways, and of JSON among the lines; and where none holds a value.
    """
    found: dict[str, list[Value]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if _JSON.match(line):
            hint = "print the JSON alone, or into a file that `output` names; the rest to stderr"
            raise TalkError("JSON stands among other lines", Source(path, number), hint)
        try:
            for name, value in _values(_COLOURS.sub("", line)):
                values = found.setdefault(name, [])
                values.append(value)
                _refuse_mixed(name, values)
        except RefusedError as refused:
            hint = "write numbers plainly: `name = 1234.5`; what couldn't be measured is left out"
            raise TalkError(str(refused), Source(path, number), hint) from None
    if not found:
        first = shortened(text.strip().split("\n")[0].strip(), 40)
        said = f"no line holds a number with a name; the first is `{first}`"
        raise TalkError(said, Source(path, 1), _hint(text))
    names = list(found)
    return {
        bare_name(name, names): values[0] if len(values) == 1 else tuple(values)
        for name, values in found.items()
    }


def _hint(text: str) -> str:
    """What to print instead: for columns between spaces the header that CSV has."""
    rows = [line.split() for line in text.split("\n", 20) if line.strip()][:2]
    names, cells = rows if len(rows) == 2 else ([], [])
    header = ",".join(names)
    is_table = 1 < len(names) == len(cells) and len(header) <= MOST_HEADER
    if is_table and not any(map(is_number, names)) and any(map(is_number, cells)):
        return f"a table needs commas between its columns: print `{header}`, and its rows so"
    return f"lines are read that look like {FORMS}; tables as CSV with a header; {REST}"


def _values(line: str) -> list[tuple[str, Value]]:
    """The values of a line; none for one that says something else."""
    if len(line) > MOST_LENGTH or not any(sign.isdigit() or sign in "nN" for sign in line):
        return []
    line = _LOGGED.sub("", line, count=1)
    parts = [part for part in _BETWEEN.split(line.strip()) if part]
    if len(parts) > 1 and all(part.count("(") == part.count(")") for part in parts):
        if several := [one for one in map(_named, parts) if one]:
            return several
    elif one := _named(line):
        return [one]
    word = _WORD.match(line)
    if word and (value := amount(word["amount"], word["name"], any_unit=True)):
        return [(word["name"].strip(), value)]
    alone = amount(line) if line.strip() else None
    return [(WITHOUT_NAME, alone)] if alone else []


def _named(text: str) -> tuple[str, Value] | None:
    """`name = 12.5 ms` or `name: 12.5 ms`."""
    found = _NAMED.match(text)
    value = amount(found["amount"], found["name"], any_unit=True) if found else None
    return (found["name"].strip(" \"'`"), value) if found and value else None


def _refuse_mixed(name: str, values: list[Value]) -> None:
    first, last = values[0].unit, values[-1].unit
    if units.kind_of(first) != units.kind_of(last):
        said = " and ".join(f"`{unit}`" if unit else "no unit" for unit in (first, last))
        raise RefusedError(f"`{name}` stands there twice, with {said}")
