"""A small new talk to start from, copied out of the templates."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from pipeline.problems import Source, TalkError
from pipeline.resources import TEMPLATES

Starter = Literal["script", "notes", "measure"]
STARTERS: dict[Starter, Path] = {
    "script": TEMPLATES / "starter",
    "notes": TEMPLATES / "starter-notes",
    "measure": TEMPLATES / "starter-measure",
}


def write_new_talk(folder: Path, starter: Starter = "script") -> list[Path]:
    """Write settings and slides into the folder; returns the files.

    "script": with a diagram and a script; "notes": slides with notes and times of their own;
    "measure": the same, and a program whose numbers are on them.

    Raises TalkError where the folder holds something already, or is none: nothing is overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise TalkError("that is a file", Source(folder), "name a new or empty folder")
    if folder.is_dir() and any(folder.iterdir()):
        hint = "name a new or empty folder: nothing is overwritten"
        raise TalkError("there is something in this folder already", Source(folder), hint)
    shutil.copytree(STARTERS[starter], folder, dirs_exist_ok=True)
    return sorted(path for path in folder.rglob("*") if path.is_file())
