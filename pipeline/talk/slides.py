"""deck/slides/NN-name.md -> Slide: front matter, parts with their steps, checked.

A slide names a layout; what the layout needs, may have and shows step by step comes from outside
(templates/layouts.toml), so that nothing here knows a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import Source, TalkError, nearest, read_text
from pipeline.talk.markup import KINDS, Item, Link, Markup, PictureUse, render, render_inline
from pipeline.talk.numbers import Filled, Mark, Numbers

BODY = "body"  # text outside named parts
_FILE = re.compile(r"(\d+)-([a-z0-9][a-z0-9-]*)\.md$")
_FIELD = re.compile(r"([a-z][\w-]*):(?:\s+(.*\S))?\s*$")
_PART = re.compile(r":::\s*([\w-]+)?((?:\s+[\w-]+)*)\s*$")


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


@dataclass(frozen=True, slots=True)
class Field:
    """One line of front matter, filled."""

    name: str
    text: str
    html: str
    source: Source


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a slide; `first_step` is the number of its first step, from 0."""

    name: str
    html: str  # pictures stand in it as names between two marks (see markup.py)
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
    title_html: str
    title_text: str
    layout: str
    fields: Mapping[str, Field]
    parts: tuple[Part, ...]
    steps: int
    words: int  # outside tables, glossaries and sources
    shows: frozenset[str]  # names of its pictures, and of links that open one
    marks: tuple[Mark, ...]
    source: Source
    pictures: tuple[PictureUse, ...] = ()
    links: tuple[Link, ...] = ()

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True, slots=True)
class _Raw:
    """A part before its values are put in."""

    name: str
    option: str  # "", "step" or "each"
    text: str
    where: Source  # the line of its first line of text
    opened: Source


