"""Charts that slides ask for with a fence: what is drawn, for whom, and that it is kept."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from support.measured import two_measurements

from pipeline.measured import Measured, Tree, Value
from pipeline.numbers.fill import Numbers
from pipeline.pictures.charts.blocks import draw_chart, draw_charts
from pipeline.pictures.charts.sheet import spread
from pipeline.pictures.charts.style import HALF, WIDE
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import Styles, inline, read_vector
from pipeline.pictures.text import text_width
from pipeline.pictures.theme import SMALL, SVG
from pipeline.problems import Source
from pipeline.slides.charts import HEIGHT, ChartData, read_chart
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import read_slides

BARS = "kind: bars\nvalues: hash.*.insert.ns\ntitle: Insertion\nalt: Robin Hood is faster.\n"


def data(text: str, measured: Measured | None = None, *, wide: bool = True) -> ChartData:
    names = Numbers(measured or two_measurements()).names
    return read_chart(text, lambda row: Source(Path("a.md"), row), names, "a", wide=wide).data


TWO: Tree = {name: {"a": Value(1.0 + n), "b": Value(3.0 - n)} for n, name in enumerate("xyz")}


def drawn(text: str, **values: Tree) -> Picture:
    return draw_chart(data(text, two_measurements(s=TWO, **values)))


def texts(picture: Picture, svg: str = "") -> list[str]:
    root = ElementTree.fromstring(svg or picture.svg)
    return ["".join(text.itertext()) for text in root.iter(f"{{{SVG}}}text")]


KINDS = {
    "bars": BARS,
    "lines": "kind: lines\nrows: hash.rows\nx: load\ny: ns\nby: table\n",
    "slope": "kind: slope\nvalues: hash.s.*.a, hash.s.*.b\n",
    "histogram": "kind: histogram\nvalues: hash.insert.ns\n",
    "dots": "kind: dots\nvalues: poll.yes, poll.no\n",
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_says_the_same_to_who_can_not_see_it(kind: str) -> None:
    """Words, and a row of the table for each value, with its interval."""
    picture = drawn(KINDS[kind])
    assert picture.desc
    assert picture.title
    found = data(KINDS[kind], two_measurements(s=TWO))
    assert len(picture.rows) == 1 + len(found.names)
    assert [row[0] for row in picture.rows[1:]] == list(found.names)


def test_values_in_a_chart_open_their_run() -> None:
    """Each by its place, in the drawing for a phone too."""
    vector = read_vector(drawn(BARS))
    places = ('hash["std::map"].insert.ns', "hash.robin_hood.insert.ns")
    assert vector.places == places
    assert vector.narrow is not None
    assert vector.narrow.places == places
    html = inline(vector, "use", None, Styles())
    assert html.count("<svg") == 2
    assert html.count('role="table"') == 1
    assert len(set(re.findall(r' id="([^"]+)"', html))) == len(re.findall(r' id="', html))


def test_a_phone_has_a_drawing_of_its_own_and_text_is_as_large_in_each() -> None:
    """None of 24 px or less, at the width at which each is meant to be seen."""
    picture = drawn(BARS)
    for svg, width in ((picture.svg, WIDE), (picture.narrow, HALF)):
        assert f'viewBox="0 0 {width:g} ' in svg
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: [^;]*?(\d+)px", svg)]
        assert sizes
        assert min(sizes) >= 24
    assert draw_chart(data(BARS, wide=False)).narrow == ""


def test_colours_are_the_themes_and_nothing_refers_outside() -> None:
    """Key D switches it; no id, no clip path, no colour of matplotlib's own."""
    for text in KINDS.values():
        svg = drawn(text).svg
        bare = re.sub(r"var\(--[\w-]+, #[0-9a-f]{6}\)", "", svg)
        assert not re.search(r"#[0-9a-f]{6}", bare)
        assert "clip-path" not in svg
        assert "url(" not in svg


def test_the_same_values_give_the_same_bytes() -> None:
    """In another process too."""
    assert drawn(BARS) == drawn(BARS)


