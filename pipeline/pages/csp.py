"""A page under a strict Content-Security-Policy: hashes for what is inline, nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable

_PIECE = re.compile(
    r"<(script|style)\b([^>]*)>(.*?)</\1\s*>|<!--.*?-->|<[a-zA-Z][^<>]*>", re.DOTALL
)
_STYLE = re.compile(r'\sstyle="([^"]*)"')
_CHARSET = '<meta charset="utf-8">'
# What reveal.js writes into a <style> when the deck is printed at 1280 by 720.
PRINT_STYLES = (
    "@page{size:1280px 720px; margin: 0px;}",
    ".reveal section>img, .reveal section>video, .reveal section>iframe"
    "{max-width: 1280px; max-height:720px}",
)


def strict(
    page: str, *, files: bool = True, media: bool = False, styles: Iterable[str] = ()
) -> str:
    """The page with its policy as the first thing in its head.

    Style attributes become rules of one hashed style element. `files`: it may load scripts,
    styles and fonts from beside it, otherwise only what is inside it as data; `media`: sound
    too; `styles`: texts of style elements that its scripts will make.
    """
    page = _moved_styles(page)
    own = "'self'" if files else ""
    scripts, inline = [], [*styles]
    for found in _PIECE.finditer(page):
        kind, attributes, text = found[1], found[2] or "", found[3]
        if kind == "style":
            inline.append(text)
        elif kind == "script" and " src=" not in attributes and "json" not in attributes:
            scripts.append(text)
    has_files = files and "<script src=" in page
    sources = {
        "default-src": ["'none'"],
        "script-src": [own if has_files else "", *map(hashed, scripts)],
        "style-src": [own, *map(hashed, inline)],
        "font-src": [own or "data:"],
        "img-src": [own, "data:"],
        "media-src": [own if media else ""],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    rules = {name: " ".join(dict.fromkeys(filter(None, of))) for name, of in sources.items()}
    policy = "; ".join(f"{name} {of or chr(39) + 'none' + chr(39)}" for name, of in rules.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace(_CHARSET, f"{_CHARSET}\n{meta}", 1)


def hashed(text: str) -> str:
    """A source of the policy that allows exactly this inline text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _moved_styles(page: str) -> str:
    rules: dict[str, int] = {}

    def move(found: re.Match[str]) -> str:
        if found[1] or found[0].startswith("<!--"):
            return found[0]
        return _STYLE.sub(
            lambda style: f' data-style="{rules.setdefault(style[1], len(rules))}"', found[0]
        )

    page = _PIECE.sub(move, page)
    if not rules:
        return page
    css = "".join(f'[data-style="{n}"]{{{html.unescape(style)}}}' for style, n in rules.items())
    return page.replace("</head>", f"<style>{css}</style>\n</head>", 1)