def load_slides(folder: Path, layouts: Mapping[str, Layout], numbers: Numbers) -> tuple[Slide, ...]:
    """All slides of a folder in order. Raises TalkError with path:line for the first fault."""
    slides = tuple(
        load_slide(path, number, name, layouts, numbers) for number, name, path in _files(folder)
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


def _files(folder: Path) -> Iterator[tuple[int, str, Path]]:
    found: dict[int, Path] = {}
    names: dict[str, Path] = {}
    for path in sorted(folder.glob("*.md")) if folder.is_dir() else []:
        if path.name == "README.md":
            continue
        match = _FILE.match(path.name)
        if not match:
            raise TalkError(
                f"`{path.name}` is no name for a slide", Source(path), "NN-short-name.md"
            )
        number = int(match[1])
        if number in found:
            raise TalkError(
                f"two slides have the number {number}: {found[number].name} and {path.name}",
                Source(path),
                "give each its own number",
            )
        if match[2] in names:
            raise TalkError(
                f"two slides have the name `{match[2]}`", Source(path), "links need one name each"
            )
        found[number] = names[match[2]] = path
    if not found:
        raise TalkError("there are no slides", Source(folder), "the first is 01-title.md")
    for expected, number in enumerate(sorted(found), 1):
        if number != expected:
            raise TalkError(
                f"slide {expected} is missing before {found[number].name}",
                Source(found[number]),
                "number the slides from 1 without gaps",
            )
    for number in sorted(found):
        path = found[number]
        yield number, path.stem.partition("-")[2], path


def load_slide(
    path: Path, number: int, name: str, layouts: Mapping[str, Layout], numbers: Numbers
) -> Slide:
    """Parse, fill and check one file."""
    lines = read_text(path, "a slide").split("\n")
    raw_fields, first = _front_matter(path, lines)
    layout = _layout(raw_fields, layouts, Source(path, 1))
    marks: list[Mark] = []
    fields: dict[str, Field] = {}
    links: list[Link] = []
    pictures: list[PictureUse] = []
    words = 0
    for key, (text, where) in raw_fields.items():
        filled = numbers.fill(text, where)
        marks += filled.marks
        made = render_inline(filled, where, layout.classes)
        links += made.links
        pictures += made.pictures
        fields[key] = Field(key, made.text, made.html, where)
        if key in ("title", "kicker"):
            words += made.words
        if key in KINDS:
            pictures += [PictureUse(key, n.strip(), where) for n in filled.plain.split(",")]
    raw_parts = list(_parts(path, lines, first))
    _check_parts(raw_parts, layout, Source(path, 1))
    parts: list[Part] = []
    step = 0
    for raw in raw_parts:
        part, made, filled = _part(raw, layout, numbers, step)
        step += part.steps
        words += made.words if layout.counted else 0
        marks += filled.marks
        links += made.links
        pictures += made.pictures
        parts.append(part)
    step += _picture_steps(fields)
    title = fields.get("title")
    return Slide(
        number=number,
        name=name,
        title_html=title.html if title else "",
        title_text=title.text if title else "",
        layout=layout.name,
        fields=fields,
        parts=tuple(parts),
        steps=step,
        words=words,
        shows=frozenset(name for use in pictures for name in (use.name, _slug(use.opened)) if name),
        marks=tuple(marks),
        source=Source(path, 1),
        pictures=tuple(pictures),
        links=tuple(links),
    )


def _front_matter(path: Path, lines: list[str]) -> tuple[dict[str, tuple[str, Source]], int]:
    """The fields with their lines, and the index of the first line after them."""
    form = "a slide begins with `---`, lines `key: value`, and `---`"
    if lines[0].rstrip() != "---":
        raise TalkError("the slide has no front matter", Source(path, 1), form)
    fields: dict[str, tuple[str, Source]] = {}
    for index, line in enumerate(lines[1:], 1):
        where = Source(path, index + 1)
        if line.rstrip() == "---":
            return fields, index + 1
        if not line.strip():
            continue
        found = _FIELD.match(line)
        if not found:
            raise TalkError(f"no `key: value`: {line.strip()}", where, form)
        if found[1] in fields:
            raise TalkError(f"`{found[1]}` stands twice", where, "keep one of them")
        if not found[2]:
            raise TalkError(f"`{found[1]}` is empty", where, "give it a value or drop the line")
        fields[found[1]] = (found[2], where)
    raise TalkError("the front matter is not closed", Source(path, 1), form)


def _layout(
    fields: dict[str, tuple[str, Source]], layouts: Mapping[str, Layout], top: Source
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


def _parts(path: Path, lines: list[str], first: int) -> Iterator[_Raw]:
    body: list[tuple[int, str]] = []
    inside: tuple[int, str, str] | None = None
    start = first
    for index in range(first, len(lines)):
        line, where = lines[index], Source(path, index + 1)
        if not line.startswith(":::"):
            if not inside:
                body.append((index, line))
            continue
        found = _PART.match(line)
        if not found:
            raise TalkError(f"no part: {line.strip()}", where, "::: NAME, ::: NAME step, or :::")
        name, options = found[1], found[2].split()
        if name is None:
            if inside is None:
                raise TalkError("`:::` closes nothing", where, "open a part with ::: NAME")
            opened = Source(path, inside[0] + 1)
            text = "\n".join(lines[start:index])
            yield _Raw(inside[1], inside[2], text, Source(path, start + 1), opened)
            inside = None
            continue
        if inside is not None:
            raise _unclosed(path, inside)
        if len(options) > 1 or (options and options[0] not in ("step", "each")):
            shown = " ".join(options)
            raise TalkError(f"unknown option `{shown}` of a part", where, "`step` or `each`")
        inside, start = (index, name, options[0] if options else ""), index + 1
    if inside is not None:
        raise _unclosed(path, inside)
    written = [index for index, line in body if line.strip()]
    if written:
        # Lines between parts stay empty, so that lines of the file and of the body agree.
        kept = dict(body)
        text = "\n".join(kept.get(i, "") for i in range(written[0], written[-1] + 1))
        at = Source(path, written[0] + 1)
        yield _Raw(BODY, "", text, at, at)


def _unclosed(path: Path, inside: tuple[int, str, str]) -> TalkError:
    return TalkError(
        f"the part `{inside[1]}` is not closed",
        Source(path, inside[0] + 1),
        "end it with a line `:::`",
    )


def _check_parts(parts: list[_Raw], layout: Layout, top: Source) -> None:
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
        if not raw.text.strip():
            raise TalkError(f"the part `{raw.name}` is empty", raw.opened, "fill it or drop it")
        if raw.option == "each" and raw.name not in layout.each:
            raise TalkError(
                f"the part `{raw.name}` can't be shown item by item",
                raw.opened,
                f"`each` goes with: {', '.join(layout.each) or 'no part of this layout'}",
            )
        seen.add(raw.name)
    for name in layout.needs:
        if name not in seen:
            raise TalkError(
                f"the layout `{layout.name}` needs the part `{name}`", top, f"add `::: {name}`"
            )


def _part(raw: _Raw, layout: Layout, numbers: Numbers, step: int) -> tuple[Part, Markup, Filled]:
    filled = numbers.fill(raw.text, raw.where)
    made = render(
        filled,
        raw.where,
        layout.classes,
        each=raw.option == "each",
        cards=raw.name in layout.cards,
        first_step=step,
    )
    is_step = raw.option == "step"
    part = Part(
        name=raw.name,
        html=made.html,
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


def _picture_steps(fields: Mapping[str, Field]) -> int:
    """Field `steps`: the picture itself has parts that appear one by one, after the others."""
    if "steps" not in fields:
        return 0
    asked = fields["steps"]
    if not re.fullmatch(r"[1-9]\d?", asked.text):
        raise TalkError(f"`steps` can't be `{asked.text}`", asked.source, "a whole number")
    return int(asked.text)
