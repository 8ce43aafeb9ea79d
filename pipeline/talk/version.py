"""Which talk and which script: short names that recorded rehearsals carry."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from pipeline.config import Config
from pipeline.talk.elements import Aside, Cue, Heading, Item, Part, Script, Speech, Verbatim


def talk_id(config: Config) -> str:
    """A name for the talk made from its title, which stays when slides and script change."""
    plain = unicodedata.normalize("NFKD", config.talk.title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "talk"


def slide_version(items: tuple[Item, ...]) -> str:
    """Twelve hexadecimal digits that change when a word or cue of these items does."""
    return hashlib.sha256("\n".join(_lines(items)).encode()).hexdigest()[:12]


def slide_versions(script: Script) -> dict[int, str]:
    """Slide number -> the version of its script."""
    return {slide.number: slide_version(slide.items) for slide in script.slides()}


def script_version(script: Script) -> str:
    """One version for the scripts of all slides."""
    versions = (f"{number} {v}" for number, v in sorted(slide_versions(script).items()))
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()[:12]


def _lines(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        match item:
            case Speech() | Aside():
                yield " ".join(item.plain.split())
            case Cue():
                yield f"[{item.raw}]"
            case Heading():
                yield f"# {item.text}"
            case Verbatim():
                yield from item.code
            case Part():
                yield f"[{item.raw}]"
                yield from _lines(item.items)
                yield "[END]"
