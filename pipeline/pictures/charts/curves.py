"""Lines over a series, each with its name at its end; and slopes from one station to the next."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

import msgspec

from pipeline.pictures.charts.dots import log_axis, round_axis
from pipeline.pictures.charts.sheet import (
    LOOKS,
    Look,
    colour_of,
    edges_of,
    ends_of,
    first_line,
    is_strong,
    look_of,
    picture_of,
    reach_of,
    spread,
    starts_at,
    width_of,
    write_heading,
)
from pipeline.pictures.charts.style import LEAD, Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import shortened, text_width
from pipeline.pictures.theme import CARD, INK, LINE, REGULAR, SMALL, SOFT, STROKE, STRONG
from pipeline.slides.charts import ChartData, Datum

MOST_DRAWN = 2000  # points of a line
MOST_POINTS = 40  # that are drawn as points of their own
BESIDE = 12.0  # px from the interval of one line of a slope to the next
UNDER = 42.0  # px for the ticks below an axis


class _End(msgspec.Struct, frozen=True):
    """What stands at a line's end."""

    series: int
    y: float
    name: str
    datum: Datum
    colour: str
    strong: bool


def draw_lines(data: ChartData) -> Picture:
    """A line for each series, over numbers or over names, within its interval's band."""
    low, high, ticks, names = _y_axis(data)
    start = 0.0 if data.log else low
    more = starts_at(data, start)
    width, top = width_of(data), first_line(data, more) + 12
    foot = UNDER + (LEAD if data.x_name else 0)
    ends = _ends(data)
    room = _ends_room(data, ends)
    left = max(text_width(n, SMALL) for n in names) + 12
    sheet = chart(data.name, width, data.height, (left, width - room, top, data.height - foot))
    write_heading(sheet, data, more, has_room=True)
    if data.log:
        log_axis(sheet, data, edges_of(data), "y")
    else:
        sheet.axes.set(ylim=(low, high))
        sheet.axes.set_yticks(ticks, names)
    sheet.axes.tick_params(axis="y", length=0, pad=10)
    sheet.axes.grid(axis="y")
    _x_axis(sheet, data, width - room - left)
    if data.x_name:
        place = ((width - room) / width, LEAD / 2 / data.height)
        look: dict[str, Any] = {"color": SOFT, "ha": "right", "va": "center", "in_layout": False}
        sheet.figure.text(*place, data.x_name, **look)
    for at in range(len(data.series)):
        _draw_line(sheet, data, at)
    for at, mark in enumerate(data.marks):
        _draw_mark(sheet, data, mark, at)
    # In other languages a heading is longer: nothing stands beside its second line.
    _write_ends(sheet, data, ends, room, "" if data.figures.locale.is_english else more)
    return picture_of(sheet, data)


def _is_numeric(data: ChartData) -> bool:
    return all(d.x is not None for one in data.series if not one.is_level for d in one.data)


def _points(data: ChartData, at: int) -> list[tuple[float, Datum]]:
    """The values of a line by where they stand: at their numbers, or at their names' places."""
    series = data.series[at].data
    if data.series[at].is_level:
        return [(0.0, d) for d in series]
    if _is_numeric(data):
        found = [(float(d.x or 0), d) for d in series]
    else:
        places = {name: float(place) for place, name in enumerate(data.names)}
        found = [(places[d.name], d) for d in series]
    return sorted(found, key=itemgetter(0))


def _y_axis(data: ChartData) -> tuple[float, float, list[float], list[str]]:
    if data.log:
        edges = [value for value in edges_of(data) if value > 0]
        powers = range(math.floor(math.log10(min(edges))), math.floor(math.log10(max(edges))) + 1)
        names = [data.figures.tick(10.0**power) for power in powers]
        return min(edges), max(edges), [], [max(names, key=len)]
    low, high, ticks = round_axis(edges_of(data), data.start, 4)
    return low, high, ticks, [data.figures.tick(tick) for tick in ticks]


