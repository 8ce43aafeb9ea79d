"""Measured values as content sees them: each knows its place and its run."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.measured import Direction, Measured, Value, rows_of, step
from pipeline.problems import TalkError, nearest
from pipeline.results import Rate, Results, Score


@dataclass(frozen=True, slots=True)
class Fact:
    """The outcome of a comparison of measured values, with both sides for the error message."""

    true: bool
    says: str  # "finetuned.recall (0.933) > 0.9"
    is_close: bool = False  # it compares two values whose intervals overlap

    def __bool__(self) -> bool:
        return self.true


class Number:
    """One measured number: `at` is its place as content names it, `value` its unrounded value.

    `low` and `high` are the ends of its interval, which covers it with probability `level`; None
    where it has none. The rest is what is known of it (`measured.Value`). Arithmetic gives a
    Number whose `at` is the expression; a comparison gives a Fact.
    """

    __slots__ = (
        *("at", "direction", "high", "hits", "how", "level"),
        *("low", "n", "repeats", "total", "unit", "value"),
    )

    def __init__(
        self,
        at: str,
        value: float,
        low: float | None = None,
        high: float | None = None,
        *,
        level: float = 0.95,
        n: int | None = None,
        hits: int | None = None,
        total: int | None = None,
        unit: str = "",
        how: str = "",
        direction: Direction = "",
        repeats: tuple[int | float, ...] = (),
    ) -> None:
        self.at, self.value, self.low, self.high, self.level = at, value, low, high, level
        self.n, self.hits, self.total = n, hits, total
        self.unit, self.how, self.direction, self.repeats = unit, how, direction, repeats

    @property
    def is_share(self) -> bool:
        """Whether it is a share of counted cases, or a score between 0 and 1."""
        return self.unit == "share"

    def _combine(self, other: Any, sign: str, do: Callable[[Any, Any], Any]) -> Number:
        if not isinstance(other, Number | int | float):
            raise TalkError(
                f"{self.at} {sign} {other!r} is no calculation",
                hint=f"put it in brackets before its format: ({self.at} {sign} …) | count",
            )
        at = f"{self.at} {sign} {other.at if isinstance(other, Number) else other}"
        return Number(at, do(self.value, _plain(other)))

    def __add__(self, other: Any) -> Number:
        return self._combine(other, "+", operator.add)

    def __sub__(self, other: Any) -> Number:
        return self._combine(other, "-", operator.sub)

    def __mul__(self, other: Any) -> Number:
        return self._combine(other, "*", operator.mul)

    def __truediv__(self, other: Any) -> Number:
        if _plain(other) == 0:
            raise TalkError(f"{self.at} is divided by zero", hint="guard it with {% if %}")
        return self._combine(other, "/", operator.truediv)

    def _compare(self, other: Any, sign: str, do: Callable[[Any, Any], Any]) -> Fact:
        says = f"{self.at} ({self.value:.4g}) {sign} "
        says += f"{other.at} ({other.value:.4g})" if isinstance(other, Number) else f"{other}"
        is_close = isinstance(other, Number) and overlap(self, other)
        return Fact(bool(do(self.value, _plain(other))), says, is_close)

    def __gt__(self, other: Any) -> Fact:
        return self._compare(other, ">", operator.gt)

    def __ge__(self, other: Any) -> Fact:
        return self._compare(other, ">=", operator.ge)

    def __lt__(self, other: Any) -> Fact:
        return self._compare(other, "<", operator.lt)

    def __le__(self, other: Any) -> Fact:
        return self._compare(other, "<=", operator.le)

    def __eq__(self, other: object) -> Fact:  # type: ignore[override]
        return self._compare(other, "==", operator.eq)

    def __ne__(self, other: object) -> Fact:  # type: ignore[override]
        return self._compare(other, "!=", operator.ne)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        raise TalkError(
            f"{self.at} is used without a format",
            hint=f"say how to show it: {{{{ {self.at} | pct }}}}, `num`, `count`, `seconds`, …",
        )


class Text(str):
    """A text out of the results (a message, a name): shown as it is, never as markup."""

    __slots__ = ("at",)
    at: str

    def __new__(cls, text: str, at: str) -> Text:
        made = super().__new__(cls, text)
        made.at = at
        return made


class Record:
    """A branch of what was measured, seen by attribute or by `["name"]`.

    Names its nearest one when asked for another. What it holds is wrapped when it is asked for.
    """

    __slots__ = ("_at", "_record", "_run")

    def __init__(self, at: str, record: Any, run: str = "") -> None:
        self._at, self._record, self._run = at, record, run

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: Any) -> Any:
        if isinstance(name, Number):
            name = name.value
        if not isinstance(name, str):
            raise TalkError(f"{self._at} has no item {name!r}", hint="use a name")
        record, names = self._record, _names(self._record)
        if name == "rows" and name not in names and (rows := _rows_of(record)):
            return Rows(self._at, rows, self._run, tuple(names))
        if name not in names:
            shown = f"{self._at or 'this run'}{f' of run {self._run}' if self._run else ''}"
            raise TalkError(
                f"{shown} has no `{name}`",
                hint=nearest(name, names) if names else "nothing is in it",
            )
        value = record[name] if isinstance(record, Mapping) else getattr(record, name)
        return wrap(step(self._at, str(name)), value, self._run)

    def __iter__(self) -> Iterator[Text]:
        """Its names. They may come out of a file, and so are shown as they are."""
        return (Text(name, self._at) for name in _names(self._record))

    def __len__(self) -> int:
        return len(_names(self._record))


class Rows:
    """A table or a series out of what was measured; each item is wrapped when it is asked for.

    `names` are those of its items where they are branches of the branch at `at`: their place.
    """

    __slots__ = ("_at", "_items", "_names", "_run")

    def __init__(
        self, at: str, items: Sequence[Any], run: str = "", names: Sequence[str] = ()
    ) -> None:
        self._at, self._items, self._run, self._names = at, items, run, names

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        hint = f"name one of its {len(self)}: {self._at}[0].{name}, or go through them in a loop"
        raise TalkError(f"{self._at} is a list: it has no `{name}`", hint=hint)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[at] for at in range(len(self))[index]]
        if isinstance(index, Number):
            index = index.value
        if not isinstance(index, int):
            hint = "count from 0: [0] is the first, [-1] the last"
            raise TalkError(f"{self._at} is a list: it has no `{index}`", hint=hint)
        size = len(self)
        if not -size <= index < size:
            items = f"{size} item{'' if size == 1 else 's'}"
            hint = "they are counted from 0, and from the end with [-1]"
            raise TalkError(f"{self._at} has {items}, and no [{index}]", hint=hint)
        index %= size
        place = step(self._at, self._names[index] if self._names else index)
        return wrap(place, self._items[index], self._run)

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __len__(self) -> int:
        return len(self._items)


Sequence.register(Rows)


def _rows_of(record: Any) -> Sequence[Any]:
    """The rows of a table that is kept by the texts of its first column."""
    return rows_of(record) if isinstance(record, dict) else ()


def _names(record: Any) -> Collection[str]:
    if isinstance(record, Mapping):
        return record.keys()
    names = [f.name for f in dataclasses.fields(record)]
    return names + [n for n, v in vars(type(record)).items() if isinstance(v, property)]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Number) else value


def overlap(one: Number, other: Number) -> bool:
    """Whether both have intervals and these overlap: the run can't tell the two apart."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high


