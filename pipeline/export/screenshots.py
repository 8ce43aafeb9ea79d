"""Pictures of every slide, and a contact sheet of them."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.export.chromium import in_browser, open_deck
from pipeline.files import write_whole

if TYPE_CHECKING:
    from playwright.async_api import Browser

LIMIT_S = 240.0
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
    limit_s: float = LIMIT_S,
) -> dict[str, bytes]:
    """Each slide of the page `deck` with all its steps as a PNG, by name.

    `size` in the deck's pixels, `scale` of them to one. Raises NoBrowserError, TalkError.
    """

    async def work(browser: Browser) -> dict[str, bytes]:
        page = await open_deck(browser, deck, f"?theme={theme}", size=size, scale=scale)
        made = {}
        for index, name in enumerate(await page.evaluate(NAMES)):
            await page.evaluate(SHOW, index)
            made[name] = await page.screenshot()
        return made

    return in_browser(work, "the slides' pictures", limit_s)


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
