"""The charts of experiments: what each shows of its measurement, for whom, and that it is kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from support.evidence import KINDS, Finds, evidence, evident, evident_talk
from support.made_up import made_up_results

from pipeline.config import Kind
from pipeline.locale import ENGLISH, locale_of
from pipeline.measured import Measured, Tree, Value
from pipeline.numbers.fill import Numbers
from pipeline.numbers.lookup import find_values
from pipeline.pages.deck import check_deck
from pipeline.pages.slide import DeckInput
from pipeline.pictures.charts.evidence import (
    Plan,
    draw_evidence,
    names_in,
    places_drawn,
    plan_of,
)
from pipeline.pictures.charts.ladder import Ladder
from pipeline.pictures.charts.style import HALF, WIDE
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import read_vector
from pipeline.pictures.theme import SVG
from pipeline.problems import TalkError


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    return draw_evidence(evident())


def texts(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ElementTree.fromstring(svg).iter(f"{{{SVG}}}text")]


def parts(svg: str, name: str) -> list[ElementTree.Element]:
    return [e for e in ElementTree.fromstring(svg).iter() if e.get("data-part") == name]


def test_each_experiment_has_a_chart_of_its_name(drawn: dict[str, Picture]) -> None:
    """All kinds there are; a measurement that a command made has none."""
    assert set(drawn) == set(KINDS) == set(get_args(Kind))
    (ladder,) = (one for one in evident().measurements.values() if one.name == "ladder")
    other = replace(ladder, run=replace(ladder.run, form="json"))
    assert draw_evidence(Measured(measurements={"ladder": other})) == {}


def test_a_chart_bears_the_name_of_its_experiment_whatever_its_kind() -> None:
    """[evidence.enough] with kind = "amount"."""
    amount = evidence()["amount"]
    made = draw_evidence(Measured(measurements={"enough": replace(amount, name="enough")}))
    assert list(made) == ["enough"]
    places = read_vector(made["enough"]).places
    assert places
    assert all(at.startswith("enough") for at in places)


@pytest.mark.parametrize("finds", get_args(Finds))
def test_each_number_in_a_chart_opens_its_run(finds: Finds) -> None:
    """Every place that a chart names is one of a measured value, on a phone too."""
    measured = evident(None, finds)
    names = Numbers(measured).names
    for name, picture in draw_evidence(measured).items():
        vector = read_vector(picture)
        assert vector.narrow is not None
        assert len(vector.places) > 1, name
        assert set(vector.narrow.places) <= set(vector.places)
        for at in vector.places:
            (found,) = find_values(at, names)
            assert found.value is not None, at


def test_what_a_chart_shows_is_known_without_drawing_it(drawn: dict[str, Picture]) -> None:
    """Each number that opens its run in it is among its places."""
    measured = evident()
    for name, picture in drawn.items():
        shown = {*read_vector(picture).places}
        assert shown
        assert shown <= {*places_drawn(measured.measurements[name], measured)}, name


def test_words_are_large_enough_on_a_slide_and_on_a_phone(drawn: dict[str, Picture]) -> None:
    """None under 24 px at the width at which each is meant to be seen."""
    for picture in drawn.values():
        for svg, width in ((picture.svg, WIDE), (picture.narrow, HALF)):
            assert f'viewBox="0 0 {width:g} ' in svg
            sizes = [float(one) for one in re.findall(r"font(?:-size)?: [^;]*?(\d+)px", svg)]
            assert min(sizes) >= 24


def test_colours_are_the_themes(drawn: dict[str, Picture]) -> None:
    """Key D switches it; nothing refers to an id or to elsewhere."""
    for picture in drawn.values():
        for svg in (picture.svg, picture.narrow):
            assert not re.search(r"#[0-9a-f]{6}", re.sub(r"var\(--[\w-]+, #[0-9a-f]{6}\)", "", svg))
            assert "url(" not in svg


def test_who_can_not_see_it_gets_every_number(drawn: dict[str, Picture]) -> None:
    """In words, and as rows of one width, each rung by its name."""
    for name, picture in drawn.items():
        assert picture.title
        assert len({len(row) for row in picture.rows}) == 1, name
        svg = ElementTree.fromstring(picture.svg)
        assert svg[0].text == picture.title
        assert svg[1].text == picture.desc
    assert "0.963" in drawn["ladder"].desc
    assert [drawn["amount"].rows[-1][0], drawn["amount"].rows[-1][1]] == ["4,454", "0.96"]
    assert "today's messages: 83% 83.7%" in drawn["confidence"].desc


def test_a_rung_has_the_same_colour_in_each_chart() -> None:
    """Whoever has learned it in one need not learn it again, whichever rungs are there."""
    of_frozen = set()
    for name in ("amount", "leak", "drift"):
        for svg in (draw_evidence(evident())[name].svg, draw_evidence(evident())[name].narrow):
            for element in ElementTree.fromstring(svg).iter(f"{{{SVG}}}text"):
                if "".join(element.itertext()) == "frozen states":
                    of_frozen |= set(
                        re.findall(r"(?<!-)fill: (var\([^)]*\))", element.get("style", ""))
                    )
    assert len(of_frozen) == 1


def test_the_ladder_says_what_each_rung_costs(drawn: dict[str, Picture]) -> None:
    """Cheapest first; examples, seconds to train and for a message."""
    head, *rows = drawn["ladder"].rows
    assert head == ("Classifier", "F1", "Interval", "Examples", "To train", "A message")
    assert [row[0] for row in rows] == list(names_in(ENGLISH).values())
    assert rows[-1][3:] == ("4,454", "10 min", "16 ms")
    said = texts(drawn["ladder"].svg)
    assert {"4,454", "10 min", "16 ms", "0.962", "0.956–0.968"} <= set(said)
    assert "10 min" in texts(drawn["ladder"].narrow)


def test_a_long_word_of_a_rung_is_whole_on_a_phone() -> None:
    """Smaller than other names, where its language needs more letters for it."""
    narrow = draw_evidence(evident(), None, locale_of("de"))["ladder"].narrow
    assert "feinabgestimmt" in texts(narrow)
    assert not [text for text in texts(narrow) if text.endswith("…")]


def test_a_rung_with_fewer_seeds_says_so() -> None:
    """The heading's number is not everybody's: what takes long is tried less often."""
    lora = evidence()["ladder"].values["lora"]
    assert isinstance(lora, dict)
    f1 = lora["f1"]
    assert isinstance(f1, Value)
    fewer: dict[str, Tree] = {"lora": {**lora, "f1": replace(f1, n=3)}}
    said = draw_evidence(evident(None, "draw", ladder=fewer))["ladder"]
    assert "LoRA, mean of 3" in texts(said.svg)
    assert "LoRA, mean of 3" in said.desc


def test_lines_say_of_how_many_repeats_each_is_the_mean() -> None:
    """Whatever most of them have; a line with more here and fewer there has both."""
    amount = evidence()["amount"].values
    mixed: dict[str, Tree] = {}
    for n, one in amount.items():
        assert isinstance(one, dict)
        fewer = {"finetuned": 2 if n == "50" else 4, "few_shot": 3}
        again = {
            key: replace(v, n=fewer[key])
            for key, v in one.items()
            if key in fewer and isinstance(v, Value)
        }
        mixed[n] = {**one, **again}
    made = draw_evidence(evident(None, "draw", amount=mixed))["amount"]
    assert "mean of 5 (fine-tuned: 2–4; 8 examples: 3)" in made.title
    for svg in (made.svg, made.narrow):
        assert "(fine-tuned: 2–4; 8 examples: 3)" in " ".join(texts(svg))


def test_a_rung_that_was_not_run_is_left_out() -> None:
    """In the ladder and along the lines: no empty row, no name without a line."""
    amount = evidence()["amount"].values
    without: dict[str, Tree] = {}
    for n, one in amount.items():
        assert isinstance(one, dict)
        without[n] = {**one, "finetuned": None}
    measured = evident(None, "draw", ladder={"lora": None, "finetuned": None}, amount=without)
    made = draw_evidence(measured)
    assert "LoRA" not in texts(made["ladder"].svg)
    assert "fine-tuned" not in texts(made["amount"].svg)


def test_one_hundred_clean_messages_are_a_line_to_compare_with(drawn: dict[str, Picture]) -> None:
    """And rings where they get better than many with wrong labels; none where they never do."""
    svg = drawn["quality"].svg
    assert len(parts(svg, "level")) == 6
    assert len(parts(svg, "mark")) == 4
    assert {"29%", "25%", "100 clean"} <= set(texts(svg))
    assert "rings: at random 29%, one-sided 25%" in drawn["quality"].desc
    never = draw_evidence(evident(None, "draw", quality={"crossing": {}}))["quality"].svg
    assert not parts(never, "mark")


def test_calibration_is_drawn_whether_its_error_is_a_share_or_a_bare_number() -> None:
    """In three digits, not in percent of a percent."""
    errors: dict[str, Tree] = {
        "calibration": {way: Value(0.011, unit="share") for way in ("before", "after")}
    }
    for changed in ({}, {"confidence": errors}):
        made = draw_evidence(evident(None, "draw", **changed))["confidence"]
        assert "0.011" in texts(made.svg)


def test_always_naming_the_one_label_stands_beside_the_models(drawn: dict[str, Picture]) -> None:
    """On the other messages; without a run's labels it is not named by one."""
    assert {"always spam", "0.53"} <= set(texts(drawn["drift"].svg))
    bare = Measured(measurements={"drift": evidence()["drift"]})
    assert "always one" in " ".join(texts(draw_evidence(bare)["drift"].svg))


