"""What a talk has measured, whoever measured it: named trees of values, each with its own run.

The experiment's `Results` are one of them, and content names their fields directly
(`finetuned.f1`); each `[measure.NAME]` of talk.toml is another, under its name (`hash.insert.ns`).
Nothing here imports more than msgspec.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from pathlib import Path, PureWindowsPath
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from pipeline.command import called
from pipeline.files import read_bytes, write_whole
from pipeline.problems import Source, TalkError
from pipeline.results import Results, digest_of

SCHEMA = 1
EXPERIMENT = "experiment"  # what a command calls it, in place of a measurement's name
EVIDENCE = "evidence"  # with its kind, the form of an experiment of many cells
NUMBER = "number"  # the key that tells a measured number from a branch of the tree in a file
Direction = Literal["", "up", "down"]


class Value(msgspec.Struct, frozen=True):
    """One measured number with all that is known of it; never NaN or infinite.

    `low` and `high` are the ends of its interval, which covers it with probability `level`.
    `repeats` are the values of the single runs in their order, where there were several: those
    of two values of one measurement belong together pairwise.
    """

    value: int | float
    low: int | float | None = None
    high: int | float | None = None
    level: float = 0.95
    n: int | None = None  # how many cases or runs it is from
    hits: int | None = None  # a share of counted cases: `hits` of `total`
    total: int | None = None
    unit: str = ""  # "s", "ms", "ns", "bytes", "share", "messages/s", … ; empty: unknown or none
    how: str = ""  # how value and interval were made, in one sentence
    direction: Direction = ""  # which way is better
    repeats: tuple[int | float, ...] = ()
    shared: float = 0.0  # its repeats are splits of one collection: test messages for each learned


# A table is a tuple of branches with the same keys, a series a tuple of numbers.
Tree = Value | str | bool | None | tuple["Tree", ...] | dict[str, "Tree"]


class Origin(msgspec.Struct, frozen=True):
    """Where, when and how a measurement was made."""

    id: str  # eight hex digits of what it depends on
    fingerprint: dict[str, str]  # what it depends on ("command", "bench.py") -> hash or value
    made: str = ""  # ISO 8601, UTC; empty: nobody knows
    seconds: float | None = None  # that it took
    command: str = ""  # as a person would type it; empty for a file made elsewhere
    source: str = ""  # the file that was read, as it lies in the talk's folder
    form: str = ""  # "json", "csv", "pytest-benchmark", …
    about: str = ""  # what was measured, in the speaker's words
    machine: str = ""  # processor, cores; no host name
    repeats: int = 1
    pictures: dict[str, str] = {}  # its pictures' names -> sha256


class Measurement(msgspec.Struct, frozen=True):
    """One run of a `[measure.NAME]` or `[evidence.NAME]`: its values, where they come from."""

    name: str
    values: dict[str, Tree]
    run: Origin
    digest: str = ""  # sha256 of the rest: an edit by hand shows

    @property
    def evidence(self) -> str:
        """The kind of the experiment of many cells that it is; "" for any other measurement."""
        first, _, kind = self.run.form.partition(" ")
        return kind if first == EVIDENCE else ""

    @property
    def is_quick(self) -> bool:
        """Whether it is an experiment's small grid, which only tries it."""
        return bool(self.evidence) and self.run.fingerprint.get("quick") == "yes"


