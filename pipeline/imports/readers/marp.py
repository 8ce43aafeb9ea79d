"""Marp: slides between rules, directives and notes in comments, backgrounds as pictures.

As https://marpit.marp.app/ has it: directives, image syntax, fragmented lists, heading divider.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.imports.deck import Backdrop, Deck, ForeignSlide, Ledger, Role
from pipeline.imports.meta import Meta, head_of, plain, read_meta
from pipeline.imports.readers.columns import html_columns
from pipeline.imports.split import at_rules, between, headings, titled
from pipeline.imports.text import Piece, references_of, tokens_of, whole
from pipeline.problems import Source, TalkError

DIRECTIVES = (
    *("marp", "theme", "style", "headingDivider", "lang", "size", "math", "title", "author"),
    *("description", "keywords", "url", "image", "paginate", "header", "footer", "class"),
    *("backgroundColor", "backgroundImage", "backgroundPosition", "backgroundRepeat"),
    *("backgroundSize", "color", "transition", "auto-scaling", "inlineSVG", "html"),
)
_DIVIDER = re.compile(r"^[^\S\n]*+headingDivider\s*+:\s*+(.+)$", re.MULTILINE)
_COMMENT = re.compile(r"<!--(?P<inner>.*?)-->", re.DOTALL)
_BACKDROP = re.compile(
    r"!\[(?P<said>(?:(?!!\[)[^\]\n])*+)\]\(\s*+(?P<address><[^<>\n]*>|[^\s)]*+)[^)\n]*+\)"
)
_URL = re.compile(r"url\(\s*+[\"']?((?:(?!url\()[^)\n])*+)\)")
_BACK_WORDS = re.compile(
    r"^(?:bg|left|right|cover|contain|fit|auto|vertical|(?:left|right|w|h|width|height|"
    r"brightness|blur|contrast|drop-shadow|grayscale|hue-rotate|invert|opacity|saturate|sepia)"
    r":\S*|[0-9.]+%|blur|brightness|grayscale|sepia|invert)$"
)
_SPLIT = re.compile(r"^(?:left|right)(?::.*)?$")
_KEPT = ("marp", "title", "author", "lang", "description", "footer")
_OF_TITLES = ("lead", "title", "cover")  # classes that themes have for the first slide


class _Said(msgspec.Struct):
    """What comments of a slide say."""

    notes: list[str]
    line: int = 1
    classes: str = ""
    backdrop: Backdrop | None = None


def read_marp(path: Path, text: str, ledger: Ledger) -> Deck:
    """A Marp deck. Raises TalkError for what is no Markdown that ends."""
    meta, piece = head_of(whole(text, path))
    about = {
        "title": meta.text("title"),
        "speaker": meta.text("author"),
        "language": meta.text("lang"),
    }
    about |= {"description": meta.text("description"), "footer": meta.text("footer")}
    everywhere = _Said([])
    for key in meta.said:
        if key not in _KEPT:
            _directive(key, meta, everywhere, ledger)
    levels = _divider(meta, piece)
    pieces = [one for part in at_rules(piece) for one in _divided(part, levels)]
    slides = [_slide(one, everywhere, ledger) for one in pieces]
    return Deck("marp", path, tuple(slides), about, addresses=references_of(piece.text))


def _divider(meta: Meta, piece: Piece) -> tuple[int, ...]:
    """The levels of headings that begin a slide."""
    said: object = meta.said.get("headingDivider")
    for found in _COMMENT.finditer(piece.text):
        if one := _DIVIDER.search(found["inner"]):
            level = one[1].strip()
            said = re.findall("[1-6]", level) if level.startswith("[") else level
    if isinstance(said, list):
        return tuple(int(plain(one)) for one in said if re.fullmatch("[1-6]", plain(one)))
    level = plain(said)
    return tuple(range(1, int(level) + 1)) if re.fullmatch("[1-6]", level) else ()


def _divided(piece: Piece, levels: tuple[int, ...]) -> list[Piece]:
    """A piece divided before its headings of these levels, but for one that begins it."""
    starts = list[int]()
    if not levels:
        return [piece]
    for level, first, _ in headings(piece):
        if level in levels and (starts or _COMMENT.sub("", piece.part(0, first).text).strip()):
            starts.append(first)
    return between(piece, starts, keeps=True)


def _slide(piece: Piece, everywhere: _Said, ledger: Ledger) -> ForeignSlide:
    said = _Said([], classes=everywhere.classes)
    where = piece.first

    def comment(found: re.Match[str], at: Source) -> str:
        inner = found["inner"].strip()
        if inner == "fit":
            ledger.changed(at, "Marp's `fit`: titles have one size", found[0])
        elif not _read_directives(inner, piece.path, at, said, ledger):
            said.line = said.line if said.notes else at.line or 1
            said.notes.append(inner)
        return ""

    backs: list[Backdrop] = []

    def backdrop(found: re.Match[str], at: Source) -> str:
        words = found["said"].split()
        if "bg" not in words:
            return _sized(found, at, ledger)
        alt = " ".join(word for word in words if not _BACK_WORDS.match(word))
        beside = any(_SPLIT.match(word) for word in words)
        backs.append(Backdrop(found["address"].strip("<>"), at, beside, alt))
        ledger.changed(at, "a background, as a picture of the layout", found[0])
        return ""

    rest = piece.edited(_COMMENT, comment).edited(_BACKDROP, backdrop)
    if said.backdrop:
        backs.append(said.backdrop)
    title, body = titled(rest)
    steps, body = _fragments(body)
    names = said.classes.split()
    role: Role = "title" if any(name in _OF_TITLES for name in names) else ""
    notes = Piece("\n\n".join(said.notes), piece.path, said.line) if said.notes else None
    body, left, right = html_columns(body, ledger)
    return ForeignSlide(
        where,
        body,
        title,
        left,
        right,
        notes,
        tuple(backs),
        role,
        is_stepwise=steps,
    )


def _sized(found: re.Match[str], at: Source, ledger: Ledger) -> str:
    """A picture without the words of its alternative text that say how large it is."""
    words = found["said"].split()
    kept = [word for word in words if not _BACK_WORDS.match(word) or ":" not in word]
    if kept == words:
        return found[0]
    ledger.changed(at, "a picture's size: pictures are as large as fits", found[0])
    return found[0].replace(f"[{found['said']}]", f"[{' '.join(kept)}]", 1)


def _read_directives(inner: str, path: Path, at: Source, said: _Said, ledger: Ledger) -> bool:
    """Take in a comment that is directives; False: it is a note."""
    first = re.match(r"_?\$?([\w-]+)\s*:", inner)
    if not first or first[1] not in DIRECTIVES:
        return False
    try:
        meta = read_meta(Piece(inner, path, at.line or 1))
    except TalkError:
        return False
    for key in meta.said:
        _directive(key, meta, said, ledger)
    return bool(meta.said)


def _directive(key: str, meta: Meta, said: _Said, ledger: Ledger) -> None:
    """One directive: what our slides have of it, and what they don't."""
    name, value, where = key.lstrip("_$"), plain(meta.said[key]), meta.where(key)
    written = meta.written(key)
    if name == "class":
        said.classes = f"{said.classes} {value}".strip()
        ledger.changed(where, "a class: it chooses a layout at most", written)
    elif name == "backgroundImage" and (found := _URL.search(value)):
        said.backdrop = Backdrop(found[1].rstrip(" \t\"'"), where)
        ledger.changed(where, "a background, as a picture of the layout", written)
    elif name == "headingDivider":
        ledger.changed(where, "slides are divided by it", written)
    else:
        ledger.left_out(where, f"Marp's `{name}`", written)


def _fragments(piece: Piece) -> tuple[bool, Piece]:
    """Whether its lists come item by item, and the piece with their usual signs: `*` and `1)`."""
    rows, are_all = piece.rows, False
    for row in _fragment_rows(piece):
        rows[row] = re.sub(r"^(\s*)(?:\*|([0-9]+)\))(?=\s)", _usual_sign, rows[row])
        are_all = True
    return are_all, replace(piece, text="\n".join(rows))


def _fragment_rows(piece: Piece) -> Iterator[int]:
    for token in tokens_of(piece.text):
        if token.type == "list_item_open" and token.markup in ("*", ")") and token.map:
            yield token.map[0]


def _usual_sign(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}." if found[2] else f"{found[1]}-"
