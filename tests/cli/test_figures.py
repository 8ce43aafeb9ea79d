"""Own charts and a run's pictures from the command line: asked, drawn, stale, pinned, published."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from support.second_talk import write_second_talk

from pipeline.cli import main

pytestmark = pytest.mark.slow

BENCH = """\
import json
print(json.dumps({"rows": [{"load": 0.5, "ns": 20}, {"load": 0.9, "ns": 97}], "keys": 1000}))
with open("plot.svg", "w") as file:
    file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30">'
               '<rect width="30" height="20"/></svg>')
"""
FIGURE = '''\
"""Insertion by load factor."""


def draw(chart, values):
    """An insertion takes longer as the table fills."""
    rows = values.hash.rows
    chart.axes.plot(rows.load, rows.ns, "o-")
    chart.mark(rows[-1].load, rows[-1].ns, rows[-1].ns, f"{rows[-1].ns:.0f} ns", (0, 12))
'''
SLIDE = """\
---
layout: figure
title: A full table
---
::: left
![](figure:load)
:::
::: right
![What the benchmark drew](measured/hash/plot.svg)
:::
"""


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    root = write_second_talk(tmp_path / "talk")
    (root / "bench.py").write_text(BENCH, "utf-8")
    with (root / "talk.toml").open("a", encoding="utf-8") as file:
        python = Path(sys.executable).as_posix()
        file.write(f'\n[measure.hash]\ncommand = "{python} bench.py"\ninputs = ["bench.py"]\n')
        file.write('pictures = ["plot.svg"]\n')
    (root / "deck" / "slides" / "02-steps.md").write_text(SLIDE, "utf-8")
    (root / "deck" / "figures").mkdir()
    (root / "deck" / "figures" / "load.py").write_text(FIGURE, "utf-8")
    return root


def run(root: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit status of a command, and all that it said."""
    try:
        status = main([*arguments, "--talk", str(root)])
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def page(root: Path) -> str:
    return (root / "out" / "speaker" / "index.html").read_text("utf-8")


def test_a_figure_is_asked_for_drawn_and_marked(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody there to ask: nothing runs. With --yes it is drawn; an edit makes it stale by name."""
    status, said = run(talk, "build", capsys=capsys)
    assert (status, "nobody is here to allow" in said) == (1, True)
    status, said = run(talk, "build", "--yes", capsys=capsys)
    assert status == 0, said
    assert "python deck/figures/load.py" in said
    assert "figure load: drawn anew" in said
    assert 'data-at="hash.rows[1].ns"' in page(talk)
    assert "measured on " in page(talk)
    status, said = run(talk, "build", capsys=capsys)
    assert (status, "drawn anew" in said) == (0, False)
    status, said = run(talk, "check", "--no-browser", capsys=capsys)
    assert "figure" not in said
    _, said = run(talk, "why", "hash.rows[1].ns", capsys=capsys)
    assert "figure load  drawn: Insertion by load factor" in said

    figure = talk / "deck" / "figures" / "load.py"
    figure.write_text(FIGURE.replace("ns:.0f} ns", "ns:.1f} ns"), "utf-8")
    status, said = run(talk, "check", "--no-browser", capsys=capsys)
    assert status == 1
    assert "the figure `load` is stale: changed since it was drawn: deck/figures/load.py" in said
    status, said = run(talk, "build", "--frozen", capsys=capsys)
    assert (status, "drawn anew" in said) == (0, False)
    assert "stale: load.py" in page(talk)
    status, said = run(talk, "publish", capsys=capsys)
    assert (status, "nothing is published" in said) == (1, True)
    assert run(talk, "build", capsys=capsys)[0] == 0
    assert ">97.0 ns<" in page(talk)


def test_a_broken_figure_ends_the_build_with_its_line(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was shown before stays."""
    assert run(talk, "build", "--yes", capsys=capsys)[0] == 0
    before = page(talk)
    figure = talk / "deck" / "figures" / "load.py"
    figure.write_text(FIGURE.replace("rows.load", "rows.laod"), "utf-8")
    status, said = run(talk, "build", capsys=capsys)
    assert status == 1
    assert "load.py:7: hash.rows[0] has no `laod`" in said
    assert "hint: did you mean `load`?" in said
    assert "Traceback" not in said
    assert page(talk) == before


def test_a_pinned_run_carries_its_pictures(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere, without what was measured or drawn here, the run's picture is shown."""
    assert run(talk, "build", "--yes", capsys=capsys)[0] == 0
    assert run(talk, "pin", capsys=capsys)[0] == 0
    assert (talk / "deck" / "measured" / "hash" / "plot.svg").is_file()
    elsewhere = talk.parent / "elsewhere"
    shutil.copytree(talk, elsewhere, ignore=shutil.ignore_patterns("out", ".cache"))
    status, said = run(elsewhere, "build", "--frozen", capsys=capsys)
    assert status == 0, said
    assert "the figure `load` isn't drawn yet" in said
    assert list((elsewhere / "out" / "speaker" / "media").glob("plot-*.svg"))
