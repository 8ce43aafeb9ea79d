"""What a command takes: the one way in which benchmarks time a process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage

ROOT = Path(__file__).resolve().parent.parent
# Sources that are compiled anew each time are what no user has.
ENVIRONMENT = {key: it for key, it in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Spent:
    """Of one process and all that it waited for; `peak_bytes` of the largest of them."""

    seconds: float  # by the wall
    processor: float  # seconds of all cores
    peak_bytes: int
    status: int
    said: str  # on both streams


class FailedError(Exception):
    """A command ended with a status that isn't allowed; its words say why."""


def run(command: Sequence[str | Path], cwd: Path = ROOT, allowed: Sequence[int] = (0,)) -> Spent:
    """Run a command to its end. Raises FailedError."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert child.stdout
    said = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode not in allowed:
        words = " ".join(map(str, command))
        raise FailedError(f"{words} ended with {child.returncode}:\n{said}")
    return Spent(seconds, usage.ru_utime + usage.ru_stime, peak_of(usage), child.returncode, said)


def peak_of(usage: struct_rusage) -> int:
    """The most bytes of memory that it had."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def build(*options: str | Path, allowed: Sequence[int] = (0,)) -> Spent:
    """Run `build.py` with options. Raises FailedError."""
    return run([sys.executable, ROOT / "build.py", *options], allowed=allowed)


def middle(values: Sequence[float]) -> float:
    return float(statistics.median(values))
