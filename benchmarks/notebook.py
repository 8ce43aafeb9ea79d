"""How long each cell of the live demo's notebook takes, on the run that the slides show.

    python -m benchmarks.notebook       # at most 10 s a cell, on 2 cores with the run kept

TALK_DATA and TALK_MODEL name data and model as they were named for the build. Nothing is written.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 10.0


def main() -> None:
    notebook = nbformat.read(  # type: ignore[no-untyped-call]
        ROOT / "deck" / "demo" / "live-demo.ipynb", as_version=4
    )
    os.environ["PYTHONPATH"] = str(ROOT)
    resources = {"metadata": {"path": str(ROOT / "deck" / "demo")}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        times = cell.metadata["execution"]
        began, ended = (
            datetime.fromisoformat(times[key].replace("Z", "+00:00"))
            for key in ("iopub.execute_input", "shell.execute_reply")
        )
        seconds = (ended - began).total_seconds()
        line = next(text for text in cell.source.split("\n")[::-1] if text.strip())
        print(f"{seconds:6.1f} s  {line[:70]}{'  OVER' if seconds > LIMIT_S else ''}")


if __name__ == "__main__":
    main()
