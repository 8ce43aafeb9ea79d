"""A deck of a few slides, each given by its front matter and its text."""

from __future__ import annotations

from pathlib import Path

from pipeline.config import load_config
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pages.deck import Deck, DeckMaker
from pipeline.pages.slide import DeckInput
from pipeline.pictures.drawings import load_drawings
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, read_slides
from support.second_talk import write_second_talk

SHAPE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><title>Shape</title>'
    '<desc>A shape</desc><rect width="400" height="300"/></svg>'
)
TINY = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4000 300"><title>Tiny</title>'
    '<desc>A wide shape with a word</desc><text x="20" y="90" font-size="40">Word</text></svg>'
)


def deck_of(folder: Path, slides: dict[str, tuple[str, str]]) -> tuple[Deck, tuple[Slide, ...]]:
    """A deck of slides, each given by its front matter and its text."""
    write_second_talk(folder)
    path = folder / "only"
    path.mkdir()
    for at, (name, (fields, text)) in enumerate(slides.items(), 1):
        title = "" if "title:" in fields else "\ntitle: A slide"
        (path / f"{at:02}-{name}.md").write_text(f"---\n{fields}{title}\n---\n{text}\n", "utf-8")
    (folder / "drawings").mkdir()
    (folder / "drawings" / "shape.svg").write_text(SHAPE, "utf-8")
    (folder / "drawings" / "tiny.svg").write_text(TINY, "utf-8")
    made = read_slides(path, load_layouts(), Numbers(NOTHING)).shown
    pictures = load_drawings(folder / "drawings", Numbers(NOTHING))
    page = DeckInput(load_config(folder), NOTHING, made, pictures=pictures)
    return DeckMaker(folder / ".cache").make(page), made
