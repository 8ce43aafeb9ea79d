"""Commands are run once for what they depend on; what they get wrong is one error."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest
from support.measuring import Bench, lives
from support.needs import posix

from pipeline import processes
from pipeline.measured import Value
from pipeline.problems import TalkError

LINES = "print(f'insert: {40 + count} ns')\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A script that prints one number, and a talk that runs it."""
    made = Bench(tmp_path)
    made.script(LINES)
    made.table('command = "PYTHON bench.py"')
    return made


def value_of(bench: Bench, name: str = "insert") -> Value:
    found = bench.shown().measurements["hash"].values[name]
    assert isinstance(found, Value)
    return found


def refused(bench: Bench) -> TalkError:
    with pytest.raises(TalkError) as caught:
        bench.measure()
    return caught.value


# --- Run once -----------------------------------------------------------------------------------


def test_what_it_prints_is_measured(bench: Bench) -> None:
    """With when, where and how it was made."""
    found = bench.measure().measurements["hash"]
    assert found.values == {"insert": Value(41, unit="ns")}
    run = found.run
    assert (run.command.endswith("bench.py"), run.form, run.repeats) == (True, "lines", 1)
    assert run.made.endswith("Z")
    assert "core" in run.machine
    assert list(run.fingerprint) == ["command", "repeats", "bench.py"]


def test_what_fits_is_never_run_again(bench: Bench) -> None:
    """Also after `touch`; nor does anything but a build run it."""
    bench.measure()
    (bench.root / "bench.py").touch()
    bench.measure()
    bench.shown()
    assert bench.runs == 1
    assert bench.said[-1].endswith("fits")


def test_one_changed_byte_makes_it_stale_by_name(bench: Bench) -> None:
    """A script that the command names is an input without being named as one."""
    bench.measure()
    with (bench.root / "bench.py").open("a") as file:
        file.write("#")
    assert bench.shown().changed == {"hash": ("bench.py",)}
    assert value_of(bench) == Value(41, unit="ns")
    bench.measure()
    assert bench.shown().changed == {}
    assert value_of(bench) == Value(42, unit="ns")


def test_an_older_run_that_fits_again_is_shown(bench: Bench) -> None:
    bench.measure()
    bench.table('command = "PYTHON bench.py more"')
    assert bench.shown().changed == {"hash": ("command",)}
    bench.measure()
    bench.table('command = "PYTHON bench.py"')
    bench.measure()
    assert (bench.runs, value_of(bench).value) == (2, 41)


def test_what_is_known_of_values_costs_no_run(bench: Bench) -> None:
    bench.measure()
    bench.table('command = "PYTHON bench.py"\nabout = "Insertion"')
    found = bench.measure().measurements["hash"]
    assert (bench.runs, found.run.about) == (1, "Insertion")


def test_one_is_run_again_where_that_is_asked_for(bench: Bench) -> None:
    bench.measure()
    bench.measure("hash")
    assert (bench.runs, value_of(bench).value) == (2, 42)
    assert not list(bench.root.glob(".cache/measured/hash/*.again"))
    with pytest.raises(TalkError, match=r"no \[measure\.hsah\]") as caught:
        bench.measure("hsah")
    assert caught.value.hint == "did you mean `hash`?"


def test_frozen_runs_nothing(bench: Bench) -> None:
    with pytest.raises(TalkError, match="--frozen runs nothing"):
        bench.measure(frozen=True)
    bench.measure()
    bench.script(LINES + "#")
    found = bench.measure(frozen=True)
    assert (bench.runs, found.changed) == (1, {"hash": ("bench.py",)})
    with pytest.raises(TalkError, match="--frozen runs nothing, --measure runs something"):
        bench.measure("hash", frozen=True)
    assert bench.runs == 1


def test_before_the_first_build_there_is_nothing_to_show(bench: Bench) -> None:
    with pytest.raises(TalkError, match="was not measured yet") as caught:
        bench.shown()
    assert caught.value.where is not None
    assert caught.value.where.line == 5


def test_what_one_measurement_writes_is_another_ones_input(bench: Bench) -> None:
    """They run in the order of talk.toml; a new result of the first makes the second stale."""
    bench.script("Path('raw.json').write_text('{\"insert\": %d}' % count)\n")
    (bench.root / "sum.py").write_text(
        "print('twice:', 2 * eval(open('raw.json').read())['insert'])"
    )
    bench.table(
        'command = "PYTHON bench.py"\noutput = "raw.json"\n\n[measure.sum]\n'
        'command = "PYTHON sum.py"\ninputs = ["raw.json"]'
    )
    assert bench.measure().measurements["sum"].values == {"twice": Value(2)}
    found = bench.measure("hash")
    assert found.measurements["sum"].values == {"twice": Value(4)}
    assert found.changed == {}


