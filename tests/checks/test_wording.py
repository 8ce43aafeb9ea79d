"""Claims as assertions, bound numbers in the right words, and roundings that don't flatter."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support.made_up import evaluation, made_up, made_up_results
from support.measured import two_measurements

from pipeline.checks.content import Written, drafted
from pipeline.checks.numbers import stale_reason, staleness_problems
from pipeline.checks.wording import check_wording
from pipeline.measured import Measured, Value
from pipeline.numbers.fill import Numbers
from pipeline.numbers.formats import interval, millions, money, num, pct
from pipeline.numbers.values import Number
from pipeline.problems import Source, TalkError
from pipeline.results import Evaluation, Rate, Results, Score

WHERE = Source(Path("slide.md"), 10)


def fill(text: str, results: Results | None = None) -> str:
    return Numbers(Measured(results or made_up_results())).fill(text, WHERE).plain


def fails(text: str, results: Results | None = None) -> TalkError:
    with pytest.raises(TalkError) as caught:
        fill(text, results)
    return caught.value


HOLD = [
    "finetuned.recall > 0.9",
    "finetuned.recall | between(0.9, 0.95)",
    "between(finetuned.recall, 0.9, 0.95)",
    "training.history | fell_each_epoch('train_loss')",
    "beats(linear.f1, majority.f1)",
    "linear.f1 | beats(majority.f1)",
    "about_the_same(finetuned.f1, linear.f1)",
    "linear.f1 > majority.f1",
    "linear.fit_seconds | beats(training.seconds)",  # less of a time is better
]


@pytest.mark.parametrize("fact", HOLD)
def test_a_claim_that_holds_is_shown(fact: str) -> None:
    """Each assertion lets its words through while it is true."""
    assert fill(f'{{{{ "so it is" | holds({fact}) }}}}') == "so it is"


BREAK = [
    ("finetuned.recall > 0.95", "finetuned.recall (0.9333) > 0.95"),
    ("finetuned.recall | between(0.95, 1)", "finetuned.recall (0.9333) lies between 0.95 and 1"),
    (
        "training.history | fell_each_epoch",
        "training.history validation_loss fell each epoch (0.06 → 0.05 → 0.07)",
    ),
    (
        "training.history | rose_each_epoch('validation_recall')",
        "validation_recall rose each epoch (0.93 → 0.97 → 0.97)",
    ),
    (
        "beats(finetuned.f1, linear.f1)",
        "finetuned.f1 (0.9459) beats linear.f1 (0.9655): difference −0.0196 (−0.062 to 0.0229), "
        "from both intervals",
    ),
    (
        "about_the_same(linear.f1, majority.f1)",
        "linear.f1 (0.9655) is about the same as majority.f1 (0): difference 0.966 (0.923 to",
    ),
    ("training.seconds | beats(linear.fit_seconds)", "training.seconds (655 s) beats"),
]


@pytest.mark.parametrize(("fact", "says"), BREAK, ids=[b[0] for b in BREAK])
def test_a_claim_that_stops_holding_fails_with_both_values(fact: str, says: str) -> None:
    """The error names the claim, the values on both sides, and what to do."""
    error = fails(f'a\n{{{{ "so it is" | holds({fact}) }}}}')
    assert error.message.startswith('the claim "so it is" no longer holds: ')
    assert says in error.message
    assert error.where == Source(Path("slide.md"), 11)
    assert "{% if %}" in error.hint


def test_a_comparison_must_survive_its_intervals() -> None:
    """A plain `>` between values that can't be told apart is no claim."""
    error = fails('{{ "better" | holds(linear.f1 > finetuned.f1) }}')
    assert "is not certain: linear.f1 (0.9655) > finetuned.f1 (0.9459): differ" in error.message
    assert "beats(a, b)" in error.hint


MISUSED = [
    ('{{ "x" | holds(finetuned.recall) }}', "`holds` needs a comparison"),
    ('{{ "x" | holds(finetuned.recall | between(1, 0)) }}', "can never hold"),
    ('{{ "x" | holds(data.messages | fell_each_epoch) }}', "needs the epochs"),
    ('{{ "x" | holds(training.history | fell_each_epoch("lost")) }}', "has no `lost`"),
    ("{{ finetuned.f1 | pct | num }}", "already formatted"),
    ("{{ 0.93 | pct }}", "needs a measured number, not 0.93"),
]


@pytest.mark.parametrize(("text", "message"), MISUSED, ids=[m[1] for m in MISUSED])
def test_a_misused_assertion_says_so(text: str, message: str) -> None:
    """Assertions and formats name what they need."""
    assert message in fails(text).message


def with_f1(value: float | None) -> Results:
    broken = evaluation("x", 1, 1, 1, 1, 0.0)
    return made_up_results(finetuned=dataclasses.replace(broken, f1=Score(value, None, None)))


UNUSABLE = [
    (None, "finetuned.f1 is undefined in this run"),
    (float("nan"), "finetuned.f1 is nan"),
    (float("inf"), "finetuned.f1 is inf"),
    (float("-inf"), "finetuned.f1 is -inf"),
]


