"""The log of rehearsals: JSON lines, a file a day, appended to and never changed.

Each record is written in one call under a lock, so that two rehearsals at once don't mix; what
could not be written whole is taken back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pipeline.problems import Problem, Source, TalkError
from pipeline.rehearsal.record import MAX_BYTES, Rehearsal, read_record

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: one program at a time
    fcntl = None  # type: ignore[assignment]

FOLDER = "rehearsals"


class Log(msgspec.Struct, frozen=True):
    """The rehearsals that can be used, oldest first, and what is wrong with the others."""

    records: tuple[Rehearsal, ...]
    findings: tuple[Problem, ...]


class Imported(msgspec.Struct, frozen=True):
    """What an import did."""

    added: int
    known: int  # were in the log before
    findings: tuple[Problem, ...]


def read_log(folder: Path, talk: str) -> Log:
    """All records of the talk `talk` in a folder; each unusable line is a finding."""
    records: dict[str, Rehearsal] = {}
    findings: list[Problem] = []
    for path in sorted(folder.glob("*.jsonl")):
        if not path.is_file():
            continue
        for record, where in _usable(path, talk, findings):
            first = records.setdefault(record.id, record)
            if first != record:
                findings.append(
                    Problem(
                        "another rehearsal with the same id: the first is used",
                        where,
                        "delete one of the two lines",
                    )
                )
    kept = sorted(records.values(), key=lambda record: (record.started, record.id))
    return Log(tuple(kept), tuple(findings))


def append(record: Rehearsal, folder: Path) -> bool:
    """Add a rehearsal to the log; False if it is there already.

    Raises OSError if it can't be written whole; the log is then as it was.
    """
    return append_all((record,), folder) == 1


def append_all(records: Iterable[Rehearsal], folder: Path) -> int:
    """Add those rehearsals that the log has not yet; how many were added.

    Raises OSError if those of one day can't be written whole; that day's file is then as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    days: dict[str, list[Rehearsal]] = {}
    for record in records:
        days.setdefault(record.started[:10], []).append(record)
    return sum(_append(of_day, folder / f"{day}.jsonl") for day, of_day in sorted(days.items()))


def _append(records: list[Rehearsal], path: Path) -> int:
    with _locked(path) as handle:
        before = path.read_bytes()
        known = set(_ids(before))
        new = {record.id: record for record in records if record.id not in known}
        if not new:
            return 0
        lines = b"".join(msgspec.json.encode(record) + b"\n" for record in new.values())
        if before and not before.endswith(b"\n"):
            lines = b"\n" + lines  # a line that was cut off must not swallow this one
        try:
            if os.write(handle, lines) != len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, len(before))
            raise
    return len(new)


def import_log(path: Path, folder: Path, talk: str) -> Imported:
    """Merge a downloaded log into the folder; records that are known stay as they are.

    Raises TalkError if there is no such file, or not one usable rehearsal in it.
    """
    if not path.is_file():
        raise TalkError("there is no such log", Source(path), "check the path")
    findings: list[Problem] = []
    usable = list(_usable(path, talk, findings))
    if not usable:
        if findings:
            first = findings[0]
            raise TalkError(first.message, first.where, first.hint)
        raise TalkError("the log is empty", Source(path), "download the rehearsal again")
    known = {record.id for record in read_log(folder, talk).records}
    added = append_all((record for record, _ in usable if record.id not in known), folder)
    return Imported(added, len(usable) - added, tuple(findings))


def _usable(path: Path, talk: str, findings: list[Problem]) -> Iterator[tuple[Rehearsal, Source]]:
    number = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_BYTES + 2):
            number += 1
            where = Source(path, number)
            whole = line.endswith(b"\n")
            while not line.endswith(b"\n") and (rest := file.readline(MAX_BYTES)):
                line = line[: MAX_BYTES + 1] + rest[-1:]  # too big, whatever follows
            if not line.strip():
                continue
            try:
                yield read_record(line.strip(), talk), where
            except TalkError as error:
                begun = not whole and line.startswith(b"{") and len(line) <= MAX_BYTES
                cut_off = begun and error.message.startswith("no JSON")
                message = "the record is cut off in the middle" if cut_off else error.message
                findings.append(Problem(message, where, error.hint))


class _Named(msgspec.Struct):
    id: str = ""


_NAMED = msgspec.json.Decoder(_Named)


def _ids(content: bytes) -> Iterator[str]:
    for line in content.splitlines():
        try:
            yield _NAMED.decode(line).id
        except msgspec.DecodeError:
            continue


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """A file opened for appending that no other process or thread appends to meanwhile."""
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
