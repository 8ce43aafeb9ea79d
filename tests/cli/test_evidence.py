"""The command `evidence`, and what the others do with what it measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.evidence_kind import BREAKS
from support.killable import fork_workers
from support.made_up import made_up_results
from support.second_talk import write_second_talk
from support.tiny_model import make_model, write_messages

from pipeline.cli import main
from pipeline.experiment.evidence import kinds
from pipeline.results import write_results

pytestmark = pytest.mark.slow

TABLES = """
[experiment.data]
positive = "spam"
negative = "ham"

[evidence.amount]
question = "How many are enough?"
sizes = [2, 3]
seeds = 3
slide = "steps"
"""


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A talk with an experiment of many cells, that has not been run."""
    monkeypatch.setenv("CHROME_PATH", "/nowhere")
    monkeypatch.setitem(kinds.MODULES, "amount", "support.evidence_kind")
    fork_workers(monkeypatch)
    root = write_second_talk(tmp_path / "talk")
    with (root / "talk.toml").open("a", encoding="utf-8") as file:
        file.write(TABLES)
    write_results(made_up_results(), root / "deck" / "results.json")
    write_messages(root / "messages.tsv")
    make_model(root / "model")
    return root


def call(talk: Path, command: str, *words: str) -> int:
    return main([command, *words, "--talk", str(talk)])


def measure(talk: Path, *words: str) -> int:
    data = ["--data", str(talk / "messages.tsv"), "--model", str(talk / "model")]
    return call(talk, "evidence", *words, *data, "--jobs", "1")


def show(talk: Path, text: str) -> None:
    """Put a text on the second slide."""
    slide = talk / "deck" / "slides" / "02-steps.md"
    slide.write_text(f"---\nlayout: list\ntitle: Steps\n---\n::: items\n- {text}\n:::\n", "utf-8")


def test_it_is_listed_before_it_is_run(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its cells, about how long they take, its question and slide; nothing is measured."""
    assert call(talk, "evidence", "--list") == 0
    said = capsys.readouterr().out
    assert "amount" in said
    assert "How many are enough? (steps)" in said
    assert "together 6 cells, about" in said
    assert not (talk / ".cache" / "evidence").exists()


def test_what_was_never_run_is_false_and_a_value_of_it_names_the_command(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A talk builds without its evidence where a branch is for that; a bare value is an error."""
    show(talk, "{% if amount %}measured{% else %}not measured{% endif %}")
    assert call(talk, "build") == 0
    said = capsys.readouterr().err
    call_of_it = f"`python build.py evidence --talk {talk}`"
    assert f"amount was not measured yet, and no build does it: {call_of_it}" in said
    page = (talk / "out" / "speaker" / "index.html").read_text("utf-8")
    assert "not measured" in page
    show(talk, '{{ amount["3"].mean | num }}')
    assert call(talk, "build") == 1
    said = capsys.readouterr().err
    assert "amount was not measured yet" in said
    assert f"run `python build.py evidence amount --talk {talk}`: about" in said
    assert "02-steps.md:6" in said


def test_what_was_measured_is_shown_explained_pinned_and_let_go(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Placeholders, `why`, `pin` and `diff` treat evidence as any measurement."""
    assert measure(talk) == 0
    said = capsys.readouterr()
    assert "mean 0." in said.out
    show(talk, '{{ amount["3"].mean | num }} of {{ amount["3"].mean.n | count }}')
    assert call(talk, "build") == 0
    assert call(talk, "why", 'amount["3"].mean') == 0
    said = capsys.readouterr()
    for fact in (
        "How many are enough?",
        "messages.tsv",
        "talkwright evidence amount",
        "mean of",
    ):
        assert fact in said.out
    assert call(talk, "pin", "amount") == 0
    assert (talk / "deck" / "measured" / "amount.json").is_file()
    assert call(talk, "check") == 1  # made-up results are of other data, and typed by nobody
    assert "amount was measured with other data, messages.tsv" in capsys.readouterr().err
    (talk / "messages.tsv").unlink()  # a pinned one needs nothing of this machine
    assert call(talk, "build") == 0
    assert call(talk, "pin", "amount", "--undo") == 0
    shown = f"pages show what `python build.py evidence amount --talk {talk}` measured last"
    assert shown in capsys.readouterr().err


def test_it_needs_no_run_of_the_talk(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Measured before the first build, it is kept, and nothing is wrong."""
    (talk / "deck" / "results.json").unlink()
    assert measure(talk) == 0
    assert "is shown by the next build" in capsys.readouterr().err


def test_a_changed_grid_makes_it_stale(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` and `build` say what has changed and what to run; a new question changes nothing."""
    assert measure(talk) == 0
    show(talk, '{{ amount["3"].mean | num }}')
    settings = talk / "talk.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("How many are", "Are how many"), "utf-8"
    )
    capsys.readouterr()
    assert call(talk, "build") == 0
    assert "no longer fit" not in capsys.readouterr().err
    settings.write_text(settings.read_text("utf-8").replace("[2, 3]", "[2, 3, 4]"), "utf-8")
    assert call(talk, "build") == 0
    said = capsys.readouterr().err
    again = f"`python build.py evidence amount --talk {talk}`"
    assert f"amount no longer fits what is there now: {again}" in said
    assert "is stale: grid has changed since it was made" in said


def test_a_quick_run_takes_no_whole_ones_place(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is shown where there is nothing better, marked, never pinned; then the whole one stays."""
    shown = talk / "out" / "measured" / "amount.json"
    assert measure(talk, "--quick") == 0
    assert json.loads(shown.read_text())["run"]["fingerprint"]["quick"] == "yes"
    capsys.readouterr()
    assert call(talk, "pin", "amount") == 1
    assert "is a quick run, which is not kept for the deck" in capsys.readouterr().err
    show(talk, '{{ amount["2"].mean | num }}')
    assert call(talk, "build", "--allow-stale") == 0
    assert "is from a quick run" in capsys.readouterr().err
    assert measure(talk) == 0
    whole = shown.read_bytes()
    assert measure(talk, "--quick") == 0
    assert "pages show the whole one" in capsys.readouterr().err
    assert shown.read_bytes() == whole
    assert measure(talk) == 0
    assert shown.read_bytes() == whole


def test_a_failed_cell_is_status_1_and_too_much_is_2(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest is shown all the same; what nobody is there to confirm is not begun."""
    settings = talk / "talk.toml"
    whole = settings.read_text("utf-8")
    settings.write_text(whole.replace("[2, 3]", f"[3, {BREAKS}]"), "utf-8")
    assert measure(talk) == 1
    said = capsys.readouterr()
    assert f"failed   drawn: size {BREAKS}, seed 1: ZeroDivisionError: no luck" in said.err
    assert "run" in said.err
    assert "mean 0." in said.out
    many = ", ".join(map(str, range(20, 5020)))
    settings.write_text(whole.replace("[2, 3]", f"[{many}]"), "utf-8")
    assert measure(talk) == 2
    assert "15,000 cells take about" in capsys.readouterr().err


def test_an_unknown_name_has_a_hint(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest experiment is named."""
    assert call(talk, "evidence", "amout") == 1
    assert "did you mean `amount`?" in capsys.readouterr().err
