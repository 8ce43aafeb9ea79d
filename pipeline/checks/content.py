"""The words of a talk, each text with the place where it was written: what the checks read.

Every format is read by its own reader: a slide as Markdown, the script by its grammar, diagrams as
TOML, drawings as SVG. A text is filled, or drafted (all its branches, unfilled), and then divided
into passages by the reader that divides it for the pages.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.config import Config
from pipeline.files import read_text
from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.fill import MARK, Draft, Filled, Numbers, draft
from pipeline.numbers.template import Placeholder
from pipeline.pictures.diagrams.graph import graph_texts
from pipeline.pictures.diagrams.source import diagram_texts
from pipeline.pictures.drawings import drawing_files, drawing_texts
from pipeline.pictures.own.source import figure_files, figure_texts
from pipeline.places import NOWHERE, Places
from pipeline.problems import Source, TalkError
from pipeline.script.elements import (
    Aside,
    Cue,
    Field,
    Heading,
    Item,
    Part,
    Section,
    Speech,
    Verbatim,
)
from pipeline.script.parse import parse_notes, parse_script
from pipeline.script.sections import sections_of
from pipeline.slides.blocks import Block
from pipeline.slides.charts import ChartBlock
from pipeline.slides.markdown import blocks, charts_of
from pipeline.slides.source import SlideSource, places_of, read_slide, slide_files

# Say nothing, or what no run could measure.
SETTINGS = (
    *("layout", "drawing", "figure", "diagram", "look", "figures", "number"),
    *("hidden", "backup", "same", "time"),
    *("picture", "video", "poster", "sound", "loop", "start"),
)


class Written(msgspec.Struct, frozen=True):
    """What is filled in one go: a field, a part of a slide, the whole script, a label.

    Kinds: slide title, slide, script, alt text, diagram, drawing, page title.
    """

    kind: str
    text: str
    source: Source  # its first line
    place: str  # "slide 14", "diagram pipeline"
    figures: str = ""  # where its typed figures come from; "" says nothing
    slide: int = 0  # a script's text that is the notes of this slide; 0: the script's file
    places: Places = NOWHERE  # of a script: the slides that it is for
    locale: Locale = ENGLISH  # of the talk
    is_further: bool = False  # a piece of the script's file that isn't its first

    def holds(self, where: Source) -> bool:
        """Whether a line is one of its own."""
        first = self.source.line or 1
        is_within = first <= (where.line or 0) <= first + self.text.count("\n")
        return is_within and where.path == self.source.path


class Passage(msgspec.Struct, frozen=True):
    """A paragraph, row, heading, cue or label; measured values stand in it as marks.

    Kinds as above, and heading, cue, Q&A, plan (header, footer and tips of the script).
    """

    kind: str
    text: str
    lines: tuple[Source, ...]  # one a line of `text`
    place: str
    figures: str = ""
    code: tuple[tuple[int, int], ...] = ()  # where in `text` code stands

    def at(self, offset: int) -> Source:
        """Where a sign of the text was written."""
        return self.lines[min(bisect_left(_ends(self.text), offset), len(self.lines) - 1)]


@lru_cache(maxsize=8)
def _ends(text: str) -> list[int]:
    """Where the lines of a text end."""
    return [at for at, sign in enumerate(text) if sign == "\n"]


class Drafted(msgspec.Struct, frozen=True):
    """A text with all its branches, and the passages that it holds."""

    text: Written
    draft: Draft
    passages: tuple[Passage, ...]

    def placed(self, passage: Passage) -> Iterator[tuple[int, int, Placeholder]]:
        """The placeholders of a passage: where each begins and ends in it."""
        for found in MARK.finditer(passage.text):
            yield found.start(), found.end(), self.draft.placeholders[int(found[1])]

    def is_guarded(self, where: Source, words: str) -> bool:
        """Whether these words stand, on this line, below a condition that compares."""
        return any(
            line <= (where.line or 0) <= line + text.count("\n") and words in text
            for line, text in self.draft.guarded
        )

    def as_written(self, text: str) -> str:
        """A piece of a passage with its placeholders as they were written."""
        return MARK.sub(lambda found: self.draft.placeholders[int(found[1])].written, text)


def drafted(texts: Iterable[Written]) -> Iterator[Drafted]:
    """Texts with their passages; one that no template can be is left out: filling it says why."""
    for text in texts:
        try:
            made = draft(text.text, text.source)
        except TalkError:
            continue
        yield Drafted(text, made, tuple(passages(text, made.filled)))


def content(config: Config) -> tuple[Written, ...]:
    """Every text of a talk with words for the audience, in the order in which it is met."""
    root = config.root
    slides = root / "deck" / "slides"
    read = [read_slide(path) for _, _, path in slide_files(slides)]
    places = places_of(read)
    texts = [text for slide in read for text in _slide(slide, places)]
    paths = [root / "script" / "voiceover.md"]
    paths += sorted((root / "deck" / "diagrams").glob("[!.]*.toml"))
    paths += sorted((root / "deck" / "diagrams").glob("[!.]*.dot"))
    texts += [w for path in paths if path.exists() for w in written(path, places)]
    for path in drawing_files(root / "deck" / "drawings"):
        # A file that a slide shows as it is; what is wrong with a drawing, the deck says.
        with suppress(TalkError):
            texts += written(path, places)
    for path in figure_files(root).values():
        texts += written(path, places)
    return tuple(replace(text, locale=config.locale) for text in (*page_head(config), *texts))


def pieces_of(text: Written) -> Iterator[Written]:
    """The sections of the script's file, whole texts of others."""
    if text.kind != "script" or text.slide:
        yield text
        return
    for first, piece in sections_of(text.text):
        where = Source(text.source.path, (text.source.line or 1) + first)
        yield replace(text, text=piece, source=where, is_further=first > 0)


