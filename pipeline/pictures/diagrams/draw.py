"""Diagrams from deck/diagrams/*.toml: the run's numbers put in, laid out by Graphviz, cached.

Graphviz (WebAssembly, half a second to load) and fontTools are imported only while drawing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import msgspec

from pipeline.numbers.fill import Numbers
from pipeline.pictures.charts.draw import cached
from pipeline.pictures.diagrams.source import read_diagram
from pipeline.pictures.picture import Picture


def draw_diagrams(
    folder: Path, numbers: Numbers, slide_ids: Collection[str], cache: Path | None = None
) -> dict[str, Picture]:
    """Name -> picture of each TOML file in `folder` (none if there is no such folder).

    A drawing is kept in `cache` under its filled text and the drawing code. Raises TalkError with
    path and line for what is wrong in a file, or for a link to a slide that isn't in `slide_ids`.
    """
    pictures: dict[str, Picture] = {}
    for path in sorted(folder.glob("*.toml")):
        diagram = read_diagram(path, numbers, slide_ids)

        def draw() -> dict[str, Picture]:
            from pipeline.pictures.diagrams.svg import draw_diagram

            return {diagram.name: draw_diagram(diagram)}  # noqa: B023 - called at once

        if cache is None:
            pictures |= draw()
            continue
        key = hashlib.sha256(msgspec.json.encode(diagram)).hexdigest()
        pictures |= cached(cache, f"diagram-{key}", draw)
    return pictures