def test_one_rung_alone_has_the_whole_width_and_fewer_seeds_are_said() -> None:
    """A grid of the linear model alone, tried with two seeds of five."""
    two = Value(0.9, 0.8, 1.0, n=2, repeats=(0.85, 0.95))
    at: Tree = {"share": Value(0.2, unit="share"), "linear": two}
    values: dict[str, Tree] = {"random": {"0": at, "20": at}, "clean": {"100": {"linear": two}}}
    one = replace(evidence()["quality"], values=values)
    made = draw_evidence(Measured(measurements={"quality": one}))["quality"]
    assert f'viewBox="0 0 {WIDE:g} ' in made.svg
    assert f'viewBox="0 0 {HALF:g} ' in made.narrow
    leak = replace(evidence()["leak"], values={"linear": {"apart": two, "together": two}})
    said = texts(draw_evidence(Measured(measurements={"leak": leak}))["leak"].svg)
    assert any("mean of 2" in text for text in said)


def test_slopes_show_their_intervals(drawn: dict[str, Picture]) -> None:
    """One at each end of each line, so that a difference of a hair is seen as one."""
    for name in ("picking", "leak"):
        assert len(parts(drawn[name].svg, "interval")) == 4


@pytest.mark.parametrize("name", KINDS)
def test_an_experiment_without_values_has_no_chart(name: str) -> None:
    """All of its cells failed: there is nothing to draw, and that is no error until it is shown."""
    one = evidence()[name]
    nothing: tuple[dict[str, Tree], ...] = ({}, {"n": Value(3)}, {"linear": None})
    for values in nothing:
        measured = Measured(measurements={name: replace(one, values=values)})
        assert plan_of(measured.measurements[name], measured) == ()
        assert draw_evidence(measured) == {}


