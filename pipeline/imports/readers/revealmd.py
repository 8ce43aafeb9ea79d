"""reveal-md and reveal.js: slides between `---` and `----`, `Note:`, attributes in comments.

As https://revealjs.com/markdown/ and the README of reveal-md have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.imports.deck import Backdrop, Deck, ForeignSlide, Ledger
from pipeline.imports.meta import Meta, head_of
from pipeline.imports.readers.columns import html_columns
from pipeline.imports.split import titled
from pipeline.imports.text import Piece, masked, references_of, whole
from pipeline.problems import Source, TalkError

OPTIONS = ("revealOptions", "verticalSeparator", "separator", "notesSeparator", "highlightTheme")
_KEPT = ("title", "author", "lang", "description", "date", *OPTIONS[1:4])
_RULE, _VERTICAL = r"^---[ \t]*$", r"^----[ \t]*$"
_NOTES = r"^[ \t]*notes?:"
_SLIDE = re.compile(r"<!--\s*\.slide:(?P<said>.*?)-->", re.DOTALL)
_ELEMENT = re.compile(r"(?:(?<![ \t])[ \t]++)?<!--\s*+\.element:?(?P<said>.*?)-->", re.DOTALL)
_ASIDE = re.compile(
    r"<aside\b(?=[^<>]*\bnotes\b)[^<>]*+>(?P<said>(?:(?!<aside\b).)*?)</aside\s*>",
    re.DOTALL | re.I,
)
_BACK = re.compile(r"data-background(?:-image)?\s*=\s*[\"']?([^\"'\s>]+\.\w{3,4})[\"']?")
_HIDDEN = re.compile(r"data-visibility\s*=\s*[\"']?hidden")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]", re.MULTILINE)
_MOST_SIGNS = 60  # of a separator


def read_revealmd(path: Path, text: str, ledger: Ledger) -> Deck:
    """A deck of reveal-md. Raises TalkError for what never ends, and separators that are none."""
    meta, piece = head_of(whole(text, path))
    about = {
        "title": meta.text("title"),
        "speaker": meta.text("author"),
        "language": meta.text("lang"),
        "description": meta.text("description"),
        "date": meta.text("date"),
    }
    for key in meta.others(*_KEPT):
        ledger.left_out(meta.where(key), f"reveal's `{key}`", meta.written(key))
    for key in OPTIONS[1:4]:
        if key in meta.said:
            ledger.changed(meta.where(key), "what divides the deck", meta.written(key))
    rule, vertical = (
        _separator(meta, "separator", _RULE),
        _separator(meta, "verticalSeparator", _VERTICAL),
    )
    notes = _separator(meta, "notesSeparator", _NOTES)
    slides = []
    for one, is_below in _divided(piece, rule, vertical):
        if is_below:
            ledger.changed(one.first, "a slide below another, which now comes after it")
        slides.append(_slide(one, notes, ledger))
    return Deck("revealmd", path, tuple(slides), about, addresses=references_of(piece.text))


def _separator(meta: Meta, key: str, usual: str) -> re.Pattern[str]:
    """A separator as the deck says it. Raises TalkError for one that is no pattern."""
    said = meta.text(key)
    if not said:
        return re.compile(usual, re.MULTILINE | re.IGNORECASE)
    said = said.replace("\\r?", "")
    try:
        if len(said) > _MOST_SIGNS or re.search(r"[)\]][*+{]", said):
            raise ValueError("it is too complicated")
        return re.compile(said, re.MULTILINE | re.IGNORECASE)
    except (re.error, ValueError) as error:
        message = f"`{key}` is no pattern that divides a deck: {error}"
        raise TalkError(message, meta.where(key), "such as <!--s-->") from None


def _divided(
    piece: Piece, rule: re.Pattern[str], vertical: re.Pattern[str]
) -> Iterator[tuple[Piece, bool]]:
    """Each slide, and whether it stands below the one before."""
    text, at, is_below = masked(piece.text), 0, False
    found = [(m.start(), m.end(), False) for m in rule.finditer(text)]
    found += [(m.start(), m.end(), True) for m in vertical.finditer(text)]
    for start, end, down in sorted(found):
        if start < at or start == end:
            continue
        yield piece.slice(at, start), is_below
        at, is_below = end, down
    yield piece.slice(at), is_below


def _slide(piece: Piece, separator: re.Pattern[str], ledger: Ledger) -> ForeignSlide:
    where, notes = piece.first, None
    if found := separator.search(masked(piece.text)):
        piece, notes = piece.slice(0, found.start()), piece.slice(found.end())
    backs: list[Backdrop] = []
    is_hidden, fragments = False, 0

    def slide(found: re.Match[str], at: Source) -> str:
        nonlocal is_hidden
        if back := _BACK.search(found["said"]):
            backs.append(Backdrop(back[1], at))
        is_hidden = is_hidden or bool(_HIDDEN.search(found["said"]))
        ledger.changed(at, "attributes of the slide: its picture alone is kept", found[0])
        return ""

    def element(found: re.Match[str], at: Source) -> str:
        nonlocal fragments
        fragments += "fragment" in found["said"]
        ledger.changed(at, "attributes of an element: a list of fragments alone is kept", found[0])
        return ""

    def aside(found: re.Match[str], at: Source) -> str:
        nonlocal notes
        notes = Piece(found["said"], piece.path, at.line or 1)
        return ""

    body = piece.edited(_SLIDE, slide).edited(_ELEMENT, element).edited(_ASIDE, aside)
    title, body = titled(body)
    body, left, right = html_columns(body, ledger)
    items = len(_ITEM.findall(masked(body.text)))
    return ForeignSlide(
        where,
        body,
        title,
        left,
        right,
        notes,
        tuple(backs),
        is_stepwise=fragments > 0 and fragments >= items > 0,
        is_hidden=is_hidden,
    )
