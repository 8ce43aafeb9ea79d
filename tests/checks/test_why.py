"""Where a number comes from and where it is used, and what a new run changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import evaluation, made_up, made_up_results
from support.measured import two_measurements

from pipeline.checks.diff import Change, as_text, diff_runs
from pipeline.checks.runs import Run
from pipeline.checks.uses import DECIDES, ELSEWHERE, SHOWN, uses_of
from pipeline.checks.why import explain
from pipeline.config import Config, load_config
from pipeline.locale import locale_of
from pipeline.measured import Measured
from pipeline.problems import Source, TalkError
from pipeline.results import Results

SLIDE = """\
---
layout: quote
title: F1 {{ finetuned.f1 | num }}
---
::: body
We read {{ (data.read - data.groups) | count }} copies.
{% set e = example["gift-card"] -%}
It says {{ e.finetuned.label }} with {{ e.finetuned.confidence | pct }}.
:::
"""
SCRIPT = """\
## SLIDE 1: ONE [1 minute]

Good morning. F1 is {{ finetuned.f1 | spoken }}. That was it.

{% if beats(finetuned.f1, linear.f1) %}It wins, \
with {{ linear.recall | pct }}.{% else %}It doesn't.{% endif %}

Each run has {{ data.messages | count }} messages.

## Q&A SESSION [5 minutes]

**Q: "How good?"**
A: {{ finetuned.f1 | num }}.
"""


@pytest.fixture
def talk(tmp_path: Path) -> Config:
    """A talk with one slide and a script."""
    for name, text in (("deck/slides/01-one.md", SLIDE), ("script/voiceover.md", SCRIPT)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "talk.toml").write_text('[talk]\ntitle = "T"\nspeaker = "S"\n')
    return load_config(tmp_path)


def better() -> Results:
    """A second run in which the fine-tuned model clearly wins."""
    run = made_up_results().run
    return made_up_results(
        run=replace(run, id="better02", started="2026-11-25T12:00:00Z"),
        finetuned=evaluation("Fine-tuned", 74, 0, 483, 1, 655.0),
        linear=evaluation("TF-IDF", 40, 5, 478, 35, 0.5),
    )


def test_every_use_is_found_with_its_line(talk: Config) -> None:
    """Shown values, conditions and other branches, each with place, line and sentence."""
    uses = uses_of(talk, made_up())
    found = [
        (use.place, use.source.line, use.how, use.text)
        for use in uses
        if "finetuned.f1" in use.paths
    ]
    assert found == [
        ("slide 1", 3, SHOWN, "0.95"),
        ("slide 1", 3, SHOWN, "ninety-four point six percent"),
        ("Q&A", 12, SHOWN, "0.95"),
        ("slide 1", 5, DECIDES, ""),
    ]
    (spoken,) = [use for use in uses if use.text == "ninety-four point six percent"]
    assert spoken.sentence == "F1 is ninety-four point six percent."
    assert [u.how for u in uses if u.paths == ("linear.recall",)] == [ELSEWHERE]
    assert [u.paths for u in uses if u.text == "523"] == [("data.read", "data.groups")]


WHOLE = (
    "finetuned.f1 = 0.9459459459459459",
    "results.json: finetuned.f1.value",
    "true positive 70, false positive 3, true negative 480, false negative 5",
    "0.915946 to 0.975946 (95%)",
    "SMS Spam Collection (file), 5,574 messages, sha256 ddddd",
    "SmolLM2-135M (package), 134,515,008 parameters",
    "madeup01, seed 42, 2026-11-24T12:00:00Z",
    "torch 2.13.0, transformers 5.24.0",
    "python build.py",
    "used in   4 places",
    '01-one.md:3  slide 1  "0.95": F1 0.95',
)


def test_a_path_is_explained_to_its_source(talk: Config) -> None:
    """Unrounded value, place, counts, interval, data, model, run, versions, command and uses."""
    measured = made_up()
    text = explain("finetuned.f1", measured, uses_of(talk, measured))
    for part in WHOLE:
        assert part in text


SAME = [
    ("finetuned.f1.value", "finetuned.f1 = "),
    ("0.95", "finetuned.f1 = "),
    ("94.6%", "finetuned.f1 = "),
    ("ninety-four point six percent", "finetuned.f1 = "),
    ("5,574", "data.messages = "),
    ('example["gift-card"].finetuned.confidence', "results.json: examples[0].finetuned.confidence"),
    ("examples[0].finetuned.confidence", 'example["gift-card"].finetuned.confidence = 0.9991'),
    ("finetuned.recall", "70 of 75"),
    ("11 min", "could be one of 3 values"),
    ("finetuned", "finetuned holds 13 values"),
]


def test_a_value_that_is_worked_out_from_others_says_so(talk: Config) -> None:
    """The run's file holds the four counts of a confusion matrix, not what follows from them."""
    text = explain("finetuned.confusion.total", made_up(), uses_of(talk, made_up()))
    assert text.splitlines() == [
        "finetuned.confusion.total = 558",
        "  place     worked out from finetuned.confusion",
        "  used in   0 places",
    ]


