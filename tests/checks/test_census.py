"""The census of numbers: what counts as one, what licenses it, and how well errors are found."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_up import made_up
from support.needs import ROOT

sys.path.insert(0, str(ROOT))

from benchmarks.census import Case, has_error, innocent, planted, run, setting, voices
from pipeline.checks.census import (
    BOUND,
    CONSTANT,
    STRUCTURAL,
    TYPED,
    UNLISTED,
    Census,
    take_census,
)
from pipeline.checks.constants import constant_problems
from pipeline.checks.content import Drafted, Written, content, drafted, written
from pipeline.checks.numbers import check_numbers
from pipeline.config import Config, Constant, NumberSettings, TalkInfo, load_config
from pipeline.measured import NOTHING
from pipeline.numbers.candidates import CONTRADICTION, COPY, STALE
from pipeline.numbers.quantities import find_quantities, is_small_count
from pipeline.numbers.spoken import number_words
from pipeline.problems import Source
from pipeline.script.elements import Speech
from pipeline.script.parse import parse_script

_ELEMENT = re.compile(r"<[^>]*>|\{%.*?%\}")
_PLAIN = re.compile(r"""[\\*_`"'#>\[\]|{}\s-]|\]\(.*?\)""")
READ = [
    ("ninety percent of us", "ninety percent", 90, "percent"),
    ("98.7%", "98.7%", 98.7, "percent"),
    ("five thousand five hundred and seventy-four", None, 5574, ""),
    ("zero point nine five", None, 0.95, ""),
    ("a thousand dollars", None, 1000, "money"),
    ("$3 million", None, 3e6, "money"),
    ("half a second", None, 0.5, "time"),
    ("three long weeks", None, 3 * 7 * 86400, "time"),
    ("11 min", None, 660, "time"),
    ("82 million weights", "82 million", 82e6, ""),
    ("one in three", None, 1 / 3, "ratio"),
    ("nine out of ten", None, 0.9, "ratio"),
    ("three quarters of it", "three quarters", 0.75, ""),
    ("twice as fast", "twice", 2, "times"),
    ("ten times", None, 10, "times"),
    ("a factor of ten", "ten", 10, "times"),
    ("a hundredfold", "hundredfold", 100, "times"),
    ("4.2 GiB", None, 4.2 * 2**30, "bytes"),
    ("4.2 gigabytes", None, 4.2e9, "bytes"),
    ("the 95th percentile", "95th", 95, "ordinal"),
    ("in the third epoch", "third", 3, ""),
    ("every second message", "every second", 0.5, ""),
]


@pytest.mark.parametrize(("text", "shown", "value", "unit"), READ, ids=[r[0] for r in READ])
def test_a_number_is_read_with_its_unit(
    text: str, shown: str | None, value: float, unit: str
) -> None:
    """Digits and words give the same value and unit."""
    (found,) = find_quantities(text)
    assert found.text == (shown or text)
    assert found.value == pytest.approx(value)
    assert found.unit == unit


@given(st.integers(13, 999_999))
def test_every_whole_number_in_words_is_read(value: int) -> None:
    """What num2words writes is read back as the same number."""
    words = number_words(str(value))
    found = find_quantities(f"we saw {words} of them")
    assert [quantity.value for quantity in found] == [value], words


@given(st.decimals(0, 99, places=2, allow_nan=False))
def test_every_decimal_in_words_is_read(value: object) -> None:
    """ "ninety-three point three five percent" is one number with its unit."""
    (found,) = find_quantities(f"{number_words(str(value))} percent")
    assert found.value == pytest.approx(float(str(value)))
    assert found.unit == "percent"


def test_a_small_count_is_language_until_it_is_measured() -> None:
    """Two colleagues are no measurement; two epochs, two weeks and two percent are."""
    small = {
        text: all(is_small_count(q, {"epochs"}) for q in find_quantities(text))
        for text in ("two colleagues", "two epochs", "two weeks", "two percent", "one of us")
    }
    assert small == {
        "two colleagues": True,
        "two epochs": False,
        "two weeks": False,
        "two percent": False,
        "one of us": True,
    }


def drafts(text: str, kind: str = "slide", path: str = "s.md") -> list[Drafted]:
    return list(drafted([Written(kind, text, Source(Path("/talk") / path, 10), "slide 1")]))


def census(text: str, *constants: Constant, path: str = "s.md") -> Census:
    config = Config(
        Path("/talk"), TalkInfo("T", "S"), constants=constants, numbers=NumberSettings("listed")
    )
    return take_census(drafts(text, path=path), config, made_up())


def test_an_unlisted_number_names_line_sentence_and_what_it_might_be() -> None:
    """The error has path:line, the sentence, and the placeholder that would show the number."""
    (finding,) = census("Fine.\nWell.\nIt scored 94.6% there. So there.").problems
    assert finding.where == Source(Path("/talk/s.md"), 12)
    assert finding.message == 'unlisted number "94.6%" in: It scored 94.6% there.'
    assert "{{ finetuned.f1 | pct }}" in finding.hint
    assert "[[constants]]" in finding.hint


def test_a_typed_value_in_context_is_to_be_bound() -> None:
    """A literal that is the measured value, next to its name, is no constant but a copy."""
    (finding,) = census("Fine-tuned recall: ninety-three point three percent.").problems
    assert "is finetuned.recall (0.933333), typed by hand" in finding.message
    assert finding.hint == "bind it: {{ finetuned.recall | pct }}"


def test_a_near_value_in_context_may_be_stale() -> None:
    """A literal near the measured value, next to its name, is called a stale copy."""
    (finding,) = census("There are 5,572 messages.").problems
    assert "may be a stale copy: data.messages is 5574" in finding.message


def test_a_constant_licenses_its_phrase_alone() -> None:
    """A listed "ninety percent of us" says nothing about another ninety percent."""
    constant = Constant("Ninety percent of us", "a guess")
    assert not census("It's *ninety percent* of\nus.", constant).problems
    (finding,) = census("It's ninety percent of them.", constant).problems
    assert 'unlisted number "ninety percent"' in finding.message


def test_a_constant_may_be_kept_to_one_file() -> None:
    """With `where`, a bare number is allowed in that file only."""
    constant = Constant("42", "drawn", "deck/drawings/*.svg")
    assert not census("42", constant, path="deck/drawings/exam.svg").problems
    assert census("42", constant, path="deck/slides/01-x.md").problems


BAD_CONSTANTS = [
    (Constant("90%", "a guess"), "would allow every such number"),
    (Constant("many of us", "a guess"), "holds no number"),
    (Constant("90% of us", " "), "has no reason"),
    (Constant("90% of us", "a guess"), "nothing uses the constant"),
]


@pytest.mark.parametrize(("constant", "message"), BAD_CONSTANTS, ids=[b[1] for b in BAD_CONSTANTS])
def test_a_constant_that_licenses_too_much_is_refused(
    constant: Constant, message: str, tmp_path: Path
) -> None:
    """A constant needs its words, a number, a reason, and a place where it stands."""
    path = tmp_path / "talk.toml"
    path.write_text(f'[talk]\n[[constants]]\ntext = "{constant.text}"\n')
    config = Config(tmp_path, TalkInfo("T", "S"), constants=(constant,))
    (finding,) = constant_problems(config, frozenset())
    assert message in finding.message
    assert finding.where == Source(path, 3)
    assert finding.is_error == ("nothing uses" not in message)


def test_every_number_has_one_kind() -> None:
    """Bound, constant and structural ones are told apart, and the summary counts them."""
    constant = Constant("fifty examples", "a rule of thumb")
    taken = census("Slide 14: {{ finetuned.f1 | num }} with fifty examples.", constant)
    assert [(n.text, n.status) for n in taken.numbers] == [
        ("{{ finetuned.f1 | num }}", BOUND),
        ("14", STRUCTURAL),
        ("fifty", CONSTANT),
    ]
    assert taken.summary() == "3 numbers: 1 bound, 1 constant, 1 structural, 0 unlisted"
    assert "a rule of thumb" in taken.table()


def test_by_default_a_typed_number_is_an_error_where_it_speaks_of_the_run() -> None:
    """What repeats or contradicts a measured value is wrong; all else typed is only listed."""
    text = "We have 12,000 users.\n\nF1 is 0.95.\n\nThe fine-tuned recall is 72%.\n\n5,572 messages"
    config = Config(Path("/talk"), TalkInfo("T", "S"))
    taken = take_census(drafts(text), config, made_up())
    assert [(n.text, n.status) for n in taken.numbers] == [
        ("12,000", TYPED),
        ("0.95", COPY),
        ("72%", CONTRADICTION),
        ("5,572", STALE),
    ]
    assert [problem.where and problem.where.line for problem in taken.problems] == [12, 14, 16]
    assert "contradicts finetuned.recall, which is 0.933333" in taken.problems[1].message
    assert "12,000" in taken.table()


def test_a_slide_says_once_where_its_figures_come_from(tmp_path: Path) -> None:
    """All typed figures of a slide with `figures` are constants with that reason."""
    path = tmp_path / "deck" / "slides" / "01-one.md"
    path.parent.mkdir(parents=True)
    path.write_text(
        "---\nlayout: quote\ntitle: 40% off\nfigures: a story of 99 words\n---\nOnly $5,000.\n"
    )
    config = Config(tmp_path, TalkInfo("T", "S"), numbers=NumberSettings("listed"))
    taken = take_census(drafted(written(path)), config, made_up())
    assert [(n.text, n.status, n.why) for n in taken.numbers] == [
        ("40%", CONSTANT, "a story of 99 words"),
        ("$5,000", CONSTANT, "a story of 99 words"),
    ]


def test_a_section_of_the_script_says_once_where_its_figures_come_from() -> None:
    """`**Figures:**` below a heading goes for its section alone, and is not said."""
    text = (
        "## SLIDE 1: A [1 minute]\n\n**Figures:** my own case\n\nIt cost $90.\n\n"
        "## SLIDE 2: B [1 minute]\n\nIt cost $80.\n\n**Figures:** too late, $70\n"
    )
    config = Config(Path("/talk"), TalkInfo("T", "S"), numbers=NumberSettings("listed"))
    taken = take_census(drafts(text, "script"), config, made_up())
    assert [(n.text, n.status) for n in taken.numbers] == [
        ("$90", CONSTANT),
        ("$80", UNLISTED),
        ("$70", UNLISTED),
    ]
    first, second = parse_script(text, Path("s.md")).slides()
    assert [item.plain for item in first.items if isinstance(item, Speech)] == ["It cost $90."]
    assert (first.section.figures, second.section.figures) == ("my own case", "")


def test_a_talk_without_a_run_is_told_and_not_stopped() -> None:
    """Without results nothing could be bound: unlisted numbers are warnings."""
    config = Config(Path("/talk"), TalkInfo("T", "S"), numbers=NumberSettings("listed"))
    (finding,) = take_census(drafts("It cost $90."), config, NOTHING).problems
    assert not finding.is_error


def test_lines_of_passages_are_exact() -> None:
    """Every line of every passage of the real content stands on the line that it names."""
    for text in drafted(content(load_config(ROOT))):
        for passage in text.passages:
            for words, where in zip(passage.text.split("\n"), passage.lines, strict=False):
                lines = where.path.read_text(encoding="utf-8").split("\n")
                line = _PLAIN.sub("", _ELEMENT.sub("", lines[(where.line or 1) - 1]))
                first = _PLAIN.sub("", words.split("\ue000")[0].split("|")[0])
                assert first in line, (where, words)


def test_every_placeholder_of_the_content_is_counted() -> None:
    """No placeholder of slides and script escapes the census."""
    config, measured, _ = setting()
    for text in content(config):
        taken = take_census(drafted([text]), config, measured)
        bound = sum(number.status == BOUND for number in taken.numbers)
        claims = sum("holds(" in line for line in text.text.split("{{")[1:])
        if text.source.path.suffix == ".md":
            assert bound + claims == text.text.count("{{"), text.source


def test_a_number_in_code_is_what_the_parser_says_it_is(tmp_path: Path) -> None:
    """A fence, a code span and braces are what Markdown and Jinja read, here as on the page."""
    path = tmp_path / "deck" / "slides" / "01-one.md"
    path.parent.mkdir(parents=True)
    path.write_text(
        "---\nlayout: quote\ntitle: T\n---\n```\nk = 98\n```\nx `n = 99` y \\`97`\n"
        "![](figure:a-96) [w](https://x.example/95){.big}\n\n{% raw %}{{ 94 }}{% endraw %} {# 93 #}"
    )
    config = Config(tmp_path, TalkInfo("T", "S"), numbers=NumberSettings("listed"))
    taken = take_census(drafted(written(path)), config, made_up())
    assert [(n.text, n.why, n.source.line) for n in taken.numbers] == [
        ("98", "code", 6),
        ("99", "code", 8),
        ("97", "unlisted", 8),
        ("94", "unlisted", 11),
    ]


@pytest.mark.parametrize("case", planted(), ids=lambda case: case.name)
def test_a_planted_error_is_caught(case: Case) -> None:
    """Put into a copy of the real content, the error is named on its line."""
    outcome = run(case)
    assert outcome.is_caught, [f"{f.where}: {f.message}" for f in outcome.new]


@pytest.mark.parametrize("case", innocent(), ids=lambda case: case.name)
def test_an_innocent_passage_is_not_reported(case: Case) -> None:
    """Put into a copy of the real content, the passage changes nothing of what is said."""
    outcome = run(case)
    assert not outcome.new, [f"{f.where}: {f.message}" for f in outcome.new]


@pytest.mark.parametrize(
    ("group", "listed", "contradictions"),
    [("elsewhere", 0, 0), ("run", 2, 5), ("innocent", 3, 0)],
)
def test_sentences_of_other_talks_are_judged_as_well_as_they_were(
    group: str, listed: int, contradictions: int
) -> None:
    """No more of them are missed or reported than benchmarks/README.md says."""
    is_wrong = group == "run"
    cases = voices(group)
    missed = [c for c in cases if has_error(c, "listed") != (group != "innocent")]
    assert len(missed) <= listed, [case.name for case in missed]
    missed = [case for case in cases if has_error(case, "contradictions") != is_wrong]
    assert len(missed) <= contradictions, [case.name for case in missed]


def test_the_bench_is_large_enough() -> None:
    """At least sixty of each, of many kinds."""
    assert len(planted()) >= 60
    assert len(innocent()) >= 60
    assert len({case.kind for case in planted()}) >= 15


def test_our_own_content_is_clean() -> None:
    """No unlisted number and no unused constant."""
    config, measured, _ = setting()
    check = check_numbers(config, measured)
    assert not check.problems, [f"{f.where}: {f.message}" for f in check.problems]
    assert check.census.of(BOUND)


def test_the_constants_of_talk_toml_are_read_with_their_reasons() -> None:
    """Every constant has a reason in words."""
    constants = load_config(ROOT).constants
    assert constants
    assert all(len(constant.reason.split()) >= 2 for constant in constants)


ENDLESS = ["$1", "1/", "1-", "a-", "1:", "0:0", "1 ", "A-1-", "one ", "½", "["]


@pytest.mark.parametrize("unit", ENDLESS)
def test_the_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Ten times as much of what looks like numbers costs about ten times as much."""
    config = Config(Path("/talk"), TalkInfo("T", "S"), numbers=NumberSettings("listed"))

    def calls(size: int) -> int:
        texts = drafts(unit * (size // len(unit)))
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            take_census(texts, config, made_up())
        finally:
            sys.setprofile(None)
        return counted

    calls(100)  # caches
    assert calls(20_000) < 15 * calls(2_000) + 10_000


def test_a_paragraph_without_end_is_an_error() -> None:
    """What nobody reads as a paragraph is not searched to its end, and is said."""
    (problem, *_) = census("word " * 5_000).problems
    assert problem.message == "a paragraph of more than 20,000 signs"
