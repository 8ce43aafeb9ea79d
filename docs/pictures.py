"""Pictures of the docs, taken of decks as they are built.

python docs/pictures.py new          # what `new` writes, in English and German; how to give it
python docs/pictures.py layouts      # of each layout the first slide in this talk or an example,
                                     # and all slides of this talk
python docs/pictures.py charts       # those of docs/charts

The last two show talks as the last build left them: a run that is stale, or quick, gets no picture.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image

from pipeline.cli.options import TalkOptions
from pipeline.cli.project import open_project
from pipeline.export.chromium import in_browser
from pipeline.export.screenshots import contact_sheet, slide_pictures
from pipeline.files import write_whole
from pipeline.pages.phone import phone_page
from pipeline.pages.rehearsal import PAGE, rehearsal_page
from pipeline.pages.speaker import write_speaker_pages
from pipeline.problems import Source, TalkError
from pipeline.rehearsal.app import open_server
from pipeline.serve.pairing import REMOTE_PAGE, Gate
from pipeline.serve.remote import Remote
from pipeline.serve.web import LOCAL
from pipeline.starter import write_new_talk

if TYPE_CHECKING:
    from pipeline.export.driver import Tabs

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
    image = image.resize(size, Image.Resampling.LANCZOS)
    # Maximum coverage keeps accents, which are few; the usual way mixes them with greys.
    image = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


def new() -> None:
    """The four slides that `new` writes, and the page on which they are rehearsed."""
    with TemporaryDirectory() as folder:
        for language, name in (("en", "first-talk"), ("de", "german-talk")):
            root = Path(folder) / name
            write_new_talk(root, "script", language)
            sheet = contact_sheet([shot for _, shot in pictures_of(root).values()], 2)
            write_whole(DOCS / f"{name}.png", small(sheet, 800))
        page = Path(folder) / "first-talk/out/speaker/rehearse.html"
        write_whole(DOCS / "rehearsing.png", small(rehearsal(page), 960))
        write_whole(DOCS / "phone.png", small(phone(page.parents[2]), 960))


def rehearsal(path: Path) -> bytes:
    """The rehearsal page on its second slide."""

    async def work(tabs: Tabs) -> bytes:
        page = await tabs.new_page(viewport={"width": 1280, "height": 720})
        await page.goto(path.as_uri())
        await page.keyboard.press("2")
        await page.keyboard.press("Enter")
        await page.wait_for_timeout(2000)  # both small decks go there
        return await page.screenshot()

    return in_browser(work, "the rehearsal page", 60)


def phone(root: Path) -> bytes:
    """The remote on a phone, upright and turned."""
    project = open_project(TalkOptions(talk=root))
    talk = project.talk(project.measured())
    remote = Remote(Gate(LOCAL, 0, print), lambda: phone_page(project.config))
    made = {PAGE: rehearsal_page(talk, ["phone"])}

    async def work(tabs: Tabs) -> list[bytes]:
        page = await tabs.new_page(viewport={"width": 1280, "height": 720})
        await page.goto(f"{server.url}{PAGE}")
        await page.keyboard.press("2")
        await page.keyboard.press("Enter")
        shots = []
        for width, height in ((390, 844), (844, 390)):
            page = await tabs.new_page(viewport={"width": width, "height": height})
            await page.goto(f"{server.url}{REMOTE_PAGE[1:]}")
            await page.wait_for_timeout(5000)  # both small decks go there; what is said once goes
            shots.append(await page.screenshot())
        return shots

    with open_server(
        project.speaker, root / "log", "", print, 0, made=made, remote=remote
    ) as server:
        upright, turned = map(opened, in_browser(work, "the phone", 90))
    sheet = Image.new("RGB", (upright.width + 40 + turned.width, upright.height), "white")
    sheet.paste(upright, (0, 0))
    sheet.paste(turned, (upright.width + 40, (upright.height - turned.height) // 2))
    made_of = io.BytesIO()
    sheet.save(made_of, "PNG")
    return made_of.getvalue()


def opened(shot: bytes) -> Image.Image:
    return Image.open(io.BytesIO(shot)).convert("RGB")


def layouts() -> None:
    """This talk's slides, and the first of each layout."""
    ours, example = (pictures_of(root) for root in TALKS)
    seen: dict[str, bytes] = {}
    for layout, shot in (*ours.values(), *example.values()):
        seen.setdefault(layout, shot)
    for layout, shot in seen.items():
        write_whole(DOCS / f"layouts/{layout}.png", small(shot, WIDTH))
    sheet = contact_sheet([shot for _, shot in ours.values()])
    write_whole(DOCS / "contact-sheet.png", small(sheet, 1600))


def charts() -> None:
    """Each kind of chart."""
    shots = [shot for _, shot in pictures_of(DOCS / "charts").values()]
    write_whole(DOCS / "charts.png", small(contact_sheet(shots), 1980))


TAKEN = {"new": new, "layouts": layouts, "charts": charts}

if __name__ == "__main__":
    if not set(sys.argv[1:]) <= set(TAKEN):
        sys.exit(__doc__)
    try:
        for name in sys.argv[1:] or TAKEN:
            TAKEN[name]()
    except TalkError as error:
        sys.exit(f"error: {error}")
