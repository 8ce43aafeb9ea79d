"""A laid-out diagram as SVG: rounded boxes, one line weight, the theme's colours, links, steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from pipeline.pictures.diagrams.layout import (
    LEADING,
    PAD_X,
    Layout,
    Place,
    Point,
    fit_texts,
    lay_out,
    line_width,
)
from pipeline.pictures.diagrams.source import Arrow, Box, Diagram, Line, plain
from pipeline.pictures.picture import Picture
from pipeline.pictures.theme import (
    ACCENT,
    CARD,
    FAMILY,
    INK,
    LINE,
    PAPER,
    REGULAR,
    SOFT,
    STROKE,
    STRONG,
    SVG,
    TABULAR,
    describe,
    themed,
    written,
)

CORNER, HEAD = 12.0, 9.0  # radius of a turn, length of an arrow's head
MARGIN = 2.0


def draw_diagram(diagram: Diagram) -> Picture:
    """Lay a diagram out and draw it; the same diagram gives the same bytes."""
    whole, diagram = diagram, fit_texts(diagram)
    layout = lay_out(diagram)
    places = layout.places
    root = Element(f"{{{SVG}}}svg")
    left, right = 0.0, layout.width
    for arrow, route in zip(diagram.arrows, layout.routes, strict=True):
        reach = _draw_arrow(root, diagram, arrow, route, layout)
        left, right = min(left, reach[0]), max(right, reach[1])
    for box in diagram.boxes:
        _draw_box(root, diagram, box, places[box.node.id])
    x, y = left - MARGIN, -MARGIN
    width, height = right - left + 2 * MARGIN, layout.height + 2 * MARGIN
    root.set("viewBox", f"{x:.4g} {y:.4g} {width:.6g} {height:.6g}")
    root.set("class", "diagram")
    root.set("font-family", FAMILY)
    root.set("stroke-width", str(STROKE))
    root.set("stroke-linecap", "round")
    root.set("stroke-linejoin", "round")
    linked = any(box.node.link for box in diagram.boxes)
    describe(root, diagram.name, diagram.title, diagram.desc, "group" if linked else "img")
    svg = written(root)
    return Picture(diagram.name, svg, diagram.title, diagram.desc, _rows(whole))


def _rows(diagram: Diagram) -> tuple[tuple[str, ...], ...]:
    labels = {box.node.id: plain(box.label) for box in diagram.boxes}
    rows = []
    for box in diagram.boxes:
        after = [
            labels[a.edge.end] + (f" ({plain(a.label)})" if a.label else "")
            for a in diagram.arrows
            if a.edge.start == box.node.id
        ]
        rows.append((plain(box.label), plain(box.detail), ", ".join(after) or "–"))
    return (("Box", "Detail", "Leads to"), *rows)


def _group(root: Element, kind: str, step: int) -> Element:
    group = SubElement(root, f"{{{SVG}}}g")
    group.set("class", f"{kind} step-{step}" if step > 0 else kind)
    if step > 0:
        group.set("data-step", str(step))
    return group


def _draw_box(root: Element, diagram: Diagram, box: Box, place: Place) -> None:
    node, size = box.node, diagram.text_px
    kind = f"node {node.kind}{' now' if node.now else ''}"
    group = _group(root, kind, node.step)
    group.set("data-node", node.id)
    inside = group
    if node.link:
        said = plain([*box.label, *box.detail])
        inside = SubElement(group, f"{{{SVG}}}a")
        inside.set("href", f"#/{node.link}")
        inside.set("aria-label", f"{said}: to the slide {node.link}")
    left, top = place.x - place.width / 2, place.y - place.height / 2
    fill = ACCENT if node.now else "none" if node.kind == "data" else CARD
    edge = ACCENT if node.now or node.link else INK if node.kind in ("model", "result") else LINE
    rect = SubElement(inside, f"{{{SVG}}}rect")
    for key, value in (
        ("x", left),
        ("y", top),
        ("width", place.width),
        ("height", place.height),
        ("rx", 14),
    ):
        rect.set(key, f"{value:.6g}")
    rect.set("style", themed(f"fill: {fill}; stroke: {edge}"))
    ink = PAPER if node.now else ACCENT if node.link else INK
    soft = PAPER if node.now else SOFT
    lines = [(line, STRONG, ink) for line in box.label]
    lines += [(line, REGULAR, soft) for line in box.detail]
    y = place.y - (len(lines) - 1) * size * LEADING / 2 + 0.35 * size
    for line, weight, colour in lines:
        _write(inside, line, (left + PAD_X, y), size, weight, colour)
        y += size * LEADING


def _write(parent: Element, line: Line, at: Point, size: float, weight: int, colour: str) -> None:
    text = SubElement(parent, f"{{{SVG}}}text")
    text.set("x", f"{at[0]:.6g}")
    text.set("y", f"{at[1]:.6g}")
    style = f"font-size: {size:g}px; font-weight: {weight}; fill: {colour}; stroke: none; {TABULAR}"
    text.set("style", themed(style))
    last: Element | None = None
    for run in line:
        if run.at:
            last = SubElement(text, f"{{{SVG}}}tspan")
            last.set("class", "measured")
            last.set("data-at", run.at)
            if colour == PAPER:  # on the accent colour, its dotted line would not be seen
                last.set("style", themed(f"text-decoration-color: {PAPER}"))
            last.text = run.text
        elif last is None:
            text.text = (text.text or "") + run.text
        else:
            last.tail = (last.tail or "") + run.text


def _draw_arrow(
    root: Element, diagram: Diagram, arrow: Arrow, route: Sequence[Point], layout: Layout
) -> tuple[float, float]:
    """Draw one arrow with its label; returns how far left and right the label reaches."""
    edge, size = arrow.edge, diagram.text_px
    colour = ACCENT if edge.now else SOFT if edge.dashed else INK
    group = _group(root, "edge", edge.step)
    group.set("data-edge", f"{edge.start} {edge.end}")
    route = _off_boxes(route)
    line = SubElement(group, f"{{{SVG}}}path", d=_rounded(route))
    dashes = f"; stroke-dasharray: {STROKE * 1.5:g} {STROKE * 2.5:g}" if edge.dashed else ""
    line.set("style", themed(f"fill: none; stroke: {colour}{dashes}"))
    head = SubElement(group, f"{{{SVG}}}path", d=_head(route))
    head.set("style", themed(f"fill: none; stroke: {colour}"))
    if not arrow.label:
        return 0.0, layout.width
    (x1, y1), (x2, y2) = max(pairwise(route), key=lambda ends: math.dist(*ends))
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    wide = max(line_width(words, size, REGULAR) for words in arrow.label)
    # Beside an upright arrow, inside the sheet if it can be; above a level one.
    start = x - wide / 2 if abs(x1 - x2) > 1 else x + 16
    if start + wide > layout.width and x - 16 - wide >= 0:
        start = x - 16 - wide
    y += -14 if abs(x1 - x2) > 1 else 0.35 * size
    y -= (len(arrow.label) - 1) * size * LEADING / (1 if abs(x1 - x2) > 1 else 2)
    for words in arrow.label:
        _write(group, words, (start, y), size, REGULAR, SOFT)
        y += size * LEADING
    return start, start + wide


def _off_boxes(route: Sequence[Point]) -> list[Point]:
    """The route with its ends drawn in a little, so that arrows don't touch the boxes' edges."""
    made = list(route)
    for end, near in ((0, 1), (-1, -2)):
        (x, y), (to_x, to_y) = made[end], made[near]
        length = math.dist(made[end], made[near]) or 1.0
        gap = min(STROKE * 1.5, length / 4)
        made[end] = (x + (to_x - x) / length * gap, y + (to_y - y) / length * gap)
    return made


def _rounded(route: Sequence[Point]) -> str:
    """An SVG path along the route, its turns rounded."""
    path = [f"M{route[0][0]:.6g} {route[0][1]:.6g}"]
    for before, turn, after in zip(route, route[1:], route[2:], strict=False):
        radius = min(CORNER, math.dist(before, turn) / 2, math.dist(turn, after) / 2)
        (ax, ay), (bx, by) = _towards(turn, before, radius), _towards(turn, after, radius)
        path.append(f"L{ax:.6g} {ay:.6g}Q{turn[0]:.6g} {turn[1]:.6g} {bx:.6g} {by:.6g}")
    path.append(f"L{route[-1][0]:.6g} {route[-1][1]:.6g}")
    return "".join(path)


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end) or 1.0
    share = distance / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _head(route: Sequence[Point]) -> str:
    (x, y), (from_x, from_y) = route[-1], route[-2]
    angle = math.atan2(y - from_y, x - from_x)
    wings = [
        (x - HEAD * math.cos(angle + turn), y - HEAD * math.sin(angle + turn))
        for turn in (math.pi / 4, -math.pi / 4)
    ]
    (ax, ay), (bx, by) = wings
    return f"M{ax:.6g} {ay:.6g}L{x:.6g} {y:.6g}L{bx:.6g} {by:.6g}"
