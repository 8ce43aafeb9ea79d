"""A chart on a slide: the lines of its fence, and the measured values that they name.

    ```chart
    kind: bars
    values: hash.*.insert_ns
    alt: Robin Hood hashing is the fastest of three.
    ```

What is read here is all that drawing needs: `pictures.charts.blocks` draws it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.measured import step
from pipeline.numbers.fill import CLOSE, OPEN, Filled, Mark, Numbers, clean_text
from pipeline.numbers.formats import FORMATS
from pipeline.numbers.lookup import ANY, Found, find_values, keys_of
from pipeline.numbers.values import Number, Record, Rows
from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.chart_units import Figures, Shape, common_unit

FENCE = "chart"
KINDS = ("bars", "lines", "slope", "histogram", "dots", "table")
KEYS = (
    *("kind", "values", "rows", "x", "y", "by", "labels", "title", "note", "alt"),
    *("scale", "from", "unit", "format", "sort", "highlight", "size", "step"),
)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "scale": ("lin", "log", "log x", "log both"),
    "sort": ("value", "name", "given"),
    "size": ("half", "full"),
    "step": ("each",),
}
_ALSO_CALLED = {
    **dict.fromkeys(("type", "chart"), "kind"),
    **dict.fromkeys(("data", "value", "column", "columns"), "values"),
    **dict.fromkeys(("table", "row"), "rows"),
    **dict.fromkeys(("group", "series", "hue", "color", "colour"), "by"),
    **dict.fromkeys(("caption", "heading"), "title"),
    **dict.fromkeys(("min", "start", "begin"), "from"),
    **dict.fromkeys(("order", "sorted"), "sort"),
    **dict.fromkeys(("steps", "each"), "step"),
    **dict.fromkeys(("width",), "size"),
    **dict.fromkeys(("names", "rename", "label"), "labels"),
}
_LINE = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*\S))?[ \t]*$")
_ITEM = re.compile(r"""(?:"[^"]*"|'[^']*'|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|[^,"'\[])+""")
_FORMAT = re.compile(r"(\w+)(?:\s*\(\s*(\d*)\s*\)|\s+(\d+))?$")
_ROWS_KEYS = ("x", "y", "by")
LARGEST = 1e18

At = Callable[[int], Source]  # the place of a line of the fence, counted from its first line
Said = Mapping[str, tuple[str, Source]]


@dataclass(frozen=True, slots=True)
class Datum:
    """One measured value as a chart shows it; `value` None: it was not measured."""

    name: str  # what it is of
    at: str
    value: float | None
    shown: str
    low: float | None = None
    high: float | None = None
    range: str = ""  # its interval as it is written
    x: float | None = None  # along a line


@dataclass(frozen=True, slots=True)
class Series:
    """Values that belong together: the bars of one colour, a line."""

    name: str
    data: tuple[Datum, ...]


@dataclass(frozen=True, slots=True)
class ChartData:
    """All that a chart's drawing depends on."""

    name: str  # of the picture
    kind: str
    series: tuple[Series, ...]
    title: str = ""
    note: str = ""  # instead of what is said of intervals and axis
    alt: str = ""
    x_name: str = ""
    figures: Figures = field(default_factory=Figures)  # how numbers are written on its axes
    interval: str = ""  # "95% interval"; empty without one
    log: bool = False
    log_x: bool = False
    start: float | None = None  # of the axis
    highlight: tuple[str, ...] = ()
    wide: bool = True
    stepwise: bool = False  # its bars, lines or rows appear one by one

    @property
    def names(self) -> tuple[str, ...]:
        """What the values are of, each once."""
        return tuple(dict.fromkeys(d.name for one in self.series for d in one.data))

    @property
    def steps(self) -> int:
        if not self.stepwise:
            return 0
        return len(self.series) if self.kind == "lines" else len(self.names)


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """A chart where it stands on a slide; `first_step` is the number of its first step."""

    data: ChartData
    source: Source  # the fence's first line
    values_source: Source  # the line that names its values
    has_alt: bool
    first_step: int = 0

    @property
    def steps(self) -> int:
        return self.data.steps

    @property
    def places(self) -> tuple[str, ...]:
        """The places of the values in it, each once."""
        return tuple(dict.fromkeys(mark.at for mark in marks_of(self)))


