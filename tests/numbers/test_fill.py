"""Numbers in content: how they read, where they come from, and when they fail the build."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support.made_up import evaluation, made_up, made_up_results

from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.numbers.formats import num, pct, seconds
from pipeline.numbers.values import Number
from pipeline.problems import Source, TalkError
from pipeline.results import (
    Score,
)

WHERE = Source(Path("slide.md"), 10)


def fill(text: str, **changes: object) -> str:
    return Numbers(made_up(**changes)).fill(text, WHERE).plain


SHOWN = [
    ("{{ finetuned.f1 | num }}", "0.95"),
    ("{{ finetuned.f1 | num(3) }}", "0.946"),
    ("{{ finetuned.recall | pct }}", "93.3%"),
    ("{{ linear.precision | pct }}", "100%"),
    ("{{ linear.precision | num }}", "1.00"),
    ("{{ finetuned.f1 | interval }}", "0.92–0.98"),
    ("{{ data.messages | count }}", "5,574"),
    ("{{ data.counts.spam | count }}", "747"),
    ("{{ model.parameters | millions }}", "135 million"),
    ("{{ linear.fit_seconds | seconds }}", "0.5 s"),
    ("{{ training.seconds | seconds }}", "11 min"),
    ("{{ finetuned.recall | spoken }}", "ninety-three point three percent"),
    ("{{ linear.precision | spoken }}", "one hundred percent"),
    ("{{ data.messages | spoken }}", "five thousand five hundred and seventy-four"),
    ("{{ data.messages | spoken('about') }}", "five thousand six hundred"),
    ("{{ model.parameters | spoken('millions') }}", "one hundred and thirty-five million"),
    ("{{ linear.fit_seconds | spoken('seconds') }}", "half a second"),
    ("{{ training.seconds | spoken('seconds') }}", "eleven minutes"),
    ("{{ finetuned.f1 | spoken('score') }}", "zero point nine five"),
    ("{{ example['gift-card'].text }}", "Congratulations! You've won a $1,000 gift card!"),
    ("{{ token['ChatGPT'] | join(' · ') }}", "Chat · GPT"),
    ("{{ (data.read - data.groups) | count }}", "523"),
    ("{{ 'almost all' | holds(finetuned.recall > 0.9) }}", "almost all"),
    ("{% if about_the_same(finetuned.f1, linear.f1) %}same{% endif %}", "same"),
    ("{% if elsewhere %}{{ elsewhere.linear.f1 | num }}{% endif %}", "0.62"),
    ("{% if beats(linear.f1, majority.f1) %}above{% endif %}", "above"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN, ids=[s[0] for s in SHOWN])
def test_a_value_reads_well(text: str, shown: str) -> None:
    """Each format shows a value as a reader expects it."""
    assert fill(text) == shown


ENDS = [(0.9996, "99.96%"), (0.99999999, ">99.9%"), (1.0, "100%"), (0.0004, "0.04%")]


@pytest.mark.parametrize(("value", "shown"), ENDS)
def test_a_share_is_never_rounded_to_an_end_it_has_not_reached(value: float, shown: str) -> None:
    """100% is never shown for 99.96%, and 0% never for 0.04%."""
    assert pct(Number("x", value)) == shown


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_no_share_between_the_ends_shows_an_end(value: float) -> None:
    """Whatever the share, a value short of 1 never reads 100%, one above 0 never 0%."""
    assert pct(Number("x", value)) not in ("100%", "0%")
    assert num(Number("x", value)) not in ("1.00", "0.00")


@given(st.floats(0, 1e6))
def test_times_read_in_one_unit(value: float) -> None:
    """A time has one unit and at most four digits before it."""
    amount, unit = seconds(Number("x", value)).removeprefix("<").split()
    assert unit in ("ns", "µs", "ms", "s", "min", "h")
    assert float(amount) <= 90 or unit == "h" or (unit[1:] == "s" and float(amount) < 1000)


WRONG = [
    ("\n{{ finetuned.f2 | num }}", "finetuned has no `f2`", "did you mean `f1`?", 11),
    ("{{ finetund.f1 | num }}", "'finetund' is undefined", "did you mean `finetuned`?", 10),
    ("{{ finetuned.f1 }}", "finetuned.f1 is used without a format", "| pct", 10),
    ("{{ data.messages | pct }}", "data.messages is 5574, no share of 1", "use `num`", 10),
    ("{{ finetuned.f1 | count }}", "no whole number", "use `num`", 10),
    ("{{ data.messages | interval }}", "data.messages has no interval", "rates and scores", 10),
    ("{{ majority.precision | pct }}", "majority.precision is undefined", "{% if %}", 10),
    ("a\n\n{% if %}", "broken template", "{{ data.messages | count }}", 12),
    (
        "a\n{{ 'near-perfect' | holds(finetuned.recall > 0.95) }}",
        'the claim "near-perfect" no longer holds: finetuned.recall (0.9333) > 0.95',
        "for this outcome",
        11,
    ),
    ("{{ finetuned.f1 | spoken('loud') }}", "unknown style `loud`", "pct, score", 10),
    ("{{ data.read + data.groups | count }}", "is no calculation", "put it in brackets", 10),
    ("{{ finetuned.__class__ }}", "no such value", "docs/slides.md", 10),
]


@pytest.mark.parametrize(("text", "message", "hint", "line"), WRONG, ids=[w[1] for w in WRONG])
def test_a_wrong_placeholder_is_one_error_with_its_line(
    text: str, message: str, hint: str, line: int
) -> None:
    """Each slip in a placeholder gives its message, a hint and the line."""
    with pytest.raises(TalkError) as caught:
        fill(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.where == Source(Path("slide.md"), line)


def test_a_value_that_is_not_finite_is_refused() -> None:
    """NaN in the results never reaches a page."""
    broken = evaluation("x", 1, 1, 1, 1, 0.0)

    broken = dataclasses.replace(broken, f1=Score(float("nan"), None, None))
    with pytest.raises(TalkError, match=r"finetuned.f1 is nan"):
        fill("{{ finetuned.f1 | num }}", finetuned=broken)


def test_an_empty_table_is_false() -> None:
    """`{% if elsewhere %}` is false where the run had no second test set."""
    assert fill("{% if elsewhere %}yes{% else %}no{% endif %}", elsewhere={}) == "no"


def test_a_talk_without_an_experiment_says_so() -> None:
    """A placeholder in a talk that measures nothing gets a hint that fits."""
    with pytest.raises(TalkError) as caught:
        Numbers(NOTHING).fill("{{ finetuned.f1 | num }}", WHERE)
    assert "nothing is measured" in caught.value.hint


def test_data_stays_text() -> None:
    """A hostile message is escaped in HTML and is never run as a template."""

    results = made_up_results()
    hostile = "</section><script>alert(1)</script> {{ 7*7 }} \u202egnp\u0000"
    first = replace(results.examples[0], text=hostile)
    numbers = Numbers(made_up(examples=(first,)))
    filled = numbers.fill("{{ examples[0].text }}", WHERE)
    shown = filled.in_html(filled.text)
    assert "<script>" not in shown
    assert "{{ 7*7 }}" in shown
    assert "\u202e" not in shown
    assert "\x00" not in shown


def test_a_number_in_html_knows_its_place() -> None:
    """A bound number is a data element with its unrounded value and its place in the results."""
    filled = Numbers(made_up()).fill("{{ finetuned.recall | pct }}", WHERE)
    assert filled.in_html(filled.text) == (
        '<data class="measured" value="0.9333333333333333" data-at="finetuned.recall">93.3%</data>'
    )


def test_lines_are_known_after_branches_and_loops() -> None:
    """Each line of filled text names the line of the source that it came from."""
    text = (
        "one\n{% if data.messages > 9 %}\ntwo\n{% else %}\nthree\n{% endif %}\nfour {{\n1 }}\nfive"
    )
    filled = Numbers(made_up()).fill(text, WHERE)
    lines = dict(zip(filled.text.split("\n"), filled.lines, strict=True))
    assert lines["two"] == 12
    assert lines["four 1"] == 16
    assert lines["five"] == 18
    joined = Numbers(made_up()).fill("{% if data.messages -%}\n\n six\n{%- endif %}", WHERE)
    assert (joined.text, joined.lines) == ("six", (12,))
