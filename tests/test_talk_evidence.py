"""What this talk says of its evidence: each outcome has its sentences, and so has none."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.evidence import KINDS, Finds, evidence, evident, evident_talk, pin_evidence, seeds
from support.made_up import made_up_results
from support.needs import ROOT

from pipeline.checks.cues import check_talk
from pipeline.checks.numbers import check_numbers
from pipeline.checks.room import estimated_problems, limit_problems
from pipeline.measured import Measured, Tree, Value, numbers_in, read_measurement
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.results import Evaluation, Score
from pipeline.slides.layouts import load_layouts

SCRIPT = ROOT / "script" / "voiceover.md"
BARE = made_up_results(few_shot=None, frozen=None, prompted=None)


def said(measured: Measured) -> str:
    """The whole script with its values."""
    text = SCRIPT.read_text(encoding="utf-8")
    return Numbers(measured).fill(text, Source(SCRIPT, 1), has_plan=True).plain


@pytest.mark.parametrize("finds", ["draw", "tuned", "cheap"])
def test_made_up_evidence_is_whole(tmp_path: Path, finds: Finds) -> None:
    """Each kind pinned reads back as it was, and each interval holds its value."""
    made = evidence(finds)
    pin_evidence(tmp_path, made)
    assert tuple(made) == KINDS
    for name, one in made.items():
        found = read_measurement(tmp_path / "deck" / "measured" / f"{name}.json")
        assert found.values == one.values
        for at, value in numbers_in(one.values, name):
            if value.low is not None and value.high is not None:
                assert value.low <= value.value <= value.high, at


@pytest.mark.parametrize(
    "measured",
    [
        pytest.param(evident(), id="draw"),
        pytest.param(evident(None, "tuned"), id="tuned"),
        pytest.param(evident(None, "cheap"), id="cheap"),
        pytest.param(evident(None, "draw", *KINDS), id="no evidence"),
        pytest.param(evident(BARE, "draw", *KINDS), id="few baselines"),
        *(pytest.param(evident(None, "draw", name), id=f"no {name}") for name in KINDS),
    ],
)
def test_the_talk_fits_whatever_was_found(tmp_path: Path, measured: Measured) -> None:
    """In each outcome it keeps to slots and slides, and no number or claim in it is unbound."""
    talk = evident_talk(tmp_path / "talk", measured)
    assert [*check_talk(talk), *check_numbers(talk.config, measured).problems] == []
    layouts = load_layouts()
    assert list(limit_problems(talk.slides, layouts, talk.config)) == []
    assert list(estimated_problems(talk.slides, layouts)) == []


@pytest.mark.parametrize(
    ("prompted", "tuned", "words"),
    [
        (
            0.6,
            0.8,
            "counting words seventy-eight percent. In a prompt: sixty percent. So even those",
        ),
        (0.95, 0.8, "So put your best ones into the prompt."),
        (0.8, 0.8, "Training or prompt: so few runs can't say which."),
        (0.84, None, "counting words gets seventy-eight percent. In a prompt: eighty-four"),
    ],
)
def test_what_few_examples_are_good_for_is_said_as_it_was_found(
    prompted: float, tuned: float | None, words: str
) -> None:
    """Worth training on, best in a prompt, or no difference that so few runs could show."""
    known = {"linear": 0.78, "frozen": 0.79, "few_shot": prompted, "finetuned": tuned}
    fifty = {name: seeds(score) for name, score in known.items() if score}
    amount: dict[str, Tree] = {"50": {"n": Value(50), **fifty}}
    assert words in said(evident(None, "draw", amount=amount))


@pytest.mark.parametrize(
    ("prompted", "words"),
    [
        (0.70, "So fine-tuning clearly wins."),
        (0.98, "So it clearly beats counting. But this test can't tell it from the prompt."),
        (0.999, "So something cheap clearly wins."),
    ],
)
def test_a_prompt_that_keeps_up_is_no_win_of_training(prompted: float, words: str) -> None:
    """Though it beats counting, and a line through the states as they came."""

    def scored(one: Evaluation | None, f1: float) -> Evaluation:
        assert one
        return dataclasses.replace(one, f1=Score(f1, f1 - 0.008, min(1.0, f1 + 0.008)))

    run = made_up_results()
    run = replace(
        run,
        comparisons=(),
        finetuned=scored(run.finetuned, 0.98),
        linear=scored(run.linear, 0.90),
        frozen=scored(run.frozen, 0.91),
        few_shot=scored(run.few_shot, prompted),
    )
    found = said(evident(run))
    assert words in found
    assert ("It turned out to be the better way" in found) == (prompted < 0.9)


@pytest.mark.parametrize(
    ("crossing", "words"),
    [
        (
            {"frozen": {"random": Value(0.31, 0.2, 0.4, unit="share")}},
            "Plenty wins, until thirty-one",
        ),
        ({"frozen": {}, "linear": {}}, "I've apologised to the archive."),
    ],
)
def test_plenty_or_clean_is_said_as_it_was_found(crossing: dict[str, Tree], words: str) -> None:
    """What the talk used to claim is said to be refuted, as far as the data refutes it."""
    found = said(evident(None, "draw", quality={"crossing": crossing}))
    assert "Then we measured it." in found
    assert words in found
    assert "But we haven't measured that here" in said(evident(None, "draw", "quality"))


def test_picking_that_did_not_flatter_is_no_warning() -> None:
    """The best on the test set did as well on fresh messages: so it is said."""
    same = evidence()["picking"].values["on_test"]
    found = said(evident(None, "draw", picking={"fresh_after_test": same}))
    assert "did as well on fresh data. I was lucky." in found
    assert "points of F1 on fresh data" in said(evident())


def test_a_value_of_evidence_that_was_never_run_names_its_command() -> None:
    """`{% if amount %}` is false; a placeholder is an error with the way out."""
    numbers = Numbers(evident(None, "draw", "amount"))
    where = Source(SCRIPT, 1)
    assert numbers.fill("{% if amount %}yes{% else %}no{% endif %}", where).plain == "no"
    with pytest.raises(TalkError) as caught:
        numbers.fill('{{ amount["50"].linear | num }}', where)
    assert "python build.py evidence amount" in caught.value.hint


def test_the_examples_on_the_slide_were_chosen_before_the_run() -> None:
    """None is picked by what a classifier said of it."""
    slide = (ROOT / "deck" / "slides" / "14-demo.md").read_text(encoding="utf-8")
    shown = slide.partition("::: examples")[2].partition("{% for e in ")[2].partition(" -%}")[0]
    assert shown.count('example["') == 4
    assert "correct" not in shown


@pytest.mark.parametrize("name", KINDS)
def test_each_experiment_is_reached_from_the_claim_that_it_tries(name: str) -> None:
    """A slide links its chart, and only where the experiment was run."""
    slides = sorted((ROOT / "deck" / "slides").glob("[0-9]*.md"))
    links = [text for path in slides if f"](figure:{name})" in (text := path.read_text("utf-8"))]
    assert links
    assert all("{% if " in text.partition(f"](figure:{name})")[0] for text in links)
    assert f"](figure:{name})" not in "".join(
        Numbers(evident(None, "draw", name)).fill(text, Source(SCRIPT, 1)).text for text in links
    )
