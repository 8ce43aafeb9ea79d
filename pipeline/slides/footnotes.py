"""Footnotes of a slide: `[^name]` in any of its words, `[^name]: …` on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.scan import Line

_DEFINITION = re.compile(r" {0,3}\[\^([^\]\s]+)\]:[ \t]*(.*)$")


class RawFootnote(msgspec.Struct, frozen=True):
    """A footnote before its values are put in."""

    label: str
    text: str
    where: Source


def taken_out(
    path: Path, lines: Sequence[Line], first: int = 0
) -> tuple[list[Line], tuple[RawFootnote, ...]]:
    """The lines without footnotes, which leave empty ones, and the footnotes.

    `first` is the index of the first line in its file.

    Indented lines below one go on with it. Raises TalkError for one without a text, or twice.
    """
    left: list[Line] = []
    found: dict[str, RawFootnote] = {}
    last = ""  # the label of the footnote that the next line may go on with
    for number, line in enumerate(lines, first + 1):
        begins = None if line.is_code else _DEFINITION.match(line.text)
        where = Source(path, number)
        if begins:
            last = begins[1]
            if last in found:
                raise TalkError(f"the footnote `[^{last}]` stands twice", where, "name one anew")
            found[last] = RawFootnote(last, begins[2].strip(), where)
        elif last and line.text[:2] in ("  ", "\t") and not line.is_code and line.text.strip():
            text = f"{found[last].text} {line.text.strip()}".strip()
            found[last] = replace(found[last], text=text)
        else:
            last = ""
            left.append(line)
            continue
        left.append(Line(""))
    for note in found.values():
        if not note.text:
            raise TalkError(f"the footnote `[^{note.label}]` has no text", note.where, "write it")
    return left, tuple(found.values())


class Numbering:
    """Numbers the footnotes of a slide in the order in which its words refer to them.

    `is_whole`: all words are there that may refer to them; they are, but for a title of its own.
    """

    def __init__(self, footnotes: Sequence[RawFootnote] = (), *, is_whole: bool = True) -> None:
        self._is_whole = is_whole
        self.known = {note.label: note for note in footnotes}
        self.given: dict[str, int] = {}  # label -> number, of those that were referred to

    def number(self, label: str, where: Source) -> int:
        """The number of a footnote, from 1. Raises TalkError for one that there isn't."""
        if label not in self.known:
            hint = nearest(label, self.known) if self.known else f"add a line [^{label}]: …"
            raise TalkError(f"there is no footnote `[^{label}]`", where, hint)
        return self.given.setdefault(label, len(self.given) + 1)

    def in_order(self) -> tuple[tuple[int, RawFootnote], ...]:
        """The footnotes by number. Raises TalkError for one that no word refers to."""
        for label, note in self.known.items():
            if self._is_whole and label not in self.given:
                hint = f"write [^{label}] where it belongs, or take it out"
                raise TalkError(f"nothing refers to the footnote `[^{label}]`", note.where, hint)
        return tuple((number, self.known[label]) for label, number in self.given.items())
