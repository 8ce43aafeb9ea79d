"""Jupyter notebooks with slide types: text, code and what it gave, as slides.

The file's cells become one text; `Deck.places` says which cell a line of it is.
As https://nbformat.readthedocs.io/ has the format, and nbconvert's slides the types.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.imports.deck import Deck, ForeignSlide, Ledger
from pipeline.imports.split import levelled, titled
from pipeline.imports.text import Piece, references_of, tokens_of
from pipeline.problems import Source, TalkError

_STEERS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f]")
_HIDES_CODE = {"hide-input", "hide_input", "remove-input", "remove_input", "remove-cell"}
_HIDES_OUTPUT = {"hide-output", "hide_output", "remove-output", "remove_output", "remove-cell"}
_IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/svg+xml": "svg"}
_TYPES = ("slide", "subslide", "fragment", "skip", "notes")
_MOST_SIGNS = 4000  # of an output that is text


@dataclass(slots=True)
class _Reading:
    path: Path
    ledger: Ledger
    language: str
    files: dict[str, bytes] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    line: int = 1  # of the text that is made

    def piece(self, text: str, number: int) -> Piece:
        """A text of a cell, on lines of its own."""
        made = Piece(text, self.path, self.line)
        self.places[self.line] = f"{self.path.name}, cell {number}"
        self.line += text.count("\n") + 2
        return made


def read_notebook(path: Path, text: str, ledger: Ledger) -> Deck:
    """A notebook. Raises TalkError for what is none."""
    try:
        book: Any = json.loads(text)
        cells = [cell for cell in book["cells"] if isinstance(cell, dict)]
    except (ValueError, KeyError, TypeError, RecursionError):
        hint = "save it as version 4, with Jupyter's own `jupyter nbconvert --to notebook`"
        raise TalkError("this is no notebook of Jupyter", Source(path), hint) from None
    said = _table(book.get("metadata"))
    kernel = {**_table(said.get("kernelspec")), **_table(said.get("language_info"))}
    language = str(kernel.get("name") or kernel.get("language") or "python")
    reading = _Reading(path, ledger, language.removesuffix("3") or "python")
    pages = _pages(cells, reading)
    slides = [_slide(pieces, notes, fragments) for pieces, notes, fragments in pages]
    authors = said.get("authors")
    names = [str(_table(a).get("name", "")) for a in authors] if isinstance(authors, list) else []
    about = {"title": str(said.get("title") or ""), "speaker": ", ".join(filter(None, names))}
    whole = "\n\n".join(slide.body.text for slide in slides)
    return Deck(
        "ipynb",
        path,
        tuple(slides),
        about,
        files=reading.files,
        addresses=references_of(whole),
        places=reading.places,
    )


Page = tuple[list[Piece], list[Piece], int]  # what is shown, what is said, how many fragments


def _pages(cells: Sequence[Mapping[str, Any]], reading: _Reading) -> list[Page]:
    """The slides, by the types of the cells; by headings where no cell has one."""
    types = [_type(cell) for cell in cells]
    has_types = "slide" in types or "subslide" in types
    pages: list[Page] = []
    for number, (cell, kind) in enumerate(zip(cells, types, strict=True), 1):
        where = Source(reading.path, reading.line)
        place = f"{reading.path.name}, cell {number}"
        if kind == "skip":
            reading.ledger.left_out(where, "a cell that is skipped", _source(cell), place)
            continue
        pieces = list(_pieces(cell, number, reading))
        begins = kind in ("slide", "subslide") if has_types else _has_heading(pieces)
        if kind != "notes" and (begins or not pages):
            pages.append(([], [], 0))
        if not pages:
            pages.append(([], [], 0))
        shown, notes, fragments = pages[-1]
        (notes if kind == "notes" else shown).extend(pieces)
        if kind == "fragment":
            message = "a fragment: what it shows is there at once"
            reading.ledger.changed(where, message, place=place)
        pages[-1] = (shown, notes, fragments + (kind == "fragment"))
    return [page for page in pages if page[0] or page[1]]


def _slide(shown: list[Piece], notes: list[Piece], _: int) -> ForeignSlide:
    body = _joined(shown) or Piece("", notes[0].path, notes[0].line)
    title, rest = titled(body)
    return ForeignSlide(body.first, levelled(rest), title, notes=_joined(notes))


def _joined(pieces: list[Piece]) -> Piece | None:
    """Pieces that follow each other as one, each on its own lines."""
    if not pieces:
        return None
    text, line = "", pieces[0].line
    for piece in pieces:
        text += "\n" * max(piece.line - line - text.count("\n"), 0) + piece.text
    return Piece(text, pieces[0].path, line)


def _pieces(cell: Mapping[str, Any], number: int, reading: _Reading) -> Iterator[Piece]:
    """What a cell shows: its text, or its code and what that gave."""
    kind, source = cell.get("cell_type"), _source(cell)
    tags = set(map(str, _list(_table(cell.get("metadata")).get("tags"))))
    where, place = Source(reading.path, reading.line), f"{reading.path.name}, cell {number}"
    if kind == "markdown":
        yield reading.piece(_attached(cell, source, number, reading), number)
        return
    if kind != "code":
        reading.ledger.left_out(where, "a raw cell", source, place)
        return
    hidden = _table(_table(cell.get("metadata")).get("jupyter")).get("source_hidden")
    if source.strip():
        if tags & _HIDES_CODE or hidden:
            reading.ledger.left_out(where, "code that isn't shown", source, place)
        else:
            yield reading.piece(_fenced(source, reading.language), number)
    for output in _list(cell.get("outputs")):
        if tags & _HIDES_OUTPUT or not isinstance(output, dict):
            continue
        if text := _output(output, number, reading):
            yield reading.piece(text, number)


def _output(output: Mapping[str, Any], number: int, reading: _Reading) -> str:
    """What code gave: a picture, or text; "" where it is neither."""
    if output.get("output_type") == "stream":
        return _plain(_text(output.get("text")), number, reading)
    if output.get("output_type") == "error":
        return _plain(f"{output.get('ename')}: {output.get('evalue')}", number, reading)
    data = _table(output.get("data"))
    for kind, ending in _IMAGES.items():
        if kind in data:
            content = _text(data[kind])
            name = f"cell-{number}-{len(reading.files) + 1}.{ending}"
            try:
                raw = content.encode() if ending == "svg" else base64.b64decode(content)
            except (binascii.Error, ValueError):
                continue
            reading.files[name] = raw
            return f"![]({name})"
    if "text/markdown" in data or "text/latex" in data:
        return _text(data.get("text/markdown") or data.get("text/latex"))
    if "text/html" in data:
        where, place = Source(reading.path, reading.line), f"{reading.path.name}, cell {number}"
        reading.ledger.left_out(where, "an output as HTML", _text(data["text/html"]), place)
    return _plain(_text(data.get("text/plain")), number, reading)


def _plain(text: str, number: int, reading: _Reading) -> str:
    text = _STEERS.sub("", text).strip("\n")
    if len(text) > _MOST_SIGNS:
        where, place = Source(reading.path, reading.line), f"{reading.path.name}, cell {number}"
        reading.ledger.left_out(where, "the rest of an output", text[_MOST_SIGNS:], place)
        text = text[:_MOST_SIGNS]
    return _fenced(text, "") if text.strip() else ""


def _fenced(code: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", code)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"


def _attached(cell: Mapping[str, Any], source: str, number: int, reading: _Reading) -> str:
    """A text whose pictures lie in the cell itself."""
    for name, kinds in _table(cell.get("attachments")).items():
        for content in _table(kinds).values():
            made = f"cell-{number}-{Path(str(name)).name}"
            try:
                reading.files[made] = base64.b64decode(_text(content))
            except (binascii.Error, ValueError):
                continue
            source = source.replace(f"attachment:{name}", made)
    return source


def _has_heading(pieces: list[Piece]) -> bool:
    tokens = (token for piece in pieces[:1] for token in tokens_of(piece.text))
    return any(token.type == "heading_open" and token.tag in ("h1", "h2") for token in tokens)


def _type(cell: Mapping[str, Any]) -> str:
    said = _table(_table(cell.get("metadata")).get("slideshow")).get("slide_type")
    return str(said) if said in _TYPES else ""


def _source(cell: Mapping[str, Any]) -> str:
    return _text(cell.get("source"))


def _text(value: object) -> str:
    text = "".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
