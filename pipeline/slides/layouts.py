"""templates/layouts.toml -> Layout: what slides of each layout consist of.

A talk may have a folder of its own beside ours: TALK/templates with layouts.toml, a template for
each of its layouts in layouts/, and talk.css.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.problems import Source, TalkError
from pipeline.resources import TEMPLATES
from pipeline.toml_file import TomlFile, read_toml

OWN_STYLES = "talk.css"
_ENDING = ".html.j2"


class Room(msgspec.Struct, frozen=True):
    """What a part has on the slide, in its pixels: for an estimate where no browser measures."""

    width: int = 1136
    letters: int = 28
    line: float = 1.35  # height of a line, in letters
    beside: bool = False  # such parts share the width
    across: int = 1  # so many cards stand side by side, each of `width`
    around: int = 0  # what a row of cards needs besides their text


class Layout(msgspec.Struct, frozen=True):
    """What slides of one layout consist of."""

    about: str = ""
    needs: tuple[str, ...] = ()  # parts
    needs_one: tuple[str, ...] = ()  # of which there must be one
    may: tuple[str, ...] = ()
    each: tuple[str, ...] = ()  # parts that may be shown item by item
    cards: tuple[str, ...] = ()  # parts in which a ### heading begins a card
    fields: tuple[str, ...] = ()  # front matter that it may have
    needs_fields: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = {}  # field -> its values
    classes: tuple[str, ...] = ()  # inline classes that content may use
    counted: bool = True  # whether its words count (not those of a glossary)
    most_words: int = 0  # on a slide; 0: as for all layouts
    most_items: int = 0  # in a list; 0: any number
    titled: bool = True  # whether its title is seen
    room: dict[str, Room] = {}  # part, or part.look -> what it has
    name: str = ""


class LayoutsFile(msgspec.Struct, frozen=True):
    """layouts.toml; what stands at its top goes for all layouts."""

    fields: tuple[str, ...] = ()
    needs_fields: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    most_words: int = 0
    about: dict[str, str] = {}  # field -> what it is
    layouts: dict[str, Layout] = {}


def load_layouts(talk: Path | None = None) -> Mapping[str, Layout]:
    """The layouts by name: ours, and those of the talk in the folder `talk` over them.

    Raises TalkError with the line of what is wrong in a file.
    """
    ours = _ours()
    own = own_layouts(talk, ours.layouts) if talk else LayoutsFile()
    return {
        name: replace(
            layout,
            name=name,
            fields=(*ours.fields, *own.fields, *layout.fields),
            needs_fields=(*ours.needs_fields, *own.needs_fields, *layout.needs_fields),
            classes=(*ours.classes, *own.classes),
            most_words=layout.most_words or own.most_words or ours.most_words,
        )
        for name, layout in sorted({**ours.layouts, **own.layouts}.items())
    }


def fields_about(talk: Path | None = None) -> Mapping[str, str]:
    """What each field of front matter is, the talk's own among them."""
    ours = _ours()
    return {**ours.about, **(own_layouts(talk, ours.layouts).about if talk else {})}


def _ours() -> LayoutsFile:
    return read_toml(TEMPLATES / "layouts.toml", "the list of layouts").to(LayoutsFile)


def own_layouts(talk: Path, ours: Mapping[str, Layout]) -> LayoutsFile:
    """The layouts that a talk's own file says.

    One with a template of the talk stands alone; of one of ours it says only what is otherwise.
    """
    folder = own_templates(talk)
    if folder is None:
        return LayoutsFile()
    path = folder / "layouts.toml"
    file = (
        read_toml(path, "the talk's list of layouts") if path.is_file() else TomlFile(path, "", {})
    )
    own, made = file.to(LayoutsFile), {}
    for name, layout in own.layouts.items():
        if own_template(talk, name):
            made[name] = layout
        elif name in ours:
            table = file.tables["layouts"][name]  # type: ignore[index]
            made[name] = replace(ours[name], **{key: getattr(layout, key) for key in table})
        else:
            message = f"the layout `{name}` has no template"
            file.reject(message, f"write templates/layouts/{name}{_ENDING}", "layouts", name)
    for template in sorted(folder.glob(f"layouts/*{_ENDING}")):
        name = template.name.removesuffix(_ENDING)
        if name not in made and name not in ours and not name.startswith(("_", ".")):
            message = f"the layout `{name}` is not in the talk's templates/layouts.toml"
            hint = f'add [layouts.{name}] with about = "…" and its parts, or begin its name with _'
            raise TalkError(message, Source(template), hint)
    return replace(own, layouts=made)


def own_templates(talk: Path) -> Path | None:
    """The folder of a talk's own layouts and styles; None for a generator's, and without one."""
    folder = talk / "templates"
    isnt_ours = folder.resolve() != TEMPLATES and not (folder / "scripts.json").is_file()
    return folder if folder.is_dir() and isnt_ours else None


def own_template(talk: Path, layout: str) -> Path | None:
    """The talk's own template of a layout. Raises TalkError if it lies outside its folder."""
    folder = own_templates(talk)
    path = folder / "layouts" / f"{layout}{_ENDING}" if folder else None
    if folder is None or path is None or not os.path.isfile(path):  # noqa: PTH113 -- Path.is_file raises for a name too long
        return None
    if not path.resolve().is_relative_to(folder.resolve()):
        raise TalkError("the layout lies outside the talk", Source(path), "copy it into the folder")
    return path
