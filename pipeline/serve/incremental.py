"""The deck while its speaker edits: kept in pieces, and only what changed is made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from pipeline.config import Config, load_config
from pipeline.measured import Measured
from pipeline.memo import NO_MEMO, Memo
from pipeline.numbers.fill import Numbers
from pipeline.pages.assets import MATH_FONT
from pipeline.pages.csp import HOSTED
from pipeline.pages.deck import NOTES, Deck, DeckMaker, deck_input, deck_page
from pipeline.pages.slide import DeckInput
from pipeline.pictures.charts.blocks import draw_charts
from pipeline.pictures.media import media_of
from pipeline.pictures.own.kept import files_behind
from pipeline.resources import TEMPLATES
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, Slides, read_again
from pipeline.talk import Talk, load_talk


class ShownDeck(msgspec.Struct, frozen=True):
    """A deck as open browsers have it, and what tells it from another one."""

    deck: Deck
    pieces: Mapping[str, str]  # beside the slides: what a browser swaps, or the hash of its file
    frame: str  # hash of what can't be swapped: the rest of the page, and its scripts
    version: str  # of everything; the same content gives the same version

    @property
    def page(self) -> str:
        return deck_page(
            self.deck,
            "live/deck.html.j2",
            files=HOSTED,
            connects=HOSTED,
            version=self.version,
            frame=self.frame,
        )


def shown_deck(deck: Deck) -> ShownDeck:
    """The deck with the hashes that tell what changed."""
    bare = replace(deck, sections={}, timeline=Markup(), data={}, styles="")
    frame = _hash(deck_page(bare), *_files(deck, ".js"))
    pieces = {
        "timeline": deck.timeline,
        "data": json.dumps(deck.data, ensure_ascii=False),
        "styles": deck.styles,
        "css": _hash(*_files(deck, ".css"), deck.files.get(MATH_FONT, b"")),
        "notes": _hash(deck.files[NOTES]) if NOTES in deck.files else "",
    }
    version = _hash(frame, *pieces.values(), *deck.sections.values())
    return ShownDeck(deck, pieces, frame, version)


def _files(deck: Deck, ending: str) -> Iterator[bytes]:
    return (deck.files[n] for n in sorted(deck.files) if n.endswith(ending) and n != NOTES)


def _hash(*parts: bytes | str) -> str:
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        total.update(len(raw).to_bytes(8, "big") + raw)
    return total.hexdigest()[:16]


def patch(old: ShownDeck | None, new: ShownDeck) -> dict[str, object]:
    """What a browser that shows `old` (None: nobody knows what) needs to show `new`."""
    made: dict[str, object] = {"type": "patch", "version": new.version, "frame": new.frame}
    sections, had = new.deck.sections, old.deck.sections if old else {}
    if list(had) != list(sections):
        made["order"] = list(sections)
    if changed := {name: text for name, text in sections.items() if had.get(name) != text}:
        made["sections"] = changed
    pieces = old.pieces if old else {}
    return made | {name: text for name, text in new.pieces.items() if pieces.get(name) != text}


class Preview:
    """Reads a talk, and again what changed of it. One thread at a time."""

    def __init__(
        self,
        root: Path,
        measured_of: Callable[[Config], Measured],
        cache: Path,
        cut: str | None = None,
        draw: Callable[[Talk], None] | None = None,
    ) -> None:
        """`draw` draws the talk's own charts that no longer fit; without it they are marked."""
        self.root, self.measured_of, self.cache, self.cut = root, measured_of, cache, cut
        self.draw = draw
        self.pending: set[Path] = set()  # changed since what is shown was made
        self.shown: ShownDeck | None = None
        self.talk: Talk | None = None
        self._inputs: set[Path] = set()
        self._forget()

    def _forget(self) -> None:
        self._deck: DeckInput | None = None
        self._maker = DeckMaker(self.cache)

    def update(self, changed: Collection[Path] = ()) -> ShownDeck:
        """The deck after these files changed.

        Raises what is wrong, mostly a TalkError; the next call makes up for this one.
        """
        self.pending |= set(changed)
        if self._only_slides(self.pending) and self._read_slides(self.pending):
            pass
        elif self._deck and self._only_looks(self.pending):
            deck = self._deck
            self._forget()
            self._deck = deck
        else:
            self._read_all()
        assert self._deck
        self.shown = shown_deck(self._maker.make(self._deck, same_font=True))
        self._deck = replace(self._deck, memo=NO_MEMO)  # a preview keeps what it made itself
        self.pending.clear()
        return self.shown

    @property
    def files(self) -> set[Path]:
        """Files of the talk that slides show lines of."""
        return {file for slide in self.talk.slides for file in slide.files} if self.talk else set()

    @property
    def watched(self) -> set[Path]:
        """Those, pictures, videos, logo, fonts, inputs of measurements, wherever they lie."""
        media = [use for slide in self.talk.slides for use in slide.media] if self.talk else []
        shown = {path for use in media for path in (use.path, use.dark, use.poster) if path}
        brand = self._deck.config.brand.files if self._deck else ()
        return self.files | shown | self._inputs | {self.root / name for name in brand}

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
        if not (self.shown and self._deck and self.talk):
            return False
        known = {slide.source.path for slide in self.talk.slides} | self.files
        known -= self._inputs
        return all(path in known and path.is_file() for path in changed)

    @staticmethod
    def _only_looks(changed: Collection[Path]) -> bool:
        return all(
            path.is_relative_to(TEMPLATES) and path.name != "layouts.toml" for path in changed
        )

    def _read_all(self) -> None:
        self._forget()
        config = load_config(self.root)
        files = (one.file for one in config.measure.values() if one.file)
        self._inputs = {self.root / name for name in files}  # one that is broken may be mended
        measured = self.measured_of(config)
        self._inputs |= self._measured_from(measured)
        self._layouts, self._numbers = load_layouts(self.root), Numbers(measured, config.locale)
        kept = Memo(self.cache)  # by the last build; a preview writes nothing to it
        self.talk = load_talk(config, measured, self._layouts, self.cut, kept)
        try:
            if self.draw:
                self.draw(self.talk)
        finally:  # one that can't be drawn may be mended
            self._inputs |= files_behind(self.talk, self.cache)
        self._deck = deck_input(self.talk, self.cache)

    def _measured_from(self, measured: Measured) -> set[Path]:
        """Files of the talk that measurements depend on: a changed one makes them stale."""
        names = {key for one in measured.measurements.values() for key in one.run.fingerprint}
        return {path for name in names if (path := self.root / name).is_file()}

    def _read_slides(self, changed: Collection[Path]) -> bool:
        """Read only these slides again; False where more changed with them."""
        assert self.talk
        assert self._deck
        folder = self.root / "deck" / "slides"
        old = Slides(self.talk.slides, self.talk.hidden, self.talk.places)
        slides = read_again(folder, old, changed, self._layouts, self._numbers)
        if slides is None or any(map(_is_said_anew, old.shown, slides.shown)):
            return False
        kinds = ("drawing", "figure")
        drawn = {u.name for s in slides.shown for u in s.pictures if u.kind in kinds}
        if not drawn <= self._deck.pictures.keys():
            return False
        self.talk = replace(self.talk, slides=slides.shown, hidden=slides.hidden)
        media = media_of(slides.shown, self.cache)
        height = self.talk.config.brand.slide_size[1]
        charts = draw_charts(slides.shown, self.cache / "figures", height)
        pictures = {**self._deck.pictures, **charts}
        self._deck = replace(self._deck, slides=slides.shown, media=media, pictures=pictures)
        return True


def _is_said_anew(old: Slide, new: Slide) -> bool:
    """Whether what a slide's file says of the script changed: its notes, its time."""
    times = (slide.fields.get("time") for slide in (old, new))
    return old.notes != new.notes or len({time and time.text for time in times}) > 1
