"""The charts that slides ask for with a fence, drawn by kind and kept.

What draws, matplotlib too, is imported only while drawing: a build whose charts are kept loads
none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.pictures.picture import Picture, Pictures, kept_pictures
from pipeline.slides.charts import HEIGHT, ChartData
from pipeline.slides.slide import Slide

SLIDE = 720.0  # px: how high a slide is, if its talk doesn't say 4:3

_DRAWN = ("bars", "lines", "slope", "dots", "histogram")


def draw_charts(
    slides: Iterable[Slide], cache: Path | None = None, slide_height: float = SLIDE
) -> Pictures:
    """Name -> picture of each chart on these slides; a table is none, since it is HTML.

    They are as much higher as slides are than 720 px. A drawing is kept in `cache` under its
    lines, its values, its height and the drawing code.
    """
    pictures: Pictures = {}
    for slide in slides:
        for block in slide.charts:
            if block.data.kind in _DRAWN:
                data = replace(block.data, height=HEIGHT + slide_height - SLIDE)
                key = msgspec.json.encode(data).decode()
                draw = partial(_drawn, data)
                pictures |= kept_pictures(cache, "chart", key, draw)
    return pictures


def _drawn(data: ChartData) -> Pictures:
    return {data.name: draw_chart(data)}


def draw_chart(data: ChartData) -> Picture:
    """One chart. The same data give the same bytes.

    Its viewBox is the size in px at which it is meant to stand on a 1280 × 720 slide; one that is
    as wide as the slide is drawn for a phone, too.
    """
    from pipeline.pictures.charts.bars import draw_bars
    from pipeline.pictures.charts.curves import draw_lines, draw_slope
    from pipeline.pictures.charts.dots import draw_dots, draw_histogram
    from pipeline.pictures.charts.style import chart_style

    by_kind = dict(
        zip(_DRAWN, (draw_bars, draw_lines, draw_slope, draw_dots, draw_histogram), strict=True)
    )
    draw: Callable[[ChartData], Picture] = by_kind[data.kind]
    with chart_style():
        made = draw(data)
        phone = replace(data, wide=False, height=HEIGHT)
        return replace(made, narrow=draw(phone).svg) if data.wide else made
