"""deck/diagrams/NAME.toml -> a Diagram with the run's values in its texts, checked by line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.numbers.fill import Numbers
from pipeline.pictures.text import Line, runs_of
from pipeline.problems import Source, TalkError, nearest
from pipeline.toml_file import Key, TomlFile, read_toml


class Node(msgspec.Struct, frozen=True):
    """[[nodes]]: a box. Texts may hold placeholders and line breaks."""

    id: str
    label: str
    detail: str = ""  # smaller, under the label
    kind: Literal["data", "step", "model", "result"] = "step"
    now: bool = False  # the stage that the talk is at: in the accent colour
    link: str = ""  # id of the slide that explains it
    step: int = 0  # appears on this step of the slide; 0: is there from the start


class Edge(msgspec.Struct, frozen=True):
    """[[edges]]: an arrow between two boxes."""

    start: str
    end: str
    label: str = ""
    dashed: bool = False
    now: bool = False
    step: int = 0


class DiagramFile(msgspec.Struct, frozen=True):
    """A diagram as it is written. `ranks` lists the boxes that stand level, first rank first."""

    title: str
    desc: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    direction: Literal["down", "right"] = "down"
    ranks: tuple[tuple[str, ...], ...] = ()
    text_px: int = 24
    room_px: int = 300  # a line is no wider: it wraps once, and what is still too long is cut


class Box(msgspec.Struct, frozen=True):
    """A node with its values put in."""

    node: Node
    label: tuple[Line, ...]
    detail: tuple[Line, ...]


class Arrow(msgspec.Struct, frozen=True):
    """An edge with its values put in."""

    edge: Edge
    label: tuple[Line, ...]


class Diagram(msgspec.Struct, frozen=True):
    """All that a drawing depends on; `file` is what no run changes."""

    name: str
    title: str
    desc: str
    file: DiagramFile
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def read_diagram(path: Path, numbers: Numbers, slides: Collection[str]) -> Diagram:
    """Read one diagram, check its names and links, and put the run's values in.

    Raises TalkError with path and line for an unknown key, node, kind or slide, a missing or wrong
    value, or a placeholder that names nothing.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", path.stem):
        raise TalkError(
            f"`{path.name}` is no name for a diagram", Source(path), "small letters, digits and -"
        )
    toml, file = _read(path)
    _check(file, toml, slides)

    def lines(text: str, *keys: Key) -> tuple[Line, ...]:
        filled = numbers.fill(text, toml.text_source(*keys))
        parts = (" ".join(part.split()) for part in filled.text.split("\n"))
        return tuple(runs_of(filled, part) for part in parts if part)

    boxes = []
    for at, node in enumerate(file.nodes):
        label = lines(node.label, "nodes", at, "label")
        if not label:
            toml.reject(f"node `{node.id}` has no label", "say what it is", "nodes", at, "label")
        boxes.append(Box(node, label, lines(node.detail, "nodes", at, "detail")))
    arrows = [Arrow(e, lines(e.label, "edges", at, "label")) for at, e in enumerate(file.edges)]
    title, desc = (
        " ".join(numbers.fill(text, toml.text_source(key)).plain.split())
        for key, text in (("title", file.title), ("desc", file.desc))
    )
    return Diagram(path.stem, title, desc, file, tuple(boxes), tuple(arrows))


def diagram_texts(path: Path) -> Iterator[tuple[str, str, Source]]:
    """The texts of a diagram before they are filled: their key, and where they begin."""
    toml, file = _read(path)
    yield "title", file.title, toml.text_source("title")
    yield "desc", file.desc, toml.text_source("desc")
    for at, node in enumerate(file.nodes):
        yield "label", node.label, toml.text_source("nodes", at, "label")
        yield "detail", node.detail, toml.text_source("nodes", at, "detail")
    for at, edge in enumerate(file.edges):
        yield "label", edge.label, toml.text_source("edges", at, "label")


def _read(path: Path) -> tuple[TomlFile, DiagramFile]:
    toml = read_toml(path, "the diagram", "see docs/diagrams.md")
    return toml, toml.to(DiagramFile)


def _check(file: DiagramFile, toml: TomlFile, slides: Collection[str]) -> None:
    """Every name that a node, an arrow or a rank uses is there, once."""
    ids = [node.id for node in file.nodes]
    if not ids:
        toml.reject("the diagram has no nodes", "add [[nodes]]", "nodes")
    for at, node in enumerate(file.nodes):
        if ids.index(node.id) != at:
            toml.reject(f"two nodes have the id `{node.id}`", "rename one", "nodes", at, "id")
        if node.link and node.link not in slides:
            hint = nearest(node.link, slides) if slides else "the talk has no slides"
            toml.reject(f"there is no slide `{node.link}`", hint, "nodes", at, "link")

    def known(name: str, *keys: Key) -> None:
        if name not in ids:
            toml.reject(f"there is no node `{name}`", nearest(name, ids), *keys)

    for at, edge in enumerate(file.edges):
        known(edge.start, "edges", at, "start")
        known(edge.end, "edges", at, "end")
    ranked = [name for rank in file.ranks for name in rank]
    for name in ranked:
        known(name, "ranks")
        if ranked.count(name) > 1:
            toml.reject(f"node `{name}` stands in two ranks", "take one out", "ranks")
