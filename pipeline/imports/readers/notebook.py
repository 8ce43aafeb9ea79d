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
from pathlib import Path
from typing import Any

from pipeline.imports.deck import Deck, ForeignSlide, Ledger, Unlined
from pipeline.imports.split import titled
from pipeline.imports.text import Piece, references_of, tokens_of
from pipeline.problems import Source, TalkError
from pipeline.slides.code import fenced

_STEERS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f]")
_HIDES_CODE = {"hide-input", "hide_input", "remove-input", "remove_input", "remove-cell"}
_HIDES_OUTPUT = {"hide-output", "hide_output", "remove-output", "remove_output", "remove-cell"}
_IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/svg+xml": "svg"}
_TYPES = ("slide", "subslide", "fragment", "skip", "notes")
_MOST_SIGNS = 4000  # of an output that is text


class _Reading(Unlined):
    language: str = "python"  # of its code


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
    language = language.removesuffix("3") if re.fullmatch(r"[\w+#.-]+", language) else ""
    reading = _Reading(path, ledger, "cell", language=language)
    slides = [_slide(shown, notes) for shown, notes in _pages(cells, reading)]
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


Page = tuple[list[Piece], list[Piece]]  # what is shown, what is said


def _pages(cells: Sequence[Mapping[str, Any]], reading: _Reading) -> list[Page]:
    """The slides, by the types of the cells; by headings where no cell has one."""
    types = [_type(cell) for cell in cells]
    has_types = "slide" in types or "subslide" in types
    pages: list[Page] = []
    for number, (cell, kind) in enumerate(zip(cells, types, strict=True), 1):
        reading.number = number
        if kind == "skip":
            reading.left_out("a cell that is skipped", _source(cell))
            continue
        if kind == "fragment":
            reading.changed("a fragment: what it shows is there at once")
        pieces = list(_pieces(cell, reading))
        begins = kind in ("slide", "subslide") if has_types else _has_heading(pieces)
        if not pages or (begins and kind != "notes"):
            pages.append(([], []))
        shown, notes = pages[-1]
        (notes if kind == "notes" else shown).extend(pieces)
    return [(shown, notes) for shown, notes in pages if shown or notes]


def _slide(shown: list[Piece], notes: list[Piece]) -> ForeignSlide:
    body = _joined(shown) or Piece("", notes[0].path, notes[0].line)
    title, rest = titled(body)
    return ForeignSlide(body.first, rest, title, notes=_joined(notes))


def _joined(pieces: list[Piece]) -> Piece | None:
    """Pieces that follow each other as one, each on its own lines."""
    if not pieces:
        return None
    text, line = "", pieces[0].line
    for piece in pieces:
        text += "\n" * max(piece.line - line - text.count("\n"), 0) + piece.text
    return Piece(text, pieces[0].path, line)


def _pieces(cell: Mapping[str, Any], reading: _Reading) -> Iterator[Piece]:
    """What a cell shows: its text, or its code and what that gave."""
    kind, source = cell.get("cell_type"), _source(cell)
    tags = set(map(str, _list(_table(cell.get("metadata")).get("tags"))))
    if kind == "markdown":
        yield reading.piece(_attached(cell, source, reading))
        return
    if kind != "code":
        reading.left_out("a raw cell", source)
        return
    hidden = _table(_table(cell.get("metadata")).get("jupyter")).get("source_hidden")
    if source.strip():
        if tags & _HIDES_CODE or hidden:
            reading.left_out("code that isn't shown", source)
        else:
            yield reading.piece(fenced(source, reading.language))
    for output in _list(cell.get("outputs")):
        if tags & _HIDES_OUTPUT or not isinstance(output, dict):
            continue
        if text := _output(output, reading):
            yield reading.piece(text)


def _output(output: Mapping[str, Any], reading: _Reading) -> str:
    """What code gave: a picture, or text; "" where it is neither."""
    if output.get("output_type") == "stream":
        return _plain(_text(output.get("text")), reading)
    if output.get("output_type") == "error":
        return _plain(f"{output.get('ename')}: {output.get('evalue')}", reading)
    data = _table(output.get("data"))
    for kind, ending in _IMAGES.items():
        if kind in data:
            content = _text(data[kind])
            name = f"cell-{reading.number}-{len(reading.files) + 1}.{ending}"
            try:
                raw = content.encode() if ending == "svg" else base64.b64decode(content)
            except (binascii.Error, ValueError):
                continue
            reading.files[name] = raw
            return f"![]({name})"
    if "text/markdown" in data or "text/latex" in data:
        return _text(data.get("text/markdown") or data.get("text/latex"))
    if "text/html" in data:
        reading.left_out("an output as HTML", _text(data["text/html"]))
    return _plain(_text(data.get("text/plain")), reading)


def _plain(text: str, reading: _Reading) -> str:
    text = _STEERS.sub("", text).strip("\n")
    if len(text) > _MOST_SIGNS:
        reading.left_out("the rest of an output", text[_MOST_SIGNS:])
        text = text[:_MOST_SIGNS]
    return fenced(text) if text.strip() else ""


def _attached(cell: Mapping[str, Any], source: str, reading: _Reading) -> str:
    """A text whose pictures lie in the cell itself."""
    for name, kinds in _table(cell.get("attachments")).items():
        for content in _table(kinds).values():
            made = f"cell-{reading.number}-{Path(str(name)).name}"
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
