"""Own charts are checked: stale ones, those that nobody drew, colours and letters."""

from __future__ import annotations

from pathlib import Path

from support.evidence import evident
from support.second_talk import write_pinned_copy

from pipeline.checks.figures import (
    charts_on_slides,
    figure_changes,
    figure_problems,
    figure_uses,
    own_charts,
)
from pipeline.config import load_config
from pipeline.measured import Value
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
    uses = [*figure_uses(own_charts([figure()]))]
    assert [(use.paths, use.place) for use in uses] == [
        (("hash.ns",), "figure load"),
        (("hash.n",), "figure load"),
    ]


def test_a_value_of_evidence_is_used_in_its_chart(tmp_path: Path) -> None:
    """Where a slide shows or opens it: its scores, what stands along the axis and in the title."""
    config = load_config(write_pinned_copy(tmp_path / "talk"))
    uses = {use.paths: use for use in figure_uses(charts_on_slides(config, evident()))}
    for place in ('amount["50"].linear', 'amount["50"].n', "facts.tuned.unseen", "ladder.lora.f1"):
        (use,) = (use for paths, use in uses.items() if paths == (place,))
        assert use.place == f"figure {place.partition('.')[0].partition('[')[0]}"
    link = uses[('amount["50"].linear',)].source
    assert link.path.name == "18-red-flags.md"
    assert "(figure:amount)" in link.path.read_text("utf-8").splitlines()[(link.line or 0) - 1]
    link.path.write_text(link.path.read_text("utf-8").replace("(figure:amount)", "()"), "utf-8")
    assert "amount" not in {one.name for one in charts_on_slides(config, evident())}


def test_a_chart_of_the_runs_classifiers_is_known_by_its_values(tmp_path: Path) -> None:
    """Once a slide asks for it; what calling all of them positive would score is in it."""
    config = load_config(write_pinned_copy(tmp_path / "talk"))
    slide = config.root / "deck" / "slides" / "14-demo.md"
    text = slide.read_text("utf-8").replace("(figure:loss)", "(figure:elsewhere)")
    slide.write_text(text, "utf-8")
    (chart,) = (one for one in charts_on_slides(config, evident()) if one.name == "elsewhere")
    assert {"elsewhere.linear.f1", "elsewhere.linear.fit_seconds"} < {*chart.places}
    assert any(place.endswith(".confusion.always_positive") for place in chart.places)


def test_what_other_evidence_changes_in_a_chart_is_said(tmp_path: Path) -> None:
    """Its first values, old and new, also one that only one of the two has."""
    config = load_config(write_pinned_copy(tmp_path / "talk"))
    old, new = evident(), evident(None, "draw", picking={"tried": Value(80)})
    charts = [*charts_on_slides(config, old, new)]
    (change,) = figure_changes(charts, old, new)
    assert change.place == "figure picking"
    assert (change.old, change.new) == ("picking.tried 60", "picking.tried 80")
    gone = evident(None, "draw", "picking")
    (change,) = figure_changes(charts_on_slides(config, old, gone), old, gone)
    assert change.new.startswith("picking.tried –, picking.on_test –")
