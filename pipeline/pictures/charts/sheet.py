"""What the charts of slides share: their sizes, the line above them, colours, rows for readers."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.pictures.charts.style import FIRST_LINE, HALF, LEAD, WIDE, Chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import Run, plain, shortened, text_width, wrapped
from pipeline.pictures.theme import (
    ACCENT,
    INK,
    POSITIVE,
    REALITY,
    REGULAR,
    SMALL,
    SOFT,
    STRONG,
)
from pipeline.problems import shortened as cut
from pipeline.slides.charts import ChartData, Datum

GAP = 14.0  # between a bar and its value, a name and the axis
MOST_TITLE = 120  # signs
MOST_ROWS = 60  # of the table for readers
FAR = 2.5  # an interval is drawn up to so many times the largest value


class Look(msgspec.Struct, frozen=True):
    """What tells a series from the others, without its colour too."""

    colour: str
    marker: str
    line: str | tuple[int, tuple[float, ...]]


LOOKS = (
    Look(ACCENT, "o", "solid"),
    Look(POSITIVE, "s", (0, (4, 1.4))),
    Look(REALITY, "D", (0, (1, 1.2))),
    Look(INK, "^", (0, (6, 1.4, 1, 1.4))),
    Look(SOFT, "v", (0, (2.4, 1.2))),
    Look(ACCENT, "P", (0, (1, 2.4))),
)


def width_of(data: ChartData) -> float:
    return WIDE if data.wide else HALF


def colour_of(data: ChartData, series: int, name: str) -> str:
    """The colour of a value: what is highlighted has the accent, all else recedes."""
    if data.highlight:
        called = (name, data.series[series].name)
        return ACCENT if not set(called).isdisjoint(data.highlight) else SOFT
    return look_of(data, series).colour


def look_of(data: ChartData, series: int) -> Look:
    """How a series looks: as it does in every chart, or by its place."""
    wanted = data.series[series].look
    return LOOKS[(series if wanted is None else wanted) % len(LOOKS)]


def is_strong(data: ChartData, series: int, name: str) -> bool:
    return not data.highlight or colour_of(data, series, name) == ACCENT


def heading(data: ChartData, more: str = "", width: float = math.inf) -> str:
    """The line above a chart: its title and unit, what its intervals and its axis are.

    Where that is wider than `width`, it says less, and at last it is cut.
    """
    title = data.title
    if data.figures.shown_unit:
        title = f"{title} ({data.figures.shown_unit})" if title else data.figures.shown_unit
    locale = data.figures.locale
    if data.note:
        return shortened(locale.comma.join(filter(None, (title, data.note))), SMALL, width)
    of_interval = data.interval if data.kind != "histogram" else ""
    ends = [locale.say("with {interval}", interval=of_interval)] if of_interval else []
    long, short = locale.say("logarithmic"), locale.say("log")
    for scale, notes in (
        (long, (*ends, more)),
        (short, (*ends, more)),
        (short, (of_interval, more)),
        (short, (more,)),
    ):
        said = [title, *notes[:-1], scale if data.log else "", notes[-1]]
        line = locale.comma.join(filter(None, said))
        if text_width(line, SMALL) <= width:
            return line
    return shortened(line, SMALL, width)


def write_heading(sheet: Chart, data: ChartData, more: str = "", *, has_room: bool = False) -> None:
    """Put it on the first line of the sheet, or, where its words need two, on both.

    `has_room`: `first_line` was told of `more`, so that may need the second one, too.
    """
    width = sheet.width - 8
    if not _is_long(data, more if has_room else ""):
        sheet.caption(0, heading(data, more, width))
        return
    lines = wrapped((Run(heading(data, more, 2 * width)),), SMALL, width, REGULAR, 2)
    for at, line in enumerate(lines):
        sheet.caption(0, plain([line]), line=at)


def _is_long(data: ChartData, more: str = "") -> bool:
    """Whether the least that its heading may say is wider than the sheet."""
    shortest = heading(replace(data, interval="", log=False), more)
    return text_width(shortest, SMALL) > width_of(data) - 8


def write_legend(sheet: Chart, data: ChartData, y: float) -> None:
    """The names of several series in their colours, on a line of their own."""
    x, room = 0.0, sheet.width / len(data.series)
    for at, one in enumerate(data.series):
        name = shortened(one.name or "–", SMALL, room - 52, STRONG)
        place = (x / sheet.width, 1 - y / sheet.height)
        colour = colour_of(data, at, "") if not data.highlight else look_of(data, at).colour
        sheet.figure.text(
            *place, "■", color=colour, ha="left", va="center", in_layout=False, size=SMALL
        )
        sheet.figure.text(
            (x + 28) / sheet.width,
            place[1],
            name,
            color=colour,
            weight=STRONG,
            ha="left",
            va="center",
            in_layout=False,
        )
        x += 28 + text_width(name, SMALL, STRONG) + 36


def letters(data: ChartData, pitch: float) -> float:
    """How large the letters of rows are: few rows have room for larger ones."""
    if not data.wide or pitch < 56:
        return SMALL
    return 32.0 if pitch >= 96 else 28.0


def name_lines(name: str, size: float, room: float, high: float, weight: int = REGULAR) -> str:
    """A name in the room that it has: on two lines where two fit, else shortened."""
    lines = 2 if high >= 2 * size else 1
    found = wrapped((Run(name),), size, room, weight, lines)
    return "\n".join(plain([line]) for line in found)


def names_width(names: Iterable[str], size: float, most: float, weight: int = STRONG) -> float:
    """How wide the column of names is; long ones are wrapped or shortened."""
    widths = (text_width(name, size, weight) for name in names)
    return min(max(widths, default=0.0), most)


def apart(sheet: Chart, ticks: Sequence[float], written: Callable[[float], str]) -> list[float]:
    """Of the ticks along the foot every second, third, …, so that no two labels touch."""
    at = [sheet.axes.transData.transform((tick, 1.0))[0] for tick in ticks]
    wide = [text_width(written(tick), SMALL) for tick in ticks]
    kept = [n for n in range(len(at)) if at[n] + wide[n] / 2 <= sheet.width + 4]
    for every in range(1, len(kept) + 1):
        some = kept[::every]
        if all(at[b] - at[a] >= (wide[a] + wide[b]) / 2 + GAP for a, b in pairwise(some)):
            return [ticks[n] for n in some]
    return []


def spread(ys: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places moved apart until each is `least` from the next, within `low` to `high`, in order."""
    order = sorted(range(len(ys)), key=lambda at: ys[at])
    made = [min(max(ys[at], low), high) for at in order]
    for _ in range(200):
        is_moved = False
        for at in range(len(made) - 1):
            lack = least - (made[at + 1] - made[at])
            if lack > 0.01:
                made[at] -= lack / 2
                made[at + 1] += lack / 2
                is_moved = True
        if made and made[0] < low:
            made[0] = low
        if made and made[-1] > high:
            made[-1] = high
        if not is_moved:
            break
    back = [0.0] * len(ys)
    for place, at in zip(made, order, strict=True):
        back[at] = place
    return back


