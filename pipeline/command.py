"""How this was called, for messages that say what to type next.

Pages and records say `talkwright`, whoever made them and how: the same inputs give the same bytes.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "talkwright"
_PACKAGE = Path(__file__).resolve().parent
_talk: Path | None = None  # the folder that `--talk` names
CHECKOUT = (_PACKAGE.parent / "build.py").is_file()  # whether this code lies where it is written


def called() -> str:
    """The command as it was called: "python build.py", "talkwright" or "python -m pipeline".

    A program that uses this code is told what whoever has it this way would type.
    """
    program = Path(sys.argv[0])
    if program.name == "build.py":
        return "python build.py"
    if program.stem == NAME:  # talkwright.exe on Windows
        return NAME
    if program.name == "__main__.py" and program.resolve().parent == _PACKAGE:
        return "python -m pipeline"
    return "python build.py" if CHECKOUT else NAME


@contextmanager
def called_with(talk: Path | None) -> Iterator[None]:
    """While a command runs: the folder that its `--talk` names, None where it has none."""
    global _talk  # as much of the process as its arguments
    before, _talk = _talk, talk
    try:
        yield
    finally:
        _talk = before


def with_talk(message: str) -> str:
    """A message whose commands, in `…`, name the talk that this command was told of, if any."""
    if _talk is None:
        return message
    ours = rf"`({re.escape(called())}(?: (?!new |import )[^`]*)?)`"
    talk = typed(_talk)

    def named(found: re.Match[str]) -> str:
        is_whole = "--talk" in found[1] or "--help" in found[1]
        return found[0] if is_whole else f"`{found[1]} --talk {talk}`"

    return re.sub(ours, named, message)


def typed(path: Path) -> str:
    """A path as a shell takes it behind an option: quoted where it has to be."""
    name = str(path)
    return shlex.quote(f".{os.sep}{name}" if name.startswith("-") else name)


def install(extra: str = "") -> str:
    """How to install this, with an extra: `pip install ".[publish]"` where it lies as source."""
    what = f"{'.' if CHECKOUT else NAME}{f'[{extra}]' if extra else ''}"
    return f'pip install "{what}"' if extra else f"pip install {what}"
