"""One command in a process group of its own: what it prints, how it ends, and that it ends.

The group is ended with the command: at its limit, on Ctrl-C, on SIGTERM and SIGHUP, and where the
command left something running. So is, on Linux, what left the group for a session of its own: all
that a command starts inherits a mark in its environment.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Literal

import msgspec

from pipeline.files import write_whole

MOST_PRINTED = 64 * 2**20  # bytes of stdout
LAST_LINES = 12  # that an error shows
LONGEST_LINE = 200
GRACE_S = 3.0  # from "please end" to the end
_TICK_S = 0.1
_SETTLE_S = 0.5  # for what the command printed last, and for helpers that end with it
_CHUNK = 2**16
_FULL = 64  # chunks that wait to be read; then the command waits
_MARK = "STARTED_BY_BUILD"  # a variable with a value of its own for each command
_NONE = -1  # no group
_ENDED = "ZX"  # states of a process that waits to be counted, or is gone
_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

Stopped = Literal["", "limit", "printed"]


class Ended(msgspec.Struct, frozen=True):
    """How a command ended."""

    status: int  # its exit status; negative: the signal that ended it
    seconds: float
    last: tuple[str, ...]  # the last lines of what it said
    stopped: Stopped = ""  # why it was ended before it was done
    left_running: bool = False  # it left processes in its group, which were ended
    is_held: bool = False  # a process that can't be found still holds what it prints to


class Command(msgspec.Struct, frozen=True):
    """What is run, where, and for how long at most."""

    words: str | Sequence[str]  # a text only for a shell
    folder: Path
    limit_s: float
    shell: bool = False
    shows_stdout: bool = False  # its lines on stdout are heard, too
    environment: Mapping[str, str] | None = None  # None: the user's
    note: Path | None = None  # which process it is, while it runs: for `end_left`


def run(
    command: Command, printed: Path, heard: Callable[[str], None], tick: Callable[[], None]
) -> Ended:
    """Run a command; what it prints to stdout is in the file `printed` then.

    `heard` gets its lines on stderr as they come, `tick` is called ten times a second. Raises
    OSError where it can't be started; whatever else is raised, the command has been ended.
    """
    lines, mark = _Lines(heard), secrets.token_hex(16)
    with printed.open("wb") as file, _ended_by_signals() as released:
        began = time.monotonic()
        process = subprocess.Popen(
            command.words,
            shell=command.shell,
            cwd=command.folder,
            env={
                **(os.environ if command.environment is None else command.environment),
                _MARK: mark,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            released()
            if command.note:
                write_whole(command.note, f"{process.pid} {_born(process.pid)} {mark}")
            output = _Output(process)
            stopped = _follow(command, process, output, file, lines, tick)
            seconds = time.monotonic() - began
        finally:
            left = _end_all(process, mark)
            if command.note:
                command.note.unlink(missing_ok=True)
        lines.end()
        is_held = not stopped and not output.closes(_SETTLE_S)
        return Ended(process.returncode, seconds, lines.last, stopped, left, is_held)


def _follow(
    command: Command,
    process: subprocess.Popen[bytes],
    output: _Output,
    file: IO[bytes],
    lines: _Lines,
    tick: Callable[[], None],
) -> Stopped:
    """Read what a command prints until it has ended; or why it has to be ended."""
    began, size, ended = time.monotonic(), 0, 0.0
    while not (output.is_closed and process.poll() is not None):
        if output.is_closed:  # it closed its output and goes on
            time.sleep(_TICK_S / 10)
        name, chunk = ("", b"") if output.is_closed else output.next(_TICK_S)
        if name == "stdout":
            file.write(chunk[: max(0, MOST_PRINTED - size)])
            size += len(chunk)
        if chunk and (name == "stderr" or command.shows_stdout):
            lines.add(name, chunk)
        now = time.monotonic()
        if size > MOST_PRINTED:
            return "printed"
        if process.poll() is None:
            if now - began > command.limit_s:
                return "limit"
        else:  # what it left behind may hold its output
            is_late = now - began > command.limit_s
            ended = now if not ended or (chunk and not is_late) else ended
            if now - ended > _SETTLE_S:
                break
        tick()
    return ""


class _Output:
    """What a process prints, chunk by chunk; threads read it, as pipes are waited for."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._chunks: queue.Queue[tuple[str, bytes]] = queue.Queue(_FULL)
        self._open = {"stdout", "stderr"}
        for name in sorted(self._open):
            arguments = name, getattr(process, name)
            threading.Thread(target=self._read, args=arguments, daemon=True).start()

    @property
    def is_closed(self) -> bool:
        return not self._open and self._chunks.empty()

    def closes(self, wait_s: float) -> bool:
        """Whether nobody holds it any more after this time; what comes now is passed over."""
        limit = time.monotonic() + wait_s
        while not self.is_closed and time.monotonic() < limit:
            self.next(_TICK_S)
        return self.is_closed

    def next(self, wait_s: float) -> tuple[str, bytes]:
        """The next chunk and where it came from; two empty ones where none comes in this time."""
        try:
            name, chunk = self._chunks.get(timeout=wait_s)
        except queue.Empty:
            return "", b""
        if not chunk:
            self._open.discard(name)
        return name, chunk

    def _read(self, name: str, stream: IO[bytes]) -> None:
        chunk = b" "
        while chunk:
            try:
                chunk = os.read(stream.fileno(), _CHUNK)
            except (OSError, ValueError):
                chunk = b""
            self._chunks.put((name, chunk))