def ends_of(datum: Datum, most: float) -> tuple[float, float] | None:
    """The ends of an interval as far as it is drawn."""
    if datum.value is None or datum.low is None or datum.high is None:
        return None
    return max(datum.low, -most), min(datum.high, most)


def values_of(data: ChartData) -> Iterator[tuple[int, Datum]]:
    """Each measured value with the number of its series."""
    for at, series in enumerate(data.series):
        for datum in series.data:
            if datum.value is not None:
                yield at, datum


def reach_of(data: ChartData) -> float:
    """How far intervals are drawn."""
    largest = max((abs(d.value or 0.0) for _, d in values_of(data)), default=0.0)
    return FAR * largest if largest else math.inf


def edges_of(data: ChartData) -> list[float]:
    """All values, and the ends of their intervals as far as they are drawn."""
    reach, edges = reach_of(data), list[float]()
    for _, datum in values_of(data):
        edges += [datum.value or 0.0, *(ends_of(datum, reach) or ())]
    return edges


def starts_at(data: ChartData, start: float) -> str:
    """What a heading says of an axis that doesn't begin at 0."""
    locale = data.figures.locale
    return locale.say("the axis starts at {start}", start=data.figures.tick(start)) if start else ""


def picture_of(sheet: Chart, data: ChartData) -> Picture:
    """The drawing with its words and the table of its values; it begins where its place does."""
    title = cut(data.title or data.alt or said(data), MOST_TITLE)
    look = "plot wide" if data.wide else "plot"
    made = sheet.picture(title, data.alt or said(data), table(data), look)
    svg = made.svg.replace("<svg ", '<svg preserveAspectRatio="xMinYMin meet" ', 1)
    if "data-at" not in svg:  # no single value is written: its runs are known by the first one
        first = html.escape(next(datum.at for _, datum in values_of(data)))
        svg = svg.replace("<svg ", f'<svg data-at="{first}" ', 1)
    return replace(made, svg=svg)


