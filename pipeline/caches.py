"""Where models and typefaces are kept, which no one talk owns: in the user's folder for caches.

What a talk made of its own files and numbers is in its `.cache`. Where the user has no folder that
can be written, all is kept there.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.command import NAME

VARIABLE = "TALKWRIGHT_CACHE"
MODELS, FACES, COMPILED = "models", "faces", "templates"


def user_cache() -> Path:
    """The folder that TALKWRIGHT_CACHE names, else the system's for what can be made again.

    Relative, and so one that can't be written, for a user without a home.
    """
    named = os.environ.get(VARIABLE)
    try:
        if named:
            return Path(named).expanduser().absolute()
        from platformdirs import user_cache_path

        return user_cache_path(NAME, appauthor=False)
    except RuntimeError:  # what both raise where there is no home
        return Path(named or f"~/.cache/{NAME}")


def can_be_written(folder: Path) -> bool:
    """Whether files can be made below the folder, which may not be there yet."""
    if not folder.is_absolute():
        return False
    there = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def shared(own: Path) -> Path:
    """The folder of what all talks share: the user's, or else the talk's own."""
    folder = user_cache()
    return folder if can_be_written(folder) else own


def kept_faces(own: Path | None) -> Path | None:
    """The folder of cut and checked typefaces; None where a talk keeps nothing."""
    return shared(own) / FACES if own else None
