"""Which files changed: the system tells at once (watchfiles), and a slow look misses nothing.

What changed is found by comparing two looks at the folders, so it does not matter how an editor
saves: in place, by rename, or by removing the file and putting it back.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from threading import Event

Stamp = tuple[int, int, int]  # inode, size, time of change in ns
# A look at the list of changes; two that are the same end a change. 4 ms would cost 0.3 percent
# of a core more, while nothing changes.
SETTLE_MS = 8
TICK_MS = 100  # what happened before the system began to tell is seen after this
LOOK_EVERY_S = 2.0  # for what it doesn't tell: a network disk, say
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
        self._inside: dict[str, int] = {}  # each folder in which something can change: its inode
        self.look()

    def look(self) -> set[Path]:
        """Look at everything; the paths that changed, came or went since the last look."""
        now: dict[str, Stamp] = {}
        inside: dict[str, int] = {}
        for folder in self.folders:
            _look_into(str(folder), now, inside)
        for file in self.files:
            if found := _stamp(str(file)):
                now[str(file)] = found
        # A folder that is replaced is a change in the one that holds it.
        for path in (*self.folders, *self.files):
            if found := _stamp(str(path.parent)):
                inside[str(path.parent)] = found[0]
        old, self._seen, self._inside = self._seen, now, inside
        return {Path(path) for path in old.keys() | now.keys() if old.get(path) != now.get(path)}

    def watch_too(self, files: Collection[Path]) -> None:
        """Watch these single files from now on, beside those that it had from the start."""
        new = set(files) - set(self.files)
        if not new:
            return
        self.files = (*self.files, *sorted(new))
        seen = {str(file): stamp for file in new if (stamp := _stamp(str(file)))}
        folders = {str(file.parent): at[0] for file in new if (at := _stamp(str(file.parent)))}
        self._seen, self._inside = self._seen | seen, self._inside | folders

    def changes(self, stop: Event) -> Iterator[set[Path]]:
        """Sets of changed paths as they change, until `stop` is set."""
        while not stop.is_set():
            watched, looked = self._inside, -math.inf
            for told in _told(watched, stop):
                if not told and time.monotonic() - looked < LOOK_EVERY_S:
                    continue
                looked = time.monotonic()
                if changed := self.look():
                    yield changed
                # One came, went or was replaced, perhaps by one with its number.
                if self._inside != watched or not told.isdisjoint(watched):
                    break


def _told(folders: Collection[str], stop: Event) -> Iterator[set[str]]:
    """The paths of which the system tells; an empty set on each tick without any."""
    from watchfiles import watch

    options = {"watch_filter": None, "recursive": False, "debounce": 20, "step": SETTLE_MS}
    try:
        for found in watch(
            *folders,
            **options,  # type: ignore[arg-type]
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            stop_event=stop,
        ):
            yield {path for _, path in found}
    except (OSError, RuntimeError):  # it has no watches left, say: the slow look goes on
        while not stop.wait(TICK_MS / 1000):
            yield set()


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - done often, and a Path costs more than the call
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _look_into(folder: str, files: dict[str, Stamp], folders: dict[str, int]) -> None:
    try:
        folders[folder] = os.stat(folder).st_ino  # noqa: PTH116
        with os.scandir(folder) as found:
            entries = [entry for entry in found if is_content(entry.name)]
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            _look_into(entry.path, files, folders)
        elif stamp := _stamp(entry.path):
            files[entry.path] = stamp
