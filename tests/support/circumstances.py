"""Other circumstances for a build: folder, user, zone, language, clock, hashes, order of files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

# Loaded by Python before all else where it stands in PYTHONPATH.
SITE = """\
import os, random, time

_listdir, _scandir, _time = os.listdir, os.scandir, time.time


def listdir(*where):
    found = _listdir(*where)
    random.Random(len(found)).shuffle(found)
    return found


class scandir:
    def __init__(self, *where):
        with _scandir(*where) as found:
            entries = list(found)
        random.Random(len(entries)).shuffle(entries)
        self._left = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._left)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def close(self):
        pass


os.listdir, os.scandir = listdir, scandir
time.time = lambda: _time() + 400 * 24 * 3600
"""
CODE: tuple[str, ...] = (
    "pipeline",
    "templates",
    "docs",
    "benchmarks",
    "build.py",
    "pyproject.toml",
)
CODE += ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "examples")
_DROPPED = ("HOME", "LANG", "LANGUAGE", "PYTHONPATH", "TALKWRIGHT_CACHE", "SOURCE_DATE_EPOCH")


def copy_of_code(root: Path, folder: Path) -> Path:
    """What a checkout has, without its history."""
    folder.mkdir(parents=True)
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in CODE:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=unwanted)
        elif (root / name).exists():
            shutil.copy(root / name, folder / name)
    return folder


def environment(code: Path, folder: Path, *, odd: bool) -> dict[str, str]:
    """Variables of another user, who has nothing kept; `odd`: all else is another, too."""
    home = folder / ("a user's home" if odd else "home")
    home.mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if k not in _DROPPED and not k.startswith("LC_")}
    made = {"HOME": str(home), "PYTHONPATH": str(code), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if odd:
        site = folder / "site"
        site.mkdir(exist_ok=True)
        (site / "sitecustomize.py").write_text(SITE, "utf-8")
        made |= {"PYTHONPATH": f"{site}{os.pathsep}{code}", "PYTHONHASHSEED": "4242"}
        made |= {"LC_ALL": "C", "TZ": "Pacific/Kiritimati", "USER": "somebody", "COLUMNS": "40"}
    else:
        made |= {"PYTHONHASHSEED": "0"}
    return kept | made
