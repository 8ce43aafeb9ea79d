"""What `draw(chart, values)` of `deck/figures/NAME.py` draws on: matplotlib in the deck's style.

This runs in the drawing's own process.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pipeline.measured import Value, parts_of, place_of
from pipeline.palette import LIGHT
from pipeline.paths import file_below
from pipeline.pictures.charts.style import FIRST_LINE
from pipeline.pictures.own.values import Number
from pipeline.pictures.text import one_line
from pipeline.pictures.theme import (
    ACCENT,
    FAMILY,
    INK,
    MYTH,
    NEGATIVE,
    PAPER,
    POSITIVE,
    REALITY,
    REGULAR,
    SOFT,
    STRONG,
    SVG,
    TABULAR,
    themed,
)
from pipeline.problems import Source, TalkError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1136.0, 460.0  # px: a slide without its margins, under a title
LEAST, MOST = 100.0, 2560.0  # px
NARROW = 540.0  # px: as wide as a slide of a phone held upright; wider charts are drawn twice
MOST_ROWS, MOST_COLUMNS = 200, 8  # of the table that readers get
SERIES = (ACCENT, POSITIVE, REALITY, INK, NEGATIVE, MYTH, SOFT)  # one line after the other
_AT = "at:"  # before a measured number's place in matplotlib's ids
_BLACK = "#000000"  # what some parts of matplotlib draw in, whatever its settings are
_NOTE = "note"  # the id of a text that lines may pass under
_XLINK = "{http://www.w3.org/1999/xlink}href"
_TAGS = {f"{{{SVG}}}{name}" for name in ("path", "text", "use", "image", "rect", "g", "defs")}
_TAGS |= {f"{{{SVG}}}{name}" for name in ("clipPath", "pattern")}
_FAMILY = re.compile(r"font-family: [^;]*(?:; )?")
_UNTURNED = re.compile(r"rotate\(-?0 [^)]*\)")


def style() -> dict[str, Any]:
    """matplotlib's settings beside those of all charts: what only own ones need."""
    from cycler import cycler

    return {
        "axes.prop_cycle": cycler(color=SERIES),
        "axes.labelweight": REGULAR,
        "axes.titleweight": STRONG,
        "axes.labelcolor": SOFT,
        "axes.labelsize": "medium",
        "axes.titlesize": "medium",
        "figure.titleweight": STRONG,
        "figure.titlesize": "medium",
        "figure.labelweight": REGULAR,
        "figure.labelsize": "medium",
        "lines.markersize": 12,
        "lines.markeredgewidth": 0,
        "errorbar.capsize": 8,
        "hatch.color": INK,
        "patch.edgecolor": INK,
        "image.cmap": "viridis",
        "legend.fontsize": "medium",
    }