def wrap(at: str, value: Any, run: str = "") -> Any:
    """A piece of what was measured as content may use it; `at` is its place, `run` its run's id.

    Raises TalkError for a number that is undefined (null) or not finite.
    """
    if isinstance(value, Value):
        known = {name: getattr(value, name) for name in _KNOWN}
        return Number(at, _finite(at, value.value), value.low, value.high, **known)
    if isinstance(value, Rate | Score):
        number = _finite(at, value.value)
        hits, total = (value.hits, value.total) if isinstance(value, Rate) else (None, None)
        return Number(at, number, value.low, value.high, hits=hits, total=total, unit="share")
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Number(at, _finite(at, value), unit=unit_of(at))
    if isinstance(value, str):
        return Text(value, at)
    if isinstance(value, tuple | list):
        return Rows(at, value, run)
    if value is None:
        return None
    return Record(at, value, run)


_KNOWN = ("level", "n", "hits", "total", "unit", "how", "direction", "repeats")


def unit_of(at: str) -> str:
    """The unit that the name of a field of the experiment's results says; "" for none."""
    leaf = at.rpartition(".")[2]
    if "seconds" in leaf.split("_"):
        return "s"
    return "bytes" if leaf.endswith("bytes") else ""


def _finite(at: str, value: float | None) -> float:
    if value is None:
        raise TalkError(
            f"{at} is undefined in this run",
            hint="nothing was counted for it (precision, when nothing was flagged): write the "
            "sentence for that case with {% if %}",
        )
    if value != value or value in (float("inf"), float("-inf")):
        raise TalkError(f"{at} is {value}", hint="the run is broken: `python build.py --retrain`")
    return value


def namespace(measured: Measured) -> dict[str, Any]:
    """The names that content may use: those of the experiment, and one for each measurement."""
    names = _of_experiment(measured.experiment) if measured.experiment else {}
    for name, found in measured.measurements.items():
        names[name] = wrap(name, found.values, found.run.id)
    return names


def _of_experiment(results: Results) -> dict[str, Any]:
    """Every field of the results, and three look-ups by name.

    `example["ID"]`, `token["TEXT"]` (how it is split) and `next_token["PROMPT"]`.
    """
    names = {f.name: wrap(f.name, getattr(results, f.name)) for f in dataclasses.fields(Results)}
    names["example"] = Record("example", {e.id: e for e in results.examples})
    names["token"] = Record("token", {t.text: t.tokens for t in results.tokenized})
    names["next_token"] = Record("next_token", {n.prompt: n for n in results.next_tokens})
    return names
