"""The deck as a PDF, printed by Chromium: a page for each slide, tagged, with an outline."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.export.chromium import browser_path, in_browser
from pipeline.export.faces import print_faces
from pipeline.problems import Source, TalkError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

LIMIT_S = 120.0
# Same length, so that no offset in the file moves.
_DATE = re.compile(rb"\(D:\d{14}[^)]*\)")
_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\]")

# The page as it is printed: plain faces, every slide there for a screen reader and the outline.
_PREPARE = """faces => {
  const style = document.createElement('style');
  style.textContent = faces + 'body,.reveal,.slide :not(code){'
    + 'font-family:Printed,Manrope,sans-serif!important}'
    + 'h1.hidden{clip-path:none;overflow:visible;width:auto;height:auto;'
    + 'color:var(--paper);font-size:1px}';
  document.head.append(style);
  document.querySelectorAll('.pdf-page .timeline a').forEach(a => a.removeAttribute('href'));
  document.querySelectorAll('.pdf-page section').forEach(section => {
    for (const name of ['aria-hidden', 'hidden', 'inert']) section.removeAttribute(name);
  });
  return document.fonts.ready.then(() => true);
}"""
# Links between slides lead to pages; others become whole addresses, or plain text without one.
_LINKS = """base => {
  const gone = [];
  document.querySelectorAll('a[href]').forEach(link => {
    const href = link.getAttribute('href');
    if (href.startsWith('#/')) link.setAttribute('href', '#' + href.slice(2));
    else if (href.startsWith('#') || /^(https?:|mailto:)/.test(href)) return;
    else if (base) link.setAttribute('href', base + href);
    else gone.push(link);
  });
  gone.forEach(link => link.remove());
}"""


def export_pdf(
    deck: Path,
    to: Path,
    cache: Path,
    slides: int,
    base: str = "",
    say: Callable[[str], None] = lambda _: None,
    limit_s: float = LIMIT_S,
) -> Path:
    """Print the page `deck` into the file `to`, a page for each slide, all steps shown.

    Tagged, with an outline. `base` is the site's address, for links to its other files. Raises
    NoBrowserError, and TalkError if it takes too long or has another number of pages.
    """
    browser_path()
    say("printing the deck")
    faces = print_faces(deck, cache)

    async def work(browser: Browser) -> bytes:
        page = await browser.new_page(viewport={"width": 1280, "height": 720}, bypass_csp=True)
        await _open(page, deck, faces)
        await page.evaluate(_LINKS, base)
        return await page.pdf(
            prefer_css_page_size=True, print_background=True, tagged=True, outline=True
        )

    made = same_each_time(in_browser(work, "the PDF", limit_s))
    pages = page_count(made)
    if pages != slides:
        raise TalkError(
            f"the PDF has {pages} pages and the talk {slides} slides",
            Source(deck),
            "a slide that overflows takes two pages: look at it in the deck",
        )
    return written(made, to)


async def _open(page: Page, deck: Path, faces: str) -> None:
    page.set_default_timeout(0)  # the limit of the whole counts
    await page.goto(f"{deck.resolve().as_uri()}?print-pdf&theme=light")
    await page.wait_for_selector("html[data-ready]")
    await page.wait_for_selector(".pdf-page .timeline", state="attached")
    await page.evaluate(_PREPARE, faces)


def page_count(pdf: bytes) -> int:
    import pypdf

    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def same_each_time(pdf: bytes) -> bytes:
    """Without the clock: the same pages are the same bytes."""
    pdf = _DATE.sub(
        lambda found: b"(D:20000101000000" + b"Z" + b" " * (len(found[0]) - 19) + b")", pdf
    )
    found = _ID.search(pdf)
    if found:
        bare = pdf[: found.start()] + pdf[found.end() :]
        digest = hashlib.sha256(bare).hexdigest().upper().encode()
        made = found[0].replace(found[1], digest[: len(found[1])])
        made = made.replace(found[2], digest[: len(found[2])])
        pdf = pdf[: found.start()] + made + pdf[found.end() :]
    return pdf


def written(content: bytes, to: Path) -> Path:
    """Write a file under a temporary name and rename it."""
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f"{to.name}.part")
    part.write_bytes(content)
    part.replace(to)
    return to
