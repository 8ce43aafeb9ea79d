"""Measured values as content sees them: each knows its place and its run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

import msgspec

from pipeline.command import called
from pipeline.config import EVIDENCE_KINDS
from pipeline.measured import Direction, Measured, Value, is_place, parts_of, rows_of, step
from pipeline.numbers.comparisons import NO_PAIRS, Pairs, calculated, compared, pairs_of
from pipeline.problems import TalkError, nearest
from pipeline.results import CLASSIFIERS, Evaluation, Example, Rate, Results, Score


class Fact(msgspec.Struct, frozen=True):
    """The outcome of a comparison of measured values, with both sides for the error message."""

    true: bool
    says: str  # "finetuned.recall (0.933) > 0.9"
    is_close: bool = False  # it compares two values whose difference may be chance

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
        *("low", "n", "pairs", "repeats", "shared", "total", "unit", "value"),
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
        shared: float = 0.0,
        pairs: Pairs = NO_PAIRS,
    ) -> None:
        self.at, self.value, self.low, self.high, self.level = at, value, low, high, level
        self.n, self.hits, self.total = n, hits, total
        self.unit, self.how, self.direction, self.repeats = unit, how, direction, repeats
        self.shared, self.pairs = shared, pairs

    @property
    def is_share(self) -> bool:
        """Whether it is a share of counted cases, or a score between 0 and 1."""
        return self.unit == "share"

    def __contains__(self, name: object) -> bool:
        """Whether that is known of it: `"low" in finetuned.f1`."""
        try:
            self[name]
        except TalkError:
            return False
        return True

    def __getitem__(self, name: Any) -> Number | Text:
        """What is known of it, as content may show it: `hash.ns.n`, `.low`, `.mean`, `.how`.

        Raises TalkError for what isn't known.
        """
        known: dict[str, Any]
        at, known = f"{self.at}.{name}", {"unit": self.unit, "direction": self.direction}
        if name in ("unit", "how"):
            return Text(getattr(self, name), at)
        if name in _COUNTED and (count := getattr(self, name)) is not None:
            return Number(at, count)
        if name in ("low", "high") and (end := getattr(self, name)) is not None:
            return Number(at, end, how=f"{100 * self.level:.3g}% interval", **known)
        if name in _OF_RUNS and self.repeats:
            how = f"{name} of {len(self.repeats)} runs"
            return Number(at, _OF_RUNS[name](self.repeats), n=len(self.repeats), how=how, **known)
        names = ("unit", "how", *_COUNTED, "low", "high", *_OF_RUNS)
        hint = "its runs, counts or interval aren't known" if name in names else ""
        raise TalkError(f"{self.at} has no `{name}`", hint=hint or nearest(str(name), names))

    def _combine(self, other: Any, sign: str, *, back: bool = False) -> Number:
        if not isinstance(other, Number | int | float):
            raise TalkError(
                f"{self.at} {sign} {other!r} is no calculation",
                hint=f"put it in brackets before its format: ({self.at} {sign} …) | count",
            )
        one, two = (other, self) if back else (self, other)
        made = calculated(one, sign, two)
        return Number(
            f"{_operand(one)} {sign} {_operand(two)}",
            made.value,
            made.low,
            made.high,
            level=made.level,
            unit=made.unit,
            how=made.how,
            direction=made.direction,
            repeats=made.repeats,
        )

    def __add__(self, other: Any) -> Number:
        return self._combine(other, "+")

    def __radd__(self, other: Any) -> Number:
        return self._combine(other, "+", back=True)

    def __sub__(self, other: Any) -> Number:
        return self._combine(other, "-")

    def __rsub__(self, other: Any) -> Number:
        return self._combine(other, "-", back=True)

    def __mul__(self, other: Any) -> Number:
        return self._combine(other, "*")

    def __rmul__(self, other: Any) -> Number:
        return self._combine(other, "*", back=True)

    def __truediv__(self, other: Any) -> Number:
        return self._combine(other, "/")

    def __rtruediv__(self, other: Any) -> Number:
        return self._combine(other, "/", back=True)

    def __neg__(self) -> Number:
        return self._combine(-1, "*")

    def _compare(self, other: Any, sign: str) -> Fact:
        says = f"{self.at} ({self.value:.4g}) {sign} "
        if not isinstance(other, Number | int | float):
            if sign in ("==", "!="):
                return Fact(sign == "!=", f"{says}{other!r}")
            raise TalkError(f"{says}{other!r} compares it with no number", hint="name a value")
        outcome = compared(self, other)
        holds = {
            ">": outcome.sign > 0,
            ">=": outcome.sign >= 0,
            "<": outcome.sign < 0,
            "<=": outcome.sign <= 0,
            "==": outcome.sign == 0,
            "!=": outcome.sign != 0,
        }[sign]
        if not isinstance(other, Number):
            return Fact(holds, f"{says}{other}")
        says += f"{other.at} ({other.value:.4g}){f': {outcome.says}' if outcome.says else ''}"
        return Fact(holds, says, outcome.is_close)

    def __gt__(self, other: Any) -> Fact:
        return self._compare(other, ">")

    def __ge__(self, other: Any) -> Fact:
        return self._compare(other, ">=")

    def __lt__(self, other: Any) -> Fact:
        return self._compare(other, "<")

    def __le__(self, other: Any) -> Fact:
        return self._compare(other, "<=")

    def __eq__(self, other: object) -> Fact:  # type: ignore[override]
        return self._compare(other, "==")

    def __ne__(self, other: object) -> Fact:  # type: ignore[override]
        return self._compare(other, "!=")

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        raise TalkError(
            f"{self.at} is used without a format",
            hint=f"say how to show it: {{{{ {self.at} | pct }}}}, `num`, `count`, `seconds`, …",
        )


_COUNTED = ("n", "hits", "total")
_OF_RUNS: Mapping[str, Callable[[Sequence[float]], float]]
_OF_RUNS = {"mean": fmean, "least": min, "most": max}


class Text(str):
    """A text out of what was measured (a message, a name): shown as it is, never as markup."""

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

    __slots__ = ("_at", "_pairs", "_record", "_run")

    def __init__(self, at: str, record: Any, run: str = "", pairs: Pairs = NO_PAIRS) -> None:
        self._at, self._record, self._run, self._pairs = at, record, run, pairs

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
        if value is None and (absent := _absent(self._at, record, name)) is not None:
            return absent
        return wrap(step(self._at, str(name)), value, self._run, self._pairs)

    def __iter__(self) -> Iterator[Text]:
        """Its names. They may come out of a file, and so are shown as they are."""
        return (Text(name, self._at) for name in _names(self._record))

    def __len__(self) -> int:
        return len(_names(self._record))


class Absent:
    """What a run has not: false as a condition; whoever asks it for a value is told why.

    A baseline that wasn't run; or scores of the positive label, where no label is.
    """

    __slots__ = ("_hint", "_says")

    def __init__(self, says: str, hint: str) -> None:
        self._says, self._hint = says, hint

    def __bool__(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise self.refused()

    def __getitem__(self, name: object) -> Any:
        raise self.refused()

    def refused(self) -> TalkError:
        """What to tell who needs a value."""
        return TalkError(self._says, hint=self._hint)


def _not_run(name: str) -> Absent:
    hint = f'add "{name}" to `baselines` of [experiment] in talk.toml, and build again'
    if name == "prompted":
        hint = "it needs `question` in [experiment] of talk.toml, and a model that goes on texts"
    return Absent(f"this run has no `{name}`: the baseline wasn't run", hint)


def _not_asked(name: str) -> Absent:
    hint = f"add [evidence.{name}] to talk.toml, or guard it with {{% if {name} %}}"
    return Absent(f"this talk has no evidence `{name}`", hint)


def _absent(at: str, record: object, name: str) -> Absent | None:
    """Why a field of the experiment's results is empty, where more can be said than that it is."""
    if isinstance(record, Example) and name in CLASSIFIERS:
        return _not_run(name)
    if isinstance(record, Evaluation):
        here = f'{at}.matrix["…"]["…"]' if name == "confusion" else f'{at}.labels["…"].{name}'
        return Absent(f"{at}.{name} is of the positive label, and here none is", f"use {here}")
    return None


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
    names = type(record).__match_args__
    return [*names, *(n for n, v in vars(type(record)).items() if isinstance(v, property))]


