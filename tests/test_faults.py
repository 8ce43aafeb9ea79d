"""A command that is killed, or whose disk is full, at one of its steps: see benchmarks/faults.py.

A handful of steps here; `python -m benchmarks.faults --every 1` takes them all.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.needs import posix

from benchmarks.faults import Case, Kind, cases, limits

pytestmark = [posix, pytest.mark.slow]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """A talk before its build, and before its publication."""
    return {case.words[0]: case for case in cases(tmp_path_factory.mktemp("cases"))}


@pytest.mark.parametrize(
    ("command", "kind", "share"),
    [
        ("build", "kill", 0.6),
        ("build", "full", 0.9),
        ("publish", "kill", 0.97),
        ("publish", "full", 0.3),
    ],
)
def test_it_goes_on_as_if_nothing_had_happened(
    command: str, kind: Kind, share: float, known: dict[str, Case], tmp_path: Path
) -> None:
    """Whole pages stay, the same command makes the same bytes then, and nothing is left over."""
    case = known[command]
    assert case.steps > 30  # else nothing is watched
    assert case.faults(tmp_path / "room", kind, round(case.steps * share)) == []


def test_a_file_that_breaks_off_is_one_error(known: dict[str, Case], tmp_path: Path) -> None:
    """The system lets no file be longer than so many bytes: the page that is stays whole."""
    case = known["build"]
    (limit,) = limits(case, 1, seed=1)
    assert case.faults(tmp_path / "room", "short", limit) == []