def test_a_kept_drawing_is_taken_and_other_values_are_drawn_anew(tmp_path: Path) -> None:
    """The same values give the same bytes; another one is another picture."""
    measured = Measured(measurements={"amount": evidence()["amount"]})
    made = draw_evidence(measured, tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert kept
    assert draw_evidence(measured, tmp_path) == made
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == kept
    other = Measured(measurements={"amount": evidence("cheap")["amount"]})
    assert draw_evidence(other, tmp_path) != made


def test_charts_of_experiments_speak_the_talks_language(tmp_path: Path) -> None:
    """Words and numbers; kept under the language, so that each has its own."""
    german, leak = locale_of("de"), Measured(measurements={"leak": evidence()["leak"]})
    english = draw_evidence(leak, tmp_path)["leak"]
    made = draw_evidence(leak, tmp_path, german)["leak"]
    assert english.title == "F1 with near copies, mean of 5"
    assert made.title == "F1 mit Beinahe-Kopien, Mittel aus 5"
    assert made.rows[1][1:3] == ("0,957", "0,951 bis 0,963")
    assert "0,957" in texts(made.svg)


@pytest.mark.parametrize("name", KINDS)
def test_no_kind_of_experiment_says_a_name_in_english(name: str) -> None:
    """Nothing that a whole catalogue has other words for; F1 and TF-IDF are the same."""
    run = evident().measurements[name]
    english, german = (plan_of(run, evident(), locale_of(tag)) for tag in ("en", "de"))
    same = _names(english) & _names(german)
    known = {"F1", "TF-IDF", "TF-IDF + linear", "LoRA", ""}
    assert not {one for one in same if not re.fullmatch(r"[\d,.]+", one)} - known


def _names(plan: Plan) -> set[str]:
    """The words of a plan: of a ladder, or of its charts."""
    if isinstance(plan, Ladder):
        return {plan.title, plan.note, *plan.columns, *(one.name for one in plan.rungs)}
    charts = [panel.data for panel in plan]
    series = [one for chart in charts for one in chart.series]
    names = {d.name for one in series for d in one.data} | {one.name for one in series}
    return names | {word for chart in charts for word in (chart.title, chart.x_name)}


@pytest.mark.parametrize(
    ("measured", "needs"),
    [
        (Measured(made_up_results(), missing={"amount": "run `evidence amount`"}), "run `evid"),
        (evident(), "gave no values"),
    ],
)
def test_a_chart_that_is_not_there_says_what_it_needs(
    tmp_path: Path, measured: Measured, needs: str
) -> None:
    """`figure: amount` before `evidence amount`; and after it, when its cells gave nothing."""
    talk = evident_talk(tmp_path / "talk")
    slide = next(one for one in talk.slides if any(u.name == "confusion" for u in one.pictures))
    use = replace(next(u for u in slide.pictures if u.name == "confusion"), name="amount")
    page = DeckInput(talk.config, measured, (replace(slide, pictures=(use,)),))
    with pytest.raises(TalkError, match="there is no figure `amount`") as raised:
        check_deck(page)
    assert needs in raised.value.hint
    assert raised.value.where == use.source
