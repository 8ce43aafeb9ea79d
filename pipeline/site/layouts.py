"""templates/layouts.toml -> Layout: what slides of each layout consist of."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.talk.slides import Layout

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def load_layouts(templates: Path = TEMPLATES) -> Mapping[str, Layout]:
    """The layouts by name; fields and classes at the top of the file go for all of them."""
    tables = tomllib.loads((templates / "layouts.toml").read_text("utf-8"))
    return {name: _layout(name, entry, tables) for name, entry in sorted(tables["layouts"].items())}


def _layout(name: str, entry: Mapping[str, Any], common: Mapping[str, Any]) -> Layout:
    def names(key: str) -> tuple[str, ...]:
        return tuple(entry.get(key, ()))

    return Layout(
        name=name,
        about=entry["about"],
        needs=names("needs"),
        may=names("may"),
        each=names("each"),
        cards=names("cards"),
        fields=(*common["fields"], *names("fields")),
        needs_fields=(*common["needs_fields"], *names("needs_fields")),
        choices={key: tuple(values) for key, values in entry.get("choices", {}).items()},
        classes=tuple(common["classes"]),
        counted=entry.get("counted", True),
    )
