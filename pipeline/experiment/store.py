"""What is kept: sources, runs and their models, the pinned run.

Imports neither torch nor transformers: a build with nothing to do must not wait for them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from pipeline.config import Config
from pipeline.files import keep, kept_bytes
from pipeline.hashes import FileHashes
from pipeline.problems import TalkError
from pipeline.results import Results, Training, read_results, write_results
from pipeline.seals import sealed

RESULTS = "results.json"
MODEL = "model"
MODELS_KEPT = 4


class Known(msgspec.Struct, frozen=True):
    """A source as it was found last."""

    sha256: str
    source: str = ""
    why: str = ""


class Memory(msgspec.Struct):
    """`sources.json`: which source each wish led to; and the hashes of large files."""

    path: Path
    files: FileHashes
    found: dict[str, Known] = {}

    @classmethod
    def load(cls, cache: Path) -> Memory:
        """What is remembered; nothing, where the file is missing or broken."""
        path, files = cache / "sources.json", FileHashes.load(cache)
        try:
            known = msgspec.json.decode(kept_bytes(path) or b"{}", type=dict[str, dict[str, Known]])
        except (ValueError, RecursionError):  # of another version
            return cls(path, files)
        return cls(path, files, known.get("found", {}))

    def save(self) -> None:
        """Write it down; where nothing can be written, the next build looks again."""
        with suppress(OSError):
            keep(self.path, msgspec.json.encode({"found": self.found}))

    def hash_of(self, path: Path) -> str:
        """sha256 of a file, read only if it changed since it was last asked for."""
        return self.files.hash_of(path)


# --- Runs ---------------------------------------------------------------------------------------


class Trained(msgspec.Struct, frozen=True):
    """What fine-tuning left beside the model itself; the model's folder is sealed with it."""

    training: Training
    evaluation_seconds: float
    reading_seconds: float = 0.0  # what its frozen layers took, all messages once


def kept_training(run: Path) -> Trained | None:
    """The record of a run's finished training, where each file of its model is what it was."""
    return sealed(run / MODEL, Trained)


def kept_runs(cache: Path) -> Iterator[tuple[Path, Results]]:
    """Readable results in the cache, newest first. Broken files are passed over."""
    files = sorted(
        (cache / "runs").glob(f"*/{RESULTS}"), key=lambda p: (-p.stat().st_mtime_ns, p.parent.name)
    )
    for file in files:
        try:
            yield file, read_results(file)
        except TalkError:
            continue


def drop_old_models(cache: Path, keep: set[str]) -> list[str]:
    """Delete the models (not the results) of all but the newest finished runs; their ids.

    Each takes half a gigabyte or more, and is of use only to ask it other examples.
    """
    with_model = [path.parent for path, _ in kept_runs(cache) if (path.parent / MODEL).is_dir()]
    dropped = [run for run in with_model[MODELS_KEPT:] if run.name not in keep]
    for run in dropped:
        shutil.rmtree(run / MODEL, ignore_errors=True)
    return [run.name for run in dropped]


# --- The pinned run -----------------------------------------------------------------------------


def pinned_path(config: Config) -> Path:
    return config.root / "deck" / RESULTS


def shown_results(config: Config, out: Path) -> Results:
    """The run that pages show: the pinned one, else that of the last build into `out`.

    Raises TalkError where there is neither.
    """
    pinned = pinned_path(config)
    return read_results(pinned if pinned.exists() else out / RESULTS)


def pin(config: Config, results: Path, cache: Path | None = None) -> Results:
    """Keep a run for the deck: pages use it until it is unpinned. Returns it.

    Raises TalkError where `results` is missing or broken; an earlier pin stays until the last
    moment, and its run goes back to the cache.
    """
    found = read_results(results)
    unpin(config, cache)
    return write_results(found, pinned_path(config))


def unpin(config: Config, cache: Path | None = None) -> bool:
    """Let go of the pinned run; False where none was pinned.

    A run that the cache does not have (from another machine, say) is kept there.
    """
    target = pinned_path(config)
    if not target.exists():
        return False
    runs = (cache or config.root / ".cache") / "runs"
    try:
        pinned = read_results(target)
        back = runs / pinned.run.id / RESULTS
        if back.exists() and _digest(back) != pinned.digest:
            back = runs / f"{pinned.run.id}-{pinned.digest[:8]}" / RESULTS
    except TalkError:
        back = runs / "unreadable-pin" / RESULTS
        back.unlink(missing_ok=True)
    if back.exists():
        target.unlink()
    else:
        back.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, back)
    return True


def _digest(path: Path) -> str:
    try:
        return read_results(path).digest
    except TalkError:
        return ""
