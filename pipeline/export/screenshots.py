"""Pictures of every slide, and a contact sheet of them."""

from __future__ import annotations

import base64
import io
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline.export.by_slide import drawn_timeline, kept_of_slides, keys_of
from pipeline.export.chromium import (
    browser_version,
    in_browser,
    limit_of,
    one_browser,
    open_deck,
)
from pipeline.files import write_whole
from pipeline.lengths import left_in_words
from pipeline.pages.deck import Deck

if TYPE_CHECKING:
    from asyncio import Future
    from concurrent.futures import Executor

    from playwright.async_api import CDPSession, Page

    from pipeline.export.driver import Tabs

MANY = 30  # slides from which a second page takes pictures, too: each costs as much as five of them
TELL_S = 4.0
NAMES = "Reveal.getSlides().map(slide => slide.id)"
# Goes to a slide (from 0), shows all its steps, and waits until that and its pictures are painted.
SHOW = """async index => {
  const slide = Reveal.getSlides()[index], steps = slide.querySelectorAll('.fragment');
  Reveal.slide(index, 0, steps.length ? 99 : undefined);
  if (Reveal.isScrollView()) slide.scrollIntoView();
  // The time line says where the talk was before a backup: nowhere, in a picture of that alone.
  const pieces = 'backup' in slide.dataset ? document.querySelectorAll('nav.timeline a') : [];
  for (const piece of pieces) piece.className = 'coming';
  const shown = [...slide.querySelectorAll('img')].filter(image => image.checkVisibility());
  for (const image of shown) image.loading = 'eager';
  // Of a video the poster alone.
  for (const video of slide.querySelectorAll('video[poster]')) {
    video.controls = false;
    shown.push(Object.assign(new Image(), { src: video.poster }));
  }
  await Promise.all(shown.map(image => image.decode().catch(() => {})));
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())));
}"""


def slide_pictures(
    deck: Path,
    theme: str = "light",
    size: tuple[int, int] = (1280, 720),
    scale: float = 1,
    *,
    only: Collection[str] | None = None,
    packed: Callable[[bytes], bytes] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, bytes]:
    """Each slide of the page `deck` with all its steps as a PNG, by name.

    `size` in the deck's pixels, `scale` of them to one; `only`: the slides wanted; `packed`: what
    becomes of each picture, while the next are taken. Raises NoBrowserError, TalkError.
    """

    async def opened(tabs: Tabs) -> _Camera:
        page = await open_deck(tabs, deck, f"?theme={theme}", size=size, scale=scale)
        return await _Camera.of(page, size, scale, is_fast=packed is not None)

    async def work(tabs: Tabs) -> dict[str, bytes]:
        first = await opened(tabs)
        names = await first.page.evaluate(NAMES)
        wanted = [(at, name) for at, name in enumerate(names) if only is None or name in only]
        cameras = [first, *([await opened(tabs)] if len(wanted) > MANY else [])]
        with ThreadPoolExecutor(1) as packer:
            film = _Film(wanted, packed, packer, say)
            await asyncio.gather(*(film.take(camera) for camera in cameras))
            return {name: await film.made[name] for _, name in wanted}

    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    many = deck.read_text("utf-8").count("<section ") if only is None else len(only)
    return in_browser(work, "the slides' pictures", limit_of(many))


class _Camera(msgspec.Struct, frozen=True):
    """A page of the deck, and how its pictures are taken."""

    page: Page
    session: CDPSession
    options: dict[str, object]

    @classmethod
    async def of(cls, page: Page, size: tuple[int, int], scale: float, *, is_fast: bool) -> _Camera:
        """`is_fast`: the same picture in more bytes, in half the time."""
        session = await page.context.new_cdp_session(page)
        shown = {"width": size[0], "height": size[1], "deviceScaleFactor": scale, "mobile": False}
        await session.send("Emulation.setDeviceMetricsOverride", shown)
        return cls(page, session, {"format": "png", "optimizeForSpeed": is_fast})

    async def shoot(self, index: int) -> bytes:
        """The slide at that place, from 0, as a PNG."""
        await self.page.evaluate(SHOW, index)
        taken = await self.session.send("Page.captureScreenshot", self.options)
        return base64.b64decode(taken["data"])