class Measured(msgspec.Struct, frozen=True):
    """All that a talk has measured.

    `changed` says by the name of a measurement ("" for the experiment) what has changed since it
    was made; what fits is not in it. `pictures` are the folders with the pictures of the runs.
    `missing` says of what was never measured, and need not be, how it is.
    """

    experiment: Results | None = None
    measurements: Mapping[str, Measurement] = {}
    changed: Mapping[str, tuple[str, ...]] = {}
    pictures: Mapping[str, Path] = {}
    missing: Mapping[str, str] = {}

    def __bool__(self) -> bool:
        """Whether anything was measured."""
        return self.experiment is not None or bool(self.measurements)

    @property
    def digest(self) -> str:
        """sha256 of all values: what is drawn from them is kept under it."""
        parts = [digest_of(self.experiment)] if self.experiment else []
        parts += [f"{name} {one.digest}" for name, one in self.measurements.items()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def values_key(self) -> tuple[object, ...]:
        """All that texts can show of it: whole where it has no digest yet."""
        results = self.experiment and (self.experiment.digest or digest_of(self.experiment))
        found = ((name, m.digest or m) for name, m in self.measurements.items())
        return (results, tuple(found), dict(self.missing))


NOTHING = Measured()


# One step of a place after its first name: `.f1`, `[3]`, `["std::map"]`.
_STEP = r"""\.\w+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]"""
_STEPS = re.compile(rf"""(?<![\w.])[^\W\d]\w*(?:{_STEP})*|"(?:[^"\\]|\\.)*\"""")
_PARTS = re.compile(r"""(\w+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]""")


def step(at: str, part: str | int) -> str:
    """The place of a part of what is at `at`, as content names it: `hash["std::map"]`."""
    if isinstance(part, int):
        return f"{at}[{part}]"
    if not at:
        return part
    if part.isidentifier() and not part.startswith("_"):
        return f"{at}.{part}"
    return f"{at}[{json.dumps(part, ensure_ascii=False)}]"


def parts_of(at: str) -> tuple[str | int, ...]:
    """The names and numbers that a place is made of."""
    found = _PARTS.findall(at)
    return tuple(
        json.loads(quoted) if quoted else int(index) if index else name
        for name, index, quoted in found
    )


def place_of(parts: Iterable[str | int]) -> str:
    """The place that names and numbers make; inverse of `parts_of`."""
    return reduce(step, parts, "")


def places_in(expression: str) -> Iterator[str]:
    """The places in an expression such as `data.read - data.groups`, or the one that it is."""
    for found in _STEPS.finditer(expression):
        is_text, is_call = found[0][0] == '"', expression[found.end() :][:1] == "("
        if not is_text and not is_call:
            yield found[0]


def is_place(expression: str) -> bool:
    """Whether an expression is one place and nothing else."""
    return list(places_in(expression)) == [expression]


def first_name(at: str) -> str:
    """The first name of a place: `hash` of `hash["std::map"].ns`."""
    return at.partition(".")[0].partition("[")[0]


def measurement_of(at: str, measured: Measured) -> Measurement | None:
    """The measurement that a place such as `hash.insert.ns` is of; None: the experiment's."""
    return measured.measurements.get(first_name(at))


def numbers_in(tree: Tree, at: str = "") -> Iterator[tuple[str, Value]]:
    """Every number of a tree with its place, in the tree's order."""
    if isinstance(tree, Value):
        yield at, tree
    elif isinstance(tree, dict):
        for name, inner in tree.items():
            yield from numbers_in(inner, step(at, name))
    elif isinstance(tree, tuple):
        for index, inner in enumerate(tree):
            yield from numbers_in(inner, step(at, index))


def rows_of(tree: Tree) -> tuple[Tree, ...]:
    """The rows of a table for loops and charts, which content finds as `NAME.rows`; else nothing.

    A table whose rows have texts of their own in the first column is kept as a branch by those
    texts, `hash["std::map"].ns`; so each branch of branches has rows, and no value stands twice.
    """
    if isinstance(tree, dict):
        if "rows" in tree:
            return rows_of(tree["rows"])
        inner = tuple(tree.values())
        return inner if all(isinstance(one, dict) for one in inner) else ()
    return tree if isinstance(tree, tuple) else ()


# --- As a file ----------------------------------------------------------------------------------


def write_measurement(measurement: Measurement, path: Path) -> Measurement:
    """Write one whole and sealed with its digest; returns it as written. Raises OSError."""
    plain = _plain(measurement)
    digest = _digest_of(plain)
    content = {"schema": SCHEMA, **plain, "digest": digest}
    write_whole(path, msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    return replace(measurement, digest=digest)


def read_measurement(path: Path) -> Measurement:
    """Read and check one. Raises TalkError for a missing, broken, foreign or changed file."""
    try:
        return _measurement(read_bytes(path, "the file of a measurement"))
    except (msgspec.DecodeError, ValueError, RecursionError, KeyError, TypeError) as error:
        said = "the measurement is broken: " if not isinstance(error, _RefusedError) else ""
        hint = f"delete it and run `{called()}` again"
        raise TalkError(f"{said}{error}", Source(path), hint) from None


class _RefusedError(ValueError):
    """A whole file that is none of ours, or none any more."""


@lru_cache(maxsize=16)
def _measurement(raw: bytes) -> Measurement:
    """The measurement in a file: a build reads the same one where it is kept and where it is shown.

    Nothing changes what is read.
    """
    content = msgspec.json.decode(raw)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise _RefusedError("it was written by another version")
    run, values = msgspec.convert(content["run"], Origin), tree_of(content["values"])
    found = Measurement(content["name"], values, run, content["digest"])
    if not all(map(_is_bare, (run.id, *run.pictures))):
        raise _RefusedError("a name in it leads out of its folder")
    if found.digest != _digest_of({name: content[name] for name in ("name", "run", "values")}):
        raise _RefusedError("the measurement was edited by hand: its digest no longer fits")
    return found


def _is_bare(name: str) -> bool:
    """Whether a name is one of a file in its folder, on any system."""
    return name == PureWindowsPath(name).name and name.strip(".") != ""


def tree_of(content: Any) -> Any:
    """The tree that a file's content, as JSON has it, stands for; inverse of `plain_tree`."""
    if isinstance(content, dict):
        if NUMBER in content:
            known = {**content, "value": content[NUMBER]}
            del known[NUMBER]
            return msgspec.convert(known, Value)
        return {name: tree_of(inner) for name, inner in content.items()}
    if isinstance(content, list):
        return tuple(tree_of(inner) for inner in content)
    return content


def plain_tree(tree: Tree) -> Any:
    """A tree as JSON has it: numbers as objects with all that is known of them."""
    if isinstance(tree, Value):
        said = ((name, getattr(tree, name), default) for name, default in _UNKNOWN.items())
        return {NUMBER: tree.value} | {name: known for name, known, no in said if known != no}
    if isinstance(tree, dict):
        return {name: plain_tree(inner) for name, inner in tree.items()}
    if isinstance(tree, tuple):
        return [plain_tree(inner) for inner in tree]
    return tree


_UNKNOWN = dict(zip(Value.__struct_fields__[1:], Value.__struct_defaults__, strict=True))


def _plain(measurement: Measurement) -> dict[str, Any]:
    return {
        "name": measurement.name,
        "run": msgspec.to_builtins(measurement.run),
        "values": plain_tree(measurement.values),
    }


def _digest_of(content: dict[str, Any]) -> str:
    """sha256 over everything but the digest itself."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
