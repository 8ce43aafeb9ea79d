"""Files of the talk that a slide shows or leads to: pictures, videos, papers; found, not yet read.

They are looked for beside the slide's file, then in `deck/`, then in the talk's folder, and never
outside it; `measured/NAME/…` are the pictures that the shown run of a measurement left.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from pipeline.command import called
from pipeline.hashes import sha256_of
from pipeline.measured import Measured
from pipeline.paths import composed, entries, inside, leads_out, name_below
from pipeline.problems import Source, TalkError, nearest

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg")
VIDEOS = (".mp4", ".m4v", ".webm")
# What a link may lead to: only what can be looked into before it is published.
FILES = (
    *(".pdf", ".txt", ".md", ".csv", ".tsv", ".json", ".ipynb", ".py", ".toml", ".yaml", ".yml"),
    *(".zip", ".pptx", ".docx", ".xlsx", ".png", ".jpg", ".jpeg", ".webp"),
)
DECORATION = "decoration"  # a class, and the value of `alt:`, for what says nothing
_INSTEAD = {
    ".heic": "save it as JPEG: browsers can't show HEIC",
    ".heif": "save it as JPEG: browsers can't show HEIF",
    ".tif": "save it as PNG",
    ".tiff": "save it as PNG",
    ".bmp": "save it as PNG",
    ".pdf": "save the page as SVG or PNG, or link to it: [words](paper.pdf)",
    ".mov": "save it as MP4 (H.264): other systems can't play MOV",
    ".avi": "save it as MP4 (H.264)",
    ".mkv": "save it as MP4 (H.264) or WebM",
}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
_IN_RUN = re.compile("measured/[^/.]+/.")  # measured/NAME/plot.svg: what a run left
_MOST_NAMES = 500  # of files that a hint is chosen from
# What the pages are made from, and what was made: nobody's to load down. Notes stand in there.
_SOURCE = re.compile(r"talk\.toml|deck/slides/[^/]+\.md|(deck/diagrams|script|templates)/.+", re.I)
_MADE = ("rehearsals/", "out/")


class MediaUse(msgspec.Struct, frozen=True):
    """A file that a slide shows, or that a link of it leads to."""

    kind: str  # picture, video, file
    name: str  # its path from the talk's folder, composed letters; the same file has the same name
    path: Path
    source: Source
    alt: str = ""
    caption: str = ""  # the title of ![alt](path "title")
    classes: tuple[str, ...] = ()
    dark: Path | None = None  # what takes its place in the dark theme
    poster: Path | None = None  # of a video
    part: str = ""  # of the slide; empty: its front matter
    sound: bool = False
    loop: bool = False
    step: int | None = None  # of the slide on which a video begins to play; None: with its place

    @property
    def measurement(self) -> str:
        """The name of the measurement that left it; empty for a file of the speaker's own."""
        return self.name.split("/")[1] if _IN_RUN.match(self.name) else ""

    @property
    def is_decoration(self) -> bool:
        return DECORATION in self.classes or self.alt == DECORATION


def picture_or_video(
    address: str,
    where: Source,
    *,
    alt: str = "",
    caption: str = "",
    classes: tuple[str, ...] = (),
) -> MediaUse:
    """What `![alt](address "caption")` shows. Raises TalkError where it is no file of the talk."""
    text = _plain(address)
    if not text:
        raise TalkError("a picture without a path", where, "![what it shows](photo.jpg)")
    if _SCHEME.match(text):
        raise TalkError(
            f"`{text}` is no picture of this talk",
            where,
            "put the file into the talk's folder: ![what it shows](photo.jpg); or "
            "![](figure:NAME), ![](diagram:NAME), ![](drawing:NAME)",
        )
    suffix = Path(text).suffix.lower()
    if suffix not in (*PICTURES, *VIDEOS):
        hint = _INSTEAD.get(suffix, f"one of: {', '.join((*PICTURES, *VIDEOS))}")
        raise TalkError(f"`{text}` is no picture or video that a deck can show", where, hint)
    if _IN_RUN.match(text) and suffix in PICTURES:  # until it is `located`
        path, name = Path(text), text
    else:
        path, name = find_file(text, where, (*PICTURES, *VIDEOS))
    kind = "video" if suffix in VIDEOS else "picture"
    return MediaUse(
        kind,
        name,
        path,
        where,
        alt=alt,
        caption=caption,
        classes=classes,
        dark=_beside(path, ".dark") if kind == "picture" else None,
        poster=_beside(path) if kind == "video" else None,
    )


