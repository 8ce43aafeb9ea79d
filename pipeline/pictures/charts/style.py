"""How charts look: matplotlib's own axes in the deck's face, the theme's colours and few lines.

A chart is as wide as it is meant to be shown, so a text of 24 here is one of 24 px on the slide.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import msgspec

from pipeline.pictures.picture import Picture
from pipeline.pictures.text import Run, write_line
from pipeline.pictures.theme import (
    FACE,
    FAMILY,
    INK,
    LINE,
    PAPER,
    REGULAR,
    SMALL,
    SOFT,
    STROKE,
    SVG,
    TABULAR,
    describe,
    font_files,
    themed,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, HALF = 1136.0, 540.0  # px: a slide without its margins; half of one, and a phone
FIRST_LINE = 36.0  # px at the top, for captions
LEAD = 32.0  # px from one line of text to the next
Box = tuple[float, float, float, float]  # left, right, top, bottom in px

_AT = "@"  # before the place of the value that a text shows
_PART = "part:"  # before the name of a shape in matplotlib's ids; `data-part` in the picture
_XLINK = "{http://www.w3.org/1999/xlink}"
_PAIR = re.compile(r"(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)")
_ROUND_S = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800)
_OPACITY = re.compile(r"(?<![-\w])opacity: ([\d.]+)")
_CIRCLE = re.compile(r"M 0 ([\d.]+)\s+(?:C [^CLQMz]*){8}z\s*$")
_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "chart",
    "path.simplify": False,
    "text.parse_math": False,
    "text.color": INK,
    "font.family": FACE,
    "font.weight": REGULAR,
    "figure.dpi": 72,
    "figure.facecolor": "none",
    "figure.constrained_layout.h_pad": 2 / 72,
    "figure.constrained_layout.w_pad": 10 / 72,  # digits are wider in the deck: all alike
    "axes.facecolor": "none",
    "axes.edgecolor": LINE,
    "axes.linewidth": STROKE,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": STROKE,
    "lines.linewidth": STROKE,
    "lines.markeredgewidth": STROKE,
    "lines.markersize": 16,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "legend.frameon": False,
    "legend.labelcolor": "linecolor",
    "legend.borderaxespad": 0,
    "legend.borderpad": 0,
    "legend.columnspacing": 1,
    "legend.handletextpad": 0.4,
    "legend.handlelength": 1.1,
    **{f"{axis}tick.major.width": STROKE for axis in "xy"},
    **{f"{axis}tick.major.size": 8 for axis in "xy"},
    **{f"{axis}tick.color": LINE for axis in "xy"},
    **{f"{axis}tick.labelcolor": SOFT for axis in "xy"},
    "ytick.alignment": "center",
    "xtick.major.pad": 6,
    "ytick.major.pad": 6,
}


@contextmanager
def chart_style(size: float = SMALL, **more: Any) -> Iterator[None]:
    """matplotlib draws in this style, whatever the reader's own settings are; `size` in px."""
    from matplotlib import font_manager, style

    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in font_files().values():
        if str(path) not in known:
            font_manager.fontManager.addfont(str(path))
    sizes = ("font.size", "legend.fontsize", "xtick.labelsize", "ytick.labelsize")
    settings = {**_STYLE, **dict.fromkeys(sizes, size), **more}
    with style.context(settings, after_reset=True), warnings.catch_warnings():
        # A sign that the face lacks is shown in the reader's fallback font.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield


class Chart(msgspec.Struct, frozen=True):
    """A sheet with axes on it, while it is drawn: `axes` are matplotlib's own."""

    name: str
    width: float
    height: float
    figure: Figure
    axes: Axes
    tips: dict[str, str] = {}  # what a part says when it is pointed at

    def cell(self, x: float, y: float, text: str, **how: Any) -> None:
        """One line of text at `x` px from the sheet's left edge, level with `y` of the axis."""
        self.axes.annotate(
            text,
            (x, y),
            xycoords=("figure points", "data"),
            annotation_clip=False,
            **{"va": "center", "color": INK, **how},
        )

    def note(
        self, x: float, y: float, text: str, shift: tuple[float, float] = (0, 0), **how: Any
    ) -> None:
        """A text that goes with a point of the axes, `shift` px to the right and up from it."""
        self.axes.annotate(
            text, (x, y), shift, textcoords="offset points", annotation_clip=False, **how
        )

    def caption(self, x: float, text: str, anchor: str = "left", line: int = 0) -> None:
        """A word on the first line of the sheet, or the next: what stands below it."""
        place = (x / self.width, 1 - (FIRST_LINE / 2 + LEAD * line) / self.height)
        self.figure.text(*place, text, color=SOFT, ha=anchor, va="center", in_layout=False)

    def sign(self, x: float, y: float, right: bool, colour: str, name: str = "") -> None:
        """A drawn ✓ or ✗ in a row, its middle at `x` px: no font needs to have them."""
        from matplotlib.transforms import blended_transform_factory

        place = blended_transform_factory(self.figure.transFigure, self.axes.transData)
        self.axes.plot(
            [x / self.width],
            [y],
            transform=place,
            marker=((-9, -1), (-3, -7), (9, 7)) if right else "x",
            markersize=18 if right else 14,
            markerfacecolor="none",
            markeredgecolor=colour,
            linestyle="none",
            clip_on=False,
            gid=part(name),
        )

    def rows(self, count: int) -> None:
        """A row for each of `count` from above, on a line of its own."""
        self.axes.set(ylim=(count - 0.5, -0.5), yticks=range(count), yticklabels=())
        self.axes.tick_params(length=0)
        self.axes.spines.bottom.set_visible(False)
        self.axes.grid(axis="y")

    def picture(
        self, title: str, desc: str, rows: Sequence[Sequence[str]] = (), look: str = "chart"
    ) -> Picture:
        """The drawing as a Picture: theme variables, title and description inside, no ids.

        `look`: the classes by which the deck's styles know it.
        """
        drawn = io.StringIO()
        self.figure.savefig(drawn, format="svg", metadata={"Date": None})
        root = ElementTree.Element(f"{{{SVG}}}svg")
        root.extend(_shapes(ElementTree.fromstring(drawn.getvalue())))
        for element in root:
            if tip := self.tips.get(element.get("data-part", "")):
                ElementTree.SubElement(element, f"{{{SVG}}}title").text = tip
        root.set("viewBox", f"0 0 {self.width:g} {self.height:g}")
        root.set("class", look)
        root.set("font-family", FAMILY)
        root.set("stroke-linejoin", "round")
        describe(root, self.name, title, desc, "img")
        table = tuple(tuple(str(cell) for cell in row) for row in rows)
        return Picture(self.name, written(root), title, desc, table)


