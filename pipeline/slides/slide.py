"""deck/slides/NN-name.md -> Slide: front matter, parts with their steps, checked.

A slide names a layout; what the layout needs, may have and shows step by step comes from outside
(templates/layouts.toml), so that nothing here knows a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.numbers.fill import Filled, Mark, Numbers
from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.layouts import Layout
from pipeline.slides.markdown import (
    KINDS,
    Content,
    Item,
    Link,
    Markup,
    PictureUse,
    read,
    read_inline,
)
from pipeline.slides.source import BODY, RawPart, diagram_steps, read_slide, slide_files


@dataclass(frozen=True, slots=True)
class FrontMatterField:
    """One line of front matter, filled."""

    name: str
    text: str
    content: Content
    source: Source


@dataclass(frozen=True, slots=True)
class SlidePart:
    """A part of a slide; `first_step` is the number of its first step, from 0."""

    name: str
    content: Content
    text: str
    steps: int
    source: Source
    first_step: int = 0
    is_step: bool = False  # the part as a whole appears on a step
    items: tuple[Item, ...] = ()

    @property
    def step(self) -> int | None:
        """The step on which the part as a whole appears, from 0; None: it is there at once."""
        return self.first_step if self.is_step else None


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide, checked against its layout."""

    number: int
    name: str  # its id: #/name leads to it
    title: Content
    title_text: str
    layout: str
    fields: Mapping[str, FrontMatterField]
    parts: tuple[SlidePart, ...]
    steps: int
    words: int  # outside tables, glossaries and sources
    shows: frozenset[str]  # names of its pictures, and of links that open one
    marks: tuple[Mark, ...]
    source: Source
    pictures: tuple[PictureUse, ...] = ()
    links: tuple[Link, ...] = ()
    picture_steps: int = 0  # of its diagram, which come after those of its parts
    notes: RawPart | None = None  # what is said where the script has no section; not filled in

    def part(self, name: str) -> SlidePart | None:
        return next((part for part in self.parts if part.name == name), None)


def load_slides(folder: Path, layouts: Mapping[str, Layout], numbers: Numbers) -> tuple[Slide, ...]:
    """All slides of a folder in order. Raises TalkError with path:line for the first fault."""
    slides = tuple(
        load_slide(path, number, name, layouts, numbers)
        for number, name, path in slide_files(folder)
    )
    check_slide_links(slides)
    return slides


def check_slide_links(slides: tuple[Slide, ...]) -> None:
    """Raises TalkError for the first link that leads to no slide."""
    names = {slide.name for slide in slides}
    for slide in slides:
        for link in slide.links:
            if link.target not in names:
                raise TalkError(
                    f"a link leads to `#/{link.target}`, and no slide has that name",
                    link.source,
                    nearest(link.target, names),
                )


def load_slide(
    path: Path, number: int, name: str, layouts: Mapping[str, Layout], numbers: Numbers
) -> Slide:
    """Parse, fill and check one file."""
    raw = read_slide(path)
    layout = _layout(raw.fields, layouts, Source(path, 1))
    read: list[tuple[Filled, Markup]] = []
    fields: dict[str, FrontMatterField] = {}
    pictures: list[PictureUse] = []
    words = step = 0
    for key, (text, where) in raw.fields.items():
        filled = numbers.fill(text, where)
        made = read_inline(filled, where, layout.classes)
        read.append((filled, made))
        pictures += made.pictures
        fields[key] = FrontMatterField(key, made.text, made.content, where)
        words += made.words if key in ("title", "kicker") else 0
        if key in KINDS:
            pictures += [PictureUse(key, n.strip(), where) for n in filled.plain.split(",")]
    _check_parts(raw.parts, layout, Source(path, 1))
    parts: list[SlidePart] = []
    for raw_part in raw.parts:
        part, made, filled = _part(raw_part, layout, numbers, step)
        parts.append(part)
        read.append((filled, made))
        pictures += made.pictures
        step += part.steps
        words += made.words if layout.counted else 0
    diagram, title = fields.get("diagram"), fields.get("title")
    diagrams = path.parent.parent / "diagrams"
    picture_steps = diagram_steps(diagrams / f"{diagram.text}.toml") if diagram else 0
    return Slide(
        number=number,
        name=name,
        title=title.content if title else Content((), Filled("", ())),
        title_text=title.text if title else "",
        layout=layout.name,
        fields=fields,
        parts=tuple(parts),
        steps=step + picture_steps,
        picture_steps=picture_steps,
        words=words,
        shows=frozenset(name for use in pictures for name in (use.name, _slug(use.opened)) if name),
        marks=tuple(mark for filled, _ in read for mark in filled.marks),
        source=Source(path, 1),
        pictures=tuple(pictures),
        links=tuple(link for _, made in read for link in made.links),
        notes=raw.notes,
    )


