"""A small new talk to start from, copied out of the templates."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.problems import Source, TalkError
from pipeline.resources import TEMPLATES

STARTER, WITH_NOTES = TEMPLATES / "starter", TEMPLATES / "starter-notes"


def write_new_talk(folder: Path, *, with_script: bool = True) -> list[Path]:
    """Write settings, slides, a diagram and a script into the folder; returns the files.

    Without a script, the slides have notes and times of their own.

    Raises TalkError where the folder holds something already, or is none: nothing is overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise TalkError("that is a file", Source(folder), "name a new or empty folder")
    if folder.is_dir() and any(folder.iterdir()):
        hint = "name a new or empty folder: nothing is overwritten"
        raise TalkError("there is something in this folder already", Source(folder), hint)
    shutil.copytree(STARTER if with_script else WITH_NOTES, folder, dirs_exist_ok=True)
    return sorted(path for path in folder.rglob("*") if path.is_file())
