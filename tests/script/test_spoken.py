"""Lengths of time and words as spoken: the two units that timing rests on."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lengths import Length, clock, find_lengths, parse_length
from pipeline.numbers.spoken import count_words, spoken_form
from pipeline.problems import TalkError


@pytest.mark.parametrize(
    ("text", "low_s", "high_s"),
    [
        ("30 seconds", 30, 30),
        ("1 minute", 60, 60),
        ("2.5 minutes", 150, 150),
        ("5-8 minutes", 300, 480),
        ("40–42 min", 2400, 2520),
        ("6 minutes total", 360, 360),
        ("52:30", 3150, 3150),
        ("1:02:30", 3750, 3750),
        ("46:00-48:00", 2760, 2880),
        ("½ minute", 30, 30),
        ("1½ minutes", 90, 90),
        ("1/2 minute", 30, 30),
        ("1 min 30 s", 90, 90),
        ("1 minute and 5 seconds", 65, 65),
        ("4-min", 240, 240),
        ("3s", 3, 3),
        ("1 hour", 3600, 3600),
        ("5 to 8 minutes", 300, 480),
    ],
)
def test_a_length_is_read(text: str, low_s: int, high_s: int) -> None:
    """Seconds, minutes, fractions, clock time, ranges."""
    assert parse_length(text) == Length(low_s, high_s)


def test_a_rounded_length_is_known_as_one() -> None:
    """`~` and `about` are kept: a rounded figure is compared less strictly."""
    assert parse_length("~20 min") == parse_length("about 20 min") == Length(1200, 1200, about=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty length"),
        ("0 seconds", "`0 seconds` is no time at all"),
        ("-3 minutes", "`-3 minutes` is negative"),
        ("1:3O", "`1:3O` has the letter O where a zero belongs"),
        ("3O seconds", "`3O seconds` has the letter O where a zero belongs"),
        ("l:30", "`l:30` has the letter I or l where a one belongs"),
        ("3", "`3` has no unit"),
        ("1:75", "`1:75` has more than 59 seconds"),
        ("8-5 minutes", "`8-5 minutes` runs backwards"),
        ("2 fortnights", "`2 fortnights` is no length"),
        ("25 hours", "`25 hours` is longer than a day"),
        ("99999999999999999999 minutes", "`99999999999999999999 minutes` is no length"),
        ("1/0 minute", "`1/0 minute` is no length"),
    ],
)
def test_a_bad_length_says_what_is_wrong(text: str, message: str) -> None:
    """One message each, and a hint."""
    with pytest.raises(TalkError) as error:
        parse_length(text)
    assert error.value.message == message
    assert error.value.hint or not text


@given(st.integers(1, 86_000))
def test_time_strings_round_trip(seconds: int) -> None:
    """What `clock` writes, `parse_length` reads."""
    assert parse_length(clock(seconds)) == Length(seconds, seconds)
    assert clock(-seconds) == f"-{clock(seconds)}"


@given(st.text())
def test_no_text_breaks_the_reading_of_lengths(text: str) -> None:
    """A length or a TalkError, nothing else."""
    with contextlib.suppress(TalkError):
        assert parse_length(text).low_s > 0
    assert all(0 <= start < end <= len(text.lower()) for start, end, _ in find_lengths(text))


def test_lengths_are_found_in_a_sentence() -> None:
    """As the header and the footer hold them."""
    text = "~46-48 minutes (includes 4-min live demo + 2-min diagrams), not 3 parts"
    found = [length for _, _, length in find_lengths(text)]
    assert found == [Length(2760, 2880, True), Length(240, 240), Length(120, 120)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("98.7%", "ninety-eight point seven percent"),
        ("$1,000", "one thousand dollars"),
        ("£3.50", "three pounds and fifty pence"),
        ("$1", "one dollar"),
        ("$500-1,000", "five hundred to one thousand dollars"),
        ("$2.5 million", "two point five million dollars"),
        ("$5k", "five thousand dollars"),
        ("5,574 messages", "five thousand five hundred and seventy-four messages"),
        ("0.05", "zero point zero five"),
        ("1.0", "one point zero"),
        ("slides 1-2", "slides one to two"),
        ("5-8%", "five to eight percent"),
        ("41 ns", "forty-one nanoseconds"),
        ("40.1–44 ns", "forty point one to forty-four nanoseconds"),
        ("3.2 µs ± 1 µs", "three point two microseconds plus or minus one microsecond"),
        ("3.2 GB/s", "three point two gigabytes per second"),
        ("60 h/week", "sixty h/week"),
        ("Q4", "Q four"),
        ("GPT-2", "GPT two"),
        ("DistilGPT2", "DistilGPT two"),
        ("OAISYS'25", "OAISYS twenty-five"),
        ("in 1969", "in nineteen sixty-nine"),
        ("2026-11-24", "twenty-fourth of November twenty twenty-six"),
        ("the 1990s", "the nineteen nineties"),
        ("the 3rd", "the third"),
        ("24/7", "twenty-four seven"),
        ("10x", "ten times"),
        ("-5 degrees", "minus five degrees"),
        ("v1.2.3", "v one point two point three"),
        ("9:30", "nine thirty"),
        ("RLHF & DPO", "RLHF and DPO"),
        ("e.g. this", "for example this"),
        ("A vs. B", "A versus B"),
        ("call 0800123", "call zero eight zero zero one two three"),
    ],
)
def test_numbers_and_signs_are_written_as_they_are_said(text: str, said: str) -> None:
    """The words that a speaker needs time for."""
    assert spoken_form(text) == said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("98.7%", 4),
        ("ninety-eight point seven percent", 4),
        ("Let's fine-tune it — now.", 4),
        ("- one\n- two", 2),
        ("这里是中间的那一张。", 6),  # nine signs, five words for eight of them
        ("我们用 RAG 和 3 个模型", 7),  # two English words, seven signs
        ("これはテストです。", 4),  # eight kana
        ("", 0),
        ("— … 🎤 __", 0),
    ],
)
def test_words_are_counted_as_paces_count_them(text: str, words: int) -> None:
    """Digits cost what their words cost; dashes and emoji cost nothing."""
    assert count_words(text) == words


@given(st.text())
def test_any_text_has_a_number_of_words(text: str) -> None:
    """Neither signs nor digits of any script break the count."""
    assert count_words(text) >= 0
