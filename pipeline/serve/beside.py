"""Processes of this code beside a served deck: a notebook, a training."""

from __future__ import annotations

import contextlib
import os
import subprocess

from pipeline.resources import CODE


def environment() -> dict[str, str]:
    """This process's own, in which another one finds this code from wherever it starts."""
    paths = os.pathsep.join(filter(None, (str(CODE), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": paths}


def wait_or_kill(process: subprocess.Popen[str], limit_s: float) -> None:
    """Give a process that was told to end some time for it."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(limit_s)
    if process.poll() is None:
        process.kill()
        process.wait()
