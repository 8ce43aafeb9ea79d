"""Constants of talk.toml found in content: a phrase with its number, and why no run measures it.

A phrase licenses the number only where it is written: "ninety percent of us" says nothing about
another ninety percent. A bare number needs `where`, the file that may hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

from pipeline.config import Config, Constant
from pipeline.files import read_text
from pipeline.numbers.quantities import find_quantities
from pipeline.problems import Problem, Source

_MARKUP = re.compile(r"(?<=\])\([^()\s]*\)|(?<=\])\{[^{}\n]*\}|[*_|\[\]#>~`\"“”„«»]")
_PAUSES = r"[\s\"“”*_|]+"


@dataclass(frozen=True, slots=True)
class Listed:
    """One constant, ready to be looked for."""

    constant: Constant
    phrase: re.Pattern[str]

    def allows(self, path: Path, root: Path) -> bool:
        """Whether it may stand in this file."""
        if not self.constant.where:
            return True
        try:
            name = path.relative_to(root).as_posix()
        except ValueError:
            name = path.as_posix()
        return fnmatch(name, self.constant.where)


def without_markup(text: str) -> str:
    """`text` at the same length, its Markdown signs as spaces."""
    return _MARKUP.sub(lambda found: " " * len(found[0]), text).replace("’", "'")


@lru_cache(maxsize=4)
def listed_constants(constants: tuple[Constant, ...]) -> tuple[Listed, ...]:
    """The constants of talk.toml as patterns; words may be parted by marks or line ends."""
    listed = []
    for constant in constants:
        words = without_markup(constant.text).split()
        phrase = _PAUSES.join(re.escape(word) for word in words)
        edges = rf"(?<![\w.,$€£])(?:{phrase})(?![\w%]|[.,]\d)"
        if words:
            listed.append(Listed(constant, re.compile(edges, re.IGNORECASE)))
    return tuple(listed)


def constant_findings(config: Config, used: frozenset[str]) -> Iterator[Problem]:
    """Constants that license too much, hold no number or reason, or that nothing uses."""
    for constant in config.constants:
        where = Source(config.path, _line(config, constant.text))
        numbers = find_quantities(constant.text)
        bare = without_markup(constant.text)
        for number in reversed(numbers):
            bare = bare[: number.start] + bare[number.end :]
        if not numbers:
            yield Problem(f'the constant "{constant.text}" holds no number', where, "remove it")
        elif not re.search(r"[A-Za-z]{2,}", bare) and not constant.where:
            yield Problem(
                f'the constant "{constant.text}" would allow every such number',
                where,
                'write the number with its words, or say where = "deck/drawings/NAME.svg"',
            )
        elif not constant.reason.strip():
            yield Problem(f'the constant "{constant.text}" has no reason', where, "say why")
        elif constant.text not in used:
            yield Problem(
                f'nothing uses the constant "{constant.text}"',
                where,
                "remove it",
                severity="warning",
            )


def _line(config: Config, text: str) -> int | None:
    lines = read_text(config.path, "the file of settings").split("\n")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return next(
        (n for n, line in enumerate(lines, 1) if f'"{escaped}"' in line or f"'{text}'" in line),
        None,
    )
