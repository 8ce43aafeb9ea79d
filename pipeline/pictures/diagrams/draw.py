"""Diagrams from deck/diagrams/*.toml: the run's numbers put in, laid out by Graphviz, cached.

Graphviz (WebAssembly, half a second to load) and fontTools are imported only while drawing.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.source import read_diagram
from pipeline.pictures.picture import Pictures, kept_pictures


def draw_diagrams(
    folder: Path, numbers: Numbers, slide_ids: Collection[str], cache: Path | None = None
) -> Pictures:
    """Name -> picture of each TOML file in `folder` (none if there is no such folder).

    A drawing is kept in `cache` under its filled text and the drawing code. Raises TalkError with
    path and line for what is wrong in a file, or for a link to a slide that isn't in `slide_ids`.
    """
    pictures: Pictures = {}
    for path in sorted(folder.glob("*.toml")):
        diagram = read_diagram(path, numbers, slide_ids)

        def draw() -> Pictures:
            from pipeline.pictures.diagrams.svg import draw_diagram

            return {diagram.name: draw_diagram(diagram)}  # noqa: B023 - called at once

        key = msgspec.json.encode(diagram).decode()
        pictures |= kept_pictures(cache, "diagram", key, draw)
    return pictures
