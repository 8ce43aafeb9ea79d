"""Charts in slides: the lines of a fence, the values that they name, what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.measured import two_measurements

from pipeline.measured import NOTHING, Measured, Tree, Value
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.slides.charts import ChartData, read_chart
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, read_slides

PATH = Path("talk/deck/slides/02-speed.md")
ALT = "alt: What it shows"


def chart(text: str, measured: Measured | None = None, *, wide: bool = True) -> ChartData:
    """A chart of these lines, whose fence stands on line 10."""
    names = Numbers(two_measurements() if measured is None else measured).names
    return read_chart(text, lambda row: Source(PATH, 10 + row), names, "speed", wide=wide).data


def told(text: str, measured: Measured | None = None) -> str:
    with pytest.raises(TalkError) as error:
        chart(text, measured)
    where = error.value.where
    assert where is not None
    return f"{where.line}: {error.value.message} ({error.value.hint})"


def shown(data: ChartData) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(one.name, [(d.name, d.shown) for d in one.data]) for one in data.series]


def of(**values: Tree) -> Measured:
    return two_measurements(**values)


def slide(root: Path, text: str, layout: str = "figure", measured: Measured | None = None) -> Slide:
    folder = root / "deck" / "slides"
    folder.mkdir(parents=True, exist_ok=True)
    head = f"---\nlayout: {layout}\ntitle: A\n---\n"
    (folder / "01-speed.md").write_text(head + text, "utf-8")
    numbers = Numbers(two_measurements() if measured is None else measured)
    return read_slides(folder, load_layouts(), numbers).shown[0]


def test_a_star_stands_for_each_name_that_has_the_rest() -> None:
    """A bar for each; names without such a value are passed over, underscores are spaces."""
    data = chart(f"kind: bars\nvalues: hash.*.insert.ns\n{ALT}")
    assert shown(data) == [("ns", [("std::map", "214"), ("robin hood", "20.5")])]
    assert data.figures.shown_unit == "ns"
    assert data.interval == "95% interval"
    assert [d.at for d in data.series[0].data] == [
        'hash["std::map"].insert.ns',
        "hash.robin_hood.insert.ns",
    ]


def test_places_in_a_list_are_told_apart_by_what_differs() -> None:
    """`hash.insert.ns` and `hash.robin_hood.insert.ns` are no two bars called ns."""
    data = chart(f"kind: dots\nvalues: poll.yes, poll.no\n{ALT}")
    assert shown(data) == [("", [("yes", "62.0%"), ("no", "38.0%")])]


def test_a_table_gives_lines_by_its_columns() -> None:
    """`by` divides it, `x` places it, `y` is drawn; the last names its axis."""
    data = chart(f"kind: lines\nrows: hash.rows\nx: load\ny: ns\nby: table\n{ALT}")
    (line,) = data.series
    assert (line.name, data.x_name) == ("open addressing", "load")
    assert [(d.x, d.shown) for d in line.data] == [(0.5, "33"), (0.9, "87.2")]


def test_a_series_is_a_line_over_its_numbers() -> None:
    """The first stands at 1."""
    data = chart(f"kind: lines\nvalues: hash.series\n{ALT}")
    first = data.series[0].data[0]
    assert (first.x, first.shown, first.at) == (1, "1.5", "hash.series[0]")


def test_a_histogram_takes_the_repeats_of_a_value() -> None:
    """All of them belong to the one place."""
    data = chart(f"kind: histogram\nvalues: hash.insert.ns\n{ALT}")
    assert [d.value for d in data.series[0].data] == [40.1, 41.2, 44.0]
    assert {d.at for d in data.series[0].data} == {"hash.insert.ns"}


def test_all_numbers_of_a_chart_are_in_one_unit() -> None:
    """The one asked for, or that in which the largest is easily read; tiny ones say theirs."""
    mixed = of(a=Value(41.2, unit="ns"), b=Value(3.5, unit="ms"))
    assert [
        d.shown for d in chart(f"kind: bars\nvalues: hash.a, hash.b\n{ALT}", mixed).series[0].data
    ] == ["41.2 ns", "3.5"]
    data = chart(f"kind: bars\nvalues: hash.a, hash.b\nunit: µs\n{ALT}", mixed)
    assert [d.shown for d in data.series[0].data] == ["0.0412", "3,500"]
    data = chart(f"kind: bars\nvalues: hash.insert.ns\nformat: seconds\n{ALT}")
    assert data.figures.shown_unit == ""


def test_a_format_in_brackets_has_its_digits() -> None:
    """They are digits to each format, whatever else it can be told."""
    price = of(a=Value(3.5))
    data = chart(f"kind: bars\nvalues: hash.a\nformat: money(2)\n{ALT}", price)
    assert [d.shown for d in data.series[0].data] == ["$3.50"]


def test_two_values_of_one_name_are_an_error() -> None:
    """Only one of them could be drawn under it: rows of one text, or labels that are the same."""
    rows = of(r=tuple({"n": "a", "v": Value(float(at))} for at in range(1, 4)))
    said = told(f"kind: bars\nrows: hash.r\nx: n\ny: v\n{ALT}", rows)
    assert said.startswith("10: 3 values are called `a` (`labels:`, or `by:`")
    two = of(s=Value(1.0), t=Value(2.0))
    said = told(f"kind: dots\nvalues: hash.s, hash.t\nlabels: s = X, t = X\n{ALT}", two)
    assert said.startswith("10: 2 values are called `X`")
    assert chart(f"kind: lines\nrows: hash.r\nx: n\ny: v\n{ALT}", rows).series


def test_units_that_do_not_fit_are_an_error_with_its_line() -> None:
    """Time and memory share no axis."""
    said = told(f"kind: bars\nvalues: hash.insert.ns, hash.memory\n{ALT}")
    assert said.startswith("10: hash.insert.ns is in ns, and hash.memory in bytes")
    said = told(f"kind: bars\nvalues: hash.memory, hash.keys\n{ALT}")
    assert said.startswith("10: hash.memory is in bytes, and hash.keys has no unit (say its unit")
    assert told(f"kind: bars\nvalues: hash.insert.ns\nunit: GiB\n{ALT}").startswith(
        "13: hash.insert.ns is in ns, which is no GiB"
    )


def test_what_was_not_measured_is_a_gap() -> None:
    """It is named, and nothing is drawn for it."""
    data = chart(f"kind: bars\nvalues: hash.keys, hash.nothing\n{ALT}")
    assert shown(data)[0][1] == [("keys", "1,000,000"), ("nothing", "–")]
    assert data.series[0].data[1].value is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("values: hash.keys", "10: a chart without its kind (add `kind: bars`"),
        ("kind: bar\nvalues: hash.keys", "11: `kind` can't be `bar` (did you mean `bars`?)"),
        ("kind: bars\nvalue: hash.keys", "12: a chart has no `value` (did you mean `values`?)"),
        ("kind: bars\nvalus: hash.keys", "12: a chart has no `valus` (did you mean `values`?)"),
        ("kind: bars\nvalues: hash.keys\nkind: dots", "13: `kind` stands twice"),
        ("kind: bars\nvalues:", "12: `values` is empty"),
        ("kind: bars", "10: a chart with no values"),
        ("kind: bars\nbars!", "12: no line of a chart: bars!"),
        ("kind: bars\nvalues: hash.kyes", "12: hash has no `kyes` (did you mean `keys`?)"),
        ("kind: bars\nvalues: hsh.keys", "12: this talk has no value `hsh` (did you mean `hash`?)"),
        ("kind: bars\nvalues: hash.*.insert.nss", "12: no value has the place"),
        ("kind: bars\nvalues: hash.insert", "12: hash.insert holds several values (name one:"),
        ("kind: bars\nvalues: hash.compiler", "12: hash.compiler is no number"),
        ("kind: bars\nvalues: hash..x", "12: `hash..x` is no place of a value"),
        ("kind: lines\nrows: hash.rows\ny: nss", "13: hash.rows has no column `nss`"),
        ("kind: lines\nrows: hash.keys\ny: ns", "12: hash.keys is no table"),
        ("kind: lines\nrows: hash.rows", "12: a chart of a table needs `y`"),
        (
            "kind: bars\nvalues: hash.keys\nlabels: kyes = K",
            "13: `labels`: the chart has no `kyes`",
        ),
        ("kind: bars\nvalues: hash.keys\nhighlight: a", "13: `highlight`: the chart has no `a`"),
        ("kind: bars\nvalues: hash.keys\nformat: pc", "13: there is no format `pc`"),
        ("kind: bars\nvalues: hash.keys\nformat: count(2)", "13: `count` takes no digits"),
        ("kind: bars\nvalues: hash.keys\nformat: num(28)", "13: its values have too many digits"),
        ("kind: bars\nvalues: hash.keys\nfrom: zero", "13: `from` can't be `zero`"),
        ("kind: dots\nvalues: hash.keys\nfrom: nan", "13: `from` can't be `nan`"),
        ("kind: dots\nvalues: hash.keys\nfrom: -inf", "13: `from` can't be `-inf`"),
        ("kind: slope\nvalues: hash.keys", "10: a slope needs two series"),
        ("kind: histogram\nvalues: poll.yes", "10: a histogram of 1 values"),
    ],
)
def test_a_slip_is_one_error_with_its_line_and_what_was_meant(lines: str, said: str) -> None:
    """Keys, kinds, places, columns, labels and formats."""
    assert told(lines).startswith(said)


def test_what_can_not_be_drawn_so_that_it_reads_is_refused() -> None:
    """Too many bars, and a logarithm of nothing."""
    many: dict[str, Tree] = {f"n{i}": {"v": Value(float(i))} for i in range(20)}
    said = told("kind: bars\nvalues: hash.many.*.v", of(many=many))
    assert said.startswith("10: 20 bars don't fit on a slide, 12 do (name fewer")
    said = told("kind: bars\nvalues: hash.many.*.v\nscale: log", of(many={"a": {"v": Value(0)}}))
    assert said.startswith("13: a logarithmic axis has no place for 0")


def test_a_talk_that_measures_nothing_says_so() -> None:
    """And what to do about it."""
    said = told("kind: bars\nvalues: hash.keys", NOTHING)
    assert said.startswith("10: this talk measures nothing")
    assert "[measure.NAME]" in said


def test_sorting_puts_the_largest_first_and_what_is_missing_last() -> None:
    """Or goes by the names; without a word it is as in the file."""
    values = of(many={"b": {"v": Value(2)}, "c": {"v": None}, "a": {"v": Value(3)}})
    for how, names in (("value", "a b c"), ("name", "a b c"), ("given", "b c a")):
        data = chart(f"kind: bars\nvalues: hash.many.*.v\nsort: {how}\n{ALT}", values)
        assert " ".join(data.names) == names


def test_a_long_list_goes_on_in_an_indented_line() -> None:
    """A label may hold a comma, in quotes."""
    data = chart(f'kind: bars\nvalues: poll.yes,\n  poll.no\nlabels: yes = "Yes, please"\n{ALT}')
    assert data.names == ("Yes, please", "no")


def test_a_fence_is_a_picture_of_its_slide(tmp_path: Path) -> None:
    """Named after the slide, with its values; half as wide beside another part."""
    fence = f"```chart\nkind: bars\nvalues: poll.yes, poll.no\n{ALT}\n```\n"
    one = slide(tmp_path, f"::: left\n{fence}:::\n")
    assert [use.name for use in one.pictures] == ["speed-chart"]
    assert [block.data.wide for block in one.charts] == [True]
    assert one.charts[0].places == ("poll.yes", "poll.no")
    two = slide(tmp_path, f"::: left\n{fence}:::\n::: right\n{fence}:::\n")
    assert [use.name for use in two.pictures] == ["speed-chart", "speed-chart2"]
    assert [block.data.wide for block in two.charts] == [False, False]
    assert two.words == 1  # of the title


def test_a_charts_title_can_hold_a_value(tmp_path: Path) -> None:
    """A placeholder in its lines is filled, as in any text."""
    text = (
        "```chart\nkind: bars\nvalues: poll.yes\ntitle: Of {{ poll.asked | count }} people\n```\n"
    )
    made = slide(tmp_path, f"::: left\n{text}:::\n")
    assert made.charts[0].data.title == "Of 100 people"
    assert [mark.at for mark in made.marks] == ["poll.asked"]


def test_bars_may_come_one_by_one(tmp_path: Path) -> None:
    """`step: each` gives the slide a step for each of them, after those before it."""
    text = "- a\n\n```chart\nkind: bars\nvalues: poll.yes, poll.no\nstep: each\n```\n"
    made = slide(tmp_path, f"::: left each\n{text}:::\n", "text")
    assert made.steps == 3
    assert made.charts[0].first_step == 1


def test_a_table_is_a_table_with_measured_numbers(tmp_path: Path) -> None:
    """Its numbers can be opened; a name out of the file is never read as Markdown."""
    values = of(many={"*a* | <b>": {"v": Value(3)}, "b": {"v": None}})
    text = "```chart\nkind: table\nvalues: hash.many.*.v\ntitle: How many\n```\n"
    made = slide(tmp_path, f"::: left\n{text}:::\n", measured=values)
    html = made.parts[0].content.html()
    assert "<td>*a* | &lt;b&gt;</td>" in html
    assert 'data-at="hash.many[&quot;*a* | &lt;b&gt;&quot;].v">3</data>' in html
    assert ">–</td>" in html
    assert made.pictures == ()
    assert made.charts[0].places == ('hash.many["*a* | <b>"].v',)


def test_a_table_may_write_intervals_behind_its_values(tmp_path: Path) -> None:
    """Where the fence wants them; a value without one stands alone, and both open the run."""
    values = of(many={"a": {"v": Value(0.96, 0.95, 0.97)}, "b": {"v": Value(0.5)}})
    text = "```chart\nkind: table\nvalues: hash.many.*.v\nformat: num(2)\ninterval: shown\n```\n"
    html = slide(tmp_path, f"::: left\n{text}:::\n", measured=values).parts[0].content.html()
    assert 'data-at="hash.many.a.v">0.96 (0.95 to 0.97)</data>' in html
    assert 'data-at="hash.many.b.v">0.50</data>' in html


def test_a_chart_that_draws_its_intervals_writes_none() -> None:
    """`interval: shown` is a table's."""
    said = told("kind: bars\nvalues: hash.insert.ns\ninterval: shown")
    assert "is for a table" in said


