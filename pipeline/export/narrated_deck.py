"""A deck that runs by itself: the tracks of a Narration under the slides, with captions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.export.narration import Narration, Track
from pipeline.pages import assets
from pipeline.pages.captions import web_vtt
from pipeline.pages.deck import PAGE, DeckMaker, deck_input, deck_page, write_deck
from pipeline.pages.templates import texts
from pipeline.talk import Talk

FOLDER, CAPTIONS = "narrated", "captions.vtt"


def build_narrated_deck(talk: Talk, narration: Narration, out: Path, cache: Path) -> Path:
    """Write the folder `out`/narrated: deck, sound, captions; returns its page."""
    folder = out / FOLDER
    deck = DeckMaker(cache).make(deck_input(talk, cache, for_speaker=False))
    positions = {slide.number: index for index, slide in enumerate(talk.slides)}
    sounds = {_file(track): track.sound for track in narration.tracks}
    tracks = [_data(track, positions) for track in narration.tracks]
    page = deck_page(deck, "narrated/deck.html.j2", media=True, tracks=tracks, captions=CAPTIONS)
    files = {
        **deck.files,
        **sounds,
        CAPTIONS: web_vtt(narration.captions()).encode(),
        "narrated.css": texts("narrated/narrated.css").encode(),
        "narrated.js": assets.script("narrated").encode(),
    }
    write_deck(replace(deck, files=files), page, folder)
    for old in (folder / "sound").glob("*.wav"):
        if f"sound/{old.name}" not in sounds:
            old.unlink()
    return folder / PAGE


def _file(track: Track) -> str:
    return f"sound/{track.slide:02}-{track.name}.wav" if track.slide else "sound/closing.wav"


def _data(track: Track, positions: dict[int, int]) -> dict[str, Any]:
    return {
        "slide": positions.get(track.slide or 0, len(positions) - 1),
        "file": _file(track),
        "ms": track.length_ms,
        "steps": track.steps_ms,
        "captions": [[c.start_ms, c.end_ms, "\n".join(c.lines)] for c in track.captions],
    }
