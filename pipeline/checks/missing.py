"""Places in the content that name values which nothing measures: all of them, not only the first.

A measurement may give other names than the last time. Filling a text stops at its first fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.checks.content import Written, content
from pipeline.config import Config
from pipeline.measured import Measured, parts_of
from pipeline.numbers.fill import draft
from pipeline.numbers.template import Placeholder
from pipeline.numbers.values import Number, namespace
from pipeline.problems import Problem, Source, TalkError, nearest

_SET = re.compile(r"\s*(?:for\s+(?P<loop>[\w\s,()]+?)\s+in|set\s+(?P<set>\w+)\s*=)")
_OTHERS = ("loop", "plan")


def missing_values(config: Config, measured: Measured) -> tuple[Problem, ...]:
    """Every placeholder that names a value that isn't there, in the order of the content.

    Those of branches that are not taken, too: they will be.
    """
    names = namespace(measured)
    found = (problem for text in content(config) for problem in _of_text(text, names))
    return tuple(dict.fromkeys(found))


def _of_text(text: Written, names: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        made = draft(text.text, text.source)
    except TalkError:
        return  # a broken template says so itself
    own = {name for tag in made.asked for name in _names_set(tag)}
    for tag in sorted((*made.placeholders, *made.asked), key=lambda tag: tag.line):
        where = Source(text.source.path, (text.source.line or 1) + tag.line - 1)
        for path in tag.paths:
            first = str(parts_of(path)[0])
            if first in own or first in _OTHERS:
                continue
            if error := _missing(path, names):
                yield Problem(error.message, where, error.hint)


def _names_set(tag: Placeholder) -> list[str]:
    """The names that a {% for %} or {% set %} gives."""
    found = _SET.match(tag.code)
    return re.findall(r"\w+", found["loop"] or found["set"]) if found else []


def _missing(path: str, names: Mapping[str, Any]) -> TalkError | None:
    """Why there is nothing at a place; None where there is, or where nothing was counted."""
    first, *others = parts_of(path)
    if first not in names:
        hint = nearest(str(first), names) if names else "nothing is measured"
        return TalkError(f"nothing is called `{first}`", hint=hint)
    value = names[str(first)]
    for part in others:
        if value is None or isinstance(value, Number | bool | str | int | float):
            return None  # what is known of a value: finetuned.f1.low
        try:
            value = value[part]
        except TalkError as error:
            return None if "undefined" in error.message else error
        except (LookupError, TypeError):
            return None
    return None
