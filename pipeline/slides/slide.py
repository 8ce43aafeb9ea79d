"""deck/slides/NN-name.md -> Slide: front matter, parts with their steps, checked.

A slide names a layout; what the layout needs, may have and shows step by step comes from outside
(templates/layouts.toml), so that nothing here knows a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.files import read_bytes
from pipeline.measured import Measured
from pipeline.memo import Form, key_of
from pipeline.numbers.fill import Filled, Mark, Numbers
from pipeline.places import NOWHERE, Place, Places
from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.charts import ChartBlock, Charts
from pipeline.slides.footnotes import Numbering
from pipeline.slides.layouts import Layout
from pipeline.slides.markdown import (
    KINDS,
    Content,
    Item,
    Link,
    Markup,
    PictureUse,
    mend_meta,
    read,
    read_inline,
)
from pipeline.slides.media import MediaUse, located, picture_or_video
from pipeline.slides.source import (
    BODY,
    RawPart,
    SlideSource,
    diagram_steps,
    places_of,
    read_slide,
    slide_files,
    with_same,
)

# What fields are called elsewhere: no letters in common, so no nearest name.
_ALSO_CALLED = {
    **dict.fromkeys(("image", "img", "photo", "pic", "background"), "picture"),
    **dict.fromkeys(("movie", "film", "clip"), "video"),
    **dict.fromkeys(("duration", "minutes", "slot"), "time"),
}
# The class that a picture of the front matter has by the slide's `look`.
LOOKS = {"full": "bleed", "screen": "screen", "terminal": "terminal"}


class FrontMatterField(msgspec.Struct, frozen=True):
    """One line of front matter, filled."""

    name: str
    text: str
    content: Content
    source: Source


class SlidePart(msgspec.Struct, frozen=True):
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


class Footnote(msgspec.Struct, frozen=True):
    """A footnote of a slide; numbers count from 1 on each slide."""

    number: int
    content: Content
    source: Source


class Slide(msgspec.Struct, frozen=True):
    """One slide, checked against its layout."""

    number: int  # its file's, by which script and cuts know it
    name: str  # its id: #/name leads to it
    title: Content
    title_text: str
    layout: str
    fields: Mapping[str, FrontMatterField]
    parts: tuple[SlidePart, ...]
    steps: int
    words: int  # outside tables, code, glossaries and sources
    shows: frozenset[str]  # names of its pictures, and of links that open one
    marks: tuple[Mark, ...]
    source: Source
    pictures: tuple[PictureUse, ...] = ()
    links: tuple[Link, ...] = ()
    picture_steps: int = 0  # of its diagram, which come after those of its parts
    media: tuple[MediaUse, ...] = ()  # files of the talk that it shows or leads to
    footnotes: tuple[Footnote, ...] = ()
    notes: RawPart | None = None  # what is said where the script has no section; not filled in
    shown: str = ""  # its number as pages print it: "7", "B2"
    is_backup: bool = False  # behind the end, without a slot
    same: Path | None = None  # the file whose content it shows again
    key: str = ""  # the hash of all that it was made from

    @property
    def charts(self) -> tuple[ChartBlock, ...]:
        """The charts that its fences ask for."""
        return tuple(chart for part in self.parts for chart in part.content.charts)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it shows lines of."""
        return tuple(code.path for part in self.parts for code in part.content.code if code.path)

    def part(self, name: str) -> SlidePart | None:
        return next((part for part in self.parts if part.name == name), None)


class Slides(msgspec.Struct, frozen=True):
    """The slides of a folder: those of the deck in its order, backups last; and the hidden ones."""

    shown: tuple[Slide, ...]
    hidden: tuple[Slide, ...]
    places: Places


NO_SLIDES = Slides((), (), NOWHERE)  # where a script comes alone


def read_slides(folder: Path, layouts: Mapping[str, Layout], numbers: Numbers) -> Slides:
    """All slides of a folder; hidden ones are read and checked like the others."""
    read = {name: read_slide(path) for _, name, path in slide_files(folder)}
    places = places_of(read.values())
    made = {p.name: slide_of(read[p.name], read, p, layouts, numbers) for p in places}
    shown = tuple(made[place.name] for place in places if place.role != "hidden")
    hidden = tuple(made[place.name] for place in places if place.role == "hidden")
    check_slide_links(shown, hidden)
    return Slides(shown, hidden, places)


