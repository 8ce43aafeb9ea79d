"""What a command depended on when it ran last, and what it said: enough to say it again.

A command that has nothing to do ends here, before anything of ours or of others is imported: all
that this needs is the standard library's, and little of it. `recorded` makes the stamps.

A file is known by size, times and inode; where these differ, or the file is so young that a change
could have left them as they were, by its hash. Whatever can't be told is taken for a change.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from stat import S_ISDIR, S_ISLNK, S_ISREG

TYPE_CHECKING = False  # `typing` takes longer to load than all of this to run
if TYPE_CHECKING:
    from typing import Any

    State = int | str | list[int]  # an error's number, "d" for a folder, "?", or a file's numbers

FOLDER = os.path.join(".cache", "stamps")
COMMANDS = ("build", "check")  # the first is what no name means
ALWAYS_WORK = ("--retrain", "--measure")  # options that ask for it
MOST_HASHED = 16 * 2**20  # bytes; a larger file is known by its numbers alone
MOST_STAMPS = 16
YOUNG_NS, YOUNG_COARSE_NS = 50_000_000, 2_500_000_000  # by clocks of ticks, and of whole seconds
TIME = "(built in "  # stands before the seconds in what a build says last
_FORM = 1

real_stat, real_lstat, real_access = os.stat, os.lstat, os.access


def place_of(words: Sequence[str]) -> str:
    """The file of this call's stamp; "" for a command that has none."""
    first = words[0] if words else ""
    command = first if not first.startswith("-") and first else COMMANDS[0]
    asks = any(word.partition("=")[0] in ALWAYS_WORK for word in words)
    talk = _talk_of(words)
    if command not in COMMANDS or asks or not talk:
        return ""
    name = digest("\0".join(map(str, key_of(words))).encode("utf-8", "surrogatepass"))
    return os.path.join(talk, FOLDER, f"{command}-{name}.json")


def _talk_of(words: Sequence[str]) -> str:
    """The folder that `--talk` names, else the nearest with a talk.toml; "" where there is none.

    A guess does no harm: a stamp says itself what it is of.
    """
    for at, word in enumerate(words):
        if word.startswith("--talk="):
            return word.partition("=")[2]
        if word == "--talk":
            return words[at + 1] if at + 1 < len(words) else ""
    folder = os.getcwd()
    while not os.path.isfile(os.path.join(folder, "talk.toml")):
        above = os.path.dirname(folder)
        if above == folder:  # nothing above: the talk beside the code, if there is one
            return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        folder = above
    return folder


def key_of(words: Sequence[str]) -> list[str]:
    """What else decides what is said: the words, the place, the terminal, this Python."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    terminals = [bool(stream and stream.isatty()) for stream in streams]
    encodings = [str(getattr(stream, "encoding", "")) for stream in streams]
    user = os.geteuid() if hasattr(os, "geteuid") else ""
    return [
        *(str(_FORM), sys.version, str(sys.flags), sys.executable, sys.argv[0], os.getcwd()),
        *(str(user), str(terminals), str(encodings), str(sys.path), *words),
    ]


def digest(content: bytes) -> str:
    """32 hexadecimal digits of sha256."""
    from hashlib import sha256

    return sha256(content).hexdigest()[:32]


def read(path: str) -> dict[str, Any] | None:
    """A stamp as it was written; None where it is missing or broken."""
    try:
        with open(path, "rb", opener=open_at_once) as file:
            seal, _, body = file.read().partition(b"\n")
        return json.loads(body) if seal == digest(body).encode() else None
    except (OSError, ValueError, RecursionError):
        return None


def open_at_once(path: str, flags: int) -> int:
    """For `open`: a pipe that nobody writes to would be waited for without end."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write(path: str, stamp: dict[str, Any]) -> None:
    """Write a stamp whole, or not at all where that can't be; the oldest of many go."""
    folder, name = os.path.split(path)
    part = os.path.join(folder, f".{name}.{os.getpid():08d}.part")  # swept as others are
    body = json.dumps(stamp, separators=(",", ":")).encode()
    try:
        os.makedirs(folder, exist_ok=True)
        with open(part, "wb") as file:
            file.write(digest(body).encode() + b"\n" + body)
        os.replace(part, path)
        there = [entry for entry in os.scandir(folder) if entry.name.endswith((".json", ".part"))]
        there.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in there[:-MOST_STAMPS]:
            os.unlink(entry.path)
    except OSError:
        forget(part)


