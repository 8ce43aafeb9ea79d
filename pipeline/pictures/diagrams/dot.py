"""A diagram in DOT: Graphviz sees no word of it, only how many lines there are and how wide."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.pictures.diagrams.source import Arrow, Box, Diagram, DiagramFile
from pipeline.pictures.text import Line, plain, text_width
from pipeline.pictures.theme import REGULAR, STROKE, STRONG

if TYPE_CHECKING:
    from graphviz import Digraph

PAD_X, PAD_Y = 15.0, 8.0  # px between a box and its text
CLEAR = 2.0  # px between a box and the end of Graphviz's arrows, which stop a little earlier
CORNER = 8.0  # radius of an arrow's turns
LEADING = 1.2  # line height over text size, as Graphviz has it
M_WIDTH = 0.833  # em, of Helvetica's m: Graphviz has its widths, not those of the deck's face
# Direction, and whether arrows have labels -> px between ranks, and between boxes side by side.
GAPS = {
    ("down", False): (26.0, 35.0),
    ("down", True): (46.0, 35.0),
    ("right", False): (130.0, 40.0),
    ("right", True): (60.0, 40.0),
}

Place = tuple[int, int]  # rank and column, from 0


def dot_source(diagram: Diagram) -> str:
    """The diagram in DOT, its boxes n0, n1, … and its arrows e0, e1, … as in the file."""
    from graphviz import Digraph

    file, curved = diagram.file, _is_curved(diagram)
    down, size = file.direction == "down", str(file.text_px)
    ranks, sides = GAPS[file.direction, curved]
    graph = Digraph(
        graph_attr={
            "rankdir": "TB" if down else "LR",
            "splines": "spline" if curved else "ortho",
            "ranksep": _inches(ranks - 2 * CLEAR),
            "nodesep": _inches(sides - 2 * CLEAR),
            "outputorder": "edgesfirst",
            "bgcolor": "transparent",
            "pad": "0",
        },
        node_attr={"shape": "box", "fixedsize": "true", "fontsize": size},
        edge_attr={"arrowhead": "vee", "arrowtail": "vee", "arrowsize": "1.1", "fontsize": size},
    )
    graph.attr("node", margin=f"{_inches(PAD_X + CLEAR)},0")
    graph.attr("edge", penwidth=str(STROKE), radius=str(CORNER))
    ids = {node.id: f"n{at}" for at, node in enumerate(file.nodes)}
    places = {n: (rank, at) for rank, names in enumerate(file.ranks) for at, n in enumerate(names)}
    for box, (width, height) in _sizes(diagram):
        name = box.node.id
        graph.node(
            ids[name],
            "x\\l" * (len(box.label) + len(box.detail)),
            id=ids[name],
            width=_inches(width + 2 * CLEAR),
            height=_inches(height + 2 * CLEAR),
            group=f"c{places[name][1]}" if down and name in places else "",
            URL=f"#/{box.node.link}" if box.node.link else "",
        )
    _hold_places(graph, file, ids)
    for at, arrow in enumerate(diagram.arrows):
        start, end, more = _edge(arrow, file.text_px, places, curved)
        graph.edge(ids[start], ids[end], id=f"e{at}", **more)
    return str(graph.source)


def _hold_places(graph: Digraph, file: DiagramFile, ids: Mapping[str, str]) -> None:
    """What holds boxes in their ranks where no arrow does."""
    joined = {pair for e in file.edges for pair in ((e.start, e.end), (e.end, e.start))}
    for names in file.ranks:
        with graph.subgraph(graph_attr={"rank": "same"}) as level:
            level.node(ids[names[0]])
            for left, right in pairwise(names):
                if (left, right) not in joined:
                    level.edge(ids[left], ids[right], style="invis")
                level.node(ids[right])
    for above, below in pairwise(file.ranks):
        if (above[0], below[0]) not in joined:
            graph.edge(ids[above[0]], ids[below[0]], style="invis", weight="10")


def _is_curved(diagram: Diagram) -> bool:
    """Graphviz has neither labels nor loops for arrows with right angles."""
    return any(a.label or a.edge.start == a.edge.end for a in diagram.arrows)


def _edge(
    arrow: Arrow, size: int, places: Mapping[str, Place], curved: bool
) -> tuple[str, str, dict[str, str]]:
    """Its ends and attributes. One against the ranks is written the other way round: they hold."""
    start, end = arrow.edge.start, arrow.edge.end
    more = {"style": "dashed"} if arrow.edge.dashed else {}
    if arrow.label:
        widest = max(text_width(plain([line]), size) for line in arrow.label) + size
        more["label"] = "\\n".join(["m" * math.ceil(widest / (M_WIDTH * size))] * len(arrow.label))
    if start in places and end in places:
        if places[start] > places[end]:
            start, end, more["dir"] = end, start, "back"
        if places[start][1] == places[end][1] == 0:
            more["weight"] = "10"
        if not curved and places[end][0] - places[start][0] > 1:
            more["constraint"] = "false"
    return start, end, more


def _sizes(diagram: Diagram) -> Iterator[tuple[Box, tuple[float, float]]]:
    """Width and height in px of each box: one for all; to the right, a width for each rank."""
    needed = {box.node.id: _needed(box, diagram.file.text_px) for box in diagram.boxes}
    height = max(size[1] for size in needed.values())
    groups = [tuple(needed)] if diagram.file.direction == "down" else diagram.file.ranks
    widths = {name: max(needed[n][0] for n in group) for group in groups for name in group}
    for box in diagram.boxes:
        yield box, (widths.get(box.node.id, needed[box.node.id][0]), height)


def _needed(box: Box, size: float) -> tuple[float, float]:
    """Width and height in px that the texts of a box need in the deck's own face."""

    def wide(lines: tuple[Line, ...], weight: int) -> list[float]:
        return [text_width(plain([line]), size, weight) for line in lines]

    widths = [*wide(box.label, STRONG), *wide(box.detail, REGULAR)]
    return math.ceil(max(widths) + 2 * PAD_X), math.ceil(len(widths) * size * LEADING + 2 * PAD_Y)


def _inches(px: float) -> str:
    return f"{px / 72:.4f}"