def _operand(one: Any) -> str:
    """A value's place in an expression; in brackets where it is an expression itself."""
    if not isinstance(one, Number):
        return str(one)
    return one.at if " " not in one.at or is_place(one.at) else f"({one.at})"


def wrap(at: str, value: Any, run: str = "", pairs: Pairs = NO_PAIRS) -> Any:
    """A piece of what was measured as content may use it; `at` is its place, `run` its run's id.

    `pairs`: what paired tests say of two of the run's values.

    Raises TalkError for a number that is undefined (null) or not finite.
    """
    if isinstance(value, Value):
        known = {name: getattr(value, name) for name in KNOWN}
        return Number(at, _finite(at, value.value), value.low, value.high, **known)
    if isinstance(value, Rate | Score):
        number = _finite(at, value.value)
        hits, total = (value.hits, value.total) if isinstance(value, Rate) else (None, None)
        known = {"hits": hits, "total": total, "unit": "share", "pairs": pairs}
        known["how"] = _how(value)
        return Number(at, number, value.low, value.high, **known)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Number(at, _finite(at, value), unit=unit_of_field(at))
    if isinstance(value, str):
        return Text(value, at)
    if isinstance(value, tuple | list):
        return Rows(at, value, run)
    if value is None:
        return None
    return Record(at, value, run, pairs)


