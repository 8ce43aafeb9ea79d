"""Formats of values with units, of ratios and of intervals, shown and spoken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.numbers.formats import (
    Shown,
    count,
    gib,
    interval,
    money,
    num,
    pct,
    seconds,
    spoken,
    times,
    with_unit,
)
from pipeline.numbers.values import Number
from pipeline.problems import TalkError


def n(value: float, unit: str = "", low: float | None = None, high: float | None = None) -> Number:
    return Number("hash.x", value, low, high, unit=unit)


SHOWN = [
    (seconds(n(41.2, "ns")), "41 ns"),
    (seconds(n(999.6, "ns")), "1.0 µs"),
    (seconds(n(3.21, "us")), "3.2 µs"),
    (seconds(n(3.2, "ms")), "3.2 ms"),
    (seconds(n(30, "ms")), "30 ms"),
    (seconds(n(0.3, "ns")), "0.30 ns"),
    (seconds(n(1e-15)), "<0.01 ns"),
    (seconds(n(2, "h")), "2.0 h"),
    (seconds(n(0.48)), "0.5 s"),
    (seconds(n(0)), "0 ms"),
    (seconds(n(-0.5, "s")), "-0.5 s"),
    (gib(n(4, "GiB")), "4.0 GiB"),
    (gib(n(2048)), "2 KiB"),
    (gib(n(512, "bytes")), "512 bytes"),
    (gib(n(50, "MiB")), "50 MiB"),
    (pct(n(93.3, "%")), "93.3%"),
    (count(n(41, "ns")), "41"),
    (num(n(41.237, "ns"), 1), "41.2"),
    (money(n(5000, "€")), "€5,000"),
    (money(n(5000)), "$5,000"),
    (with_unit(n(41.2, "ns")), "41.2 ns"),
    (with_unit(n(41200, "ns")), "41.2 µs"),
    (with_unit(n(3200, "MB/s")), "3.20 GB/s"),
    (with_unit(n(1536, "KiB")), "1.50 MiB"),
    (with_unit(n(4294967296, "bytes")), "4.29 GB"),
    (with_unit(n(12345.6, "messages/s")), "12,346 messages/s"),
    (with_unit(n(5, "ns")), "5 ns"),
    (with_unit(n(0.933, "share")), "93.3%"),
    (with_unit(n(655, "s")), "10.9 min"),
    (with_unit(n(1.52, "ms", 1.35, 1.71), style="interval"), "1.52 ± 0.19 ms"),
    (with_unit(n(1.5, "ms", 1.4, 1.9), style="interval"), "1.50 ms (1.40–1.90)"),
    (with_unit(n(1.5, "ms", 1.5, 1.5), style="interval"), "1.50 ± 0 ms"),
    (interval(n(41.2, "ns", 40.12, 43.98)), "40.1–44.0 ns"),
    (interval(n(1.5, "s", -0.2, 3)), "-0.20 to 3.00 s"),
    (interval(n(0.9, "share", 0.85, 0.95)), "0.85–0.95"),
    (interval(n(0.9, "share", 0.85, 0.95), 2, "pct"), "85–95%"),
    (interval(n(0.9, "share", 0.85, 0.95), level=True), "0.85–0.95 (95%)"),
]


@pytest.mark.parametrize(("shown", "expected"), SHOWN, ids=[s[1] for s in SHOWN])
def test_a_value_is_shown_in_a_unit_that_reads_well(shown: Shown, expected: str) -> None:
    """Units are converted, prefixes chosen, ends rounded outwards."""
    assert shown == expected


TIMES = [
    ((2, 1.84, 2.27), "1.8 to 2.3 times as fast"),
    ((2, 2, 2), "2 times as fast"),
    ((2, 1.999, 2.001), "1.9 to 2.1 times as fast"),
    ((12.3, 11.7, 12.96), "11 to 13 times as fast"),
    ((187, 123, 188), "120 to 190 times as fast"),
    ((0.5, 0.41, 0.62), "0.41 to 0.62 times as fast"),
    ((9.98, 9.5, 9.99), "9.5 to 10 times as fast"),
    ((1000, 900, 1100), "900 to 1,100 times as fast"),
    ((2.04,), "about 2 times as fast"),
    ((1.96,), "about 2 times as fast"),
]


@pytest.mark.parametrize(("ends", "expected"), TIMES, ids=[t[1] for t in TIMES])
def test_a_ratio_in_words_never_claims_more(ends: tuple[float, ...], expected: str) -> None:
    """The lower end is rounded down, the upper up; without an interval it is "about"."""
    assert times(Number("a / b", *ends), "as fast") == expected


def test_a_ratio_in_other_words() -> None:
    """Styles, and the words of another language with its decimal comma."""
    ratio = Number("a / b", 2, 1.84, 2.27)
    assert times(ratio, "as fast", "low") == "at least 1.8 times as fast"
    assert times(ratio, "as fast", "about") == "about 2 times as fast"
    assert times(ratio) == "1.8 to 2.3 times"
    german = times(ratio, "so schnell", to="bis", times="-mal", point=",")
    assert german == "1,8- bis 2,3-mal so schnell"
    alone = times(Number("a / b", 2.1), "so schnell", times="-mal", about="etwa", point=",")
    assert alone == "etwa 2,1-mal so schnell"


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_no_end_of_a_ratio_is_rounded_inwards(one: float, other: float) -> None:
    """Whatever the interval: what is shown contains it."""
    low, high = sorted((one, other))
    said = times(Number("a / b", low, low, high)).removesuffix(" times").replace(",", "")
    first, _, last = said.partition(" to ")
    assert float(first) <= low
    assert float(last or first) >= high


SPOKEN = [
    (spoken(n(41.2, "ns"), "seconds"), "forty-one nanoseconds"),
    (spoken(n(41.2, "ns"), "unit"), "forty-one nanoseconds"),
    (spoken(n(1, "ms"), "unit"), "one millisecond"),
    (spoken(n(3.2, "GB/s"), "unit"), "three point two gigabytes per second"),
    (spoken(n(0.5, "s"), "seconds"), "half a second"),
    (spoken(n(500, "ms"), "seconds"), "half a second"),
    (spoken(n(-0.7, "s"), "seconds"), "minus zero point seven seconds"),
    (spoken(Number("r", 2, 1.84, 2.27), "times"), "one point eight to two point three times"),
    (spoken(n(41.2, "ns", 40, 43), "range"), "forty to forty-three nanoseconds"),
    (spoken(n(0.9, "share", 0.85, 0.95), "range"), "eighty-five to ninety-five percent"),
    (spoken(n(93.3, "%"), "unit"), "ninety-three point three percent"),
    (spoken(n(120, "messages/s"), "unit"), "one hundred and twenty messages per second"),
]


@pytest.mark.parametrize(("said", "expected"), SPOKEN, ids=[s[1] for s in SPOKEN])
def test_a_value_is_said_as_a_person_says_it(said: Shown, expected: str) -> None:
    """Units in words, in the singular where it is one."""
    assert said == expected


WRONG: list[tuple[Callable[..., Shown], Number, str, str]] = [
    (seconds, n(5, "bytes"), "`seconds` on hash.x, which is in bytes", "`gib`"),
    (gib, n(5, "ns"), "`gib` on hash.x, which is in ns", "`seconds`"),
    (pct, n(0.5, "ms"), "`pct` on hash.x, which is in ms", "`seconds`"),
    (seconds, n(0.5, "share"), "`seconds` on hash.x, which is in share", "`pct`"),
    (seconds, n(5, "messages"), "`seconds` on hash.x, which is in messages", "`with_unit`"),
    (money, n(5, "s"), "`money` on hash.x, which is in s", "`seconds`"),
    (interval, n(5, "s"), "hash.x has no interval", "`repeats`"),
    (times, n(5, "ns"), "`times` on hash.x, which is in ns", "ratio(a, b)"),
    (times, n(-2), "`times` on hash.x, which is -2", "ratio(a, b)"),
    (count, n(93.3, "%"), "hash.x is 93.3 %, no whole number", "`pct`"),
    (count, n(41.2, "ns"), "hash.x is 41.2 ns, no whole number", "`seconds`"),
    (count, n(3.5, "messages/s"), "hash.x is 3.5 messages/s, no whole", "`with_unit`"),
]


@pytest.mark.parametrize(("form", "number", "message", "hint"), WRONG, ids=[w[2] for w in WRONG])
def test_a_format_that_does_not_fit_names_the_unit(
    form: Callable[..., Shown], number: Number, message: str, hint: str
) -> None:
    """Bytes are no seconds: one error with the unit and the format that fits."""
    with pytest.raises(TalkError) as caught:
        form(number)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_money_may_be_calculated_from_a_time() -> None:
    """Seconds times a typed price are money, whatever their unit was."""
    assert money(n(7200, "s") / 3600 * 2.5) == "$5"


def test_an_unknown_style_is_refused() -> None:
    """Styles are named in the hint."""
    for form in (times, with_unit):
        with pytest.raises(TalkError, match="unknown style `loud`"):
            form(n(2), style="loud")


@given(st.floats(1e-9, 1e9), st.sampled_from(["ns", "s", "bytes", "MiB", "GB/s", "", "keys"]))
def test_a_unit_reads_with_few_digits(value: float, unit: str) -> None:
    """One number and one unit, in plain digits."""
    text = with_unit(n(value, unit))
    amount = text.split()[0].replace(",", "")
    assert "E" not in amount
    assert float(amount) >= 0


EXTREME = [
    (with_unit, n(1e20, "ns"), "too large for digits"),
    (interval, n(1.0, "ns", -1e300, 1e300), "too large for digits"),
    (times, Number("a / b", 2, 1, 1e30), "too large for digits"),
    (lambda number: spoken(number, "unit"), n(1e-40), "nobody says"),
]


@pytest.mark.parametrize(("form", "number", "message"), EXTREME, ids=[e[2] for e in EXTREME])
def test_what_nobody_could_read_is_refused(
    form: Callable[..., Shown], number: Number, message: str
) -> None:
    """Values beyond all digits are one error, whatever the format."""
    with pytest.raises(TalkError, match=message):
        form(number)
