"""A deck of another tool as it was read: its slides, in pieces that know their lines.

What a reader can't hand over goes into the `Ledger`, with its words: nothing is lost silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from pipeline.imports.text import UNSEEN, Piece, shown_signs, tangles
from pipeline.problems import Source, TalkError

Kind = Literal["marp", "revealmd", "slidev", "quarto", "pandoc", "ipynb", "pptx"]
MOST_SIGNS = 3_000_000  # of a deck's text, beside pictures in it: three long novels
Role = Literal["", "title", "section", "quote", "closing"]


class Entry(msgspec.Struct, frozen=True):
    """One thing that is not as it was: left out, or kept in another way."""

    where: Source
    what: str
    text: str = ""  # as it was written
    is_kept: bool = False  # in another way
    place: str = ""  # in a file without lines: "slide 4"

    def __str__(self) -> str:
        quoted = " ".join(self.text.split())
        quoted = f": {quoted[:60]}{'…' if len(quoted) > 60 else ''}" if quoted else ""
        return f"{self.place or self.where}: {self.what}{quoted}"


class Ledger(msgspec.Struct):
    """Gathers what is not as it was, in the order in which it was met."""

    entries: list[Entry] = []
    _met: set[Entry] = set()  # a long deck has thousands

    def left_out(self, where: Source, what: str, text: str = "", place: str = "") -> None:
        """Something that the talk doesn't have."""
        self._add(Entry(where, what, text.strip("\n"), place=place))

    def changed(self, where: Source, what: str, text: str = "", place: str = "") -> None:
        """Something that the talk has in another way."""
        self._add(Entry(where, what, text.strip("\n"), is_kept=True, place=place))

    def _add(self, entry: Entry) -> None:
        if entry not in self._met:
            self._met.add(entry)
            self.entries.append(entry)


class Unlined(msgspec.Struct):
    """A file without lines of its own, made into one text: which part each line of it is of."""

    path: Path
    ledger: Ledger
    part: str  # what its parts are called: "slide", "cell"
    number: int = 0  # of the part that is read
    line: int = 1  # of the text that is made
    signs: int = 0  # of it, so far
    files: dict[str, bytes] = {}
    places: dict[int, str] = {}  # line -> "talk.pptx, slide 4"

    @property
    def place(self) -> str:
        return f"{self.path.name}, {self.part} {self.number}"

    @property
    def where(self) -> Source:
        return Source(self.path, self.line)

    def left_out(self, what: str, text: str = "") -> None:
        self.ledger.left_out(self.where, what, text, self.place)

    def changed(self, what: str) -> None:
        self.ledger.changed(self.where, what, place=self.place)

    def piece(self, text: str) -> Piece:
        """A text of the part, on lines of its own. Raises TalkError where all is far too much."""
        self.signs += len(text)
        if self.signs > MOST_SIGNS:
            raise too_long(self.signs, self.path)
        made = plain_signs(Piece(text, self.path, self.line), self.ledger, self.place)
        self.places[self.line] = self.place
        self.line += text.count("\n") + 2
        return made


class Backdrop(msgspec.Struct, frozen=True):
    """A picture behind a slide, or at one side of it."""

    address: str
    where: Source
    is_beside: bool = False
    alt: str = ""


class ForeignSlide(msgspec.Struct, frozen=True):
    """One slide; of its texts none is cleaned yet. Without columns all stands in `body`."""

    where: Source
    body: Piece
    title: Piece | None = None
    left: Piece | None = None
    right: Piece | None = None
    notes: Piece | None = None
    backdrops: tuple[Backdrop, ...] = ()
    role: Role = ""
    is_stepwise: bool = False  # its lists come item by item
    is_hidden: bool = False


class Deck(msgspec.Struct, frozen=True):
    """A deck of another tool. `about` holds title, subtitle, speaker, event, date, language,
    length, as far as it says them; `files` are pictures that it holds itself, by address."""

    kind: Kind
    path: Path
    slides: tuple[ForeignSlide, ...]
    about: Mapping[str, str]
    files: Mapping[str, bytes] = {}
    notes_of: Mapping[str, Piece] = {}  # footnotes, by label
    addresses: Mapping[str, str] = {}  # of reference links, by label
    anchors: Mapping[str, int] = {}  # what links to slides name
    places: Mapping[int, str] = {}  # line -> "slide 4", without lines


def plain_signs(piece: Piece, ledger: Ledger, place: str = "") -> Piece:
    """A piece without signs that steer, stand for none, or mean something to us alone.

    Nor has it paragraphs of brackets, which no program reads in time.
    """
    for found in UNSEEN.finditer(piece.text):
        what = f"a sign that shows nothing, U+{ord(found[0]):04X}"
        ledger.left_out(piece.where(found.start()), what, place=place)
    plain = replace(piece, text=shown_signs(piece.text))
    for first, last in tangles(plain.text):
        knot = plain.part(first, last)
        ledger.left_out(knot.where(), "a paragraph of more than 1,000 brackets", knot.text, place)
        plain = plain.without(first, last)
    return plain


def too_long(signs: int, path: Path) -> TalkError:
    """What a text of so many signs is refused with."""
    message = f"the deck has {signs:,} signs of text, {MOST_SIGNS:,} are the most"
    return TalkError(message, Source(path), "is it the right file? pictures in it don't count")