def test_other_words_behind_chart_are_refused(tmp_path: Path) -> None:
    """They would be lost without a word."""
    with pytest.raises(TalkError, match="nothing stands behind `chart`") as error:
        slide(tmp_path, "::: left\n```chart bars\nvalues: poll.yes\n```\n:::\n")
    assert error.value.where == Source(tmp_path / "deck/slides/01-speed.md", 6)


def test_a_key_may_hold_any_sign() -> None:
    """In quotes, as content writes it."""
    values = of(many={'a "b" ] c': {"v": Value(3)}})
    data = chart('kind: bars\nvalues: hash.many["a \\"b\\" ] c"].v\n' + ALT, values)
    assert data.series[0].data[0].at == 'hash.many["a \\"b\\" ] c"].v'


def test_what_has_no_steps_is_refused_them() -> None:
    """A slide would wait for a click that shows nothing."""
    said = told("kind: lines\nvalues: hash.series\nstep: each")
    assert said.startswith("13: one line can't come step by step")


def test_a_baseline_that_was_not_run_says_how_to_have_it() -> None:
    """A star passes it over."""
    run = replace(made_up_results(), majority=None)
    assert told("kind: bars\nvalues: majority.f1", Measured(run)).startswith(
        "12: this run has no `majority`: the baseline wasn't run (add"
    )
    names = chart(f"kind: dots\nvalues: *.f1\n{ALT}", Measured(run)).names
    assert "majority" not in names
    assert "linear" in names


def test_a_star_passes_over_what_is_no_number() -> None:
    """Texts, truths, tables and branches beside the numbers; for lines it takes the series."""
    values = of(many={"a": Value(1), "b": "text", "c": (Value(2), Value(3)), "d": True, "e": None})
    assert chart(f"kind: bars\nvalues: hash.many.*\n{ALT}", values).names == ("a", "e")
    (line,) = chart(f"kind: lines\nvalues: hash.many.*\n{ALT}", values).series
    assert (line.name, len(line.data)) == ("c", 2)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("kind: dots\nvalues: hash.keys\nfrom: 2e6", "13: the axis begins at 2e+06, above all"),
        ("kind: dots\nvalues: hash.big", "10: hash.big is 1e+300"),
    ],
)
def test_what_lies_off_the_sheet_is_an_error(lines: str, said: str) -> None:
    """An axis that begins above its values, and a value that no axis reaches."""
    assert told(lines, of(big=Value(1e300))).startswith(said)
