"""A file in Graphviz's DOT as it is written: its words with their lines, comments left out.

Graphviz reads the language and gives no lines; these are for messages, and for texts and steps that
are wanted without loading it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

# https://graphviz.org/doc/info/lang.html
_TOKEN = re.compile(
    r'(?P<quoted>"(?:\\.|[^"\\])*")'
    r'|(?P<open>"(?:\\.|[^"\\])*\\?\Z)'
    r"|(?P<gone>//[^\n]*|/\*.*?(?:\*/|\Z)|^\#[^\n]*|[\s;,]+)"
    r"|(?P<word>[^\W\d]\w*|-?(?:\.\d+|\d+(?:\.\d*)?))"
    r"|(?P<sign>--|->|.)",
    re.DOTALL | re.MULTILINE,
)
TEXTS = ("label", "xlabel", "headlabel", "taillabel", "title", "desc", "tooltip")
_JOINED = re.compile(r"\\\r?\n")  # a line goes on


class Token(msgspec.Struct, frozen=True):
    """A word, a text without its quotes, or a sign, and its line (from 1)."""

    text: str
    line: int
    is_quoted: bool = False


class Attribute(msgspec.Struct, frozen=True):
    """`key=value`, the value as Graphviz reads it, but for its own escapes such as `\\n`."""

    key: str
    value: str
    line: int


def tokens(text: str) -> Iterator[Token]:
    """Every word and sign of a DOT file; an open quote is a sign of its own."""
    line = 1
    for found in _TOKEN.finditer(text):
        if found["quoted"]:
            inside = _JOINED.sub("", found[0][1:-1]).replace('\\"', '"')
            yield Token(inside, line, is_quoted=True)
        elif not found["gone"]:
            yield Token('"' if found["open"] else found[0], line)
        line += found[0].count("\n")


def attributes(text: str) -> Iterator[Attribute]:
    """All attributes of a DOT file, those of its nodes, edges and graphs alike, in order."""
    found = [*tokens(text), Token("", 0)]
    for (key, sign), (_, value) in pairwise(pairwise(found)):
        if sign.text == "=" and not sign.is_quoted:
            yield Attribute(key.text, value.text, value.line)


def steps_of(text: str) -> int:
    """The highest `step` in a DOT file, 0 without any."""
    steps = (a.value for a in attributes(text) if a.key == "step")
    return max((int(step) for step in steps if step.isdecimal()), default=0)


def line_of(text: str, key: str, value: str) -> int | None:
    """The line of the first attribute with this key and value, or else with this key."""
    found = [a for a in attributes(text) if a.key == key]
    same = [a.line for a in found if a.value == value]
    return next(iter(same or [a.line for a in found]), None)


def line_of_name(text: str, name: str) -> int | None:
    """The line on which a node is named first."""
    return next((token.line for token in tokens(text) if token.text == name), None)
