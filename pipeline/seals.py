"""Folders that are used only while each of their files is what it was when it was made.

A seal holds no secret: a change is not found out where somebody makes the seal anew with it. What
it prevents is that a build takes a changed file for a measured one and passes it on as its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.files import keep, kept_bytes, remove, take_place
from pipeline.hashes import sha256_of

T = TypeVar("T")
SEAL = "sealed.json"


class _Seal(msgspec.Struct, frozen=True):
    files: dict[str, str]  # path below the folder -> sha256
    record: msgspec.Raw


def seal(folder: Path, record: object) -> None:
    """Note the hash of each file of the folder, and a record of it, in a file that comes last."""
    keep(folder / SEAL, msgspec.json.encode({"files": _hashes(folder), "record": record}))


def sealed(folder: Path, kind: type[T]) -> T | None:
    """The record that the folder was sealed with; None where any file is not what it was then."""
    try:
        found = msgspec.json.decode(kept_bytes(folder / SEAL) or b"", type=_Seal)
        if _hashes(folder) != found.files:
            return None
        return msgspec.json.decode(found.record, type=kind)
    except (OSError, msgspec.DecodeError):
        return None


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() and path.name != SEAL)
    if odd := next((path for path in files if not path.is_file()), None):
        raise OSError(f"no plain file: {odd}")  # a pipe would be waited for
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """An empty folder, gone at the end; what a killed process left in it goes first."""
    remove(folder)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        remove(folder)


@contextmanager
def put_in_place(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `folder` when the block ends without an error.

    Who does this holds a lock.
    """
    with scratch(folder.with_name(f".{folder.name}.part")) as made:
        yield made
        take_place(made, folder)
