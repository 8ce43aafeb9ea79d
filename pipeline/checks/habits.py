"""Forms of other tools that would be shown to the room, such as `Note:` before the notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.problems import Problem, Source
from pipeline.slides.slide import Slide, SlidePart

_NOTE = re.compile(r"(?:speaker )?notes?:(?:\s|$)", re.IGNORECASE)


def habit_problems(slides: Iterable[Slide]) -> Iterator[Problem]:
    """Paragraphs that are notes elsewhere, each with its line."""
    for slide in slides:
        for part in slide.parts:
            for line in _notes(part):
                yield Problem(
                    f"slide {slide.shown} would show a note to the room",
                    Source(slide.source.path, line),
                    "notes stand in a part `::: notes`; to show the word, write **Note:**",
                )


def _notes(part: SlidePart) -> Iterator[int]:
    lines = part.content.filled.lines
    row = 0
    for token in part.content.tokens:
        row = token.map[0] if token.map else row
        if token.type == "inline" and _NOTE.match(token.content):
            yield lines[min(row, len(lines) - 1)]