def _how(score: Rate | Score) -> str:
    """How the experiment makes the interval of a rate or score, as `experiment.metrics` says."""
    if score.low == score.high:
        return ""
    if isinstance(score, Rate):
        return "Wilson's interval"
    return "bootstrap over the messages" if score.value not in (0, 1) else "Wilson's, by its counts"


KNOWN = (  # beside ends
    *("level", "n", "hits", "total", "unit", "how", "direction", "repeats", "shared"),
)


def unit_of_field(at: str) -> str:
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
        raise TalkError(f"{at} is {value}", hint=f"the run is broken: `{called()} --retrain`")
    return value


def namespace(measured: Measured) -> dict[str, Any]:
    """The names that content may use: those of the experiment, and one for each measurement.

    Evidence that was never run, or that the talk doesn't ask for, is false as a condition.
    """
    names: dict[str, Any] = {}
    if measured.experiment:
        names = {kind: _not_asked(kind) for kind in EVIDENCE_KINDS}
        names |= _of_experiment(measured.experiment)
    for name, found in measured.measurements.items():
        names[name] = wrap(name, found.values, found.run.id)
    for name, hint in measured.missing.items():
        names[name] = Absent(f"{name} was not measured yet", hint)
    return names


def number_at(at: str, names: Mapping[str, Any]) -> Number | None:
    """The measured number at a place such as `finetuned.f1` in a namespace; None for none."""
    value: Any = names
    for part in parts_of(at):
        try:
            value = value[part]
        except (TalkError, LookupError, TypeError):
            return None
    return value if isinstance(value, Number) else None


def _of_experiment(results: Results) -> dict[str, Any]:
    """Every field of the results, and three look-ups by name.

    `example["ID"]`, `token["TEXT"]` (how it is split) and `next_token["PROMPT"]`.
    """
    pairs, fields = pairs_of(results), Results.__struct_fields__
    names = {name: wrap(name, getattr(results, name), pairs=pairs) for name in fields}
    for name in CLASSIFIERS:
        if getattr(results, name) is None:
            names[name] = _not_run(name)
    names["example"] = Record("example", {e.id: e for e in results.examples})
    names["token"] = Record("token", {t.text: t.tokens for t in results.tokenized})
    names["next_token"] = Record("next_token", {n.prompt: n for n in results.next_tokens})
    return names
