"""Files that slides show or lead to, made fit for the deck: scaled, re-encoded, cleaned, named.

What was made is kept under a hash of the file and of its place, so a second build makes nothing.
"""

from __future__ import annotations

import html
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from pipeline.files import kept, read_bytes, short_hash
from pipeline.palette import DARK, LIGHT
from pipeline.paths import plain_name
from pipeline.pictures.photos import Encoded, encoded
from pipeline.pictures.video import Video, cleaned_video
from pipeline.problems import Source, TalkError, shortened
from pipeline.slides.media import MediaUse
from pipeline.slides.slide import Slide

SLIDE = (1280, 720)  # pixels of a slide; screens have up to two for each
WHOLE, HALF = (1136, 576), (544, 576)  # the place under a title, and one of two side by side
MOST_PICTURE_MB = 64
MOST_FILE_MB = 50  # of a file that a link leads to
MOST_VIDEO_MB = 100  # GitHub takes no larger file
_WORKERS = min(4, os.cpu_count() or 1)
_FORMAT = "3"  # of what is kept
_MOST_MADE = 200


class Shot(msgspec.Struct, frozen=True):
    """One picture as a file of the deck."""

    name: str  # media/NAME-HASH.webp
    content: bytes
    width: int  # in its own pixels; of an SVG in pixels of a slide
    height: int
    full_width: int  # of the file it was made from
    full_height: int
    is_vector: bool = False
    is_clear: bool = False  # some of it may be seen through
    still: str = ""  # the file of its first picture, if it moves
    text: str = ""  # what can be read in an SVG


class Media(msgspec.Struct, frozen=True):
    """A file of the talk with all that stands for it in the deck."""

    kind: str  # picture, video, file
    shot: Shot | None = None  # a picture; a video's poster
    dark: Shot | None = None
    name: str = ""  # a video's or a linked file's own, in the deck
    place: tuple[int, int] = SLIDE
    files: tuple[tuple[str, bytes], ...] = ()
    size: tuple[int, int] = (0, 0)  # of a video, in pixels
    length_s: float = 0.0
    codecs: tuple[str, ...] = ()  # of a video, that some browsers can't play
    has_poster: bool = False  # a picture of the speaker's; else a card with its length


_MADE: dict[object, Media] = {}  # by the files and the place; a talk is looked at several times


def place_of(slide: Slide, use: MediaUse) -> tuple[int, int]:
    """How many of the slide's pixels a picture may fill."""
    parts = {part.name for part in slide.parts}
    look = slide.fields["look"].text if "look" in slide.fields else ""
    if "bleed" in use.classes or (look == "full" and use.part in ("", "body")):
        return SLIDE
    beside = use.part in ("left", "right") and {"left", "right"} <= parts
    return HALF if beside or look == "beside" else WHOLE


def media_of(
    slides: Iterable[Slide], cache: Path | None, began: Callable[[], None] = lambda: None
) -> dict[str, Media]:
    """What the slides show and lead to, by name; `began` is called once if anything is made anew.

    Raises TalkError with the slide's line for the first file that can't be shown.
    """
    uses: dict[str, MediaUse] = {}
    places: dict[str, tuple[int, int]] = {}
    for slide in slides:
        for use in slide.media:
            uses.setdefault(use.name, use)
            place, other = place_of(slide, use), places.get(use.name, (0, 0))
            places[use.name] = (max(place[0], other[0]), max(place[1], other[1]))
    if not uses:
        return {}
    maker = _Maker(cache, _once(began))
    with ThreadPoolExecutor(_WORKERS) as pool:
        made = [*pool.map(lambda use: maker.known(use, places[use.name]), uses.values())]
    return dict(zip(uses, _with_own_names(made), strict=True))


def deck_files(media: Iterable[Media]) -> dict[str, bytes]:
    """The files of the deck that these are, by name."""
    return {name: content for one in media for name, content in one.files}


def clean_name(path: Path) -> str:
    """A file's name as an address can bear it, without its ending: nothing of where it lay."""
    return plain_name(path.stem)[:40].rstrip("-") or "file"


def _once(began: Callable[[], None]) -> Callable[[], None]:
    lock, said = threading.Lock(), threading.Event()

    def once() -> None:
        with lock:
            if not said.is_set():
                said.set()
                began()

    return once


