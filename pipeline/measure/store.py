"""Where runs of measurements are: kept in the cache, shown beside the pages, pinned in the deck.

.cache/measured/NAME/ID/    1.json, 2.json, … the repeats; measured.json; files/ its pictures
out/measured/               NAME.json, NAME/plot.svg: what pages show
deck/measured/              the same, pinned
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pipeline.command import called
from pipeline.config import Config
from pipeline.files import write_whole
from pipeline.hashes import FileHashes, sha256_of
from pipeline.measure.read import read_file
from pipeline.measured import Measurement, read_measurement, write_measurement
from pipeline.problems import TalkError

FOLDER = "measured"
WHOLE = "measured.json"
FILES = "files"
RUNS_KEPT = 10


def kept_folder(cache: Path, name: str, run: str) -> Path:
    """The folder of one run in the cache."""
    return cache / FOLDER / name / run


def shown_file(out: Path, name: str) -> Path:
    """The run that the last build showed."""
    return out / FOLDER / f"{name}.json"


def pinned_file(config: Config, name: str) -> Path:
    return config.root / "deck" / FOLDER / f"{name}.json"


def shown_pictures(config: Config, out: Path, name: str) -> Path:
    """The folder with the pictures of the run that pages show."""
    pinned = pinned_file(config, name)
    return (pinned if pinned.exists() else shown_file(out, name)).with_suffix("")


def kept(cache: Path, name: str) -> Iterator[tuple[Path, Measurement]]:
    """The whole runs of a measurement with their folders, newest first; no broken ones."""
    files = sorted((cache / FOLDER / name).glob(f"*/{WHOLE}"), key=_newest_first)
    for file in files:
        try:
            yield file.parent, read_measurement(file)
        except TalkError:
            continue


def fitting(cache: Path, name: str, run: str, fingerprint: dict[str, str]) -> Measurement | None:
    """The kept run that depends on the same, where it is whole, its pictures too."""
    folder = kept_folder(cache, name, run)
    try:
        found = read_measurement(folder / WHOLE)
    except TalkError:
        return None
    fits = found.name == name and found.run.fingerprint == fingerprint
    return found if fits and has_pictures(found, folder / FILES) else None


def has_pictures(found: Measurement, folder: Path) -> bool:
    """Whether the pictures of a run are in a folder as it left them."""
    try:
        return all(
            (folder / name).is_file() and sha256_of(folder / name) == digest
            for name, digest in found.run.pictures.items()
        )
    except OSError:
        return False


def put(found: Measurement, pictures: Path, target: Path) -> Measurement:
    """Write a run to where it is shown or pinned, its pictures beside it, in a folder of its name.

    The values are written last; of the run that was there nothing stays. Raises OSError.
    """
    folder, before = target.with_suffix(""), _pictures_of(target)
    for name in found.run.pictures:
        write_whole(folder / name, (pictures / name).read_bytes())
    written = write_measurement(found, target)
    _remove(folder, before - found.run.pictures.keys())
    return written


def _pictures_of(file: Path) -> set[str]:
    """The names of a run's pictures; none where there is no run, or a broken one."""
    try:
        return {Path(name).name for name in read_measurement(file).run.pictures}
    except TalkError:
        return set()


def _remove(folder: Path, names: set[str]) -> None:
    """Remove these files, and the folder where it is empty then."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def keep_aside(run: Path) -> None:
    """Keep a run beside the one that takes its folder: `diff` compares them. Raises OSError."""
    with suppress(TalkError):
        digest = read_measurement(run / WHOLE).digest
        shutil.copytree(run, run.with_name(f"{run.name}-{digest[:8]}"), dirs_exist_ok=True)


def drop_old(cache: Path, name: str, keep: str) -> None:
    """Delete all but the newest runs of a measurement, whole or begun, and the one to keep."""
    folders = [path for path in (cache / FOLDER / name).glob("*") if path.is_dir()]
    for folder in sorted(folders, key=_newest_first)[RUNS_KEPT:]:
        if folder.name != keep:
            shutil.rmtree(folder, ignore_errors=True)


def pin(config: Config, out: Path, cache: Path, name: str) -> Measurement:
    """Keep what the last build showed for the deck: pages use it until it is unpinned.

    Of a measurement that is a file, what it holds now. What was pinned before goes to the cache.
    Raises TalkError where there is nothing to pin.
    """
    shown = shown_file(out, name)
    if name in config.measure and config.measure[name].file:
        found = read_file(config, name, FileHashes.load(cache).hash_of)
    elif shown.exists():
        found = read_measurement(shown)
    else:
        table = "measure" if name in config.measure else "evidence"
        where, hint = config.source(table, name), "build it once"
        if table == "evidence":
            hint = f"run `{called()} evidence {name}` once"
        raise TalkError(f"[{table}.{name}] was not measured yet", where, hint)
    if pinned_file(config, name).exists():
        _keep(config, cache, name)
    return put(found, shown.with_suffix(""), pinned_file(config, name))


def unpin(config: Config, cache: Path, name: str) -> bool:
    """Let go of a pinned run; False where none was pinned. One that the cache lacks goes there."""
    target = pinned_file(config, name)
    if not target.exists():
        return False
    _keep(config, cache, name)
    pictures = _pictures_of(target)
    target.unlink()
    _remove(target.with_suffix(""), pictures)
    return True


def _keep(config: Config, cache: Path, name: str) -> None:
    """Put what is pinned back into the cache; what can't be read is moved aside as it is."""
    target = pinned_file(config, name)
    try:
        pinned = read_measurement(target)
    except TalkError:
        aside = cache / FOLDER / name / "unreadable-pin" / WHOLE
        aside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target, aside)
        return
    if any(found.digest == pinned.digest for _, found in kept(cache, name)):
        return
    folder = kept_folder(cache, name, pinned.run.id)
    if (folder / WHOLE).exists():
        folder = folder.with_name(f"{pinned.run.id}-{pinned.digest[:8]}")
    for picture in _pictures_of(target):
        write_whole(folder / FILES / picture, (target.with_suffix("") / picture).read_bytes())
    write_measurement(pinned, folder / WHOLE)


def _newest_first(path: Path) -> tuple[int, str]:
    return -path.stat().st_mtime_ns, path.parent.name
