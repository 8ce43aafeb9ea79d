"""What the commands do with measurements: `build` alone runs something."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.measuring import Bench

from pipeline.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A talk of one slide that shows a number of one measurement; nothing was allowed yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = Bench(tmp_path / "talk")
    slides = made.root / "deck" / "slides"
    slides.mkdir(parents=True)
    (slides / "01-one.md").write_text(
        "---\nlayout: text\ntitle: One\n---\n\nInsert takes {{ hash.insert | count }} ns.\n"
    )
    made.script("print(f'insert: {40 + count} ns')\n")
    made.table('command = "PYTHON bench.py"')
    return made


def call(bench: Bench, *words: str) -> int:
    return main([*words, "--talk", str(bench.root)])


def deck(bench: Bench) -> str:
    return (bench.root / "out/speaker/index.html").read_text("utf-8")


def test_nothing_runs_before_somebody_said_yes(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does `check`, whoever is there."""
    assert call(bench, "build") == 1
    error = capsys.readouterr().err
    assert "wants to run on this machine for the first time" in error
    assert "hint: read it, then say --yes" in error
    assert call(bench, "check", "--no-browser") == 1
    assert "[measure.hash] was not measured yet" in capsys.readouterr().err
    assert bench.runs == 0


def test_a_build_runs_and_the_other_commands_show(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(bench, "build", "--yes") == 0
    assert ">41<" in deck(bench)
    assert "\nhash   run " in capsys.readouterr().err
    bench.script("print(f'insert: {50 + count} ns')\n")
    for words in (["check", "--no-browser"], ["why", "hash.insert"], ["time"]):
        call(bench, *words)
    assert bench.runs == 1
    assert call(bench, "build") == 0  # the command is the same: nobody is asked again
    assert ">52<" in deck(bench)
    assert call(bench, "build", "--measure", "hash") == 0
    assert (bench.runs, ">53<" in deck(bench)) == (3, True)


def test_a_run_is_pinned_by_its_name(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    call(bench, "build", "--yes")
    assert call(bench, "pin", "hsah") == 1
    assert "did you mean `hash`?" in capsys.readouterr().err
    assert call(bench, "pin", "hash") == 0
    assert "is pinned in deck/measured/hash.json" in capsys.readouterr().err
    bench.script("print('insert: 99 ns')\n")
    assert call(bench, "build") == 0
    assert ">41<" in deck(bench)
    assert call(bench, "pin", "--undo") == 0
    assert call(bench, "build") == 0
    assert ">99<" in deck(bench)


def test_frozen_shows_what_is_kept(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    call(bench, "build", "--yes")
    bench.script("print('insert: 99 ns')\n")
    assert call(bench, "build", "--frozen") == 0
    assert "since then changed: bench.py" in capsys.readouterr().err
    assert (bench.runs, ">41<" in deck(bench)) == (1, True)


def test_diff_lists_what_another_run_reads(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last two runs of a measurement, a run by its id, and one that was only run again."""
    call(bench, "build", "--yes")
    assert call(bench, "diff", "hash") == 1
    assert "there is only one run of hash" in capsys.readouterr().err
    assert call(bench, "build", "--measure", "hash") == 0
    capsys.readouterr()
    assert call(bench, "diff") == 0
    out = capsys.readouterr().out
    assert out.startswith("hash: run ")
    assert "1 sentence changed" in out
    assert "    - Insert takes 41 ns.\n    + Insert takes 42 ns." in out
    first, last = out.partition("run ")[2].partition(":")[0].split(" -> run ")
    assert call(bench, "diff", "hash", last, first) == 0
    assert "    - Insert takes 42 ns.\n    + Insert takes 41 ns." in capsys.readouterr().out
    assert call(bench, "diff", "nothing") == 1
    assert "there is no run `nothing`" in capsys.readouterr().err


def test_each_place_of_a_value_that_vanished_is_named(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """By all that make pages; the last good deck stays."""
    slide = bench.root / "deck" / "slides" / "01-one.md"
    slide.write_text(f"{slide.read_text()}\nTwice: {{{{ hash.insert | num }}}} ns.\n")
    call(bench, "build", "--yes")
    bench.script("print(f'find: {40 + count} ns')\n")
    capsys.readouterr()
    for words in (["build"], ["check", "--no-browser"], ["publish"]):
        assert call(bench, *words) == 1
        error = capsys.readouterr().err
        assert error.count("has no `insert`") == 2, words
        assert "01-one.md:6" in error
        assert "01-one.md:8" in error
    assert ">41<" in deck(bench)
