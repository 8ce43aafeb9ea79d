"""What a parsed script is made of. `source` never counts when two elements are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pipeline.lengths import Length
from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.fill import Filled, Mark
from pipeline.places import NOWHERE, Places
from pipeline.problems import Problem, Source


@dataclass(frozen=True, slots=True)
class Speech:
    """A paragraph that is said."""

    text: str  # Markdown; measured values as marks
    plain: str  # the same with the values put in
    bare: str  # without Markdown, on one line: as it is said
    spoken_words: int
    lines: tuple[int, ...] = field(compare=False)  # indices of its lines in the parsed text
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Cue:
    """Something to do. `kind` is one of cues.KINDS, or "?" for an unknown one."""

    kind: str
    raw: str  # what stands in the brackets
    text: str  # the same without kind and length
    seconds: int
    if_time: bool = False  # IF TIME PERMITS: costs its seconds in the full cut alone
    source: Source = field(compare=False, default=Source(Path()))


@dataclass(frozen=True, slots=True)
class Aside:
    """A quoted line that is said only if asked for; it costs no time."""

    text: str
    plain: str
    bare: str
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A code block: not spoken, and no line in it is a cue."""

    info: str
    code: tuple[str, ...]  # its lines; measured values as marks
    plain: tuple[str, ...]  # the same with the values put in
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section (###): a landmark for the speaker, not spoken."""

    level: int
    text: str
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Part:
    """Items that not every cut has: OPTIONAL parts by their name, ONLY parts by their cuts."""

    kind: str  # "OPTIONAL" or "ONLY"
    raw: str
    name: str  # "" for an ONLY part
    cuts: tuple[str, ...]  # () for an OPTIONAL part
    text: str
    items: tuple[Item, ...]
    source: Source = field(compare=False)


Item = Speech | Cue | Aside | Verbatim | Heading | Part


@dataclass(frozen=True, slots=True)
class Field:
    """`**Key:** value`, in header, footer and tips; `number` where it stands in a numbered list."""

    key: str
    value: str
    number: str
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of header, footer or tips that is no field."""

    text: str
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """A question that may be asked, its answer, the slides that support it and its tags."""

    text: str
    answer: tuple[Item, ...]
    slides: tuple[int, ...]
    tags: tuple[str, ...]
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the script under one heading.

    `pages` are its items, divided at [NEXT SLIDE]; header, footer, tips and others have `notes`,
    a spoken section only the one that says where its figures come from.
    """

    kind: str  # "header", "slide", "backup", "hidden", "qa", "closing", "footer", "tips", "other"
    source: Source = field(compare=False)
    title: str = ""
    numbers: tuple[int, ...] = ()  # the slides it is for, () for a section that is for none
    slot_text: str | None = None  # what stands in the heading's brackets
    slot: Length | None = field(compare=False, default=None)  # None: missing or unreadable
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


@dataclass(frozen=True, slots=True)
class SlideText:
    """What is said on one slide: its section, or its share of a joined one."""

    number: int  # 0 for the closing remarks
    title: str
    items: tuple[Item, ...]
    section: Section
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Script:
    """A voiceover script. `problems` holds what is wrong with its text, the first first.

    `written` is all of it as it was typed, nothing filled in: the file, and each slide's notes.
    """

    path: Path = field(compare=False)
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...] = field(compare=False, default=())
    marks: tuple[Mark, ...] = field(compare=False, default=())
    slide_slots: Mapping[int, Length] = field(compare=False, default_factory=dict)  # by `time:`
    written: tuple[tuple[str, Source], ...] = field(compare=False, default=())
    places: Places = field(compare=False, default=NOWHERE)  # of the slides that it is for
    locale: Locale = field(compare=False, default=ENGLISH)  # the language that is spoken

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
