"""Measured values calculated with and compared: units, intervals, pairs and their methods."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_up import made_up_results
from support.measured import nanoseconds, two_measurements

from pipeline.measured import Measured, Value
from pipeline.numbers.comparisons import pairs_of
from pipeline.numbers.fill import Numbers
from pipeline.numbers.values import Number
from pipeline.problems import Source, TalkError
from pipeline.results import Comparison, Predictions, Score

WHERE = Source(Path("slide.md"), 10)
SLOW, FAST, THIRD = "hash.insert.ns", "hash.robin_hood.insert.ns", 'hash["std::map"].insert.ns'


def fill(text: str, **values: object) -> str:
    return Numbers(two_measurements(**values)).fill(text, WHERE).plain  # type: ignore[arg-type]


def number(expression: str, **values: object) -> Number:
    """What an expression gives, as formats see it."""
    numbers = Numbers(two_measurements(**values))  # type: ignore[arg-type]
    filled = numbers.fill(f"{{{{ ({expression}) | num(9) }}}}", WHERE)
    mark = filled.marks[0]
    assert mark.value is not None
    return Number(mark.at, mark.value, mark.low, mark.high)


def fails(text: str, **values: object) -> TalkError:
    with pytest.raises(TalkError) as caught:
        fill(text, **values)
    return caught.value


def ns(value: float, unit: str = "ns", **known: object) -> Number:
    return Number("x.a", value, unit=unit, **known)  # type: ignore[arg-type]


def test_a_ratio_of_one_measurement_is_paired() -> None:
    """Runs of one measurement belong together: the ratio's interval is of the runs' ratios."""
    made = Number("hash.a", 41.2, 40.1, 44, repeats=(40.1, 41.2, 44.0), unit="ns")
    paired = made / Number("hash.b", 20.5, 19.5, 21, repeats=(19.5, 20.5, 21.0), unit="ns")
    assert (paired.unit, paired.at) == ("", "hash.a / hash.b")
    assert paired.value == 41.2 / 20.5
    assert "paired over 3 repeats" in paired.how
    other = made / Number("cache.b", 20.5, 19.5, 21, repeats=(19.5, 20.5, 21.0), unit="ns")
    assert "independent" in other.how
    assert fill(f"{{{{ ratio({SLOW}, {FAST}) | times('as fast') }}}}") == "1.9 to 2.2 times as fast"


def test_runs_stay_paired_through_a_calculation() -> None:
    """(a - b) / c is one ratio of the same runs, not three uncertain values."""
    values = [
        Number(f"hash.{name}", runs[1], repeats=runs, unit="ns")
        for name, runs in (("a", (30.0, 33.0, 36.0)), ("b", (10.0, 11.0, 12.0)))
    ]
    made = (values[0] - values[1]) / values[1]
    assert (made.value, made.low) == (2, None)
    assert "the same in 3 runs" in made.how
    assert made.at == "(hash.a - hash.b) / hash.b"


UNITS = [
    (ns(1500) + ns(1, "µs"), 2500, "ns"),
    (ns(1, "ms") - ns(1000), 0.999, "ms"),
    (ns(1, "ms") / ns(1000), 1000, ""),
    (ns(10, "bytes") / ns(2, "s"), 5, "bytes/s"),
    (ns(2, "s") * Number("n", 3), 6, "s"),
    (2 * ns(2, "s"), 4, "s"),
    (100 / ns(2, "s"), 50, "1/s"),
    (1 - ns(0.25, "share"), 0.75, "share"),
    (ns(0.25, "share") * 100, 25, ""),
    (ns(0.25, "share") / ns(0.5, "share"), 0.5, ""),
    (ns(3, "messages/s") * ns(1, "min"), 180, "messages"),
]


@pytest.mark.parametrize(("made", "value", "unit"), UNITS, ids=[m[0].at + m[2] for m in UNITS])
def test_units_go_along(made: Number, value: float, unit: str) -> None:
    """Units are converted, cancel, or make a rate."""
    assert made.value == pytest.approx(value)
    assert made.unit == unit


MISFITS = [
    "{{ (hash.memory + hash.insert.ns) | num }}",
    "{% if hash.memory > hash.insert.ns %}x{% endif %}",
    "{% if beats(hash.memory, hash.insert.ns) %}x{% endif %}",
    "{{ ratio(hash.memory, hash.insert.ns) | times }}",
    "{{ difference(poll.yes, hash.insert.ns) | num }}",
]


@pytest.mark.parametrize("text", MISFITS)
def test_bytes_and_seconds_are_never_added_or_compared(text: str) -> None:
    """One error that names both, with the line."""
    error = fails(f"\n{text}")
    assert "hash.insert.ns" in error.message
    assert error.where == Source(Path("slide.md"), 11)


def test_a_plain_number_moves_an_interval() -> None:
    """A typed factor has no uncertainty, and no claim is lost by it."""
    half = Number("x", 10, 8, 14, level=0.97, how="runs") / 2
    assert (half.value, half.low, half.high, half.level, half.how) == (5, 4, 7, 0.97, "runs")
    left = 1 - Number("x", 0.9, 0.8, 0.95)
    assert (left.low, left.high) == (pytest.approx(0.05), pytest.approx(0.2))
    over = 12 / Number("x", 4, 3, 6)
    assert (over.low, over.high) == (2, 4)
    assert (12 / Number("x", 4, -3, 6)).low is None
    with pytest.raises(TalkError, match="1 is divided by zero"):
        1 / Number("x", 0)


def test_a_difference_of_counted_shares_is_by_their_counts() -> None:
    """Newcombe's example, as in the tests of the statistics."""
    one = Number("a.x", 0.8, hits=56, total=70, unit="share", low=0.6, high=0.9)
    other = Number("b.x", 0.6, hits=48, total=80, unit="share", low=0.4, high=0.8)
    made = one - other
    assert made.low == pytest.approx(0.0524, abs=5e-5)
    assert "Newcombe" in made.how


