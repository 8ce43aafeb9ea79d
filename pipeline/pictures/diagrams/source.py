"""deck/diagrams/NAME.toml -> a Diagram with the run's values in its texts, checked by line."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from pipeline.files import read_text
from pipeline.numbers.fill import Filled, Numbers
from pipeline.problems import Source, TalkError, nearest

KINDS = ("data", "step", "model", "result")
DIRECTIONS = ("down", "right")
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
    kind: str = "step"
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
    direction: str = "down"
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
    direction: str
    ranks: tuple[tuple[str, ...], ...]
    text_px: int
    room_px: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def plain(lines: Iterable[Line]) -> str:
    """The text alone, lines joined by a space."""
    return " ".join("".join(run.text for run in line) for line in lines)


class _Reader:
    """One file while it is read: raises its errors with their lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = read_text(path, "the diagram")

    def reject(
        self, message: str, hint: str, key: str = "", table: str = "", index: int = 0
    ) -> NoReturn:
        raise TalkError(message, self.source(key, table, index), hint)

    def source(self, key: str, table: str = "", index: int = 0) -> Source:
        """Where `key` stands: at the top, or in the `index`-th [[table]]."""
        seen, inside, header = -1, not table, None
        for number, line in enumerate(self.text.split("\n"), 1):
            if found := re.match(r"\s*\[\[?\s*([\w-]+)\s*\]", line):
                seen += found[1] == table
                inside = bool(table) and found[1] == table and seen == index
                header = number if inside else header
            if inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return Source(self.path, number)
        return Source(self.path, header)

    def read(self) -> DiagramFile:
        try:
            tables = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            where = Source(self.path, int(line[1]) if line else None)
            raise TalkError(f"not valid TOML: {error}", where, "texts need quotes") from None
        self._known(tables, DiagramFile)
        for table, kind in (("nodes", Node), ("edges", Edge)):
            entries = tables.get(table, [])
            for index, entry in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(entry, dict):
                    self._known(entry, kind, table, index)
        try:
            return msgspec.convert(tables, DiagramFile)
        except msgspec.ValidationError as error:
            self._wrong_value(error)

    def _known(self, entry: dict[str, Any], kind: type, table: str = "", index: int = 0) -> None:
        known = {f.name for f in dataclasses.fields(kind)}
        for key in entry:
            if key not in known:
                where = f"[[{table}]]" if table else "the diagram"
                self.reject(
                    f"unknown key `{key}` in {where}", nearest(key, known), key, table, index
                )

    def _wrong_value(self, error: msgspec.ValidationError) -> NoReturn:
        message, _, at = str(error).partition(" - at `$")
        place = re.match(r"\.(\w+)(?:\[(\d+)\])?(?:\.(\w+))?", at)
        missing = re.search(r"required field `(\w+)`", message)
        hint = f"add `{missing[1]} = …`" if missing else "see deck/diagrams/README.md"
        message = message.replace("Object missing required field", "missing key")
        if place is None:
            self.reject(message, hint)
        table, index, key = place[1], place[2], place[3] or ""
        if index is None or table == "ranks":
            self.reject(f"{message} in `{table}`", hint, table)
        self.reject(f"{message} in [[{table}]]", hint, key, table, int(index))

    def check(self, file: DiagramFile, slides: Collection[str]) -> None:
        ids = [node.id for node in file.nodes]
        if not ids:
            self.reject("the diagram has no nodes", "add [[nodes]]", "nodes")
        if file.direction not in DIRECTIONS:
            self.reject(
                f"unknown direction `{file.direction}`",
                nearest(file.direction, DIRECTIONS),
                "direction",
            )
        for at, node in enumerate(file.nodes):
            if ids.index(node.id) != at:
                self.reject(f"two nodes have the id `{node.id}`", "rename one", "id", "nodes", at)
            if node.kind not in KINDS:
                hint = nearest(node.kind, KINDS)
                self.reject(f"unknown kind `{node.kind}`", hint, "kind", "nodes", at)
            if node.link and node.link not in slides:
                hint = nearest(node.link, slides) if slides else "the talk has no slides"
                self.reject(f"there is no slide `{node.link}`", hint, "link", "nodes", at)
        for at, edge in enumerate(file.edges):
            for key in ("start", "end"):
                name = getattr(edge, key)
                if name not in ids:
                    self.reject(f"there is no node `{name}`", nearest(name, ids), key, "edges", at)
        ranked = [name for rank in file.ranks for name in rank]
        for name in ranked:
            if name not in ids:
                self.reject(f"there is no node `{name}`", nearest(name, ids), "ranks")
            if ranked.count(name) > 1:
                self.reject(f"node `{name}` stands in two ranks", "take one out", "ranks")


def read_diagram(path: Path, numbers: Numbers, slides: Collection[str]) -> Diagram:
    """Read one diagram, check its names and links, and put the run's values in.

    Raises TalkError with path and line for an unknown key, node, kind or slide, a missing or wrong
    value, or a placeholder that names nothing.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", path.stem):
        raise TalkError(
            f"`{path.name}` is no name for a diagram", Source(path), "small letters, digits and -"
        )
    reader = _Reader(path)
    file = reader.read()
    reader.check(file, slides)

    def lines(text: str, key: str, table: str, at: int) -> tuple[Line, ...]:
        return _lines(numbers.fill(text, reader.source(key, table, at)))

    boxes = []
    for at, node in enumerate(file.nodes):
        label = lines(node.label, "label", "nodes", at)
        if not label:
            reader.reject(f"node `{node.id}` has no label", "say what it is", "label", "nodes", at)
        boxes.append(Box(node, label, lines(node.detail, "detail", "nodes", at)))
    arrows = [
        Arrow(edge, lines(edge.label, "label", "edges", at)) for at, edge in enumerate(file.edges)
    ]
    title, desc = (
        " ".join(numbers.fill(text, reader.source(key)).plain.split())
        for key, text in (("title", file.title), ("desc", file.desc))
    )
    return Diagram(
        path.stem,
        title,
        desc,
        file.direction,
        file.ranks,
        file.text_px,
        file.room_px,
        tuple(boxes),
        tuple(arrows),
    )


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
