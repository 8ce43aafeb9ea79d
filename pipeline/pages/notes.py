"""The script for the speaker: notes in the deck, a page to print, text for a teleprompter."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from pipeline.pages.captions import bare_text
from pipeline.script.elements import (
    Aside,
    Choice,
    Cue,
    Field,
    Heading,
    Item,
    Part,
    Question,
    Script,
    Speech,
    Verbatim,
    flat,
)
from pipeline.script.lengths import clock
from pipeline.script.timing import Timing

# No HTML, images or links: notes are words.
_MARKDOWN = MarkdownIt("zero", {"breaks": True}).enable(
    ["emphasis", "backticks", "list", "escape", "newline", "entity"]
)


@dataclass(frozen=True, slots=True)
class PrintedSlide:
    """One slide on the printable page; `body` is HTML, the rest is text."""

    label: str
    title: str
    start: str  # "20:00"
    slot: str
    end: str
    words: int
    body: str


@dataclass(frozen=True, slots=True)
class PrintedScript:
    """What templates/print/script.html.j2 prints."""

    title: str
    cut: str
    length: str
    pace_wpm: int
    slides: tuple[PrintedSlide, ...]
    questions: str  # HTML
    tips: tuple[str, ...]


def notes_html(script: Script, slide_number: int, choice: Choice | None = None) -> str:
    """A slide's script as HTML: cues marked apart, measured numbers to be opened.

    Without a `choice` all parts are there, optional ones marked with their name. "" for a slide
    that the script has not.
    """
    for slide in script.slides():
        if slide.number == slide_number:
            return script.in_html("".join(_blocks(slide.items, choice)))
    return ""


def _blocks(items: tuple[Item, ...], choice: Choice | None) -> Iterator[str]:
    for item in items:
        match item:
            case Speech():
                yield _MARKDOWN.render(item.text)
            case Cue():
                yield _cue(item)
            case Aside():
                yield f'<blockquote class="aside">{_MARKDOWN.render(item.text)}</blockquote>\n'
            case Heading():
                yield f'<p class="landmark">{html.escape(item.text)}</p>\n'
            case Verbatim():
                yield f"<pre><code>{html.escape(chr(10).join(item.code))}</code></pre>\n"
            case Part():
                if choice is None or choice.has(item):
                    yield from _part(item, choice)


def _cue(cue: Cue) -> str:
    cost = f' data-seconds="{cue.seconds}"' if cue.seconds else ""
    kind = "unknown" if cue.kind == "?" else cue.kind.lower().replace(" ", "-")
    return f'<p class="cue" data-cue="{kind}"{cost}>{html.escape(cue.raw)}</p>\n'


def _part(part: Part, choice: Choice | None) -> Iterator[str]:
    kind = part.kind.lower()
    named = html.escape(part.name or ", ".join(part.cuts))
    words = f": {html.escape(part.text)}" if part.text else ""
    yield f'<div class="{kind}" data-part="{named}">\n'
    yield f'<p class="cue" data-cue="{kind}">{kind} “{named}”{words}</p>\n'
    yield from _blocks(part.items, choice)
    yield "</div>\n"


def questions_html(script: Script, choice: Choice | None = None) -> str:
    """The questions that may be asked and their answers, as a definition list."""
    blocks = [
        f"<dt>{html.escape(question.text)}{_support(question)}</dt>\n"
        f"<dd>{''.join(_blocks(question.answer, choice))}</dd>\n"
        for section in script.of_kind("qa")
        for question in section.questions
    ]
    return script.in_html(f"<dl>\n{''.join(blocks)}</dl>\n") if blocks else ""


def _support(question: Question) -> str:
    slides = ", ".join(str(number) for number in question.slides)
    return f' <span class="cue">slide {slides}</span>' if slides else ""


def printed_script(script: Script, timing: Timing, title: str) -> PrintedScript:
    """The data of the printable page for one cut."""
    choice = timing.choice
    slides = {slide.number: slide for slide in script.slides()}
    closing = script.of_kind("closing")
    printed = []
    for row in timing.rows:
        if row.number is not None:
            items = slides[row.number].items
        elif row.kind == "closing" and closing:
            items = tuple(item for page in closing[0].pages for item in page)
        else:
            continue
        printed.append(
            PrintedSlide(
                row.label,
                row.title,
                clock(row.start_s),
                clock(row.slot_s),
                clock(row.start_s + row.slot_s),
                row.spoken_words,
                script.in_html("".join(_blocks(items, choice))),
            )
        )
    tips = tuple(
        f"{note.key}: {note.value}" if isinstance(note, Field) else note.text
        for section in script.of_kind("tips")
        for note in section.notes
        if not isinstance(note, Verbatim)
    )
    return PrintedScript(
        title,
        timing.title,
        clock(timing.planned_s),
        timing.pace_wpm,
        tuple(printed),
        questions_html(script, choice),
        tips,
    )


def script_txt(script: Script, choice: Choice) -> str:
    """The words of a cut for a teleprompter: cues in brackets, nothing else around them."""
    blocks: list[str] = []
    for slide in script.slides():
        blocks.append(f"[SLIDE {slide.number}]")
        blocks += _lines(slide.items, choice)
    for section in script.of_kind("closing"):
        blocks.append(f"[{section.title}]")
        blocks += _lines(tuple(item for page in section.pages for item in page), choice)
    return "\n\n".join(blocks) + "\n"


def _lines(items: tuple[Item, ...], choice: Choice) -> Iterator[str]:
    for item in flat(items, choice):
        if isinstance(item, Speech):
            yield bare_text(item.plain)
        elif isinstance(item, Cue):
            yield f"[{item.raw}]"
