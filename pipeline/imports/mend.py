"""A written slide is read as `build` reads it; what it refuses is made plain, or left out.

So whatever a deck holds, the talk made of it builds, and the list says what became of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.imports.deck import Ledger
from pipeline.imports.layouts import Draft, tidy
from pipeline.imports.text import Piece, tokens_of
from pipeline.locale import Locale
from pipeline.measured import Measured
from pipeline.numbers.fill import Numbers
from pipeline.places import Place
from pipeline.problems import Source, TalkError
from pipeline.slides.layouts import Layout
from pipeline.slides.slide import Slide, slide_of
from pipeline.slides.source import read_slide

_MOST_TRIES = 60
_LEAST_TRIES, _MOST_SIGNS = 5, 60_000  # each try reads all of the slide: signs of all tries
_FENCE = r"^(\s*(?:[-*+>] ?|\d+[.)] )*)(`{3,}|~{3,})"
_SIGNS = re.compile(r"[\\`*_\[\]<>$|~^=]|\{")
_ENTITIES = {"{": "&#123;", "<": "&lt;", "&": "&amp;", "|": "&#124;", "=": "&#61;", "^": "&#94;"}
_STARTS = re.compile(r"^([ \t]*)([-+:#>]|\d+(?=[.)]\s))", re.MULTILINE)


class Mender(msgspec.Struct, frozen=True):
    """Reads the slides of one talk, and mends those that can't be read."""

    layouts: Mapping[str, Layout]
    ledger: Ledger
    locale: Locale

    def mended(self, slide: Draft, path: Path, where: Source) -> tuple[Draft, Slide]:
        """The slide as it can be read, and read; `path` is its file, written on the way."""
        tried: dict[tuple[str, int], int] = {}
        signs = sum(len(piece.text) for _, piece in slide.parts)
        for _ in range(max(_LEAST_TRIES, min(_MOST_TRIES, _MOST_SIGNS // (signs or 1)))):
            try:
                return slide, self._read(slide, path)
            except TalkError as error:
                slide = self._after(slide, error, path, where, tried)
        self.ledger.left_out(where, "the whole slide, but for its title", _all_text(slide))
        slide = Draft("section", (("title", "Slide"),), ())
        return slide, self._read(slide, path)

    def _read(self, slide: Draft, path: Path) -> Slide:
        path.write_text(slide.text(), "utf-8")
        raw = read_slide(path)
        number = int(path.name.partition("-")[0])
        place = Place(number, raw.name, str(number))
        return slide_of(raw, {raw.name: raw}, place, self.layouts, Numbers(Measured(), self.locale))

    def _after(
        self,
        slide: Draft,
        error: TalkError,
        path: Path,
        where: Source,
        tried: dict[tuple[str, int], int],
    ) -> Draft:
        """The slide with what an error is about made plain, or gone."""
        line = error.where.line if error.where else None
        place = _place(slide, line or 1)
        if place is None or place[0] not in {name for name, _ in slide.parts}:
            return self._without_layout(slide, error, where, tried)
        name, row = place
        piece = dict(slide.parts)[name]
        first, last, kind = _block(piece, row)
        times = tried[name, first] = tried.get((name, first), 0) + 1
        block = piece.part(first, last)
        changed = _plainer(block, kind, times)
        if changed is None:
            self.ledger.left_out(block.first, error.message, block.text)
            changed = ""
        else:
            self.ledger.changed(block.first, f"made plain: {error.message}", block.text)
        made = changed.split("\n")
        rows = piece.rows
        rows[first:last] = [*made, *[""] * (last - first - len(made))]
        piece = replace(piece, text="\n".join(rows))
        parts = tuple((n, piece if n == name else p) for n, p in slide.parts)
        parts = tuple((n, p) for n, p in parts if not p.is_empty)
        return replace(slide, parts=parts)

    def _without_layout(
        self,
        slide: Draft,
        error: TalkError,
        where: Source,
        tried: dict[tuple[str, int], int],
    ) -> Draft:
        """A slide that its layout or a field doesn't fit: as words, its title as plain text."""
        times = tried["", 0] = tried.get(("", 0), 0) + 1
        fields = dict(slide.fields)
        if not slide.parts and slide.layout in ("text", "code", "table", "quote"):
            return Draft("section", slide.fields, ())
        if times == 1 and slide.layout != "text" and slide.parts:
            kept = tuple((k, v) for k, v in slide.fields if k in ("title", "hidden"))
            lost = [v for k, v in slide.fields if k not in ("title", "hidden", "look")]
            self.ledger.changed(where, f"as words: {error.message}", " ".join(lost))
            pieces = [piece for _, piece in slide.parts]
            text = "\n\n".join(piece.text for piece in pieces)
            return Draft("text", kept, (("body", replace(pieces[0], text=text)),))
        if times <= 2:
            self.ledger.changed(where, f"its title made plain: {error.message}", fields["title"])
            return _with_title(slide, plain_words(fields["title"]))
        if times == 3:
            self.ledger.left_out(where, error.message, fields["title"])
            return _with_title(slide, "Slide")
        self.ledger.left_out(where, error.message, _all_text(slide))
        return Draft("section", (("title", fields["title"]),), ())


def plain_words(text: str) -> str:
    """A text of which nothing is read as Markdown, HTML or a placeholder."""
    text = _SIGNS.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)
    return _STARTS.sub(lambda found: f"{found[1]}\\{found[2]}", text)


def _with_title(slide: Draft, title: str) -> Draft:
    fields = tuple((k, title if k == "title" else v) for k, v in slide.fields)
    return replace(slide, fields=fields)


def _all_text(slide: Draft) -> str:
    fields = [value for key, value in slide.fields if key != "title"]
    return "\n".join([*fields, *(piece.text for _, piece in slide.parts)])


def _place(slide: Draft, line: int) -> tuple[str, int] | None:
    """The part in which a line of the written file lies, and the row in its piece."""
    at = 3 + len(slide.fields)  # lines before the first part
    if line <= at:
        return None
    for name, piece in slide.parts:
        rows = _tidied_rows(piece)
        at += name != "body"
        if at < line <= at + len(rows):
            return name, rows[line - at - 1]
        if line <= at:
            return name, rows[0]
        at += len(rows) + (2 if name != "body" else 1)
    return None


def _tidied_rows(piece: Piece) -> list[int]:
    """For each line of a tidied piece the row in the piece itself."""
    rows, made, at = piece.rows, [], 0
    for line in tidy(piece.text).split("\n"):
        while at < len(rows) - 1 and rows[at].rstrip() != line.rstrip():
            at += 1
        made.append(at)
        at += 1
    return made or [0]


def _block(piece: Piece, row: int) -> tuple[int, int, str]:
    """First row, row after and kind of the innermost block at a row that can be taken out."""
    best = (row, row + 1, "words")
    width = len(piece.rows) + 1
    for token in tokens_of(piece.text):
        if token.type in ("fence", "code_block", "table_open", "paragraph_open", "heading_open"):
            first, last = token.map or (0, 0)
            if first <= row < last and last - first < width:
                best = (first, last, token.type.removesuffix("_open"))
                width = last - first
    return best


def _plainer(block: Piece, kind: str, times: int) -> str | None:
    """A block in a plainer form; None where it has to go."""
    if kind == "fence" and times == 1:
        return re.sub(
            rf"{_FENCE}\s*\{{?\.?([\w+#-]+).*?(\{{[\d,|\s-]+\}})?.*",
            r"\1\2\3 \4",
            block.text,
            count=1,
        )
    if kind == "fence" and times == 2:
        return re.sub(rf"{_FENCE}.*", r"\1\2", block.text, count=1)
    if kind == "table" and times <= 2:
        return _EVEN[times - 1](block.text)
    if kind in ("paragraph", "words", "heading") and times == 1:
        marker = re.match(r"\s*(?:(?:[-*+>]|\d+[.)]|#{1,6})\s+)*", block.rows[0])
        start = marker[0] if marker else ""
        return start + plain_words(block.text[len(start) :])
    return None


def _cells(row: str) -> list[str]:
    inner = re.sub(r"^\s*\|?|(?<!\\)\|\s*$", "", row)
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", inner)]


def _evened(text: str) -> str:
    """A table whose rows have as many cells as its heading; those too many join the last one."""
    rows = [_cells(row) for row in text.split("\n") if row.strip()]
    width = len(rows[0])
    made = [
        [*row[: width - 1], " ".join(row[width - 1 :])] if len(row) > width else row for row in rows
    ]
    made = [[*row, *[""] * (width - len(row))] for row in made]
    return "\n".join(f"| {' | '.join(row)} |" for row in made)


def _listed(text: str) -> str:
    """A table as a list, an item a row."""
    rows = [_cells(row) for row in text.split("\n") if row.strip()]
    rows = [row for row in rows if not all(re.fullmatch(r":?-*:?", cell) for cell in row)]
    return "\n".join(f"- {' – '.join(filter(None, row))}" for row in rows)


_EVEN: tuple[Callable[[str], str], ...] = (_evened, _listed)