def read_again(
    folder: Path,
    old: Slides,
    changed: Collection[Path],
    layouts: Mapping[str, Layout],
    numbers: Numbers,
) -> Slides | None:
    """The slides after these files changed, the others as they are; None where their order did."""
    read = {name: read_slide(path) for _, name, path in slide_files(folder)}
    if places_of(read.values()) != old.places:
        return None
    slides = tuple(
        slide_of(read[slide.name], read, place, layouts, numbers)
        if not {slide.source.path, slide.same, *slide.files}.isdisjoint(changed)
        else slide
        for slide, place in zip((*old.shown, *old.hidden), old.places, strict=True)
    )
    shown, hidden = slides[: len(old.shown)], slides[len(old.shown) :]
    check_slide_links(shown, hidden)
    return Slides(shown, hidden, old.places)


def check_slide_links(slides: tuple[Slide, ...], hidden: tuple[Slide, ...] = ()) -> None:
    """Raises TalkError for the first link that leads to no slide, or to a hidden one."""
    names, unseen = {slide.name for slide in slides}, {slide.name for slide in hidden}
    for slide in slides:
        for link in slide.links:
            if link.target in unseen:
                hint = "show it, or take the link away"
                message = f"a link leads to `#/{link.target}`, and that slide is hidden"
                raise TalkError(message, link.source, hint)
    for slide in (*slides, *hidden):
        for link in slide.links:
            if link.target not in names | unseen:
                raise TalkError(
                    f"a link leads to `#/{link.target}`, and no slide has that name",
                    link.source,
                    nearest(link.target, names),
                )


def slide_of(
    own: SlideSource,
    others: Mapping[str, SlideSource],
    place: Place,
    layouts: Mapping[str, Layout],
    numbers: Numbers,
) -> Slide:
    """Fill and check one file that is read. `others` are those that it may show again, by name."""
    raw, path = with_same(own, others), own.path
    layout = _layout(raw.fields, layouts, Source(path, 1))
    fields, parts, footnotes, met = _read_texts(raw, layout, numbers)
    title, picture_steps = fields.get("title"), _picture_steps(path, fields)
    media, media_steps = _media(raw.fields, fields, parts, numbers.measured)
    return Slide(
        number=place.number,
        name=place.name,
        shown=place.shown,
        is_backup=place.role == "backup",
        same=others[raw.fields["same"][0]].path if "same" in raw.fields else None,
        title=title.content if title else Content((), Filled("", ())),
        title_text=title.text.replace("\u00ad", "") if title else "",
        layout=layout.name,
        fields=fields,
        parts=parts,
        steps=sum(part.steps for part in parts) + picture_steps + media_steps,
        picture_steps=picture_steps,
        words=met.words,
        shows=_shown_names(met.pictures, media),
        marks=tuple(met.marks),
        source=Source(path, 1),
        pictures=tuple(met.pictures),
        media=media,
        links=tuple(met.links),
        footnotes=footnotes,
        notes=raw.notes,
        key=key_of("slide", numbers.key, raw, layout, met.files, place, media, picture_steps),
    )


class _Met(msgspec.Struct):
    """What reading a slide's texts met on the way."""

    marks: list[Mark] = []
    pictures: list[PictureUse] = []
    links: list[Link] = []
    files: list[tuple[Path, str]] = []  # that it shows lines of, and the hash of each
    words: int = 0

    def add(self, made: Markup, filled: Filled, *, counts: bool = False) -> None:
        """Note what a text holds; `counts`: its words are the slide's."""
        self.marks += filled.marks
        self.pictures += made.pictures
        self.links += made.links
        self.words += made.words if counts else 0
        shown = dict.fromkeys(code.path for code in made.content.code)
        self.files += ((path, _hash_of(path)) for path in shown if path)

    def join(self, other: _Met) -> None:
        """Add what was met in a piece."""
        self.marks += other.marks
        self.pictures += other.pictures
        self.links += other.links
        self.files += other.files
        self.words += other.words


