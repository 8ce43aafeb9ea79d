"""What the tests of rehearsals share: a talk with pages built quickly, and made-up records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from pipeline.config import load_config
from pipeline.measured import NOTHING, Measured
from pipeline.pages.slide import DeckInput
from pipeline.pictures.picture import Picture
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.voice.record import VoiceRecord
from pipeline.results import read_results
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide
from pipeline.talk import Talk, load_talk, script_version, slide_versions, talk_id
from support.pages import build_deck, build_rehearsal_page
from support.second_talk import ROOT, write_pinned_copy, write_second_talk

SECRET = "nobody in the audience reads this"


def small_talk(root: Path) -> Talk:
    """The small second talk: three slides of thirty seconds."""
    if not (root / "talk.toml").exists():
        write_second_talk(root)
    return load_talk(load_config(root), NOTHING, load_layouts())


def whole_talk(root: Path, cut: str | None = None) -> Talk:
    """A copy of this talk with a made-up run."""
    write_pinned_copy(root)
    results = read_results(root / "deck" / "results.json")
    return load_talk(load_config(root), Measured(results), load_layouts(), cut)


def build_pages(talk: Talk, out: Path) -> Path:
    """Deck and rehearsal page, with boxes for pictures and a secret as speaker notes."""
    notes = {slide.number: f"<p>{SECRET}</p>" for slide in talk.slides}
    pictures = {use.name: _box(use.name, slide) for slide in talk.slides for use in slide.pictures}
    build_deck(
        DeckInput(talk.config, talk.measured, talk.slides, talk.slots_s, notes, pictures),
        out,
        ROOT / ".cache",
    )
    return build_rehearsal_page(talk, out)


def _box(name: str, slide: Slide) -> Picture:
    steps = slide.picture_steps
    marks = "".join(
        f'<g class="step-{n}"><rect x="{n * 50}" y="20" width="40" height="40"/></g>'
        for n in range(1, steps + 1)
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 380">{marks}</svg>'
    return Picture(name, svg, name, "a box", (("a", "b"), ("1", "2")))


def made_up_record(talk: Talk, times_s: list[float] | None = None, **changes: Any) -> Rehearsal:
    """A rehearsal in which each slide took its slot, or `times_s`, one slide after the other."""
    timing = talk.timings[changes.get("cut", talk.cut)]
    slots = {row.number: row.slot_s for row in timing.slides}
    times = times_s or [float(slots[slide.number]) for slide in talk.slides]
    visits, at_s = [], 0.0
    for slide, seconds in zip(talk.slides, times, strict=False):
        if seconds:
            visits.append({"slide": slide.name, "at_s": at_s, "seconds": seconds})
        at_s += seconds
    versions = slide_versions(talk.script)
    record: dict[str, Any] = {
        "format": 1,
        "id": "made-up-0001",
        "talk": talk_id(talk.config),
        "script": script_version(talk.script),
        "cut": talk.cut,
        "started": "2026-11-20T09:00:00.000Z",
        "pace_wpm": 150,
        "spoken_wpm": 146,
        "slides": {slide.name: versions[slide.number] for slide in talk.slides},
        "visits": visits,
        "pauses": [],
        "skips": [],
        "total_s": at_s,
        "q_and_a_s": 0,
    }
    return msgspec.convert({**record, **changes}, Rehearsal)


def made_up_voice(run: Rehearsal, **changes: Any) -> VoiceRecord:
    """What was heard of a rehearsal: nothing but its times, or `changes`."""
    record: dict[str, Any] = {
        "format": 1,
        "id": run.id,
        "talk": run.talk,
        "script": run.script,
        "cut": run.cut,
        "listened_s": run.total_s,
        "speech_s": run.total_s,
        "silence_s": 0,
        "pace_wpm": 120,
        "recognised": 0.75,
        "sure": 0.7,
        "longest": None,
        "sentences": [],
        "extras": [],
        "fillers": [],
        "pauses": [],
    }
    return msgspec.convert({**record, **changes}, VoiceRecord)
