"""One input read within bounds, and what it did: read, refused as a TalkError, or a fault."""

from __future__ import annotations

import contextlib
import resource
import signal
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.problems import TalkError
from support.fuzz.readers import Read

SECONDS = 1.0  # of processor time, for one input
BYTES = 500 * 2**20  # of memory, beyond what was there before


class LateError(BaseException):
    """It took too long. No reader may catch it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What an input did that it may not; those of one kind and place are one."""

    kind: str  # ValueError, late, memory, line
    place: str  # file:line of our code
    said: str


@contextlib.contextmanager
def within(seconds: float = SECONDS) -> Iterator[None]:
    """Raises LateError after so much processor time."""

    def late(*_: object) -> None:
        raise LateError

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def bound_memory() -> None:
    """This process gets so much and no more, from now on."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def fault_of(read: Read, path: Path, seconds: float = SECONDS) -> Fault | None:
    """What reading a file did that it may not; None: it was read, or refused as it should be."""
    try:
        with within(seconds):
            read(path)
    except TalkError as error:
        return _misplaced(error, path)
    except LateError as error:
        return Fault("late", _place(error), f"more than {seconds:g} s")
    except MemoryError as error:
        return Fault("memory", _place(error), f"more than {BYTES >> 20} MiB")
    except Exception as error:
        return Fault(type(error).__name__, _place(error), str(error)[:200])
    return None


def _misplaced(error: TalkError, path: Path) -> Fault | None:
    """A message's line is one of its file."""
    where = error.where
    if where is None or where.line is None or where.path != path or path.suffix == ".zip":
        return None
    raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if 1 <= where.line <= raw.count(b"\n") + 1:
        return None
    said = f"line {where.line} of {raw.count(10) + 1}: {error.message}"
    return Fault("line", _place(error), said[:200])


def _place(error: BaseException) -> str:
    """The innermost line of our code."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/pipeline/" in frame.filename]
    last = (ours or frames)[-1]
    return f"{last.filename.rpartition('/pipeline/')[2]}:{last.lineno} {last.name}"
