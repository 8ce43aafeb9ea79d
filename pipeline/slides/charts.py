"""A chart on a slide: what its fence asks for, checked, with its values as they are written.

    ```chart
    kind: bars
    values: hash.*.insert_ns
    alt: Robin Hood hashing is the fastest of three.
    ```

What is read here is all that drawing needs: `pictures.charts.blocks` draws it.
"""

from __future__ import annotations

import inspect
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.locale import Locale, locale_of
from pipeline.numbers.fill import CLOSE, OPEN, Filled, Mark, Numbers, clean_text
from pipeline.numbers.formats import FORMATS
from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.chart_fence import (
    FENCE,
    ROWS_KEYS,
    At,
    Said,
    fields_of,
    items,
    labels_of,
    pretty,
    said_as,
)
from pipeline.slides.chart_units import Figures, Shape, common_unit
from pipeline.slides.chart_values import Raw, RawSeries, called_in, values_of

_FORMAT = re.compile(r"(\w+)(?:\s*\(\s*(\d*)\s*\)|\s+(\d+))?$")
LARGEST = 1e18
HEIGHT = 400.0  # px, on a slide of 720
MISSING, MEDIAN = "not measured", "median"  # words in charts, which `labels` may replace


class Datum(msgspec.Struct, frozen=True):
    """One measured value as a chart shows it; `value` None: it was not measured."""

    name: str  # what it is of
    at: str
    value: int | float | None
    shown: str
    low: int | float | None = None
    high: int | float | None = None
    range: str = ""  # its interval as it is written
    x: int | float | None = None  # along a line


class Series(msgspec.Struct, frozen=True):
    """Values that belong together: the bars of one colour, a line."""

    name: str
    data: tuple[Datum, ...]
    look: int | None = None  # the same series has the same colour in each chart; None: by its place
    is_level: bool = False  # of a line chart: one value for all x, to compare the others with

    @property
    def by_name(self) -> Mapping[str, Datum]:
        return {datum.name: datum for datum in self.data}


class ChartData(msgspec.Struct, frozen=True):
    """All that a chart's drawing depends on."""

    name: str  # of the picture
    kind: str
    series: tuple[Series, ...]
    title: str = ""
    note: str = ""  # instead of what is said of intervals and axis
    alt: str = ""
    x_name: str = ""
    figures: Figures = msgspec.field(default_factory=Figures)  # how numbers are written on its axes
    interval: str = ""  # "95% interval"; empty without one
    log: bool = False
    log_x: bool = False
    start: int | float | None = None  # of the axis
    highlight: tuple[str, ...] = ()
    wide: bool = True
    stepwise: bool = False  # its bars, lines or rows appear one by one
    height: int | float = HEIGHT  # px
    missing: str = MISSING
    median: str = MEDIAN
    looks: tuple[int, ...] = ()  # of a slope's lines; empty: by their places
    ranges: bool = False  # of a table: intervals stand behind their values
    marks: tuple[Datum, ...] = ()  # of a line chart: places worth a word, at their x and value

    @property
    def names(self) -> tuple[str, ...]:
        """What the values are of, each once."""
        return tuple(dict.fromkeys(d.name for one in self.series for d in one.data))

    @property
    def steps(self) -> int:
        if not self.stepwise:
            return 0
        return len(self.series) if self.kind == "lines" else len(self.names)


class ChartBlock(msgspec.Struct, frozen=True):
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
        self._numbers, self._slide = numbers, slide
        self.count = 0  # of those that were read
        self.wide = True  # whether the part that is read now has the slide's width

    def read(self, info: str, text: str, at: At) -> ChartBlock:
        """The chart of a fence. Raises TalkError with the line of what is wrong in it."""
        if info.split() != [FENCE]:
            hint = "what it shows stands in the lines below, such as `kind: bars`"
            raise TalkError(f"`{info}`: nothing stands behind `{FENCE}`", at(0), hint)
        self.count += 1
        name = f"{self._slide}-chart" + (str(self.count) if self.count > 1 else "")
        return read_chart(
            text, at, self._numbers.names, name, wide=self.wide, language=self._numbers.locale.tag
        )


def read_chart(
    text: str,
    at: At,
    names: Mapping[str, Any],
    name: str,
    *,
    wide: bool = True,
    language: str = "en",
) -> ChartBlock:
    """The lines of a fence with the values of the namespace `names`."""
    said = fields_of(text, at)
    where = said.get("values", said.get("rows", ("", at(0))))[1]
    try:
        series, x_name = values_of(said, names, at(0))
    except TalkError as error:
        raise TalkError(error.message, error.where or where, error.hint) from None
    labels, known = labels_of(said), called_in(series)
    _check_names(said, labels, known)
    kind, locale = said["kind"][0], locale_of(language)
    raw, log = _sorted(series, said), said_as(said, "scale") in ("log", "log both")
    figures, made = _shown(raw, labels, said, at(0), log=log, language=language)
    data = ChartData(
        name=name,
        kind=kind,
        series=made,
        title=said_as(said, "title"),
        note=said_as(said, "note"),
        alt=said_as(said, "alt"),
        x_name=labels.get(x_name, pretty(x_name)),
        figures=figures,
        interval=_interval(raw, locale),
        log=log,
        log_x=said_as(said, "scale") in ("log x", "log both"),
        start=_start(said, figures),
        highlight=tuple(labels.get(one, pretty(one)) for one in items(said_as(said, "highlight"))),
        wide=said_as(said, "size", "full" if wide else "half") == "full",
        stepwise="step" in said,
        ranges="interval" in said,
        missing=labels.get(MISSING, locale.say("not measured")),
        median=labels.get(MEDIAN, locale.say("median")),
    )
    _check(data, at(0), said)
    return ChartBlock(data, at(0), where, bool(data.alt))


