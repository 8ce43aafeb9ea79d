"""Diagrams whose text is too small on a slide, estimated where no browser measures it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from pipeline.pictures.picture import Picture
from pipeline.problems import Problem
from pipeline.slides.slide import Slide

ROOM = (1136, 560)  # px: the largest place that a layout has for a diagram
LEAST_PX = 16  # of text on the slide, as templates/shared/fit.js measures it
_BOX = re.compile(r'viewBox="[-\d.e]+ [-\d.e]+ ([\d.]+) ([\d.]+)"')
_TEXT = re.compile(r"font-size: ([\d.]+)px")


def diagram_problems(slides: Iterable[Slide], pictures: Mapping[str, Picture]) -> Iterator[Problem]:
    """A warning for each diagram whose text is small even in the largest place of a slide."""
    for slide in slides:
        for use in slide.pictures:
            picture = pictures.get(use.name)
            if use.kind != "diagram" or use.opened or picture is None:
                continue
            found, sizes = _BOX.search(picture.svg), _TEXT.findall(picture.svg)
            if not found or not sizes:
                continue
            width, height = float(found[1]), float(found[2])
            px = min(map(float, sizes)) * min(1, ROOM[0] / width, ROOM[1] / height)
            if px < LEAST_PX:
                message = (
                    f"diagram `{use.name}` is {width:.0f} × {height:.0f} px, a slide has room for "
                    f"{ROOM[0]} × {ROOM[1]}: its text comes to {px:.0f} px"
                )
                hint = "shorter words, fewer boxes side by side, or another direction"
                yield Problem(message, use.source, hint, "warning")
