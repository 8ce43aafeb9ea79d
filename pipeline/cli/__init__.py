"""The command line. Exit status: 0 done, 1 the content or the input is wrong, 2 wrong usage,
130 interrupted.
"""

from __future__ import annotations

import gc
import io
import os
import sys

from pipeline import stamp


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status.

    As a program, one with nothing to do says so before anything else is imported. Whoever calls
    this with arguments has all of it run.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks a sign shows its code
        sys.stdout.reconfigure(errors="backslashreplace")
    if arguments is not None:
        from pipeline.cli.run import run

        return run(arguments)
    words = sys.argv[1:]
    place = stamp.place_of(words)
    try:
        if place and (status := stamp.said_again(place, words)) is not None:
            return status
    except BrokenPipeError:
        return nobody_reads()
    try:
        return _run(words, place)
    finally:
        gc.freeze()  # or Python looks for cycles in all that is left, as it ends


def _run(words: list[str], place: str) -> int:
    """Run a command, recorded where it may have a stamp."""
    # What is read and kept are many small values and hardly a cycle: looking for cycles as often as
    # Python does by itself is time spent for nothing.
    gc.set_threshold(200_000, 20, 50)
    if not place:
        from pipeline.cli.run import run

        return run(words)
    from pipeline.recorded import recorded

    def run_all() -> int:
        from pipeline.cli.run import run  # what its modules read is recorded, too

        return run(words)

    return recorded(place, words, run_all)


def nobody_reads() -> int:
    """Stdout was closed (`… | head`): what is left to be written to it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
