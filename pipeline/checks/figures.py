"""The speaker's own charts: stale or not drawn, hard to see or to read; and what charts show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from pipeline.checks.uses import DRAWN, Use
from pipeline.command import called
from pipeline.config import Config
from pipeline.measured import Measured, Tree
from pipeline.palette import Palette, contrast
from pipeline.pictures.charts.draw import places_in_charts
from pipeline.pictures.own.kept import OwnFigure
from pipeline.pictures.own.values import digest_at, tree_of_all, value_at
from pipeline.pictures.theme import SMALL
from pipeline.problems import Problem, Source
from pipeline.slides.slide import Slide
from pipeline.slides.source import read_slide, slide_files

if TYPE_CHECKING:
    from pipeline.checks.diff import Change

SEEN = 3.0  # contrast of a shape with its ground, as WCAG wants it
READ = 20  # px: smaller letters nobody reads from the last row
MOST_COLOURS = 12  # of its own; more are a scale of colours, which has all kinds
MOST_CHANGES = 4  # of a figure's values that are named
_OWN = re.compile(r"(?:fill|stroke): (#[0-9a-f]{6})\b")
_SIZE = re.compile(r"font(?:-size)?: [^;]*?(?<![\d.])([\d.]++)px")
_LINK = re.compile(r"\(\s*<?figure:([\w-]+)")  # ![](figure:loss), [words](figure:loss)
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
            hint = f"run `{called()}`: nothing else runs its code"
            yield Problem(f"the figure `{one.name}` isn't drawn yet", first.get(one.name), hint)
            continue
        if one.changed:
            names = ", ".join(one.changed)
            yield Problem(
                f"the figure `{one.name}` is stale: changed since it was drawn: {names}",
                Source(one.file),
                f"run `{called()}`",
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


class Charted(msgspec.Struct, frozen=True):
    """A chart with measured values in it."""

    name: str
    said: str  # what it shows, in a few words
    places: tuple[str, ...]  # of the values
    source: Source


def own_charts(figures: Iterable[OwnFigure]) -> Iterator[Charted]:
    """The speaker's own charts."""
    for one in figures:
        said = one.drawn.picture.title if one.drawn else ""
        yield Charted(one.name, said, one.places, Source(one.file))


def charts_on_slides(config: Config, *runs: Measured) -> Iterator[Charted]:
    """The charts of classifiers and of experiments that slides show or open.

    Their values are those of any of the `runs`.
    """
    drawn = [places_in_charts(one) for one in runs]
    for name, source in _asked_for(config).items():
        places = dict.fromkeys(at for found in drawn for at in found.get(name, ()))
        known = (one.measurements[name].run.about for one in runs if name in one.measurements)
        if places:
            yield Charted(name, next(known, "") or f"chart {name}", tuple(places), source)


def _asked_for(config: Config) -> dict[str, Source]:
    """The figures that slides show or open, each with the first line that does."""
    found: dict[str, Source] = {}
    for _, _, path in slide_files(config.root / "deck" / "slides"):
        slide = read_slide(path)
        if "figure" in slide.fields:
            names, source = slide.fields["figure"]
            for name in names.split(","):
                found.setdefault(name.strip(), source)
        below = [(one.text, one.where) for one in slide.parts]
        below += [(one.text, one.where) for one in slide.footnotes]
        for text, source in (*slide.fields.values(), *below):
            for link in _LINK.finditer(text):
                line = (source.line or 1) + text.count("\n", 0, link.start())
                found.setdefault(link[1], replace(source, line=line))
    return found


def figure_changes(charts: Iterable[Charted], old: Measured, new: Measured) -> Iterator[Change]:
    """What another run changes in charts: the values that they show and that differ."""
    from pipeline.checks.diff import Change

    before, after = tree_of_all(old), tree_of_all(new)
    for one in charts:
        places = [at for at in one.places if digest_at(before, at) != digest_at(after, at)]
        if places:
            more = f" and {len(places) - MOST_CHANGES} more" if places[MOST_CHANGES:] else ""
            had, has = (_listed(tree, places[:MOST_CHANGES]) + more for tree in (before, after))
            yield Change(f"figure {one.name}", "figure", had, has, one.source)


def _listed(tree: Mapping[str, Tree], places: Iterable[str]) -> str:
    """Values with their places: "hash.rows[0].ns 97 ns, …"."""
    said = []
    for at in places:
        found = value_at(tree, at)
        shown = f"{found.value:.6g} {found.unit}" if found else "–"
        said.append(f"{at} {shown}".rstrip())
    return ", ".join(said)


def figure_uses(charts: Iterable[Charted]) -> Iterator[Use]:
    """Where charts show measured values: one use for each chart and value."""
    for one in charts:
        for at in one.places:
            yield Use((at,), "", DRAWN, one.said, f"figure {one.name}", one.source)