class Charts:
    """Reads the charts of one slide in their order, and names their pictures."""

    def __init__(self, numbers: Numbers, slide: str) -> None:
        self._numbers, self._slide, self._count = numbers, slide, 0
        self.wide = True  # whether the part that is read now has the slide's width

    def read(self, info: str, text: str, at: At) -> ChartBlock:
        """The chart of a fence. Raises TalkError with the line of what is wrong in it."""
        if info.split() != [FENCE]:
            hint = "what it shows stands in the lines below, such as `kind: bars`"
            raise TalkError(f"`{info}`: nothing stands behind `{FENCE}`", at(0), hint)
        self._count += 1
        name = f"{self._slide}-chart" + (str(self._count) if self._count > 1 else "")
        return read_chart(text, at, self._numbers.names, name, wide=self.wide)


def is_chart(info: str) -> bool:
    """Whether a fence with this first line is a chart."""
    return info.split()[:1] == [FENCE]


def chart_words(text: str) -> Iterator[tuple[int, str]]:
    """The words of a fence that a reader meets, each with its line, counted from the fence's."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _LINE.match(line)
        if found and found[1].lower() in ("title", "note", "alt", "labels") and found[2]:
            yield number, found[2]


def read_chart(
    text: str, at: At, names: Mapping[str, Any], name: str, *, wide: bool = True
) -> ChartBlock:
    """The lines of a fence with the values of the namespace `names`."""
    said = _fields(text, at)
    try:
        series, x_name = _series(said, names, at(0))
    except TalkError as error:
        where = error.where or said.get("values", said.get("rows", ("", at(0))))[1]
        raise TalkError(error.message, where, error.hint) from None
    labels, known = _labels(said), _names(series)
    _check_names(said, labels, known)
    kind = said["kind"][0]
    raw = _sorted(series, said)
    figures, made = _shown(raw, labels, said, kind, at(0))
    data = ChartData(
        name=name,
        kind=kind,
        series=made,
        title=_text(said, "title"),
        note=_text(said, "note"),
        alt=_text(said, "alt"),
        x_name=labels.get(x_name, pretty(x_name)),
        figures=figures,
        interval=_interval(raw),
        log=_text(said, "scale") in ("log", "log both"),
        log_x=_text(said, "scale") in ("log x", "log both"),
        start=_start(said, figures),
        highlight=tuple(labels.get(one, pretty(one)) for one in items(_text(said, "highlight"))),
        wide=_text(said, "size", "full" if wide else "half") == "full",
        stepwise="step" in said,
    )
    _check(data, at(0), said)
    where = said.get("values", said.get("rows", ("", at(0))))[1]
    return ChartBlock(data, at(0), where, bool(data.alt))


# --- The lines ------------------------------------------------------------------------------------


def _fields(text: str, at: At) -> dict[str, tuple[str, Source]]:
    """Key -> value and place; an indented line goes on with the one above it."""
    said: dict[str, tuple[str, Source]] = {}
    last = ""
    for number, line in enumerate(text.split("\n"), 1):
        where = at(number)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " \t" and last:
            value, first = said[last]
            said[last] = f"{value} {line.strip()}".strip(), first
            continue
        found = _LINE.match(line)
        if not found:
            hint = "a chart has lines `key: value`, such as `kind: bars`"
            raise TalkError(f"no line of a chart: {line.strip()}", where, hint)
        last = found[1].lower()
        if last not in KEYS:
            meant = _ALSO_CALLED.get(last)
            hint = f"did you mean `{meant}`?" if meant else nearest(last, KEYS)
            raise TalkError(f"a chart has no `{found[1]}`", where, hint)
        if last in said:
            raise TalkError(f"`{last}` stands twice", where, "keep one of them")
        said[last] = found[2] or "", where
    for key, (value, where) in said.items():
        if not value:
            raise TalkError(f"`{key}` is empty", where, "give it a value or drop the line")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise TalkError(f"`{key}` can't be `{value}`", where, nearest(value, _CHOICES[key]))
    if "kind" not in said:
        hint = f"add `kind: bars`, or another of: {', '.join(KINDS)}"
        raise TalkError("a chart without its kind", at(0), hint)
    return said


def items(text: str) -> tuple[str, ...]:
    """The items of a list with commas between them; quotes go around one that has its own."""
    found = (item.strip() for item in _ITEM.findall(text))
    return tuple(_bare(item) for item in found if item)


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "\"'" and text[0] == text[-1] else text


def _text(said: Said, key: str, default: str = "") -> str:
    return said[key][0] if key in said else default


def _labels(said: Said) -> dict[str, str]:
    """What names are called instead."""
    made: dict[str, str] = {}
    for item in items(_text(said, "labels")):
        name, sign, label = item.partition("=")
        if not sign or not name.strip() or not label.strip():
            hint = "labels: std::map = Red-black tree, robin_hood = Robin Hood"
            raise TalkError(f"no label: `{item}`", said["labels"][1], hint)
        made[_bare(name.strip())] = _bare(label.strip())
    return made


def pretty(name: str) -> str:
    """A name out of a file as a chart shows it."""
    return name.replace("_", " ").strip()


def _start(said: Said, figures: Figures) -> float | None:
    if "from" not in said:
        return None
    text, where = said["from"]
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise TalkError(f"`from` can't be `{text}`", where, "a number, such as `from: 0`") from None


# --- The values -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Raw:
    """A value before it is written: what the file calls it, and where along a line it stands."""

    name: str
    number: Number | None
    at: str
    x: float | None = None


_RawSeries = tuple[tuple[str, tuple[_Raw, ...]], ...]


def _series(said: Said, names: Mapping[str, Any], top: Source) -> tuple[_RawSeries, str]:
    """The values that the lines name, and what the x axis is called."""
    if ("values" in said) == ("rows" in said):
        hint = "`values: hash.*.ns`, or `rows: hash.rows` with `x:` and `y:` for its columns"
        what = "both `values` and `rows`" if "rows" in said else "no values"
        raise TalkError(f"a chart with {what}", top, hint)
    if not names:
        hint = "add a [measure.NAME] table to talk.toml and run `python build.py`"
        raise TalkError("this talk measures nothing that a chart could show", top, hint)
    if "rows" in said:
        return _of_rows(said, names)
    for key in ("y", "by"):
        if key in said:
            hint = "a table's columns: `rows: hash.rows`, `y: ns`; without a table drop it"
            raise TalkError(f"`{key}` goes with `rows`", said[key][1], hint)
    found = [(place, find_values(place, names)) for place in items(said["values"][0])]
    called = _distinct([place for place, _ in found])
    made = _of_places(found, called, said["kind"][0])
    return _along(made, said, names), _last_name(said["x"][0]) if "x" in said else ""


def _of_places(
    found: Sequence[tuple[str, tuple[Found, ...]]], called: Sequence[str], kind: str
) -> _RawSeries:
    series: list[tuple[str, tuple[_Raw, ...]]] = []
    single: list[_Raw] = []
    for (_, all_values), name in zip(found, called, strict=True):
        values = _drawable(all_values, kind)
        if kind == "histogram" and len(values) == 1 and _repeats(values[0].value):
            series.append((name, tuple(_each_repeat(values[0]))))
        elif any(isinstance(one.value, Rows) for one in values):
            for one in values:
                series.append((one.star or name, tuple(_of_list(one))))
        elif any(one.star for one in values):
            series.append((name, tuple(_raw(one.star, one) for one in values)))
        else:
            single += [_raw(name, one) for one in values]
    if single:
        series.insert(0, ("", tuple(single)))
    return tuple(series)


def _drawable(values: tuple[Found, ...], kind: str) -> tuple[Found, ...]:
    """Of all that a `*` stands for the numbers, or the series where lines are drawn of those."""
    if len(values) < 2:
        return values
    series = tuple(one for one in values if isinstance(one.value, Rows))
    numbers = any(isinstance(one.value, Number) for one in values)
    if series and (kind in ("lines", "histogram") or not numbers):
        return series
    if not numbers:
        return values
    return tuple(one for one in values if one.value is None or isinstance(one.value, Number))


def _raw(name: str, found: Found) -> _Raw:
    if isinstance(found.value, Number):
        return _Raw(name, found.value, found.at)
    if found.value is None:
        return _Raw(name, None, found.at)
    if isinstance(found.value, Record):
        inner = ", ".join(f"{found.at}.{key}" for key in list(found.value)[:3])
        raise TalkError(f"{found.at} holds several values", hint=f"name one: {inner}, …")
    raise TalkError(f"{found.at} is no number, so it can't be drawn", hint="name another value")


def _of_list(found: Found) -> Iterable[_Raw]:
    """The values of a series; they stand at 1, 2, 3, …"""
    if not isinstance(found.value, Rows):
        raise TalkError(
            f"{found.at} is one value, where others are a series", hint="chart it alone"
        )
    for index, item in enumerate(found.value):
        one = _raw(str(index + 1), Found(f"{found.at}[{index}]", "", item))
        yield replace(one, x=float(index + 1))


def _repeats(value: Any) -> tuple[float, ...]:
    return value.repeats if isinstance(value, Number) else ()


def _each_repeat(found: Found) -> Iterable[_Raw]:
    number = found.value
    for index, value in enumerate(_repeats(number)):
        one = Number(found.at, value, unit=number.unit)
        yield _Raw(str(index + 1), one, found.at, float(index + 1))


def _along(series: _RawSeries, said: Said, names: Mapping[str, Any]) -> _RawSeries:
    """Where values stand along the x axis, as the values at the place `x` say."""
    if "x" not in said:
        return series
    text, where = said["x"]
    try:
        found = find_values(text, names)
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None
    values = found[0].value if isinstance(found[0].value, Rows) else [one.value for one in found]
    made = []
    for name, data in series:
        if len(data) != len(values):
            message = f"`x` has {len(values)} values, and the chart {len(data)}"
            raise TalkError(message, where, "they belong together one by one")
        placed = zip(data, values, strict=True)
        made.append((name, tuple(replace(one, **_place(x, where)) for one, x in placed)))
    return tuple(made)


def _place(x: Any, where: Source) -> dict[str, Any]:
    if isinstance(x, Number):
        return {"name": f"{x.value:,.6g}", "x": float(x.value)}
    if isinstance(x, str):
        return {"name": str(x), "x": None}
    raise TalkError("`x` is neither a number nor a text", where, "name another column")


def _of_rows(said: Said, names: Mapping[str, Any]) -> tuple[_RawSeries, str]:
    """The values of a table: a series for each of its columns `y`, and each name in `by`."""
    text, where = said["rows"]
    (table,) = find_values(text, names)[:1]
    keyed = _rows(table.value)
    if keyed is None:
        raise TalkError(f"{text} is no table", where, "a list whose items have the same keys")
    rows = [row for _, row in keyed]
    known = list(dict.fromkeys(key for row in rows for key in row))
    if "y" not in said:
        hint = f"add `y: …`, one of its columns: {', '.join(known)}"
        raise TalkError("a chart of a table needs `y`", where, hint)
    if not rows:
        raise TalkError(f"{text} has no rows", where, "there is nothing to draw")
    columns = {key: items(said[key][0]) for key in _ROWS_KEYS if key in said}
    for key, wanted in columns.items():
        for column in wanted:
            if column not in known:
                message = f"{text} has no column `{column}`"
                raise TalkError(message, said[key][1], nearest(column, known))
    x, by = (columns.get(key, ("",))[0] for key in ("x", "by"))
    made: dict[str, list[_Raw]] = {}
    for index, (called, row) in enumerate(keyed):
        of_table = step(table.at, called if isinstance(called, str) else index)
        place: dict[str, Any] = {"name": str(called)}
        place["x"] = None if isinstance(called, str) else float(called)
        place |= _place(row[x], said["x"][1]) if x else {}
        for column in columns["y"]:
            of = [str(_plain(row, by))] if by else []
            of += [column] if len(columns["y"]) > 1 or not by else []
            raw = _raw("", Found(step(of_table, column), "", _cell(row, column)))
            made.setdefault(" ".join(of), []).append(replace(raw, **place))
    return tuple((name, tuple(data)) for name, data in made.items()), x


def _rows(table: Any) -> list[tuple[str | int, Record]] | None:
    """The rows of a table, each by its name or by its number, from 1; None for what is none."""
    if isinstance(table, Rows):
        rows: list[tuple[str | int, Any]] = list(enumerate(table, 1))
    elif isinstance(table, Record):
        rows = [(str(name), table[str(name)]) for name in table]
    else:
        return None
    found = [(key, row) for key, row in rows if isinstance(row, Record)]
    return found if len(found) == len(rows) else None


def _cell(row: Record, column: str) -> Any:
    try:
        return row[column] if column in list(row) else None
    except TalkError:  # undefined in this run
        return None


def _plain(row: Record, column: str) -> object:
    value = row[column]
    return f"{value.value:,.6g}" if isinstance(value, Number) else value


def _distinct(places: Sequence[str]) -> tuple[str, ...]:
    """What tells places apart: `hash.insert.ns` and `hash.find.ns` are `insert` and `find`."""
    keys = [[str(key) for key in keys_of(place) if key != ANY] for place in places]
    if len(keys) == 1:
        return (keys[0][-1],)
    shortest = min(map(len, keys))
    front = next((n for n in range(shortest) if len({k[n] for k in keys}) > 1), shortest)
    back = next((n for n in range(shortest - front) if len({k[-1 - n] for k in keys}) > 1), 0)
    return tuple(" ".join(k[front : len(k) - back]) or k[-1] for k in keys)


def _last_name(place: str) -> str:
    return [str(key) for key in keys_of(place) if key != ANY][-1]


def _names(series: _RawSeries) -> tuple[str, ...]:
    names = [name for name, _ in series] + [one.name for _, data in series for one in data]
    return tuple(dict.fromkeys(filter(None, names)))


def _check_names(said: Said, labels: Mapping[str, str], known: Sequence[str]) -> None:
    """Raises TalkError for a label or a highlight of what is not in the chart."""
    is_known = {*known, *map(pretty, known), *labels.values()}
    for key, wanted in (("labels", labels), ("highlight", items(_text(said, "highlight")))):
        columns = [c for k in _ROWS_KEYS for c in items(_text(said, k))]
        for name in wanted:
            if name not in is_known and name not in columns and name not in _text(said, "x"):
                message = f"`{key}`: the chart has no `{name}`"
                raise TalkError(message, said[key][1], nearest(name, known))


def _sorted(series: _RawSeries, said: Said) -> _RawSeries:
    how = _text(said, "sort", "given")
    if how == "given" or not series:
        return series
    first = {one.name: one.number for one in reversed(series[0][1])}
    names = _names(tuple(("", data) for _, data in series))
    if how == "name":
        order = sorted(names, key=str.casefold)
    else:
        valued = [n for n in names if first.get(n) is not None]
        valued.sort(key=lambda n: -first[n].value)  # type: ignore[union-attr]
        order = [*valued, *(n for n in names if first.get(n) is None)]
    rank = {name: at for at, name in enumerate(order)}
    return tuple((n, tuple(sorted(d, key=lambda one: rank[one.name]))) for n, d in series)


# --- How they are written -------------------------------------------------------------------------


def _shown(
    series: _RawSeries, labels: Mapping[str, str], said: Said, kind: str, top: Source
) -> tuple[Figures, tuple[Series, ...]]:
    numbers = [one.number for _, data in series for one in data if one.number is not None]
    if not numbers:
        raise TalkError("none of the chart's values was measured", top, "name others")
    for number in numbers:
        ends = (number.value, number.low or 0, number.high or 0)
        if max(map(abs, ends)) > LARGEST:
            message = (
                f"{number.at} is {number.value:g}, or its interval ends there: too far to draw"
            )
            raise TalkError(message, top, f"a chart takes values up to {LARGEST:g}")
    where = said.get("unit", said.get("format", ("", top)))[1]
    try:
        shape = _shape(said)
        log = _text(said, "scale") in ("log", "log both")
        figures = common_unit(numbers, _text(said, "unit"), shape, log=log)
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None

    def datum(one: _Raw) -> Datum:
        name = labels.get(one.name, labels.get(pretty(one.name), pretty(one.name)))
        if one.number is None:
            return Datum(name, one.at, None, "–", x=one.x)
        number = one.number
        value, low, high = (
            figures.in_unit(v, number.unit) for v in (number.value, number.low, number.high)
        )
        ends = ""
        if low is not None and high is not None:
            ends = f"{figures.written(low)} to {figures.written(high)}"
        shown = figures.written(value or 0.0)
        return Datum(name, one.at, value, shown, low, high, ends, one.x)

    try:
        made = tuple(
            Series(labels.get(name, pretty(name)), tuple(map(datum, data))) for name, data in series
        )
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None
    return figures, made


def _shape(said: Said) -> Shape:
    if "format" not in said:
        return Shape()
    text, where = said["format"]
    known = [name for name in FORMATS if name not in ("spoken", "interval", "times")]
    found = _FORMAT.match(text)
    if not found or found[1] not in known:
        raise TalkError(f"there is no format `{text}`", where, nearest(text, known))
    digits = found[2] or found[3]
    return Shape(found[1], int(digits) if digits else None)


def _interval(series: _RawSeries) -> str:
    """What the ends of the intervals are, where there are some."""
    numbers = [one.number for _, data in series for one in data if one.number is not None]
    levels = {n.level for n in numbers if n.low is not None}
    if not levels:
        return ""
    return f"{100 * levels.pop():.3g}% interval" if len(levels) == 1 else "intervals"


def _check(data: ChartData, top: Source, said: Said) -> None:
    """Raises TalkError for what can't be drawn so that it reads."""
    count = sum(len(one.data) for one in data.series)
    values = [d.value for one in data.series for d in one.data if d.value is not None]
    if data.start is not None and data.start >= max(values):
        message = f"the axis begins at {data.start:g}, above all values"
        raise TalkError(message, said["from"][1], f"the largest is {max(values):g}")
    if data.log and min(values) <= 0:
        message = f"a logarithmic axis has no place for {min(values):g}"
        raise TalkError(message, said["scale"][1], "`scale: lin`")
    most = {"bars": 12, "dots": 12}.get(data.kind)
    if most and count > most:
        hint = f"name fewer, or take `kind: {'histogram' if len(data.series) == 1 else 'lines'}`"
        raise TalkError(f"{count} {data.kind} don't fit on a slide, {most} do", top, hint)
    if data.stepwise and (data.kind == "histogram" or (data.kind == "lines" and data.steps < 2)):
        message = f"{'one line' if data.kind == 'lines' else 'a histogram'} can't come step by step"
        raise TalkError(message, said["step"][1], "drop `step`")
    if data.kind == "slope":
        _check_slope(data, top)
    if data.kind == "lines" and len(data.series) > 6:
        message = f"{len(data.series)} lines can't be told apart, 6 can"
        raise TalkError(message, top, "name fewer")
    if data.kind == "histogram" and (len(data.series) > 1 or count < 3):
        what = "several series" if len(data.series) > 1 else f"{count} values"
        hint = "it takes one series, or one value with repeats, of 3 values or more"
        raise TalkError(f"a histogram of {what}", top, hint)


