"""A lock that another build holds until this one is told that it waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.locks import alone

Say = Callable[[str], None]


@contextmanager
def let_go_when_asked(lock: Path, said: list[str]) -> Iterator[Say]:
    """Hold the lock; the first message that says "waits" ends that. All are in `said`."""
    with ExitStack() as other:
        other.enter_context(alone(lock, "at it"))

        def say(message: str) -> None:
            said.append(message)
            if "waits" in message:
                other.close()

        yield say
