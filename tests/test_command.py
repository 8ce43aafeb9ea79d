"""Messages name the command as it was called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.needs import ROOT

from pipeline import __version__, command
from pipeline.cli import main
from pipeline.cli.options import talk_here
from pipeline.cli.terminal import say
from pipeline.problems import TalkError
from pipeline.starter import write_new_talk

CALLED = {
    "build.py": "python build.py",
    "/a/checkout/build.py": "python build.py",
    "/a/venv/bin/talkwright": "talkwright",
    "talkwright.exe": "talkwright",
    str(ROOT / "pipeline" / "__main__.py"): "python -m pipeline",
    "/another/__main__.py": "python build.py",  # a program that uses a checkout
}


@pytest.mark.parametrize("program", CALLED)
def test_the_command_is_named_as_it_was_called(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its program; in a checkout, any other program is told of build.py."""
    monkeypatch.setattr(sys, "argv", [program])
    assert command.called() == CALLED[program]


def test_where_there_is_no_checkout_the_installed_command_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In an installed package there is no build.py, and no folder to install extras from."""
    monkeypatch.setattr(command, "CHECKOUT", False)
    assert command.called() == "talkwright"
    assert command.install("publish") == 'pip install "talkwright[publish]"'


def test_the_installed_command_knows_no_talk_but_that_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`talkwright` in an empty folder says how to begin, and builds no talk from elsewhere."""
    monkeypatch.setattr(sys, "argv", ["talkwright"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TalkError) as caught:
        talk_here()
    assert "`talkwright new my-talk`" in caught.value.hint


def test_commands_in_messages_name_the_talk_that_was_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is copied from a hint works on the same talk; without `--talk` it names none."""
    monkeypatch.setattr(sys, "argv", ["talkwright"])
    told = "`talkwright`, `talkwright pin x --undo`, `talkwright new a`, `talkwright why --help`"
    with command.called_with(tmp_path / "my talk"):
        say(told)
    named = f"--talk '{tmp_path / 'my talk'}'"
    assert capsys.readouterr().err == (
        f"`talkwright {named}`, `talkwright pin x --undo {named}`, `talkwright new a`, "
        "`talkwright why --help`\n"
    )
    say(told)
    assert capsys.readouterr().err == f"{told}\n"


def test_an_error_names_the_talk_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its hint, on a talk that was written a moment ago."""
    write_new_talk(tmp_path / "talk", "measure")
    assert main(["check", "--no-browser", "--talk", str(tmp_path / "talk")]) == 1
    assert f"run `python build.py --talk {tmp_path / 'talk'}` once" in capsys.readouterr().err


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` names the command and the version, whatever the folder holds."""
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"talkwright {__version__}\n"


def test_the_package_runs_as_the_command(tmp_path: Path) -> None:
    """`python -m pipeline` is the same command, and its help says so."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "time", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "usage: python -m pipeline time" in done.stdout
    assert "\n  python -m pipeline time --slot 42" in done.stdout


def test_a_folder_is_named_as_a_shell_takes_it() -> None:
    """Hints are copied into a terminal."""
    assert command.typed(Path("my-talk")) == "my-talk"
    assert command.typed(Path("my talk; $x")) == "'my talk; $x'"
    assert command.typed(Path("-x")) == f".{os.sep}-x"