def _x_axis(sheet: Chart, data: ChartData, room: float) -> None:
    if _is_numeric(data):
        lines = (at for at, one in enumerate(data.series) if not one.is_level)
        xs = sorted({x for at in lines for x, _ in _points(data, at)})
        _number_axis(sheet, data, xs, room)
        return
    axes, names = sheet.axes, data.names
    axes.set_xlim(-0.35, len(names) - 0.65)
    each = room / len(names) - 10
    widest = max(text_width(name, SMALL) for name in names)
    every = 1 if widest <= each or len(names) <= 6 else math.ceil(widest / max(each, 1))
    shown = list(range(0, len(names), every))
    each = room / len(shown) - 10
    axes.set_xticks(shown, [shortened(names[n], SMALL, each) for n in shown])


def _number_axis(sheet: Chart, data: ChartData, xs: list[float], room: float) -> None:
    """Ticks at the values themselves where they are as far apart, else at round ones."""
    axes = sheet.axes
    if data.log_x and xs[0] > 0 and len(xs) > 1:
        log_axis(sheet, data, xs, "x", max(2, int(room / 90)))
        return
    ticks = xs
    axes.set_xlim(*((xs[0], xs[-1]) if len(xs) > 1 else (xs[0] - 1, xs[0] + 1)))
    wide = max(text_width(data.figures.compact(x), SMALL) for x in xs) + 24
    fit = max(2, min(int(room / wide), 12))
    apart = [b - a for a, b in pairwise(xs)]
    if len(xs) <= 24 and max(apart, default=1.0) <= 1.01 * min(apart, default=1.0):
        ticks = xs[:: math.ceil(len(xs) / fit)]
    elif len(xs) > 1:
        _, _, ticks = round_axis([xs[0], xs[-1]], xs[0], min(fit, 8))
        ticks = [t for t in ticks if xs[0] <= t <= xs[-1]]
    axes.set_xticks(ticks, [data.figures.compact(t) for t in ticks])


def _draw_line(sheet: Chart, data: ChartData, at: int) -> None:
    look, colour = look_of(data, at), colour_of(data, at, "")
    step = at + 1 if data.stepwise and len(data.series) > 1 else 0
    points = _points(data, at)
    if data.series[at].is_level:
        _draw_level(sheet, points[0][1], colour, step)
        return
    ys = [math.nan if d.value is None else d.value for _, d in points]
    _draw_band(sheet, data, points, colour, step)
    wide = 4 if is_strong(data, at, "") else STROKE
    style: dict[str, Any] = {"linestyle": "solid" if data.highlight else look.line}
    style |= {"linewidth": wide, "color": colour, "gid": part("line", step=step)}
    drawn = _thinned([x for x, _ in points], ys)
    sheet.axes.plot(*zip(*drawn, strict=True), **style)
    are_many = sum(len(one.data) for one in data.series) > MOST_POINTS
    dot: dict[str, Any] = {"ms": 11, "mew": 0, "linestyle": "none", "clip_on": False, "zorder": 3}
    for n, (x, datum) in enumerate(points):
        if datum.value is None or (are_many and not _is_lonely(ys, n)):
            continue
        name = f"point-{at}-{n}"
        gid = part(name, datum.at, step)
        sheet.axes.plot(x, datum.value, marker=look.marker, color=colour, gid=gid, **dot)
        of = f"{data.series[at].name}, " if data.series[at].name else ""
        sheet.tips[name] = f"{of}{datum.name}: {datum.shown}"


def _draw_level(sheet: Chart, datum: Datum, colour: str, step: int) -> None:
    """One value over the whole width, thin and without points: what others are compared with."""
    look: dict[str, Any] = {"color": colour, "linewidth": 2, "linestyle": (0, (2, 2))}
    sheet.axes.axhline(datum.value or 0.0, gid=part("level", step=step), zorder=1, **look)