def test_a_bar_begins_at_zero_and_is_as_long_as_its_value() -> None:
    """Twice the value, twice the length."""
    values = {"a": {"v": Value(10.0)}, "b": {"v": Value(20.0)}}
    root = ElementTree.fromstring(drawn("kind: bars\nvalues: hash.m.*.v\n", m=values).svg)
    bars = [e for e in root if e.get("data-part") == "bar"]
    xs = [[float(x) for x in re.findall(r"[ML] ([\d.]+) ", e.get("d", ""))] for e in bars]
    one, two = (max(x) - min(x) for x in xs)
    assert two == pytest.approx(2 * one, rel=0.01)
    assert min(xs[0]) == min(xs[1])


@pytest.mark.parametrize(
    "values",
    [
        {"a": Value(0)},
        {"a": Value(-3.0, -5.0, -1.0), "b": Value(2.0, -1.0, 4.0)},
        {"a": Value(1e-12), "b": Value(3e9)},
        {"a": Value(1.0, -500.0, 900.0)},
        {"a": Value(5.0), "b": None},
        {"x" * 200: Value(5.0), "<script>": Value(6.0), "$x$ {y}": Value(7.0)},
        {f"n{i}": Value(float(i)) for i in range(12)},
    ],
)
@pytest.mark.parametrize("kind", ["bars", "dots"])
@pytest.mark.parametrize("wide", [True, False])
def test_odd_values_stay_on_the_sheet(values: dict[str, Tree], kind: str, *, wide: bool) -> None:
    """Zero, negative, tiny, huge, wide intervals, gaps, long names: nothing leaves it."""
    found = data(f"kind: {kind}\nvalues: hash.m.*\n", two_measurements(m=values), wide=wide)
    picture = draw_chart(found)
    root = ElementTree.fromstring(picture.svg)
    width = WIDE if wide else HALF
    for element in root:
        if element.get("data-part") in ("bar", "interval", "value"):
            xs = [float(x) for x in re.findall(r"[ML] (-?[\d.e+-]+) ", element.get("d", ""))]
            assert min(xs) >= -1
            assert max(xs) <= width + 1
    shown = [d.shown for one in found.series for d in one.data if d.value is not None]
    assert set(shown) <= set(texts(picture))


def test_what_was_not_measured_is_said() -> None:
    """In its place, and in the table."""
    picture = drawn("kind: bars\nvalues: hash.keys, hash.nothing\n")
    assert "not measured" in texts(picture)
    assert ("nothing", "–") in picture.rows


def test_a_step_has_its_class_and_keeps_its_interval_pale() -> None:
    """The slide's own opacity says whether it has come."""
    picture = drawn(BARS + "step: each\n")
    assert read_vector(picture).steps == 2
    root = ElementTree.fromstring(picture.svg)
    pale = [e.get("style", "") for e in root if e.get("data-part") == "interval"]
    assert all("fill-opacity: 0.3" in style and "; opacity" not in style for style in pale)


def test_several_lines_differ_by_more_than_colour() -> None:
    """By marker and by stroke."""
    rows = tuple({"x": Value(x), "a": Value(x + 1.0), "b": Value(x + 2.0)} for x in range(3))
    picture = drawn("kind: lines\nrows: hash.r\nx: x\ny: a, b\n", r=rows)
    root = ElementTree.fromstring(picture.svg)
    lines = [e.get("style", "") for e in root if e.get("data-part") == "line"]
    assert ["dash" in style for style in lines] == [False, True]
    assert {"a", "b"} <= set(texts(picture))


def test_labels_are_moved_apart_in_their_order() -> None:
    """As far as is needed, and not off the sheet."""
    assert spread([10.0, 12.0, 100.0], 20.0, 0.0, 200.0) == pytest.approx([1, 21, 100], abs=0.1)
    assert spread([], 20.0, 0.0, 200.0) == []