class Canvas:
    """The sheet of one chart, and what is said of it.

    `title` (short) and `alt` (what it shows, in a sentence) are for who can't see it: the first
    lines of the module and of `draw`, unless they are set. `is_narrow`: it is drawn for a phone,
    where no more than NARROW px are; what is wide gets less room.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        file: Path,
        met: Callable[[Path], None],
        *,
        is_narrow: bool = False,
    ) -> None:
        self.is_narrow = is_narrow
        self.title = ""
        self.alt = ""
        self._name, self._root, self._file, self._met = name, root, file, met
        self._shrunk = 1.0  # of the width that was asked for
        self._width, self._height = 0.0, 0.0
        self._figure: Figure | None = None
        self._axes: Axes | None = None
        self._captions: list[tuple[float, str, str]] = []
        self.rows: tuple[tuple[str, ...], ...] = ()
        self._take_size(WIDTH, HEIGHT)

    # --- What is drawn on ---------------------------------------------------------------------

    @property
    def figure(self) -> Figure:
        """matplotlib's figure: `chart.figure.subplots(1, 2)` gives two axes."""
        if self._figure is None:
            from matplotlib.figure import Figure

            size = (self._width / 72, self._height / 72)
            self._figure = Figure(figsize=size, layout="constrained")
        return self._figure

    @property
    def axes(self) -> Axes:
        """matplotlib's axes, one for the whole sheet."""
        if self._axes is None:
            self._axes = self.figure.subplots()
        return self._axes

    def size(self, width: float, height: float) -> None:
        """How large the chart stands on a slide, in px: at that size 24 is 24 px there."""
        for side in (width, height):
            if not LEAST <= side <= MOST:
                raise ValueError(f"a chart is {LEAST:g} to {MOST:g} px wide and high, not {side:g}")
        self._take_size(width, height)
        self.figure.set_size_inches(self._width / 72, self._height / 72)

    def _take_size(self, width: float, height: float) -> None:
        self._width = min(float(width), NARROW) if self.is_narrow else float(width)
        self._height, self._shrunk = float(height), self._width / width

    @property
    def is_wide(self) -> bool:
        """Whether a phone needs a drawing of its own."""
        return self._width > NARROW

    def colour(self, name: str) -> str:
        """A colour of the theme by its name: it changes with the theme, light and dark."""
        if name not in LIGHT:
            raise TalkError(f"the theme has no colour `{name}`", hint=nearest(name, LIGHT))
        return LIGHT[name]

    color = colour

    @property
    def colours(self) -> tuple[str, ...]:
        """The theme's colours for one series after the other, as lines take them by themselves."""
        return SERIES

    colors = colours

    # --- Words --------------------------------------------------------------------------------

    def note(
        self, x: float, y: float, text: str, shift: tuple[float, float] = (0, 0), **how: Any
    ) -> None:
        """A text that goes with a point of the axes, `shift` px to the right and up from it."""
        self.axes.annotate(
            text,
            (x, y),
            shift,
            textcoords="offset points",
            annotation_clip=False,
            **{"gid": _NOTE, **how},
        )

    def mark(
        self,
        x: float,
        y: float,
        number: Number,
        text: str,
        shift: tuple[float, float] = (0, 0),
        **how: Any,
    ) -> None:
        """The same for a measured number, written as `text`: in the deck it opens its run."""
        if not isinstance(number, Number):
            raise TypeError("chart.mark takes a measured number as it came: values.hash.ns")
        ground = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}  # lines don't cross its dots
        self.note(x, y, text, shift, **{"bbox": ground, **how}, gid=f"{_AT}{number.at}")

    def caption(self, text: str, x: float = 0, anchor: str = "left") -> None:
        """A word on the sheet's first line, `x` px from its left edge: what stands below it."""
        self._captions.append((x, text, anchor))

    def table(self, head: Sequence[object], rows: Sequence[Sequence[object]]) -> None:
        """The chart's data as a table, for who can't see it and for the reading page."""
        made = [tuple(map(_cell, row)) for row in (head, *rows)]
        for row in made[1:]:
            if len(row) != len(made[0]):
                message = f"a row of the table has {len(row)} cells, its head {len(made[0])}"
                raise ValueError(message)
        self.rows = tuple(made)

    def read(self, name: str) -> str:
        """The text of a file of the talk, named from its folder; the drawing depends on it."""
        return self.path(name).read_text("utf-8-sig")

    def path(self, name: str) -> Path:
        """Where a file of the talk lies, named from its folder; the drawing depends on it."""
        found = file_below(self._root, name, "file", Source(self._file))
        self._met(found)
        return found

    # --- What comes out -----------------------------------------------------------------------

    def is_empty(self) -> bool:
        """Whether nothing was drawn but axes."""
        if self._figure is None:
            return True
        texts = [one for one in self._figure.texts if one.get_text()]
        return not (texts or any(map(_has_something, self._figure.axes)))

    def broken(self) -> str:
        """What can't be drawn because a value is no number; empty where all can.

        Points of a line may be missing: they are its gaps.
        """
        import numpy as np

        for axes in self.figure.axes:
            for patch in axes.patches:
                box = patch.get_window_extent().extents
                if not np.isfinite(box).all():
                    return "a bar or another shape has no size: one of its values is NaN"
            for line in axes.lines:
                points = np.asarray(line.get_xydata(), float)
                if len(points) and not np.isfinite(points).all(axis=1).any():
                    return "a line has no point that is a number: all are NaN"
        return ""

    def svg(self) -> tuple[str, dict[str, str]]:
        """The drawing in theme variables, and the place of each measured number by its id."""
        if self._captions:
            self.figure.get_layout_engine().set(  # type: ignore[union-attr]
                rect=(0, 0, 1, 1 - FIRST_LINE / self._height)  # type: ignore[call-arg]
            )
        for x, text, anchor in self._captions:
            place = (x * self._shrunk / self._width, 1 - FIRST_LINE / 2 / self._height)
            look: dict[str, Any] = {"color": SOFT, "ha": anchor, "va": "center"}
            self.figure.text(*place, text, **look, in_layout=False)
        drawn = io.StringIO()
        self.figure.savefig(drawn, format="svg", metadata={"Date": None})
        root = ElementTree.fromstring(drawn.getvalue())
        marks: dict[str, str] = {}
        made = Element(f"{{{SVG}}}svg")
        made.extend([*_kept(root, marks)])
        _without_unused(made)
        made.set("viewBox", f"0 0 {self._width:g} {self._height:g}")
        made.set("font-family", FAMILY)
        made.set("stroke-linejoin", "round")
        return ElementTree.tostring(made, "unicode"), marks


def _cell(value: object) -> str:
    text = str(value.value) if isinstance(value, Number) else "–" if value is None else str(value)
    if text in ("nan", "inf", "-inf"):
        raise ValueError(f"a cell of the table is {text}")
    return one_line(text)


