"""The deck as one file: everything inside, no request, full-size pictures too."""

from __future__ import annotations

import base64
import mimetypes

from pipeline.pages import assets
from pipeline.pages.csp import Inline
from pipeline.pages.deck import DRAWING, SCRIPT, STYLESHEET, Deck, deck_page
from pipeline.pages.templates import texts
from pipeline.problems import TalkError

OFFLINE = "offline.html"
MOST_BYTES = 24_000_000  # what most mail servers still take
OPENED_INSIDE = "?full={}"  # the same file, which then shows that picture alone


def single_file(deck: Deck, icon: str) -> str:
    """The page of a deck whose pictures open at OPENED_INSIDE, its files and the icon (SVG) inside.

    Raises TalkError if it gets too large.
    """
    style = deck.files[STYLESHEET].decode()
    for name, content in deck.files.items():
        if name.startswith("logo") or name.endswith(".woff2"):
            kind = mimetypes.guess_type(name)[0] or "font/woff2"
            style = style.replace(f'url("{name}")', f'url("{_as_data(content, kind)}")')
    scripts = (deck.files[name].decode() for name in ("reveal.js", SCRIPT, DRAWING))
    page = deck_page(
        deck,
        "public/offline.html.j2",
        styles=[Inline(style + texts("public/full.css"))],
        scripts=[
            Inline(assets.script("full")),
            *(Inline(f"if (!window.showsFull) {{\n{script}\n}}") for script in scripts),
        ],
        files="",
        icon=_as_data(icon.encode(), "image/svg+xml"),
    )
    size = len(page.encode())
    if size > MOST_BYTES:
        raise TalkError(
            f"the single file has {size / 1e6:.1f} MB, {MOST_BYTES / 1e6:.0f} MB are allowed",
            hint="make pictures and videos smaller, or have fewer of them",
        )
    return page


def _as_data(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
