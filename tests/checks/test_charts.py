"""Charts in slides as the checks see them: uses, what a new run changes, words, typed numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.measured import two_measurements
from support.second_talk import SETTINGS

from pipeline.checks.diff import diff_runs
from pipeline.checks.media import media_problems
from pipeline.checks.numbers import check_numbers
from pipeline.checks.uses import SHOWN, uses_of
from pipeline.config import Config, load_config
from pipeline.measured import Value
from pipeline.numbers.fill import Numbers
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import read_slides

CHART = """\
---
layout: figure
title: Insertion
---
::: left
```chart
kind: bars
values: hash.*.insert.ns
title: Of {{ hash.keys | count }} keys
```
:::
"""
LINE = 8


@pytest.fixture
def talk(tmp_path: Path) -> Config:
    """A talk of one slide with a chart."""
    (tmp_path / "deck" / "slides").mkdir(parents=True)
    (tmp_path / "talk.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "deck" / "slides" / "01-one.md").write_text(CHART, "utf-8")
    return load_config(tmp_path)


def test_values_in_a_chart_are_used_on_its_slide(talk: Config) -> None:
    """Each with the line that names them, as `why` lists it; the one in its title too."""
    uses = uses_of(talk, two_measurements())
    assert {(u.paths[0], u.text, u.source.line) for u in uses if u.how == SHOWN} == {
        ('hash["std::map"].insert.ns', "214", LINE),
        ("hash.keys", "1,000,000", LINE + 1),
        ("hash.robin_hood.insert.ns", "20.5", LINE),
    }


def test_a_new_run_changes_what_a_chart_says(talk: Config) -> None:
    """Old and new, with the line that names its values."""
    new = two_measurements(robin_hood={"insert": {"ns": Value(19.5, unit="ns")}})
    (change,) = diff_runs(talk, two_measurements(), new)
    assert change.source.line == LINE
    assert "robin hood 20.5" in change.old
    assert "robin hood 19.5" in change.new


def test_a_value_that_vanished_is_named_with_its_line(talk: Config) -> None:
    """Where pages can't be made, each chart that misses one is said."""
    text = CHART.replace("hash.*.insert.ns", "hash.robin_hood.insert.ns")
    path = talk.root / "deck" / "slides" / "01-one.md"
    path.write_text(text, "utf-8")
    gone = two_measurements(robin_hood={})
    (problem,) = check_numbers(talk, gone).problems
    assert problem.where is not None
    assert problem.where.line == LINE
    assert problem.message == "hash.robin_hood has no `insert`"


def test_typed_numbers_in_a_charts_words_are_counted(talk: Config) -> None:
    """A copy of a measured share in its title is one in any text; its settings are none."""
    path = talk.root / "deck" / "slides" / "01-one.md"
    text = CHART.replace("title: Of", "from: 62\ntitle: 62.0% said yes of")
    path.write_text(text, "utf-8")
    numbers = check_numbers(talk, two_measurements()).census.numbers
    assert [n.text for n in numbers if n.kind == "slide" and n.status != "bound"] == ["62.0%"]


def test_a_chart_without_words_is_said(talk: Config) -> None:
    """As a picture without words is."""
    folder = talk.root / "deck" / "slides"
    slides = read_slides(folder, load_layouts(), Numbers(two_measurements())).shown
    (problem,) = media_problems(slides, {})
    assert problem.message == "the chart has no words for who can't see it"
    assert problem.where is not None
    assert problem.where.line == LINE - 2