def charts_in(text: Written, filled: Filled, numbers: Numbers) -> Iterator[ChartBlock | TalkError]:
    """Each chart of a slide's text, or what is wrong with it; other texts have none."""
    if text.kind == "slide":
        yield from charts_of(filled, text.source.path, numbers)


def written(path: Path, places: Places = NOWHERE) -> Iterator[Written]:
    """The texts of one file: a slide, a script, a diagram, a drawing or a figure."""
    readers = {".toml": diagram_texts, ".dot": graph_texts, ".svg": drawing_texts}
    readers |= {".py": figure_texts}
    if path.suffix in readers:
        kind = {".svg": "drawing", ".py": "figure"}.get(path.suffix, "diagram")
        place = f"{kind} {path.stem}"
        kinds = {"label": "diagram", "detail": "diagram", "text": "drawing"}
        for key, text, source in readers[path.suffix](path):
            if not text.strip():
                continue
            yield Written(kinds.get(key, "alt text"), text, source, place)
    elif path.parent.name == "script":
        text = read_text(path, "the script")
        yield Written("script", text, Source(path, 1), "script", places=places)
    else:
        yield from _slide(read_slide(path), places)


def page_head(config: Config) -> Iterator[Written]:
    """The texts of talk.toml that pages show."""
    yield Written(
        "page title", config.talk.title, config.source("talk", "title"), "the page's head"
    )
    for table, key, text in config.texts():
        if key != "date":
            yield Written("page title", text, config.source(table, key), "the page's head")


def _slide(slide: SlideSource, places: Places) -> Iterator[Written]:
    place = f"slide {places.label(slide.number)}"
    figures = slide.fields["figures"][0] if "figures" in slide.fields else ""
    for key, (text, source) in slide.fields.items():
        if key not in SETTINGS:
            kind = "slide title" if key in ("title", "kicker") else "slide"
            yield Written(kind, text, source, place, figures)
    for part in slide.parts:
        yield Written("slide", part.text, part.where, place, figures)
    for note in slide.footnotes:
        yield Written("slide", note.text, note.where, place, figures)
    if notes := slide.notes:
        number = slide.number
        yield Written("script", notes.text, notes.where, place, figures, number, places)


