"""Places in the content that name values which nothing measures: all of them, not only the first.

A measurement may give other names than the last time. Filling a text stops at its first fault.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pipeline.checks.content import Written, charts_in, content
from pipeline.config import Config
from pipeline.measured import Measured, parts_of
from pipeline.numbers.fill import Draft, Filled, Numbers, draft
from pipeline.numbers.template import Placeholder
from pipeline.numbers.values import Absent
from pipeline.pictures.own.kept import OwnFigure
from pipeline.pictures.own.values import tree_of_all, value_at
from pipeline.problems import Problem, Source, TalkError, nearest

_SET = re.compile(r"[-+]?\s*(?:for\s+(?P<loop>[\w\s,()]+?)\s+in|set\s+(?P<set>\w+)\s*=)")
_OTHERS = ("loop", "plan")


def missing_values(
    config: Config, measured: Measured, figures: Collection[OwnFigure] = ()
) -> tuple[Problem, ...]:
    """Every place that names a value that isn't there, in the order of the content; those of
    branches that are not taken, too: they will be. Not what a branch asks for before it is named.

    Placeholders and conditions, charts that can't be made, and what own `figures` showed last.
    """
    numbers = Numbers(measured, config.locale)
    found = [problem for text in content(config) for problem in _of_text(text, numbers)]
    found += _of_figures(figures, numbers)
    return tuple(dict.fromkeys(found))


def filled_around(text: Written, numbers: Numbers) -> Filled:
    """A text filled; values that aren't there are said where they would stand.

    Raises TalkError for what else is wrong with it.
    """
    has_plan = text.kind == "script"
    try:
        return numbers.fill(text.text, text.source, has_plan=has_plan)
    except TalkError:
        around = _around_missing(text, numbers.names)
        if around == text.text:
            raise
        return numbers.fill(around, text.source, has_plan=has_plan)


def _around_missing(text: Written, names: Mapping[str, Any]) -> str:
    """A text whose placeholders of missing values are words."""
    around = text.text
    for tag, path, _ in _missing_in(draft(text.text, text.source), names):
        if tag.is_shown:
            around = around.replace(
                tag.written, f"(gone: {path}){chr(10) * tag.code.count(chr(10))}"
            )
    return around


def _of_text(text: Written, numbers: Numbers) -> Iterator[Problem]:
    try:
        made = draft(text.text, text.source)
    except TalkError:
        return  # a broken template says so itself
    first = text.source.line or 1
    for tag, _, error in _missing_in(made, numbers.names):
        yield Problem(error.message, Source(text.source.path, first + tag.line - 1), error.hint)
    charts = charts_in(text, made.filled, numbers)
    yield from (chart.problem for chart in charts if isinstance(chart, TalkError))


def _of_figures(figures: Collection[OwnFigure], numbers: Numbers) -> Iterator[Problem]:
    tree = tree_of_all(numbers.measured) if figures else {}
    for one in figures:
        for at in one.places:
            if value_at(tree, at) is None:
                message = f"the figure `{one.name}` shows {at}, which is no longer measured"
                error = _missing(at, numbers.names)
                hint = f"{error.message}: {error.hint}" if error else ""
                yield Problem(message, Source(one.file), hint)


def _missing_in(
    made: Draft, names: Mapping[str, Any]
) -> Iterator[tuple[Placeholder, str, TalkError]]:
    """The tags of a text that name values which aren't there, with the place and why."""
    own = {name for tag in made.asked for name in _names_set(tag)}
    for tag in sorted((*made.placeholders, *made.asked), key=lambda tag: tag.line):
        for path in tag.paths:
            first = str(parts_of(path)[0])
            if first in own or first in _OTHERS or _is_sought(path, tag):
                continue
            if error := _missing(path, names):
                yield tag, path, error


def _is_sought(path: str, tag: Placeholder) -> bool:
    """Whether a condition around the tag, or in it, asks if there is such a value."""
    return any(path == at or path.startswith((f"{at}.", f"{at}[")) for at in tag.sought)


def _names_set(tag: Placeholder) -> list[str]:
    """The names that a {% for %} or {% set %} gives."""
    found = _SET.match(" ".join(tag.code.split()))
    return re.findall(r"\w+", found["loop"] or found["set"]) if found else []


def _missing(path: str, names: Mapping[str, Any]) -> TalkError | None:
    """Why there is nothing at a place; None where there is, or where nothing was counted."""
    first, *others = parts_of(path)
    if first not in names:
        hint = nearest(str(first), names) if names else "nothing is measured"
        return TalkError(f"nothing is called `{first}`", hint=hint)
    value = names[str(first)]
    for part in others:
        if value is None or isinstance(value, Absent | bool | str | int | float):
            return None  # filling the text says what is wrong, where it is shown
        try:
            value = value[part]
        except TalkError as error:
            return None if "undefined" in error.message else error
        except (LookupError, TypeError):
            return None
    return None
