"""What can happen to a file that is kept: by a full disk, a bad one, or somebody who tidies up."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) * 3 // 4] ^= 1
    path.write_bytes(raw)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def fill(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def other(what: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.unlink()
        what(path)

    return change


DAMAGE = {
    "cut off": cut,
    "flipped": flip,
    "emptied": empty,
    "zeros": fill,
    "folder": other(lambda path: (path / "x").mkdir(parents=True)),
    "pipe": other(os.mkfifo),
    "link": other(lambda path: path.symlink_to("nowhere")),
}
