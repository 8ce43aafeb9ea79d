"""What a parsed script is made of. `source` never counts when two elements are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import msgspec

from pipeline.lengths import Length
from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.fill import Filled, Mark
from pipeline.places import NOWHERE, Places
from pipeline.problems import Problem, Source


class Element(msgspec.Struct, frozen=True):
    """One of them; `uncompared` are the fields that don't count when two are compared."""

    uncompared: ClassVar[frozenset[str]] = frozenset(["source"])

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = (name for name in self.__struct_fields__ if name not in self.uncompared)
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __hash__(self) -> int:
        fields = self.__struct_fields__
        return hash(tuple(getattr(self, name) for name in fields if name not in self.uncompared))


class Speech(Element, frozen=True):
    """A paragraph that is said."""

    uncompared: ClassVar[frozenset[str]] = frozenset(["lines", "source"])

    text: str  # Markdown; measured values as marks
    plain: str  # the same with the values put in
    bare: str  # without Markdown, on one line: as it is said
    spoken_words: int
    lines: tuple[int, ...]  # indices of its lines in the parsed text
    source: Source


class Cue(Element, frozen=True):
    """Something to do. `kind` is one of cues.KINDS, or "?" for an unknown one."""

    kind: str
    raw: str  # what stands in the brackets
    text: str  # the same without kind and length
    seconds: int
    if_time: bool = False  # IF TIME PERMITS: costs its seconds in the full cut alone
    source: Source = Source(Path())


class Aside(Element, frozen=True):
    """A quoted line that is said only if asked for; it costs no time."""

    text: str
    plain: str
    bare: str
    source: Source


class Verbatim(Element, frozen=True):
    """A code block: not spoken, and no line in it is a cue."""

    info: str
    code: tuple[str, ...]  # its lines; measured values as marks
    plain: tuple[str, ...]  # the same with the values put in
    source: Source


class Heading(Element, frozen=True):
    """A heading inside a section (###): a landmark for the speaker, not spoken."""

    level: int
    text: str
    source: Source


class Part(Element, frozen=True):
    """Items that not every cut has: OPTIONAL parts by their name, ONLY parts by their cuts."""

    kind: str  # "OPTIONAL" or "ONLY"
    raw: str
    name: str  # "" for an ONLY part
    cuts: tuple[str, ...]  # () for an OPTIONAL part
    text: str
    items: tuple[Item, ...]
    source: Source


Item = Speech | Cue | Aside | Verbatim | Heading | Part


class Field(Element, frozen=True):
    """`**Key:** value`, in header, footer and tips; `number` where it stands in a numbered list."""

    key: str
    value: str
    number: str
    source: Source


class Remark(Element, frozen=True):
    """A line of header, footer or tips that is no field."""

    text: str
    source: Source


class Question(Element, frozen=True):
    """A question that may be asked, its answer, the slides that support it and its tags."""

    text: str
    answer: tuple[Item, ...]
    slides: tuple[int, ...]
    tags: tuple[str, ...]
    source: Source