def said(data: ChartData) -> str:
    """What a chart shows, from its values."""
    parts, locale = [], data.figures.locale
    for series in data.series:
        shown = locale.say(", ").join(f"{d.name} {d.shown}" for d in series.data[:12])
        left = len(series.data) - 12
        more = f" {locale.say('and {count} more', count=left)}" if left > 0 else ""
        parts.append(f"{series.name}: {shown}{more}" if series.name else f"{shown}{more}")
    if data.marks:
        rings = locale.say(", ").join(f"{d.name} {d.shown}" for d in data.marks)
        parts.append(locale.say("rings: {rings}", rings=rings))
    return "; ".join(parts) + "."


def table(data: ChartData) -> tuple[tuple[str, ...], ...]:
    """Its values as rows: names down, series across; each with its interval, if it has one."""
    has_ends = any(d.range for one in data.series for d in one.data)
    unit = f" ({data.figures.shown_unit})" if data.figures.shown_unit else ""
    head, locale = [data.x_name or ""], data.figures.locale
    for one in data.series:
        head.append((one.name or data.title or locale.say("value")) + unit)
        head += [data.interval or locale.say("interval")] if has_ends else []
    known = [one.by_name for one in data.series]
    rows = [tuple(head)]
    names = _along(data)
    for name in names[:MOST_ROWS]:
        row = [name]
        for found in known:
            datum = found.get(name)
            row.append(datum.shown if datum else "–")
            row += [(datum.range if datum else "") or "–"] if has_ends else []
        rows.append(tuple(row))
    if more := len(names[MOST_ROWS:]):
        left = locale.say("and {count} more", count=locale.integer(more))
        rows.append((left, *("" for _ in head[1:])))
    return tuple(rows)


def _along(data: ChartData) -> Sequence[str]:
    """What the values are of, in the order in which it stands along the lines."""
    places = {d.name: d.x for one in data.series for d in one.data}
    if data.kind != "lines":
        return data.names
    return sorted(data.names, key=lambda name: (places[name] is None, places[name] or 0.0))


def write_cut_ends(
    sheet: Chart, datum: Datum, y: float, colour: str, reach: float, step: int
) -> None:
    """A sign at each end of an interval that goes on beyond `reach`, as far as it is drawn."""
    look: dict[str, Any] = {"color": colour, "ms": 12, "mew": 0, "clip_on": False}
    if datum.high is not None and datum.high > reach:
        sheet.axes.plot(reach, y, ">", gid=part("more", step=step), **look)
    if datum.low is not None and datum.low < -reach:
        sheet.axes.plot(-reach, y, "<", gid=part("more", step=step), **look)


def first_line(data: ChartData, more: str = "") -> float:
    """Where the drawing begins, below the heading and what it says `more`."""
    if _is_long(data, more):
        return FIRST_LINE + LEAD
    return FIRST_LINE if heading(data) else 6.0
