"""Published sites for tests: a small talk's, and this talk's with a made-up run and evidence."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.config import load_config
from pipeline.measured import NOTHING
from pipeline.publish import metadata as cards
from pipeline.publish.site import Published, PublishOptions, publish
from pipeline.results import Results
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk
from support.evidence import evident
from support.second_talk import write_pinned_copy, write_second_talk

ADDRESS = "https://example.org/talks/a-talk"


def png(text: dict[str, str] | None = None) -> bytes:
    """A very small picture, with some text in its metadata."""
    from PIL import Image, PngImagePlugin

    made, info = io.BytesIO(), PngImagePlugin.PngInfo()
    for key, value in (text or {}).items():
        info.add_text(key, value)
    Image.new("RGB", (2, 1)).save(made, "PNG", pnginfo=info)
    return made.getvalue()


def no_camera(patch: pytest.MonkeyPatch) -> None:
    """The card's picture without a browser."""
    patch.setattr(cards, "card_picture", lambda *_: png())


def small_talk(root: Path, address: str = "") -> Talk:
    """Another talk, without an experiment: three slides."""
    if not root.exists():
        write_second_talk(root)
    config = load_config(root)
    config = replace(config, talk=replace(config.talk, address=address))
    return load_talk(config, NOTHING, load_layouts())


def this_talk(root: Path, results: Results | None = None, address: str = ADDRESS) -> Talk:
    """This talk with a made-up run, or with `results`, and with made-up evidence."""
    config = load_config(write_pinned_copy(root))
    config = replace(config, talk=replace(config.talk, address=address))
    return load_talk(config, evident(results), load_layouts())


def published(talk: Talk, out: Path, **options: Any) -> Published:
    return publish(talk, out, talk.config.root / ".cache", PublishOptions(**options))