@pytest.mark.parametrize(("what", "part"), SAME, ids=[s[0] for s in SAME])
def test_a_value_is_found_by_path_or_by_what_is_shown(talk: Config, what: str, part: str) -> None:
    """A path, a number as it is shown, or the record that holds it."""
    measured = made_up()
    assert part in explain(what, measured, uses_of(talk, measured))


MEASUREMENT = (
    "hash.insert.ns = 41.2 ns",
    "place     measured/hash.json: insert.ns",
    "interval  40.1 to 44 ns (95%)",
    "method    median of the repeats, from the least to the largest",
    "runs      40.1, 41.2, 44",
    "about     Insertion into hash tables, a million keys",
    "command   python3 bench.py --keys 1000000",
    "run       1a2b3c4d, 2026-11-20 09:30:00 UTC; 3 times",
    "machine   AMD EPYC 7763, 8 cores",
    "bench.py  sha256 bbbbbbbbbbbbbbbb",
)


@pytest.mark.parametrize("experiment", [None, made_up_results()], ids=["alone", "beside"])
def test_a_measurement_is_explained_by_its_own_run(experiment: Results | None) -> None:
    """Command, date, machine, interval and repeats: never the experiment's model beside it."""
    measured = replace(two_measurements(), experiment=experiment)
    text = explain("hash.insert.ns", measured, ())
    for part in MEASUREMENT:
        assert part in text
    assert "SmolLM2" not in text


def test_what_a_measurement_holds_is_listed_with_units_and_its_run() -> None:
    """A series stands there once, and the run below: a reader sees what can be bound."""
    text = explain("hash", two_measurements(), ())
    assert "hash.memory                 4294967296 bytes  not used" in text
    assert "hash.series[0] to [2]       1.5 to 4          not used" in text
    assert "run       1a2b3c4d, 2026-11-20 09:30:00 UTC; 3 times" in text


def test_a_calculated_number_names_what_it_is_from(talk: Config) -> None:
    """Both values are in it: they are not two that it could be."""
    measured = made_up()
    text = explain("523", measured, uses_of(talk, measured))
    assert text.startswith("523 is calculated from 2 values:")


def test_a_number_is_found_as_its_language_writes_it(talk: Config) -> None:
    """Shown with a wide space that no keyboard has, or not shown at all."""
    measured, german = made_up(), locale_of("de")
    use = next(
        u for u in uses_of(talk, measured) if u.paths == ("finetuned.f1",) and u.text[-1].isdigit()
    )
    wide = replace(use, text="93,3\u00a0%")
    assert "finetuned.f1" in explain("93,3 %", measured, [wide], german)
    assert "finetuned.f1" in explain(use.text.replace(".", ","), measured, (), german)


UNKNOWN = [
    ("finetuned.f2", "nothing measured is called `finetuned.f2`", "did you mean `finetuned.f1`"),
    ("nonsense", "nothing measured is called `nonsense`", "`data`"),
    ("12345", "no measured value is shown as 12345", "fewer digits"),
    ("majority.precision", "majority.precision is undefined in this run", "nothing was counted"),
]


@pytest.mark.parametrize(("what", "message", "hint"), UNKNOWN, ids=[u[0] for u in UNKNOWN])
def test_an_unknown_value_names_the_nearest(what: str, message: str, hint: str) -> None:
    """A slip gets the nearest names; an undefined value says that it is undefined."""
    with pytest.raises(TalkError) as caught:
        explain(what, made_up(), ())
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_new_run_lists_what_reads_otherwise(talk: Config) -> None:
    """Numbers and branches that changed, old and new, with place and line; nothing else."""
    changes = diff_runs(talk, made_up(), Measured(better()))
    shown = [(c.place, c.source.line, c.old, c.new) for c in changes]
    assert shown == [
        ("slide 1", 3, "F1 0.95", "F1 0.99"),
        (
            "slide 1",
            3,
            "F1 is ninety-four point six percent.",
            "F1 is ninety-nine point three percent.",
        ),
        ("slide 1", 5, "It doesn't.", "It wins, with 53.3%."),
        ("Q&A", 12, "0.95.", "0.99."),
    ]
    text = as_text(changes, Run("", "madeup01", made_up_results()), Run("", "better02", better()))
    assert text.startswith("run madeup01 -> run better02: 4 sentences changed")
    assert "    - It doesn't.\n    + It wins, with 53.3%." in text


def test_the_same_run_changes_nothing(talk: Config) -> None:
    """Comparing a run with itself says so."""
    results = made_up_results()
    assert diff_runs(talk, Measured(results), Measured(results)) == ()
    assert "reads the same" in as_text((), *[Run("", "madeup01", results)] * 2)


def test_a_claim_that_breaks_with_the_new_run_is_a_change(talk: Config) -> None:
    """Where the new run can't fill the text, the difference is the error."""
    path = talk.root / "deck" / "slides" / "01-one.md"
    claim = '{{ "the better one" | holds(beats(linear.f1, majority.f1)) }}'
    path.write_text(SLIDE.replace("We read", f"{claim}. We read"), encoding="utf-8")
    worse = made_up_results(linear=evaluation("TF-IDF", 0, 0, 483, 75, 0.5))
    (change,) = [c for c in diff_runs(talk, made_up(), Measured(worse)) if "fails" in c.new]
    assert isinstance(change, Change)
    assert "no longer holds" in change.new
    assert change.source == Source(path, 6)
