"""What `clean` frees: only what is made again by itself; by kind, with its size.

Results of runs, measured values, cells of evidence, checkpoints of what is not finished, what
`undo` needs and drawings by the speaker's own code are records: nothing here names them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.caches import FACES, MODELS
from pipeline.files import BusyError, alone

_LOOSE = ("code-*", "reveal-*", "logo-*", "font-*", "face-*")  # in the cache itself
_DRAWN = ("figures", "media", "publish", "fit")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file or folder that can go, and the lock that whoever works on it holds."""

    path: Path
    lock: Path | None = None

    @property
    def size_bytes(self) -> int:
        return size_of(self.path)


@dataclass(frozen=True, slots=True)
class Group:
    """Kept things that are made again in one way."""

    name: str
    about: str
    kept: tuple[Kept, ...]

    @property
    def size_bytes(self) -> int:
        return sum(one.size_bytes for one in self.kept)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; links count as themselves."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())


def of_talk(cache: Path, shown: set[str]) -> Iterator[Group]:
    """What a talk's cache can do without. `shown`: the ids of runs that keep their model."""
    from pipeline.experiment.live.training import FOLDER as LIVE
    from pipeline.experiment.store import MODEL, kept_runs

    loose = [Kept(file) for pattern in _LOOSE for file in sorted(cache.glob(pattern))]
    drawn = [one for name in _DRAWN for one in _below(cache / name)]
    drawn = [one for one in drawn if not one.path.name.startswith("own-")]
    yield Group("pictures", "charts, diagrams, photos, parts of pages", (*loose, *drawn))
    yield Group("narration", "the spoken slides", tuple(_below(cache / "narration")))
    locks = cache / "locks"
    states = [Kept(one.path, locks / f"states-{one.path.name}") for one in _below(cache / "states")]
    yield Group("states", "what a model's layers read of messages", tuple(states))
    runs = [path.parent for path, results in kept_runs(cache) if results.run.id not in shown]
    models = [Kept(run / MODEL, locks / f"run-{run.name}") for run in runs]
    about = "models of runs that are neither shown nor pinned; their results stay"
    yield Group("trained", about, tuple(one for one in models if _is_ours(one.path)))
    yield Group("live", "what trainings beside a served deck left", tuple(_below(cache / LIVE)))


def of_all_talks(caches: Sequence[Path]) -> Iterator[Group]:
    """What talks share, in the user's cache, or a talk's where it was kept there."""
    models = [
        Kept(one.path, cache / "locks" / f"model-{one.path.name}")
        for cache in caches
        for one in _below(cache / MODELS)
    ]
    faces = [one for cache in caches for one in _below(cache / FACES)]
    yield Group("models", "as they came: got again where there is a network", tuple(models))
    yield Group("faces", "typefaces, cut to what pages show", tuple(faces))


def _below(folder: Path) -> Iterator[Kept]:
    if _is_ours(folder):
        yield from map(Kept, sorted(folder.iterdir()))


def _is_ours(folder: Path) -> bool:
    """A plain folder: what a link leads to is somebody's."""
    return folder.is_dir() and not folder.is_symlink()


def free(kinds: Sequence[Group]) -> tuple[int, list[Path]]:
    """Remove it all; how many bytes went, and what stayed because something works on it now."""
    freed, busy = 0, list[Path]()
    for one in (one for kind in kinds for one in kind.kept):
        size = one.size_bytes
        try:
            if one.lock:
                with alone(one.lock, "using it"):
                    _remove(one.path)
            else:
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
