"""The talks under examples/: built, checked and published as their reader would, by the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.needs import need

from pipeline.export.chromium import find_browser

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/talk.toml"))

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def run(command: str, talk: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = [command] if command else []
    return subprocess.run(
        [sys.executable, "build.py", *words, "--talk", talk, "--out", out, *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("talk", EXAMPLES, ids=lambda talk: talk.name)
def test_an_example_is_built_checked_and_published(talk: Path, tmp_path: Path) -> None:
    """Nothing is wrong with an example: no slide overflows in either theme, nothing leaks."""
    need(find_browser(), "Chromium")
    built = run("", talk, tmp_path)
    assert built.returncode == 0, built.stderr
    checked = run("check", talk, tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "measuring" in checked.stderr
    assert "error" not in checked.stderr
    published = run("publish", talk, tmp_path, "--single-file", "--pdf")
    assert published.returncode == 0, published.stderr
    assert {"index.html", "offline.html", "slides.pdf"} <= {
        path.name for path in (tmp_path / "public").iterdir()
    }


def test_there_are_two_examples() -> None:
    assert [talk.name for talk in EXAMPLES] == ["nanosecond", "sauerteig"]
