"""The strict Content-Security-Policy of a page: hashes of what its template puts in, no more."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

# Where a page that is opened as a file has its others: browsers may give a file no self.
LOCAL = "'self' file:"
# What reveal.js writes into a <style> when the deck is printed at 1280 by 720.
PRINT_STYLES = (
    "@page{size:1280px 720px; margin: 0px;}",
    ".reveal section>img, .reveal section>video, .reveal section>iframe"
    "{max-width: 1280px; max-height:720px}",
)


@dataclass(frozen=True, slots=True)
class Inline:
    """A text for a style or script element, which it can't end early."""

    text: str

    def __post_init__(self) -> None:
        lower = self.text.lower()
        if "</style" in lower or "</script" in lower or "<!--" in lower:
            raise ValueError(f"a text would end its own element: {self.text[:60]}…")

    def __html__(self) -> str:
        return self.text

    @property
    def hashed(self) -> str:
        """The source of a policy that allows exactly this text."""
        return hashed(self.text)


def hashed(text: str) -> str:
    """The source of a policy that allows exactly this inline text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(
    *,
    scripts: Sequence[Inline] = (),
    styles: Sequence[Inline] = (),
    beside: str = "'self'",
    runs_files: bool = True,
    media: bool = False,
    connects: str = "",
) -> Markup:
    """The policy of a page that holds these scripts and styles.

    `beside`: where files come from that it loads, "" for a page that is whole in itself;
    `runs_files`: scripts are among them; `media`: sound too;
    `connects`: whom its scripts may ask.
    """
    sources = {
        "default-src": [],
        "script-src": [beside if runs_files else "", *(one.hashed for one in scripts)],
        "style-src": [beside, *(one.hashed for one in styles)],
        "font-src": [beside or "data:"],
        "img-src": [beside, "data:"],
        "media-src": [beside if media else ""],
        **({"connect-src": [connects]} if connects else {}),
        "base-uri": [],
        "form-action": [],
    }
    rules = {name: " ".join(dict.fromkeys(filter(None, of))) for name, of in sources.items()}
    return Markup(
        "; ".join(f"{name} {of or chr(39) + 'none' + chr(39)}" for name, of in rules.items())
    )