@pytest.mark.parametrize(("value", "message"), UNUSABLE, ids=[u[1] for u in UNUSABLE])
def test_a_value_that_is_none_is_never_shown(value: float | None, message: str) -> None:
    """Null, NaN and infinite values are errors with a way out, in formats and in claims."""
    for text in ("{{ finetuned.f1 | num }}", '{{ "x" | holds(finetuned.f1 > 0) }}'):
        error = fails(text, with_f1(value))
        assert message in error.message
        assert error.hint


def test_precision_with_nothing_flagged_is_undefined_and_not_zero() -> None:
    """Where no message was flagged there is no precision, and the hint says why."""
    error = fails("{{ majority.precision | pct }}")
    assert "majority.precision is undefined" in error.message
    assert "nothing was flagged" in error.hint.replace("when nothing", "nothing")


def saying(text: str) -> list[str]:
    texts = drafted([Written("script", f"## SLIDE 1: ONE [1 minute]\n\n{text}", WHERE, "script")])
    return [problem.message for problem in check_wording(texts, made_up())]


SWAPPED = [
    ("Precision: {{ finetuned.recall | pct }}.", 'says "Precision" and shows finetuned.recall'),
    ("{{ finetuned.f1 | pct }} accuracy", 'says "accuracy" and shows finetuned.f1'),
    ("The linear model: {{ finetuned.f1 | num }}", 'says "linear" and shows finetuned.f1'),
    ("It took {{ training.seconds | num }} minutes.", "wrong unit"),
    ("It took {{ training.seconds | seconds }} seconds.", "wrong unit"),
    ("{{ finetuned.f1 | num }}%", "wrong unit"),
    ("{{ finetuned.f1 | spoken }} percent", "wrong unit"),
    ("{{ (finetuned.f1 + 0.02) | pct }}", "shifts a measured value by a typed number"),
    ("{% if linear.f1 > finetuned.f1 %}a{% endif %}", "can't tell apart"),
    ("The fine-tuned model beats the linear model.", 'nothing asserts "beats"'),
]


@pytest.mark.parametrize(("text", "message"), SWAPPED, ids=[s[0] for s in SWAPPED])
def test_a_bound_number_in_the_wrong_words_is_named(text: str, message: str) -> None:
    """Being bound is not enough: metric, owner, unit and comparison must fit the words."""
    (said,) = saying(text)
    assert message in said


RIGHT = [
    "Precision and recall are {{ finetuned.precision | pct }} and {{ finetuned.recall | pct }}.",
    "F1 goes from {{ untrained.f1 | pct }} to {{ finetuned.f1 | pct }}.",
    "{{ finetuned.precision | pct }} precision, {{ finetuned.recall | pct }} recall",
    "Accuracy isn't everything: it caught {{ finetuned.recall | pct }} of it.",
    "It took {{ training.seconds | num }} seconds.",
    "{% if untrained.f1 < finetuned.f1 %}a{% endif %}",
    "{% if beats(linear.f1, finetuned.f1) %}The linear model beats the fine-tuned one.{% endif %}",
    "One hundred clean examples beat ten thousand messy ones.",
]


@pytest.mark.parametrize("text", RIGHT)
def test_a_bound_number_in_its_own_words_is_not_reported(text: str) -> None:
    """Lists of metrics, far words and guarded comparisons are fine."""
    assert saying(text) == []


def test_a_branch_opened_in_an_earlier_passage_guards_a_comparison() -> None:
    """The condition may stand in a paragraph before, and guards what it holds alone."""
    text = "The fine-tuned model beats the linear model."
    assert saying(f"{{% if beats(finetuned.f1, linear.f1) %}}\n\n{text}\n\n{{% endif %}}") == []
    assert saying(f"{{% if finetuned.f1 > 0.5 %}}\n\n{text}\n\n{{% endif %}}")
    assert saying(f"{{% if beats(finetuned.f1, linear.f1) %}}Yes. {{% endif %}}\n\n{text}")


SHOWN = [
    (money(Number("x", 5000)), "$5,000"),
    (money(Number("x", 0.131)), "$0.13"),
    (money(Number("x", 0.001)), "<$0.01"),
    (money(Number("x", 49.9), "€", 2), "€49.90"),
    (millions(Number("x", 1.7e9)), "1.7 billion"),
    (millions(Number("x", 999_600_000)), "1 billion"),
    (millions(Number("x", 1_500_000)), "1.5 million"),
    (millions(Number("x", 400_000)), "400 thousand"),
    (millions(Number("x", 834)), "834"),
    (interval(Number("x", 0.99, 0.97, 0.9996), 2, "pct"), "97–99.9%"),
    (interval(Number("x", 0.99, 0.97, 0.999999), 2), "0.97–0.999"),
    (interval(Number("x", 1.0, 0.95, 1.0), 2, "pct"), "95–100%"),
]


@pytest.mark.parametrize(("shown", "text"), SHOWN, ids=[s[1] for s in SHOWN])
def test_formats_round_once_and_do_not_flatter(shown: str, text: str) -> None:
    """Amounts, large counts and the ends of intervals as a reader expects them."""
    assert shown == text


