"""Videos are taken as they are, without what their camera wrote into them; or refused."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from support.media import MP4, WEBM, into_moov

from pipeline.pictures.video import Video, cleaned_video
from pipeline.problems import Source, TalkError

WHERE = Source(Path("02-steps.md"), 6)


def clean(raw: bytes, name: str = "demo.mp4") -> Video:
    return cleaned_video(raw, WHERE, name)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def element(name: str, content: bytes) -> bytes:
    """An element of WebM."""
    return bytes.fromhex(name) + bytes([0x40 | len(content) >> 8, len(content) & 255]) + content


@pytest.mark.parametrize(("raw", "name"), [(MP4, "demo.mp4"), (WEBM, "demo.webm")])
def test_a_film_says_its_size_and_length(raw: bytes, name: str) -> None:
    """Nothing of it is encoded anew, and cleaning it twice changes nothing."""
    video = clean(raw, name)
    assert (video.width, video.height, round(video.length_s)) == (320, 180, 2)
    assert len(video.content) == len(raw)
    assert video.codecs == set()
    assert clean(video.content, name).content == video.content


@pytest.mark.parametrize(
    "more",
    [
        box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+52.5200+013.4050/")),
        box(b"meta", b"com.apple.quicktime.location.ISO6709 +52.5200+013.4050/"),
        box(b"uuid", b"<x:xmpmeta>+52.5200+013.4050/</x:xmpmeta>"),
        box(b"free", b"+52.5200+013.4050/ is left over"),
    ],
)
def test_a_place_in_an_mp4_is_taken_out(more: bytes) -> None:
    """Wherever cameras write it; no offset of the film moves."""
    raw = into_moov(MP4, more)
    video = clean(raw)
    assert b"52.52" in raw
    assert b"52.52" not in video.content
    assert len(video.content) == len(raw)
    assert (video.width, video.height) == (320, 180)


def test_a_box_of_some_makers_own_is_taken_out() -> None:
    """Beside the film or in its head: what no list knows tells of its maker."""
    raw = into_moov(MP4, box(b"GPS ", b"+52.5200+013.4050/")) + box(b"XMP_", b"+52.5200")
    video = clean(raw)
    assert b"52.52" not in video.content
    assert (len(video.content), video.width) == (len(raw), 320)


def test_boxes_without_an_end_are_no_film() -> None:
    """One in the other, thousands deep."""
    deep = b""
    for _ in range(3000):
        deep = box(b"minf", deep)
    with pytest.raises(TalkError, match="cut off or damaged"):
        clean(MP4 + box(b"moof", deep))


def test_when_an_mp4_was_made_is_taken_out() -> None:
    """Its head and its tracks forget their dates."""
    at = MP4.index(b"mvhd") + 8
    raw = MP4[:at] + b"\xe5\x01\x02\x03" * 2 + MP4[at + 8 :]
    assert b"\xe5\x01\x02\x03" not in clean(raw).content


def test_tags_of_a_webm_are_taken_out() -> None:
    """At the end of the film, behind its pictures."""
    raw = WEBM + element("1254c367", b"LOCATION +52.5200+013.4050/") + element("1941a469", b"file")
    size = len(raw) - WEBM.index(bytes.fromhex("18538067")) - 12
    at = WEBM.index(bytes.fromhex("18538067")) + 4
    raw = raw[:at] + (1 << 56 | size).to_bytes(8, "big") + raw[at + 8 :]
    video = clean(raw, "demo.webm")
    assert b"52.52" not in video.content
    assert len(video.content) == len(raw)


def test_what_was_overwritten_by_its_head_alone_is_emptied() -> None:
    """Editors of tags leave the old ones where they stood, under another name."""
    raw = WEBM + element("ec", b"LOCATION +52.5200+013.4050/")
    size = len(raw) - WEBM.index(bytes.fromhex("18538067")) - 12
    at = WEBM.index(bytes.fromhex("18538067")) + 4
    raw = raw[:at] + (1 << 56 | size).to_bytes(8, "big") + raw[at + 8 :]
    assert b"52.52" not in clean(raw, "demo.webm").content


def test_a_track_of_places_is_refused() -> None:
    """An action camera keeps a place for each second among the pictures."""
    handler = box(b"hdlr", bytes(8) + b"meta" + bytes(12) + b"GoPro MET\0")
    raw = into_moov(MP4, box(b"trak", box(b"mdia", handler)))
    with pytest.raises(TalkError, match="a track `meta`, where cameras keep places"):
        clean(raw)


def test_a_codec_that_some_browsers_lack_is_known() -> None:
    """HEVC, as phones record it."""
    assert clean(MP4.replace(b"avc1", b"hvc1")).codecs == {"hvc1"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"only words, and no film", "`demo.mp4` is no video, whatever its name says"),
        (MP4.replace(b"ftypisom", b"ftypqt  "), "`demo.mp4` is QuickTime, whatever its name says"),
        (MP4[:600], "`demo.mp4` can't be read as a video: it is cut off or damaged"),
        (WEBM[:200], "`demo.mp4` can't be read as a video: it is cut off or damaged"),
        (WEBM.replace(b"webm", b"matr", 1), "`demo.mp4` can't be read as a video"),
    ],
)
def test_what_is_no_film_is_said(raw: bytes, message: str) -> None:
    """One error with the slide's line."""
    with pytest.raises(TalkError) as caught:
        clean(raw)
    assert caught.value.message.startswith(message)
    assert caught.value.where == WHERE


@pytest.mark.parametrize("raw", [MP4, WEBM])
def test_a_damaged_film_is_never_a_fault_of_ours(raw: bytes) -> None:
    """Cut anywhere, or with any of its first bytes changed: read, or one error."""
    for at in range(0, min(len(raw), 1200), 7):
        for broken in (raw[:at], raw[:at] + b"\xff" + raw[at + 1 :], raw[:at] + b"\0" + raw[at:]):
            try:
                clean(broken)
            except TalkError:
                continue