def chart(name: str, width: float, height: float, plot: Box | None = None) -> Chart:
    """A new chart of `width` × `height` px, drawn inside `chart_style`.

    The axes take the box `plot`; without one they leave room for their labels and for captions.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    size = (width / 72, height / 72)
    if plot is None:
        room = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - FIRST_LINE / height))
        figure = Figure(figsize=size, layout=room)
        return Chart(name, width, height, figure, figure.subplots())
    left, right, top, bottom = plot
    figure = Figure(figsize=size)
    place = (
        left / width,
        1 - bottom / height,
        (right - left) / width,
        (bottom - top) / height,
    )
    return Chart(name, width, height, figure, figure.add_axes(place))


def time_ticks(most_s: float, most: int) -> list[int]:
    """Round times from zero on, in seconds: `most` of them, or a few less."""
    every_s = next((s for s in _ROUND_S if most_s / s <= most), _ROUND_S[-1])
    return list(range(0, int(most_s) + 1, every_s))


def part(name: str, at: str = "", step: int = 0) -> str:
    """The `gid` of a shape that is found again in the picture, as `data-part`.

    A text or point with `at`, the place of a measured value, opens its run; one with a `step`
    (from 1) appears on that step of its slide.
    """
    return f"{_PART}{step or ''}{_AT}{name}{_AT}{at}"


def _shapes(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Shapes and texts, in order: all that is kept of matplotlib's groups, markers and ids."""
    marks = {f"#{e.get('id')}": e for e in root.iter(f"{{{SVG}}}path") if e.get("id")}

    def walk(group: ElementTree.Element, spot: str) -> Iterator[ElementTree.Element]:
        for element in group:
            kind = element.tag.removeprefix(f"{{{SVG}}}")
            own = element.get("id", "")
            if kind == "g":
                yield from walk(element, own if own.startswith(_PART) else spot)
            elif kind in ("path", "text", "use"):
                mark = marks.get(element.get(f"{_XLINK}href", ""))
                step, _, rest = spot.removeprefix(_PART).partition(_AT)
                name, _, at = rest.partition(_AT)
                shape = _restyled(element, mark, name)
                if shape is not None:
                    _bind(shape, at, step)
                    yield shape

    return walk(root, "")


def _restyled(
    element: ElementTree.Element, mark: ElementTree.Element | None, name: str
) -> ElementTree.Element | None:
    """The shape in the theme's colours, a marker as a path of its own; None for one unseen."""
    style = element.get("style", "")
    if mark is not None:
        style = f"{style}; {mark.get('style', '')}"
        element = _moved(mark.get("d", ""), float(element.get("x", 0)), float(element.get("y", 0)))
    if "fill: none" in style and "stroke:" not in style:
        return None
    for key in ("id", "clip-path"):
        element.attrib.pop(key, None)
    turned = element.attrib.pop("transform", "")  # by 0, or a line of several to its place
    if found := re.match(r"translate\((\S+) (\S+)\)", turned):
        element.attrib.update(x=found[1], y=found[2])
    if path := element.get("d"):
        element.set("d", " ".join(path.split()))
    if element.text:  # a text
        style = re.sub(r"font-family: [^;]*(; )?", "", style) + f"; {TABULAR}"
        if name == "halo":  # keeps it clear of the lines under it
            style += f"; paint-order: stroke; stroke: {PAPER}; stroke-width: 8"
    element.set("style", themed(style))
    if name:
        element.set("data-part", name)
    return element


def _bind(shape: ElementTree.Element, at: str, step: str) -> None:
    """What shows the value at a place opens its run; what has a step appears on it."""
    if step:
        shape.set("class", f"step-{step}")  # its own opacity says whether it has come
        shape.set("style", _OPACITY.sub(r"fill-opacity: \1", shape.get("style", "")))
    if at and shape.text:
        text, shape.text = shape.text, None
        write_line(shape, (Run(text, at),))
    elif at:
        shape.set("class", f"{shape.get('class', '')} measured".strip())
        shape.set("data-at", at)


def _moved(path: str, x: float, y: float) -> ElementTree.Element:
    """A marker at its place: a circle, which is eight curves in matplotlib, or a path."""
    if radius := _CIRCLE.match(path):
        place = {"cx": f"{x:.6g}", "cy": f"{y:.6g}", "r": radius[1]}
        return ElementTree.Element(f"{{{SVG}}}circle", place)
    moved = _PAIR.sub(lambda at: f"{float(at[1]) + x:.6g} {float(at[2]) + y:.6g}", path)
    return ElementTree.Element(f"{{{SVG}}}path", {"d": moved})
