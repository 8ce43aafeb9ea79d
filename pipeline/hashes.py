"""Hashes of files; large ones are read again only when they changed."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.files import keep, kept_bytes

SMALL = 2**16  # bytes: a file up to this is read each time


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Seen(msgspec.Struct, frozen=True):
    """A file as it was hashed last."""

    sha256: str
    size: int
    mtime_ns: int
    ctime_ns: int  # unlike the time above, nobody sets it


class FileHashes(msgspec.Struct):
    """`hashes.json` in a folder of kept things: what large files were hashed to."""

    path: Path
    files: dict[str, Seen] = {}

    @classmethod
    def load(cls, cache: Path) -> FileHashes:
        """What is remembered; nothing, where the file is missing or broken."""
        path = cache / "hashes.json"
        try:
            known = msgspec.json.decode(kept_bytes(path) or b"{}", type=dict[str, Seen])
        except (ValueError, RecursionError):  # of another version
            known = {}
        return cls(path, known)

    def hash_of(self, path: Path) -> str:
        """sha256 of a file, read only if its size or times changed since it was last asked for.

        Raises OSError. Where nothing can be written, the next process reads it again.
        """
        stat = path.stat()
        if stat.st_size <= SMALL:
            return sha256_of(path)
        name = str(path.resolve())
        now = Seen("", stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        known = self.files.get(name)
        if known and replace(known, sha256="") == now:
            return known.sha256
        digest = sha256_of(path)
        self.files[name] = replace(now, sha256=digest)
        with suppress(OSError):
            keep(self.path, msgspec.json.encode(self.files))
        return digest
