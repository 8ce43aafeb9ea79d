"""One lock for each thing that is written: whoever comes second waits, and says for whom.

The system lets go of a lock with the process that holds it, however that ends. Windows has no such
locks, and some networks' file systems have none: two builds at once are left to the speaker there.
"""

from __future__ import annotations

import errno
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from pipeline import recorded
from pipeline.command import called
from pipeline.problems import Source, TalkError, shortened, spelt_out

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"  # in a folder of pages: whoever writes there holds it
_USED = "locks/used"  # in a folder of kept things
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_TRIES = 8
_MOST_SIGNS = 200  # of a command that is shown


class BusyError(TalkError):
    """Another process is at it."""


@contextmanager
def alone(
    lock: Path, what: str, say: Callable[[str], None] | None = None, *, wait: bool = False
) -> Iterator[None]:
    """Hold a lock file. Another process that holds it is doing `what` now: it is waited for.

    `say` is told at once who that is; with `wait` nobody is. Without both nobody waits: raises
    BusyError. Raises OSError where the file can't be written. It goes with the lock, and its
    folder where that is empty.
    """
    with ExitStack() as held:
        file = held.enter_context(_opened(lock))
        if not _takes(file, wait=False):
            busy = f"another build is {what} now{_holder(file)}"
            if say is None and not wait:
                hint = "wait until it has ended, then run the same command"
                raise BusyError(busy, Source(lock), hint)
            recorded.doubt("another process was waited for")
            if say:
                say(f"{busy}: this one waits for it, and Ctrl-C ends the wait")
            _takes(file, wait=True)
        if not _is_there(file, lock):  # it went with whoever held it
            held.close()
            held.enter_context(alone(lock, what, say, wait=wait))
        else:
            held.callback(_remove, lock)
            _sign(file)
        yield


@contextmanager
def used(folder: Path, sweep: Callable[[Path], None]) -> Iterator[None]:
    """Work in a folder of kept things, beside others; who is alone there sweeps it first.

    What a killed process left is told from what is being written now by nobody being there.
    """
    with ExitStack() as held:
        with suppress(OSError):  # one that can't be written holds nothing to sweep
            file = held.enter_context(_opened(folder / _USED))
            if _takes(file, wait=False):
                sweep(folder)
            _takes(file, wait=True, shared=True)
        yield


def _opened(lock: Path) -> IO[str]:
    """The file, with what its holder wrote into it. Raises OSError."""
    for _ in range(_TRIES):  # its folder may go with another lock
        with suppress(FileNotFoundError):
            lock.parent.mkdir(parents=True, exist_ok=True)
            return lock.open("a+", encoding="utf-8", errors="replace")
    return lock.open("a+", encoding="utf-8", errors="replace")


def _takes(file: IO[str], *, wait: bool, shared: bool = False) -> bool:
    """Whether the lock is ours now; it is, too, where there are no locks."""
    if fcntl is None:
        return True
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(file, how if wait else how | fcntl.LOCK_NB)
    except OSError as error:  # others say that this file system has none
        return error.errno not in _HELD
    return True


def _is_there(file: IO[str], lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), lock.stat())
    except OSError:
        return False


def _sign(file: IO[str]) -> None:
    """Write down who holds the lock; on a full disk nobody is told."""
    words = " ".join([called(), *map(shlex.quote, sys.argv[1:])])
    who = f"process {os.getpid()}, since {datetime.now():%H:%M:%S}: {shortened(words, 120)}"
    with suppress(OSError):
        file.truncate(0)
        file.write(f"{platform.node()}\n{who}\n")
        file.flush()


def _remove(lock: Path) -> None:
    """While the lock is held: who waits for it sees that its file is gone, and makes it anew."""
    with suppress(OSError):
        lock.unlink()
        lock.parent.rmdir()


def _holder(file: IO[str]) -> str:
    """Who holds the lock, as it wrote itself; empty where it is just coming or going."""
    file.seek(0)
    machine, _, who = file.read(_MOST_SIGNS).partition("\n")
    who = spelt_out(who.strip())
    on = "" if machine == platform.node() else f" on {spelt_out(machine)}"
    return f" ({who}{on})" if who else ""