def test_drawings_are_kept_until_a_line_or_a_value_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build with nothing to do draws nothing."""
    folder = tmp_path / "deck" / "slides"
    folder.mkdir(parents=True)
    text = f"---\nlayout: figure\ntitle: A\n---\n::: left\n```chart\n{BARS}```\n:::\n"
    (folder / "01-a.md").write_text(text, "utf-8")
    drawings = []

    def draw(chart: ChartData) -> Picture:
        drawings.append(chart)
        return Picture(chart.name, "<svg/>", "t", "d")

    monkeypatch.setattr("pipeline.pictures.charts.blocks.draw_chart", draw)

    def build(measured: Measured) -> None:
        slides = read_slides(folder, load_layouts(), Numbers(measured)).shown
        assert list(draw_charts(slides, tmp_path / "kept")) == ["a-chart"]

    build(two_measurements())
    build(two_measurements())
    assert len(drawings) == 1
    build(two_measurements(robin_hood={"insert": {"ns": Value(20.6, unit="ns")}}))
    assert len(drawings) == 2
    (folder / "01-a.md").write_text(text.replace("Insertion", "Other"), "utf-8")
    build(two_measurements())
    assert len(drawings) == 3


def test_reading_and_keeping_charts_does_not_load_matplotlib() -> None:
    """It takes longer than all else that a build with nothing to do does."""
    code = "import sys, pipeline.pictures.charts.blocks; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_highlight_is_the_accent_and_all_else_recedes() -> None:
    """What is coloured means something."""
    picture = drawn(BARS + "highlight: robin_hood\n")
    root = ElementTree.fromstring(picture.svg)
    fills = [e.get("style", "") for e in root if e.get("data-part") == "bar"]
    assert ["--accent" in fill for fill in fills] == [False, True]


def test_a_chart_without_a_written_value_still_names_its_run() -> None:
    """A histogram of a series writes its median alone, which is no measured value."""
    picture = drawn("kind: histogram\nvalues: hash.series\n")
    assert read_vector(picture).places == ("hash.series[0]",)


def test_values_that_are_nearly_the_same_are_one_bin() -> None:
    """Repeats of a counted thing may differ by the last bit alone."""
    near = two_measurements(near=(Value(1.0), Value(1.0), Value(1.0000000000000002)))
    picture = draw_chart(data("kind: histogram\nvalues: hash.near\n", near))
    assert "3 values" in " ".join(texts(picture))


def test_thousands_of_points_stay_a_small_picture() -> None:
    """A line keeps its peaks; the table for readers is cut, and says so."""
    values = tuple(Value(1000.0 if n == 5000 else float(n % 7)) for n in range(10_000))
    picture = drawn("kind: lines\nvalues: hash.many\n", many=values)
    assert len(picture.svg) < 120_000
    assert picture.rows[-1][0] == "and 9,940 more"
    root = ElementTree.fromstring(picture.svg)
    (line,) = (e for e in root if e.get("data-part") == "line")
    ys = [float(y) for y in re.findall(r"[ML] [\d.]+ (-?[\d.]+)", line.get("d", ""))]
    assert max(ys) - min(ys) > 200


def test_an_interval_that_goes_on_says_so() -> None:
    """It is drawn as far as the value lets it, with a sign at its end."""
    picture = drawn("kind: bars\nvalues: hash.m.*\n", m={"a": Value(1.0, -50.0, 90.0)})
    assert picture.svg.count('data-part="more"') == 2


def test_a_note_stands_for_what_is_said_of_intervals_and_axis() -> None:
    """In the talk's own language; without it both are said."""
    text = "kind: bars\nvalues: hash.*.insert.ns\ntitle: Zeit\nscale: log\n"
    assert "Zeit (ns), with 95% interval, logarithmic" in texts(drawn(text))
    assert "Zeit (ns), logarithmisch" in texts(drawn(text + "note: logarithmisch\n"))


def test_words_of_a_chart_may_be_in_another_language() -> None:
    """`labels` renames what stands for a value that is missing, and the median."""
    missing = 'values: hash.keys, hash.nothing\nlabels: "not measured" = nicht gemessen\n'
    for kind in ("bars", "dots"):
        assert "nicht gemessen" in texts(drawn(f"kind: {kind}\n{missing}"))
    histogram = drawn(f"{KINDS['histogram']}labels: median = Mittelwert\n")
    assert any(line.startswith("Mittelwert ") for line in texts(histogram))