class _Maker(msgspec.Struct, frozen=True):
    """Makes one file after the other, in several threads."""

    cache: Path | None
    began: Callable[[], None]

    def known(self, use: MediaUse, place: tuple[int, int]) -> Media:
        """What this process made of the same files for the same place, or made now."""
        files = (use.path, use.dark, use.poster)
        key = (use.kind, place, *(_stamp(path) for path in files if path))
        if key not in _MADE:
            while len(_MADE) >= _MOST_MADE:
                _MADE.pop(next(iter(_MADE)), None)
            _MADE[key] = self.make(use, place)
        return _MADE[key]

    def make(self, use: MediaUse, place: tuple[int, int]) -> Media:
        if use.kind == "picture":
            shot, files = self.shot(use.path, place, use.source)
            dark, more = self.shot(use.dark, place, use.source) if use.dark else (None, ())
            return Media("picture", shot, dark, place=place, files=(*files, *more))
        if use.kind == "video":
            return self.video(use, place)
        content = _read(use.path, use.source, MOST_FILE_MB)
        name = f"files/{clean_name(use.path)}{use.path.suffix.lower()}"
        return Media("file", name=name, files=((name, content),))

    def video(self, use: MediaUse, place: tuple[int, int]) -> Media:
        """A film without what its camera wrote into it, and its poster."""
        raw = _read(use.path, use.source, MOST_VIDEO_MB)
        made = cleaned_video(raw, use.source, use.path.name)
        suffix = "webm" if made.content.startswith(b"\x1a") else "mp4"
        name = _named(use.path, made.content, suffix)
        if use.poster:
            shot, files = self.shot(use.poster, place, use.source)
        else:
            shot, files = _card(use, made)
        return Media(
            "video",
            shot,
            name=name,
            place=place,
            files=((name, made.content), *files),
            size=(made.width or SLIDE[0], made.height or SLIDE[1]),
            length_s=made.length_s,
            codecs=tuple(sorted(made.codecs)),
            has_poster=use.poster is not None,
        )

    def shot(
        self, path: Path, place: tuple[int, int], where: Source
    ) -> tuple[Shot, tuple[tuple[str, bytes], ...]]:
        """A picture as the deck has it, and its files."""
        raw = _read(path, where, MOST_PICTURE_MB)
        if path.suffix.lower() == ".svg":
            from pipeline.pictures.foreign import cleaned

            svg = cleaned(raw, Source(path), where, path.name)
            name = _named(path, svg.content, "svg")
            size = (round(svg.width) or 1, round(svg.height) or 1)
            shot = Shot(
                name, svg.content, *size, *size, is_vector=True, is_clear=True, text=svg.text
            )
            return shot, ((name, svg.content),)
        made = self._kept(raw, place, where, path.name)
        name = _named(path, made.content, "webp")
        still = _named(path, made.still, "webp") if made.still else ""
        shot = Shot(
            name,
            made.content,
            made.width,
            made.height,
            made.full_width,
            made.full_height,
            is_clear=made.is_clear,
            still=still,
        )
        files = [(name, made.content), *([(still, made.still)] if still else [])]
        return shot, tuple(files)

    def _kept(self, raw: bytes, place: tuple[int, int], where: Source, name: str) -> Encoded:
        from importlib.metadata import version

        most, covers = (2 * place[0], 2 * place[1]), place == SLIDE

        def make() -> bytes:
            self.began()
            return msgspec.msgpack.encode(encoded(raw, most, where, name, covers=covers))

        key = f"{_FORMAT} {version('pillow')} {most} ".encode() + raw
        folder = self.cache / "media" if self.cache else None
        return msgspec.msgpack.decode(kept(folder, "picture.bin", key, make), type=Encoded)


def _stamp(path: Path) -> tuple[str, int, int]:
    found = path.stat()
    return str(path), found.st_size, found.st_mtime_ns


def _read(path: Path, where: Source, most_mb: int) -> bytes:
    """A file, if it is no larger than `most_mb`: looked at before a byte of it is read."""
    try:
        size = path.stat().st_size
        if size <= most_mb * 2**20:
            return read_bytes(path, f"`{path.name}`", most_mb * 2**20)
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None
    except OSError as error:
        raise TalkError(f"`{path.name}` can't be read: {error.strerror}", where) from None
    hint = "cut it, or save it with fewer pixels; or put it elsewhere, and link to it"
    message = f"`{path.name}` has {size / 2**20:,.0f} MiB, {most_mb} are the most"
    raise TalkError(message, where, hint)


def length_text(seconds: float) -> str:
    """`1:05` of 65 seconds; nothing where nobody knows it."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}" if seconds else ""


def _card(use: MediaUse, video: Video) -> tuple[Shot, tuple[tuple[str, bytes], ...]]:
    """What stands for a video without a poster: a sign to play, its words and its length."""
    said = " · ".join(filter(None, (shortened(use.alt), length_text(video.length_s))))
    wide, high = _scaled(video.width or SLIDE[0], video.height or SLIDE[1])
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}"><rect width="{wide}" height="{high}" fill="{LIGHT["ink"]}"/>'
        f'<path transform="translate({wide // 2} {high // 2 - 30})" d="M-45-60 65 0-45 60z" '
        f'fill="{DARK["ink"]}" stroke="{DARK["ink"]}" stroke-width="20" stroke-linejoin="round"/>'
        f'<text x="{wide // 2}" y="{high // 2 + 140}" fill="{DARK["ink"]}" font-size="48" '
        f'font-family="sans-serif" text-anchor="middle">{html.escape(said)}</text></svg>\n'
    ).encode()
    name = _named(use.path, svg, "svg")
    return Shot(name, svg, wide, high, wide, high, is_vector=True, text=said), ((name, svg),)


def _scaled(width: int, height: int) -> tuple[int, int]:
    """The same shape as large as a place can be."""
    scale = min(2 * WHOLE[0] / width, 2 * WHOLE[1] / height)
    return round(width * scale), round(height * scale)


def _named(path: Path, content: bytes, suffix: str) -> str:
    """Under a new name when it changes: what a browser has kept is never the old one."""
    return f"media/{clean_name(path)}-{short_hash(content)}.{suffix}"


def _with_own_names(made: Iterable[Media]) -> Iterator[Media]:
    """Two files of one clean name get their hashes into them."""
    taken: dict[str, bytes] = {}
    for one in made:
        if one.kind == "file":
            (name, content), *_ = one.files
            if taken.setdefault(name, content) != content:
                stem, dot, suffix = name.rpartition(".")
                name = f"{stem}-{short_hash(content)}{dot}{suffix}"
            one = Media("file", name=name, files=((name, content),))
        yield one