def test_the_first_failure_ends_the_build_and_what_was_measured_is_kept(bench: Bench) -> None:
    bench.table('command = "PYTHON bench.py"\n\n[measure.broken]\ncommand = "false"')
    assert "[measure.broken], `false`: it ended with status 1" in refused(bench).message
    assert "status 1" in refused(bench).message
    assert bench.runs == 1


# --- Repeats ------------------------------------------------------------------------------------


def test_repeats_give_the_median_and_an_interval(bench: Bench) -> None:
    bench.table('command = "PYTHON bench.py"\nrepeats = 5')
    bench.measure()
    found = value_of(bench)
    assert (found.value, found.n, found.repeats) == (43, 5, (41, 42, 43, 44, 45))
    assert found.low is not None
    assert found.low < 43
    assert "median of 5 runs" in found.how


def test_a_build_that_was_killed_goes_on_where_it_was(bench: Bench) -> None:
    """At the repeat that it was killed in; what was shown before stays until all are there."""
    bench.measure()
    bench.script("if count == 3: sys.exit(1)\n" + LINES)
    (bench.root / "runs").unlink()
    bench.table('command = "PYTHON bench.py"\nrepeats = 4')
    refused(bench)
    assert (bench.runs, value_of(bench).value) == (3, 41)
    bench.measure()
    assert bench.runs == 5
    assert value_of(bench).repeats == (41, 42, 44, 45)


# --- What goes wrong ----------------------------------------------------------------------------

BROKEN = [
    ("sys.exit(3)", "it ended with status 3", "the last good values stay"),
    ("sys.stderr.write('no such table\\n'); sys.exit(1)", "    | no such table", ""),
    ("", "what it printed is empty", "print values"),
    ("print('hello')", "`", ""),
    ("print('{\"a\": NaN}')", "NaN", ""),
    ("print('{\"a\": 1, ')", "bench.py`: ", ""),
    ("os.abort()", "ended by SIGABRT", ""),
    ("print('x' * 70_000_000)", "it printed more than 64 MiB", "`output`"),
]


@pytest.mark.parametrize(("code", "message", "hint"), BROKEN)
def test_what_a_command_gets_wrong_is_one_error(
    bench: Bench, code: str, message: str, hint: str
) -> None:
    """It names the measurement; the last good values stay."""
    bench.measure()
    bench.script(code)
    error = refused(bench)
    assert error.message.startswith("[measure.hash], `")
    assert message in error.message
    assert hint in error.hint
    assert value_of(bench).value == 41


@pytest.mark.parametrize(
    ("command", "message", "hint"),
    [
        ("no-such-program", "there is no program `no-such-program`", "install it"),
        ("bench.py", "there is no program `bench.py`", "write ./bench.py"),
        ("./bench.py", "`./bench.py` can't be run", "chmod +x ./bench.py"),
    ],
)
def test_a_command_that_is_not_there(bench: Bench, command: str, message: str, hint: str) -> None:
    bench.table(f'command = "{command}"')
    error = refused(bench)
    assert message in error.message
    assert hint in error.hint
    assert error.where is not None
    assert error.where.line == 6


@posix
def test_a_command_that_never_ends_is_ended(bench: Bench) -> None:
    """At its limit, with what it started."""
    bench.script(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "Path('child').write_text(str(child.pid))\n"
        "print('waiting', file=sys.stderr, flush=True)\ntime.sleep(60)\n"
    )
    bench.table('command = "PYTHON bench.py"\nlimit = "1 second"')
    error = refused(bench)
    assert "ended after 0:01\n    | waiting" in error.message
    assert "`limit` is 1 second" in error.hint
    assert not lives(int((bench.root / "child").read_text()))


@posix
def test_what_a_command_leaves_running_is_ended(bench: Bench) -> None:
    bench.script(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "Path('child').write_text(str(child.pid))\n" + LINES
    )
    bench.measure()
    assert not lives(int((bench.root / "child").read_text()))
    assert "hash: what the command left running was ended" in bench.said
    assert not any("session of its own" in line for line in bench.said)