def _draw_mark(sheet: Chart, data: ChartData, datum: Datum, number: int) -> None:
    """A ring in the colour of its line, where something happens to it; its word stands below."""
    of = next((at for at, one in enumerate(data.series) if one.name == datum.name), None)
    colour = INK if of is None else colour_of(data, of, "")
    x, y = datum.x or 0.0, datum.value or 0.0
    ring: dict[str, Any] = {"marker": "o", "ms": 20, "mew": STROKE, "clip_on": False, "zorder": 4}
    ring |= {"linestyle": "none", "markerfacecolor": "none", "color": colour, "gid": part("mark")}
    sheet.axes.plot(x, y, **ring)
    right = x > sum(sheet.axes.get_xlim()) / 2
    look: dict[str, Any] = {"ha": "right" if right else "left", "va": "top", "color": colour}
    look |= {"weight": STRONG, "gid": part("halo", datum.at)}
    sheet.note(x, y, datum.shown, (-8 if right else 8, -14 - LEAD * number), **look)


def _thinned(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float]]:
    """The points of a line, or of each few that share a pixel the least and the largest."""
    points = list(zip(xs, ys, strict=True))
    if len(points) <= MOST_DRAWN:
        return points
    each = math.ceil(2 * len(points) / MOST_DRAWN)
    kept: list[tuple[float, float]] = []
    for at in range(0, len(points), each):
        group = [one for one in points[at : at + each] if not math.isnan(one[1])]
        ends = {min(group, key=itemgetter(1)), max(group, key=itemgetter(1))} if group else ()
        kept += sorted(ends) or [points[at]]
    return kept


def _draw_band(
    sheet: Chart, data: ChartData, points: list[tuple[float, Datum]], colour: str, step: int
) -> None:
    """The intervals of a line's values; those of a single one as a bar."""
    floor, roof = sorted(sheet.axes.get_ylim())
    reach = reach_of(data)
    ends = [(x, found) for x, d in points if (found := ends_of(d, reach))]
    xs = [x for x, _ in ends]
    lows, highs = [max(e[0], floor) for _, e in ends], [min(e[1], roof) for _, e in ends]
    gid = part("interval", step=step)
    if len(ends) > 1:
        look: dict[str, Any] = {"color": colour, "alpha": 0.2, "linewidth": 0, "gid": gid}
        sheet.axes.fill_between(xs, lows, highs, **look)
    elif ends:
        sheet.axes.plot(2 * xs, lows + highs, color=colour, alpha=0.4, linewidth=10, gid=gid)


def _is_lonely(ys: Sequence[float], at: int) -> bool:
    """Whether a value has no neighbour: no line leads to it."""
    beside = (ys[n] for n in (at - 1, at + 1) if 0 <= n < len(ys))
    return all(math.isnan(y) for y in beside)


def _ends(data: ChartData) -> list[_End]:
    """The last value of each line, with its name."""
    found = []
    for at, series in enumerate(data.series):
        known = [d for _, d in _points(data, at) if d.value is not None]
        if known:
            last = known[-1]
            colour = colour_of(data, at, "") if len(data.series) > 1 else INK
            strong = is_strong(data, at, "")
            name = series.name if len(data.series) > 1 else ""
            found.append(_End(at, last.value or 0.0, name, last, colour, strong))
    return found


def _stands_below(data: ChartData, ends: Sequence[_End]) -> bool:
    """Whether a line's value stands below its name: where the chart is narrow, and both fit."""
    room = data.height - first_line(data)
    return not data.wide and 1 < len(ends) <= max(4, int(room / (2 * LEAD - 4)))


def _ends_room(data: ChartData, ends: Sequence[_End]) -> float:
    """How wide the labels at the lines' ends are."""
    names = [text_width(e.name, SMALL, STRONG) for e in ends]
    values = [_value_width(e) for e in ends]
    if _stands_below(data, ends):
        most = max([*names, *values], default=0.0)
    else:
        both = zip(names, values, strict=True)
        most = max((name + (10 if name else 0) + value for name, value in both), default=0.0)
    share = 0.3 if data.figures.locale.is_english else 0.36  # others have longer words
    return min(most, share * width_of(data)) + 26


def _value_width(end: _End) -> float:
    return text_width(end.datum.shown, SMALL, REGULAR if end.name else STRONG)


