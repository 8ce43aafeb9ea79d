"""TOML -> frozen structs: a slip is one error with its line and the nearest known name."""

from __future__ import annotations

import datetime
import functools
import inspect
import re
import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import (
    Any,
    Literal,
    NoReturn,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from pipeline.files import read_text, refuse_conflicts
from pipeline.problems import Source, TalkError, nearest

T = TypeVar("T")
Key = str | int  # a name in a table, or a position in an array
MOST_PARSED = 1_000_000  # signs; a file that needs more to find its lines gets none
_LONG_KEY = re.compile(
    r"""(?<![\w."'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}"""
)


class TomlFile(msgspec.Struct, frozen=True):
    """A file of settings as it was read; `hint` is for values that don't fit."""

    path: Path
    text: str
    tables: Mapping[str, object]
    hint: str = ""

    def source(self, *keys: Key) -> Source:
        """Where a key stands, or the table around it: `source("nodes", 2, "label")`."""
        return key_source(self.path, self.text, *keys)

    def text_source(self, *keys: Key) -> Source:
        """Where the text of a key begins: below its quotes where it has lines of its own."""
        found = self.source(*keys)
        line = self.text.split("\n")[(found.line or 1) - 1]
        is_above = re.search(r"=\s*(\"\"\"|''')\s*$", line)
        return Source(found.path, found.line + 1) if found.line and is_above else found

    def reject(self, message: str, hint: str, *keys: Key) -> NoReturn:
        """Raises TalkError where a key stands."""
        raise TalkError(message, self.source(*keys), hint)

    def to(self, kind: type[T], **given: object) -> T:
        """The file as a struct; `given` are fields of it that no file can set.

        Raises TalkError for a key that is unknown or missing, and for a value that doesn't fit. A
        date is taken where a text is meant.
        """
        return self._table(self.tables, kind, (), given)

    def _table(
        self,
        table: Mapping[str, object],
        kind: type[T],
        keys: tuple[Key, ...],
        given: Mapping[str, object],
    ) -> T:
        made, (hints, fields) = dict(given), _fields(cast(Any, kind))
        known = fields.keys() - given.keys()
        for key, value in table.items():
            if key not in known:
                self.reject(
                    f"unknown key `{key}` in {_named(keys)}", nearest(key, known), *keys, key
                )
            made[key] = self._value(value, hints[key], (*keys, key))
        for name in (name for name in fields if name not in made):
            if fields[name].default is inspect.Parameter.empty:
                self.reject(f"missing key `{name}` in {_named(keys)}", f"add `{name} = …`", *keys)
        return kind(**made)

    def _value(self, value: object, hint: object, keys: tuple[Key, ...]) -> object:
        origin, inner = get_origin(hint), get_args(hint)
        if origin in (types.UnionType, Union):  # T | None: TOML has no null; T | tuple[T, ...]
            lists = [one for one in inner if get_origin(one) is tuple]
            wanted = lists[0] if lists and isinstance(value, list) else inner[0]
            return self._value(value, wanted, keys)
        if hasattr(hint, "__match_args__") and isinstance(value, dict):
            return self._table(value, cast(type, hint), keys, {})
        if origin is tuple and isinstance(value, list):
            return tuple(self._value(item, inner[0], (*keys, at)) for at, item in enumerate(value))
        if origin is dict and isinstance(value, dict):
            return {
                name: self._value(item, inner[1], (*keys, name)) for name, item in value.items()
            }
        if origin is Literal and value not in inner:
            name = next(key for key in reversed(keys) if isinstance(key, str))
            self.reject(f"unknown {name} `{value}`", nearest(str(value), inner), *keys)
        if hint is str and isinstance(value, datetime.date | datetime.time):
            return str(value)
        try:
            return msgspec.convert(value, hint)
        except msgspec.ValidationError as error:
            self.reject(f"{error} in {_dotted(keys)}", self.hint, *keys)


@functools.cache
def _fields(kind: type) -> tuple[Mapping[str, object], Mapping[str, inspect.Parameter]]:
    """The types and the parameters of a struct's fields, looked up once for all of its tables."""
    return get_type_hints(kind), inspect.signature(kind).parameters


def read_toml(path: Path, what: str, hint: str = "") -> TomlFile:
    """Read a file of settings; `what` names it. Raises TalkError with the line of a bad sign."""
    return _parsed(path, read_text(path, what), hint)


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, text: str, hint: str) -> TomlFile:
    """The same of a file's text, once for all who ask in a build; nobody changes it."""
    refuse_conflicts(enumerate(text.split("\n"), 1), path)
    if long := _LONG_KEY.search(text):  # tomllib takes the square of its parts
        where = Source(path, text.count("\n", 0, long.start()) + 1)
        raise TalkError("a key of more than 50 parts", where, hint or "one or two are usual")
    try:
        return TomlFile(path, text, tomllib.loads(text), hint)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 1,000 brackets
        found = re.search(r"at line (\d+)", str(error))
        where = Source(path, int(found[1]) if found else None)
        if twice := re.match(r"Cannot declare \((.*)\) twice", str(error)):
            table = ".".join(re.findall(r"'([^']*)'", twice[1]))
            hint = "give one another name, or put their keys together"
            raise TalkError(f"[{table}] stands there twice", where, hint) from None
        hint = "texts need quotes, tables need [brackets]"
        raise TalkError(f"not valid TOML: {error}", where, hint) from None


