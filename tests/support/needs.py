"""A skip that CI turns into a failure, the folder of the project, and the system's browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Without these Chromium looks for its maker's servers at each start.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def need(condition: object, reason: str) -> None:
    """Skip with a reason where something can't be had; fail where REQUIRE_ALL=1 demands it."""
    if condition:
        return
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, and {reason}")
    pytest.skip(reason)


def chromium_path() -> str | None:
    """The system's Chromium or Chrome, if there is one."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    return None