def _layout(
    fields: Mapping[str, tuple[str, Source]], layouts: Mapping[str, Layout], top: Source
) -> Layout:
    if "layout" not in fields:
        raise TalkError("the slide names no layout", top, "add `layout: NAME`")
    name, where = fields["layout"]
    if name not in layouts:
        raise TalkError(f"unknown layout `{name}`", where, nearest(name, layouts))
    layout = layouts[name]
    known = {"layout", *layout.needs_fields, *layout.fields}
    for key, (value, at) in fields.items():
        if key not in known:
            raise TalkError(
                f"unknown field `{key}` in the layout `{name}`", at, nearest(key, known)
            )
        if key in layout.choices and value not in layout.choices[key]:
            raise TalkError(f"`{key}` can't be `{value}`", at, nearest(value, layout.choices[key]))
    for key in layout.needs_fields:
        if key not in fields:
            raise TalkError(f"the layout `{name}` needs the field `{key}`", top, f"add `{key}: …`")
    return layout


def _check_parts(parts: tuple[RawPart, ...], layout: Layout, top: Source) -> None:
    known = (*layout.needs, *layout.may)
    seen: set[str] = set()
    for raw in parts:
        if raw.name not in known:
            if raw.name == BODY:
                raise TalkError(
                    f"text outside a part, and the layout `{layout.name}` has no place for it",
                    raw.where,
                    "put it into ::: " + ", ::: ".join(known) if known else "remove it",
                )
            raise TalkError(
                f"unknown part `{raw.name}` in the layout `{layout.name}`",
                raw.opened,
                nearest(raw.name, known),
            )
        if raw.name in seen:
            raise TalkError(f"the part `{raw.name}` stands twice", raw.opened, "join them")
        if raw.is_empty:
            raise TalkError(f"the part `{raw.name}` is empty", raw.opened, "fill it or drop it")
        if raw.option == "each" and raw.name not in layout.each:
            raise TalkError(
                f"the part `{raw.name}` can't be shown item by item",
                raw.opened,
                f"`each` goes with: {', '.join(layout.each) or 'no part of this layout'}",
            )
        seen.add(raw.name)
    if layout.needs_one and seen.isdisjoint(layout.needs_one):
        names = " or ".join(f"`{name}`" for name in layout.needs_one)
        raise TalkError(f"the layout `{layout.name}` needs {names}", top, "write what it shows")
    for name in layout.needs:
        if name not in seen:
            raise TalkError(
                f"the layout `{layout.name}` needs the part `{name}`", top, f"add `::: {name}`"
            )


def _part(
    raw: RawPart, layout: Layout, numbers: Numbers, step: int
) -> tuple[SlidePart, Markup, Filled]:
    filled = numbers.fill(raw.text, raw.where)
    made = read(
        filled,
        raw.where,
        layout.classes,
        each=raw.option == "each",
        cards=raw.name in layout.cards,
        first_step=step,
    )
    is_step = raw.option == "step"
    part = SlidePart(
        name=raw.name,
        content=made.content,
        text=made.text,
        steps=1 if is_step else made.steps,
        source=raw.opened,
        first_step=step,
        is_step=is_step,
        items=made.items,
    )
    return part, made, filled


def _slug(words: str) -> str:
    return re.sub(r"\W+", "-", words.lower()).strip("-")
