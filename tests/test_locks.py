"""Who writes is alone; the second one waits and says for whom, and nobody waits for the dead."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
from pathlib import Path

import pytest
from support.locked import let_go_when_asked
from support.needs import posix

from pipeline import locks
from pipeline.files import sweep
from pipeline.locks import BusyError, alone, used
from pipeline.problems import TalkError

pytestmark = posix


def test_the_second_says_who_holds_it_and_waits(tmp_path: Path) -> None:
    """Which process, since when, and what was typed; then it goes on."""
    said: list[str] = []
    with let_go_when_asked(tmp_path / "lock", said) as say, alone(tmp_path / "lock", "at it", say):
        pass
    form = rf"another build is at it now \(process {os.getpid()}, since \d\d:\d\d:\d\d: .+\): .+"
    assert re.fullmatch(form, said[0])
    assert "Ctrl-C" in said[0]


def test_who_does_not_wait_is_told_the_same(tmp_path: Path) -> None:
    with (
        alone(tmp_path / "lock", "at it"),
        pytest.raises(BusyError, match=f"at it now .process {os.getpid()}, since"),
        alone(tmp_path / "lock", "at it"),
    ):
        pass


def test_the_wait_can_be_ended(tmp_path: Path) -> None:
    """Ctrl-C where it says that it waits: nothing is held then."""

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with (
        alone(tmp_path / "lock", "at it"),
        pytest.raises(KeyboardInterrupt),
        alone(tmp_path / "lock", "at it", interrupt),
    ):
        pass
    with alone(tmp_path / "lock", "at it"):
        pass


def _hold_and_die(lock: Path) -> None:
    with alone(lock, "at it"):
        os.kill(os.getpid(), 9)


def test_a_lock_of_a_killed_process_is_nobodys(tmp_path: Path) -> None:
    """What it wrote is still in the file; the system has let go of the lock."""
    other = multiprocessing.get_context("fork").Process(
        target=_hold_and_die, args=(tmp_path / "lock",)
    )
    other.start()
    other.join()
    assert f"process {other.pid}" in (tmp_path / "lock").read_text()
    with alone(tmp_path / "lock", "at it"):
        pass
    assert not (tmp_path / "lock").exists()


def test_a_lock_that_was_removed_is_made_again(tmp_path: Path) -> None:
    """Whoever holds it removes its folder; a third one would not meet the second's lock."""
    lock, said = tmp_path / "out" / "lock", list[str]()
    with let_go_when_asked(lock, said) as say:
        shutil.rmtree(lock.parent)
        lock.parent.mkdir()
        with (
            alone(lock, "at it", say),
            pytest.raises(BusyError),
            alone(lock, "at it"),
        ):
            pass


def test_where_there_are_no_locks_nobody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network's file system says ENOLCK: two builds at once are left to the speaker."""

    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(locks.fcntl, "flock", refuse)
    with alone(tmp_path / "lock", "at it"), alone(tmp_path / "lock", "at it"):
        pass


def test_a_note_of_others_moves_no_cursor(tmp_path: Path) -> None:
    with alone(tmp_path / "lock", "at it"):
        (tmp_path / "lock").write_bytes(b"x\n\x1b[2J\xff" + b"a" * 9999)
        with pytest.raises(TalkError) as caught, alone(tmp_path / "lock", "at it"):
            pass
    assert "\\x1b[2J" in caught.value.problem.shown()
    assert len(caught.value.message) < 300


def test_who_is_alone_sweeps(tmp_path: Path) -> None:
    """What killed ones left goes; where others work, it may be theirs."""
    part, folder = tmp_path / "a" / ".x.json.abcd_123.part", tmp_path / ".model.part"
    part.parent.mkdir()
    with used(tmp_path, sweep):
        part.write_text("x")
        folder.mkdir()
        with used(tmp_path, sweep):
            assert part.exists()
            assert folder.exists()
    with used(tmp_path, sweep):
        assert not part.exists()
        assert not folder.exists()


def test_a_folder_that_can_not_be_written_is_used_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with used(tmp_path / "file", sweep):
        pass