class Section(Element, frozen=True):
    """A part of the script under one heading.

    `pages` are its items, divided at [NEXT SLIDE]; header, footer, tips and others have `notes`,
    a spoken section only the one that says where its figures come from.
    """

    uncompared: ClassVar[frozenset[str]] = frozenset(["slot", "source"])

    kind: str  # "header", "slide", "backup", "hidden", "qa", "closing", "footer", "tips", "other"
    source: Source
    title: str = ""
    numbers: tuple[int, ...] = ()  # the slides it is for, () for a section that is for none
    slot_text: str | None = None  # what stands in the heading's brackets
    slot: Length | None = None  # None: missing or unreadable
    pages: tuple[tuple[Item, ...], ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Field | Remark | Verbatim, ...] = ()
    on_slide: bool = False  # written in the slide's own file: its notes, or nothing but its time
    called: str = ""  # "demo" or "intro..demo", where the heading names its slides

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of all its pages."""
        return tuple(item for page in self.pages for item in page)

    @property
    def figures(self) -> str:
        """Where its typed figures come from: a line `**Figures:** …` below the heading says it."""
        if self.kind in ("header", "footer", "tips", "other"):
            return ""
        return next((note.value for note in self.notes if isinstance(note, Field)), "")

    @property
    def label(self) -> str:
        """`14`, `11-12`, `demo`, `Q&A`, `closing`: how its heading and a cut name it."""
        if self.called:
            return self.called
        if self.numbers:
            ends = dict.fromkeys((self.numbers[0], self.numbers[-1]))
            return "-".join(str(number) for number in ends)
        return {"qa": "Q&A"}.get(self.kind, self.kind)


class SlideText(Element, frozen=True):
    """What is said on one slide: its section, or its share of a joined one."""

    number: int  # 0 for the closing remarks
    title: str
    items: tuple[Item, ...]
    section: Section
    source: Source


class Script(Element, frozen=True):
    """A voiceover script. `problems` holds what is wrong with its text, the first first.

    `written` is all of it as it was typed, nothing filled in: the file, and each slide's notes.
    """

    uncompared: ClassVar[frozenset[str]] = frozenset(
        ["path", "problems", "marks", "slide_slots", "written", "places", "locale"]
    )

    path: Path
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...] = ()
    marks: tuple[Mark, ...] = ()
    slide_slots: Mapping[int, Length] = msgspec.field(default_factory=dict)  # by `time:`
    written: tuple[tuple[str, Source], ...] = ()
    places: Places = NOWHERE  # of the slides that it is for
    locale: Locale = ENGLISH  # the language that is spoken

    @property
    def is_read_out(self) -> bool:
        """Whether the script's file has a section for a slide: not all that is said is notes."""
        return any(one.kind == "slide" and not one.on_slide for one in self.sections)

    def of_kind(self, kind: str) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.kind == kind)

    def slides(self) -> tuple[SlideText, ...]:
        """One entry a slide, in the script's order; joined sections are divided."""
        return tuple(slide for section in self.of_kind("slide") for slide in divided(section))

    def backups(self) -> tuple[SlideText, ...]:
        """What may be said on slides behind the end: it takes none of the talk's time."""
        return tuple(slide for section in self.of_kind("backup") for slide in divided(section))

    def texts(self) -> tuple[SlideText, ...]:
        """What is said before and after the questions: the slides and the closing remarks."""
        closing = (
            SlideText(0, section.title, section.items, section, section.source)
            for section in self.of_kind("closing")
        )
        return (*self.slides(), *closing)

    def in_html(self, rendered: str) -> str:
        """HTML made from marked text, with its measured numbers put in."""
        return Filled("", self.marks).in_html(rendered) if self.marks else rendered


def divided(section: Section) -> Iterator[SlideText]:
    """The slides of a section. Pages too many stay with the last slide, missing ones are empty."""
    last = len(section.numbers) - 1
    for index, number in enumerate(section.numbers):
        pages = section.pages[index:] if index == last else section.pages[index : index + 1]
        items = tuple(item for page in pages for item in page)
        source = items[0].source if index and items else section.source
        yield SlideText(number, section.title, items, section, source)


class Choice(msgspec.Struct, frozen=True):
    """Which parts of the script a cut has.

    `keep` are the optional parts that stay (None: all of them), `names` the cuts whose ONLY parts
    it has.
    """

    names: frozenset[str]
    keep: frozenset[str] | None = None

    def has(self, part: Part) -> bool:
        if part.kind == "ONLY":
            return not self.names.isdisjoint(part.cuts)
        return self.keep is None or part.name in self.keep


def flat(items: tuple[Item, ...], choice: Choice) -> Iterator[Speech | Cue | Aside | Verbatim]:
    """The items that a cut has, its parts opened, headings left out."""
    for item in items:
        if isinstance(item, Part):
            if choice.has(item):
                yield from flat(item.items, choice)
        elif not isinstance(item, Heading):
            yield item


def parts_of(items: tuple[Item, ...]) -> Iterator[Part]:
    """The OPTIONAL and ONLY parts among `items`."""
    return (item for item in items if isinstance(item, Part))