SPOKEN = [
    ("{{ finetuned.f1 | spoken('about') }}", "ninety-five percent"),
    ("{{ finetuned.f1 | spoken('range') }}", "ninety-two to ninety-eight percent"),
    ("{{ linear.precision | spoken('about') }}", "one hundred percent"),
    ("{{ data.train.messages | spoken('about') }}", "four thousand five hundred"),
]


@pytest.mark.parametrize(("text", "said"), SPOKEN, ids=[s[0] for s in SPOKEN])
def test_spoken_shares_stay_shares(text: str, said: str) -> None:
    """A share said roughly is a percentage, never "one"."""
    assert fill(text) == said


@given(st.floats(0, 1), st.integers(0, 3))
def test_a_percentage_is_the_value_rounded_once(value: float, digits: int) -> None:
    """What is shown is within half a place of the unrounded value, never beyond an end."""
    shown = pct(Number("x", value), digits)
    if shown.startswith((">", "<")):
        edge = Decimal(shown[1:].rstrip("%"))
        exact = Decimal(repr(value)) * 100
        assert exact > edge if shown.startswith(">") else exact < edge
    else:
        places = len(shown.rstrip("%").partition(".")[2])
        half = Decimal("0.5") * Decimal(1).scaleb(-min(places, digits))
        assert abs(Decimal(shown.rstrip("%")) - Decimal(repr(value)) * 100) <= half


@given(st.floats(0.5, 1, exclude_max=True))
def test_no_end_of_an_interval_reads_one_before_it_is(value: float) -> None:
    """The upper end of an interval reads 1.00 or 100% only where it is 1."""
    number = Number("x", 0.5, 0.4, value)
    assert not interval(number).endswith("–1.00")
    assert not interval(number, 2, "pct").endswith("–100%")
    assert num(number) == "0.50"


def test_a_rate_over_nothing_stays_undefined() -> None:
    """A rate of zero cases keeps no value that a page could show."""
    empty = evaluation("Always ham", 0, 0, 483, 75, 0.0)
    assert isinstance(empty, Evaluation)
    assert empty.precision == Rate(None, None, None, 0, 0)


def test_staleness_names_what_changed() -> None:
    """A stale run is an error with its reason; --allow-stale makes it a warning."""
    run = made_up_results(run=replace(made_up_results().run, id="abc123"))
    stale = Measured(run, changed={"": ("data", "settings")})
    (finding,) = staleness_problems(stale)
    assert (
        finding.message == "run abc123 is stale: data and settings have changed since it was made"
    )
    assert finding.is_error
    (allowed,) = staleness_problems(Measured(run, changed={"": ("code",)}), allowed=True)
    assert not allowed.is_error
    assert "code has changed" in allowed.message
    (pinned,) = staleness_problems(stale, {""})
    assert "pin --undo" in pinned.hint
    assert staleness_problems(Measured(run)) == ()
    (other,) = staleness_problems(two_measurements("bench.py"))
    assert other.message.startswith("hash (run 1a2b3c4d) is stale: bench.py has changed")
    assert stale_reason(("data", "model", "code")) == "data, model and code have changed"


def of_measurements(text: str) -> list[str]:
    texts = drafted([Written("script", f"## SLIDE 1: ONE [1 minute]\n\n{text}", WHERE, "script")])
    full = Value(90, 85, 95, unit="%")
    return [problem.hint for problem in check_wording(texts, two_measurements(full=full))]


UNITS = [
    ("{{ hash.insert.ns | with_unit }} ns", "`with_unit` already says the unit"),
    ("{{ hash.insert.ns | spoken('unit') }} nanoseconds", "`spoken` already says the unit"),
    ("{{ hash.insert.ns | interval }} ns", "`interval` already says the unit"),
    ("{{ hash.insert.ns | num(1) }} ms", "hash.insert.ns is in ns: use `seconds`"),
    ("{{ hash.insert.ns | num(1) }} seconds", "hash.insert.ns is in ns: use `seconds`"),
    ("{{ hash.memory | num(1) }} GB", "hash.memory is in bytes: use `gib`"),
    ("{{ ratio(hash.keys, hash.keys) | times }} times", "`times` already says it"),
    ("{{ hash.full | pct }} percent", "`pct` already says percent"),
]


@pytest.mark.parametrize(("text", "hint"), UNITS, ids=[u[0] for u in UNITS])
def test_a_unit_that_is_said_twice_or_wrongly_is_found(text: str, hint: str) -> None:
    """The unit behind a value is its own, once."""
    assert of_measurements(text) == [hint]


RIGHT_UNITS = [
    "{{ hash.insert.ns | num(1) }} ns",
    "{{ hash.insert.ns | num(1) }} nanoseconds",
    "{{ hash.memory | count }} bytes",
    "{{ hash.full | count }} %",
    "{{ hash.full | interval }} of it",
    "{{ hash.keys | count }} times",
    "{{ poll.yes | pct }} seconded it",
]


@pytest.mark.parametrize("text", RIGHT_UNITS)
def test_a_unit_that_is_right_is_no_finding(text: str) -> None:
    """A plain format in the value's own unit may be followed by it."""
    assert of_measurements(text) == []