def test_labels_along_the_foot_do_not_touch() -> None:
    """Where powers of ten are closer than their labels are wide, some are left out."""
    values: Tree = {name: {"v": Value(10.0**n)} for n, name in enumerate("abcde", 1)}
    made = data("kind: bars\nvalues: hash.m.*.v\nscale: log\n", two_measurements(m=values))
    root = ElementTree.fromstring(draw_chart(replace(made, wide=False)).svg)
    found = list(root.iter(f"{{{SVG}}}text"))
    foot = max(float(text.get("y", 0)) for text in found)
    ticks = [
        (float(text.get("x", 0)), text_width("".join(text.itertext()), SMALL))
        for text in found
        if float(text.get("y", 0)) > foot - 2
    ]
    assert len(ticks) > 1
    for (left, one), (right, other) in pairwise(sorted(ticks)):
        assert right - left > (one + other) / 2


def test_a_long_heading_takes_two_lines_and_moves_the_drawing_down() -> None:
    """Rather than that it is cut."""
    title = "How long one insertion takes on this machine, without the others"
    short, long = (drawn(f"{KINDS['slope']}title: {t}\n").narrow for t in ("Short", title))
    lines = texts(drawn(KINDS["slope"]), long)
    assert " ".join(lines[:2]).startswith(title)
    assert min(_ys(short, "name")) + 20 < min(_ys(long, "name"))


def _ys(svg: str, part: str) -> list[float]:
    root = ElementTree.fromstring(svg)
    return [float(t.get("y", 0)) for t in root.iter() if t.get("data-part") == part]


def test_a_slope_for_a_phone_names_its_lines_once() -> None:
    """So that names are whole; on a slide they stand at both ends."""
    picture = drawn(KINDS["slope"])
    assert texts(picture).count("x") == 2
    assert texts(picture, picture.narrow).count("x") == 1


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_chart_uses_the_height_of_a_slide_of_4_to_3(kind: str) -> None:
    """It is drawn higher, its letters as large; on a phone it is as it was."""
    made = data(KINDS[kind], two_measurements(s=TWO))
    usual, high = draw_chart(made), draw_chart(replace(made, height=HEIGHT + 240))
    assert _size(high)[1] > _size(usual)[1] + 40
    assert _size(high)[0] == _size(usual)[0]
    assert high.narrow == usual.narrow


def _size(picture: Picture) -> tuple[float, float]:
    *_, width, height = (ElementTree.fromstring(picture.svg).get("viewBox") or "").split()
    return float(width), float(height)


def test_a_slope_shows_intervals_and_has_room_for_them() -> None:
    """Its heading speaks of them; without them two ends look as if they were exact."""
    values: Tree = {n: {"a": Value(1.0, 0.8, 1.2), "b": Value(1.1, 0.7, 1.6)} for n in "xy"}
    root = ElementTree.fromstring(
        drawn("kind: slope\nvalues: hash.m.*.a, hash.m.*.b\n", m=values).svg
    )
    bars = [e for e in root if e.get("data-part") == "interval"]
    assert len(bars) == 4
    xs = [float(re.findall(r"M ([\d.]+) ", e.get("d", ""))[0]) for e in bars]
    assert len(set(xs)) == 4
    ys = [float(y) for e in bars for y in re.findall(r"[ML] [\d.]+ ([\d.]+)", e.get("d", ""))]
    assert min(ys) > 36
    assert max(ys) < HEIGHT


def test_scores_with_digits_have_an_axis_with_digits() -> None:
    """Not 0.95 beside a line and 95% at its axis."""
    tree: Tree = {f"n{n}": {"f1": Value(0.5 + n / 10, unit="share")} for n in range(3)}
    made = drawn("kind: dots\nvalues: hash.m.*.f1\nformat: num(2)\n", m=tree)
    assert not [text for text in texts(made) if "%" in text]


def test_the_table_of_lines_goes_along_the_axis() -> None:
    """Where a line has values that another has not: in the axis's order, not in the lines'."""
    rows: Tree = (
        {"n": Value(50), "of": "a", "ms": Value(1.0)},
        {"n": Value(10), "of": "b", "ms": Value(2.0)},
        {"n": Value(50), "of": "b", "ms": Value(3.0)},
    )
    made = drawn("kind: lines\nrows: hash.m\nx: n\ny: ms\nby: of\n", m=rows)
    assert [row[0] for row in made.rows[1:]] == ["10", "50"]
