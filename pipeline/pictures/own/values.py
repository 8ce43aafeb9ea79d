"""Measured values as the speaker's own charts see them; what is read of them is recorded.

A drawing depends on what it read, and on nothing else: a change anywhere else draws nothing anew.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import msgspec

from pipeline.measured import Measured, Tree, Value, parts_of, plain_tree, rows_of, step
from pipeline.numbers.values import unit_of_field
from pipeline.problems import TalkError, nearest
from pipeline.results import Rate, Results, Score

ROWS = "rows"
_METHODS = ("keys", "values", "items", "get")  # of a dict


def tree_of_all(measured: Measured) -> dict[str, Tree]:
    """All that was measured as one tree: the experiment's fields, each measurement by its name."""
    tree: dict[str, Tree] = {}
    if measured.experiment is not None:
        opened = _opened(measured.experiment)
        assert isinstance(opened, dict)
        tree |= opened | _looked_up(measured.experiment)
    return tree | {name: one.values for name, one in measured.measurements.items()}


def _opened(value: Any, name: str = "") -> Tree:
    """A piece of the experiment's results as a tree; what is undefined is None."""
    if isinstance(value, Rate | Score):
        if value.value is None:
            return None
        counts = (value.hits, value.total) if isinstance(value, Rate) else (None, None)
        return Value(
            value.value, value.low, value.high, hits=counts[0], total=counts[1], unit="share"
        )
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return Value(value, unit=unit_of_field(name)) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _opened(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return tuple(map(_opened, value))
    kind = type(value)
    names = [*kind.__match_args__]
    names += [name for name, one in vars(kind).items() if isinstance(one, property)]
    return {name: _opened(getattr(value, name), name) for name in names}


def _looked_up(results: Results) -> dict[str, Tree]:
    """The look-ups by name that content has, too."""
    return {
        "example": {one.id: _opened(one) for one in results.examples},
        "token": {one.text: _opened(one.tokens) for one in results.tokenized},
        "next_token": {one.prompt: _opened(one) for one in results.next_tokens},
    }


def node_at(tree: Mapping[str, Tree], at: str) -> Any:
    """What stands at a place such as `hash["std::map"].ns`. Raises LookupError, TypeError."""
    node: Any = tree
    for part in parts_of(at):
        node = node[part]
    return node


def value_at(tree: Mapping[str, Tree], at: str) -> Value | None:
    """The number at a place; None where there is none."""
    try:
        node = node_at(tree, at)
    except (LookupError, TypeError):
        return None
    return node if isinstance(node, Value) else None


def digest_at(tree: Mapping[str, Tree], at: str) -> str:
    """A hash of what a drawing can know that read there: a value, a table's length, names.

    Empty where nothing is.
    """
    try:
        node = node_at(tree, at)
    except (LookupError, TypeError):
        return ""
    if isinstance(node, dict):
        node = ["names", *node]
    elif isinstance(node, tuple):
        node = ["length", len(node)]
    else:
        node = ["value", plain_tree(node)]
    return hashlib.sha256(msgspec.json.encode(node)).hexdigest()[:16]


# --- What `draw` gets ---------------------------------------------------------------------------


class Number(float):
    """One measured number; it can be drawn and calculated with as it is.

    `value` is as it was measured, an int or a float. `low`, `high`, `level`, `n`, `hits`, `total`,
    `unit`, `how`, `direction` and `repeats` are what is known of it, None or empty where nothing
    is; `at` is its place.
    """

    value: int | float
    low: int | float | None
    high: int | float | None
    level: float
    n: int | None
    hits: int | None
    total: int | None
    unit: str
    how: str
    direction: str
    repeats: tuple[int | float, ...]
    at: str

    def __new__(cls, known: Value, at: str) -> Number:
        """The number with all that is known of it."""
        made = super().__new__(cls, known.value)
        for field in Value.__struct_fields__:
            setattr(made, field, getattr(known, field))
        made.at = at
        return made

    @property
    def error(self) -> tuple[float, float]:
        """How far its interval reaches down and up, as error bars take it; (0, 0) without one."""
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        return self.value - low, high - self.value


class Reads:
    """What was read, in order: the places of values, of names, of lengths."""

    def __init__(self) -> None:
        self.places: dict[str, None] = {}

    def wrap(self, node: Tree, at: str) -> Any:
        """A piece of the tree as `draw` sees it."""
        if isinstance(node, dict):
            return Branch(node, at, self)
        if isinstance(node, tuple):
            return Rows(node, at, self, [step(at, index) for index in range(len(node))])
        self.places[at] = None
        return Number(node, at) if isinstance(node, Value) else node


class Branch:
    """Named values: `values.hash.insert`, or `values["hash"]["std::map"]` for any name.

    `rows` are those of a table, also of one whose rows are told apart by their first column. It is
    gone through as a dict is, with `keys()`, `values()` and `items()` where nothing measured is
    called so.
    """

    def __init__(self, tree: dict[str, Tree], at: str, reads: Reads) -> None:
        self.__tree, self.__at, self.__reads = tree, at, reads

    def __getitem__(self, name: str) -> Any:
        """Raises TalkError with the nearest name for one that isn't there."""
        if name in self.__tree:
            return self.__reads.wrap(self.__tree[name], step(self.__at, name))
        self.__reads.places[self.__at] = None
        if name == ROWS and (rows := rows_of(self.__tree)):
            places = [step(self.__at, key) for key in self.__tree]
            return Rows(rows, self.__at, self.__reads, places)
        whole = self.__at or "what this talk measured"
        hint = nearest(str(name), self.__tree) if self.__tree else "nothing was measured"
        raise TalkError(f"{whole} has no `{name}`", hint=hint)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in _METHODS or name in self.__tree:
            return self[name]
        of = dict.fromkeys(self) if name == "keys" else {key: self[key] for key in self}
        return getattr(of, name)

    def __contains__(self, name: object) -> bool:
        self.__reads.places[self.__at] = None
        return name in self.__tree

    def __iter__(self) -> Iterator[str]:
        self.__reads.places[self.__at] = None
        return iter(self.__tree)

    def __len__(self) -> int:
        self.__reads.places[self.__at] = None
        return len(self.__tree)

    def __repr__(self) -> str:
        return f"<{self.__at or 'values'}: {', '.join(self.__tree)}>"


class Rows:
    """A series of numbers, or a table: `rows[0].ns`; `rows.ns` is the column, a list."""

    def __init__(
        self, rows: tuple[Tree, ...], at: str, reads: Reads, places: Sequence[str]
    ) -> None:
        self.__rows, self.__at, self.__reads, self.__places = rows, at, reads, places

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    @overload
    def __getitem__(self, at: str) -> list[Any]: ...

    def __getitem__(self, at: int | slice | str) -> Any:
        """Raises TalkError for a column that isn't there, IndexError for a row."""
        if isinstance(at, str):
            return [row[at] for row in self]
        if isinstance(at, slice):
            return [self[index] for index in range(len(self))[at]]
        if not -len(self) <= at < len(self):
            raise IndexError(f"{self.__at} has {len(self)} rows, and none at {at}")
        return self.__reads.wrap(self.__rows[at], self.__places[at])

    def __getattr__(self, name: str) -> list[Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __len__(self) -> int:
        self.__reads.places[self.__at] = None
        return len(self.__rows)

    def __repr__(self) -> str:
        return f"<{self.__at}: {len(self.__rows)} rows>"
