"""Pictures made up for tests, and a small talk with a slide of the test's own."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from pipeline.talk import Talk
from support.needs import ROOT
from support.published import small_talk
from support.second_talk import write_second_talk

SIZE = (1600, 900)
MP4 = (ROOT / "tests/fixtures/media/demo.mp4").read_bytes()
WEBM = (ROOT / "tests/fixtures/media/demo.webm").read_bytes()


def photo(
    kind: str = "JPEG", size: tuple[int, int] = SIZE, *, turned: int = 1, **more: object
) -> bytes:
    """A picture with many colours, a camera's notes and a place in it."""
    from PIL import Image

    made, exif = io.BytesIO(), Image.Exif()
    exif[0x010F], exif[0x0112] = "A camera of mine", turned
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    across = Image.linear_gradient("L").resize(size)
    image = Image.merge("RGB", (across, across.rotate(180), Image.effect_noise(size, 60)))
    options = {} if kind in ("GIF",) else {"exif": exif}
    image.save(made, kind, **options, **more)
    return made.getvalue()


def drawn(kind: str = "PNG", size: tuple[int, int] = (400, 300), mode: str = "RGB") -> bytes:
    """A picture of few colours; with mode RGBA one that can be seen through."""
    from PIL import Image

    made = io.BytesIO()
    Image.new(mode, size, (200, 40, 40, 0)[: len(mode)]).save(made, kind)
    return made.getvalue()


def moving(kind: str = "GIF") -> bytes:
    """Three pictures, one after the other."""
    from PIL import Image

    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
    made = io.BytesIO()
    frames[0].save(made, kind, save_all=True, append_images=frames[1:], duration=80, loop=0)
    return made.getvalue()


def svg(inside: str, attributes: str = 'viewBox="0 0 40 30"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'


def talk_with(root: Path, slide: str, files: dict[str, bytes | str]) -> Talk:
    """The talk on bread with this as its second slide; `files` by their path in its folder."""
    return small_talk(write_with(root, slide, files))


def write_with(root: Path, slide: str, files: dict[str, bytes | str]) -> Path:
    write_second_talk(root)
    (root / "deck" / "slides" / "02-steps.md").write_text(slide, encoding="utf-8")
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def film(kind: bytes, content: bytes) -> bytes:
    """A small MP4 with one more box in its description."""
    return into_moov(MP4, struct.pack(">I4s", len(content) + 8, kind) + content)


def into_moov(raw: bytes, more: bytes) -> bytes:
    at = raw.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", raw, at)
    longer = struct.pack(">I", size + len(more)) + raw[at + 4 : at + size] + more
    return raw[:at] + longer + raw[at + size :]


def figure(body: str) -> str:
    """A slide with one part."""
    return f"---\nlayout: figure\ntitle: A figure\n---\n::: left\n{body}\n:::\n"
