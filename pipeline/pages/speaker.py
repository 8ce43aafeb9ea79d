"""The speaker's folder: deck, script and rehearsal page, all made before one is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from pipeline.pages.deck import DeckMaker, deck_input, deck_page, write_deck
from pipeline.pages.rehearsal import PAGE, rehearsal_page
from pipeline.pages.script import script_files
from pipeline.talk import Talk


def write_speaker_pages(
    talk: Talk, out: Path, cache: Path, say: Callable[[str], None] = lambda _: None
) -> None:
    """Write the folder `out`. Raises TalkError with path:line for what the deck can't show."""
    deck = DeckMaker(cache).make(deck_input(talk, cache, say=say))
    beside = {**script_files(talk), PAGE: rehearsal_page(talk).encode()}
    write_deck(replace(deck, files={**deck.files, **beside}), deck_page(deck), out)
