"""Whom a wrong number concerns: the audience on the pages, or the speaker in script and notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up
from support.measured import two_measurements
from support.second_talk import write_pinned_copy

from pipeline.checks.numbers import check_numbers, staleness_problems
from pipeline.config import load_config

TYPED = "The fine-tuned model reaches an F1 of 0.123 on the test messages."


@pytest.mark.parametrize(
    ("place", "concerns"),
    [
        ("deck/slides/03-*.md", "pages"),
        ("script/voiceover.md", "script"),
        ("deck/slides/04-*.md", "script"),
    ],
)
def test_a_number_that_contradicts_the_run_concerns_who_sees_or_says_it(
    tmp_path: Path, place: str, concerns: str
) -> None:
    """On a slide it holds back a publication; in the script or in a slide's notes it doesn't."""
    root = write_pinned_copy(tmp_path / "talk")
    (path,) = root.glob(place)
    text = path.read_text("utf-8")
    if path.name.startswith("03"):
        text = text.replace("title: ", f"source: {TYPED}\ntitle: ", 1)
    elif path.name.startswith("04"):
        text += f"\n::: notes\n{TYPED}\n:::\n"
    else:
        text = text.replace("]\n\n", f"]\n\n{TYPED}\n\n", 1)
    path.write_text(text, "utf-8")
    found = check_numbers(load_config(root), made_up(), claims=False).problems
    wrong = [problem for problem in found if "0.123" in problem.message]
    assert [(problem.is_error, problem.concerns) for problem in wrong] == [(True, concerns)]


def test_a_run_that_no_longer_fits_concerns_the_pages() -> None:
    """Its numbers are shown there."""
    (problem,) = staleness_problems(two_measurements("bench.py"))
    assert problem.concerns == "pages"
