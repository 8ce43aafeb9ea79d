"""The sound of a rehearsal as a file, written as it comes; seconds in it are the rehearsal's.

While it is written, and where the rehearsal never ended, it is called `ID.cut.wav`, and can be
played as far as it goes.
"""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

RATE = 16_000
BYTES = 2  # of a sample
_HEADER = 44
_HEADER_EVERY = 10 * RATE * BYTES
_SLACK = RATE * BYTES // 4  # a quarter of a second: clocks differ that much
_MOST = 2**32 - 2**16  # bytes that a header can tell


def cut_path(whole: Path) -> Path:
    """What a file is called until it is whole."""
    return whole.with_suffix(".cut.wav")


class Recording:
    """One file; a pause of the rehearsal is silence in it. Raises OSError as files do."""

    def __init__(self, whole: Path) -> None:
        self.path = whole
        self._part = cut_path(whole)
        self._part.parent.mkdir(parents=True, exist_ok=True)
        # One that was cut off by the server's end goes on.
        self._file = self._part.open("r+b" if self._part.exists() else "w+b", buffering=0)
        self._size = self._next = max(0, self._file.seek(0, 2) - _HEADER)
        self._told = -_HEADER_EVERY

    def write(self, pcm: bytes, at_s: float) -> None:
        """Sound that begins at `at_s`; nothing is written over by a clock that was set back."""
        start = round(at_s * RATE) * BYTES
        if start > self._next + _SLACK:
            self._next = start
        if self._next + len(pcm) > _MOST:
            return
        self._file.seek(_HEADER + self._next)
        if self._file.write(pcm) < len(pcm):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._part))
        self._next += len(pcm)
        self._size = max(self._size, self._next)
        if self._size - self._told >= _HEADER_EVERY:
            self._tell_size()

    def close(self, *, is_whole: bool) -> Path:
        """Where it lies then."""
        try:
            self._tell_size()
        finally:
            self._file.close()
        return self._part.replace(self.path) if is_whole else self._part

    def _tell_size(self) -> None:
        form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * BYTES, BYTES, 8 * BYTES)
        header = b"RIFF%bWAVEfmt %b%bdata%b" % (
            struct.pack("<I", 36 + self._size),
            struct.pack("<I", len(form)),
            form,
            struct.pack("<I", self._size),
        )
        self._file.seek(0)
        self._file.write(header)
        self._told = self._size
