"""A piece of a deck's file: edited where it is no code, with the lines that it was written on."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from pipeline.problems import Source, TalkError


class _Reader(MarkdownIt):
    """A picture that stands in its address is taken as it is.

    To encode it takes minutes for a megabyte, and base64 has nothing to encode.
    """

    def normalizeLink(self, url: str) -> str:  # noqa: N802, its name there
        return url if ";base64," in url[:100] else super().normalizeLink(url)


_READER = _Reader("commonmark").enable(["table", "strikethrough"])
_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")
_MOST_BRACKETS = 1000  # of a paragraph; each is tried as a link, against all that follow
_HIDDEN = "\ue010"  # stands for each sign of code
# Escapes of JSON and YAML can write each of them, half a sign (U+D800) too.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ue000-\uf8ff]")
_NEXT = re.compile(
    r"<!--(?:.*?-->|.*)|"  # one without an end goes to the end
    r"(?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n)[^\ue010])+?(?<!`)(?P=ticks)(?!`)",
    re.DOTALL,
)

Change = Callable[[re.Match[str], Source], str]


@functools.lru_cache(maxsize=256)
def tokens_of(text: str) -> tuple[Token, ...]:
    """The text's blocks as CommonMark and tables read them; nobody changes a token."""
    return tuple(_READER.parse(text))


def references_of(text: str) -> dict[str, str]:
    """The addresses of reference links, by their labels in small letters."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    _READER.parse(text, found)
    return {label.lower(): said["href"] for label, said in found.get("references", {}).items()}


def tangles(text: str) -> list[tuple[int, int]]:
    """The first line, from 0, and the line after each paragraph that would be read for minutes."""
    if text.count("[") <= _MOST_BRACKETS:
        return []
    found, lines = [], (0, 0)
    for token in _BLOCKS.parse(text):
        lines = (token.map[0], token.map[1]) if token.map else lines  # a table's cells have none
        if token.type == "inline" and token.content.count("[") > _MOST_BRACKETS:
            found.append(lines)
    return found


def shown_signs(text: str) -> str:
    """A text with a sign of replacement for each one that can't be shown."""
    return UNSEEN.sub("\ufffd", text)


@functools.lru_cache(maxsize=256)
def masked(text: str) -> str:
    """The text with each sign of code hidden, its lines kept."""
    lines = text.split("\n")
    for token in tokens_of(text):
        if token.type in ("fence", "code_block") and token.map:
            for at in range(*token.map):
                if at < len(lines):
                    lines[at] = _HIDDEN * len(lines[at])

    def hide(found: re.Match[str]) -> str:
        return found[0] if found[0][0] == "<" else re.sub(r"[^\n]", _HIDDEN, found[0])

    return _NEXT.sub(hide, "\n".join(lines))


@functools.lru_cache(maxsize=4)
def _rows(text: str) -> tuple[str, ...]:
    """Of a deck that is cut up, each piece asks for them anew."""
    return tuple(text.split("\n"))


class Pattern(Protocol):
    """A regular expression, or what finds the same as one."""

    def finditer(self, text: str, /) -> Iterator[re.Match[str]]: ...

    def match(self, text: str, at: int, /) -> re.Match[str] | None: ...


class Piece(msgspec.Struct, frozen=True):
    """Lines of a file that follow each other. What is edited keeps their count."""

    text: str
    path: Path
    line: int = 1

    def where(self, at: int = 0) -> Source:
        """The line of the sign at `at`."""
        return Source(self.path, self.line + self.text.count("\n", 0, at))

    @property
    def first(self) -> Source:
        """Its first line with something on it."""
        return self.where(len(self.text) - len(self.text.lstrip()))

    @property
    def is_empty(self) -> bool:
        return not self.text.strip()

    @property
    def rows(self) -> list[str]:
        return self.text.split("\n")

    def part(self, first: int, last: int) -> Piece:
        """Its lines from index `first` to before `last`."""
        return Piece("\n".join(_rows(self.text)[first:last]), self.path, self.line + first)

    def slice(self, first: int, last: int | None = None) -> Piece:
        """What stands between two of its signs."""
        line = self.line + self.text.count("\n", 0, first)
        return Piece(self.text[first:last], self.path, line)

    def without(self, first: int, last: int) -> Piece:
        """With these lines left empty."""
        rows = self.rows
        rows[first:last] = [""] * (min(last, len(rows)) - first)
        return replace(self, text="\n".join(rows))

    def edited(self, pattern: Pattern, change: Change) -> Piece:
        """With each match outside code replaced; a match is that of the text as it is written."""
        made, last = [], 0
        for seen in pattern.finditer(masked(self.text)):
            # Where code stands in it, the same match on the text itself.
            found = pattern.match(self.text, seen.start()) if _HIDDEN in seen[0] else seen
            if not found or found.end() != seen.end() or seen.start() < last:
                continue
            new = change(found, self.where(seen.start()))
            lines = found[0].count("\n") - new.count("\n")
            made += [self.text[last : seen.start()], new, "\n" * max(lines, 0)]
            last = seen.end()
        return replace(self, text="".join(made) + self.text[last:]) if made else self


def whole(text: str, path: Path) -> Piece:
    """The text of a file. Raises TalkError for a fence or a comment that never ends."""
    piece = Piece(text, path)
    for token in tokens_of(text):
        if token.type == "fence" and token.map and token.level == 0:
            last = piece.rows[token.map[1] - 1].strip() if token.map[1] > token.map[0] + 1 else ""
            if not re.fullmatch(rf"{re.escape(token.markup[0])}{{{len(token.markup)},}}", last):
                raise TalkError(
                    "the code is never closed: all slides below it would be a part of it",
                    Source(path, token.map[0] + 1),
                    f"end it with a line {token.markup}",
                )
    hidden = masked(text)
    opened = hidden.find("<!--", max(hidden.rfind("-->") - 3, 0))
    if opened >= 0:
        raise TalkError("the comment is never closed", piece.where(opened), "end it: -->")
    return piece