@given(
    st.sampled_from("+-*/"),
    st.lists(st.floats(0.001, 1e6), min_size=2, max_size=8),
    st.floats(-1e6, 1e6).filter(bool),
    st.floats(0, 1e6),
)
def test_a_calculated_value_lies_in_its_interval(
    sign: str, runs: list[float], value: float, half: float
) -> None:
    """Whatever is calculated, and from whatever: the value is never outside."""
    middle = sorted(runs)[len(runs) // 2]
    one = Number("m.a", middle, min(runs), max(runs), repeats=tuple(runs))
    back = Number("m.b", middle, min(runs), max(runs), repeats=tuple(reversed(runs)))
    single = Number("n.a", value, value - half, value + half)
    for other in (single, back, value):
        do = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__"}[sign]
        made = getattr(one, do)(other)
        if made.low is not None:
            assert made.low <= made.value <= made.high


# --- Which is better ----------------------------------------------------------------------------

BETTER = [
    (f"beats({FAST}, {SLOW})", True),  # less of a time is better
    (f"beats({SLOW}, {FAST})", False),
    (f"about_the_same({SLOW}, {FAST})", False),
    ("beats(poll.yes, poll.no)", True),
    (f"beats_all({FAST}, hash, 'insert.ns')", None),
    ("hash.rows[0].ns < hash.rows[1].ns", True),
    (f"ranked({FAST}, {SLOW}, {THIRD})", True),
    (f"ranked({FAST}, {THIRD}, {SLOW})", False),
    (f"at_least(ratio({SLOW}, {FAST}), 1.9)", True),
    (f"at_least(ratio({SLOW}, {FAST}), 2)", False),
    (f"at_most(ratio({SLOW}, {FAST}), 2.2)", True),
    ("rose_each(hash.series)", True),
    ("hash.series | fell_each", False),
    ("rose_each(hash.rows, 'ns')", True),
    ("between(hash.insert.ns, 40, 42)", True),
]


@pytest.mark.parametrize(("fact", "holds"), BETTER, ids=[b[0] for b in BETTER])
def test_claims_over_any_values(fact: str, holds: bool | None) -> None:
    """Claims hold or don't, whoever measured the values."""
    text = f"{{{{ 'so' | holds({fact}) }}}}"
    if holds is None:
        assert "nothing to compare" in fails(text).message
    elif holds:
        assert fill(text) == "so"
    else:
        assert 'the claim "so" no longer holds' in fails(text).message


def test_the_best_of_a_table_beats_each_other_row() -> None:
    """Rows without the column are passed over, and so is the value itself."""
    tables = {name: {"ns": nanoseconds(v, v - 1, v, v + 1)} for name, v in ROWS}
    tables["note"] = "made up"  # type: ignore[assignment]
    claim = "{{ 'the fastest' | holds(beats_all(hash.tables.swiss.ns, hash.tables, 'ns')) }}"
    assert fill(claim, tables=tables) == "the fastest"
    tables["chain"] = {"ns": nanoseconds(20.5, 19.0, 20.5, 22.0)}
    error = fails(claim, tables=tables)
    assert "hash.tables.swiss.ns (20 ns) beats hash.tables.chain.ns (20.5 ns)" in error.message


ROWS = [("swiss", 20.0), ("robin", 41.0), ("map", 200.0)]


def test_values_that_are_better_in_different_ways_are_not_compared() -> None:
    """A time against a rate: neither direction is right."""
    rate = Value(5, unit="ns", direction="up")
    error = fails("{% if beats(hash.rate, hash.insert.ns) %}x{% endif %}", rate=rate)
    assert "hash.rate is better when it is higher" in error.message


def test_values_without_intervals_are_compared_as_they_are() -> None:
    """One run each: nothing is known of chance, and nothing is said of it."""
    assert fill("{{ 'less' | holds(beats(hash.rows[0].ns, hash.rows[1].ns)) }}") == "less"
    assert "difference" not in fails("{{ 'x' | holds(hash.rows[0].ns > hash.rows[1].ns) }}").message


def test_an_interval_of_a_lower_level_is_widened_before_it_decides() -> None:
    """Standard errors (68%) that don't touch are no proof: 10 ± 1 against 12.5 ± 1."""
    from pipeline.numbers.assertions import about_the_same, beats

    one, other = (Number(f"m{v}.x", v, v - 1, v + 1, level=0.6827) for v in (10, 12.5))
    assert about_the_same(one, other)
    assert "(−0.272 to 5.27)" in beats(other, one).says
    assert "widened to 95%" in beats(other, one).says
    far = Number("m.x", 14, 13, 15, level=0.6827)
    assert beats(far, one)
    alone = Number("m.y", 11.5)
    assert about_the_same(alone, one)  # within twice the standard error of the one that has any


def test_runs_that_are_all_the_same_are_compared_as_they_are() -> None:
    """No interval of no width is shown; the message says that they were the same."""
    one, other = (Number(f"hash.{v}", v, repeats=(v,) * 5, unit="ns") for v in (10.0, 12.0))
    made = other - one
    assert (made.value, made.low, made.how) == (
        2,
        None,
        "paired over 5 repeats: the same in 5 runs",
    )
    assert (other / one).low is None
    from pipeline.numbers.assertions import beats

    assert beats(one, other)
    assert "paired over 5 repeats" in beats(other, one).says


def test_a_value_is_not_independent_of_itself() -> None:
    """(a - b) / b: the interval is from the outermost ends, and says so."""
    one, other = Number("x.a", 30, 27, 33), Number("y.b", 20, 18, 22)
    made = (one - other) / other
    gain = one - other
    assert gain.low is not None
    assert gain.high is not None
    assert made.low == pytest.approx(gain.low / 22)
    assert made.high == pytest.approx(gain.high / 18)
    assert made.level == pytest.approx(0.9)
    assert "depend on each other" in made.how


def test_right_and_wrong_cases_are_no_runs_to_take_a_median_of() -> None:
    """Percentages of cases, and sums: never the median of zeros and ones."""
    one, other = (
        Number(f"m.{n}", 0.75, 0.6, 0.86, unit="share", repeats=(1, 1, 1, 0) * 10) for n in "ab"
    )
    assert (one * 100).repeats == ()
    made = one + other
    assert (made.value, made.low, made.high) == (1.5, 1.2, 1.72)
    assert (1 - one).repeats[:4] == (0, 0, 0, 1)


TURNED = [
    (1 - ns(0.9, "share"), "down"),
    (1 - ns(0.1, "share", direction="down"), "up"),
    (100 / ns(2, "s"), "up"),
    (-ns(3, direction="down"), "up"),
    (ns(3, direction="down") / 2, "down"),
    (ns(3, direction="down") / -2, "up"),
    (ns(3, direction="down") * 2 + 1, "down"),
    (ns(3, direction="down") / ns(4), "down"),
    (ns(3) - ns(4, direction="down"), "up"),
    (ns(3, direction="down") + ns(4, direction="up"), ""),
    (ns(3, direction="down") / ns(4, direction="down"), ""),
    (ns(3), ""),
]


@pytest.mark.parametrize(("made", "way"), TURNED, ids=[t[0].at + t[1] for t in TURNED])
def test_which_way_is_better_goes_along(made: Number, way: str) -> None:
    """Half of the errors are still errors, and 1 - x of a share is better when it is lower."""
    assert made.direction == way


def test_a_rate_of_errors_is_not_better_when_it_is_higher() -> None:
    """What talk.toml says of a value holds for what is calculated from it."""
    few, many = (Value(v, v - 0.5, v + 0.5, direction="down") for v in (4, 9))
    assert fill("{{ 'x' | holds(beats(hash.few / 2, hash.many / 2)) }}", few=few, many=many) == "x"


def test_one_interval_alone_still_counts() -> None:
    """A value inside the other's interval is not clearly better than it."""
    once = {"insert": {"ns": Value(41, unit="ns")}}
    assert fill(
        f"{{% if about_the_same(hash.once.insert.ns, {SLOW}) %}}same{{% endif %}}", once=once
    )


# --- Classifiers on the same test set -----------------------------------------------------------


def accuracy(at: str, value: float, *made: Comparison) -> Number:
    pairs = pairs_of(made_up_results(comparisons=made))
    return Number(at, value, value - 0.05, value + 0.05, unit="share", pairs=pairs)


def comparison(metric: str = "accuracy", p: float = 0.625, *only: int) -> Comparison:
    gain, how = Score(0.01, 0.002, 0.018), "paired bootstrap; McNemar's exact test"
    return Comparison("finetuned", "linear", metric, gain, p, *(only or (3, 1)), how)


def test_classifiers_on_the_same_messages_are_compared_in_pairs() -> None:
    """Intervals that overlap by far don't hide a difference on the same messages; F1 by it."""
    from pipeline.numbers.assertions import about_the_same, beats

    one, other = (
        accuracy(f"{n}.f1", v, comparison("f1")) for n, v in (("finetuned", 0.95), ("linear", 0.94))
    )
    assert beats(one, other)
    assert not beats(other, one)
    assert not about_the_same(other, one)
    assert "paired bootstrap" in beats(one, other).says
    minus = other - one
    assert (minus.low, minus.high) == (-0.018, -0.002)
    assert "paired bootstrap" in minus.how


def test_f1_is_decided_by_an_exact_test_where_it_is_known_who_said_what() -> None:
    """Four more of 47 found is chance, though no resample but one in fifty is without them."""
    from pipeline.numbers.assertions import about_the_same, beats

    def said(ours: int, theirs: int) -> tuple[Number, ...]:
        truth = "1" * 47 + "0" * 448
        found = {n: "1" * k + "0" * (495 - k) for n, k in (("finetuned", ours), ("linear", theirs))}
        made = made_up_results(
            comparisons=(comparison("f1", 0.125, ours - theirs, 0),),
            predictions={"test": Predictions(truth, found)},
        )
        pairs = pairs_of(made)
        return tuple(
            Number(f"{n}.f1", v, v - 0.05, v + 0.05, unit="share", pairs=pairs)
            for n, v in (("finetuned", 0.95), ("linear", 0.94))
        )

    one, other = said(46, 42)
    assert about_the_same(one, other)
    assert "p = 0.12, 4 against 0" in beats(one, other).says
    assert "p = 0.12, 0 against 4" in beats(other, one).says
    one, other = said(46, 38)
    assert beats(one, other)


def test_accuracies_are_decided_by_mcnemar() -> None:
    """Three against one is chance, whatever the bootstrap says; the message says so."""
    from pipeline.numbers.assertions import about_the_same, beats

    one, other = (
        accuracy(f"{n}.accuracy", v, comparison())
        for n, v in (("finetuned", 0.95), ("linear", 0.94))
    )
    assert not beats(one, other)
    assert about_the_same(one, other)
    assert "McNemar's exact test: p = 0.62, 3 against 1" in beats(one, other).says
    assert "p = 0.62, 1 against 3" in beats(other, one).says
    sure = comparison("accuracy", 0.004, 14, 1)
    one, other = (
        accuracy(f"{n}.accuracy", v, sure) for n, v in (("finetuned", 0.95), ("linear", 0.94))
    )
    assert beats(one, other)


def test_cases_of_any_measurement_are_compared_in_pairs() -> None:
    """A share whose repeats are right or wrong, case by case: McNemar's test decides."""

    def right(*places: int) -> Value:
        runs = tuple(int(place not in places) for place in range(40))
        return Value(sum(runs) / 40, unit="share", repeats=runs)

    values = {"one": right(0), "other": right(1, 2, 3, 4, 5, 6, 7, 8, 9), "near": right(0, 1)}
    assert fill("{{ 'x' | holds(beats(hash.one, hash.other)) }}", **values) == "x"
    error = fails("{{ 'x' | holds(beats(hash.one, hash.near)) }}", **values)
    assert "McNemar's exact test: p = 1, 1 against 0" in error.message
    shown = fill("{{ difference(hash.one, hash.other) | interval(2, 'pct') }}", **values)
    assert shown == "4–34%"


def test_measured_nothing_has_no_claims() -> None:
    """A talk that measures nothing knows the functions, and says that the value isn't there."""
    with pytest.raises(TalkError, match="no such value"):
        Numbers(Measured()).fill("{{ ratio(hash.a, hash.b) | times }}", WHERE)


MISUSED = [
    ("{{ 'x' | holds(hash.insert.ns > hash.memory) }}", "and hash.memory (bytes): their units"),
    ("{{ 'x' | holds(at_least(hash.insert.ns, hash.keys)) }}", "a typed number, not hash.keys"),
    ("{{ 'x' | holds(at_most(hash.insert.ns, 'a')) }}", "a typed number, not 'a'"),
    ("{{ 'x' | holds(beats_all(hash.insert.ns, hash.compiler)) }}", "needs a series"),
    ("{{ 'x' | holds(ranked(hash.insert.ns)) }}", "at least two values"),
    ("{{ 'x' | holds(fell_each(hash.rows, 'load_')) }}", "has no `load_`"),
    ("{{ 'x' | holds(fell_each(hash.rows, 'table')) }}", "needs a measured number"),
    ("{{ 'x' | holds(beats(hash.insert, hash.keys)) }}", "not a branch or list"),
]


@pytest.mark.parametrize(("text", "message"), MISUSED, ids=[m[0] for m in MISUSED])
def test_a_misused_claim_says_what_it_needs(text: str, message: str) -> None:
    """One error with what was given, in the names of the talk."""
    assert message in fails(text).message


def test_a_measured_value_has_a_sign() -> None:
    """-x is x times -1, its interval turned."""
    made = -Number("x", 2, 1, 4)
    assert (made.value, made.low, made.high) == (-2, -4, -1)
