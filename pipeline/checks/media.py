"""What is wrong with a talk's pictures, videos and files, beyond what can't be shown at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipeline.pictures.media import SLIDE, Media, place_of
from pipeline.problems import Problem
from pipeline.slides.media import MediaUse
from pipeline.slides.slide import Slide

MUSH = 1.5  # a picture that its place could show so much larger is too small for it


def media_problems(slides: Iterable[Slide], media: Mapping[str, Media]) -> Iterator[Problem]:
    """Pictures without words, or with too few pixels for their place."""
    for slide in slides:
        for use in slide.media:
            if use.kind != "file":
                yield from _without_words(use)
            yield from _too_small(slide, use, media[use.name])


def _without_words(use: MediaUse) -> Iterator[Problem]:
    if use.alt or use.is_decoration:
        return
    name = use.path.name
    hint = f"![what it shows]({name}), or ![]({name}){{.decoration}} if it says nothing"
    if not use.part:
        hint = "`alt: what it shows`, or `alt: decoration` if it says nothing"
    yield Problem(f"`{name}` has no words for who can't see it", use.source, hint)


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
