"""Screenshots of every slide, and a contact sheet. Needs playwright and a Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.problems import TalkError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Without these Chromium looks for its maker's servers at each start.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


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
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise TalkError("screenshots need playwright", hint="pip install '.[test]'") from None
    browser_path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser_path is None:
        raise TalkError("screenshots need Chromium", hint="install chromium or Chrome")
    sheets = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(_FLAGS))
        for theme in themes:
            name = f"{theme}-{size[0]}x{size[1]}"
            shots = _shoot(browser, deck, folder / name, theme, size)
            sheets.append(contact_sheet(shots, folder / f"contact-{name}.png"))
            say(f"{len(shots)} slides, {theme}, {size[0]}×{size[1]}: {folder / name}")
        browser.close()
    return tuple(sheets)


def _shoot(
    browser: Browser, deck: Path, folder: Path, theme: str, size: tuple[int, int]
) -> list[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page.goto(f"{deck.resolve().as_uri()}?theme={theme}")
    page.wait_for_selector("html[data-ready]")
    shots = []
    for index, name in enumerate(slide_names(page)):
        show_slide(page, index)
        shots.append(folder / f"{index + 1:02}-{name}.png")
        page.screenshot(path=shots[-1])
    page.close()
    return shots


def slide_names(page: Page) -> list[str]:
    """The ids of the deck's slides in their order."""
    names: list[str] = page.evaluate("Reveal.getSlides().map(slide => slide.id)")
    return names


def show_slide(page: Page, index: int, wait_ms: int = 120) -> None:
    """Go to a slide (from 0) and show all its steps."""
    page.evaluate(
        """index => {
          const steps = Reveal.getSlides()[index].querySelectorAll('.fragment');
          Reveal.slide(index, 0, steps.length ? 99 : undefined);
          if (Reveal.isScrollView()) Reveal.getSlides()[index].scrollIntoView();
        }""",
        index,
    )
    if wait_ms:
        page.wait_for_timeout(wait_ms)


def contact_sheet(shots: Sequence[Path], path: Path, columns: int = 4, width: int = 480) -> Path:
    """All pictures side by side in one PNG."""
    from PIL import Image

    first = Image.open(shots[0])
    height = round(width * first.height / first.width)
    gap = 12
    rows = -(-len(shots) // columns)
    sheet = Image.new(
        "RGB", (columns * (width + gap) + gap, rows * (height + gap) + gap), (128, 128, 128)
    )
    for index, shot in enumerate(shots):
        column, row = index % columns, index // columns
        small = Image.open(shot).convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (gap + column * (width + gap), gap + row * (height + gap)))
    sheet.save(path, optimize=True)
    return path
