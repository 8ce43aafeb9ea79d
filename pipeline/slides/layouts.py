"""templates/layouts.toml -> Layout: what slides of each layout consist of."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.resources import TEMPLATES


@dataclass(frozen=True, slots=True)
class Layout:
    """What slides of one layout consist of."""

    name: str
    about: str = ""
    needs: tuple[str, ...] = ()  # parts
    may: tuple[str, ...] = ()
    each: tuple[str, ...] = ()  # parts that may be shown item by item
    cards: tuple[str, ...] = ()  # parts in which a ### heading begins a card
    fields: tuple[str, ...] = ()  # front matter that it may have
    needs_fields: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)  # field -> its values
    classes: tuple[str, ...] = ()  # inline classes that content may use
    counted: bool = True  # whether its words count (not those of a glossary)


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
