"""Where the files are that come with this code: templates, the code itself, packages' files."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from pipeline.command import CHECKOUT, install
from pipeline.problems import TalkError

CODE = Path(__file__).resolve().parents[1]  # the folder that holds the package `pipeline`
_PACKED = Path(__file__).resolve().parent / "templates"  # where a wheel has them
TEMPLATES = CODE / "templates" if CHECKOUT else _PACKED


def files_of(folder: Path) -> list[Path]:
    """The files below a folder of the templates, without what pip compiled beside them."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path.parent.name != "__pycache__")


def package_file(package: str, inside: str) -> Path:
    """A file of an installed package, found without importing it."""
    found = importlib.util.find_spec(package)
    folders = list(found.submodule_search_locations or []) if found else []
    for folder in folders:
        path = Path(folder) / inside
        if path.is_file():
            return path
    raise TalkError(
        f"the package `{package}` is missing or has no {inside}", hint=f"run `{install()}` again"
    )
