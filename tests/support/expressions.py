"""The regular expressions of the pipeline, and texts that each of them may take long for."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pipeline

ROOT = Path(pipeline.__file__).parent
METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
AT_ONE_PLACE = {"match", "fullmatch"}
LONG = 20  # a repeat of fewer can't run away by itself
REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
# One sign of each kind that expressions tell apart, for classes
SIGNS = " \n\t1a_Aé漢.,:;!?'\"-–/\\()[]{}<>*`~|#$%&=+@^½\u00a0\u202f\x00"


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression, where it stands, and whether it is tried at each place of a text."""

    pattern: re.Pattern[str]
    where: str
    is_searched: bool


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    """Those with expressions; the experiment's read what it has made itself, and need torch."""
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text("utf-8")
        if "re." in text and "experiment" not in path.parts:
            name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            yield name.removesuffix(".__init__"), path, ast.parse(text)


def _call(node: ast.AST) -> tuple[str, ast.Call] | None:
    """`re.METHOD(...)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    of = node.func.value
    return (node.func.attr, node) if isinstance(of, ast.Name) and of.id == "re" else None


def _written(module: Any, call: ast.Call) -> re.Pattern[Any] | None:
    """The expression of a call, where it is made of what the module has."""
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    if isinstance(call.func, ast.Attribute):
        flags += call.args[{"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(call.func.attr, 2) :]
    try:
        made = eval(ast.unparse(call.args[0]), vars(module))
        with_flags = eval(ast.unparse(flags[0]), vars(module)) if flags else 0
    except (NameError, AttributeError):
        return None
    return made if isinstance(made, re.Pattern) else re.compile(made, with_flags)


def _is_searched(tree: ast.Module, name: str) -> bool:
    """Whether what has the name is asked for more than a match at one place."""
    asked = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and node.attr in METHODS
    }
    return not asked <= AT_ONE_PLACE


def expressions() -> Iterator[Expression]:
    """All that are written in a module, but for those that a function makes of its arguments."""
    known = set()
    for name, path, tree in modules():
        module = importlib.import_module(name)
        names = {id(value): key for key, value in vars(module).items()}
        for node in ast.walk(tree):
            found = _call(node)
            made = (
                _written(module, found[1]) if found and found[0] in (*METHODS, "compile") else None
            )
            if made is None or found is None or isinstance(made.pattern, bytes):
                continue
            said = names.get(id(made), "")
            is_searched = found[0] not in AT_ONE_PLACE
            if found[0] == "compile":
                is_searched = _is_searched(tree, said)
            key = (made.pattern, made.flags, is_searched)
            if key not in known:
                known.add(key)
                where = f"{path.relative_to(ROOT)} {said or made.pattern}"
                yield Expression(made, where, is_searched)


def _is_in(sign: str, items: Iterable[Any]) -> bool:
    """Whether a class takes a sign."""
    is_negated = is_found = False
    for kind, what in items:
        if kind is code.NEGATE:
            is_negated = True
        elif kind is code.LITERAL:
            is_found |= ord(sign) == what
        elif kind is code.RANGE:
            is_found |= what[0] <= ord(sign) <= what[1]
        elif kind is code.CATEGORY:
            name = str(what).removeprefix("CATEGORY_")
            is_kind = {"DIGIT": str.isdecimal, "SPACE": str.isspace, "WORD": _is_word}
            is_found |= is_kind[name.removeprefix("NOT_")](sign) != name.startswith("NOT_")
    return is_found != is_negated


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _class(items: Any, most: int) -> list[str]:
    """Signs that a class takes: of its own, and of those that others may take, too."""
    own = [chr(what) for kind, what in items if kind is code.LITERAL]
    own += [chr(what[0]) for kind, what in items if kind is code.RANGE]
    found = [sign for sign in (*SIGNS, *own) if _is_in(sign, items)]
    return list(dict.fromkeys(found))[:most] or ["a"]


def samples(parsed: Iterable[Any], most: int = 3) -> list[str]:
    """Short texts that an expression takes, as it was parsed; without what stands around."""
    made = [""]
    for kind, what in parsed:
        made = [a + b for a, b in itertools.product(made, _samples(kind, what, most))][: 2 * most]
    return made


def _samples(kind: Any, what: Any, most: int) -> list[str]:
    if kind is code.LITERAL:
        return [chr(what)]
    if kind is code.NOT_LITERAL:
        return _class([(code.NEGATE, None), (code.LITERAL, what)], most)
    if kind is code.ANY:
        return ["a", " ", "1"][:most]
    if kind is code.IN:
        return _class(what, most)
    if kind is code.BRANCH:
        return [text for one in what[1] for text in samples(one, 1)][: 3 * most]
    if kind is code.SUBPATTERN:
        return samples(what[-1], most)
    if kind is code.ATOMIC_GROUP:
        return samples(what, most)
    if kind in REPEATS:
        return [text * max(what[0], 1) for text in samples(what[2], most)]
    return [""]


def pumps(parsed: Iterable[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """What leads to each repeat, and what it repeats."""
    for kind, what in parsed:
        if kind in REPEATS:
            if what[1] > LONG:
                for text in samples(what[2], 6):
                    yield before, text
            yield from pumps(what[2], before)
        elif kind is code.BRANCH:
            for one in what[1]:
                yield from pumps(one, before)
        elif kind is code.SUBPATTERN:
            yield from pumps(what[-1], before)
        elif kind is code.ATOMIC_GROUP:
            yield from pumps(what, before)
        elif kind in (code.ASSERT, code.ASSERT_NOT):
            yield from pumps(what[1], before)
        before += (_samples(kind, what, 1) or [""])[0] if kind is not code.AT else ""


def texts(expression: re.Pattern[str], length: int, most: int) -> Iterator[str]:
    """Texts of its own parts, repeated: with what leads there once, and each time; no end fits."""
    parsed = parser.parse(expression.pattern, expression.flags & ~re.DEBUG)
    parts = dict.fromkeys(pumps(parsed))
    units = dict.fromkeys(text for before, one in parts for text in (one, before + one) if text)
    units |= dict.fromkeys(before for before, _ in parts if before)
    made = dict.fromkeys(text * (length // len(text)) for text in units)
    made |= dict.fromkeys(
        before + text * (length // len(text)) for before, text in parts if before and text
    )
    for text in itertools.islice(made, most):
        yield text
        yield text + "\0"
