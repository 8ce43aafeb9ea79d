"""Charts: what is drawn is what was measured, the same bytes each time, nothing that runs."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import subprocess
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support.hostile import hostile_results
from support.made_up import evaluation, made_up_results

from pipeline.locale import locale_of
from pipeline.measured import Measured
from pipeline.numbers.values import namespace, number_at
from pipeline.palette import COLOURS
from pipeline.pictures import picture as kept
from pipeline.pictures.charts import draw as figures
from pipeline.pictures.charts.draw import cached_figures, draw_figures
from pipeline.pictures.charts.examples import chosen, token_name
from pipeline.pictures.charts.labels import draw_label_confusion, draw_labels
from pipeline.pictures.charts.scores import draw_compare
from pipeline.pictures.charts.style import chart_style
from pipeline.pictures.charts.training import axis_start, ceiling, smoothed
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import read_vector
from pipeline.pictures.text import Run, plain, shortened, text_width, wrapped
from pipeline.pictures.theme import REGULAR, STRONG, themed
from pipeline.results import CLASSIFIERS, Score, Spread

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NAMES = {
    "compare",
    "loss",
    "f1-by-epoch",
    "overfitting",
    "confusion",
    "confidences",
    "confidences-few",
    "next-token-1",
    "next-token-2",
    "next-token-3",
    "elsewhere",
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    return draw_figures(made_up_results())


@pytest.fixture(scope="module")
def hostile() -> dict[str, Picture]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing letter is no reason to warn
        return draw_figures(hostile_results())


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def texts(picture: Picture) -> list[str]:
    return ["".join(e.itertext()) for e in parsed(picture).iter("{http://www.w3.org/2000/svg}text")]


def part(picture: Picture, name: str) -> ElementTree.Element:
    return next(e for e in parsed(picture).iter() if e.get("data-part") == name)


def span(element: ElementTree.Element) -> tuple[float, float]:
    """The leftmost and the rightmost x of a path."""
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", element.get("d", ""))]
    return min(numbers[::2]), max(numbers[::2])


def test_each_measured_thing_has_its_chart(drawn: dict[str, Picture]) -> None:
    """A chart for each part of the results, with a title, a sentence and a table."""
    assert set(drawn) == NAMES
    for name, picture in drawn.items():
        assert picture.name == name
        assert picture.title
        assert picture.desc.endswith(".")
        assert len(picture.rows) > 1
        assert len({len(row) for row in picture.rows}) == 1, f"{name}: a ragged table"


def test_the_same_results_give_the_same_bytes(drawn: dict[str, Picture]) -> None:
    """No clock, no random ids: drawn in another process, the charts are equal to the last byte."""
    code = (
        "import sys, hashlib; sys.path[:0] = ['tests'];"
        "from support.made_up import made_up_results;"
        "from pipeline.pictures.charts.draw import draw_figures;"
        "import json; print(json.dumps({n: hashlib.sha256(p.svg.encode()).hexdigest()"
        " for n, p in draw_figures(made_up_results()).items()}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    import hashlib

    here = {n: hashlib.sha256(p.svg.encode()).hexdigest() for n, p in drawn.items()}
    assert json.loads(ran.stdout) == here


def test_ranges_and_dots_stand_where_the_scores_are(drawn: dict[str, Picture]) -> None:
    """On the F1 axis, lengths have the ratios of the numbers that they show."""
    results = made_up_results()
    left, right = 322.0, 512.0
    for name in CLASSIFIERS:
        score = getattr(results, name).f1
        low, high = span(part(drawn["compare"], f"interval-{name}"))
        assert low == pytest.approx(left + (right - left) * score.low, abs=0.01)
        assert high == pytest.approx(left + (right - left) * score.high, abs=0.01)
        dot = float(part(drawn["compare"], f"f1-{name}").get("cx", ""))
        assert dot == pytest.approx(left + (right - left) * score.value, abs=0.01)


def test_the_cheap_and_the_fine_tuned_model_stand_out(drawn: dict[str, Picture]) -> None:
    """Bold and in ink or accent; both scores and both times are said in words too."""
    found = {
        "".join(e.itertext()): e.get("style", "")
        for e in parsed(drawn["compare"]).iter("{http://www.w3.org/2000/svg}text")
    }
    assert "--accent" in found["Fine-tuned"]
    assert "--ink" in found["TF-IDF + linear model"]
    assert "--soft" in found["Always ham"]
    assert "TF-IDF + linear model 0.97 (0.94–0.996), trained in 0.5 s" in drawn["compare"].desc
    assert "Fine-tuned 0.95 (0.92–0.98), trained in 11 min" in drawn["compare"].desc


def test_all_rungs_stand_below_each_other_with_what_they_cost() -> None:
    """Cheapest first, examples, seconds to train and for a message; each number opens its run."""
    results = made_up_results()
    few = dataclasses.replace(
        evaluation("Eight examples", 66, 6, 477, 9, 1.5),
        examples=566,
        spread=Spread("draws of eight examples", 3, 0.9, 0.85, 0.93, "lowest and highest", 0.93),
    )
    frozen = dataclasses.replace(evaluation("Frozen states", 72, 3, 480, 3, 4.2), examples=4454)
    with chart_style():
        picture = draw_compare(replace(results, few_shot=few, frozen=frozen))
    names = [row[0] for row in picture.rows[1:]]
    assert names.index("Eight examples") == names.index("TF-IDF + linear model") - 1
    assert names[-2:] == ["Frozen states", "Fine-tuned"]
    assert picture.rows[names.index("Frozen states") + 1][3:5] == ("4,454", "4.2 s")
    assert {"few_shot.f1", "frozen.examples", "frozen.fit_seconds"} <= set(
        read_vector(picture).places
    )
    assert "4.2 s" in texts(replace(picture, svg=picture.narrow))


def test_other_messages_are_compared_with_what_costs_nothing(drawn: dict[str, Picture]) -> None:
    """Where every second message is positive, F1 0.6 is little more than always saying so."""
    results = made_up_results()
    matrix = results.elsewhere["finetuned"].confusion
    assert matrix is not None
    positive = matrix.true_positive + matrix.false_negative
    always = 2 * positive / (positive + matrix.total)
    level = part(drawn["elsewhere"], "level")
    assert level is not None
    number = number_at(level.get("data-at", ""), namespace(Measured(results)))
    assert number is not None
    assert number.value == always
    assert f"dashed: always “spam”, {always:.2f}" in texts(drawn["elsewhere"])
    assert f"always “spam”, {always:.2f}" in drawn["elsewhere"].desc


def test_what_chance_draws_is_a_thin_line_that_is_explained() -> None:
    """How far other examples would have led is no interval over messages, and is no bar."""
    spread = Spread("random heads", 2000, 0.21, 0.0, 0.34, "5% and 95%", 0.59)
    results = made_up_results()
    assert results.untrained is not None
    heads = dataclasses.replace(results.untrained, f1=Score(0.21, 0.0, 0.34), spread=spread)
    with chart_style():
        picture = draw_compare(replace(results, untrained=heads))
    found = [e.get("data-part") for e in parsed(picture).iter()]
    assert "reach-untrained" in found
    assert "interval-untrained" not in found
    assert "interval-linear" in found
    (foot,) = (one for one in texts(picture) if one.startswith("thin line: "))
    assert "2,000 random heads (5% and 95%)" in foot
    assert "2,000 random heads" in picture.desc


def test_reading_is_told_apart_from_learning() -> None:
    """Of states that are read once for all: both times, on a phone too, and in words."""
    said = "Frozen model + linear model: 2 min reading, 1.9 s learning"
    with chart_style():
        picture = draw_compare(made_up_results())
    assert said in picture.desc
    for shown in (picture, replace(picture, svg=picture.narrow)):
        assert {"reading,", "1.9", "learning"} <= set(" ".join(texts(shown)).split())


def test_bars_are_as_long_as_the_probabilities(drawn: dict[str, Picture]) -> None:
    """Next tokens of all prompts share one scale."""
    results, widths = made_up_results(), []
    for number, case in enumerate(results.next_tokens, 1):
        picture = drawn[f"next-token-{number}"]
        bars = [span(part(picture, f"token-{at}")) for at in range(len(case.candidates))]
        lengths = [right - left for left, right in bars]
        shares = [c.probability for c in case.candidates]
        assert lengths[0] / lengths[1] == pytest.approx(shares[0] / shares[1], rel=0.01)
        widths.append(lengths[0] / shares[0])
    assert all(width > 200 for width in widths)


def test_the_true_token_is_marked_and_a_wrong_first_one_called_wrong(
    drawn: dict[str, Picture],
) -> None:
    """By a word, not by colour alone; a prompt without one true answer has no marks."""
    assert texts(drawn["next-token-1"]).count("true") == 1
    assert {"true", "wrong"} <= set(texts(drawn["next-token-2"]))
    assert not {"true", "wrong"} & set(texts(drawn["next-token-3"]))


def test_a_true_token_that_is_not_near_the_top_gets_a_row_of_its_own(
    hostile: dict[str, Picture],
) -> None:
    """With its rank, in place of the last candidate."""
    rows = hostile["next-token-1"].rows
    assert [row[0] for row in rows[1:]] == ["(line end)", "<i>", "(end)", "Donau (no. 57)"]
    assert [row[2] for row in rows[1:]] == ["wrong", "–", "–", "true"]


@pytest.mark.parametrize(
    ("token", "name"),
    [(" Paris", "Paris"), ("\n", "(line end)"), (" ", "(space)"), ("", "(end)")],
)
def test_tokens_that_cannot_be_seen_are_named(token: str, name: str) -> None:
    assert token_name(token) == name


def test_right_and_wrong_differ_by_shape_and_word(drawn: dict[str, Picture]) -> None:
    """A right verdict is a filled bar and a tick, a wrong one an open bar and a cross."""
    picture = drawn["confidences"]
    cases = chosen(made_up_results().examples, 8)
    for row, example in enumerate(cases):
        verdict = "right" if example.finetuned.correct else "wrong"
        part(picture, f"{verdict}-{row}")
        fill = re.search(r"fill: ([^;]+)", part(picture, f"confidence-{row}").get("style", ""))
        assert fill
        assert (fill[1] != "none") is example.finetuned.correct
    assert texts(picture).count("wrong") == sum(not e.finetuned.correct for e in cases)


def test_which_examples_are_shown_depends_on_no_verdict() -> None:
    """Those that talk.toml fixed, its own first; never those picked for being wrong."""
    fixed = made_up_results().examples
    missed = replace(fixed[-1], id="missed-1", kind="missed")
    examples = (*fixed, missed)
    flipped = tuple(
        replace(e, finetuned=replace(e.finetuned, correct=not e.finetuned.correct))
        for e in examples
    )
    for most in range(1, len(examples) + 1):
        kept = chosen(examples, most)
        assert len(kept) == min(most, len(fixed))
        assert missed not in kept
        assert list(kept) == sorted(kept, key=examples.index)
        assert [e.id for e in chosen(flipped, most)] == [e.id for e in kept]


def test_the_confusion_matrix_shows_all_four_counts(drawn: dict[str, Picture]) -> None:
    """Counts with their words; its table sums to the test set."""
    said = texts(drawn["confusion"])
    for count, word in (("70", "caught"), ("5", "missed"), ("3", "alarms"), ("480", "passed")):
        assert count in said
        assert word in said
    counts = [int(cell) for row in drawn["confusion"].rows[1:] for cell in row[1:]]
    assert sum(counts) == made_up_results().finetuned.confusion.total


def test_the_kept_epoch_is_marked(drawn: dict[str, Picture]) -> None:
    """In the loss and in the F1, by a word and in the table; the axes say where they start."""
    assert "kept" in texts(drawn["loss"])
    assert "0.980 kept" in texts(drawn["f1-by-epoch"])
    assert drawn["f1-by-epoch"].rows[2] == ("2", "0.980", "yes")
    assert "validation F1 (the axis starts at 0.9)" in texts(drawn["f1-by-epoch"])
    assert "loss (the axis starts at 0)" in texts(drawn["overfitting"])


def test_pictures_are_safe_inside_one_page(
    drawn: dict[str, Picture], hostile: dict[str, Picture]
) -> None:
    """Well-formed, no script or style, every id its own, every colour the theme's."""
    for pictures in (drawn, hostile):
        ids = [e.get("id") for p in pictures.values() for e in parsed(p).iter() if e.get("id")]
        assert len(ids) == len(set(ids))
        for picture in pictures.values():
            root = parsed(picture)
            tags = {e.tag.rpartition("}")[2] for e in root.iter()}
            assert tags <= {"svg", "title", "desc", "path", "circle", "text", "tspan"}
            assert root.get("role") == "img"
            assert root.get("aria-labelledby") == f"{picture.name}-title {picture.name}-desc"
            assert root[0].text == picture.title
            assert root[1].text == picture.desc
            for element in root.iter():
                style = re.sub(r"var\(--\w+, #\w{6}\)", "", element.get("style", ""))
                assert "#" not in style, f"{picture.name}: {style}"
                assert "url(" not in style


