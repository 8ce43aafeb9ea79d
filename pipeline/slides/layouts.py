"""templates/layouts.toml -> Layout: what slides of each layout consist of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.resources import TEMPLATES
from pipeline.toml_file import read_toml


@dataclass(frozen=True, slots=True)
class Room:
    """What a part has on the slide, in its pixels: for an estimate where no browser measures."""

    width: int = 1136
    letters: int = 28
    line: float = 1.35  # height of a line, in letters
    beside: bool = False  # such parts share the width


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
    most_words: int = 0  # on a slide; 0: as for all layouts
    most_items: int = 0  # in a list; 0: any number
    titled: bool = True  # whether its title is seen
    room: dict[str, Room] = field(default_factory=dict)  # part -> what it has
    name: str = ""


@dataclass(frozen=True, slots=True)
class LayoutsFile:
    """layouts.toml; what stands at its top goes for all layouts."""

    fields: tuple[str, ...]
    needs_fields: tuple[str, ...]
    classes: tuple[str, ...]
    most_words: int
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
            most_words=layout.most_words or file.most_words,
        )
        for name, layout in sorted(file.layouts.items())
    }
