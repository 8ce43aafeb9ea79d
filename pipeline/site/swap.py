"""A folder that is replaced as a whole, and only if everything in it is our own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import Source, TalkError

MARKER = ".published"  # lists the files that are ours
_HEAD = "Made by `build.py publish`, which replaces this folder and these files:\n"


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """A new empty folder that takes the place of `folder` when the block ends without an error.

    Raises TalkError if `folder` holds a file that an earlier run didn't make. Whatever fails, the
    folder that was there stays whole.
    """
    old = folder.with_name(f".{folder.name}.old")
    if old.is_dir() and not folder.exists():
        old.rename(folder)  # a run was killed between the two renames below
    _check_ours(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        made.chmod(0o755)
        yield made
        names = sorted(str(p.relative_to(made).as_posix()) for p in made.rglob("*") if p.is_file())
        (made / MARKER).write_text(_HEAD + "".join(f"{name}\n" for name in names), "utf-8")
        _check_ours(folder)
        if not folder.exists():
            made.rename(folder)
            return
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        try:
            made.rename(folder)
        except OSError:
            old.rename(folder)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _check_ours(folder: Path) -> None:
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
    ours = {MARKER, *marker.read_text("utf-8").split("\n")[1:]}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and name not in ours:
            raise TalkError(
                f"the folder holds a file that `publish` didn't make ({name}), so it is left alone",
                where,
                "move it away, or choose another folder with --out",
            )
