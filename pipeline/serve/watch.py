"""Which files changed: the system tells at once (watchfiles), and a slow look misses nothing.

What changed is found by comparing two looks at the folders, so it does not matter how an editor
saves: in place, by rename, or by removing the file and putting it back.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

Stamp = tuple[int, int, int]  # inode, size, time of change in ns
TICK_MS = 100  # how often single files are looked at, and a tick is given
# A look at the system's list; two that are the same end a change. 4 ms would cost half a percent
# of a core more, while nothing changes.
SETTLE_MS = 8
LOOK_EVERY_S = 2.0  # for what the system didn't tell: a folder that was replaced, a network disk
_ENDS = ("~", ".part", ".swp", ".swx", ".tmp", ".bak", ".orig")
_NAMES = {"4913", "__pycache__"}  # vim tries whether it can write with a file of this name


def is_content(name: str) -> bool:
    """Whether a file of this name is more than an editor's trace."""
    return not (name.startswith((".", "#")) or name.endswith(_ENDS) or name in _NAMES)


class Watcher:
    """Watches folders with all that is in them, and single files."""

    def __init__(self, folders: Sequence[Path], files: Sequence[Path]) -> None:
        self.folders, self.files = tuple(folders), tuple(files)
        self._seen: dict[str, Stamp] = {}
        self._watched: list[tuple[Path, int]] = []
        self._lost = False
        self.look()

    def look(self) -> set[Path]:
        """Look at everything; the paths that changed, came or went since the last look."""
        now: dict[str, Stamp] = {}
        for folder in self.folders:
            _stamps(str(folder), now)
        for file in self.files:
            _stamp(str(file), now)
        old, self._seen = self._seen, now
        if now == old:
            return set()
        return {Path(path) for path in old.keys() | now.keys() if old.get(path) != now.get(path)}

    def changes(self, stop: Event) -> Iterator[set[Path]]:
        """Sets of changed paths as they change; an empty set about every tenth of a second."""
        looked = time.monotonic()
        while not stop.is_set():
            for told in self._told(stop):
                due = time.monotonic() - looked > LOOK_EVERY_S
                if told or due or self._files_changed():
                    looked = time.monotonic()
                    yield self.look()
                else:
                    yield set()
                if self._lost or (due and self._folders() != self._watched):
                    break  # one came, went or was replaced: watch anew
            else:
                return

    def _told(self, stop: Event) -> Iterator[bool]:
        """True when the system tells of a change, False on each tick."""
        from watchfiles import watch

        self._watched, self._lost = self._folders(), False
        present = [folder for folder, _ in self._watched]
        if not present:
            while not stop.wait(TICK_MS / 1000):
                yield False
            return
        options = {"watch_filter": None, "debounce": 20, "step": SETTLE_MS}
        try:
            for found in watch(
                *present,
                **options,  # type: ignore[arg-type]
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                if stop.is_set():
                    return
                # A folder that is put back may get the number of the old one.
                self._lost = any(Path(path) in self.folders for _, path in found)
                yield any(is_content(os.path.basename(path)) for _, path in found)  # noqa: PTH119
        except (OSError, RuntimeError):
            # The system has no watches left, say: the slow look goes on.
            while not stop.wait(TICK_MS / 1000):
                yield False

    def _folders(self) -> list[tuple[Path, int]]:
        return [(folder, folder.stat().st_ino) for folder in self.folders if folder.is_dir()]

    def _files_changed(self) -> bool:
        now: dict[str, Stamp] = {}
        for file in self.files:
            _stamp(str(file), now)
        return any(self._seen.get(str(file)) != now.get(str(file)) for file in self.files)


def _stamp(path: str, into: dict[str, Stamp]) -> None:
    try:
        found = os.stat(path)  # noqa: PTH116 - done often, and a Path costs more than the call
    except OSError:
        return
    into[path] = (found.st_ino, found.st_size, found.st_mtime_ns)


def _stamps(folder: str, into: dict[str, Stamp]) -> None:
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return
    for entry in entries:
        if not is_content(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            _stamps(entry.path, into)
        else:
            _stamp(entry.path, into)
