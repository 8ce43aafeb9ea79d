"""What is wrong and the user's to mend: one form for errors and findings, shown in one way."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

Severity = Literal["error", "warning"]
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# What is wrong: what the audience sees, what the speaker says, or how long it takes.
Concern = Literal["pages", "script", "time"]


class Source(msgspec.Struct, frozen=True):
    """Where something was read: a file and, where it has one, a line (counted from 1)."""

    path: Path
    line: int | None = None

    def __str__(self) -> str:
        return self.below(Path.cwd())

    def below(self, *folders: Path) -> str:
        """`path:line`, the path from the first of the folders on that it lies in."""
        path, real = self.path, Path(os.path.realpath(self.path))  # which bears a link to itself
        for folder in map(os.path.realpath, folders):
            if real.is_relative_to(folder):
                path = real.relative_to(folder)
                break
        return f"{path}:{self.line}" if self.line else str(path)


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: an error fails `check`, and `publish` where it is public.

    A warning is only said. What doesn't say what it concerns stands on the pages.
    """

    message: str
    where: Source | None = None
    hint: str = ""
    severity: Severity = "error"
    concerns: Concern = "pages"

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def shown(self, severity: Severity | None = None) -> str:
        """As a terminal shows it: `error: path:line: message`, and a `hint:` line.

        Messages quote files and commands of others: what would steer a terminal is spelt out.
        """
        hint = f"\nhint: {self.hint}" if self.hint else ""
        return spelt_out(f"{severity or self.severity}: {self}{hint}")


def spelt_out(text: str) -> str:
    """A text with what would steer a terminal spelt out, in hexadecimal."""
    return _STEERS.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text)


class TalkError(Exception):
    """The content or the input is wrong: what, where, and what to do about it.

    The command line catches it once and shows its problem.
    """

    def __init__(self, message: str, where: Source | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(message, where, hint)

    @property
    def message(self) -> str:
        return self.problem.message

    @property
    def where(self) -> Source | None:
        return self.problem.where

    @property
    def hint(self) -> str:
        return self.problem.hint

    def __str__(self) -> str:
        return str(self.problem)


def shortened(text: str, most: int = 60) -> str:
    """A text of at most so many signs, the last one an ellipsis if it was longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


_MOST_NAMES = 60  # of a hint


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to `word`, or all of them if none is near.

    Nearest of all is the same word with two letters next to each other exchanged.
    """
    names = sorted(known)
    turned = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1))
    if slip := next((one for one in turned if one in names), ""):
        return f"did you mean `{slip}`?"
    close = difflib.get_close_matches(word.lower(), [n.lower() for n in names], n=1, cutoff=0.5)
    if close:
        return f"did you mean `{next(n for n in names if n.lower() == close[0])}`?"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return "known: " + ", ".join(f"`{n}`" for n in names[:_MOST_NAMES]) + more
