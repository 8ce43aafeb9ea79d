"""What is wrong with a talk's pictures, videos and files, beyond what can't be shown at all."""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping

from pipeline.pictures.media import SLIDE, Media, place_of
from pipeline.problems import Problem
from pipeline.slides.media import MediaUse
from pipeline.slides.slide import Slide

# `${{ … }}` and `{{ .Values }}` are other programs'
_PLACEHOLDER = re.compile(r"(?<!\$)\{\{\s*[A-Za-z][^{}]*\}\}")
_OFFICE = (".docx", ".xlsx", ".pptx")
_OFFICE_KEYS = {"creator": "author", "lastModifiedBy": "last saved by"}
_MOST_CORE = 100_000  # bytes of a document's metadata
MUSH = 1.5  # a picture that its place could show so much larger is too small for it


def media_problems(slides: Iterable[Slide], media: Mapping[str, Media]) -> Iterator[Problem]:
    """Pictures without words or with too few pixels, videos that some can't play, names in PDFs."""
    for slide in slides:
        for chart in slide.charts:
            if not chart.has_alt and chart.data.kind != "table":
                hint = "add `alt: …`, what it shows in a sentence"
                yield Problem("the chart has no words for who can't see it", chart.source, hint)
        for use in slide.media:
            if use.kind != "file":
                yield from _without_words(use)
            yield from _unfilled(use, media[use.name])
            yield from _too_small(slide, use, media[use.name])
            yield from _of_video(use, media[use.name])
            yield from _of_file(use, media[use.name])


def _without_words(use: MediaUse) -> Iterator[Problem]:
    if use.alt or use.is_decoration:
        return
    name = use.path.name
    hint = f"![what it shows]({name}), or ![]({name}){{.decoration}} if it says nothing"
    if not use.part:
        hint = "`alt: what it shows`, or `alt: decoration` if it says nothing"
    yield Problem(f"`{name}` has no words for who can't see it", use.source, hint)


def _unfilled(use: MediaUse, media: Media) -> Iterator[Problem]:
    """A placeholder in an SVG of another program, which is shown as it is."""
    for shot in (media.shot, media.dark):
        if shot and (found := _PLACEHOLDER.search(shot.text)):
            yield Problem(
                f"`{use.path.name}` is shown as it is, with `{found[0]}` in it",
                use.source,
                "values are put into drawings of deck/drawings: ![](drawing:NAME)",
            )
            return


def _of_video(use: MediaUse, media: Media) -> Iterator[Problem]:
    if use.kind != "video":
        return
    name = use.path.name
    if media.codecs:
        yield Problem(
            f"`{name}` is {', '.join(media.codecs)}, which not every browser plays",
            use.source,
            "save it as H.264 (MP4) or VP9 (WebM)",
            "warning",
        )
    if not media.has_poster:
        hint = f"put {use.path.stem}.png beside it, or name one: `poster: picture.png`"
        message = f"`{name}` has no poster: a card with its length stands for it on paper"
        yield Problem(message, use.source, hint, "warning")


def _of_file(use: MediaUse, media: Media) -> Iterator[Problem]:
    """A file that names people is published as it is: said, since it may be meant."""
    if use.kind != "file":
        return
    content, suffix = media.files[0][1], use.path.suffix.lower()
    names: Iterable[tuple[str, str]] = ()
    if suffix == ".pdf":
        names = _names_in(content)
    elif suffix in _OFFICE:
        names = _names_in_office(content)
    for key, value in names:
        yield Problem(
            f"`{use.path.name}` says in its metadata: {key}: {value}",
            use.source,
            "it is published with the file; save it without if it isn't meant",
            "warning",
        )


def _names_in(pdf: bytes) -> Iterator[tuple[str, str]]:
    try:
        import pypdf
    except ImportError:  # it comes with what publishing needs
        return
    try:
        found: Mapping[str, object] = pypdf.PdfReader(io.BytesIO(pdf)).metadata or {}
    except Exception:  # whatever a broken file makes of pypdf: publishing refuses it by name
        return
    for key in ("/Author", "/Subject", "/Keywords"):
        if value := str(found.get(key) or "").strip():
            yield key[1:].lower(), value[:80]


def _names_in_office(content: bytes) -> Iterator[tuple[str, str]]:
    """Who wrote a document, and who saved it last, as Word, Excel and PowerPoint keep it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            core = archive.open("docProps/core.xml").read(_MOST_CORE).decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, RuntimeError, ValueError, OSError, EOFError, zlib.error):
        return  # publishing refuses it by name
    for key, value in re.findall(r"<\w+:(creator|lastModifiedBy)>([^<]+)<", core):
        yield _OFFICE_KEYS[key], html.unescape(value).strip()[:80]


def _too_small(slide: Slide, use: MediaUse, media: Media) -> Iterator[Problem]:
    shot = media.shot
    if shot is None or shot.is_vector or use.kind != "picture":
        return
    place = place_of(slide, use)
    across, down = place[0] / shot.full_width, place[1] / shot.full_height
    is_whole = place == SLIDE
    larger = max(across, down) if is_whole else min(across, down)
    if larger > (1 if is_whole else MUSH):
        seen = "it gets blurred" if is_whole else "it stays small"
        yield Problem(
            f"`{use.path.name}` has {shot.full_width} by {shot.full_height} pixels, its place "
            f"{place[0]} by {place[1]}: {seen}",
            use.source,
            "take a larger one",
            "warning",
        )