def test_hostile_messages_are_text(hostile: dict[str, Picture]) -> None:
    """Markup, formulas, control and direction marks are shown or dropped, never obeyed."""
    svg = hostile["confidences"].svg
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "“$1,000 $x^2$ and $\\frac{1}{0}$”" in texts(hostile["confidences"])
    assert not re.search("[\u202a-\u202e\x00-\x08]", svg)
    assert all("\n" not in text for text in texts(hostile["confidences"]))
    assert "1,234k" in texts(hostile["confusion"])
    assert hostile["confusion"].rows[1][1] == "1,234,567"


def test_a_score_just_under_one_is_not_called_low(hostile: dict[str, Picture]) -> None:
    """0.99996 rounds to neither end: it is over 0.99."""
    assert hostile["compare"].rows[-1][1] == ">0.99"


def test_undefined_scores_are_called_undefined(hostile: dict[str, Picture]) -> None:
    """No zero stands in for a score that there isn't."""
    assert hostile["compare"].rows[1][1:3] == ("undefined", "–")
    assert "undefined" in texts(hostile["f1-by-epoch"])


def test_no_text_is_smaller_than_a_slide_may_have(
    drawn: dict[str, Picture], hostile: dict[str, Picture]
) -> None:
    """24 px at the width that a chart is drawn for, and inside its sheet by its letters' widths."""
    for picture in (*drawn.values(), *hostile.values()):
        root = parsed(picture)
        width = float(root.get("viewBox", "").split()[2])
        for element in root.iter("{http://www.w3.org/2000/svg}text"):
            style = element.get("style", "")
            size = float(re.search(r"font-size: ([\d.]+)px", style)[1])  # type: ignore[index]
            # A count in a small cell may be a little smaller than the words around it.
            assert size >= (20 if picture.name == "confusion" else 24), picture.name
            weight = STRONG if "font-weight: 700" in style else REGULAR
            wide = text_width("".join(element.itertext()), size, weight)
            x = float(element.get("x", ""))
            anchor = re.search(r"text-anchor: (\w+)", style)
            start = {"start": x, "middle": x - wide / 2, "end": x - wide}[
                anchor[1] if anchor else "start"
            ]
            assert start > -1, (picture.name, "".join(element.itertext()))
            assert start + wide < width + 1, (picture.name, "".join(element.itertext()))


