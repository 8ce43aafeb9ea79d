"""Constants of talk.toml found in content: a phrase with its number, and why no run measures it.

A phrase licenses the number only where it is written: "ninety percent of us" says nothing about
another ninety percent. A bare number needs `where`, the file that may hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

import msgspec

from pipeline.config import Config, Constant
from pipeline.locale import Locale
from pipeline.numbers.quantities import find_quantities
from pipeline.problems import Problem

_MARKS = re.compile(r"[*_|#>~`\"“”„«»]")


class Listed(msgspec.Struct, frozen=True):
    """One constant, ready to be looked for."""

    constant: Constant
    phrase: re.Pattern[str]

    def allows(self, path: Path, root: Path) -> bool:
        """Whether it may stand in this file."""
        inside = path.relative_to(root) if path.is_relative_to(root) else path
        return not self.constant.where or fnmatch(inside.as_posix(), self.constant.where)


def _bare(text: str) -> str:
    """`text` at the same length, quotes and the lines of a table as spaces."""
    return _MARKS.sub(" ", text).replace("’", "'")


@lru_cache(maxsize=4)
def listed_constants(constants: tuple[Constant, ...]) -> tuple[Listed, ...]:
    """The constants of talk.toml as patterns; words may be parted by marks or line ends."""
    listed = []
    for constant in constants:
        phrase = r"\s+".join(re.escape(word) for word in _bare(constant.text).split())
        edges = rf"(?<![\w.,$€£])(?:{phrase})(?![\w%]|[.,]\d)"
        if phrase:
            listed.append(Listed(constant, re.compile(edges, re.IGNORECASE)))
    return tuple(listed)


def spans_of(
    listed: Iterable[Listed], text: str, path: Path, root: Path
) -> Iterator[tuple[int, int, Listed]]:
    """Where the constants stand in a passage of a file."""
    bare = _bare(text)
    for one in listed:
        if one.allows(path, root):
            for found in one.phrase.finditer(bare):
                yield found.start(), found.end(), one


def constant_problems(config: Config, used: frozenset[str]) -> Iterator[Problem]:
    """Constants that license too much, hold no number or reason, or that nothing uses."""
    for at, constant in enumerate(config.constants):
        fault, hint = _fault(constant, config.locale)
        if fault or constant.text not in used:
            said = f'the constant "{constant.text}"'
            message = f"{said} {fault}" if fault else f"nothing uses {said}"
            where = config.source("constants", at, "text")
            yield Problem(message, where, hint, "error" if fault else "warning")


def _fault(constant: Constant, locale: Locale) -> tuple[str, str]:
    """What is wrong with a constant, "" for nothing; and what to do."""
    numbers = find_quantities(constant.text, locale)
    bare = _bare(constant.text)
    for number in reversed(numbers):
        bare = bare[: number.start] + bare[number.end :]
    if not numbers:
        return "holds no number", "remove it"
    if not re.search(r"[^\W\d_]{2,}", bare) and not constant.where:
        hint = 'write the number with its words, or say where = "deck/drawings/NAME.svg"'
        return "would allow every such number", hint
    return ("", "remove it") if constant.reason.strip() else ("has no reason", "say why")