def passages(text: Written, filled: Filled) -> Iterator[Passage]:
    """The passages of a text, filled or drafted."""
    path = text.source.path
    if text.kind == "script" and text.slide:
        head = Section("slide", text.source, numbers=(text.slide,), on_slide=True)
        section, _ = parse_notes(filled.text, head, filled.lines, filled.marks, text.locale)
        yield from _of_section(section, filled, text.places, section.figures or text.figures)
    elif text.kind == "script":
        script = parse_script(
            *(filled.text, path, filled.lines, filled.marks, text.places, text.locale),
            has_begun=text.is_further,
        )
        for section in script.sections:
            yield from _of_section(section, filled, text.places, section.figures)
    elif text.kind.startswith("slide"):
        for block in blocks(filled):
            yield _passage(text.kind, block, path, text.place, text.figures)
    else:
        lines = tuple(Source(path, line) for line in filled.lines)
        yield Passage(text.kind, filled.text, lines, text.place, text.figures)


def _passage(kind: str, block: Block, path: Path, place: str, figures: str) -> Passage:
    lines = tuple(Source(path, line) for line in block.lines)
    return Passage(kind, block.text, lines, place, figures, block.code)


_KINDS = {
    **dict.fromkeys(("slide", "backup", "hidden", "closing", "other"), "script"),
    "qa": "Q&A",
}
_PLACES: Mapping[str, str] = {"qa": "Q&A", "closing": "closing remarks"}


def _of_section(
    section: Section, filled: Filled, places: Places, figures: str
) -> Iterator[Passage]:
    kind = _KINDS.get(section.kind, "plan")
    place = _PLACES.get(section.kind, "script")
    place = f"slide {_called(section, places)}" if section.numbers else place
    for passage in _section(section, kind, place, filled):
        yield replace(passage, figures=figures) if figures else passage


def _called(section: Section, places: Places) -> str:
    one = len(section.numbers) == 1
    return places.label(section.numbers[0]) if one else section.label


def _section(section: Section, kind: str, place: str, filled: Filled) -> Iterator[Passage]:
    if section.title:
        yield Passage("heading", section.title, (section.source,), place)
    for note in section.notes:
        if isinstance(note, Verbatim):
            yield _code(note, "plan", place)
        elif not (isinstance(note, Field) and note.key.lower() == "figures"):
            text = f"{note.key}: {note.value}" if isinstance(note, Field) else note.text
            yield Passage("plan", text, (note.source,), place)
    yield from _items(section.items, kind, place, filled)
    for question in section.questions:
        yield Passage(kind, question.text, (question.source,), place)
        yield from _items(question.answer, kind, place, filled)


def _items(items: Iterable[Item], kind: str, place: str, filled: Filled) -> Iterator[Passage]:
    for item in items:
        match item:
            case Speech():
                lines = [filled.lines[at] for at in item.lines]
                lines = lines[-item.text.count("\n") - 1 :]  # a line "A:" is no part of the text
                for block in blocks(Filled(item.text, (), tuple(lines))):
                    yield _passage(kind, block, item.source.path, place, "")
            case Verbatim():
                yield _code(item, kind, place)
            case Cue() | Part():
                yield Passage("cue", item.text, (item.source,), place)
                yield from _items(item.items if isinstance(item, Part) else (), kind, place, filled)
            case Aside() | Heading():
                of = "heading" if isinstance(item, Heading) else kind
                yield Passage(of, item.text, (item.source,), place)


def _code(block: Verbatim, kind: str, place: str) -> Passage:
    text = "\n".join(block.code)
    return Passage(kind, text, (block.source,), place, code=((0, len(text)),))
