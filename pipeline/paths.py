"""Names of files: found inside the talk's folder however they are written, and as addresses bear
them."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from pathlib import Path

from pipeline.problems import Source, TalkError, nearest


def file_below(root: Path, name: str, what: str, where: Source) -> Path:
    """The file that is named from the talk's folder `root`; `what` it is, for messages.

    Raises TalkError for one that lies outside, by its name or by a link, is hidden, or isn't there.
    """
    if leads_out(name, root):
        hint = "copy it into the folder of talk.toml"
        raise TalkError(f"the {what} `{name}` lies outside the talk's folder", where, hint)
    path = inside(root, name)
    if path and path.is_file():
        name_below(root, path, f"the {what} `{name}`", where)
        return path
    if path and path.is_dir():
        raise TalkError(f"the {what} `{name}` is a folder", where, "name a file in it")
    beside = [file.name for file in entries((root / name).parent)]
    near = difflib.get_close_matches(Path(name).name, beside, n=1)
    hint = nearest(near[0], near) if near else "paths begin in the folder of talk.toml"
    raise TalkError(f"there is no {what} `{name}`", where, hint)


def name_below(root: Path, path: Path, what: str, where: Source) -> str:
    """A file's real name from `root`, its letters composed: the same file has the same name.

    Raises TalkError for one that is a link out of `root`, or hidden.
    """
    real, whole = path.resolve(), root.resolve()
    if not real.is_relative_to(whole):
        hint = "copy the file into the talk's folder"
        raise TalkError(f"{what} leads out of the talk's folder", where, hint)
    name = real.relative_to(whole)
    if any(part.startswith(".") for part in name.parts):
        hint = "passwords lie in such files: copy what is to be shown"
        raise TalkError(f"{what} is a hidden file", where, hint)
    return composed(name.as_posix())


def real(path: Path) -> Path:
    """Where a path leads, links followed; one that leads back to itself stays as it is."""
    return Path(os.path.realpath(path))


def leads_out(name: str, root: Path, *folders: Path) -> bool:
    """Whether a name, from `root` or one of the folders in it, is none of a file in `root`.

    By its letters alone: nothing outside is looked at.
    """
    whole = Path(os.path.normpath(root))
    return (
        name.startswith(("/", "\\", "~"))
        or "\0" in name
        or not any(
            Path(os.path.normpath(folder / name)).is_relative_to(whole)
            for folder in (root, *folders)
        )
    )


def inside(folder: Path, name: str) -> Path | None:
    """The path below a folder, however its letters are composed; None if nothing is there."""
    for part in Path(name).parts:
        path = folder / part
        if part != ".." and not _exists(path):
            found = [one for one in entries(folder) if composed(one.name) == composed(part)]
            if not found:
                return None
            path = found[0]
        folder = path
    return folder


def entries(folder: Path) -> list[Path]:
    """What a folder holds, in order; nothing where it can't be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def composed(text: str) -> str:
    """The same letters, each as one sign where there is one: macOS writes names in pieces."""
    return unicodedata.normalize("NFC", text)


def plain_name(text: str) -> str:
    """Small letters, digits and hyphens, as names of files and addresses bear them; may be ""."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:  # a name too long, say
        return False
