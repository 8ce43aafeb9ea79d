"""A sheet to draw a chart on: matplotlib underneath, pixels of the slide as its units.

A chart is as wide as it is meant to be shown, so a text of 24 here is one of 24 px on the slide.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from pipeline.pictures.picture import Picture
from pipeline.pictures.theme import (
    CARD,
    FACE,
    FAMILY,
    INK,
    LINE,
    PAPER,
    REGULAR,
    SMALL,
    SOFT,
    STROKE,
    STRONG,
    SVG,
    TABULAR,
    describe,
    font_files,
    themed,
    written,
)


class Canvas:
    """`width` × `height` px, origin top left. A `part` names a shape: `data-part` in the SVG."""

    def __init__(self, name: str, width: float, height: float) -> None:
        from matplotlib import font_manager, rc_context
        from matplotlib.figure import Figure

        known = {font.fname for font in font_manager.fontManager.ttflist}
        for path in font_files().values():
            if str(path) not in known:
                font_manager.fontManager.addfont(str(path))
        self.name, self.width, self.height = name, width, height
        self._settings = {
            "svg.fonttype": "none",  # text stays text
            "svg.hashsalt": name,
            "svg.id": None,
            "font.family": FACE,
            "font.weight": REGULAR,
            "text.parse_math": False,
            "path.simplify": False,
        }
        with rc_context(self._settings):
            self._figure = Figure(figsize=(width / 72, height / 72), dpi=72)
            self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, width), ylim=(height, 0))
        self._axes.axis("off")
        self._drawn = 0

    def _part(self, name: str) -> dict[str, Any]:
        """What each shape has: drawn over the ones before it, uncut, named if it has a name."""
        self._drawn += 1
        return {"zorder": self._drawn, "clip_on": False, "gid": name or None}

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SMALL,
        weight: int = REGULAR,
        colour: str = INK,
        anchor: str = "left",
        halo: bool = False,
    ) -> None:
        """One line of text, its letters' middle at `y`; a halo keeps it clear of lines under it."""
        # Centred by hand: matplotlib would centre by the letters that happen to be in the text.
        self._axes.text(
            x,
            y + 0.35 * size,
            text,
            fontsize=size,
            fontweight=weight,
            color=colour,
            ha=anchor,
            va="baseline",
            fontfamily=FACE,
            parse_math=False,
            **self._part("halo" if halo else ""),
        )

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str = INK,
        *,
        dashed: bool = False,
        tint: bool = False,
        part: str = "",
    ) -> None:
        style: Any = (0, (0.2, 2.6)) if dashed else "solid"
        self._axes.plot(
            xs,
            ys,
            color=colour,
            linewidth=STROKE,
            linestyle=style,
            alpha=0.3 if tint else None,
            solid_capstyle="round",
            dash_capstyle="round",
            solid_joinstyle="round",
            **self._part(part),
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        edge: str = "",
        dashed: bool = False,
        radius: float = 5,
        tint: bool = False,
        part: str = "",
    ) -> None:
        """A rounded box; `fill` may be empty (an edge alone), `tint` lays it on thinly."""
        from matplotlib.patches import FancyBboxPatch

        radius = min(radius, width / 2, height / 2)
        self._axes.add_patch(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle=f"round,pad=0,rounding_size={radius:.3f}"
                if radius > 0
                else "square,pad=0",
                facecolor=fill or "none",
                edgecolor=edge or "none",
                linewidth=STROKE if edge else 0,
                linestyle=(0, (2, 1.6)) if dashed else "solid",
                alpha=0.3 if tint else None,
                **self._part(part),
            )
        )

    def dot(self, x: float, y: float, colour: str, *, radius: float = 8, part: str = "") -> None:
        from matplotlib.patches import Circle

        self._axes.add_patch(
            Circle((x, y), radius, facecolor=colour, edgecolor="none", **self._part(part))
        )

    def ring(self, x: float, y: float, colour: str, *, radius: float = 8, part: str = "") -> None:
        from matplotlib.patches import Circle

        self._axes.add_patch(
            Circle(
                (x, y),
                radius,
                facecolor=CARD,
                edgecolor=colour,
                linewidth=STROKE,
                **self._part(part),
            )
        )

    def tick(self, x: float, y: float, colour: str, part: str = "") -> None:
        """A drawn ✓, 18 px wide: no font needs to have the sign."""
        self.line((x, x + 6, x + 18), (y + 1, y + 7, y - 7), colour, part=part)

    def cross(self, x: float, y: float, colour: str, part: str = "") -> None:
        """A drawn ✗, 14 px wide."""
        self.line((x + 2, x + 16), (y - 7, y + 7), colour, part=part)
        self.line((x + 2, x + 16), (y + 7, y - 7), colour)

    def axis(self, left: float, right: float, y: float) -> None:
        self.line((left, right), (y, y), LINE)

    def caption(self, x: float, y: float, text: str, anchor: str = "left") -> None:
        self.text(x, y, text, colour=SOFT, anchor=anchor)

    def strong(
        self, x: float, y: float, text: str, colour: str = INK, anchor: str = "left"
    ) -> None:
        self.text(x, y, text, weight=STRONG, colour=colour, anchor=anchor)

    def picture(self, title: str, desc: str, rows: Sequence[Sequence[str]]) -> Picture:
        """The drawing as a Picture: theme variables, own ids, title and description inside."""
        from matplotlib import rc_context

        drawn = io.StringIO()
        with rc_context(self._settings), warnings.catch_warnings():
            # A sign that the face lacks is shown in the reader's fallback font.
            warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
            self._figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
        svg = _finished(drawn.getvalue(), self, title, desc)
        return Picture(
            self.name, svg, title, desc, tuple(tuple(str(cell) for cell in row) for row in rows)
        )


