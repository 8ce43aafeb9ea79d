"""A script's text divided before the headings of its sections, where nothing reaches across.

What is made of one section is then kept, and made again, without the others.
"""

from __future__ import annotations

import re

_NEXT = re.compile(
    r"^(?P<head>## (?=\S))|^[ \t]*(?P<fence>`{3,}|~{3,})|\{(?:#|\{|%[-+]?\s*(?P<word>\w*))",
    re.MULTILINE,
)
_CLOSES = {"{#": "#}", "{{": "}}", "{%": "%}"}
_DEPTHS = {"if": 1, "for": 1, "endif": -1, "endfor": -1, "elif": 0, "else": 0}


def sections_of(text: str) -> tuple[tuple[int, str], ...]:
    """The pieces of a text, each with its first line, from 0; joined they are the text.

    A text in which something is set, and may be meant anywhere below, is one piece.
    """
    edges = _edges(text)
    if edges is None:
        return ((0, text),)
    found, line = list[tuple[int, str]](), 0
    for start, end in zip([0, *edges], [*edges, len(text)], strict=True):
        found.append((line, text[start:end]))
        line += found[-1][1].count("\n")
    return tuple(found)


def _edges(text: str) -> list[int] | None:
    """Where the pieces after the first begin; None where the text can't be divided."""
    edges, depth, at = list[int](), 0, 0
    while found := _NEXT.search(text, at):
        at = found.end()
        if found["head"]:
            edges += [found.start()] if found.start() and not depth else []
        elif found["fence"]:
            at = _after_fence(text, found["fence"], at)
        else:
            word = found["word"]
            if word is not None and word not in _DEPTHS:
                return None
            depth += _DEPTHS[word] if word else 0
            closed = text.find(_CLOSES[found[0][:2]], at)
            at = closed + 2 if closed >= 0 else len(text)
        if depth < 0:
            return None
    return edges


def _after_fence(text: str, fence: str, at: int) -> int:
    """Where the lines of a code block end; a fence that none closes begins none that could."""
    closes = re.compile(rf"^[ \t]*{re.escape(fence)}{re.escape(fence[0])}*[ \t]*$", re.MULTILINE)
    found = closes.search(text, at)
    return found.end() if found else len(text)
