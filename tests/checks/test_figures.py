"""Own charts are checked: stale ones, those that nobody drew, colours and letters."""

from __future__ import annotations

from pathlib import Path

from pipeline.checks.figures import figure_problems, figure_uses
from pipeline.palette import OURS
from pipeline.pictures.own.kept import Drawn, OwnFigure
from pipeline.pictures.picture import Picture

FILE = Path("/talk/deck/figures/load.py")


def figure(svg: str = "", changed: tuple[str, ...] = ()) -> OwnFigure:
    drawn = Drawn(Picture("load", svg, "Load", "What"), {}, ("hash.ns", "hash.n"), {}, "")
    return OwnFigure("load", FILE, drawn, changed)


def said(figure: OwnFigure) -> list[tuple[str, str]]:
    return [(p.severity, p.message) for p in figure_problems([figure], (), OURS)]


def test_a_drawing_that_fits_is_no_problem() -> None:
    """The theme's colours, large letters."""
    good = "fill: var(--accent, #2540d8); font-size: 24px; stroke: #7a7a7a"
    assert said(figure(good)) == []


def test_stale_and_missing_ones_are_errors() -> None:
    """Each by what changed; nothing but a build mends it."""
    ((severity, message),) = said(figure(changed=("deck/figures/load.py", "hash")))
    assert severity == "error"
    assert message.endswith("changed since it was drawn: deck/figures/load.py, hash")
    ((severity, message),) = said(OwnFigure("load", FILE, None))
    assert (severity, message) == ("error", "the figure `load` isn't drawn yet")
    stale = figure_problems([figure(changed=("hash",))], (), OURS, allowed=True)
    assert [one.severity for one in stale] == ["warning"]


def test_colours_that_vanish_in_one_theme_are_named() -> None:
    """Contrast below 3 on paper, light or dark; a scale of many colours is left alone."""
    assert said(figure("stroke: #ffd700")) == [
        ("warning", "#ffd700 is hard to see in the light theme: 1.3 to 1")
    ]
    assert said(figure("fill: #000080")) == [
        ("warning", "#000080 is hard to see in the dark theme: 1.2 to 1")
    ]
    assert said(figure("; ".join(f"fill: #ff{at:02x}00" for at in range(200, 220)))) == []


def test_small_letters_are_named() -> None:
    """Under 20 px nobody in the last row reads them."""
    assert said(figure("font-size: 24px; font-size: 11px; ")) == [
        ("warning", "letters of 11 px are too small for the last row")
    ]


def test_each_value_that_a_figure_shows_is_used_there() -> None:
    """`why` lists the figure among the places of a value."""
    uses = [*figure_uses([figure()])]
    assert [(use.paths, use.place) for use in uses] == [
        (("hash.ns",), "figure load"),
        (("hash.n",), "figure load"),
    ]