def _check_slope(data: ChartData, top: Source) -> None:
    hint = "`values: before.*.ns, after.*.ns`, or `rows:` with `y: before, after`"
    if len(data.series) < 2:
        raise TalkError("a slope needs two series, one for each of its ends", top, hint)
    if len(data.series) > 4 or len(data.names) > 8:
        message = f"{len(data.names)} lines over {len(data.series)} stations are too many"
        raise TalkError(message, top, "8 lines and 4 stations fit: name fewer")


def marks_of(block: ChartBlock) -> tuple[Mark, ...]:
    """The values of a chart as marks, such as stand in a text."""
    return tuple(
        Mark(d.shown, d.at, d.value, d.low, d.high)
        for one in block.data.series
        for d in one.data
        if d.value is not None
    )


def table_of(data: ChartData, filled: Filled) -> tuple[str, Filled]:
    """A chart of the kind `table` as Markdown, and the text with the table's values as marks.

    Names come out of a file: they are marks too, so that nothing in them is read as Markdown.
    """
    marks = list(filled.marks)

    def mark(text: str, datum: Datum | None = None) -> str:
        known = datum if datum and datum.value is not None else None
        at, value = (known.at, known.value) if known else ("", None)
        marks.append(Mark(clean_text(text), at, value, *((known.low, known.high) if known else ())))
        return f"{OPEN}{len(marks) - 1}{CLOSE}"

    unit = f" ({data.figures.shown_unit})" if data.figures.shown_unit else ""
    alone = data.title or (data.series[0].name if len(data.series) == 1 else "") or "value"
    heads = [mark(f"{one.name if len(data.series) > 1 else alone}{unit}") for one in data.series]
    head = data.x_name or (data.title if len(data.series) > 1 else "")
    rows = [[mark(head) if head else "", *heads], ["---", *("---:" for _ in heads)]]
    known = [{d.name: d for d in one.data} for one in data.series]
    for name in data.names:
        cells = [found.get(name) for found in known]
        rows.append([mark(name), *(mark(d.shown if d else "–", d) for d in cells)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows), replace(filled, marks=tuple(marks))