def test_a_kept_drawing_needs_no_matplotlib(tmp_path: Path, drawn: dict[str, Picture]) -> None:
    """The second time the charts come from the cache: matplotlib isn't even imported."""
    cached_figures(made_up_results(), tmp_path)
    code = (
        "import sys, pathlib; sys.path[:0] = ['tests'];"
        "from support.made_up import made_up_results;"
        "from pipeline.pictures.charts.draw import cached_figures;"
        f"made = cached_figures(made_up_results(), pathlib.Path({str(tmp_path)!r}));"
        "heavy = {'matplotlib', 'numpy', 'fontTools', 'torch'} & set(sys.modules);"
        "print(len(made), heavy or 'none')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [str(len(drawn)), "none"]


def test_the_runs_charts_speak_the_talks_language(tmp_path: Path) -> None:
    """Words and numbers; kept under the language, so that each has its own."""
    german = locale_of("de")
    english = cached_figures(made_up_results(), tmp_path)
    drawn = cached_figures(made_up_results(), tmp_path, german)
    assert "0,980 behalten" in drawn["f1-by-epoch"].svg
    assert "0.980 kept" in english["f1-by-epoch"].svg
    assert drawn["confidences"].rows[0][-1] == "Richtig"
    assert {row[-1] for row in drawn["confidences"].rows[1:]} == {"richtig", "falsch"}
    assert drawn["confusion"].rows[1][0] == "in Wirklichkeit spam"
    for name in ("loss", "overfitting"):
        assert "0,070" in drawn[name].desc, name
    assert drawn["compare"].title == "F1 auf 558 Testnachrichten"
    assert drawn["compare"].rows[0][-1] == "Je Nachricht"
    assert "trainiert in 0,5 s" in drawn["elsewhere"].desc


def test_a_broken_cache_file_is_drawn_again(
    tmp_path: Path, drawn: dict[str, Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off, empty or edited: it is noticed and replaced. Whole: it is used."""
    monkeypatch.setattr(figures, "draw_figures", lambda *_: drawn)
    results = made_up_results()
    cached_figures(results, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for broken in (b"", whole[: len(whole) // 2], whole.replace(b"70 spam", b"71 spam")):
        path.write_bytes(broken)
        assert cached_figures(results, tmp_path) == drawn
        assert path.read_bytes() == whole
    monkeypatch.setattr(figures, "draw_figures", lambda *_: pytest.fail("drawn again"))
    assert cached_figures(results, tmp_path) == drawn


def test_other_results_or_other_drawing_code_are_drawn_anew(
    tmp_path: Path, drawn: dict[str, Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is the results' content and the code that draws."""
    monkeypatch.setattr(figures, "draw_figures", lambda *_: drawn)
    cached_figures(made_up_results(), tmp_path)
    cached_figures(made_up_results(elsewhere_name="other"), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.setattr(kept, "drawing_code", lambda: "changed")
    cached_figures(made_up_results(), tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("losses", "top"),
    [([0.61], 0.8), ([2.02, 0.1], 3), ([0.006, 0.25], 0.3), ([], 1), ([0], 1), ([math.nan, 7], 8)],
)
def test_a_loss_axis_ends_at_a_round_number_with_a_round_middle(
    losses: list[float], top: float
) -> None:
    """Above all losses; what is no number has no say."""
    assert ceiling(losses) == pytest.approx(top)


@pytest.mark.parametrize(
    ("scores", "start"), [([0.98], 0.9), ([0.917], 0.8), ([0.3], 0.2), ([], 0.9)]
)
def test_an_f1_axis_starts_at_a_tenth(scores: list[float], start: float) -> None:
    assert axis_start(scores) == start


@given(st.lists(st.floats(0, 10), max_size=80))
def test_smoothing_keeps_the_range_and_the_ends(values: list[float]) -> None:
    """As many points, none outside the raw ones, first and last untouched."""
    made = smoothed(values)
    assert len(made) == len(values)
    if values:
        assert made[0] == values[0]
        assert made[-1] == values[-1]
        assert min(values) - 1e-9 <= min(made)
        assert max(made) <= max(values) + 1e-9


@given(st.text(max_size=60), st.floats(30, 400))
def test_shortened_text_fits_its_room(text: str, room: float) -> None:
    """Never wider than asked, and an ellipsis says that something is missing."""
    made = shortened(text, 24, room)
    assert text_width(made, 24) <= room
    assert made == text or made.endswith("…")


@given(st.text(max_size=80))
def test_wrapped_lines_fit_and_are_few(text: str) -> None:
    """No line is wider than its room, two at most, and no word is lost but by an ellipsis."""
    lines = [plain([line]) for line in wrapped((Run(text),), 24, 200, lines=2)]
    assert len(lines) <= 2
    assert all(text_width(line, 24) <= 200 for line in lines)
    shown = "".join(lines)  # a word that is wider than its room ends in an ellipsis on any line
    assert "…" in shown or shown.replace(" ", "") == text.replace(" ", "")


def test_each_colour_becomes_its_variable() -> None:
    """With itself as the fallback, whatever the case."""
    light = COLOURS.read_text("utf-8").split("}")[0]
    named = re.findall(r"--([a-z]+): (#[0-9a-f]{6});", light)
    assert len(named) == 10
    for name, colour in named:
        assert themed(f"fill: {colour.upper()}") == f"fill: var(--{name}, {colour})"
    assert themed("fill: #123456; stroke: none") == "fill: #123456; stroke: none"


def test_labels_on_a_phone_are_names_and_f1_alone() -> None:
    """Drawn for its width, with letters as large; all else is in the table."""
    with chart_style():
        picture = draw_labels(made_up_results())
    wide, narrow = (ElementTree.fromstring(svg) for svg in (picture.svg, picture.narrow))
    assert [svg.get("class") for svg in (wide, narrow)] == ["plot wide", "plot"]
    assert float((narrow.get("viewBox") or "").split()[2]) == 540
    words = "".join(narrow.itertext())
    assert "spam" in words
    assert "precision" not in words
    assert "Precision" in picture.rows[0]


def test_charts_of_labels_speak_the_talks_language() -> None:
    """Words and numbers, on the drawing and in its table."""
    german, results = locale_of("de"), made_up_results()
    with chart_style():
        labels, confusion = draw_labels(results, german), draw_label_confusion(results, german)
    assert labels.title == "F1 von Fine-tuned je Label"
    assert labels.rows[1][:4] == ("ham", "0,99", "0,962–1,000", "99,0\u00a0%")
    assert ">0,5<" in labels.svg
    assert "was das Modell sagt" in confusion.svg
    assert confusion.desc.startswith("Fine-tuned: 550 von 558 Testnachrichten richtig. Am häuf")
