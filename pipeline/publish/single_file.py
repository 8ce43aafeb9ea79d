"""The deck as one file: everything inside, no request, full-size pictures too."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from pipeline.pages.csp import PRINT_STYLES, strict
from pipeline.problems import TalkError
from pipeline.resources import TEMPLATES

OFFLINE = "offline.html"
MOST_BYTES = 2_000_000
_SCRIPT = re.compile(r'<script src="([\w.-]+)"></script>')
_STYLESHEET = re.compile(r'<link rel="stylesheet" href="([\w.-]+)">')
_FULL = re.compile(r'href="figures/([\w-]+)\.svg"')
_HEAD = re.compile(
    r'<link rel="(?:icon|canonical|alternate|license)"[^>]*>\n?'
    r'|<meta (?:property="og:|name="twitter:)[^>]*>\n?|<a class="skip"[^>]*>.*?</a>\n?'
    r"|<noscript>.*?</noscript>\n?",
    re.DOTALL,
)


def single_file(page: str, folder: Path, templates: Path = TEMPLATES) -> str:
    """The deck's page with the files of its folder inside. Raises TalkError if it gets too large.

    A picture's full size is the same file with `?full=NAME`, which shows that picture alone.
    """
    font = base64.b64encode((folder / "manrope.woff2").read_bytes()).decode()
    icon = base64.b64encode((folder / "favicon.svg").read_bytes()).decode()

    def style(found: re.Match[str]) -> str:
        css = (folder / found[1]).read_text("utf-8")
        return f"<style>{_with_font(css, font)}{_file(templates, 'public/full.css')}</style>"

    def script(found: re.Match[str]) -> str:
        text = (folder / found[1]).read_text("utf-8")
        if re.search(r"</script", text, re.IGNORECASE):
            raise TalkError(f"{found[1]} would end its own element in a single file")
        return f"<script>if (!window.showsFull) {{\n{text}\n}}</script>"

    page = _HEAD.sub("", page)
    page = page.replace(
        "</title>", f'</title>\n<link rel="icon" href="data:image/svg+xml;base64,{icon}">', 1
    )
    page = _FULL.sub(r'href="?full=\1"', page)
    page = _STYLESHEET.sub(style, page)
    full = f"<script>{_file(templates, 'public/full.js')}</script>\n"
    first = _SCRIPT.search(page)
    if first is None:
        raise TalkError("the deck has no script to put into a single file")
    page = page[: first.start()] + full + page[first.start() :]
    page = strict(_SCRIPT.sub(script, page), files=False, styles=PRINT_STYLES)
    size = len(page.encode())
    if size > MOST_BYTES:
        raise TalkError(
            f"the single file has {size / 1e6:.1f} MB, {MOST_BYTES / 1e6:.0f} MB are allowed",
            hint="make the pictures smaller",
        )
    return page


def _with_font(css: str, font: str) -> str:
    return re.sub(r'url\("?manrope\.woff2"?\)', f'url("data:font/woff2;base64,{font}")', css)


def _file(templates: Path, name: str) -> str:
    return (templates / name).read_text("utf-8")
