"""Measured values as content sees them: each knows its place in results.json."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
    """One measured number: `at` is its place in results.json, `value` its unrounded value.

    `low` and `high` are the ends of its 95% interval, None where it has none. Arithmetic gives a
    Number whose `at` is the expression; a comparison gives a Fact.
    """

    __slots__ = ("at", "high", "hits", "is_share", "low", "total", "value")

    def __init__(
        self,
        at: str,
        value: float,
        low: float | None = None,
        high: float | None = None,
        hits: int | None = None,
        total: int | None = None,
        is_share: bool = False,
    ) -> None:
        self.at, self.value, self.low, self.high = at, value, low, high
        self.hits, self.total, self.is_share = hits, total, is_share

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
    """A record of the results, seen by attribute; names its nearest one when asked for another."""

    __slots__ = ("_at", "_record")

    def __init__(self, at: str, record: Any) -> None:
        self._at, self._record = at, record

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        names = _names(self._record)
        if name not in names:
            shown = self._at or "this run"
            raise TalkError(f"{shown} has no `{name}`", hint=nearest(name, names))
        value = (
            self._record[name] if isinstance(self._record, Mapping) else getattr(self._record, name)
        )
        return wrap(f"{self._at}.{name}" if self._at else name, value)

    def __getitem__(self, name: Any) -> Any:
        if not isinstance(name, str):
            raise TalkError(f"{self._at} has no item {name!r}", hint="use a name")
        return self.__getattr__(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_names(self._record))

    def __len__(self) -> int:
        return len(_names(self._record))


def _names(record: Any) -> list[str]:
    if isinstance(record, Mapping):
        return list(record)
    names = [f.name for f in dataclasses.fields(record)]
    return names + [n for n, v in vars(type(record)).items() if isinstance(v, property)]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Number) else value


def overlap(one: Number, other: Number) -> bool:
    """Whether both have 95% intervals and these overlap: the run can't tell the two apart."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high


def wrap(at: str, value: Any) -> Any:
    """A piece of the results as content may use it; `at` is its place, such as `data.messages`.

    Raises TalkError for a number that is undefined (null) or not finite.
    """
    if isinstance(value, Rate | Score):
        number = _finite(at, value.value)
        hits, total = (value.hits, value.total) if isinstance(value, Rate) else (None, None)
        return Number(at, number, value.low, value.high, hits, total, is_share=True)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Number(at, _finite(at, value))
    if isinstance(value, str):
        return Text(value, at)
    if isinstance(value, tuple | list):
        return [wrap(f"{at}[{index}]", item) for index, item in enumerate(value)]
    if value is None:
        return None
    return Record(at, value)


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


def namespace(results: Results) -> dict[str, Any]:
    """The names that content may use: every field of the results, and three look-ups by name.

    `example["ID"]`, `token["TEXT"]` (how it is split) and `next_token["PROMPT"]`.
    """
    names = {f.name: wrap(f.name, getattr(results, f.name)) for f in dataclasses.fields(Results)}
    names["example"] = Record("example", {e.id: e for e in results.examples})
    names["token"] = Record("token", {t.text: t.tokens for t in results.tokenized})
    names["next_token"] = Record("next_token", {n.prompt: n for n in results.next_tokens})
    return names
