"""One picture as the pages take it: a chart, a diagram or a drawing, with its text for readers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """An inline SVG with what a screen reader gets in its place.

    The SVG is coloured by the theme's variables (`var(--ink, …)`), so that key D switches
    it live.
    """

    name: str
    svg: str  # one <svg> element with a viewBox
    title: str  # short: what it is
    desc: str  # one or two sentences: what it shows
    rows: tuple[tuple[str, ...], ...] = ()  # the same as a table, header first; may be empty
