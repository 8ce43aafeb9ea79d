"""Front matter: lines `key: value`, quotes and comments as YAML reads them, and no more of YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.numbers.fill import GONE
from pipeline.problems import Source, TalkError
from pipeline.slides.scan import Line

FORM = "a slide begins with `---`, lines `key: value`, and `---`"
_FIELD = re.compile(r"([a-z][\w-]*)[ \t]*+:(?:[ \t]++(.*\S))?[ \t]*+$")
_DOUBLE = re.compile(r'("(?:[^"\\]|\\.)*")[ \t]*(?:#.*)?$')
_SINGLE = re.compile(r"'((?:[^']|'')*)'[ \t]*(?:#.*)?$")
_COMMENT = re.compile(r"(?<![ \t])[ \t]++#(?:[ \t].*)?$")
_LOST = re.compile(r"(?:^|[ \t])(#\S+)")
# What YAML would read as something else than a text, and what it calls it.
_OTHER = (
    (re.compile(r"[|>][-+0-9]{0,2}$"), "a text of several lines"),
    (re.compile(r"\[[^\[\]]*\]$"), "a list"),
    (re.compile(r"\{(?![{%#]).*\}$"), "a table"),
    (re.compile(r"&\w\S*(?:\s|$)"), "an anchor"),
    (re.compile(r"\*\w[\w-]*$"), "an alias"),
    (re.compile(r"!{1,2}\w+(?:\s|$)"), "a tag"),
)


def front_matter(path: Path, lines: Sequence[Line]) -> tuple[dict[str, tuple[str, Source]], int]:
    """The fields with their lines, and the index of the first line after them.

    Raises TalkError with the line of what is no field.
    """
    if lines[0].text.rstrip() != "---":
        raise TalkError("the slide has no front matter", Source(path, 1), FORM)
    fields: dict[str, tuple[str, Source]] = {}
    for index, line in enumerate(lines[1:], 1):
        where = Source(path, index + 1)
        if line.text.rstrip() == "---":
            return fields, index + 1
        if not line.text.strip() or line.text == GONE or line.text.lstrip().startswith("#"):
            continue
        found = _FIELD.match(line.text)
        if not found:
            raise _no_field(line.text, where)
        if found[1] in fields:
            raise TalkError(f"`{found[1]}` stands twice", where, "keep one of them")
        value = _value(found[2] or "", where)
        if not value.strip():
            raise TalkError(f"`{found[1]}` is empty", where, "give it a value or drop the line")
        fields[found[1]] = (value, where)
    raise TalkError("the front matter is not closed", Source(path, 1), FORM)


def _no_field(line: str, where: Source) -> TalkError:
    hint = FORM
    if line[0] in " \t":
        hint = "a field begins at the line's first sign and ends on its line"
    elif line.lstrip().startswith("- "):
        hint = "a field has one value, no list: `key: value`"
    elif re.match(r"\w[\w-]*:\S", line):
        hint = "a space follows the colon: `key: value`"
    elif re.match(r"(?=[^\WA-Z]*+[A-Z])\w++\s*+:", line):
        hint = "fields have small letters: `title: …`"
    return TalkError(f"no `key: value`: {line.strip()}", where, hint)


def _value(text: str, where: Source) -> str:
    """A value as it is meant: without its quotes and the comment behind it."""
    if text.startswith('"'):
        if found := _DOUBLE.match(text):
            return _unescaped(found[1], where)
        if not re.search(r'[^\\]"', text):
            raise TalkError("the quote is never closed", where, 'end the value with "')
    if text.startswith("'") and (found := _SINGLE.match(text)):
        return found[1].replace("''", "'")
    text = _COMMENT.sub("", f" {text}").strip()
    if lost := _LOST.search(text):
        raise TalkError(
            f"YAML would read `{lost[1]}` as a comment",
            where,
            "put the value into quotes; a comment has a space after its #",
        )
    for form, name in _OTHER:
        if form.match(text):
            raise TalkError(
                f"YAML reads `{text[:40]}` as {name}, and a field is one line of text",
                where,
                "write the words, or put them into quotes",
            )
    return text


def _unescaped(quoted: str, where: Source) -> str:
    r"""A text in double quotes: \", \\, \n, \t and \u00ad as JSON has them."""
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        escape = re.search(r"\\[^\"\\/bfnrtu]|\\u(?![0-9A-Fa-f]{4})", quoted)
        shown = escape[0] if escape else quoted
        raise TalkError(
            f"`{shown}` is no escape",
            where,
            "write \\\\ for a backslash, or use 'single quotes': nothing is escaped in them",
        ) from None
