"""JupyterLab beside the preview, for a talk that has a notebook."""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.problems import Source, TalkError
from pipeline.serve.beside import environment, wait_or_kill


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
        raise TalkError("JupyterLab is not installed", hint='run `pip install ".[notebook]"`')
    # With its log at WARN it still says its own address.
    options = ["--ServerApp.ip=127.0.0.1", "--log-level=WARN"]
    command = [sys.executable, "-m", "jupyterlab", *options, str(notebook.resolve())]
    running = subprocess.Popen(command, cwd=root, env=environment(), text=True)
    say(f"notebook: {notebook.name} opens in JupyterLab")
    ended = threading.Thread(target=_tell_end, args=(running, say), daemon=True)
    ended.start()
    try:
        yield
    finally:
        running.terminate()
        wait_or_kill(running, 10)


def _tell_end(running: subprocess.Popen[str], say: Callable[[str], None]) -> None:
    """A word when JupyterLab ends by itself: the preview goes on without it."""
    if running.wait() > 0:
        say(f"notebook: JupyterLab ended with status {running.returncode}; it says why above")
