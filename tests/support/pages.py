"""Single pages written to a folder, as tests look at them."""

from __future__ import annotations

from pathlib import Path

from pipeline.files import write_whole
from pipeline.pages.deck import Deck, DeckMaker, deck_page, write_deck
from pipeline.pages.rehearsal import PAGE, rehearsal_page
from pipeline.pages.slide import DeckInput
from pipeline.talk import Talk


def build_deck(page: DeckInput, out: Path, cache: Path | None = None) -> Deck:
    """The deck alone; `cache` keeps the font's subset."""
    deck = DeckMaker(cache).make(page)
    write_deck(deck, deck_page(deck), out)
    return deck


def build_rehearsal_page(talk: Talk, out: Path) -> Path:
    """The rehearsal page alone; returns its path."""
    return write_whole(out / PAGE, rehearsal_page(talk))
