"""JSON of any shape -> `Tree`: numbers are values, objects branches, arrays tables and series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from pipeline import units
from pipeline.measure.readers import json_text
from pipeline.measure.readers.amounts import RefusedError, as_share, finite
from pipeline.measure.readers.json_text import Place
from pipeline.measure.readers.tables import ROWS, table, with_unit_beside
from pipeline.measured import Tree, Value
from pipeline.problems import Source, TalkError
from pipeline.statistics import interval_of_repeats, wilson

T = TypeVar("T")
_KNOWN = frozenset(Value.__struct_fields__) | {"values"}


class WrongError(Exception):
    """What stands at a place can't be read: the message says why."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message, self.place = message, place


def tree_of_json(documents: list[Any], text: str, path: Path) -> dict[str, Tree]:
    """The tree of a JSON file, of JSON Lines, or of objects one after the other.

    Raises TalkError with the line of what can't be read.
    """
    for index, one in enumerate(documents):
        if not isinstance(one, dict) and (len(documents) > 1 or not isinstance(one, list)):
            what = "a list" if isinstance(one, list) else f"`{one}`"
            line = json_text.line_of(text, (), index)
            hint = 'each line is an object of its own: {"name": 12.5}'
            raise TalkError(f"{what} has no name to find it by", Source(path, line), hint)
    if len(documents) > 1:
        return table(
            [located(partial(branch, one), text, path, at) for at, one in enumerate(documents)]
        )
    content = documents[0]
    if isinstance(content, dict):
        return located(partial(branch, content), text, path)
    items = located(partial(series, content, ROWS, ()), text, path)
    rows = [item for item in items if isinstance(item, dict)]
    return table(rows) if rows and len(rows) == len(items) else {ROWS: items}


def located(read: Callable[[], T], text: str, path: Path, document: int = 0) -> T:
    """What `read` gives; where it finds something wrong, TalkError with the line of its place."""
    try:
        return read()
    except WrongError as wrong:
        line = json_text.line_of(text, wrong.place, document)
        named = f"`{json_text.shown(wrong.place)}` " if wrong.place else ""
        raise TalkError(f"{named}{wrong.message}", Source(path, line)) from None


def branch(content: Mapping[str, Any], place: Place = ()) -> dict[str, Tree]:
    """An object as a branch. Raises WrongError."""
    made: dict[str, Tree] = {}
    for name, inner in content.items():
        here = (*place, name)
        if not name.strip():
            raise WrongError("has a name that can't be written", here)
        made[name] = _tree(inner, name, here)
    return with_unit_beside(made)


def series(content: list[Any], name: str, place: Place) -> tuple[Tree, ...]:
    """An array as a table or a series; its numbers have the unit that its name states."""
    return tuple(_tree(inner, name, (*place, at)) for at, inner in enumerate(content))


def _tree(content: Any, name: str, place: Place) -> Tree:
    if isinstance(content, bool) or content is None:
        return content
    if isinstance(content, int | float):
        return as_share(Value(_finite(content, place), unit=units.unit_of_name(name)))
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        is_value = _is_number(content.get("value")) and content.keys() <= _KNOWN
        return _value(content, name, place) if is_value else branch(content, place)
    return series(content, name, place)


def _value(content: Mapping[str, Any], name: str, place: Place) -> Value:
    """An object that says what is known of a number: `{"value": 41.2, "unit": "ns"}`."""
    given = {key: inner for key, inner in content.items() if inner is not None}
    if "values" in given:
        given.setdefault("repeats", given.pop("values"))
        given.pop("values", None)
    for key, inner in given.items():
        if fault := _fault(key, inner):
            raise WrongError(fault, (*place, key) if key in content else place)
    given = {
        key: _finite(inner, (*place, key)) if _is_number(inner) else inner
        for key, inner in given.items()
    }
    given["repeats"] = tuple(_finite(one, place) for one in given.get("repeats", ()))
    given["unit"] = units.canonical(given.get("unit", units.unit_of_name(name)))
    made = Value(**given)
    if (made.low is None) != (made.high is None):
        raise WrongError("has one end of an interval only", place)
    if made.low is not None and made.high is not None and made.low > made.high:
        raise WrongError("has an interval whose `low` lies above its `high`", place)
    if made.hits is not None and (made.total is None or made.hits > made.total):
        raise WrongError("has more `hits` than `total`", place)
    return as_share(with_interval(made))


def with_interval(value: Value) -> Value:
    """A value of several repeats with the interval that follows from them; else as it is.

    A share whose repeats are single cases, each 1 or 0, is one of counted cases.
    """
    if value.low is not None or len(value.repeats) < 2:
        return value
    hits, total = sum(value.repeats), len(value.repeats)
    if value.unit == units.SHARE and set(value.repeats) <= {0, 1} and value.value == hits / total:
        made = wilson(int(hits), total)
        known = replace(value, hits=int(hits), total=total, n=total, how=value.how or made.how)
        return replace(known, low=made.low, high=made.high)
    found = interval_of_repeats(value.repeats)
    if found.low is None or found.high is None or not found.low <= value.value <= found.high:
        return value  # a mean, say, far from the median that the interval is of
    return replace(
        value,
        low=found.low,
        high=found.high,
        level=found.level,
        how=value.how or found.how,
        n=value.n or len(value.repeats),
    )


def _fault(key: str, content: Any) -> str:
    """What is wrong with one thing that is said of a value."""
    if key in ("unit", "how"):
        return "" if isinstance(content, str) else "is no text"
    if key == "direction":
        return "" if content in ("up", "down", "") else 'is not "up" or "down"'
    if key == "repeats":
        fine = isinstance(content, list) and all(_is_number(one) for one in content)
        return "" if fine else "is no list of numbers"
    if not _is_number(content):
        return "is no number"
    if key == "level" and not 0 < content < 1:
        return "is no level between 0 and 1, such as 0.95"
    if key in ("n", "hits", "total") and (not isinstance(content, int) or content < 0):
        return "is no whole number"
    return ""


def _finite(content: float, place: Place) -> int | float:
    try:
        return finite(content)
    except RefusedError as refused:
        raise WrongError("is beyond what a number can be", place) from refused


def _is_number(content: Any) -> bool:
    return isinstance(content, int | float) and not isinstance(content, bool)