def _finished(drawn: str, canvas: Canvas, title: str, desc: str) -> str:
    root = ElementTree.fromstring(drawn)
    for tag in ("metadata", "defs"):  # its <style> would reach into the whole page
        for element in root.findall(f"{{{SVG}}}{tag}"):
            root.remove(element)
    _unwrap(root)
    for element in root.iter():
        _restyle(element)
    root.attrib.clear()
    root.set("viewBox", f"0 0 {canvas.width:g} {canvas.height:g}")
    root.set("class", "chart")
    root.set("font-family", FAMILY)
    root.set("stroke-linejoin", "round")
    describe(root, canvas.name, title, desc, "img")
    return written(root)


def _unwrap(root: ElementTree.Element) -> None:
    """Shapes and texts, in order, are all that is kept of matplotlib's groups."""
    shapes = [
        (part.get("id", ""), element)
        for part in root.iter(f"{{{SVG}}}g")
        for element in part
        if not element.tag.endswith("}g")
    ]
    for child in list(root):
        root.remove(child)
    for name, element in shapes:
        if not re.fullmatch(r"(patch|line2d|text)_\d+", name):
            element.set("data-part", name)
        if name != "patch_1":  # the sheet itself: the slide's paper shows through
            root.append(element)


def _restyle(element: ElementTree.Element) -> None:
    for attribute in ("id", "clip-path"):
        element.attrib.pop(attribute, None)
    if re.fullmatch(r"rotate\(-?0 .*\)", element.get("transform", "")):
        del element.attrib["transform"]
    if "d" in element.attrib:
        element.set("d", re.sub(r"\s+", " ", element.get("d", "")).strip())
    style = re.sub(r"font-family: [^;]*(; )?", "", element.get("style", ""))
    if element.tag == f"{{{SVG}}}text":
        style = f"{style}; {TABULAR}"
        if element.get("data-part") == "halo":
            style += f"; paint-order: stroke; stroke: {PAPER}; stroke-width: 8"
    if style:
        element.set("style", themed(style))
