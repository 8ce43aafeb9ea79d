"""What is wrong with a talk's pictures, videos and files, beyond what can't be shown at all."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping

from pipeline.pictures.media import SLIDE, Media, place_of
from pipeline.problems import Problem
from pipeline.slides.media import MediaUse
from pipeline.slides.slide import Slide

# `${{ … }}` and `{{ .Values }}` are other programs'
_PLACEHOLDER = re.compile(r"(?<!\$)\{\{\s*[A-Za-z][^{}]*\}\}")
MUSH = 1.5  # a picture that its place could show so much larger is too small for it


def media_problems(slides: Iterable[Slide], media: Mapping[str, Media]) -> Iterator[Problem]:
    """Pictures without words or with too few pixels, videos that some can't play, names in PDFs."""
    for slide in slides:
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
    """A PDF that names people is published as it is: said, since it may be meant."""
    if use.kind != "file" or use.path.suffix.lower() != ".pdf":
        return
    for key, value in _names_in(media.files[0][1]):
        yield Problem(
            f"`{use.path.name}` says in its metadata: {key}: {value}",
            use.source,
            "it is published with the file; save it without if it isn't meant",
            "warning",
        )


def _names_in(pdf: bytes) -> Iterator[tuple[str, str]]:
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError:  # it comes with what publishing needs
        return
    try:
        found: Mapping[str, object] = pypdf.PdfReader(io.BytesIO(pdf)).metadata or {}
    except (PyPdfError, ValueError, KeyError):
        return
    for key in ("/Author", "/Subject", "/Keywords"):
        if value := str(found.get(key) or "").strip():
            yield key[1:].lower(), value[:80]


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
