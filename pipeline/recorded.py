"""What a command looks at while it runs, recorded as it happens, for its stamp.

Files that are opened and folders that are listed are told of by Python itself (audit events, PEP
578); of a mere look at a file (`os.stat` and its like) and of variables it tells nothing, so these
are taken note of here while a recording goes on. Programs that are started, the network, questions
and errors can't be had again: whoever has one of them gets no stamp.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from pipeline import stamp
from pipeline.stamp import file_state, folder_state, hash_of, is_young, link_state

if TYPE_CHECKING:
    from pipeline.stamp import State

Stamp: TypeAlias = dict[str, Any]
_OUTSIDE = (
    *("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"),
    *("os.spawn", "os.startfile", "pty.spawn", "builtins.input", "os.chdir", "os.putenv"),
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"),
)
_LISTINGS, _NEW_NAMES = ("os.listdir", "os.scandir"), ("os.rename", "os.link")
_CHANGES = ("os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.utime", "os.symlink")
_TOLD = frozenset(("open", *_LISTINGS, *_NEW_NAMES, *_CHANGES, *_OUTSIDE))
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_NOT_HERE = ("/proc/", "/sys/")
_STDLIB = os.path.dirname(os.__file__)


class Recording:
    """What was looked at, in the state that it was in at first; and what this process wrote."""

    def __init__(self) -> None:
        self.began = time.time_ns()
        self.files: dict[str, State] = {}
        self.links: dict[str, State] = {}
        self.folders: dict[str, State] = {}
        self.access: set[tuple[str, int]] = set()
        self.variables: dict[str, str | None] = {}
        self.written: dict[str, State] = {}  # as it was given its name; 0: in another way
        self.said: list[tuple[bool, str]] = []
        self.doubts: list[str] = []

    def look(self, path: Any) -> None:
        """A file is opened, or looked at."""
        if (name := self._name(path)) and name not in self.files and name not in self.written:
            self.files[name] = state = file_state(name)
            if isinstance(state, list) and is_young(state, time.time_ns()):
                self.doubts.append(f"{name} was changed just now")
            elif state == "?":
                self.doubts.append(f"{name} is no file")

    def look_at_link(self, path: Any) -> None:
        if (name := self._name(path)) and name not in self.links:
            self.links[name] = link_state(name)

    def list(self, path: Any) -> None:
        """A folder is listed."""
        if (name := self._name("." if path is None else path)) and name not in self.folders:
            self.folders[name] = 0  # listing it is an event, too
            self.folders[name] = folder_state(name)

    def change(self, path: Any, state: State = 0) -> None:
        """This process makes, changes or removes a file or folder."""
        if name := self._name(path):
            self.written[name] = state
            self.written.setdefault(os.path.dirname(name), 0)

    def _name(self, path: Any) -> str:
        """The whole path; "" for what is none, and for compiled code: its source stands for it."""
        if isinstance(path, int) or (name := os.fsdecode(path)).endswith(".pyc"):
            return ""
        name = os.path.abspath(name)
        return "" if name.startswith(_NOT_HERE) else name

    def event(self, name: str, told: tuple[Any, ...]) -> None:
        """An audit event: https://docs.python.org/3/library/audit_events.html"""
        if name == "open":
            path, mode, flags = told
            writes = any(sign in mode for sign in "wax+") if mode else flags & _WRITES
            (self.change if writes else self.look)(path)
        elif name in _LISTINGS:
            if name == "os.scandir" or told[0] not in sys.path_importer_cache:
                self.list(told[0])
        elif name in _NEW_NAMES and told[2:] == (-1, -1):
            state = file_state(self._name(told[0]))
            self.change(told[0])
            self.change(told[1], state)
        elif name in _CHANGES and told[-1] == -1:  # else it is named from an open folder
            self.change(told[1] if name == "os.symlink" else told[0])
        elif name in _OUTSIDE:
            self.doubts.append(f"{name} {told[0] if told else ''}")

    def stamp(self, words: Sequence[str], status: int, before: Stamp | None) -> Stamp | None:
        """What it all amounts to; None where it isn't sure that the same call would do the same."""
        at = time.time_ns()
        code = self._code()
        if self.doubts:
            return None
        files = self.files | {name: file_state(name) for name in self.written}
        files = {n: s for n, s in files.items() if not isinstance(s, int) or n in self.files}
        known = before or {"files": {}, "hashes": {}, "at": 0}
        hashes = {}
        for name, state in files.items():
            if isinstance(state, list) and state[0] <= stamp.MOST_HASHED:
                same = state == known["files"].get(name) and not is_young(state, known["at"])
                hashes[name] = (known["hashes"].get(name) if same else "") or hash_of(name)
        if not self._is_as_it_was():  # now: a file could have been saved before it was hashed
            return None
        return {
            "key": stamp.key_of(words),
            "env": self.variables,
            "access": [[*asked, stamp.real_access(*asked)] for asked in self.access],
            "links": {name: link_state(name) for name in self.links},
            "folders": {
                name: folder_state(name) if name in self.written else state
                for name, state in self.folders.items()
            },
            "files": files | code,
            "hashes": hashes,
            "at": at,
            "young": False,
            "said": self.said,
            "status": status,
        }

    def _code(self) -> dict[str, State]:
        """The files of all modules that are loaded, the standard library's left out, and our own.

        That one is as old as this Python, and of ours one that wasn't loaded may have made what was
        kept. Where a library could come or go, folders are listed.
        """
        files = {module.__dict__.get("__file__") for module in list(sys.modules.values())}
        files.update(_own_modules())
        found = {file: file_state(file) for file in files if file and not _is_standard(file)}
        for folder in sys.path:
            if not _is_standard(f"{folder}{os.sep}") and os.path.isdir(folder):
                self.list(folder)
        young = (s for s in found.values() if not isinstance(s, list) or s[2] > self.began)
        self.doubts += [f"code has changed: {state}" for state in young]
        return found

    def _is_as_it_was(self) -> bool:
        """Whether nobody else changed what this process looked at or wrote."""
        for name, state in self.written.items():
            now = file_state(name)
            if isinstance(state, list) and (
                not isinstance(now, list) or _same(now) != _same(state)
            ):
                return False
        looked_at = (
            (self.files, file_state),
            (self.folders, folder_state),
            (self.links, link_state),
        )
        return all(
            name in self.written or state_of(name) == state
            for states, state_of in looked_at
            for name, state in states.items()
        )


