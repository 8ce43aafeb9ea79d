"""The placeholders of a raw passage: which value each shows, how, and what is typed inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.checks.content import TAG

_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_NAME = re.compile(r"(?<![\w.|\"'])[A-Za-z_]\w*")
_FILTER = re.compile(r"\|\s*\w+")
_NUMBER = re.compile(r"(?<![\w.\[])\d+(?:\.\d+)?")
_KEYWORDS = "if else and or not in is true false none True False None holds"
_WORDS = frozenset(_KEYWORDS.split())
_SHIFT = re.compile(r"(?<![\w.\[(,])\s*[+-]\s*(?:\d+\.\d+|\d{2,})|\*\s*(?:1\.\d|0\.\d)")


@dataclass(frozen=True, slots=True)
class Literal:
    """Text typed inside a tag; `start` is its place in the passage."""

    text: str
    start: int
    is_asserted: bool  # it is the text of a claim: "…" | holds(…)


@dataclass(frozen=True, slots=True)
class TagUse:
    """One {{ … }} or {% … %} of a passage."""

    start: int
    end: int
    text: str
    path: str  # what stands before the first filter: finetuned.f1
    form: str  # the first filter: pct, num, …; "" without one
    is_bound: bool
    literals: tuple[Literal, ...]
    shift: str  # a typed number that is added to a measured one, or ""


def tags_in(text: str) -> Iterator[TagUse]:
    """All tags of a raw text in their order; comments are left out."""
    for found in TAG.finditer(text) if "{" in text else ():
        whole = found[0]
        if whole.startswith("{#"):
            continue
        inner = whole[2:-2]
        at = found.start() + 2
        if whole.startswith("{{"):
            yield _shown(found.start(), found.end(), inner, at)
        else:
            assigned = re.match(r"-?\s*set\s+\w+\s*=", inner)
            rest = inner[assigned.end() :] if assigned else ""
            typed = _typed(rest, at + (assigned.end() if assigned else 0))
            yield TagUse(found.start(), found.end(), whole, "", "", False, typed, "")


def _shown(start: int, end: int, inner: str, at: int) -> TagUse:
    bare = _STRING.sub(lambda string: " " * len(string[0]), inner)
    path, _, rest = inner.partition("|") if "|" in bare else (inner, "", "")
    form = re.match(r"\s*(\w+)", rest)
    literals = _typed(inner, at)
    shift = _SHIFT.search(bare) if form else None
    names = [name for name in _NAME.findall(_FILTER.sub(" ", bare)) if name not in _WORDS]
    claim = re.search(r"\|\s*holds\s*\(", bare)
    return TagUse(
        start,
        end,
        inner,
        path.strip("- \n"),
        form[1] if form else "",
        bool(names) and not claim,
        literals,
        shift[0].strip() if shift and names else "",
    )


def _typed(inner: str, at: int) -> tuple[Literal, ...]:
    """Strings that would be shown, and numbers where nothing measured is named."""
    found: list[Literal] = []
    bare = _STRING.sub(lambda string: " " * len(string[0]), inner)
    for string in _STRING.finditer(inner):
        before = inner[: string.start()].rstrip()
        if before.endswith(("[", "==", "!=", ",", " in", "(")) and not before.endswith("set("):
            continue  # a key, a comparison, an argument
        claim = re.match(r"\s*\|\s*holds\s*\(", inner[string.end() :])
        found.append(Literal(string[0][1:-1], at + string.start() + 1, bool(claim)))
    names = [name for name in _NAME.findall(_FILTER.sub(" ", bare)) if name not in _WORDS]
    if not names:
        found += [Literal(n[0], at + n.start(), False) for n in _NUMBER.finditer(bare)]
    return tuple(found)
