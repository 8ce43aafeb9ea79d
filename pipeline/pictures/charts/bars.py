"""Bars, each with its name before it and its value at its end; their intervals fade out."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from pipeline.pictures.charts.sheet import (
    GAP,
    apart,
    colour_of,
    ends_of,
    first_line,
    is_strong,
    letters,
    name_lines,
    names_width,
    picture_of,
    reach_of,
    values_of,
    width_of,
    write_cut_ends,
    write_heading,
    write_legend,
)
from pipeline.pictures.charts.style import Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import text_width
from pipeline.pictures.theme import INK, LINE, SOFT, STROKE, STRONG
from pipeline.slides.charts import ChartData, Datum

LEGEND, FOOT = 40.0, 40.0
BETWEEN = 0.55  # rows, between groups of bars
TICK = 12.0  # px that a value's line is higher than its bar


class _Row(msgspec.Struct, frozen=True):
    """Where a bar stands."""

    series: int
    y: float
    datum: Datum


def draw_bars(data: ChartData) -> Picture:
    """Bars of one or more series."""
    rows, height_rows = _rows(data)
    top = first_line(data) + (LEGEND if len(data.series) > 1 else 0)
    foot = FOOT if data.log else 4.0
    pitch = min((data.height - top - foot) / height_rows, 0.32 * data.height)
    size = letters(data, pitch)
    width, bottom = width_of(data), top + pitch * height_rows
    left = names_width(data.names, size, 0.34 * width) + GAP if any(data.names) else 0.0
    sheet = chart(data.name, width, bottom + foot, (left, width, top, bottom))
    write_heading(sheet, data)
    if len(data.series) > 1:
        write_legend(sheet, data, first_line(data) + LEGEND / 2)
    _axes(sheet, data, rows, height_rows, size, width - left)
    for row in rows:
        _draw_bar(sheet, data, row, size, pitch)
    for at, name in enumerate(data.names):
        _write_name(sheet, data, rows, at, name, size, left - GAP, pitch)
    return picture_of(sheet, data)


def _rows(data: ChartData) -> tuple[list[_Row], float]:
    """The bars from above, and how many rows they take."""
    known, rows, y = [one.by_name for one in data.series], [], 0.0
    for name in data.names:
        for at, found in enumerate(known):
            rows.append(_Row(at, y, found.get(name, Datum(name, "", None, "–"))))
            y += 1
        y += BETWEEN if len(known) > 1 else 0
    return rows, y - (BETWEEN if len(known) > 1 else 0)


def _axes(
    sheet: Chart, data: ChartData, rows: list[_Row], height: float, size: float, room: float
) -> None:
    """The scale on which the longest bar and its value fit into the room."""
    axes = sheet.axes
    axes.set(ylim=(height - 0.5, -0.5), yticks=())
    axes.tick_params(length=0)
    axes.spines.bottom.set_visible(False)
    if data.log:
        _log_axis(sheet, data, size, room)
        return
    reach, ends = reach_of(data), []
    for _, d in values_of(data):
        low, high = ends_of(d, reach) or (d.value or 0.0, d.value or 0.0)
        ends.append((max(high, d.value or 0, 0), min(low, d.value or 0, 0), d))
    below = max((-low for _, low, _ in ends), default=0.0)
    labels = [text_width(d.shown, size, STRONG) + GAP for _, _, d in ends]
    pairs = list(zip(ends, labels, strict=True))
    under = max((w for (_, _, d), w in pairs if (d.value or 0) < 0), default=0.0)
    scales = [
        (room - under - (w if (d.value or 0) >= 0 else 0)) / (high + below)
        for (high, _, d), w in pairs
        if high + below > 0
    ]
    per = min(scales, default=1.0)
    first = -(below + under / per)
    axes.set(xlim=(first, first + room / per), xticks=())
    axes.plot([0, 0], [-0.5, height - 0.5], color=LINE, gid=part("zero"), zorder=0)


def _log_axis(sheet: Chart, data: ChartData, size: float, room: float) -> None:
    from matplotlib.ticker import NullLocator

    least = min(d.value or 1.0 for _, d in values_of(data))
    first = data.start if data.start and data.start > 0 else 10.0 ** _floor(0.8 * least)
    reach = reach_of(data)
    scales = []
    for _, d in values_of(data):
        high = max((ends_of(d, reach) or (0, d.value or 0))[1], d.value or 0)
        span = math.log10(high) - math.log10(first)
        if span > 0:
            scales.append((room - text_width(d.shown, size, STRONG) - GAP) / span)
    last = first * 10.0 ** (room / min(scales, default=room))
    axes = sheet.axes
    axes.set(xscale="log", xlim=(first, last))
    powers = [10.0**n for n in range(_floor(first), _floor(last) + 1) if first <= 10.0**n <= last]
    ticks = apart(sheet, powers, data.figures.tick)
    axes.set_xticks(ticks, [data.figures.tick(tick) for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x")


def _floor(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)


def _draw_bar(sheet: Chart, data: ChartData, row: _Row, size: float, pitch: float) -> None:
    """Whole up to where the interval begins, pale within it, a line at the value."""
    datum, axes, y = row.datum, sheet.axes, row.y
    step = data.names.index(datum.name) + 1 if data.stepwise else 0
    first = axes.get_xlim()[0] if data.log else 0.0
    if datum.value is None:
        gid = part("missing", step=step)
        sheet.note(first, y, data.missing, (GAP, 0), color=SOFT, va="center", size=size, gid=gid)
        return
    colour, value = colour_of(data, row.series, datum.name), datum.value
    thick = min(0.64, 72 / pitch)
    reach = reach_of(data)
    low, high = ends_of(datum, reach) or (value, value)
    near = max(low, first) if value >= 0 else min(high, first)
    bar: dict[str, Any] = {"color": colour, "linewidth": 0}
    if near != first:
        axes.barh(y, near - first, thick, first, gid=part("bar", step=step), **bar)
    half = thick / 2
    if high > low:
        start = max(low, first) if data.log else low
        gid = part("interval", step=step)
        axes.barh(y, high - start, thick, start, alpha=0.3, gid=gid, **bar)
        half += TICK / 2 / pitch
        write_cut_ends(sheet, datum, y, colour, reach, step)
    if high > low or value == first:
        gid = part("value", step=step)
        line: dict[str, Any] = {"linewidth": STROKE + 1, "solid_capstyle": "butt", "gid": gid}
        axes.plot([value, value], [y - half, y + half], color=colour, **line)
    strong = bool(data.highlight) and is_strong(data, row.series, datum.name)
    right = value >= 0
    sheet.note(
        max(high, value) if right else min(low, value),
        y,
        datum.shown,
        (GAP if right else -GAP, 0),
        color=colour if strong else INK,
        weight=STRONG,
        size=size,
        va="center",
        ha="left" if right else "right",
        gid=part("shown", datum.at, step),
    )


def _write_name(
    sheet: Chart,
    data: ChartData,
    rows: list[_Row],
    at: int,
    name: str,
    size: float,
    room: float,
    pitch: float,
) -> None:
    """A name level with the middle of its bars."""
    of_it = [row for row in rows if row.datum.name == name]
    middle = sum(row.y for row in of_it) / len(of_it)
    strong = bool(data.highlight) and name in data.highlight
    weight = STRONG if strong else 500
    colour = colour_of(data, 0, name) if data.highlight and strong else INK
    text = name_lines(name, size, room, pitch * len(of_it), weight)
    look: dict[str, Any] = {"color": colour, "weight": weight, "size": size, "linespacing": 0.8}
    step = at + 1 if data.stepwise else 0
    sheet.cell(room, middle, text, ha="right", gid=part("name", step=step), **look)
