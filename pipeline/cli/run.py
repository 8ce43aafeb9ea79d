"""One command run, and what went wrong shown."""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence

from pipeline import recorded
from pipeline.cli import commands, nobody_reads  # commands make themselves known
from pipeline.cli.parser import COMMANDS, Call, UsageError, parse
from pipeline.cli.terminal import say, show
from pipeline.command import called_with
from pipeline.problems import Problem, TalkError

__all__ = ["COMMANDS", "commands", "run"]

_HINTS = {
    errno.ENOSPC: "make room, or choose another folder with --out",
    errno.EDQUOT: "make room, or choose another folder with --out",
    errno.EFBIG: "`ulimit -f`, or the disk, allows no file of this length",
    errno.EACCES: "change its rights, or choose another place",
    errno.EPERM: "change its rights, or choose another place",
    errno.EROFS: "choose a place that can be written; --out says where pages go",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "a link leads back to itself",
    errno.EEXIST: "a file or a broken link is in the way",
    errno.ENOTDIR: "a file is in the way",
    errno.EISDIR: "a folder is in the way",
}


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit status: the one place where errors are shown."""
    # What it remarks on the inside of a PDF, such as of objects not counted, nobody can mend.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # a line for each fault of a typeface
    try:
        call = parse(words)
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
        recorded.doubt("an error")
        if call.debug:
            raise
        if isinstance(error, BrokenPipeError):
            return nobody_reads()
        show([error.problem if isinstance(error, TalkError) else _problem_of(error)])
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        recorded.doubt("an interruption")
        say("\ninterrupted: nothing is lost, the same command goes on from here")
        return 130


def _problem_of(error: OSError) -> Problem:
    """What the system refused, and where: a full disk, a name too long, a folder in the way."""
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    place = f"{' -> '.join(names)}: " if names else ""
    reason = error.strerror or str(error) or type(error).__name__
    return Problem(f"{place}{reason}", None, _HINTS.get(error.errno or 0, ""))