def _has_something(axes: Axes) -> bool:
    return bool(
        axes.lines
        or axes.patches
        or axes.collections
        or axes.images
        or any(one.get_text() for one in axes.texts)
        or axes.tables
    )


# --- matplotlib's SVG, in the theme's colours ----------------------------------------------------


def _kept(group: Element, marks: dict[str, str], at: str = "") -> Iterator[Element]:
    """Shapes, texts and what they refer to; groups that do nothing are opened."""
    for element in group:
        if element.tag not in _TAGS:
            continue
        own = element.get("id", "")
        inside = own if own.startswith(_AT) or own == _NOTE else at
        name = element.tag.rpartition("}")[2]
        if name == "g" and not {"clip-path", "transform", "style"} & set(element.keys()):
            yield from _kept(element, marks, inside)
            continue
        if name in ("g", "defs", "clipPath", "pattern"):
            element[:] = [*_kept(element, marks, inside)]
            if not len(element):
                continue
        _restyle(element, name, is_clear=at == _NOTE)
        if name in ("path", "rect") and _is_unseen(element, group):
            continue
        if name in ("g", "text"):
            element.attrib.pop("id", None)
        if name == "text" and at.startswith(_AT) and element.text:
            mark = f"mark-{len(marks) + 1}"
            marks[mark] = at.removeprefix(_AT)
            element.set("id", mark)
        element.tail = None
        yield element


def _restyle(element: Element, name: str, *, is_clear: bool) -> None:
    """The theme's colours; a text that `is_clear` of the lines under it has an edge of paper."""
    if _XLINK in element.attrib:
        element.set("href", element.attrib.pop(_XLINK))
    if path := element.get("d"):
        element.set("d", " ".join(path.split()))
    if _UNTURNED.fullmatch(element.get("transform", "")):
        del element.attrib["transform"]
    style = _FAMILY.sub("", element.attrib.pop("style", ""))
    if colour := element.attrib.pop("fill", ""):
        style = f"{style}; fill: {colour}".removeprefix("; ")
    if name == "text":
        style = f"{style}; {TABULAR}".removeprefix("; ")
        if is_clear:
            style += f"; paint-order: stroke; stroke: {PAPER}; stroke-width: 8"
    if style:
        element.set("style", themed(style.replace(_BLACK, INK)))


def _is_unseen(element: Element, parent: Element) -> bool:
    """A shape without fill and line; in a <clipPath> or <defs> it is one for others."""
    style = element.get("style", "")
    is_bare = "fill: none" in style and "stroke:" not in style
    return is_bare and parent.tag != f"{{{SVG}}}clipPath" and not element.get("id")


def _without_unused(root: Element) -> None:
    """Names that nothing refers to go: a page has no ids that it doesn't need."""
    written = " ".join(value for one in root.iter() for value in one.attrib.values())
    used = set(re.findall(r"#([\w.:-]+)", written))
    for element in root.iter():
        name = element.get("id", "")
        if name and name not in used and not name.startswith("mark-"):
            del element.attrib["id"]


def table_of(numbers: Mapping[str, Value]) -> tuple[tuple[str, ...], ...]:
    """A table of the numbers that were read, where `draw` makes none: a row for each branch.

    `hash.rows[0].load` and `hash.rows[0].ns` are one row, with two columns.
    """
    by_row: dict[tuple[str | int, ...], dict[str, Value]] = {}
    for at, number in numbers.items():
        *branch, column = parts_of(at)
        by_row.setdefault(tuple(branch), {})[str(column)] = number
    columns = list(dict.fromkeys(name for row in by_row.values() for name in row))
    if len(by_row) < 2 or len(columns) > MOST_COLUMNS:
        rows: list[tuple[str, ...]] = [(at, _shown(number)) for at, number in numbers.items()]
        return _cut(("Value", "Measured"), rows)
    is_one_table = len({row[:-1] for row in by_row}) == 1
    made: list[tuple[str, ...]] = []
    for place, row in by_row.items():
        last = place[-1] if place and is_one_table else place_of(place)
        name = str(last + 1) if isinstance(last, int) else last
        made.append((name, *(_shown(row[column]) if column in row else "–" for column in columns)))
    return _cut(("", *columns), made)


def _shown(number: Value) -> str:
    """A number with its unit and its interval: "41.2 ns (40 to 43)"."""
    unit = "" if number.unit == "share" else number.unit
    said = f"{number.value:.6g} {unit}".rstrip()
    known = number.low is not None and number.high is not None
    return f"{said} ({number.low:.6g} to {number.high:.6g})" if known else said


def _cut(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """A table that readers can bear: what is left out is counted."""
    rest = len(rows) - MOST_ROWS
    more = [(f"and {rest} more", *[""] * (len(head) - 1))] if rest > 0 else []
    return (head, *rows[:MOST_ROWS], *more)