def forget(path: str) -> None:
    """Remove a stamp, if it is there, and a folder that took its place."""
    try:
        os.unlink(path)
    except OSError:  # contextlib would have to be loaded
        if os.path.isdir(path) and not os.path.islink(path):
            import shutil

            shutil.rmtree(path, ignore_errors=True)


def said_again(path: str, words: Sequence[str]) -> int | None:
    """Say what the stamp says and return its exit status; None where there is something to do."""
    began, stamp = time.monotonic(), read(path)
    if stamp is None or not holds(stamp, words):
        return None
    if stamp["young"]:
        write(path, stamp)
    for is_data, text in stamp["said"]:
        before, found, _ = text.rpartition(TIME)
        if found and not is_data:
            text = f"{before}{TIME}{time.monotonic() - began:.1f} s)"
        stream = sys.stdout if is_data else sys.stderr
        stream.write(f"{text}\n")
        stream.flush()
    status: int = stamp["status"]
    return status


def holds(stamp: dict[str, Any], words: Sequence[str]) -> bool:
    """Whether all is as the stamp says. It is brought up to date where only numbers differ."""
    now = time.time_ns()
    if stamp["key"] != key_of(words):
        return False
    if any(os.environ.get(name) != value for name, value in stamp["env"].items()):
        return False
    if any(real_access(path, mode) != can for path, mode, can in stamp["access"]):
        return False
    if not _files_hold(stamp, now):  # first: it is a file that was changed, mostly
        return False
    for states, state_of in ((stamp["links"], link_state), (stamp["folders"], folder_state)):
        if any(state_of(path) != state for path, state in states.items()):
            return False
    return True


def _files_hold(stamp: dict[str, Any], now: int) -> bool:
    """Whether each file's numbers are the same, or else its content."""
    files, hashes, seen = stamp["files"], stamp["hashes"], stamp["at"]
    doubted = list[str]()
    for path, state in files.items():
        current = file_state(path)
        if current != state or (isinstance(state, list) and is_young(state, seen)):
            if not isinstance(current, list) or not isinstance(state, list) or path not in hashes:
                return False
            files[path] = current
            doubted.append(path)
    stamp["at"], stamp["young"] = now, bool(doubted)
    return all(hash_of(path) == hashes[path] for path in doubted)


def is_young(state: Sequence[int], seen: int) -> bool:
    """Whether a file could have been changed again at `seen` and still have the same times."""
    return any(
        abs(changed - seen) < (YOUNG_NS if changed % 1_000_000_000 else YOUNG_COARSE_NS)
        for changed in state[1:3]
    )


def hash_of(path: str) -> str:
    """The hash of a file's bytes; "" where it can't be read."""
    try:
        with open(path, "rb") as file:
            return digest(file.read())
    except OSError:
        return ""


def file_state(path: str) -> State:
    """What a path leads to: a file's size, times in ns and inode, or that it is none."""
    try:
        found = real_stat(path)
    except OSError as error:
        return error.errno or 0
    except ValueError:  # a name with a zero in it
        return 0
    if S_ISREG(found.st_mode):
        return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    return "d" if S_ISDIR(found.st_mode) else "?"


def link_state(path: str) -> State:
    """Where a link leads; what is none by its kind alone."""
    try:
        mode = real_lstat(path).st_mode
        return os.readlink(path) if S_ISLNK(mode) else "d" if S_ISDIR(mode) else "f"
    except OSError as error:
        return error.errno or 0
    except ValueError:
        return 0


def folder_state(path: str) -> State:
    """What a folder holds: the hash of names and kinds."""
    try:
        with os.scandir(path) as entries:
            names = sorted(f"{one.name}\0{_kind(one)}" for one in entries)
    except OSError as error:
        return error.errno or 0
    return digest("\0".join(names).encode("utf-8", "surrogateescape"))


def _kind(entry: os.DirEntry[str]) -> str:
    kind = "d" if entry.is_dir() else "f" if entry.is_file() else ""
    return f"l{kind}" if entry.is_symlink() else kind
