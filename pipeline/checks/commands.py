"""Commands of measurements stand on the pages, with each number: no password may be in one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.config import Config
from pipeline.problems import Problem

# Keys as services write them; a password in an address; a word for one, and what follows it. What
# a shell fills in, $PASSWORD, is none.
_SECRET = re.compile(
    r"gh[opsru]_\w{30,}|github_pat_\w{20,}|hf_\w{20,}|sk-[\w-]{20,}|AKIA[0-9A-Z]{16}"
    r"|://[^\s/:@]+:(?!\$)[^\s/@]+@"
    r"|(?i:passwo?r?d|secret|(?:api|access|private|secret)[_-]?key"
    r"|(?:api|access|auth|github|gh|hf)[_-]?token)(?:=|\s+)[\"']?(?![$\s-])\S"
)


def command_problems(config: Config) -> Iterator[Problem]:
    """The commands that seem to hold a password, a key or a token: readers would see it."""
    for name, one in config.measure.items():
        if _SECRET.search(one.written):
            message = f"the command of [measure.{name}] seems to hold a password or a key"
            hint = "pages show the command: let the program read it from a variable or a file"
            yield Problem(message, config.source("measure", name, "command"), hint)
