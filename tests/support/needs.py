"""What tests need and not everyone has, and the folder of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Signals, forks, scripts that stand in for programs, links: on Windows they are otherwise.
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals, forks or shell scripts")


def need(condition: object, reason: str) -> None:
    """Skip with a reason where something can't be had; fail where REQUIRE_ALL=1 demands it."""
    if condition:
        return
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, and {reason}")
    pytest.skip(reason)


def file_of(variable: str, what: str) -> Path:
    """A file or folder that only some have: the one that a variable of the environment names.

    Where none is named the test is skipped, under REQUIRE_ALL=1 too.
    """
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} isn't set; it names {what}")
    path = Path(named)
    if not path.exists():
        pytest.fail(f"{variable} names {what}, which isn't there: {path}")
    return path
