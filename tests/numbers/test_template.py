"""Templates as Jinja reads them: what they may hold, how much, and what each placeholder shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_up import made_up

from pipeline.numbers.fill import Numbers, draft
from pipeline.numbers.template import MOST_SIGNS, Literal, Placeholder
from pipeline.problems import Source, TalkError

WHERE = Source(Path("slide.md"), 10)
NUMBERS = Numbers(made_up())

HOSTILE = {
    "a text that grows": '{{ "a" | replace("a", "aaaa") }}',
    "a text times a number": '{{ "a" * 10000000000 }}',
    "a list times a number": "{{ [1] * 1000000000 }}",
    "a method": '{{ "1".zfill(10000000000) }}',
    "another method": '{{ "a b".split() }}',
    "a range": "{{ range(10000000) | list }}",
    "5,000 digits": "{{ " + "1" * 5000 + " }}",
    "500 brackets": "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "200 conditions inside each other": "{% if 1 %}" * 200 + "{% endif %}" * 200,
    "5,000 branches": "{% if 0 %}" + "{% elif 0 %}" * 5000 + "{% endif %}",
    "1,000 filters": "{{ 1" + "|num" * 1000 + " }}",
    "a number without end": "{{ 1e999 }}",
    "a number that is squared": "{% set a = 9 %}" + "{% set a = a * a %}" * 60 + "{{ a }}",
    "a list that is doubled": "{% set a = [1] %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
    "a million digits": "{{ finetuned.f1 | num(1000000) }}",
    "a name joined to itself": '{{ ["' + "a" * 9000 + '"] * 9 | join("b") }}',
    "three loops inside each other": "{% for a in examples %}" * 3 + "{% endfor %}" * 3,
    "10,000 placeholders": "{{ data.messages | count }}" * 10_000,
    "a macro": "{% macro a() %}{% endmacro %}",
    "another file": '{% include "talk.toml" %}',
    "a record": "{{ finetuned }}",
    "nothing": "{{ none }}",
    "a power": "{{ 9 ** 9 }}",
    "another base": "{{ 0xffffffffffffffff }}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_template_that_would_run_away_is_one_error_with_its_line(text: str) -> None:
    """Whatever is too large, too deep or foreign is refused before it costs anything."""
    with pytest.raises(TalkError) as caught:
        NUMBERS.fill(f"\n{text}", WHERE)
    assert caught.value.where == Source(Path("slide.md"), 11)


def test_a_text_that_fills_up_without_end_is_stopped() -> None:
    """What a template makes is bounded, too."""
    inner = "x" * 30_000
    loops = "{% for a in examples %}{% for b in examples %}"
    with pytest.raises(TalkError, match=f"more than {MOST_SIGNS:,} signs"):
        NUMBERS.fill(f"{loops}{inner}{{% endfor %}}{{% endfor %}}", WHERE)


SYNTAX = """{{ }} {% %} {# #} if for in endif endfor set finetuned .f1 data examples [0] | num pct
count join length ( ) [ ] 1 0.5 'x' + - * / < and not is defined beats , loop.last ~ % ** é"""
SCRAPS = re.findall(r"\S+", SYNTAX)


@given(st.lists(st.sampled_from(SCRAPS), max_size=14), st.sampled_from(["{{ %s }}", "%s"]))
def test_any_template_is_filled_or_one_error(scraps: list[str], form: str) -> None:
    """No heap of template syntax ends in anything but a text or a TalkError with a line."""
    text = form.replace("%s", "\n".join(scraps))
    for read in (NUMBERS.fill, draft):
        where = None
        try:
            read(text, WHERE)
        except TalkError as error:
            where = error.where
        assert where is None or 10 <= (where.line or 0) <= 10 + len(scraps)


def shown(text: str) -> Placeholder:
    (found,) = draft(text, WHERE).placeholders
    return found


def test_a_placeholder_knows_what_it_shows() -> None:
    """Path and format, from the syntax tree: brackets, keys and strings do not matter."""
    plain = shown("{{ finetuned.f1 | num(3) }}")
    assert (plain.path, plain.form, plain.is_bound) == ("finetuned.f1", "num", True)
    keyed = shown('{{ example["gift-card"].finetuned.confidence | pct }}')
    assert keyed.path == 'example["gift-card"].finetuned.confidence'
    assert shown('{{ "a | b" }}').form == ""
    assert shown("{{ (data.read - data.groups) | count }}").paths == ("data.read", "data.groups")


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("{{ 94.6 }}", [Literal("94.6", False)]),
        ('{{ "94.6%" if finetuned.f1 > 0.9 else "low" }}', [("94.6%", False), ("low", False)]),
        ('{{ "nine in ten" | holds(finetuned.recall > 0.85) }}', [("nine in ten", True)]),
        ('{{ example["7"].text }}', []),
        ("{{ finetuned.f1 | num(3) }}", []),
    ],
)
def test_what_is_typed_inside_a_placeholder_is_known(text: str, literals: list[object]) -> None:
    """Texts and numbers that would be shown; keys and arguments are none."""
    assert [(found.text, found.is_asserted) for found in shown(text).literals] == [
        (found.text, found.is_asserted) if isinstance(found, Literal) else found
        for found in literals
    ]


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("{{ (finetuned.accuracy + 0.01) | pct }}", "+ 0.01"),
        ("{{ (1.05 * finetuned.f1) | num }}", "* 1.05"),
        ("{{ (data.messages + 100) | count }}", "+ 100"),
        ("{{ (training.seconds / 60) | num }}", ""),
        ("{{ (data.read - data.groups - 1) | count }}", ""),
    ],
)
def test_a_typed_number_that_changes_a_measured_one_is_known(text: str, shift: str) -> None:
    """A share that is pushed up shows; a change of unit and an off-by-one do not."""
    assert shown(text).shift == shift


def test_a_draft_has_every_branch_and_each_line() -> None:
    """All branches stand one after the other, values as marks, each line with its own number."""
    text = (
        "one {{ data.messages |\n count }}\n{% if beats(finetuned.f1, linear.f1) -%}\n\n two"
        "\n{%- else %}\nthree{% endif %}\n{# no\nword #}```\n{{ data.read | count }}\n```{% raw %}"
        "\n{{ not }}{% endraw %}"
    )
    made = draft(text, WHERE)
    lines = dict(zip(made.filled.text.split("\n"), made.filled.lines, strict=True))
    assert lines["one \ue0000\ue001"] == 10
    assert lines["two"] == 14
    assert lines["three"] == 16
    assert lines["\ue0001\ue001"] == 19
    assert lines["{{ not }}"] == 21
    assert [(line, words.strip()) for line, words in made.guarded] == [(14, "two"), (15, "three")]
    assert [tag.paths for tag in made.asked] == [("finetuned.f1", "linear.f1"), (), ()]