def located(use: MediaUse, measured: Measured) -> MediaUse:
    """With the file of the shown run, where it is a measurement's picture; else as it is.

    Raises TalkError with the slide's line for one that the run didn't leave.
    """
    if use.path.is_absolute() or not use.measurement:
        return use
    name = use.measurement
    picture, found = use.name.split("/", 2)[2], measured.measurements.get(name)
    wanted = f'pictures = ["{picture}"]'
    if found is None:
        with contextlib.suppress(TalkError):  # a folder of the talk's own
            path, _ = find_file(use.name, use.source, PICTURES)
            return replace(use, path=path, dark=_beside(path, ".dark"))
        raise TalkError(
            f"`{use.name}` is a picture of the measurement `{name}`, and there is no run of it",
            use.source,
            f"[measure.{name}] in talk.toml, with {wanted}; then `{called()}`",
        )
    left = found.run.pictures
    if picture not in left:
        hint = nearest(picture, left) if left else f"{wanted} in [measure.{name}] of talk.toml"
        raise TalkError(f"the run of `{name}` left no picture `{picture}`", use.source, hint)
    path = measured.pictures.get(name, Path()) / picture
    if not path.is_file() or sha256_of(path) != left[picture]:
        message = f"the picture `{picture}` of the run of `{name}` is gone, or another one"
        raise TalkError(message, use.source, f"`{called()} --measure {name}`")
    return replace(use, path=path.resolve(), dark=_beside(path.resolve(), ".dark"))


def linked_file(address: str, where: Source) -> MediaUse:
    """What `[words](address)` leads to, published with the deck. Raises TalkError."""
    text = _plain(address)
    suffix = Path(text).suffix.lower()
    if suffix not in FILES:
        raise TalkError(
            f"`{text}` is no link for a slide",
            where,
            "`#/slide-name`, https://…, mailto:…, or a file of the talk: " + ", ".join(FILES),
        )
    path, name = find_file(text, where, FILES)
    _refuse_source(text, name, where)
    return MediaUse("file", name, path, where)


def _refuse_source(text: str, name: str, where: Source) -> None:
    """Raises TalkError where a link would publish what the talk is made from, notes and all."""
    is_made = name.lower().startswith(_MADE)
    if not is_made and not _SOURCE.fullmatch(name):
        return
    hint = "put a copy of what everybody may read elsewhere in the talk's folder"
    slide = re.fullmatch(r"deck/slides/\d+-([a-z0-9][a-z0-9-]*)\.md", name)
    if slide:
        hint = f"`#/{slide[1]}` leads to that slide"
    message = f"`{text}` is a file that the talk is made from: its source would be published"
    if is_made:
        message = f"`{text}` was made by a build or a rehearsal: it may hold what is said"
    raise TalkError(message, where, hint)


def find_file(text: str, where: Source, kinds: Collection[str]) -> tuple[Path, str]:
    """The file that a slide names, and its path from the talk's folder.

    `where` is a line of a slide's file; `kinds` are endings, for the hint. Raises TalkError for
    one that isn't there, is a folder, is hidden, or lies outside the talk's folder.
    """
    beside = where.path.parent
    deck, root = beside.parent, beside.parent.parent
    if leads_out(text, root, deck, beside):
        hint = "name it as it lies beside the slide, in deck/, or in the talk's folder"
        raise TalkError(f"`{text}` lies outside the talk's folder", where, hint)
    for folder in (beside, deck, root):
        path = inside(folder, text)
        if path is None:
            continue
        name, real = name_below(root, path, f"`{text}`", where), path.resolve()
        if not real.is_file():
            what = "a folder" if real.is_dir() else "no plain file"
            raise TalkError(f"`{text}` is {what}", where, "name a file in it")
        return real, name
    raise _missing(text, where, (beside, deck, root), kinds)


def _plain(address: str) -> str:
    """An address as its file is named: `%20` is a space."""
    return composed(unquote(address)).strip().removeprefix("./")


def _beside(path: Path, more: str = "") -> Path | None:
    """The picture of the same name beside a file: `photo.dark.png` of `photo.jpg` for `.dark`."""
    for suffix in PICTURES:
        other = path.with_name(f"{path.stem}{more}{suffix}")
        if other.is_file() and other.resolve().is_relative_to(path.parent):
            return other
    return None


def _missing(
    text: str, where: Source, folders: tuple[Path, ...], kinds: Collection[str]
) -> TalkError:
    known = sorted({name for folder in folders for name in _names(folder, kinds)})
    said = "looked beside the slide, in deck/ and in the talk's folder"
    near = nearest(text, known) if known else ""
    return TalkError(
        f"there is no file `{text}`",
        where,
        f"{near} ({said})" if near.startswith("did you") else said,
    )


def _names(folder: Path, kinds: Collection[str]) -> Iterator[str]:
    """How files of these kinds in a folder, and one below, are named from there."""
    inner = (path for path in entries(folder) if not path.name.startswith(".") and path.is_dir())
    every = itertools.chain(entries(folder), *(entries(path) for path in inner))
    fitting = (path for path in every if path.suffix.lower() in kinds)
    for path in itertools.islice(fitting, _MOST_NAMES):
        yield path.relative_to(folder).as_posix()
