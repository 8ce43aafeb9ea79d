"""One training in several processes, as `accelerate launch` starts them: who does what.

The first one is the build. The others only train with it: they say, write and show nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.problems import TalkError


def processes() -> int:
    """How many there are; 1 where none of this is going on."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this is the build itself."""
    return processes() == 1 or os.environ.get("RANK", "0") == "0"


def share_of(batch_size: int) -> int:
    """What each takes of a batch, so that steps are those of one process. Raises TalkError."""
    count = processes()
    if batch_size % count:
        raise TalkError(
            f"a batch of {batch_size} messages can't be shared by {count} processes",
            None,
            "start so many that `batch_size` is a multiple of them",
        )
    return batch_size // count


def wait_for_all() -> None:
    """Go on when each process has come here."""
    if processes() > 1:
        import torch
        from accelerate import PartialState

        PartialState(cpu=not torch.cuda.is_available()).wait_for_everyone()


@contextmanager
def first_in_turn() -> Iterator[None]:
    """The first process does it, then the others, who find what it left."""
    if not is_first():
        wait_for_all()
    yield
    if is_first():
        wait_for_all()