def _start(said: Said, figures: Figures) -> float | None:
    if "from" not in said:
        return None
    text, where = said["from"]
    try:
        start = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        start = math.nan
    if not math.isfinite(start):
        raise TalkError(f"`from` can't be `{text}`", where, "a number, such as `from: 0`")
    return start


def _check_names(said: Said, labels: Mapping[str, str], known: Sequence[str]) -> None:
    """Raises TalkError for a label or a highlight of what is not in the chart."""
    is_known = {*known, *map(pretty, known), *labels.values(), MISSING, MEDIAN}
    for key, wanted in (("labels", labels), ("highlight", items(said_as(said, "highlight")))):
        columns = [c for k in ROWS_KEYS for c in items(said_as(said, k))]
        for name in wanted:
            if name not in is_known and name not in columns and name not in said_as(said, "x"):
                message = f"`{key}`: the chart has no `{name}`"
                raise TalkError(message, said[key][1], nearest(name, known))


def _sorted(series: RawSeries, said: Said) -> RawSeries:
    how = said_as(said, "sort", "given")
    if how == "given" or not series:
        return series
    first = {one.name: one.number for one in reversed(series[0][1])}
    names = called_in(tuple(("", data) for _, data in series))
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
    series: RawSeries,
    labels: Mapping[str, str],
    said: Said,
    top: Source,
    *,
    log: bool,
    language: str,
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
        figures = common_unit(numbers, said_as(said, "unit"), shape, log=log)
        figures = replace(figures, language=language)
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None

    def datum(one: Raw) -> Datum:
        name = labels.get(one.name, labels.get(pretty(one.name), pretty(one.name)))
        return datum_of(one, name, figures)

    try:
        made = tuple(
            Series(labels.get(name, pretty(name)), tuple(map(datum, data))) for name, data in series
        )
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None
    except ArithmeticError:
        hint = "fewer digits, or another format"
        raise TalkError("its values have too many digits", where, hint) from None
    return figures, made


def datum_of(one: Raw, name: str, figures: Figures) -> Datum:
    """A value as a chart shows it, called `name`."""
    if one.number is None:
        return Datum(name, one.at, None, "–", x=one.x)
    number = one.number
    value, low, high = (
        figures.in_unit(v, number.unit) for v in (number.value, number.low, number.high)
    )
    ends = ""
    if low is not None and high is not None:
        locale = figures.locale
        ends = locale.say("{low} to {high}", low=figures.written(low), high=figures.written(high))
    return Datum(name, one.at, value, figures.written(value or 0.0), low, high, ends, one.x)


def _shape(said: Said) -> Shape:
    if "format" not in said:
        return Shape()
    text, where = said["format"]
    known = [name for name in FORMATS if name not in ("spoken", "interval", "times")]
    found = _FORMAT.match(text)
    if not found or found[1] not in known:
        raise TalkError(f"there is no format `{text}`", where, nearest(text, known))
    digits = found[2] or found[3]
    if digits and "digits" not in inspect.signature(FORMATS[found[1]]).parameters:
        raise TalkError(f"`{found[1]}` takes no digits", where, "leave them out")
    return Shape(found[1], int(digits) if digits else None)


def _interval(series: RawSeries, locale: Locale) -> str:
    """What the ends of the intervals are, where there are some."""
    numbers = [one.number for _, data in series for one in data if one.number is not None]
    levels = {n.level for n in numbers if n.low is not None}
    if not levels:
        return ""
    if len(levels) > 1:
        return locale.say("intervals")
    level = locale.rewritten(f"{100 * levels.pop():.3g}")
    return locale.say("{level}% interval", level=level)


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
    if data.ranges and data.kind != "table":
        message = f"`interval` is for a table: {data.kind} draw theirs"
        raise TalkError(message, said["interval"][1], "drop it")
    if data.kind == "slope":
        _check_slope(data, top)
    if data.kind not in ("lines", "histogram"):
        _check_twice(data, top)
    if data.kind == "lines" and len(data.series) > 6:
        message = f"{len(data.series)} lines can't be told apart, 6 can"
        raise TalkError(message, top, "name fewer")
    if data.kind == "histogram" and (len(data.series) > 1 or count < 3):
        what = "several series" if len(data.series) > 1 else f"{count} values"
        hint = "it takes one series, or one value with repeats, of 3 values or more"
        raise TalkError(f"a histogram of {what}", top, hint)


def _check_twice(data: ChartData, top: Source) -> None:
    """Raises TalkError for a name of two values of a series: only one of them would be shown."""
    for one in data.series:
        name, count = Counter(datum.name for datum in one.data).most_common(1)[0]
        if count > 1:
            hint = "`labels:`, or `by:` a column that tells them apart"
            raise TalkError(f"{count} values are called `{name}`", top, hint)


def _check_slope(data: ChartData, top: Source) -> None:
    hint = "`values: before.*.ns, after.*.ns`, or `rows:` with `y: before, after`"
    if len(data.series) < 2:
        raise TalkError("a slope needs two series, one for each of its ends", top, hint)
    if len(data.series) > 4 or len(data.names) > 8:
        message = f"{len(data.names)} lines over {len(data.series)} stations are too many"
        raise TalkError(message, top, "8 lines and 4 stations fit: name fewer")


def _cell(datum: Datum | None, data: ChartData) -> str:
    """A value as a table writes it, with its interval where the fence wants it."""
    if datum is None:
        return "–"
    return f"{datum.shown} ({datum.range})" if data.ranges and datum.range else datum.shown


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
    known = [one.by_name for one in data.series]
    for name in data.names:
        cells = [found.get(name) for found in known]
        rows.append([mark(name), *(mark(_cell(d, data), d) for d in cells)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows), replace(filled, marks=tuple(marks))
