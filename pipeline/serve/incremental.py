"""The deck while its speaker edits: kept in pieces, and only what changed is made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.config import Config, load_config
from pipeline.numbers.fill import Numbers
from pipeline.pages.deck import (
    NOTES,
    PAGE,
    DeckInput,
    SlideView,
    check_title,
    deck_files,
    deck_text,
    page_templates,
    speaker_files,
    vectors_of,
    view_of,
)
from pipeline.pages.deck_of import deck_of
from pipeline.pictures.svg import Styles, Vector, check_links
from pipeline.problems import TalkError
from pipeline.resources import TEMPLATES
from pipeline.results import Results
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, check_slide_links, load_slide
from pipeline.talk import Talk, load_talk

# Pieces of the page: what stands before and after each.
_PIECES = {
    "styles": ("<style>", "</style>"),
    "timeline": ('<nav class="timeline"', "</nav>"),
    "data": ('id="deck-data">', "</script>"),
}
_SECTION, _SECTION_END = '<section id="', "</section>"


@dataclass(frozen=True, slots=True)
class Shown:
    """The deck as open browsers have it: the pieces that they swap, and all files."""

    version: str  # of everything; the same content gives the same version
    frame: str  # hash of what can't be swapped: the rest of the page, and its scripts
    css: str  # hash of the stylesheet
    sections: Mapping[str, str]  # slide's name -> its HTML, in order
    timeline: str
    data: str
    styles: str  # of the pictures
    notes: str  # hash of the script beside the slides; empty without one
    files: Mapping[str, bytes]  # name -> content, the page among them

    @property
    def page(self) -> str:
        return self.files[PAGE].decode()


def shown_of(files: Mapping[str, bytes]) -> Shown:
    """Take a deck's page apart."""
    text = files[PAGE].decode()
    first = text.find(_SECTION)
    end = text.rfind(_SECTION_END) + len(_SECTION_END)
    sections = {}
    for piece in text[first:end].split(_SECTION)[1:] if first >= 0 else ():
        sections[piece.partition('"')[0]] = _SECTION + piece.rstrip()
    rest = text[:first] + text[end:] if first >= 0 else text
    pieces = {}
    for name, (opening, closing) in _PIECES.items():
        before, found, after = rest.partition(opening)
        piece, _, after = after.partition(closing)
        pieces[name] = piece if found else ""
        rest = before + found + after
    scripts = [files[name] for name in sorted(files) if name.endswith(".js") and name != NOTES]
    notes = _hash(files[NOTES]) if NOTES in files else ""
    css = _hash(*(files[name] for name in sorted(files) if name.endswith(".css")))
    frame = _hash(rest.encode(), *scripts)
    whole = [frame, css, notes, *pieces.values(), *sections.values()]
    return Shown(
        version=_hash(*(piece.encode() for piece in whole)),
        frame=frame,
        css=css,
        sections=sections,
        notes=notes,
        files=files,
        **pieces,
    )


def _hash(*parts: bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:16]


def patch(old: Shown | None, new: Shown) -> dict[str, Any]:
    """What a browser that shows `old` (None: nobody knows what) needs to show `new`."""
    made: dict[str, Any] = {"type": "patch", "version": new.version, "frame": new.frame}
    if old is None or list(old.sections) != list(new.sections):
        made["order"] = list(new.sections)
    known = old.sections if old else {}
    changed = {name: text for name, text in new.sections.items() if known.get(name) != text}
    if changed:
        made["sections"] = changed
    for key in ("timeline", "data", "styles", "css", "notes"):
        if old is None or getattr(old, key) != getattr(new, key):
            made[key] = getattr(new, key)
    return made


