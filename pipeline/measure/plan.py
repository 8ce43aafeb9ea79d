"""What a measurement depends on, and what of it has changed since it was made: nothing is run."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from pipeline.config import Config, MeasureSettings
from pipeline.paths import composed, real
from pipeline.problems import Source, TalkError

HashOf = Callable[[Path], str]
MOST_INPUTS = 10_000  # files of one measurement
NOT_THERE = ""  # in place of a hash
_SCRIPTS = {".py", ".r", ".jl", ".js", ".mjs", ".ts", ".rb", ".pl", ".sh", ".lua", ".php", ".go"}
_SKIPPED = {".cache", ".git", "__pycache__", ".DS_Store"}


class Plan(msgspec.Struct, frozen=True):
    """A measurement as talk.toml has it now.

    `fingerprint` has the hash of each input file by its name, and the settings that decide the
    values; what is known of values (`values`, `about`) is no part of it.
    """

    name: str
    settings: MeasureSettings
    fingerprint: Mapping[str, str]

    @property
    def id(self) -> str:
        """Eight hex digits of what it depends on."""
        content = msgspec.json.encode(dict(self.fingerprint), order="sorted")
        return hashlib.sha256(content).hexdigest()[:8]

    @property
    def words(self) -> tuple[str, ...]:
        """The command as a list of words."""
        return words_of(self.settings)

    @property
    def missing(self) -> tuple[str, ...]:
        """Inputs that match no file."""
        return tuple(name for name, known in self.fingerprint.items() if known == NOT_THERE)


def plan_of(config: Config, name: str, hash_of: HashOf) -> Plan:
    """A measurement and what it depends on now.

    An input that is not there is none of its own (`Plan.missing`). Raises TalkError for one that
    leads out of the talk's folder, or can't be read.
    """
    settings, found = config.measure[name], dict[str, str]()
    if settings.command:
        found["command"] = settings.written
        found["repeats"] = str(settings.repeats)
        more: dict[str, object] = {"shell": settings.shell and "yes", "output": settings.output}
        more |= {"format": settings.format, "pictures": ", ".join(settings.pictures)}
        found |= {key: str(value) for key, value in more.items() if value}
    for label, path in inputs_of(config, name):
        key = label if label not in found else f"./{label}"
        try:
            found[key] = hash_of(path) if path else NOT_THERE
        except OSError as error:
            message = f"the input `{label}` of [measure.{name}] can't be read: {error.strerror}"
            raise TalkError(message, config.source("measure", name)) from None
    return Plan(name, settings, found)


def changed_since(made: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The names of what differs between two fingerprints, sorted."""
    return tuple(sorted(key for key in {*made, *now} if made.get(key) != now.get(key)))


def inputs_of(config: Config, name: str) -> Iterator[tuple[str, Path | None]]:
    """The files that a measurement depends on, each once, by name; None: a glob that matches none.

    Those are what `inputs` says, the script that the command names, and `file`. What the command
    writes is none.
    """
    one, found = config.measure[name], dict[str, Path]()
    written = {real(config.root / made) for made in (one.output, *one.pictures) if made}
    for place, pattern in enumerate(one.inputs):
        where = config.source("measure", name, "inputs", place)
        files = _matches(config.root, pattern)
        files = [file for file in files if real(file) not in written] if written else files
        if not files:
            yield pattern, None
        for file in files:
            found[_named(config.root, file, f"the input `{pattern}`", where)] = file
            if len(found) > MOST_INPUTS:
                message = f"`{pattern}` is more than {MOST_INPUTS:,} files"
                raise TalkError(message, where, "narrow it")
    for number, word in enumerate(words_of(one)):
        path = config.root / word
        is_code = number == 0 or path.suffix.lower() in _SCRIPTS
        if not is_code or not _is_file(path) or real(path) in written:
            continue
        if label := _named(config.root, path, "the command", None):
            found.setdefault(label, path)
            break  # what comes behind it may be what it writes
    if one.file:
        where = config.source("measure", name, "file")
        path = config.root / one.file
        _named(config.root, path, f"the file `{one.file}`", where)
        yield from _parts(path, one.file)
    yield from sorted(found.items())


def _parts(path: Path, name: str) -> Iterator[tuple[str, Path | None]]:
    """A file, or those of a folder."""
    if not path.is_dir():
        yield name, path if path.exists() else None
        return
    for file in sorted(_files(path)):
        yield f"{name.rstrip('/')}/{file.relative_to(path).as_posix()}", file


def _matches(root: Path, pattern: str) -> list[Path]:
    """The files of a glob; of a folder all that it holds."""
    literal = root / pattern
    try:
        found = [literal] if literal.exists() else sorted(root.glob(pattern))
    except (ValueError, NotImplementedError, OSError):
        return []
    folders = [path for path in found if path.is_dir()]
    files = [path for path in found if path.is_file()]
    files += [file for folder in folders if "**" not in pattern for file in sorted(_files(folder))]
    return [file for file in files if not _is_skipped(root, file)]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not _is_skipped(folder, path))


def _is_skipped(root: Path, path: Path) -> bool:
    """What is made again: kept runs, pages, Python's own files."""
    parts = path.relative_to(root).parts
    return not _SKIPPED.isdisjoint(parts) or parts[:1] == ("out",)


def words_of(one: MeasureSettings) -> tuple[str, ...]:
    """The words of a command; as far as they can be told, in a text for a shell."""
    if not isinstance(one.command, str):
        return one.command
    try:
        words = shlex.shlex(one.command, posix=True, punctuation_chars=one.shell)
        words.whitespace_split, words.commenters = True, ""
        return tuple(words)
    except ValueError:
        return ()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a word that is too long for a name
        return False


def _named(root: Path, path: Path, what: str, where: Source | None) -> str:
    """A file's name from the talk's folder.

    A link that leads out of it is refused; without a place for the message its name is empty.
    """
    whole, target = real(root), real(path)
    if not target.is_relative_to(whole):
        if where is None:  # a program elsewhere on this machine
            return ""
        hint = "copy the file into the talk's folder"
        raise TalkError(f"{what} leads out of the talk's folder", where, hint)
    plain = Path(os.path.normpath(path))
    inside, above = (plain, root) if plain.is_relative_to(root) else (target, whole)
    return composed(inside.relative_to(above).as_posix())
