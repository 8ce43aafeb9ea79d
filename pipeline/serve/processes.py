"""Processes beside a served deck: what each of them needs, and JupyterLab for the notebook."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.command import CHECKOUT, install
from pipeline.problems import Source, TalkError
from pipeline.resources import CODE


def environment() -> dict[str, str]:
    """This process's own, in which another one finds this code from wherever it starts."""
    code = str(CODE) if CHECKOUT else ""  # installed, it is found anyway
    paths = os.pathsep.join(filter(None, (code, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": paths}


def wait_or_kill(process: subprocess.Popen[str], limit_s: float) -> None:
    """Give a process that was told to end some time for it."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(limit_s)
    if process.poll() is None:
        process.kill()
        process.wait()


def find_notebook(root: Path) -> Path:
    """The talk's first notebook. Raises TalkError if it has none."""
    found = sorted((root / "deck" / "demo").glob("*.ipynb"))
    if not found:
        where = Source(root / "deck" / "demo")
        raise TalkError("this talk has no notebook", where, "leave --notebook out")
    return found[0]


@contextlib.contextmanager
def jupyter(notebook: Path, root: Path, say: Callable[[str], None]) -> Iterator[None]:
    """JupyterLab with this notebook open, while the block lasts.

    Raises TalkError where JupyterLab isn't installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise TalkError("JupyterLab is not installed", hint=f"run `{install('notebook')}`")
    # With its log at WARN it still says its own address.
    options = ["--ServerApp.ip=127.0.0.1", "--log-level=WARN"]
    command = [sys.executable, "-m", "jupyterlab", *options, str(notebook.resolve())]
    running = subprocess.Popen(command, cwd=root, env=environment(), text=True)
    say(f"notebook: {notebook.name} opens in JupyterLab")

    def tell_end() -> None:
        """The preview goes on without it."""
        if running.wait() > 0:
            say(f"notebook: JupyterLab ended with status {running.returncode}; it says why above")

    threading.Thread(target=tell_end, daemon=True).start()
    try:
        yield
    finally:
        running.terminate()
        wait_or_kill(running, 10)
