"""The talks under examples/: built, checked and published as their reader would, by the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from support.browsing import axe_on_slides, slide_names
from support.needs import need

from pipeline.export.chromium import find_browser

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/talk.toml"))

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def run(command: str, talk: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = [command] if command else []
    # Each has data of its own, whatever else is named for this machine's builds.
    environment = {key: value for key, value in os.environ.items() if key != "TALK_DATA"}
    return subprocess.run(
        [sys.executable, "build.py", *words, "--talk", talk, "--out", out, *more],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def model_for(talk: Path, folder: Path) -> list[str]:
    """Options that have a talk's experiment train a tiny model, if it has one."""
    if "[experiment]" not in (talk / "talk.toml").read_text("utf-8"):
        return []
    need(find_spec("torch"), "torch")
    from support.tiny_model import make_model

    return ["--model", str(make_model(folder / "model"))]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda talk: talk.name)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a talk's three commands made: nothing is wrong, no slide overflows, nothing leaks."""
    need(find_browser(), "Chromium")
    out = tmp_path_factory.mktemp(request.param.name)
    # A copy: its cache is empty, so that each slide is measured, and each measurement made.
    talk = shutil.copytree(request.param, out / "talk", ignore=shutil.ignore_patterns(".cache"))
    built = run("", talk, out, "--yes", *model_for(talk, out))
    assert built.returncode == 0, built.stderr
    checked = run("check", talk, out)
    assert checked.returncode == 0, checked.stderr
    assert "measuring" in checked.stderr
    assert "error" not in checked.stderr
    published = run("publish", talk, out, "--single-file", "--pdf")
    assert published.returncode == 0, published.stderr
    return out


def test_an_example_is_built_checked_and_published(example: Path) -> None:
    """Its site has the deck, the deck as one file and as PDF."""
    names = {path.name for path in (example / "public").iterdir()}
    assert {"index.html", "offline.html", "slides.pdf"} <= names


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_slide(browser: Any, example: Path, theme: str) -> None:
    """No rule of axe is violated on any slide with all its steps, best practice too."""
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page.goto(f"{(example / 'public' / 'index.html').as_uri()}?theme={theme}")
    page.wait_for_selector("html[data-ready]")
    assert len(slide_names(page)) >= 7
    assert axe_on_slides(page) == []
    page.close()


def test_there_are_four_examples() -> None:
    """Notes alone, a script, a benchmark that is run, a classifier with three labels."""
    names = ["bikeshop", "hashtabellen", "nanosecond", "sauerteig"]
    assert [talk.name for talk in EXAMPLES] == names
