"""templates/layouts.toml -> Layout: what slides of each layout consist of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.resources import TEMPLATES
from pipeline.toml_file import read_toml


@dataclass(frozen=True, slots=True)
class Layout:
    """What slides of one layout consist of."""

    about: str
    needs: tuple[str, ...] = ()  # parts
    needs_one: tuple[str, ...] = ()  # of which there must be one
    may: tuple[str, ...] = ()
    each: tuple[str, ...] = ()  # parts that may be shown item by item
    cards: tuple[str, ...] = ()  # parts in which a ### heading begins a card
    fields: tuple[str, ...] = ()  # front matter that it may have
    needs_fields: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)  # field -> its values
    classes: tuple[str, ...] = ()  # inline classes that content may use
    counted: bool = True  # whether its words count (not those of a glossary)
    name: str = ""


@dataclass(frozen=True, slots=True)
class LayoutsFile:
    """layouts.toml; what stands at its top goes for all layouts."""

    fields: tuple[str, ...]
    needs_fields: tuple[str, ...]
    classes: tuple[str, ...]
    layouts: dict[str, Layout]


def load_layouts(templates: Path = TEMPLATES) -> Mapping[str, Layout]:
    """The layouts by name. Raises TalkError with the line of what is wrong in the file."""
    file = read_toml(templates / "layouts.toml", "the list of layouts").to(LayoutsFile)
    return {
        name: replace(
            layout,
            name=name,
            fields=(*file.fields, *layout.fields),
            needs_fields=(*file.needs_fields, *layout.needs_fields),
            classes=file.classes,
        )
        for name, layout in sorted(file.layouts.items())
    }
