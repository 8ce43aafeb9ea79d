"""Files as they are read and written: whole or not at all, and kept only while they are right."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline import recorded
from pipeline.locks import BusyError as BusyError
from pipeline.locks import alone as alone  # what experiments are made with names it here
from pipeline.problems import Source, TalkError
from pipeline.stamp import open_at_once

MARKER = ".published"  # lists the files that are ours
MOST_BYTES = 64 * 2**20  # of a file that is read whole: far more than a person writes
_AT_HERE, _EXCHANGE = -100, 2  # of renameat2(2)
_HEAD = "Made by `talkwright publish`, which replaces this folder and these files:\n"


def read_bytes(path: Path, what: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of a plain file of at most `most` bytes, read once; `what` names it in messages.

    A pipe would be waited for, a device never ends: both are refused. Raises TalkError.
    """
    try:
        with open(path, "rb", opener=open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                hint = "write its content to a file first"
                raise TalkError(f"{what} is a pipe or a device, no file", Source(path), hint)
            raw = file.read(most + 1)
    except FileNotFoundError:
        raise TalkError(
            f"{what} is missing", Source(path), "create it, or check the path"
        ) from None
    except OSError as error:
        raise TalkError(f"{what} can't be read: {error.strerror}", Source(path)) from None
    if len(raw) > most:
        raise TalkError(f"{what} is larger than {most / 2**20:g} MiB", Source(path), "check it")
    return raw


def read_text(path: Path, what: str) -> str:
    """The text of a UTF-8 file, line ends as `\\n`, a byte-order mark dropped.

    Raises TalkError naming the line of the first byte that is not UTF-8.
    """
    return as_text(read_bytes(path, what), path, what)


def as_text(raw: bytes, path: Path, what: str) -> str:
    """Bytes of a UTF-8 file as `read_text` gives them."""
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


def refuse_conflicts(lines: Iterable[tuple[int, str]], path: Path) -> None:
    """Raises TalkError for the first numbered line that a merge left behind."""
    for number, line in lines:
        if line.startswith(("<<<<<<< ", ">>>>>>> ", "||||||| ")):
            raise TalkError(
                f"a merge left its marks here: {line.strip()[:40]}",
                Source(path, number),
                "keep one of the two, and take out the lines <<<<<<<, ======= and >>>>>>>",
            )


def write_whole(path: Path, content: bytes | str, *, durable: bool = False) -> Path:
    """Write under a name of its own and rename last: the file is the old or the new one, whole.

    `durable` waits until the disk has it. Raises OSError, and leaves nothing behind.
    """
    part = _part(path, content.encode() if isinstance(content, str) else content, durable)
    try:
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path


def write_all(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a folder as one set; those that are the same stay untouched.

    All are written before the first is renamed: on a full disk all old ones stay. Raises OSError.
    """
    parts: dict[Path, Path] = {}
    try:
        for name, content in files.items():
            path = folder / name
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "a folder is in the way", str(path))
            if not (path.is_file() and path.read_bytes() == content):
                parts[path] = _part(path, content)
        for path, part in parts.items():
            part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _part(path: Path, content: bytes, durable: bool = False) -> Path:
    """The content in a new file beside `path`; it may take the place of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.chmod(0o666 & ~_UMASK)
    except BaseException as error:
        with suppress(OSError):
            part.unlink()
        if isinstance(error, OSError) and error.filename is None:  # what `write` itself raises
            error.filename = str(path)
        raise
    return part


def _umask() -> int:
    """What this process takes from the rights of new files; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


_UMASK = _umask()


PART_NAME = re.compile(r"\..+\.[a-z0-9_]{8}\.part")  # of what `_part` writes
KEPT_NAME = re.compile(r".+-[0-9a-f]{32}(?:\.\w+)?")  # of what `kept` writes


def kept(folder: Path | None, name: str, key: bytes | str, make: Callable[[], bytes]) -> bytes:
    """What `make` made for this key, from the folder of kept things; or made now, and kept.

    The file carries the hash of its content: one that is cut off, changed or no file is made
    again. A folder that can't be written is done without; None keeps nothing.
    """
    if folder is None:
        return make()
    path = kept_path(folder, name, key)
    if (found := kept_bytes(path)) is not None:
        return found
    made = make()
    with suppress(OSError):
        keep(path, made)
    return made


def kept_path(folder: Path, name: str, key: bytes | str) -> Path:
    """Where `kept` has it."""
    digest = hashlib.sha256(key.encode() if isinstance(key, str) else key).hexdigest()
    return folder / f"{Path(name).stem}-{digest[:32]}{Path(name).suffix}"


def keep(path: Path, content: bytes) -> None:
    """Write a file with the hash of its content in a first line, for `kept_bytes`.

    What else took its place goes, a folder too. Raises OSError.
    """
    make_way(path)
    write_whole(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def make_way(path: Path) -> None:
    """Remove a folder that took the place of a kept file. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all in it, where it is there and that can be done."""
    if path.is_dir() and not path.is_symlink():  # to open a pipe would wait for ever
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def kept_bytes(path: Path) -> bytes | None:
    """The content that `keep` wrote; None where the file isn't what it was then, or none."""
    try:
        with open(path, "rb", opener=open_at_once) as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            digest, content = (file.readline(), file.read()) if is_file else (b"", b"")
    except OSError:
        return None
    is_right = digest.decode("ascii", "replace").rstrip("\n") == hashlib.sha256(content).hexdigest()
    return content if is_right else None


def short_hash(content: bytes) -> str:
    """Eight digits for a name that changes with the file: a browser keeps no old one."""
    return hashlib.sha256(content).hexdigest()[:8]


@contextmanager
def replaced(
    folder: Path, ours: Collection[str] = (), stay: Collection[str] = ()
) -> Iterator[Path]:
    """A new folder that takes the place of `folder` when the block ends without an error.

    It holds copies of what is named in `stay` and was in the old one, and nothing else. Who does
    this holds a lock: what a killed run left beside the folder goes first. Raises TalkError if
    `folder` holds a file that an earlier run didn't make: the list of those lies in it, and `ours`
    are patterns of names that one makes, for a list that was cut off. Whatever fails, the folder
    that was there stays whole.
    """
    for left in folder.parent.glob(f".{folder.name}.*.part"):
        remove(left)
    _bring_back(folder)
    _check_ours(folder, ours, stay)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        made.chmod(0o755)
        for name in stay:
            _copy(folder / name, made / name)
        yield made
        names = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
        listed = [name.as_posix() for name in names if name.parts[0] not in stay]
        (made / MARKER).write_text(_HEAD + "".join(f"{name}\n" for name in listed), "utf-8")
        _check_ours(folder, ours, stay)
        take_place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def take_place(made: Path, folder: Path) -> None:
    """Rename a folder to one that may be there; that one goes when the new one stands.

    Raises OSError; the folder that was there stays whole.
    """
    if _exchanged(made, folder):
        remove(made)
        return
    old = _old(folder)
    remove(old)
    if os.path.lexists(folder):
        folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        if os.path.lexists(old):
            old.rename(folder)
        raise
    remove(old)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap the names of two folders at once, where the system can: neither is ever missing."""
    if sys.platform != "linux" or not os.path.lexists(other):
        return False
    import ctypes

    names = _AT_HERE, os.fsencode(one), _AT_HERE, os.fsencode(other)
    try:
        return bool(ctypes.CDLL(None).renameat2(*names, _EXCHANGE) == 0)
    except (OSError, AttributeError):
        return False


def sweep(folder: Path) -> None:
    """Remove what killed processes were writing below a folder: who does this is alone there.

    A folder that was being replaced comes back.
    """
    with recorded.aside():
        for at, folders, files in os.walk(folder):
            for name in [name for name in files if PART_NAME.fullmatch(name)]:
                remove(Path(at, name))
            for name in [name for name in folders if name.startswith(".")]:
                if name.endswith(".part"):
                    remove(Path(at, name))
                elif name.endswith(".old"):
                    _bring_back(Path(at, name[1:-4]))


def _bring_back(folder: Path) -> None:
    """A folder whose process was killed while another took its place."""
    old = _old(folder)
    if os.path.lexists(folder):
        remove(old)
    elif old.is_dir():
        old.rename(folder)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _copy(old: Path, new: Path) -> None:
    if old.is_symlink() or old.is_file():
        shutil.copy2(old, new, follow_symlinks=False)
    elif old.is_dir():
        shutil.copytree(old, new, symlinks=True)


def _check_ours(folder: Path, patterns: Collection[str], stay: Collection[str]) -> None:
    where = Source(folder)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise TalkError("this is no plain folder, so it is left alone", where, "choose another")
    if not folder.exists() or not any(folder.iterdir()):
        return
    marker = folder / MARKER
    if not marker.is_file():
        raise TalkError(
            "the folder holds files that `publish` didn't make, so it is left alone",
            where,
            "move them away, or choose another folder with --out",
        )
    ours = {MARKER, *marker.read_text("utf-8", errors="replace").split("\n")[1:]}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.partition("/")[0] in stay or (path.is_dir() and not path.is_symlink()):
            continue
        if name not in ours and not any(fnmatchcase(name, pattern) for pattern in patterns):
            raise TalkError(
                f"the folder holds a file that `publish` didn't make ({name}), so it is left alone",
                where,
                "move it away, or choose another folder with --out",
            )
