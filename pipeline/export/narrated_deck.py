"""A deck that runs by itself: the tracks of a Narration under the slides, with captions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline.export.narration import Narration, Track
from pipeline.pages.captions import web_vtt
from pipeline.pages.csp import PRINT_STYLES, strict
from pipeline.pages.deck import PAGE, build_deck, page_templates, write_files
from pipeline.pages.deck_of import deck_of
from pipeline.resources import TEMPLATES
from pipeline.talk import Talk

FOLDER, CAPTIONS = "narrated", "captions.vtt"


def build_narrated_deck(talk: Talk, narration: Narration, out: Path, cache: Path) -> Path:
    """Write the folder `out`/narrated: deck, sound, captions; returns its page."""
    folder = out / FOLDER
    build_deck(replace(deck_of(talk, cache), notes=None), folder, cache)
    positions = {slide.number: index for index, slide in enumerate(talk.slides)}
    sounds = {_file(track): track.sound for track in narration.tracks}
    tracks = [_data(track, positions) for track in narration.tracks]
    bar = (
        page_templates()
        .get_template("narrated/narrated.html.j2")
        .render(data=Markup(_as_block(tracks)), captions=CAPTIONS)
    )
    page = (folder / PAGE).read_text("utf-8").replace("</body>", f"{bar}</body>", 1)
    page = page.replace("</head>", '<link rel="stylesheet" href="narrated.css">\n</head>', 1)
    files = {
        **sounds,
        CAPTIONS: web_vtt(narration.captions()).encode(),
        "narrated.css": (TEMPLATES / "narrated" / "narrated.css").read_bytes(),
        "narrated.js": (TEMPLATES / "narrated" / "narrated.js").read_bytes(),
        PAGE: strict(page, media=True, styles=PRINT_STYLES).encode(),
    }
    write_files(files, folder)
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


def _as_block(data: object) -> str:
    """JSON that can't end its script element early."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
