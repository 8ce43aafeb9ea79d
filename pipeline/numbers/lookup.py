"""Measured values by their places, with a `*` for any name: `hash.*.ns`, `hash.rows[*].ns`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pipeline.measured import place_of
from pipeline.numbers.values import Absent, Number, Record, Rows
from pipeline.problems import TalkError, nearest

ANY = "*"
MOST_FOUND = 10_000  # values that one place may stand for
_KEY = re.compile(
    r"""\.?(?P<name>[^\s.\[\]*"',=]+) | \.?(?P<star>\*) | \[(?P<index>\d+)\] | \[(?P<all>\*)\]
    | \[(?P<quoted>"(?:[^"\\]|\\.)*")\] | \['(?P<single>[^']*)'\]""",
    re.VERBOSE,
)
FORM = 'NAME.PLACE, such as hash.insert.ns, hash["std::map"].ns, hash.*.ns or hash.rows[*].ns'


class Found(msgspec.Struct, frozen=True):
    """One value that a place stands for; `star` is the name for which its `*` does."""

    at: str
    star: str
    value: Any  # as `values.wrap` gives it; None: it was not measured


def keys_of(place: str) -> tuple[str | int, ...]:
    """The names and numbers of a place. Raises TalkError for what is none."""
    keys: list[str | int] = []
    at, text = 0, place.strip()
    while at < len(text):
        found = _KEY.match(text, at)
        if not found or (at == 0 and text[0] in ".["):
            raise TalkError(f"`{place}` is no place of a value", hint=FORM)
        kind, at = str(found.lastgroup), found.end()
        keys.append(ANY if kind in ("star", "all") else _key(kind, found[kind]))
    if not keys or keys.count(ANY) > 1:
        raise TalkError(f"`{place}` is no place of a value", hint=f"{FORM}; one * at most")
    return tuple(keys)


def _key(kind: str, text: str) -> str | int:
    if kind == "quoted":
        try:
            return str(json.loads(text))
        except ValueError:
            raise TalkError(f"`{text}` is no name in quotes", hint=FORM) from None
    return int(text) if kind == "index" else text


def find_values(place: str, names: Mapping[str, Any]) -> tuple[Found, ...]:
    """The values at a place, in the order of the file; at least one.

    With a `*`, names without the rest of the place are passed over. Raises TalkError, with the
    nearest name, for a place where nothing is.
    """
    keys = keys_of(place)
    if ANY not in keys:
        return (_value(keys, "", names),)
    middle = keys.index(ANY)
    before, after = keys[:middle], keys[middle + 1 :]
    holder = _value(before, "", names).value if before else names
    found: list[Found] = []
    missed: TalkError | None = None
    for key in _names_of(holder, place):
        try:
            found.append(_value((*before, key, *after), str(key), names))
        except TalkError as error:
            missed = missed or error
    if not found:
        hint = missed.hint if missed and len(_names_of(holder, place)) == 1 else ""
        raise TalkError(f"no value has the place `{place}`", hint=hint or _below(holder, after))
    if len(found) > MOST_FOUND:
        raise TalkError(f"`{place}` stands for more than {MOST_FOUND:,} values", hint="name fewer")
    return tuple(found)


def _names_of(holder: Any, place: str) -> list[str | int]:
    if isinstance(holder, Rows):
        return list(range(len(holder)))
    if isinstance(holder, Record | Mapping):
        return list(map(str, holder))
    raise TalkError(f"nothing is below the place of the * in `{place}`", hint=FORM)


def _below(holder: Any, after: tuple[str | int, ...]) -> str:
    """What is known below a `*`, as a hint."""
    if not after:
        return ""
    inner = holder.values() if isinstance(holder, Mapping) else _each(holder)
    known = {name for one in inner if isinstance(one, Record) for name in one}
    return nearest(str(after[0]), known) if known else ""


def _each(holder: Any) -> Iterator[Any]:
    for name in _names_of(holder, ""):
        try:
            yield holder[name]
        except TalkError:
            continue


def _value(keys: tuple[str | int, ...], star: str, names: Mapping[str, Any]) -> Found:
    value: Any = names
    for depth, key in enumerate(keys):
        is_last = depth == len(keys) - 1
        try:
            value = _item(value, key, keys[:depth])
        except _UndefinedError:
            if is_last:
                return Found(place_of(keys), star, None)
            raise TalkError(f"{place_of(keys[: depth + 1])} was not measured") from None
        if isinstance(value, Absent):
            raise value.refused()
    at = value.at if isinstance(value, Number) else place_of(keys)
    return Found(at, star, value)


class _UndefinedError(Exception):
    """The name is known, and nothing was measured for it."""


def _item(holder: Any, key: str | int, above: tuple[str | int, ...]) -> Any:
    shown = place_of(above) if above else "this talk"
    if isinstance(holder, Rows):
        if not isinstance(key, int) or key >= len(holder):
            has = f"{len(holder)} items, counted from 0"
            raise TalkError(f"{shown} has {has}, and no `{key}`", hint=f"{shown}[0]")
        return holder[key]
    if isinstance(holder, Mapping):
        if key not in holder:
            raise TalkError(f"{shown} has no value `{key}`", hint=nearest(str(key), holder))
        return holder[key]
    if key == "rows" and isinstance(holder, Record) and key not in list(holder):
        return holder  # a branch of branches is a table
    if not isinstance(holder, Record):
        raise TalkError(f"{shown} is a single value, so it has no `{key}`")
    if key not in list(holder):
        raise TalkError(f"{shown} has no `{key}`", hint=nearest(str(key), list(holder)))
    try:
        return holder[key]
    except TalkError:  # undefined in this run
        raise _UndefinedError from None
