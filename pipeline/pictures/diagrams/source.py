"""deck/diagrams/NAME.toml -> a Diagram with the run's values in its texts, checked by line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.numbers.fill import Filled, Numbers
from pipeline.problems import Source, TalkError, nearest
from pipeline.toml_file import Key, TomlFile, read_toml

Kind = Literal["data", "step", "model", "result"]
Direction = Literal["down", "right"]
_MARK = re.compile("\ue000(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a text: as it is shown, and its place in results.json if it was measured."""

    text: str
    at: str = ""


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """[[nodes]]: a box. Texts may hold placeholders and line breaks."""

    id: str
    label: str
    detail: str = ""  # smaller, under the label
    kind: Kind = "step"
    now: bool = False  # the stage that the talk is at: in the accent colour
    link: str = ""  # id of the slide that explains it
    step: int = 0  # appears on this step of the slide; 0: is there from the start


@dataclass(frozen=True, slots=True)
class Edge:
    """[[edges]]: an arrow between two boxes."""

    start: str
    end: str
    label: str = ""
    dashed: bool = False
    now: bool = False
    step: int = 0


@dataclass(frozen=True, slots=True)
class DiagramFile:
    """A diagram as it is written. `ranks` lists the boxes that stand level, first rank first."""

    title: str
    desc: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    direction: Direction = "down"
    ranks: tuple[tuple[str, ...], ...] = ()
    text_px: int = 24
    room_px: int = 300  # a line is no wider: it wraps once, and what is still too long is cut


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its values put in."""

    node: Node
    label: tuple[Line, ...]
    detail: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge with its values put in."""

    edge: Edge
    label: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """All that a drawing depends on."""

    name: str
    title: str
    desc: str
    direction: Direction
    ranks: tuple[tuple[str, ...], ...]
    text_px: int
    room_px: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def plain(lines: Iterable[Line]) -> str:
    """The text alone, lines joined by a space."""
    return " ".join("".join(run.text for run in line) for line in lines)


def read_diagram(path: Path, numbers: Numbers, slides: Collection[str]) -> Diagram:
    """Read one diagram, check its names and links, and put the run's values in.

    Raises TalkError with path and line for an unknown key, node, kind or slide, a missing or wrong
    value, or a placeholder that names nothing.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", path.stem):
        raise TalkError(
            f"`{path.name}` is no name for a diagram", Source(path), "small letters, digits and -"
        )
    file = read_toml(path, "the diagram", "see deck/diagrams/README.md")
    drawn = file.to(DiagramFile)
    _check(drawn, file, slides)

    def lines(text: str, *keys: Key) -> tuple[Line, ...]:
        return _lines(numbers.fill(text, file.text_source(*keys)))

    boxes = []
    for at, node in enumerate(drawn.nodes):
        label = lines(node.label, "nodes", at, "label")
        if not label:
            file.reject(f"node `{node.id}` has no label", "say what it is", "nodes", at, "label")
        boxes.append(Box(node, label, lines(node.detail, "nodes", at, "detail")))
    arrows = [
        Arrow(edge, lines(edge.label, "edges", at, "label")) for at, edge in enumerate(drawn.edges)
    ]
    title, desc = (
        " ".join(numbers.fill(text, file.text_source(key)).plain.split())
        for key, text in (("title", drawn.title), ("desc", drawn.desc))
    )
    return Diagram(
        path.stem,
        title,
        desc,
        drawn.direction,
        drawn.ranks,
        drawn.text_px,
        drawn.room_px,
        tuple(boxes),
        tuple(arrows),
    )


def diagram_texts(path: Path) -> Iterator[tuple[str, str, Source]]:
    """The texts of a diagram before they are filled: their key, and where they begin."""
    file = read_toml(path, "the diagram", "see deck/diagrams/README.md")
    drawn = file.to(DiagramFile)
    yield "title", drawn.title, file.text_source("title")
    yield "desc", drawn.desc, file.text_source("desc")
    for at, node in enumerate(drawn.nodes):
        yield "label", node.label, file.text_source("nodes", at, "label")
        yield "detail", node.detail, file.text_source("nodes", at, "detail")
    for at, edge in enumerate(drawn.edges):
        yield "label", edge.label, file.text_source("edges", at, "label")


def _check(drawn: DiagramFile, file: TomlFile, slides: Collection[str]) -> None:
    """Every node has a name of its own, and every name means a node or a slide."""
    ids = [node.id for node in drawn.nodes]
    if not ids:
        file.reject("the diagram has no nodes", "add [[nodes]]", "nodes")
    for at, node in enumerate(drawn.nodes):
        if ids.index(node.id) != at:
            file.reject(f"two nodes have the id `{node.id}`", "rename one", "nodes", at, "id")
        if node.link and node.link not in slides:
            hint = nearest(node.link, slides) if slides else "the talk has no slides"
            file.reject(f"there is no slide `{node.link}`", hint, "nodes", at, "link")
    for at, edge in enumerate(drawn.edges):
        for key, name in (("start", edge.start), ("end", edge.end)):
            if name not in ids:
                file.reject(f"there is no node `{name}`", nearest(name, ids), "edges", at, key)
    ranked = [name for rank in drawn.ranks for name in rank]
    for name in ranked:
        if name not in ids:
            file.reject(f"there is no node `{name}`", nearest(name, ids), "ranks")
        if ranked.count(name) > 1:
            file.reject(f"node `{name}` stands in two ranks", "take one out", "ranks")


def _lines(filled: Filled) -> tuple[Line, ...]:
    """The lines of a filled text that have something in them, values as runs of their own."""
    made = []
    for text in filled.text.split("\n"):
        runs: list[Run] = []
        for at, piece in enumerate(_MARK.split(" ".join(text.split()))):
            if at % 2 == 0:
                runs.append(Run(piece))
                continue
            mark = filled.marks[int(piece)]
            shown = " ".join(mark.text.split())
            runs.append(Run(shown, mark.at if mark.value is not None else ""))
        if line := tuple(run for run in runs if run.text):
            made.append(line)
    return tuple(made)
