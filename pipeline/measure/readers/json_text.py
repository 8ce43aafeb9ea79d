"""JSON, JSON Lines and JSON values one after the other, with the line of each slip.

Python's parser is fast and says no line for what it takes and a measurement can't: NaN, a key
that stands twice. Only then the text is gone through once more, sign by sign.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from pipeline.measure.readers.amounts import MOST_DIGITS
from pipeline.measured import place_of
from pipeline.problems import Source, TalkError, shortened

MOST_DEEP = 60  # levels; people and programs write five
Place = tuple[str | int, ...]
_CONSTANTS = ("NaN", "Infinity", "-Infinity")
_TOKEN = re.compile(  # as Python's parser takes them: two values may stand side by side
    r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|true|false|null'
    r"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|\S",
    re.DOTALL | re.ASCII,
)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # a surrogate
# Two that are one sign, and a backslash that begins none.
_WHOLE = re.compile(r"\\\\|\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w")
_BEGINS = re.compile(r"""\s*(?:\{\s*["'}]|\{\s*\Z|\[\s*(?:[{\["'\]]|null|true|false|NaN|\Z))""")
_NUMBERS = re.compile(r"\s*\[\s*-?\d")  # so do times in brackets before a logger's lines


class _SlipError(Exception):
    """The text holds what no measurement can: its line is looked for afterwards."""


def is_json(text: str) -> bool:
    """Whether it begins as an object or an array does."""
    return bool(_BEGINS.match(text) or (_NUMBERS.match(text) and text.rstrip().endswith("]")))


def documents(text: str, path: Path) -> list[Any]:
    """All values of the text, as Python has them. Raises TalkError with path and line."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_constant, parse_int=_int, parse_float=_float
    )
    found: list[Any] = []
    at = _blank(text, 0)
    try:
        while at < len(text):
            one, at = decoder.raw_decode(text, at)
            found.append(one)
            at = _blank(text, at)
    except json.JSONDecodeError as error:
        _reject_syntax(text, path, error)
    except (RecursionError, _SlipError):
        _reject_slip(text, path)
    if any(_is_deep(one) for one in found) or _HALF.search(_WHOLE.sub(" ", text)):
        _reject_slip(text, path, fails=False)
    return found


def line_of(text: str, place: Place, document: int = 0) -> int | None:
    """The line on which what stands at a place begins."""
    for at, where, line in _walk(text):
        if at == document and where == place:
            return line
    return None


def shown(place: Place) -> str:
    """A place as content names it: `rows[0].ns`, `["std::map"].ns`."""
    return place_of(("_", *place)).removeprefix("_").removeprefix(".")


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _SlipError
    return made


def _constant(_: str) -> NoReturn:
    raise _SlipError


def _int(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _SlipError
    return int(text)


def _float(text: str) -> float:
    if len(text) > 4 * MOST_DIGITS or (value := float(text)) in (float("inf"), float("-inf")):
        raise _SlipError
    return value


def _is_deep(tree: Any, most: int = MOST_DEEP) -> bool:
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    nested = (one for one in inner if isinstance(one, dict | list))
    return most == 0 or any(_is_deep(one, most - 1) for one in nested)


def _reject_syntax(text: str, path: Path, error: json.JSONDecodeError) -> NoReturn:
    before, after = text[: error.pos].rstrip(), text[error.pos :].lstrip()
    where = Source(path, text.count("\n", 0, min(error.pos, len(text.rstrip()))) + 1)
    if not after or error.msg.startswith("Unterminated"):
        hint = "was it cut off while it was written?"
        raise TalkError("the JSON ends in the middle", where, hint)
    if before.endswith(",") and after[0] in "}]":
        raise TalkError(f"the JSON has a comma before `{after[0]}`", where, "take it out")
    if after[0] == "'":
        hint = "JSON has double quotes: print json.dumps(…), not the dict"
        raise TalkError("not valid JSON: a single quote", where, hint)
    sign = shortened(after.split("\n")[0], 20)
    raise TalkError(f"not valid JSON: {error.msg.lower()} at `{sign}`", where, "write it by a tool")


def _reject_slip(text: str, path: Path, *, fails: bool = True) -> None:
    """Find the first of what no measurement can hold, and raise TalkError for it.

    Where the parser took it, nothing need be found.
    """
    seen: set[tuple[int, Place]] = set()
    for document, place, line, token in _tokens(text):
        if (document, place) in seen and token not in "}]":
            said = "stands twice", "give each value a name of its own"
        else:
            said = _slip_of(token, place)
        seen.add((document, place))
        if said[0]:
            named = f"`{shortened(shown(place))}`" if place else "the value"
            raise TalkError(f"{named} {said[0]}", Source(path, line), said[1])
    if fails:
        raise AssertionError("the parser refused what the second reading takes")


def _slip_of(token: str, place: Place) -> tuple[str, str]:
    """What is wrong with a value at its place, and what to do; empty texts for one that is fine."""
    if place and isinstance(name := place[-1], str) and not _is_whole(name):
        return "has half a sign in its name", "check the encoding"
    if len(place) >= MOST_DEEP and token in "{[":
        return "is nested too deep", f"at most {MOST_DEEP} levels can be read"
    if token in _CONSTANTS:
        hint = "what couldn't be measured is null; find out why it could not"
        return f"is {token}: no measured value", hint
    if token[0] == '"' and not _is_whole(json.loads(token, strict=False)):
        return "is a text with half a sign in it", "check the encoding"
    if token[0] in "-0123456789" and not _fits(token):
        return "is beyond what a number can be", "check the unit"
    return "", ""


def _is_whole(text: str) -> bool:
    """Whether a text has no half of a pair of surrogates, as JSON may have."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fits(token: str) -> bool:
    try:
        (_int if token.lstrip("-").isdigit() else _float)(token)
    except (_SlipError, ValueError):
        return False
    return True


def _walk(text: str) -> Iterator[tuple[int, Place, int]]:
    for document, place, line, token in _tokens(text):
        if token not in "}]":
            yield document, place, line


def _tokens(text: str) -> Iterator[tuple[int, Place, int, str]]:
    """Each value of valid JSON with the number of its document, its place and line.

    An object or array comes as its opening bracket, and as its closing one when it ends.
    """
    place: list[str | int] = []
    kinds: list[str] = []  # "{" or "[" of all that is open
    document, line, last = 0, 1, 0
    is_key = False
    for found in _TOKEN.finditer(text):
        token = found[0]
        line, last = line + text.count("\n", last, found.start()), found.start()
        if token == ",":
            if kinds and kinds[-1] == "[":
                place[-1] = int(place[-1]) + 1
            is_key = bool(kinds) and kinds[-1] == "{"
        elif token == ":":
            is_key = False
        elif is_key and token[0] == '"':
            place[-1] = json.loads(token, strict=False)
        elif token in "}]":
            is_key = False
            kinds.pop()
            place.pop()
            yield document, tuple(place), line, token
            document += not kinds
        else:
            yield document, tuple(place), line, token
            if token in "{[":
                kinds.append(token)
                place.append("" if token == "{" else 0)
                is_key = token == "{"
            else:
                document += not kinds
