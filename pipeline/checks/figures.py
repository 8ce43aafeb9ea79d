"""The speaker's own charts: stale or not drawn, hard to see or to read; and what they show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from pipeline.checks.diff import Change
from pipeline.checks.uses import DRAWN, Use
from pipeline.measured import Measured, Tree
from pipeline.palette import Palette, contrast
from pipeline.pictures.own.kept import OwnFigure
from pipeline.pictures.own.values import digest_at, tree_of_all, value_at
from pipeline.pictures.theme import SMALL
from pipeline.problems import Problem, Source
from pipeline.slides.slide import Slide

SEEN = 3.0  # contrast of a shape with its ground, as WCAG wants it
READ = 20  # px: smaller letters nobody reads from the last row
MOST_COLOURS = 12  # of its own; more are a scale of colours, which has all kinds
MOST_CHANGES = 4  # of a figure's values that are named
_OWN = re.compile(r"(?:fill|stroke): (#[0-9a-f]{6})\b")
_SIZE = re.compile(r"font(?:-size)?: [^;]*?([\d.]+)px")
_SCALE = 'chart.colour("accent"), chart.colours: they change with the theme'


def figure_problems(
    figures: Collection[OwnFigure],
    slides: Iterable[Slide],
    palette: Palette,
    *,
    allowed: bool = False,
) -> Iterator[Problem]:
    """Figures that no longer fit or were never drawn; colours and letters that few can see.

    `allowed`: --allow-stale was given.
    """
    first = {use.name: use.source for slide in slides for use in reversed(slide.pictures)}
    for one in figures:
        if one.drawn is None:
            hint = "run `python build.py`: nothing else runs its code"
            yield Problem(f"the figure `{one.name}` isn't drawn yet", first.get(one.name), hint)
            continue
        if one.changed:
            names = ", ".join(one.changed)
            yield Problem(
                f"the figure `{one.name}` is stale: changed since it was drawn: {names}",
                Source(one.file),
                "run `python build.py`",
                "warning" if allowed else "error",
            )
        yield from _looks(one, one.drawn.picture.svg, palette)


def _looks(figure: OwnFigure, svg: str, palette: Palette) -> Iterator[Problem]:
    where = Source(figure.file)
    colours = sorted(set(_OWN.findall(svg)))
    for colour in colours if len(colours) <= MOST_COLOURS else ():
        for theme, of in (("light", palette.light), ("dark", palette.dark)):
            ratio = contrast(colour, of["paper"])
            if ratio < SEEN:
                message = f"{colour} is hard to see in the {theme} theme: {ratio:.1f} to 1"
                yield Problem(message, where, _SCALE, "warning")
    smallest = min(map(float, _SIZE.findall(svg)), default=READ)
    if smallest < READ:
        message = f"letters of {smallest:g} px are too small for the last row"
        hint = f"{SMALL} is the size of all others; fewer words, or chart.size(…) smaller"
        yield Problem(message, where, hint, "warning")


def figure_changes(
    figures: Collection[OwnFigure], old: Measured, new: Measured
) -> Iterator[Change]:
    """What another run changes in own charts: the values that they show and that differ."""
    before, after = tree_of_all(old), tree_of_all(new)
    for one in figures:
        places = [at for at in one.places if digest_at(before, at) != digest_at(after, at)]
        if places:
            more = f" and {len(places) - MOST_CHANGES} more" if places[MOST_CHANGES:] else ""
            had, has = (_listed(tree, places[:MOST_CHANGES]) + more for tree in (before, after))
            yield Change(f"figure {one.name}", "figure", had, has, Source(one.file))


def _listed(tree: Mapping[str, Tree], places: Iterable[str]) -> str:
    """Values with their places: "hash.rows[0].ns 97 ns, …"."""
    said = []
    for at in places:
        found = value_at(tree, at)
        shown = f"{found.value:.6g} {found.unit}" if found else "–"
        said.append(f"{at} {shown}".rstrip())
    return ", ".join(said)


def figure_uses(figures: Collection[OwnFigure]) -> Iterator[Use]:
    """Where own charts show measured values: one use for each figure and value."""
    for one in figures:
        said = one.drawn.picture.title if one.drawn else ""
        for at in one.places:
            yield Use((at,), "", DRAWN, said, f"figure {one.name}", Source(one.file))