def _write_ends(
    sheet: Chart, data: ChartData, ends: Sequence[_End], room: float, more: str
) -> None:
    """Name and value of each line at its end, moved apart where they would touch.

    They begin below a heading that says `more`, if there is room for all of them.
    """
    x, below = sheet.width - room + 20, _stands_below(data, ends)
    ys = _pixels(sheet, [end.y for end in ends], 0.0)
    each = 2 * LEAD - 4 if below else LEAD
    top = max(first_line(data), min(first_line(data, more), data.height - each * len(ends)))
    places = spread(ys, each, top + each / 2, data.height - each / 2)
    for end, y in zip(ends, places, strict=True):
        step = end.series + 1 if data.stepwise and len(data.series) > 1 else 0
        value = 0.0 if below else _value_width(end) + 10
        name = shortened(end.name, SMALL, room - 22 - value, STRONG) if end.name else ""
        look: dict[str, Any] = {"va": "center", "color": end.colour}
        up = LEAD / 2 - 2 if below else 0.0
        shift = 0.0 if below or not name else text_width(name, SMALL, STRONG) + 10
        if name:
            weight = STRONG if end.strong else REGULAR
            place = 1 - (y - up) / sheet.height
            _text(sheet, x, place, name, weight=weight, gid=part("name", step=step), **look)
        gid = part("shown", end.datum.at, step)
        weight = REGULAR if name else STRONG
        place = 1 - (y + up) / sheet.height
        _text(sheet, x + shift, place, end.datum.shown, weight=weight, gid=gid, **look)


def _text(sheet: Chart, x: float, share: float, text: str, **look: Any) -> None:
    sheet.figure.text(x / sheet.width, share, text, in_layout=False, **look)


def _pixels(sheet: Chart, ys: Sequence[float], x: float) -> list[float]:
    """Where values of the y axis stand, in px from the sheet's top."""
    places = [sheet.axes.transData.transform((x or sheet.axes.get_xlim()[0], y))[1] for y in ys]
    return [sheet.height - float(place) for place in places]


def draw_slope(data: ChartData) -> Picture:
    """A line for each name from one station to the next: before and after."""
    width, top = width_of(data), first_line(data) + 40
    known = [one.by_name for one in data.series]
    last = len(known) - 1
    right = {n: d for n, d in known[last].items() if d.value is not None}
    left = {n: d for n, d in known[0].items() if d.value is not None}
    hidden = () if data.wide else tuple(right)  # names that the line's other end has room for
    left_room = _slope_room(data, 0, left, hidden)
    right_room = _slope_room(data, last, right)
    plot = (left_room, width - right_room, top, data.height - 14)
    sheet = chart(data.name, width, data.height, plot)
    start = _slope_axes(sheet, data)
    write_heading(sheet, data, starts_at(data, start))
    for at, series in enumerate(data.series):
        x = left_room + (width - left_room - right_room) * at / max(last, 1)
        anchor = "right" if at == 0 else "left" if at == last else "center"
        place = (x / width, 1 - (top - 22) / data.height)
        room = left_room if at == 0 else right_room if at == last else 0.8 * width / last / 2
        name = shortened(series.name, SMALL, room, STRONG)
        look: dict[str, Any] = {"color": SOFT, "ha": anchor, "va": "center", "in_layout": False}
        sheet.figure.text(*place, name, weight=STRONG, **look)
    for number, name in enumerate(data.names):
        _draw_slope(sheet, data, number, name)
    _slope_labels(sheet, data, left, 0, left_room - 18, "right", hidden)
    _slope_labels(sheet, data, right, last, width - right_room + 18, "left")
    return picture_of(sheet, data)


def _slope_room(
    data: ChartData, station: int, found: Mapping[str, Datum], hidden: Container[str] = ()
) -> float:
    """How wide the station's name and what stands beside it are, with the gap to its line."""
    widths = [text_width(data.series[station].name, SMALL, STRONG)]
    for name, datum in found.items():
        named = 0.0 if name in hidden else text_width(f"{name} ", SMALL, STRONG) + 6
        widths.append(named + text_width(datum.shown, SMALL, STRONG))
    return min(max(widths), (0.36 if data.wide else 0.44) * width_of(data)) + 22


