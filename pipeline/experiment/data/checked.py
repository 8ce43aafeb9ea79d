"""Messages as `read` reads them; a zip broken in ways that zipfile has no word for is one message.

`read` decides the trained model, so its text is part of what a run is known by, and stays as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from pipeline.experiment.data import read
from pipeline.files import read_bytes
from pipeline.problems import Source, TalkError

P = ParamSpec("P")
T = TypeVar("T")


def _told(made: Callable[Concatenate[Path, P], T]) -> Callable[Concatenate[Path, P], T]:
    """A reader that says so where a zip leads before its start, or names nothing."""

    @functools.wraps(made)
    def told(path: Path, /, *values: P.args, **named: P.kwargs) -> T:
        try:
            return made(path, *values, **named)
        except (ValueError, IndexError) as error:
            if not read_bytes(path, "the data file").startswith(b"PK\x03\x04"):
                raise
            message = f"the data file can't be unzipped: {error}"
            raise TalkError(message, Source(path), "pack it again") from None

    return told


content_sha256, read_raw = _told(read.content_sha256), _told(read.read_raw)
