"""Dots on their intervals, a row for each name; and how often values of a series come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.pictures.charts.bars import FOOT, LEGEND
from pipeline.pictures.charts.sheet import (
    GAP,
    apart,
    colour_of,
    edges_of,
    ends_of,
    first_line,
    is_strong,
    letters,
    look_of,
    name_lines,
    names_width,
    picture_of,
    reach_of,
    starts_at,
    values_of,
    width_of,
    write_cut_ends,
    write_heading,
    write_legend,
)
from pipeline.pictures.charts.style import Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import text_width
from pipeline.pictures.theme import ACCENT, INK, PAPER, REGULAR, SOFT, STROKE, STRONG
from pipeline.slides.charts import ChartData

if TYPE_CHECKING:
    from matplotlib.axis import Axis

BAND = 26.0  # px: how high an interval is
MOST_BINS = 24


def draw_dots(data: ChartData) -> Picture:
    """A dot for each value of one or more series, on a common scale."""
    several = len(data.series) > 1
    top = first_line(data) + (LEGEND if several else 0)
    count = len(data.names)
    pitch = min((data.height - top - FOOT) / count, 0.28 * data.height)
    size = letters(data, pitch)
    width, bottom = width_of(data), top + pitch * count
    left = names_width(data.names, size, 0.34 * width) + 2 * GAP
    shown = [text_width(d.shown, size, STRONG) for _, d in values_of(data)]
    right = width - GAP if several else width - max(shown, default=0.0) - 2 * GAP
    sheet = chart(data.name, width, bottom + FOOT, (left, right, top, bottom))
    sheet.rows(count)
    start = _scale(sheet, data, 6 if data.wide else 4)
    write_heading(sheet, data, starts_at(data, start))
    if several:
        write_legend(sheet, data, first_line(data) + LEGEND / 2)
    for at, name in enumerate(data.names):
        row = _Row(at, name, pitch, size, at + 1 if data.stepwise else 0)
        _draw_row(sheet, data, row, left - 2 * GAP)
    return picture_of(sheet, data)


class _Row(msgspec.Struct, frozen=True):
    """A row of dots: its number from above, its name, how high it and its letters are."""

    at: int
    name: str
    pitch: float
    size: float
    step: int


def _draw_row(sheet: Chart, data: ChartData, row: _Row, room: float) -> None:
    for number in range(len(data.series)):
        _draw_dot(sheet, data, row, number)
    strong = bool(data.highlight) and row.name in data.highlight
    weight = STRONG if strong else REGULAR
    text = name_lines(row.name, row.size, room, row.pitch, weight)
    look: dict[str, Any] = {"weight": weight, "size": row.size, "linespacing": 0.8}
    look |= {"color": ACCENT if strong else INK, "gid": part("name", step=row.step)}
    sheet.cell(room, row.at, text, ha="right", **look)


def _draw_dot(sheet: Chart, data: ChartData, row: _Row, number: int) -> None:
    """A value on its interval; its number behind it, where a row has one dot."""
    axes, step, last = sheet.axes, row.step, len(data.series) - 1
    series, look = data.series[number], look_of(data, number)
    low_edge, high_edge = sorted(axes.get_xlim())
    datum = series.by_name.get(row.name)
    if datum is None or datum.value is None:
        if not last:
            gid = part("missing", step=step)
            words = {"color": SOFT, "va": "center", "gid": gid, "size": row.size}
            sheet.note(low_edge, row.at, data.missing, (GAP, 0), **words)
        return
    colour = colour_of(data, number, row.name)
    y = row.at + (0.3 * (number / last - 0.5) if last else 0.0)
    reach = reach_of(data)
    if ends := ends_of(datum, reach):
        low, high = max(ends[0], low_edge), min(ends[1], high_edge)
        bar: dict[str, Any] = {"color": colour, "alpha": 0.3, "linewidth": 0}
        thick = (12 if last else BAND) / row.pitch
        axes.barh(y, high - low, thick, low, gid=part("interval", step=step), **bar)
        write_cut_ends(sheet, datum, y, colour, reach, step)
    name = f"dot-{number}-{row.at}"
    gid = part(name, datum.at if last else "", step)
    dot: dict[str, Any] = {"color": colour, "ms": 13, "mew": 0, "clip_on": False, "gid": gid}
    axes.plot(datum.value, y, look.marker, **dot)
    sheet.tips[name] = " ".join(filter(None, (row.name, series.name, datum.shown)))
    if not last:
        strong = bool(data.highlight) and is_strong(data, number, row.name)
        words = {"color": colour if strong else INK, "weight": STRONG, "size": row.size}
        gid = part("shown", datum.at, step)
        sheet.cell(sheet.width, row.at, datum.shown, ha="right", gid=gid, **words)


def _scale(sheet: Chart, data: ChartData, most: int) -> float:
    """The x axis over all values and intervals; where it starts, if that isn't 0."""
    axes, edges = sheet.axes, edges_of(data)
    if data.log:
        return log_axis(sheet, data, edges, "x")
    low, high, ticks = round_axis(edges, data.start, most)
    axes.set(xlim=(low, high))
    ticks = apart(sheet, ticks, data.figures.tick)
    axes.set_xticks(ticks, [data.figures.tick(t) for t in ticks], color=SOFT)
    return low


