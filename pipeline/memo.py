"""What was made of a talk's texts, kept between builds: one sealed file, entries by hash.

An entry's key is the hash of all that it was made from; the file fits one version of the code.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from pipeline import recorded
from pipeline.files import keep, kept_bytes
from pipeline.resources import TEMPLATES

T = TypeVar("T")
MOST_BYTES = 256 * 2**20  # of the file: of more, nothing is kept
NAME = "memo.msgpack"
_READERS = (
    *("jinja2", "markdown_it", "mdit_py_plugins", "msgspec", "babel", "num2words"),
    *("latex2mathml", "pygments", "pyphen", "segno", "text_to_num", "tinycss2"),
)


class Form(Generic[T]):
    """How values of a type are kept: any that msgspec knows, with paths."""

    def __init__(self, of: Any, mend: Callable[[T], None] | None = None) -> None:
        """`mend` brings back what the type doesn't say, such as objects in an `Any`."""
        self._of, self._mend = of, mend
        self._decoder: msgspec.msgpack.Decoder[T] | None = None

    def decoded(self, raw: bytes | msgspec.Raw) -> T:
        """The value. Raises msgspec.DecodeError for what is none of this type."""
        if self._decoder is None:  # made when first used: it looks into all types
            self._decoder = msgspec.msgpack.Decoder(self._of, dec_hook=from_plain)
        value = self._decoder.decode(raw)
        if self._mend:
            self._mend(value)
        return value


class Memo:
    """Values by the hash of what they were made from; without a file nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = folder / NAME if folder else None
        self._old: dict[str, msgspec.Raw] | None = None  # as they were read; None: not yet
        self._used: dict[str, bytes | msgspec.Raw] = {}
        self._is_new = False

    def of(
        self,
        key: str,
        form: Form[T],
        make: Callable[[], T],
        fits: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """What is kept under this key, else what `make` makes, which is kept.

        `fits` says whether files that a kept value was made from are still as they were.
        """
        if self._file is None:
            return make()
        if self._old is None:
            self._old = _read(self._file)
        kept = self._used.get(key) or self._old.get(key)
        if kept is not None:
            with suppress(msgspec.DecodeError, ValueError, TypeError):
                value = form.decoded(kept)
                if fits(value):
                    self._used[key] = kept
                    return value
        value = make()
        packed = encoded(value)
        with suppress(msgspec.DecodeError, ValueError, TypeError):
            if encoded(form.decoded(packed)) == packed:  # what a type doesn't say would be lost
                self._used[key], self._is_new = packed, True
        return value

    def save(self) -> None:
        """Write what is kept. A full disk is no matter.

        What wasn't used since the last time goes once it has more bytes than what was: a `check`
        makes no captions and notes, and leaves what a build keeps of them.
        """
        old, used, self._used = self._old or {}, self._used, {}
        is_new, self._is_new = self._is_new, False
        entries = {**old, **{key: msgspec.Raw(value) for key, value in used.items()}}
        sizes = {key: len(memoryview(value)) for key, value in entries.items()}
        if has_old := sum(sizes.values()) > 2 * sum(sizes[key] for key in used):
            entries = {key: entries[key] for key in used}
        if self._file is None or not (is_new or has_old):
            return
        self._old = entries
        body = msgspec.msgpack.encode({"code": code_state(), "entries": entries})
        if len(body) <= MOST_BYTES:
            with suppress(OSError), recorded.aside():
                keep(self._file, body)


NO_MEMO = Memo()


class _Kept(msgspec.Struct):
    code: str
    entries: dict[str, msgspec.Raw]


def _read(file: Path) -> dict[str, msgspec.Raw]:
    """The entries of a file; none where it is missing, broken or of other code."""
    with recorded.aside():  # other commands keep other values: what is said is the same
        body = kept_bytes(file)
    if body:
        with suppress(ValueError, RecursionError):
            kept = msgspec.msgpack.decode(body, type=_Kept)
            return kept.entries if kept.code == code_state() else {}
    return {}


def key_of(*parts: Any) -> str:
    """The hash of values that msgspec knows, and of paths."""
    return hashlib.blake2b(encoded(parts), digest_size=16).hexdigest()


def encoded(value: Any) -> bytes:
    """A value as it is kept."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, str):  # a text of a type of its own
        return str.__str__(value)
    raise NotImplementedError(f"{type(value).__name__} can't be kept")


def from_plain(of: type, value: Any) -> Any:
    """What stands for a path, as one."""
    if issubclass(of, Path):
        return _path(value)
    raise NotImplementedError(of.__name__)


_path = lru_cache(maxsize=4096)(Path)
_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)


@cache
def code_state() -> str:
    """A hash that changes with our code, our templates and the code of what reads texts for us.

    Files are known by size and time, as Python knows them where it keeps them compiled.
    """
    with recorded.aside():  # it decides what is made anew, and nothing that is said
        found = (find_spec(name) for name in _READERS)
        theirs = [Path(one.origin).stat() for one in found if one and one.origin]
        ours = (*_states(Path(__file__).parent), *_states(TEMPLATES))
    states = [*ours, *((str(f.st_size), f.st_mtime_ns) for f in theirs)]
    return key_of(sys.version, states)


def _states(folder: str | Path) -> Iterator[tuple[str, int]]:
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if not entry.is_dir():
            seen = entry.stat()
            yield f"{entry.path} {seen.st_size}", seen.st_mtime_ns
        elif entry.name != "__pycache__":
            yield from _states(entry.path)
