"""The deck while its speaker edits: kept in pieces, and only what changed is made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline.config import Config, load_config
from pipeline.numbers.fill import Numbers
from pipeline.pages.deck import NOTES, Deck, DeckMaker, deck_input, deck_page
from pipeline.pages.slide import DeckInput
from pipeline.resources import TEMPLATES
from pipeline.results import Results
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import check_slide_links, load_slide
from pipeline.talk import Talk, load_talk


@dataclass(frozen=True, slots=True)
class Shown:
    """A deck as open browsers have it, and what tells it from another one."""

    deck: Deck
    version: str  # of everything; the same content gives the same version
    frame: str  # hash of what can't be swapped: the rest of the page, and its scripts
    css: str  # hash of the stylesheet
    notes: str  # hash of the script beside the slides; empty without one

    @property
    def page(self) -> str:
        return deck_page(
            self.deck,
            "live/deck.html.j2",
            connects="'self'",
            version=self.version,
            frame=self.frame,
        )


def shown_of(deck: Deck) -> Shown:
    """The deck with the hashes that tell what changed."""
    files = deck.files
    scripts = [files[name] for name in sorted(files) if name.endswith(".js") and name != NOTES]
    bare = replace(deck, sections={}, timeline=Markup(), data={}, styles="")
    frame = _hash(deck_page(bare).encode(), *scripts)
    css = _hash(*(files[name] for name in sorted(files) if name.endswith(".css")))
    notes = _hash(files[NOTES]) if NOTES in files else ""
    pieces = [deck.styles, deck.timeline, data_of(deck), *deck.sections.values()]
    version = _hash(*(piece.encode() for piece in (frame, css, notes, *pieces)))
    return Shown(deck, version, frame, css, notes)


def data_of(deck: Deck) -> str:
    """What the page knows of its measured numbers, as it stands in it."""
    return json.dumps(deck.data, ensure_ascii=False)


def _hash(*parts: bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:16]


def patch(old: Shown | None, new: Shown) -> dict[str, Any]:
    """What a browser that shows `old` (None: nobody knows what) needs to show `new`."""
    made: dict[str, Any] = {"type": "patch", "version": new.version, "frame": new.frame}
    had, has = old.deck if old else None, new.deck
    if had is None or list(had.sections) != list(has.sections):
        made["order"] = list(has.sections)
    known = had.sections if had else {}
    changed = {name: text for name, text in has.sections.items() if known.get(name) != text}
    if changed:
        made["sections"] = changed
    if had is None or had.timeline != has.timeline:
        made["timeline"] = has.timeline
    if had is None or had.data != has.data:
        made["data"] = data_of(has)
    if had is None or had.styles != has.styles:
        made["styles"] = has.styles
    for key in ("css", "notes"):
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
        self._maker = DeckMaker(self.cache)

    def update(self, changed: Collection[Path] = ()) -> Shown:
        """The deck after these files changed.

        Raises what is wrong, mostly a TalkError; the next call makes up for this one.
        """
        self.pending |= set(changed)
        if self.shown and self._deck and self._only_slides(self.pending):
            self._read_slides(self.pending)
        elif self._deck and self._only_looks(self.pending):
            deck = self._deck
            self._forget()
            self._deck = deck
        else:
            self._read_all()
        assert self._deck
        self.shown = shown_of(self._maker.make(self._deck, same_font=True))
        self.pending.clear()
        return self.shown

    def new_signs(self) -> bool:
        """Cut the typeface anew if the page has signs that it lacks; whether that was so."""
        if self.shown is None or self._deck is None:
            return False
        deck = self._maker.make(self._deck)
        if deck == self.shown.deck:
            return False
        self.shown = replace(self.shown, deck=deck)
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
        self._deck = deck_input(self.talk, self.cache)

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