class _Film:
    """Pictures of slides, taken by several cameras, each of the next slide that none has taken."""

    def __init__(
        self,
        wanted: Sequence[tuple[int, str]],
        packed: Callable[[bytes], bytes] | None,
        packer: Executor,
        say: Callable[[str], None],
    ) -> None:
        self.made: dict[str, Future[bytes]] = {}
        self._waiting, self._count = iter(wanted), len(wanted)
        self._packed, self._packer, self._say = packed or bytes, packer, say
        self._began = self._told = time.monotonic()

    async def take(self, camera: _Camera) -> None:
        from asyncio import get_running_loop

        for index, name in self._waiting:
            shot = await camera.shoot(index)
            self.made[name] = get_running_loop().run_in_executor(self._packer, self._packed, shot)
            self._tell()

    def _tell(self) -> None:
        now, done = time.monotonic(), len(self.made)
        if now - self._told > TELL_S and done < self._count:
            self._told = now
            left = left_in_words((now - self._began) / done * (self._count - done))
            self._say(f"{done} of {self._count} slides are taken, about {left} left")


def kept_pictures(
    deck: Deck,
    page: Path,
    cache: Path,
    packed: Callable[[bytes], bytes],
    say: Callable[[str], None] = lambda _: None,
    *,
    size: tuple[int, int] = (1280, 720),
    scale: float = 1,
) -> dict[str, bytes]:
    """What `packed` makes of a picture of each slide, kept in `cache` until the slide changes.

    `page` is where the deck was written. Raises NoBrowserError, TalkError.
    """

    def take(names: Sequence[str]) -> dict[str, bytes]:
        say(f"taking the pictures of {len(names)} slide{'s' if names[1:] else ''}")
        return slide_pictures(page, size=size, scale=scale, only=names, packed=packed, say=say)

    with one_browser():
        about = (drawn_timeline(deck), size, scale, packed.__name__, browser_version())
        return kept_of_slides(cache / "publish" / "slides", keys_of(deck, *about), "", take)


def screenshots(
    deck: Path,
    folder: Path,
    themes: Sequence[str] = ("light", "dark"),
    size: tuple[int, int] = (1280, 720),
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Path, ...]:
    """Picture every slide of the page `deck` with all its steps shown; returns the contact sheets.

    Writes `folder`/THEME-WIDTHxHEIGHT/NN-name.png and contact-THEME-WIDTHxHEIGHT.png.
    """
    sheets = []
    for theme in themes:
        name = f"{theme}-{size[0]}x{size[1]}"
        shots = slide_pictures(deck, theme, size)
        shutil.rmtree(folder / name, ignore_errors=True)
        for index, (slide, shot) in enumerate(shots.items(), 1):
            write_whole(folder / name / f"{index:02}-{slide}.png", shot)
        sheet = contact_sheet(list(shots.values()))
        sheets.append(write_whole(folder / f"contact-{name}.png", sheet))
        say(f"{len(shots)} slides, {theme}, {size[0]}×{size[1]}: {folder / name}")
    return tuple(sheets)


def contact_sheet(shots: Sequence[bytes], columns: int = 4, width: int = 480) -> bytes:
    """All pictures side by side in one PNG."""
    from PIL import Image

    images = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    height = round(width * images[0].height / images[0].width)
    gap = 12
    rows = -(-len(images) // columns)
    sheet = Image.new(
        "RGB", (columns * (width + gap) + gap, rows * (height + gap) + gap), (128, 128, 128)
    )
    for index, image in enumerate(images):
        column, row = index % columns, index // columns
        small = image.resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (gap + column * (width + gap), gap + row * (height + gap)))
    made = io.BytesIO()
    sheet.save(made, "PNG", optimize=True)
    return made.getvalue()
