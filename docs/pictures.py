"""Pictures of the docs, taken of decks as the last build left them: python docs/pictures.py

Of each layout the first slide with it, in this talk or in an example: docs/layouts/NAME.png. All
slides of this talk: docs/contact-sheet.png; of docs/charts: docs/charts.png. Build these three
first: a run that is stale, or quick, gets no picture.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from pipeline.cli.options import TalkOptions
from pipeline.cli.project import open_project
from pipeline.export.screenshots import contact_sheet, slide_pictures
from pipeline.files import write_whole
from pipeline.pages.speaker import write_speaker_pages
from pipeline.problems import Source, TalkError

DOCS = Path(__file__).resolve().parent
TALKS = (DOCS.parent, DOCS.parent / "examples/nanosecond")
WIDTH = 480
COLOURS = 128  # a slide has few, and a picture of it is small then


def pictures_of(root: Path) -> dict[str, tuple[str, bytes]]:
    """Each slide of a talk by its name: its layout, and a picture with all steps shown."""
    project = open_project(TalkOptions(talk=root))
    measured = project.measured()
    if measured.changed or (measured.experiment and measured.experiment.run.quick):
        raise TalkError("its run is stale, or quick", Source(root), "build the talk")
    talk = project.talk(measured)
    write_speaker_pages(talk, project.speaker, project.cache, print)
    shots = slide_pictures(project.speaker / "index.html")
    return {slide.name: (slide.layout, shots[slide.name]) for slide in talk.slides}


def small(shot: bytes, width: int) -> bytes:
    """A picture with few colours, scaled to a width."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    size = (width, round(width * image.height / image.width))
    image = image.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS)
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


def take() -> None:
    """All of them are taken before one is written."""
    charts = contact_sheet([shot for _, shot in pictures_of(DOCS / "charts").values()])
    ours, example = (pictures_of(root) for root in TALKS)
    seen: dict[str, bytes] = {}
    for layout, shot in (*ours.values(), *example.values()):
        seen.setdefault(layout, shot)
    for layout, shot in seen.items():
        write_whole(DOCS / f"layouts/{layout}.png", small(shot, WIDTH))
    sheet = contact_sheet([shot for _, shot in ours.values()])
    write_whole(DOCS / "contact-sheet.png", small(sheet, 1600))
    write_whole(DOCS / "charts.png", small(charts, 1980))


if __name__ == "__main__":
    try:
        take()
    except TalkError as error:
        sys.exit(f"error: {error}")
