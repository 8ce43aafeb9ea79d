"""How this was called, for messages that say what to type next.

Pages and records say `talkwright`, whoever made them and how: the same inputs give the same bytes.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

NAME = "talkwright"
_PACKAGE = Path(__file__).resolve().parent
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


def typed(path: Path) -> str:
    """A path as a shell takes it behind an option: quoted where it has to be."""
    name = str(path)
    return shlex.quote(f".{os.sep}{name}" if name.startswith("-") else name)


def install(extra: str = "") -> str:
    """How to install this, with an extra: `pip install ".[publish]"` where it lies as source."""
    what = f"{'.' if CHECKOUT else NAME}{f'[{extra}]' if extra else ''}"
    return f'pip install "{what}"' if extra else f"pip install {what}"