def test_a_full_disk_is_told_as_that(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as a program that can't be started."""

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(processes, "run", full)
    assert "the disk has no room for what it prints" in refused(bench).message


@posix
def test_a_child_that_nobody_finds_keeps_nobody_waiting(bench: Bench) -> None:
    """One in a session of its own that gave up its environment, too."""
    bench.script(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '20'], start_new_session=True, env={})\n"
        "Path('child').write_text(str(child.pid))\n" + LINES
    )
    bench.measure()
    assert value_of(bench).value == 41
    assert any("session of its own" in line for line in bench.said)
    os.kill(int((bench.root / "child").read_text()), 9)


# --- What it writes -----------------------------------------------------------------------------


def test_an_output_that_was_there_before_is_no_result(bench: Bench) -> None:
    bench.table('command = "PYTHON bench.py"\noutput = "hash.json"')
    (bench.root / "hash.json").write_text('{"insert": 1}')
    bench.script("print('nothing written')")
    error = refused(bench)
    assert "did not write `hash.json`; the file there is from before" in error.message
    bench.script("Path('hash.json').write_text('{\"insert\": 1}')")
    bench.measure()
    assert value_of(bench) == Value(1)
    assert bench.shown().measurements["hash"].run.source == "hash.json"


@posix
def test_an_output_is_a_plain_file_of_the_talk(bench: Bench, tmp_path: Path) -> None:
    bench.table('command = "PYTHON bench.py"\noutput = "hash.json"')
    os.mkfifo(bench.root / "hash.json")
    assert "`hash.json` is no plain file" in refused(bench).message
    (bench.root / "hash.json").unlink()
    (bench.root / "hash.json").symlink_to("hash.json")
    assert "`hash.json` is no plain file" in refused(bench).message
    (bench.root / "hash.json").unlink()
    (bench.root / "hash.json").symlink_to("/tmp/elsewhere.json")
    assert "`hash.json` leads out of the talk's folder" in refused(bench).message
    assert bench.runs == 0


def test_pictures_are_kept_with_the_run(bench: Bench) -> None:
    bench.script("Path('plot.svg').write_text('<svg/>')\n" + LINES)
    bench.table('command = "PYTHON bench.py"\npictures = ["plot.svg"]')
    found = bench.measure().measurements["hash"]
    assert list(found.run.pictures) == ["plot.svg"]
    assert (bench.root / "out/measured/hash/plot.svg").read_text() == "<svg/>"


def test_what_changes_while_it_runs_is_said(bench: Bench) -> None:
    """The run is kept under what it began with: the next build measures again."""
    (bench.root / "data.csv").write_text("1\n")
    bench.script("Path('data.csv').write_text(str(count))\n" + LINES)
    bench.table('command = "PYTHON bench.py"\ninputs = ["data.csv"]')
    bench.measure()
    assert any("changed while it ran: data.csv" in line for line in bench.said)
    assert bench.shown().changed == {"hash": ("data.csv",)}


def test_an_input_that_is_not_there_is_named(bench: Bench) -> None:
    bench.table('command = "PYTHON bench.py"\ninputs = ["data/*.csv"]')
    error = refused(bench)
    assert error.message == "[measure.hash]: no file is `data/*.csv`"
    assert bench.runs == 0


@posix
def test_an_input_may_not_lead_out(bench: Bench) -> None:
    (bench.root / "data.csv").symlink_to("/etc/hostname")
    bench.table('command = "PYTHON bench.py"\ninputs = ["*.csv"]')
    assert "leads out of the talk's folder" in refused(bench).message


# --- Files --------------------------------------------------------------------------------------


def test_a_file_is_read_as_it_is_now(bench: Bench) -> None:
    """Nothing is run; a changed file shows at once."""
    (bench.root / "poll.csv").write_text("answer,count\nyes,3\nno,4\n")
    bench.table('file = "poll.csv"\nmade = 2026-11-01\nmachine = "a survey"')
    first = bench.shown().measurements["hash"]
    assert (first.run.made, first.run.machine, first.run.source) == (
        ("2026-11-01", "a survey", "poll.csv")
    )
    (bench.root / "poll.csv").write_text("answer,count\nyes,5\nno,4\n")
    second = bench.shown().measurements["hash"]
    assert first.run.id != second.run.id
    assert first.digest != second.digest


def test_a_file_that_is_not_there_is_named(bench: Bench) -> None:
    bench.table('file = "poll.csv"')
    with pytest.raises(TalkError, match="there is no file `poll") as caught:
        bench.shown()
    assert caught.value.where is not None
    assert caught.value.where.line == 6