def log_axis(
    sheet: Chart, data: ChartData, values: Sequence[float], axis: str, most: int = 6
) -> float:
    """A logarithmic axis with a label at each power of ten, or at 1, 2 and 5 where it is short."""
    above = [value for value in values if value > 0]
    is_x_of_lines = axis == "x" and data.kind == "lines"
    low, high = (min(above), max(above))
    if not is_x_of_lines:
        low, high = low / 1.15, high * 1.15
        low = data.start if data.start and data.start > 0 else low
    if high / low > 30:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [10.0**n for n in powers]
        ticks = [t for t in ticks if low / 1.001 <= t <= high * 1.001]
        ticks = ticks[:: math.ceil(len(ticks) / most) or 1]
    else:
        powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
        ticks = [t * 10.0**n for n in powers for t in (1, 2, 5)]
        ticks = [t for t in ticks if low <= t <= high]
    written = data.figures.compact if is_x_of_lines else data.figures.tick
    one: Axis = sheet.axes.xaxis if axis == "x" else sheet.axes.yaxis
    limits = sheet.axes.set_xlim if axis == "x" else sheet.axes.set_ylim
    scale = sheet.axes.set_xscale if axis == "x" else sheet.axes.set_yscale
    scale("log")
    limits(low, high)
    if axis == "x":
        ticks = apart(sheet, ticks, written)
    one.set_ticks(ticks, [written(tick) for tick in ticks])
    one.set_ticks([], minor=True)
    return 0.0


def round_axis(
    values: Sequence[float], start: float | None, most: int
) -> tuple[float, float, list[float]]:
    """The ends of an axis over these values, and up to `most` round ticks on it.

    It begins at 0, but where all values lie far from there.
    """
    low, high = min(values), max(values)
    if start is not None:
        low = start
    elif low >= 0 and low <= 0.7 * high:
        low = 0.0
    elif high <= 0 and high >= 0.7 * low:
        high = 0.0
    if high <= low:
        low, high = (low - abs(low) * 0.1 or -1.0, high + abs(high) * 0.1 or 1.0)
    every = _round_step((high - low) / most)
    first = start if start is not None else math.floor(low / every + 1e-9) * every
    last = math.ceil(high / every - 1e-9) * every
    ticks = [n * every for n in range(math.ceil(first / every - 1e-9), round(last / every) + 1)]
    return first, last, ticks


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return power * next((step for step in (1, 2, 2.5, 5, 10) if step * power >= least * 0.999), 10)


def draw_histogram(data: ChartData) -> Picture:
    """How often values come, with their median."""
    (series,) = data.series
    known = [d for d in series.data if d.value is not None]
    values = sorted(d.value or 0.0 for d in known)
    edges = _bins(values)
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(int((value - edges[0]) / (edges[1] - edges[0])), len(counts) - 1)] += 1
    width, top = width_of(data), first_line(data) + 34
    sheet = chart(data.name, width, data.height, (44, width - 20, top, data.height - FOOT))
    locale = data.figures.locale
    count = locale.say("{count} values", count=locale.integer(len(values)))
    write_heading(sheet, data, count)
    axes = sheet.axes
    wide = edges[1] - edges[0]
    places = [edge + wide / 2 for edge in edges[:-1]]
    axes.bar(places, counts, width=0.92 * wide, color=ACCENT, alpha=0.75, gid=part("bin"))
    highest = max(counts)
    axes.set(xlim=(edges[0] - wide / 3, edges[-1] + wide / 3), ylim=(0, highest * 1.04))
    axes.set_yticks([0, highest], ["0", str(highest)])
    _, _, ticks = round_axis([edges[0], edges[-1]], edges[0], 6 if data.wide else 4)
    ticks = [t for t in ticks if edges[0] <= t <= edges[-1]]
    axes.set_xticks(ticks, [data.figures.tick(t) for t in ticks])
    axes.tick_params(axis="y", length=0)
    middle = median(values)
    axes.plot([middle, middle], [0, highest * 1.04], color=PAPER, linewidth=STROKE + 4)
    axes.plot([middle, middle], [0, highest * 1.04], color=INK, gid=part("median"))
    at = known[0].at if len({d.at for d in known}) == 1 else ""
    share = (middle - edges[0]) / (edges[-1] - edges[0])
    anchor = "left" if share < 0.25 else "right" if share > 0.75 else "center"
    sheet.note(
        middle,
        highest * 1.04,
        f"{data.median} {data.figures.written(middle)}",
        (0, 6),
        weight=STRONG,
        color=INK,
        ha=anchor,
        va="bottom",
        gid=part("shown", at),
    )
    return picture_of(sheet, data)


def _bins(values: Sequence[float]) -> list[float]:
    """Edges of bins: as wide as Freedman and Diaconis (1981) say, within 4 and `MOST_BINS`."""
    low, high = values[0], values[-1]
    if high - low <= 1e-13 * max(abs(low), abs(high)):  # too near each other for bins
        room = abs(low) * 0.05 or 0.5
        return [low - room, low + room]
    quarter = len(values) // 4
    spread = values[-1 - quarter] - values[quarter]
    wide = 2 * spread / len(values) ** (1 / 3)
    count = math.ceil((high - low) / wide) if wide > 0 else MOST_BINS
    count = max(4, min(count, MOST_BINS, len(values)))
    return [low + (high - low) * n / count for n in range(count + 1)]
