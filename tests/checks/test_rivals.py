"""Comparisons in words of two branches of a measurement need something behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.measured import nanoseconds, two_measurements

from pipeline.checks.content import Written, drafted
from pipeline.checks.wording import check_wording
from pipeline.measured import Value
from pipeline.problems import Problem, Source

FILE = Path("slide.md")


def problems(text: str) -> list[Problem]:
    written = Written("script", f"## SLIDE 1: ONE [1 minute]\n\n{text}", Source(FILE, 1), "script")
    gzip, zstd = Value(12.5, unit="ms"), Value(4.5, unit="ms")
    measured = two_measurements(
        gzip_ms=gzip,
        zstd_ms=zstd,
        linear_probing={"insert": {"ns": nanoseconds(30.0)}},
        old={"find": {"ns": nanoseconds(9.0)}, "size": Value(5, unit="bytes")},
        new={"find": {"ns": nanoseconds(7.0)}, "size": Value(9, unit="bytes")},
    )
    return check_wording(drafted([written]), measured)


ROBIN, MAP = "hash.robin_hood.insert.ns", 'hash["std::map"].insert.ns'
GUILTY = [
    ("Robin Hood is faster than std::map.", "faster than", f"beats({ROBIN}, {MAP})"),
    ("A std::map is slower than Robin Hood here.", "slower than", f"beats({ROBIN}, {MAP})"),
    ("Robin Hood is about twice as fast as std::map.", "twice as fast as", "beats("),
    ("So `robin_hood` beats `std::map`.", "beats", f"beats({ROBIN}, {MAP})"),
    ("Robin Hood outperforms linear probing.", "outperforms", "linear_probing.insert.ns)"),
    ("Zstd is better than gzip.", "better than", "beats(hash.zstd_ms, hash.gzip_ms)"),
    ("The old table is worse than the new one.", "worse than", "hash.new.find.ns, hash.old.find"),
    (
        f"With {{{{ {ROBIN} | num }}}} ns it is faster than std::map.",
        "faster than",
        f"beats({ROBIN}, {MAP})",
    ),
    (
        f"Robin Hood is faster than the {{{{ {MAP} | num }}}} ns of the tree.",
        "faster than",
        f"beats({ROBIN}, {MAP})",
    ),
    ("Robin Hood ist schneller als std::map.", "schneller als", f"beats({ROBIN}, {MAP})"),
]


@pytest.mark.parametrize(("text", "said", "claim"), GUILTY, ids=[g[0][:40] for g in GUILTY])
def test_a_comparison_with_nothing_behind_it_is_said(text: str, said: str, claim: str) -> None:
    """With its words, its line, and the assertion that would hold it, the better one first."""
    (problem,) = problems(text)
    assert problem.message.startswith(f'nothing asserts "{said}" in: ')
    assert problem.where == Source(FILE, 3)
    assert claim in problem.hint


INNOCENT = [
    "Is Robin Hood faster than std::map?",
    "Nobody knows whether Robin Hood is faster than std::map.",
    "Robin Hood isn't faster than std::map on every machine.",
    "Robin Hood should be faster than std::map.",
    "Robin Hood is faster than anything that we had before.",
    "A hash table is faster than a tree.",
    "Robin Hood and std::map are both faster than the disk.",
    "We insert keys, which is better than a poll.",
    f"{{% if beats({ROBIN}, {MAP}) %}}Robin Hood is faster than std::map.{{% endif %}}",
    f'Robin Hood is {{{{ "faster than" | holds(beats({ROBIN}, {MAP})) }}}} std::map.',
    f"Robin Hood is {{{{ ratio({MAP}, {ROBIN}) | times }}}} times faster than std::map.",
    "The memory of yes is better than no.",
]


@pytest.mark.parametrize("text", INNOCENT, ids=[text[:40] for text in INNOCENT])
def test_no_other_sentence_is(text: str) -> None:
    """Questions, doubts, denials; one side that was not measured; what is asserted or shown."""
    assert [p.message for p in problems(text) if "asserts" in p.message] == []
