"""A command is run in a group of its own, and the group ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.measuring import lives
from support.needs import ROOT, posix

from pipeline import processes
from pipeline.processes import Command, Ended

pytestmark = posix


def run(folder: Path, *words: str, limit_s: float = 20, shows_stdout: bool = False) -> Ended:
    command = Command(words, folder, limit_s, shows_stdout=shows_stdout)
    return processes.run(command, folder / "printed", lambda _: None, lambda: None)


def shell(folder: Path, code: str, limit_s: float = 20) -> Ended:
    return run(folder, "sh", "-c", code, limit_s=limit_s)


def number_in(file: Path) -> int:
    """The number that a command writes into a file, as soon as it is there."""
    for _ in range(400):
        if file.is_file() and (text := file.read_text().strip()):
            return int(text)
        time.sleep(0.05)
    raise AssertionError(f"no {file.name}")


def test_what_it_prints_is_in_the_file_and_its_lines_are_kept(tmp_path: Path) -> None:
    ended = shell(tmp_path, "echo out; echo one >&2; printf 'two\\rthree' >&2")
    assert (ended.status, ended.stopped) == (0, "")
    assert ended.last == ("one", "two", "three")
    assert (tmp_path / "printed").read_bytes() == b"out\n"


def test_lines_hold_no_signs_that_move_a_cursor(tmp_path: Path) -> None:
    ended = shell(tmp_path, "printf '\\033[2Jred\\007\\n\\377' >&2")
    assert ended.last == ("[2Jred", "\ufffd")


def test_it_reads_nothing_from_the_terminal(tmp_path: Path) -> None:
    assert shell(tmp_path, "read line").status == 1


def test_a_command_that_ignores_the_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked first, and given some seconds."""
    monkeypatch.setattr(processes, "GRACE_S", 0.3)
    code = "trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done"
    ended = shell(tmp_path, code, limit_s=0.5)
    assert (ended.stopped, ended.status) == ("limit", -signal.SIGKILL)
    assert not lives(number_in(tmp_path / "pid"))


LEAVES = """
import os, signal, sys, time
from pathlib import Path
if not os.fork():
    os.setsid()
    if not os.fork():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Path("daemon").write_text(str(os.getpid()))
        time.sleep(60)
    os._exit(0)
while not Path("daemon").is_file():
    time.sleep(0.01)
time.sleep(float(sys.argv[1]))
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize(("lasts_s", "stopped"), [(60, "limit"), (0, "")])
def test_what_left_for_a_session_of_its_own_ends_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasts_s: int, stopped: str
) -> None:
    """At the limit, and where the command itself ended well; whoever its parent is by then."""
    monkeypatch.setattr(processes, "GRACE_S", 0.3)
    ended = run(tmp_path, sys.executable, "-c", LEAVES, str(lasts_s), limit_s=2)
    assert (ended.stopped, ended.left_running) == (stopped, not stopped)
    assert not lives(number_in(tmp_path / "daemon"))


def test_one_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    ended = shell(tmp_path, "exec >&- 2>&-; sleep 0.3; exit 7")
    assert ended.status == 7
    assert ended.seconds > 0.25


def test_a_flood_of_lines_is_read_on(tmp_path: Path) -> None:
    """However much it says, no more is kept than an error shows."""
    ended = shell(tmp_path, "yes 'a line' | head -c 20000000 >&2; echo the last >&2")
    assert len(ended.last) == processes.LAST_LINES
    assert ended.last[-1].endswith("the last")


STARTS = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from pipeline import processes
folder = Path(sys.argv[1])
command = processes.Command(
    ["sh", "-c", "sleep 60 & echo $! > child; echo $$ > pid; wait"], folder, 60,
    note=folder / "note",
)
try:
    processes.run(command, folder / "printed", lambda line: None, lambda: None)
except KeyboardInterrupt:
    sys.exit(130)
"""


def started(folder: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A process of ours that runs a command with a child; and these two."""
    ours = subprocess.Popen([sys.executable, "-c", STARTS, str(folder)])
    return ours, [number_in(folder / "pid"), number_in(folder / "child")]


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_it_ends_with_us(tmp_path: Path, sent: signal.Signals, status: int) -> None:
    """On Ctrl-C, where we are told to end, and where the terminal is closed."""
    ours, theirs = started(tmp_path)
    ours.send_signal(sent)
    assert ours.wait(20) == status
    assert [process for process in theirs if lives(process)] == []
    assert not (tmp_path / "note").exists()


def test_what_a_killed_process_left_is_found(tmp_path: Path) -> None:
    ours, theirs = started(tmp_path)
    ours.kill()
    ours.wait()
    assert all(lives(process) for process in theirs)
    assert processes.end_left(tmp_path / "note")
    assert [process for process in theirs if lives(process)] == []
    assert not processes.end_left(tmp_path / "note")


def test_a_process_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    """Numbers are given anew: only one that was started then is ours."""
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        for text in (f"{other.pid} 1 m", f"{other.pid} m", "1 1 m", "0 0 m", "-1 0 m", "x"):
            (tmp_path / "note").write_text(text)
            assert not processes.end_left(tmp_path / "note")
        assert other.poll() is None
    finally:
        os.killpg(other.pid, signal.SIGKILL)
        other.wait()
