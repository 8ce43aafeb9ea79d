"""The strict Content-Security-Policy of a page: hashes of what its template puts in, no more."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

import msgspec
from markupsafe import Markup

# Where a page has its files: on a host, and opened as a file, which some browsers give no self.
HOSTED, LOCAL = "'self'", "'self' file:"
_ENDS = re.compile(r"<(?=/|!--)")


def print_styles(width: int, height: int) -> tuple[str, str]:
    """What reveal.js writes into <style> elements when a deck of that size (px) is printed."""
    return (
        f"@page{{size:{width}px {height}px; margin: 0px;}}",
        ".reveal section>img, .reveal section>video, .reveal section>iframe"
        f"{{max-width: {width}px; max-height:{height}px}}",
    )


class Inline(msgspec.Struct, frozen=True):
    """A text for a style or script element, which it can't end early: `</` is escaped."""

    text: str

    def __html__(self) -> str:
        return _ENDS.sub(r"<\\", self.text)

    @property
    def hashed(self) -> str:
        """The source of a policy that allows exactly this text."""
        return hashed(self.__html__())


def hashed(text: str) -> str:
    """The source of a policy that allows exactly this inline text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(
    *,
    scripts: Sequence[Inline] = (),
    styles: Sequence[Inline] = (),
    files: str = LOCAL,
    runs_files: bool = True,
    media: bool = False,
    frames: bool = False,
    connects: str = "",
    runs: Sequence[str] = (),
) -> Markup:
    """The policy of a page that holds these scripts and styles.

    `files`: where those come from that it loads, "" for a page that is whole in itself;
    `runs_files`: scripts are among them; `media`: sound; `frames`: pages in frames; `connects`:
    whom its scripts may ask; `runs`: scripts by their addresses.
    """
    sources = {
        "default-src": [],
        "script-src": [files if runs_files else "", *(one.hashed for one in scripts), *runs],
        "style-src": [files, *(one.hashed for one in styles)],
        "font-src": [files or "data:"],
        "img-src": [files, "data:"],
        "media-src": [(files or "data:") if media else ""],
        **({"frame-src": [files]} if frames else {}),
        **({"connect-src": [connects]} if connects else {}),
        "base-uri": [],
        "form-action": [],
    }
    rules = {name: " ".join(dict.fromkeys(filter(None, of))) for name, of in sources.items()}
    return Markup(
        "; ".join(f"{name} {of or chr(39) + 'none' + chr(39)}" for name, of in rules.items())
    )
