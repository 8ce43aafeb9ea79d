"""Forms of other tools that would be shown to the room, such as `Note:` or `???` before notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.problems import Problem, Source
from pipeline.slides.slide import Slide, SlidePart

# `Note:` of reveal.js, `.notes:` of landslide, `^ ` of Deckset.
_NOTE = re.compile(
    r"(?:(?:speaker |presenter )?notes?:|\.notes:|\^)(?:\s|$)",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\?\?\?(?=\s|$)", re.MULTILINE)  # remark's: the words before go on to it


def habit_problems(slides: Iterable[Slide]) -> Iterator[Problem]:
    """Paragraphs that are notes elsewhere, each with its line."""
    for slide in slides:
        for part in slide.parts:
            for line in _notes(part):
                yield Problem(
                    f"slide {slide.shown} would show a note to the room",
                    Source(slide.source.path, line),
                    "notes stand in a part `::: notes`, closed by `:::`; "
                    "to show the word, write **Note:** or \\???",
                )


def _notes(part: SlidePart) -> Iterator[int]:
    lines = part.content.filled.lines
    row = 0
    for token in part.content.tokens:
        row = token.map[0] if token.map else row
        if token.type != "inline":
            continue
        remark = _REMARK.search(token.content) if token.level == 1 else None  # in no table or list
        if remark and (remark.start() == 0 or token.content[remark.start() - 1] == "\n"):
            row += token.content.count("\n", 0, remark.start())
        elif not _NOTE.match(token.content):
            continue
        yield lines[min(row, len(lines) - 1)]
