"""A picture, video or link as pages write it: beside the page, inside it, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.pages.looks import Looks
from pipeline.pages.media import MOST_INSIDE, MediaWriter
from pipeline.pictures.media import Media, Shot
from pipeline.problems import Source
from pipeline.slides.media import MediaUse

POSTER = Shot("media/p-1.webp", b"poster", 64, 36, 64, 36)
USE = MediaUse("video", "deck/a.mp4", Path("a.mp4"), Source(Path("x.md"), 3), alt="It <moves>")


def written(content: bytes, inside: str | None, use: MediaUse = USE) -> str:
    files = (("media/a-1.mp4", content), (POSTER.name, POSTER.content))
    media = Media("video", POSTER, name="media/a-1.mp4", files=files, size=(64, 36))
    return MediaWriter({use.name: media}, Looks(), inside).html(use)


@pytest.mark.parametrize("address", ["https://example.org/talk/", ""])
def test_a_large_video_is_no_part_of_the_single_file(address: str) -> None:
    """Its poster is, and a link to the site where somebody knows its address."""
    html = written(bytes(MOST_INSIDE + 1), address)
    assert "<video" not in html
    assert 'src="data:image/webp;base64,' in html
    assert (f'<a href="{address}media/a-1.mp4">' in html) == bool(address)


def test_a_small_video_plays_inside_the_single_file() -> None:
    """Nothing of it is a file beside the page."""
    html = written(b"film", "")
    assert 'src="data:video/mp4;base64,' in html
    assert "media/" not in html


def test_a_video_beside_the_page_is_muted_unless_asked() -> None:
    """It has controls, loads nothing before it plays, and its words are escaped."""
    html = written(b"film", None)
    assert '<video src="media/a-1.mp4" poster="media/p-1.webp"' in html
    assert " muted" in html
    assert ' preload="none"' in html
    assert " controls" in html
    assert 'aria-label="It &lt;moves&gt;"' in html
    loud = MediaUse("video", USE.name, USE.path, USE.source, alt="x", sound=True, loop=True)
    assert " muted" not in written(b"film", None, loud)
    assert " loop" in written(b"film", None, loud)