def _own_modules() -> Iterator[str]:
    for folder, _, names in os.walk(os.path.dirname(os.path.abspath(__file__))):
        yield from (os.path.join(folder, name) for name in names if name.endswith(".py"))


def _same(state: list[int]) -> list[int]:
    """A file's numbers but for the third, which a new name changes."""
    return [*state[:2], *state[3:]]


def _is_standard(file: str) -> bool:
    """Whether a file is the standard library's."""
    packages = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
    return file.startswith(_STDLIB + os.sep) and not any(name in file for name in packages)


_now: Recording | None = None  # of this process: events are the process's, too


def doubt(why: str) -> None:
    """What the command says or does now, it would not say or do again: it gets no stamp."""
    if _now:
        _now.doubts.append(why)


@contextmanager
def aside() -> Iterator[None]:
    """What is looked at and said meanwhile comes to nothing, or to what is kept and looked at then.

    Unless it fails.
    """
    global _now
    before, _now = _now, None
    try:
        yield
    except BaseException:
        if before:
            before.doubts.append("an error")
        raise
    finally:
        _now = before


def heard(text: str, *, is_data: bool) -> None:
    """Something was said at the terminal."""
    if _now:
        _now.said.append((is_data, text))


def _hook(event: str, told: tuple[Any, ...]) -> None:
    if _now and event in _TOLD:
        _now.event(event, told)


class _Variables(os._Environ):  # type: ignore[type-arg]
    """The variables of this process, each noted as it is read."""

    def __getitem__(self, name: str) -> str:
        value: str | None = None
        try:
            value = super().__getitem__(name)
            return value
        finally:
            if _now:
                _now.variables.setdefault(name, value)


def recorded(path: str, words: Sequence[str], run: Callable[[], int]) -> int:
    """Run a command; where it does well, and the same call would do the same, leave a stamp."""
    before = stamp.read(path)
    stamp.forget(path)  # until all is well
    now = _start()
    try:
        status = run()
    finally:
        _stop()
    finds_faults = os.path.basename(path).startswith("check")  # and says so with its status
    has_cache = os.path.isdir(os.path.dirname(os.path.dirname(path)))
    if (status == 0 or finds_faults) and has_cache and (made := now.stamp(words, status, before)):
        stamp.write(path, made)
    return status


def _start() -> Recording:
    global _now
    _now = now = Recording()
    sys.addaudithook(_hook)  # for good: it does nothing once the recording has ended

    def noted(real: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def looked(path: Any, *more: Any, **named: Any) -> Any:
            if _now and named.get("dir_fd") is None:
                note(path, *more)
            return real(path, *more, **named)

        return looked

    def access(path: Any, mode: int) -> None:
        now.access.add((os.path.abspath(os.fsdecode(path)), mode))

    _replace(
        noted(stamp.real_stat, now.look),
        noted(stamp.real_lstat, now.look_at_link),
        noted(stamp.real_access, access),
    )
    os.environ.__class__ = _Variables
    return now


def _stop() -> None:
    global _now
    _now = None
    _replace(stamp.real_stat, stamp.real_lstat, stamp.real_access)
    os.environ.__class__ = os._Environ


def _replace(*functions: Callable[..., Any]) -> None:
    """Put others in the place of `os.stat`, `os.lstat` and `os.access`."""
    for name, function in zip(("stat", "lstat", "access"), functions, strict=True):
        setattr(os, name, function)
