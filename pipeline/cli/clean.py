"""What `clean` frees: only what is made again by itself; by kind, with its size.

Results of runs, measured values, cells of evidence, checkpoints of what is not finished, what
`undo` needs and drawings by the speaker's own code are records: nothing here names them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import msgspec

from pipeline.caches import COMPILED, FACES, MODELS
from pipeline.files import KEPT_NAME
from pipeline.locks import BusyError, alone
from pipeline.memo import NAME as MEMO

_LOOSE = ("code-*", "reveal-*", "logo-*", "font-*", "face-*")  # in the cache itself
_DRAWN = ("figures", "media", "publish", "fit", "stamps")
# A cache may be a link, or a folder that somebody names: what is not called as ours is theirs.
_HASH_NAME = re.compile(r"[0-9a-f]{16}")
_PROCESS_NAME = re.compile(r"\d+")


class Kept(msgspec.Struct, frozen=True):
    """A file or folder that can go, and the locks of which whoever works on it holds one."""

    path: Path
    locks: tuple[Path, ...] = ()

    @property
    def size_bytes(self) -> int:
        return size_of(self.path)


class Group(msgspec.Struct, frozen=True):
    """Kept things that are made again in one way."""

    name: str
    about: str
    kept: tuple[Kept, ...]

    @property
    def size_bytes(self) -> int:
        return sum(one.size_bytes for one in self.kept)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; links count as themselves."""
    files = [path]
    if path.is_dir() and not path.is_symlink():
        files = [file for file in path.rglob("*") if file.is_symlink() or not file.is_dir()]
    size = 0
    for file in files:
        with suppress(FileNotFoundError):  # a build beside us has renamed it
            size += file.lstat().st_size
    return size


def of_talk(cache: Path, shown: set[str]) -> Iterator[Group]:
    """What a talk's cache can do without. `shown`: the ids of runs that keep their model."""
    from pipeline.experiment.live.training import FOLDER as LIVE
    from pipeline.experiment.store import MODEL, kept_runs

    loose = [
        Kept(file)
        for pattern in _LOOSE
        for file in sorted(cache.glob(pattern))
        if KEPT_NAME.fullmatch(file.name)
    ]
    loose += [Kept(cache / MEMO)] if (cache / MEMO).is_file() else []
    drawn = [one for name in _DRAWN for one in _below(cache / name, KEPT_NAME)]
    about = "charts, diagrams, photos, parts of pages, texts as they were read"
    yield Group("pictures", about, (*loose, *drawn))
    spoken = _below(cache / "narration", KEPT_NAME)
    yield Group("narration", "the spoken slides", tuple(spoken))
    yield Group("states", "what a model's layers read of messages", tuple(_states(cache)))
    locks = cache / "locks"
    runs = [path.parent for path, results in kept_runs(cache) if results.run.id not in shown]
    models = [Kept(run / MODEL, (locks / f"run-{run.name}",)) for run in runs if _is_ours(run)]
    about = "models of runs that are neither shown nor pinned; their results stay"
    yield Group("trained", about, tuple(one for one in models if _is_ours(one.path)))
    left = [one for one in _below(cache / LIVE, _PROCESS_NAME) if not _is_going_on(one.path)]
    yield Group("live", "what trainings beside a served deck left", tuple(left))


def _states(cache: Path) -> Iterator[Kept]:
    """States are read part by part, for a run or for evidence; new ones are begun under a lock."""
    locks = cache / "locks"
    busy = (locks / "states", locks / "evidence", *sorted(locks.glob("run-*")))
    for one in _below(cache / "states", _HASH_NAME):
        yield Kept(one.path, (*busy, *sorted(one.path.glob("*.lock"))))


def _is_going_on(folder: Path) -> bool:
    """Whether the process that a folder is called after lives; so it is where nobody can tell."""
    try:
        import psutil
    except ImportError:
        return True
    return bool(psutil.pid_exists(int(folder.name)))


def of_all_talks(caches: Sequence[Path]) -> Iterator[Group]:
    """What talks share, in the user's cache, or a talk's where it was kept there."""
    models = [
        Kept(one.path, (cache / "locks" / f"model-{one.path.name}",))
        for cache in caches
        for one in _below(cache / MODELS, _HASH_NAME)
    ]
    faces = [one for cache in caches for one in _below(cache / FACES, KEPT_NAME)]
    yield Group("models", "as they came: got again where there is a network", tuple(models))
    yield Group("faces", "typefaces, cut to what pages show", tuple(faces))
    compiled = [one for cache in caches for one in _below(cache / COMPILED, KEPT_NAME)]
    yield Group("templates", "templates of pages, compiled", tuple(compiled))


def _below(folder: Path, form: re.Pattern[str]) -> Iterator[Kept]:
    """What lies in a folder under a name of this form."""
    if _is_ours(folder):
        yield from (Kept(path) for path in sorted(folder.iterdir()) if form.fullmatch(path.name))


def _is_ours(folder: Path) -> bool:
    """A plain folder: what a link leads to is somebody's."""
    return folder.is_dir() and not folder.is_symlink()


def free(kinds: Sequence[Group]) -> tuple[int, list[Path]]:
    """Remove it all; how many bytes went, and what stayed because something works on it now."""
    freed, busy = 0, list[Path]()
    for one in (one for kind in kinds for one in kind.kept):
        size = one.size_bytes
        try:
            with ExitStack() as held:
                for lock in one.locks:
                    held.enter_context(alone(lock, "using it"))
                _remove(one.path)
        except BusyError:
            busy.append(one.path)
            continue
        freed += size
    return freed, busy


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        with suppress(FileNotFoundError):
            shutil.rmtree(path)


def listing(kinds: Sequence[Group]) -> str:
    """A line a kind, the largest first."""
    found = sorted(kinds, key=lambda kind: -kind.size_bytes)
    return "\n".join(
        f"{kind.name:<10} {in_units(kind.size_bytes):>9}  {kind.about}" for kind in found
    )


def in_units(size_bytes: int) -> str:
    """In the largest unit that leaves a digit or two: "12 kB", "1.2 MB", "0.51 GB"."""
    if size_bytes < 1e6:
        return f"{size_bytes / 1e3:.0f} kB"
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= 1e8 else f"{size_bytes / 1e6:.1f} MB"
