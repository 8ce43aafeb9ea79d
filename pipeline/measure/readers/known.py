"""What talk.toml says of values by their places: unit, direction, how they were made, level."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from pipeline import units
from pipeline.config import Config, ValueSettings
from pipeline.measure.readers.amounts import PLUS_MINUS, as_share
from pipeline.measure.readers.json_text import Place, shown
from pipeline.measured import Tree, Value
from pipeline.problems import TalkError, nearest

Known = list[tuple[re.Pattern[str], str, ValueSettings]]


def annotate(
    values: dict[str, Tree], name: str, config: Config, *, is_whole: bool = True
) -> dict[str, Tree]:
    """The values of [measure.NAME] with what `[measure.NAME.values."PLACE"]` says of them.

    A place is one as content writes it behind the name, `insert.ns`, `["std::map"].ns` or
    `rows[0].ns`; `*` stands for any signs. That of a series means each number of it. Raises
    TalkError where a place fits no number, unless not `is_whole`; or where a unit contradicts the
    file's own.
    """
    settings = config.measure[name].values
    if not settings:
        return values
    known = [(_pattern(glob), glob, one) for glob, one in settings.items()]
    met: set[str] = set()
    places: list[str] = []

    def said_of(value: Value, place: Place) -> Value:
        said, plain = shown(place), ".".join(map(str, place))
        places.append(said)
        for pattern, glob, one in known:
            if pattern.fullmatch(said) or pattern.fullmatch(plain):
                met.add(glob)
                try:
                    value = _with(value, one, place)
                except ValueError as error:
                    where = config.source("measure", name, "values", glob, "unit")
                    raise TalkError(
                        f"`{said}` {error}", where, "convert it, or leave it out"
                    ) from None
        return value

    made = {key: _each(inner, (key,), said_of) for key, inner in values.items()}
    unmet = next((glob for glob in settings if glob not in met), "") if is_whole else ""
    if unmet:
        where = config.source("measure", name, "values", unmet)
        ends = {re.sub(r"\[\d+\]\Z", "", place) for place in places[:2000]}
        raise TalkError(f"`{unmet}` is the place of no number", where, nearest(unmet, ends))
    return made


def _pattern(glob: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in glob.split("*"))
    return re.compile(".*".join(parts) + r"(?:\[\d+\])?", re.DOTALL)


def _each(tree: Tree, place: Place, change: Callable[[Value, Place], Value]) -> Tree:
    """The same tree with each of its numbers changed."""
    if isinstance(tree, Value):
        return change(tree, place)
    if isinstance(tree, dict):
        return {key: _each(inner, (*place, key), change) for key, inner in tree.items()}
    if isinstance(tree, tuple):
        return tuple(_each(inner, (*place, at), change) for at, inner in enumerate(tree))
    return tree


def _with(value: Value, known: ValueSettings, place: Place) -> Value:
    """A value with what is known of it. Raises ValueError for a unit that isn't its own."""
    unit = units.canonical(known.unit)
    names = [part for part in place if isinstance(part, str)]
    is_read_from_name = units.canonical(value.unit) == units.unit_of_name(names[-1])
    if unit and value.unit and value.unit != unit and not is_read_from_name:
        raise ValueError(f"is in {value.unit}, not in {unit}")
    how = known.how or ("" if known.level and value.how == PLUS_MINUS else value.how)
    changed = replace(
        value,
        unit=unit or value.unit,
        direction=known.direction or value.direction,
        how=how,
        level=known.level or value.level,
    )
    return as_share(changed) if unit and value.unit != unit else changed