class Preview:
    """Reads a talk, and again what changed of it. One thread at a time."""

    def __init__(
        self,
        root: Path,
        results_of: Callable[[Config], Results | None],
        cache: Path,
        cut: str | None = None,
    ) -> None:
        self.root, self.results_of, self.cache, self.cut = root, results_of, cache, cut
        self.pending: set[Path] = set()  # changed since what is shown was made
        self.shown: Shown | None = None
        self.talk: Talk | None = None
        self._forget()

    def _forget(self) -> None:
        self._deck: DeckInput | None = None
        self._views: dict[str, tuple[Slide, SlideView]] = {}
        self._vectors: dict[str, Vector] = {}
        self._uses: list[tuple[str, object]] = []
        self._styles = Styles()
        self._environment = page_templates()

    def update(self, changed: Collection[Path] = ()) -> Shown:
        """The deck after these files changed.

        Raises what is wrong, mostly a TalkError; the next call makes up for this one.
        """
        self.pending |= set(changed)
        files: Mapping[str, bytes] = {}
        if self.shown and self._deck and self._only_slides(self.pending):
            self._read_slides(self.pending)
            files = self.shown.files
        elif self._deck and self._only_looks(self.pending):
            deck = self._deck
            self._forget()
            self._deck = deck
        else:
            self._read_all()
        assert self._deck
        text = self._text(self._deck)
        files = {**files, PAGE: text.encode()}
        if len(files) == 1:
            files = {**deck_files(text, self._vectors, self.cache), **speaker_files(self._deck)}
        self.shown = shown_of(files)
        self.pending.clear()
        return self.shown

    def new_signs(self) -> bool:
        """Cut the typeface anew if the page has signs that it lacks; whether that was so."""
        if self.shown is None:
            return False
        files = deck_files(self.shown.page, {}, self.cache)
        changed = {name: content for name, content in files.items() if name.endswith(".woff2")}
        if all(self.shown.files.get(name) == content for name, content in changed.items()):
            return False
        self.shown = replace(self.shown, files={**self.shown.files, **changed})
        return True

    def _only_slides(self, changed: Collection[Path]) -> bool:
        known = {slide.source.path for slide in self.talk.slides} if self.talk else set()
        return all(path in known and path.is_file() for path in changed)

    @staticmethod
    def _only_looks(changed: Collection[Path]) -> bool:
        return all(
            path.is_relative_to(TEMPLATES) and path.name != "layouts.toml" for path in changed
        )

    def _read_all(self) -> None:
        self._forget()
        config = load_config(self.root)
        results = self.results_of(config)
        self._layouts, self._numbers = load_layouts(), Numbers(results)
        self.talk = load_talk(config, results, self._layouts, self.cut)
        self._deck = deck_of(self.talk, self.cache)

    def _read_slides(self, changed: Collection[Path]) -> None:
        assert self.talk
        assert self._deck
        slides = tuple(
            load_slide(slide.source.path, slide.number, slide.name, self._layouts, self._numbers)
            if slide.source.path in changed
            else slide
            for slide in self.talk.slides
        )
        check_slide_links(slides)
        self.talk = replace(self.talk, slides=slides)
        self._deck = replace(self._deck, slides=slides)

    def _text(self, deck: DeckInput) -> str:
        check_title(deck)
        self._vectors = vectors_of(deck, self._vectors)
        check_links(self._vectors.values(), {slide.name for slide in deck.slides})
        uses: list[tuple[str, object]] = [
            (use.name, use.opened) for slide in deck.slides for use in slide.pictures
        ]
        if uses != self._uses:  # a slide holds pictures that no other one shows
            self._uses = uses
            self._views.clear()
        views = [self._view(slide, deck) for slide in deck.slides]
        return deck_text(deck, views, self._vectors, self._styles, self._environment)

    def _view(self, slide: Slide, deck: DeckInput) -> SlideView:
        known = self._views.get(slide.name)
        # An agenda names other slides.
        if known and known[0] is slide and slide.layout != "agenda":
            return known[1]
        made = view_of(slide, deck, self._vectors, self._styles, self._environment)
        self._views[slide.name] = (slide, made)
        return made


__all__ = ["Preview", "Shown", "TalkError", "patch", "shown_of"]