class _Piece(msgspec.Struct):
    """A piece of a slide, filled and read: its front matter, a part, or its footnotes."""

    met: _Met
    numbered: dict[str, int]  # footnotes that were referred to up to its end
    charts: int  # how many there are up to its end
    fields: tuple[FrontMatterField, ...] = ()
    part: SlidePart | None = None
    footnotes: tuple[Footnote, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the files that it shows lines of are as they were."""
        return all(_hash_of(path) == known for path, known in self.met.files)


class _Reader:
    """Reads a slide piece by piece. Each is kept by itself: most changes are in one of them."""

    def __init__(self, raw: SlideSource, layout: Layout, numbers: Numbers) -> None:
        self.raw, self.layout, self.numbers, self.met = raw, layout, numbers, _Met()
        self.footnotes = Numbering(raw.footnotes, is_whole="same" not in raw.fields)
        self.charts = Charts(numbers, raw.name)

    def piece(self, read: Callable[[_Met], Mapping[str, Any]], *made_from: Any) -> _Piece:
        """What `read` gives, from the memo if it is there."""
        notes, charts = self.footnotes, self.charts
        before = (self.raw.name, [*notes.known], notes.given, charts.count, charts.wide)

        def make() -> _Piece:
            made = read(met := _Met())
            return _Piece(met, dict(notes.given), charts.count, **made)

        key = key_of("slide", self.numbers.key, self.layout.classes, before, made_from)
        found = self.numbers.memo.of(key, _FORM, make, lambda kept: kept.fits)
        notes.given, charts.count = dict(found.numbered), found.charts
        self.met.join(found.met)
        return found


def _read_texts(
    raw: SlideSource, layout: Layout, numbers: Numbers
) -> tuple[dict[str, FrontMatterField], tuple[SlidePart, ...], tuple[Footnote, ...], _Met]:
    """A slide's texts, filled and read: what its file gives without looking at pictures."""
    reader = _Reader(raw, layout, numbers)
    fields = {field.name: field for field in _fields(reader)}
    parts = tuple(_read_parts(reader))
    return fields, parts, _footnotes(reader), reader.met


def _hash_of(path: Path) -> str:
    try:
        return key_of(read_bytes(path, "the file"))
    except TalkError:
        return ""


def _mend(piece: _Piece) -> None:
    """Give the tokens of a kept piece the objects in their `meta`."""
    contents = [one.content for one in piece.fields]
    contents += [note.content for note in piece.footnotes]
    if piece.part:
        contents += [piece.part.content, *(item.content for item in piece.part.items)]
    for content in contents:
        for token in content.tokens:
            mend_meta(token)


_FORM: Form[_Piece] = Form(_Piece, _mend)


def _media(
    raw: Mapping[str, tuple[str, Source]],
    fields: Mapping[str, FrontMatterField],
    parts: tuple[SlidePart, ...],
    measured: Measured,
) -> tuple[tuple[MediaUse, ...], int]:
    """The files that a slide shows or leads to, that of its front matter first; and their steps."""
    texts = {name: field.text for name, field in fields.items()}
    steps = 1 if texts.get("start") == "step" else 0
    step = sum(part.steps for part in parts)
    found: list[MediaUse] = []
    for key in ("picture", "video"):
        if key not in raw:
            continue
        look = texts.get("look", "")
        use = picture_or_video(
            *raw[key],
            alt=texts.get("alt", ""),
            classes=(LOOKS[look],) if look in LOOKS else (),
        )
        if use.kind != key:
            raise TalkError(f"`{raw[key][0]}` is no {key}", use.source, f"`{use.kind}: …`")
        poster = use.poster
        if "poster" in raw:
            poster = located(picture_or_video(*raw["poster"]), measured).path
        found.append(
            replace(
                use,
                poster=poster,
                sound=texts.get("sound") == "on",
                loop=texts.get("loop") == "yes",
                step=step if steps else None,
            )
        )
    found += (use for field in fields.values() for use in field.content.media)
    found += (replace(use, part=part.name) for part in parts for use in part.content.media)
    return tuple(located(use, measured) for use in found), steps


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
            meant = _ALSO_CALLED.get(key, key)
            hint = nearest(meant, known if meant not in known else [meant])
            if key in KINDS:
                hint = f"in this layout it stands in a part: `![]({key}:{value})`"
            raise TalkError(f"unknown field `{key}` in the layout `{name}`", at, hint)
        if key in layout.choices and value not in layout.choices[key]:
            raise TalkError(f"`{key}` can't be `{value}`", at, nearest(value, layout.choices[key]))
    for key in layout.needs_fields:
        if key not in fields:
            raise TalkError(f"the layout `{name}` needs the field `{key}`", top, f"add `{key}: …`")
    return layout


def _fields(reader: _Reader) -> tuple[FrontMatterField, ...]:
    numbers, classes = reader.numbers, reader.layout.classes

    def read(met: _Met) -> Mapping[str, Any]:
        fields = []
        for key, (text, where) in reader.raw.fields.items():
            filled = numbers.fill(text, where)
            made = read_inline(filled, where, classes, reader.footnotes)
            met.add(made, filled, counts=key in ("title", "kicker"))
            if key in KINDS:  # figure: loss, curve
                names = filled.plain.split(",")
                met.pictures += [PictureUse(key, name.strip(), where) for name in names]
            fields.append(FrontMatterField(key, made.text, made.content, where))
        return {"fields": tuple(fields)}

    return reader.piece(read, reader.raw.fields).fields


def _footnotes(reader: _Reader) -> tuple[Footnote, ...]:
    in_order, numbers = reader.footnotes.in_order(), reader.numbers

    def read(met: _Met) -> Mapping[str, Any]:
        notes = []
        for number, note in in_order:
            filled = numbers.fill(note.text, note.where)
            made = read_inline(filled, note.where, reader.layout.classes)
            met.add(made, filled)
            notes.append(Footnote(number, made.content, note.where))
        return {"footnotes": tuple(notes)}

    return reader.piece(read, in_order).footnotes if in_order else ()


def _picture_steps(path: Path, fields: Mapping[str, FrontMatterField]) -> int:
    diagram, diagrams = fields.get("diagram"), path.parent.parent / "diagrams"
    return diagram_steps(diagrams / diagram.text) if diagram else 0


def _read_parts(reader: _Reader) -> Iterator[SlidePart]:
    """The parts in order, each with its first step."""
    raw, layout = reader.raw, reader.layout
    _check_parts(raw.parts, layout, Source(raw.path, 1))
    step, names = 0, {part.name for part in raw.parts}
    for one in raw.parts:
        reader.charts.wide = not {"left", "right"} <= names or one.name not in ("left", "right")
        read = partial(_part, reader, one, step)
        made_from = (one, step, one.name in layout.cards, layout.counted)
        part = reader.piece(read, *made_from).part
        assert part
        step += part.steps
        yield part


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


def _part(reader: _Reader, raw: RawPart, step: int, met: _Met) -> Mapping[str, Any]:
    filled, layout = reader.numbers.fill(raw.text, raw.where), reader.layout
    is_step = raw.option == "step"
    made = read(
        filled,
        raw.where,
        layout.classes,
        each=raw.option == "each",
        cards=raw.name in layout.cards,
        first_step=step + is_step,
        footnotes=reader.footnotes,
        charts=reader.charts,
    )
    met.add(made, made.content.filled, counts=layout.counted)
    part = SlidePart(
        name=raw.name,
        content=made.content,
        text=made.text,
        steps=is_step + made.steps,
        source=raw.opened,
        first_step=step,
        is_step=is_step,
        items=made.items,
    )
    return {"part": part}


def _shown_names(pictures: list[PictureUse], media: tuple[MediaUse, ...]) -> frozenset[str]:
    names = [name for use in pictures for name in (use.name, _slug(use.opened)) if name]
    return frozenset([*names, *(use.path.stem for use in media)])


def _slug(words: str) -> str:
    return re.sub(r"\W+", "-", words.lower()).strip("-")
