"""What a measurement depends on is known by name, before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.measuring import Bench

from pipeline.hashes import sha256_of
from pipeline.measure.plan import changed_since, inputs_of, plan_of


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    for name in ("bench.py", "data/a.csv", "data/deep/b.csv", "tool.bin", "uv.lock", "made.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return made


def inputs(bench: Bench, table: str) -> list[str]:
    bench.table(table)
    return [label for label, _ in inputs_of(bench.config, "hash")]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ('["data/*.csv"]', ["data/a.csv"]),
        ('["data/**/*.csv"]', ["data/a.csv", "data/deep/b.csv"]),
        ('["data"]', ["data/a.csv", "data/deep/b.csv"]),
        ('["uv.lock", "*.lock", "./uv.lock"]', ["uv.lock"]),
        ('["made.json", "uv.lock"]', ["made.json", "uv.lock"]),
        ('["none/*"]', ["none/*"]),
    ],
)
def test_inputs_are_files_each_once(bench: Bench, patterns: str, names: list[str]) -> None:
    """A glob, a folder, a name; a glob that matches none stands for itself."""
    assert inputs(bench, f'command = "true"\ninputs = {patterns}') == names


def test_what_is_made_is_no_input(bench: Bench) -> None:
    """Nor what the command writes: a run would make itself stale."""
    for name in (".cache/x", "out/measured/hash.json", "__pycache__/bench.pyc", ".git/HEAD"):
        path = bench.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    table = 'command = "true"\noutput = "made.json"\ninputs = ["**/*"]'
    found = inputs(bench, table)
    assert found == [
        "bench.py",
        "data/a.csv",
        "data/deep/b.csv",
        "talk.toml",
        "tool.bin",
        "uv.lock",
    ]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("python3 bench.py --out made.json", ["bench.py"]),
        ("python3 ./bench.py", ["bench.py"]),
        ("./tool.bin bench.py", ["tool.bin"]),
        ("make tool.bin", []),
        ("cat uv.lock", []),
        ("python3 -m bench", []),
        ("/usr/bin/env python3 missing.py", []),
    ],
)
def test_the_script_that_a_command_names_is_an_input(
    bench: Bench, command: str, names: list[str]
) -> None:
    """Other files that it names may be what it writes."""
    assert inputs(bench, f'command = "{command}"') == names


def test_a_shell_has_more_than_words(bench: Bench) -> None:
    command = 'command = "true;python3 bench.py>made.json;cat made.json"'
    assert inputs(bench, f"{command}\nshell = true") == ["bench.py"]


def test_a_file_called_as_a_setting_is_kept_apart(bench: Bench) -> None:
    (bench.root / "command").write_text("x")
    bench.table('command = "true"\ninputs = ["command"]')
    plan = plan_of(bench.config, "hash", sha256_of)
    assert list(plan.fingerprint) == ["command", "repeats", "./command"]


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ('command = "false"', ("command",)),
        ('command = "true"\nrepeats = 3', ("repeats",)),
        ('command = "true"\nshell = true', ("shell",)),
        ('command = "true"\noutput = "x.json"', ("output",)),
        ('command = "true"\nformat = "json"', ("format",)),
        ('command = "true"\ninputs = ["uv.lock"]', ("uv.lock",)),
        ('command = "true"\nlimit = "1 h"\nabout = "x"\nvalues."*".unit = "ns"', ()),
    ],
)
def test_what_changed_is_said_by_name(bench: Bench, table: str, changed: tuple[str, ...]) -> None:
    """What is known of values, and how long a run may take, change nothing."""
    bench.table('command = "true"')
    before = plan_of(bench.config, "hash", sha256_of)
    bench.table(table)
    after = plan_of(bench.config, "hash", sha256_of)
    assert changed_since(before.fingerprint, after.fingerprint) == changed
    assert (before.id == after.id) == (not changed)
