"""Photos and screenshots as the deck carries them: upright, as large as their place, pixels alone.

Everything becomes WebP: photos lossy, screenshots and drawings with few colours without a loss.
What a camera or a program wrote beside the pixels (EXIF with its places, XMP, comments, thumbnails)
never leaves the talk's folder.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pipeline.problems import Source, TalkError

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFile import ImageFile

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
MOST_PIXELS = 64_000_000  # of one picture; a phone's best has 50 million
MOST_MOVING = 200_000_000  # pixels of all pictures of an animation together
MOST_OF_MOVING = 16_000_000  # of each of them: several are held at once
LONGEST = 2880  # pixels of a side
QUALITY, EFFORT = 82, 2  # of WebP; more effort takes twice the time for a thirtieth of the size
# What Pillow says of a broken file: it reads places that aren't there, and names that it lacks.
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, struct.error)
_SAMPLE, _FEW = 200, 6000  # so many colours in 200 by 200 points are a photo's


class Encoded(msgspec.Struct, frozen=True):
    """A picture as WebP; its sizes in pixels. `still`: the first of one that moves."""

    content: bytes
    width: int
    height: int
    full_width: int  # of the file it was made from, upright
    full_height: int
    is_clear: bool  # some of it can be seen through
    still: bytes = b""


def encoded(
    raw: bytes, place: tuple[int, int], where: Source, name: str, *, covers: bool = False
) -> Encoded:
    """A picture's file, scaled down to the pixels of its place, without its metadata.

    It fits into its place, or `covers` it, whatever its shape, and is cut there.
    Raises TalkError for what is no picture, is cut off, or has more pixels than are decoded.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    # What is too large is judged by `check_size`, before anything is decoded.
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            check_size(image, where, name)
            size = _upright_size(image)
            if covers:
                place = _covering(size, place)
            if getattr(image, "n_frames", 1) > 1:
                return _moving(image, place)
            image.draft("RGB", place)  # a JPEG is decoded no larger than needed
            upright = _plain(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise TalkError(
            f"`{name}` is no picture, whatever its name says",
            where,
            "PNG, JPEG, WebP, GIF, AVIF or SVG",
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(name, "far too many", where) from None
    except _BROKEN as error:
        raise TalkError(
            f"`{name}` can't be read as a picture: {error}", where, "save it again, or copy it anew"
        ) from None
    upright.thumbnail(place, reducing_gap=2.0)
    return Encoded(_webp(upright), *upright.size, *size, is_clear=upright.mode == "RGBA")


def check_size(image: ImageFile, where: Source, name: str) -> None:
    """Before anything is decoded. Raises TalkError for more pixels than are."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _too_large(name, f"{width * height / 1e6:.0f} million", where)
    pictures = getattr(image, "n_frames", 1)
    if pictures > 1 and width * height > MOST_OF_MOVING:
        raise _too_large(name, f"{width * height / 1e6:.0f} million", where, MOST_OF_MOVING)
    total = width * height * pictures
    if total > MOST_MOVING:
        raise TalkError(
            f"`{name}` moves for {total / 1e6:.0f} million pixels, "
            f"{MOST_MOVING / 1e6:.0f} million are the most",
            where,
            "make a video of it: MP4 or WebM",
        )


def _covering(size: tuple[int, int], place: tuple[int, int]) -> tuple[int, int]:
    """How large a picture is that leaves nothing of its place free; no longer than LONGEST."""
    scale = max(place[0] / size[0], place[1] / size[1])
    scale = min(scale, LONGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _too_large(name: str, pixels: str, where: Source, most: int = MOST_PIXELS) -> TalkError:
    return TalkError(
        f"`{name}` has {pixels} pixels, {most / 1e6:.0f} million are the most",
        where,
        "save it smaller: a slide shows 2560 by 1440 at most",
    )


def _upright_size(image: ImageFile) -> tuple[int, int]:
    """Its size as a camera's note turns it."""
    width, height = image.size
    turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def _plain(image: Image.Image) -> Image.Image:
    """8 bits of red, green and blue as screens take them; with what can be seen through, if any."""
    image = _in_screen_colours(image)
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    is_clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    if is_clear:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            return image
    return image.convert("RGB")


def _in_screen_colours(image: Image.Image) -> Image.Image:
    """Colours of a wide or printed space as sRGB; a profile that is none is left out."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(own):
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        screen = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, own, screen, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _webp(image: Image.Image) -> bytes:
    made = io.BytesIO()
    if has_few_colours(image):
        image.save(made, "WEBP", lossless=True, quality=60, method=EFFORT, exact=False)
    else:
        image.save(made, "WEBP", quality=QUALITY, method=EFFORT)
    return made.getvalue()


def has_few_colours(image: Image.Image) -> bool:
    """Whether it is drawn, and no photo: it loses nothing where only its colours are kept."""
    from PIL import Image as Pillow

    small = image.copy()
    small.thumbnail((_SAMPLE, _SAMPLE), Pillow.Resampling.NEAREST)
    return small.getcolors(_FEW) is not None


def _moving(image: ImageFile, place: tuple[int, int]) -> Encoded:
    """An animation as one, and its first picture for paper and for who wants no motion."""
    frames, lengths_ms = [], []
    loop = image.info.get("loop", 1)
    size = image.size
    for frame in _frames(image):
        lengths_ms.append(max(20, int(frame.info.get("duration", 100) or 100)))
        whole = frame.convert("RGBA")
        whole.thumbnail(place, reducing_gap=2.0)
        frames.append(whole)
    made = io.BytesIO()
    frames[0].save(
        made,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=lengths_ms,
        loop=loop,
        quality=QUALITY,
        method=0,
        allow_mixed=True,
    )
    clear = any(frame.getchannel("A").getextrema() != (255, 255) for frame in frames)
    first = frames[0] if clear else frames[0].convert("RGB")
    return Encoded(made.getvalue(), *frames[0].size, *size, is_clear=clear, still=_webp(first))


def _frames(image: ImageFile) -> Iterator[Image.Image]:
    """Its pictures. Raises ValueError for one beyond the first: it would grow to hold it."""
    from PIL import ImageSequence

    size = image.size
    for frame in ImageSequence.Iterator(image):
        if frame.size != size:
            raise ValueError("one of its pictures lies outside it")
        yield frame.copy()