class _Lines:
    """Chunks of bytes as lines; the last ones are kept."""

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard
        self._begun = {"stdout": b"", "stderr": b""}
        self._last: deque[str] = deque(maxlen=LAST_LINES)

    @property
    def last(self) -> tuple[str, ...]:
        return tuple(self._last)

    def add(self, name: str, chunk: bytes) -> None:
        whole = self._begun[name] + chunk
        *lines, rest = whole.replace(b"\r", b"\n").split(b"\n")
        self._begun[name] = rest[-4 * LONGEST_LINE :]
        for line in lines:
            self._line(line)

    def end(self) -> None:
        for rest in self._begun.values():
            self._line(rest)

    def _line(self, raw: bytes) -> None:
        text = raw[: 4 * LONGEST_LINE].decode("utf-8", "replace")
        text = "".join(sign if sign.isprintable() else " " for sign in text).strip()
        if text:
            text = text[:LONGEST_LINE]
            self._last.append(text)
            self._heard(text)


def _end_all(process: subprocess.Popen[bytes], mark: str) -> bool:
    """End a command and what it started; whether it had ended itself and left something."""
    if not hasattr(os, "killpg"):
        process.kill()
        process.wait()
        return False
    left = process.poll() is not None
    if left and not _outlasts(process.pid, mark, _SETTLE_S):
        return False
    try:
        _signal(process.pid, mark, signal.SIGTERM)
        limit = time.monotonic() + GRACE_S
        while time.monotonic() < limit and (process.poll() is None or _lives(process.pid, mark)):
            time.sleep(_TICK_S / 5)
    finally:  # a second Ctrl-C waits no longer
        _kill(process.pid, mark)
        process.wait()
    if _outlasts(process.pid, mark, _SETTLE_S):  # one that was just being started
        _kill(process.pid, mark)
    return left


def end_left(note: Path) -> bool:
    """End the command that a killed process of ours left running; whether there was one.

    It is known by its number and the time of its start, what it started by its mark: no other
    process is ended.
    """
    try:
        number, born, mark = note.read_text("utf-8").split()
        group = int(number)
    except (OSError, ValueError):
        return False
    note.unlink(missing_ok=True)
    if group < 2 or _born(group) != born:
        group = _NONE
    if not _lives(group, mark):
        return False
    _signal(group, mark, signal.SIGTERM)
    if _outlasts(group, mark, GRACE_S):
        _kill(group, mark)
    return True


def _born(process: int) -> str:
    """When a process was started, in the system's own count; empty where it doesn't say."""
    with contextlib.suppress(OSError, IndexError):
        return _stat(process)[19]
    return ""


def _stat(process: int) -> list[str]:
    """What the system says of a process from its state on: proc(5), field 3."""
    stat = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    return stat.rpartition(")")[2].split()


def _outlasts(group: int, mark: str, wait_s: float) -> bool:
    """Whether processes of a command are there for so long."""
    limit = time.monotonic() + wait_s
    while _lives(group, mark):
        if time.monotonic() > limit:
            return True
        time.sleep(_TICK_S / 10)
    return False


def _lives(group: int, mark: str) -> bool:
    """Whether a process of a group, or one with this mark, runs."""
    if Path("/proc/self/environ").exists():
        return any(True for _ in _running(group, mark))
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def _running(group: int, mark: str) -> Iterator[tuple[int, bool]]:
    """The processes of a group and those with a mark, and whether each is of the group.

    One that has ended and waits to be counted does not run.
    """
    sought = f"{_MARK}={mark}\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            number = int(process.name)
            stat = _stat(number)
            is_in = int(stat[2]) == group
            if stat[0] not in _ENDED and (is_in or sought in (process / "environ").read_bytes()):
                yield number, is_in


def _kill(group: int, mark: str) -> None:
    """Kill a command's processes, and wait until they have ended.

    One that is ending has lost its mark already: each is known by its number here.
    """
    ending = [number for number, _ in _running(group, mark)]
    _signal(group, mark, signal.SIGKILL)
    limit = time.monotonic() + _SETTLE_S
    while time.monotonic() < limit and any(map(_is_running, ending)):
        time.sleep(_TICK_S / 10)


def _is_running(process: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        return _stat(process)[0] not in _ENDED
    return False


def _signal(group: int, mark: str, which: int) -> None:
    for process in [number for number, is_in in _running(group, mark) if not is_in]:
        with contextlib.suppress(OSError):
            os.kill(process, which)
    if group > 1:
        with contextlib.suppress(OSError):
            os.killpg(group, which)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[Callable[[], None]]:
    """SIGTERM and SIGHUP end this process as an exception, so that the command is ended, too.

    Until what it yields is called they wait, and so does Ctrl-C: a command that is just being
    started would not be known.
    """
    waiting, holds = list[int](), True

    def leave(number: int, _: object) -> None:
        if holds:
            waiting.append(number)
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            raise SystemExit(128 + number)

    def release() -> None:
        nonlocal holds
        holds = False
        for number in waiting:
            leave(number, None)

    if threading.current_thread() is not threading.main_thread():
        yield release
        return
    numbers = list(_SIGNALS)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield release
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