def key_source(path: Path, text: str, *keys: Key) -> Source:
    """Where a key of a TOML text stands, or the table around it."""
    lines = _lines(text)
    around = (keys[:length] for length in range(len(keys), 0, -1))
    return Source(path, next((lines[part] for part in around if part in lines), None))


@functools.lru_cache(maxsize=8)
def _lines(text: str) -> Mapping[tuple[Key, ...], int]:
    """The line on which each key, table and entry begins.

    A statement ends with the first line that makes it parse on its own; so lines need no grammar
    of their own.
    """
    found: dict[tuple[Key, ...], int] = {}
    last: dict[tuple[Key, ...], int] = {}  # array of tables -> position of its newest
    here: tuple[Key, ...] = ()
    pending: list[str] = []
    parsed = 0
    for number, line in enumerate(text.split("\n"), 1):
        pending.append(line)
        statement = "\n".join(pending)
        parsed += len(statement)
        if parsed > MOST_PARSED:
            break
        try:
            table = tomllib.loads(statement)
        except (ValueError, RecursionError):
            continue
        begins, pending = number + 1 - len(pending), []
        if statement.lstrip().startswith("["):
            here = _enter(table, begins, found, last)
        else:
            _note(table, here, begins, found)
    return found


def _enter(
    header: Mapping[str, object],
    line: int,
    found: dict[tuple[Key, ...], int],
    last: dict[tuple[Key, ...], int],
) -> tuple[Key, ...]:
    """Note a [header] or [[header]], parsed alone; returns the keys of its table."""
    keys: tuple[Key, ...] = ()
    inner: object = header
    while isinstance(inner, dict) and inner:
        ((name, inner),) = inner.items()
        keys = (*keys, name)
        found.setdefault(keys, line)
        if isinstance(inner, list):
            last[keys] = last.get(keys, -1) + 1
        if keys in last:
            keys = (*keys, last[keys])
            found.setdefault(keys, line)
    return keys


def _note(
    value: object, keys: tuple[Key, ...], line: int, found: dict[tuple[Key, ...], int]
) -> None:
    """Note a value and all that it holds."""
    if keys:
        found.setdefault(keys, line)
    entries = value.items() if isinstance(value, dict) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else entries:
        _note(inner, (*keys, key), line, found)


def _named(keys: tuple[Key, ...]) -> str:
    """A table as its header says it: [talk], [[nodes]]."""
    if not keys:
        return "the top level"
    return f"[[{_dotted(keys[:-1])}]]" if isinstance(keys[-1], int) else f"[{_dotted(keys)}]"


def _dotted(keys: tuple[Key, ...]) -> str:
    return ".".join(str(key) for key in keys if isinstance(key, str))
