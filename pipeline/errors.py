"""The one error that is the user's to mend, and where things were read from."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read: a file and, where it has one, a line (counted from 1)."""

    path: Path
    line: int | None = None

    def __str__(self) -> str:
        try:
            shown = self.path.resolve().relative_to(Path.cwd())
        except ValueError:
            shown = self.path
        return f"{shown}:{self.line}" if self.line else str(shown)


class TalkError(Exception):
    """The content or the input is wrong: what, where, and what to do about it.

    `build.py` catches it once and prints `error: WHERE: MESSAGE` and `hint: HINT`.
    """

    def __init__(self, message: str, where: Source | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found: an error fails `check` and `publish`, a warning is said."""

    message: str
    where: Source | None = None
    hint: str = ""
    is_error: bool = True


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to `word`, or all of them if none is near."""
    names = sorted(known)
    close = difflib.get_close_matches(word.lower(), [n.lower() for n in names], n=1, cutoff=0.5)
    if close:
        return f"did you mean `{next(n for n in names if n.lower() == close[0])}`?"
    return "known: " + ", ".join(f"`{n}`" for n in names)


def read_text(path: Path, what: str) -> str:
    """The text of a UTF-8 file, line ends as `\\n`, a byte-order mark dropped.

    Raises TalkError naming the line of the first byte that is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise TalkError(
            f"{what} is missing", Source(path), "create it, or check the path"
        ) from None
    except OSError as error:
        raise TalkError(f"{what} can't be read: {error.strerror}", Source(path)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise TalkError(
            f"{what} is not UTF-8 (byte 0x{raw[error.start]:02x})",
            Source(path, line),
            "save the file as UTF-8",
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
