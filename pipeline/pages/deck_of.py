"""A Talk and its pictures -> what the deck is made from."""

from __future__ import annotations

from pathlib import Path

from pipeline.numbers.fill import Numbers
from pipeline.pages.deck import DeckInput
from pipeline.pages.notes import notes_html
from pipeline.pictures.charts.draw import cached_figures
from pipeline.pictures.diagrams.draw import draw_diagrams
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import load_drawings
from pipeline.talk import Talk


def pictures_of(talk: Talk, cache: Path) -> dict[str, Picture]:
    """Every picture that a slide may show: charts of the run, diagrams, drawings; by name."""
    content = talk.config.root / "deck"
    names = [slide.name for slide in talk.slides]
    charts = cached_figures(talk.results, cache / "figures") if talk.results else {}
    diagrams = draw_diagrams(content / "diagrams", Numbers(talk.results), names, cache / "figures")
    return {**charts, **diagrams, **load_drawings(content / "drawings")}


def deck_of(talk: Talk, cache: Path) -> DeckInput:
    """The speaker's deck: slides, pictures, slots of the chosen cut, and the script as notes."""
    return DeckInput(
        config=talk.config,
        results=talk.results,
        slides=talk.slides,
        slots_s=talk.slots_s,
        notes={
            slide.number: notes_html(talk.script, slide.number, talk.timings[talk.cut].choice)
            for slide in talk.slides
        },
        pictures=pictures_of(talk, cache),
        changed=talk.changed,
    )