def _slope_axes(sheet: Chart, data: ChartData) -> float:
    axes = sheet.axes
    axes.set(xlim=(0, max(len(data.series) - 1, 1)))
    start = 0.0
    if data.log:
        log_axis(sheet, data, edges_of(data), "y")
    else:
        edges = edges_of(data)
        low, high = min(edges), max(edges)
        if data.start is not None:
            low = start = data.start
        room = 0.06 * (high - low) or abs(high) * 0.1 or 1.0
        axes.set(ylim=(low - (room if data.start is None else 0), high + room))
    axes.set(xticks=(), yticks=())
    axes.tick_params(length=0)
    axes.spines.bottom.set_visible(False)
    floor, roof = axes.get_ylim()
    for x in range(len(data.series)):
        axes.plot([x, x], [floor, roof], color=LINE, zorder=0)
    return start


def _slope_colour(data: ChartData, number: int, name: str) -> str:
    if data.highlight:
        return colour_of(data, 0, name)
    return _slope_look(data, number).colour


def _slope_look(data: ChartData, number: int) -> Look:
    return LOOKS[(data.looks[number] if data.looks else number) % len(LOOKS)]


def _draw_slope(sheet: Chart, data: ChartData, number: int, name: str) -> None:
    step = number + 1 if data.stepwise else 0
    colour = _slope_colour(data, number, name)
    look = _slope_look(data, number)
    found = [one.by_name.get(name) for one in data.series]
    ys = [math.nan if d is None or d.value is None else d.value for d in found]
    strong = not data.highlight or name in data.highlight
    sheet.axes.plot(
        range(len(ys)),
        ys,
        color=colour,
        linewidth=4 if strong else 3,
        clip_on=False,
        gid=part("line", step=step),
    )
    for x, y in enumerate(ys):
        if not math.isnan(y):
            _slope_interval(sheet, data, number, (x, found[x]), colour, step)
            sheet.axes.plot(
                x,
                y,
                look.marker,
                color=colour,
                ms=13,
                markeredgecolor=CARD,
                clip_on=False,
                gid=part("point", step=step),
                zorder=3,
            )


def _slope_interval(
    sheet: Chart,
    data: ChartData,
    number: int,
    place: tuple[int, Datum | None],
    colour: str,
    step: int,
) -> None:
    """A value's interval at its station; those of several lines stand beside each other."""
    station, datum = place
    ends = ends_of(datum, reach_of(data)) if datum else None
    if not ends:
        return
    inward = -1 if station and station == len(data.series) - 1 else 1
    box = sheet.axes.get_position()
    px = max(len(data.series) - 1, 1) / (sheet.width * box.width)
    x = station + inward * BESIDE * number * px
    look: dict[str, Any] = {"color": colour, "alpha": 0.3, "linewidth": 10, "clip_on": False}
    look |= {"solid_capstyle": "butt", "gid": part("interval", step=step)}
    sheet.axes.plot([x, x], ends, zorder=1, **look)


def _slope_labels(
    sheet: Chart,
    data: ChartData,
    found: dict[str, Datum],
    station: int,
    x: float,
    anchor: str,
    hidden: Container[str] = (),
) -> None:
    """Names and values beside a station, moved apart where they would touch."""
    names = [name for name in data.names if name in found]
    ys = _pixels(sheet, [found[name].value or 0.0 for name in names], float(station))
    room = x if anchor == "right" else sheet.width - x
    for name, y in zip(
        names, spread(ys, LEAD, first_line(data) + 38, data.height - LEAD / 2), strict=True
    ):
        number = data.names.index(name)
        datum, step = found[name], number + 1 if data.stepwise else 0
        colour = _slope_colour(data, number, name)
        value = text_width(datum.shown, SMALL, STRONG)
        label = "" if name in hidden else shortened(name, SMALL, room - value - 12)
        share = 1 - y / sheet.height
        look: dict[str, Any] = {"va": "center", "ha": anchor, "color": colour}
        gid, value_gid = part("name", step=step), part("shown", datum.at, step)
        _text(sheet, x, share, datum.shown, weight=STRONG, gid=value_gid, **look)
        if label:
            beside = x - value - 10 if anchor == "right" else x + value + 10
            _text(sheet, beside, share, label, gid=gid, **look)
