"""The command line. Exit status: 0 done, 1 the content or the input is wrong, 2 wrong usage,
130 interrupted.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import sys

from pipeline.cli import commands  # which makes them known
from pipeline.cli.parser import COMMANDS, Call, UsageError, parse
from pipeline.cli.terminal import say, show
from pipeline.command import called_with
from pipeline.problems import Problem, TalkError

__all__ = ["COMMANDS", "commands", "main"]

_HINTS = {
    errno.ENOSPC: "make room, or choose another folder with --out",
    errno.EDQUOT: "make room, or choose another folder with --out",
    errno.EACCES: "change its rights, or choose another place",
    errno.EPERM: "change its rights, or choose another place",
    errno.EROFS: "choose a place that can be written; --out says where pages go",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "a link leads back to itself",
    errno.EEXIST: "a file or a broken link is in the way",
    errno.ENOTDIR: "a file is in the way",
    errno.EISDIR: "a folder is in the way",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: the one place where errors are shown."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks a sign shows its code
        sys.stdout.reconfigure(errors="backslashreplace")
    # What it remarks on the inside of a PDF, such as of objects not counted, nobody can mend.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        call = parse(sys.argv[1:] if arguments is None else arguments)
    except UsageError as error:
        show([error.problem])
        return 2
    with called_with(call.talk):
        return _run(call)


def _run(call: Call) -> int:
    """Run it, and show what went wrong."""
    try:
        return call.run()
    except (TalkError, OSError) as error:
        if call.debug:
            raise
        if isinstance(error, BrokenPipeError):
            return _nobody_reads()
        show([error.problem if isinstance(error, TalkError) else _problem_of(error)])
        return 1
    except KeyboardInterrupt:
        say("\ninterrupted: nothing is lost, the same command goes on from here")
        return 130


def _problem_of(error: OSError) -> Problem:
    """What the system refused, and where: a full disk, a name too long, a folder in the way."""
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    place = f"{' -> '.join(names)}: " if names else ""
    reason = error.strerror or str(error) or type(error).__name__
    return Problem(f"{place}{reason}", None, _HINTS.get(error.errno or 0, ""))


def _nobody_reads() -> int:
    """Stdout was closed (`… | head`): what is left to be written to it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
