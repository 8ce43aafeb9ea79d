"""Diagrams from deck/diagrams/, with the run's numbers: drawn, or as they are kept.

What draws is imported only while drawing: Graphviz (WebAssembly, half a second to load) as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.files import read_bytes
from pipeline.locale import Locale
from pipeline.memo import Form, key_of
from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.graph import Graph, read_graph
from pipeline.pictures.diagrams.source import Diagram, read_diagram
from pipeline.pictures.picture import Pictures, kept_pictures
from pipeline.problems import Source, TalkError

Read = TypeVar("Read", Diagram, Graph)
_DIAGRAM: Form[Diagram] = Form(Diagram)
_GRAPH: Form[Graph] = Form(Graph)


def draw_diagrams(
    folder: Path, numbers: Numbers, slide_ids: Collection[str], cache: Path | None = None
) -> Pictures:
    """Name -> picture of each TOML and DOT file in `folder` (none if there is no such folder).

    A drawing is kept in `cache` under its filled text and the drawing code. Raises TalkError with
    path and line for what is wrong in a file, or for a link to a slide that isn't in `slide_ids`.
    """
    pictures: Pictures = {}
    said_in = "" if numbers.locale.is_english else numbers.locale.tag

    def kept(path: Path, form: Form[Read], read: Callable[[], Read]) -> Read:
        raw = read_bytes(path, "the diagram")
        return numbers.memo.of(key_of(path.name, raw, numbers.key, [*slide_ids]), form, read)

    for path in sorted(folder.glob("[!.]*.toml")):
        diagram = kept(path, _DIAGRAM, partial(read_diagram, path, numbers, slide_ids))
        key = msgspec.json.encode(diagram).decode() + said_in
        draw = partial(_drawn, diagram, Source(path), numbers.locale)
        pictures |= kept_pictures(cache, "diagram", key, draw)
    for path in sorted(folder.glob("[!.]*.dot")):
        if path.stem in pictures:
            message = f"two diagrams are called `{path.stem}`: {path.name} and {path.stem}.toml"
            raise TalkError(message, Source(path), "rename one")
        graph = kept(path, _GRAPH, partial(read_graph, path, numbers, slide_ids, cache))
        key = msgspec.json.encode(graph).decode() + said_in
        draw = partial(_graph_drawn, graph, Source(path), numbers.locale)
        pictures |= kept_pictures(cache, "diagram", key, draw)
    return pictures


def _graph_drawn(graph: Graph, where: Source, locale: Locale) -> Pictures:
    from pipeline.pictures.diagrams.graph_draw import draw_graph

    return {graph.name: draw_graph(graph, where, locale)}


def _drawn(diagram: Diagram, where: Source, locale: Locale) -> Pictures:
    from pipeline.pictures.diagrams.boxes import draw_diagram

    return {diagram.name: draw_diagram(diagram, where, locale)}
