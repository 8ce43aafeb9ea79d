"""A slide's file as written: its name, its front matter, its parts; nothing filled in yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.files import read_text
from pipeline.problems import Source, TalkError
from pipeline.toml_file import read_toml

BODY = "body"  # text outside named parts
_FILE = re.compile(r"(\d+)-([a-z0-9][a-z0-9-]*)\.md$")
_FIELD = re.compile(r"([a-z][\w-]*):(?:\s+(.*\S))?\s*$")
_PART = re.compile(r":::\s*([\w-]+)?((?:\s+[\w-]+)*)\s*$")


@dataclass(frozen=True, slots=True)
class RawPart:
    """A part before its values are put in."""

    name: str
    option: str  # "", "step" or "each"
    text: str
    where: Source  # the line of its first line of text
    opened: Source


@dataclass(frozen=True, slots=True)
class SlideSource:
    """A slide's file, read; nothing is filled in yet."""

    path: Path
    fields: Mapping[str, tuple[str, Source]]
    parts: tuple[RawPart, ...]


def read_slide(path: Path) -> SlideSource:
    """Front matter and parts of one file. Raises TalkError with the line of what is neither."""
    lines = read_text(path, "a slide").split("\n")
    fields, first = _front_matter(path, lines)
    return SlideSource(path, fields, tuple(_parts(path, lines, first)))


def diagram_steps(path: Path) -> int:
    """In how many steps a diagram appears: the highest `step` of its boxes and arrows.

    0 for one that is missing or broken: where it is drawn, it is said.
    """
    try:
        tables = read_toml(path, "the diagram").tables
    except TalkError:
        return 0
    lists = (entries for entries in tables.values() if isinstance(entries, list))
    steps = (e.get("step", 0) for entries in lists for e in entries if isinstance(e, dict))
    return max((step for step in steps if isinstance(step, int)), default=0)


def slide_files(folder: Path) -> Iterator[tuple[int, str, Path]]:
    """Number, short name and path of each slide, in order."""
    found: dict[int, Path] = {}
    names: dict[str, Path] = {}
    for path in sorted(folder.glob("*.md")) if folder.is_dir() else []:
        if path.name == "README.md":
            continue
        match = _FILE.match(path.name)
        if not match:
            raise TalkError(
                f"`{path.name}` is no name for a slide", Source(path), "NN-short-name.md"
            )
        number = int(match[1])
        if number in found:
            raise TalkError(
                f"two slides have the number {number}: {found[number].name} and {path.name}",
                Source(path),
                "give each its own number",
            )
        if match[2] in names:
            raise TalkError(
                f"two slides have the name `{match[2]}`", Source(path), "links need one name each"
            )
        found[number] = names[match[2]] = path
    if not found:
        raise TalkError("there are no slides", Source(folder), "the first is 01-title.md")
    for expected, number in enumerate(sorted(found), 1):
        if number != expected:
            raise TalkError(
                f"slide {expected} is missing before {found[number].name}",
                Source(found[number]),
                "number the slides from 1 without gaps",
            )
    for number in sorted(found):
        path = found[number]
        yield number, path.stem.partition("-")[2], path


def _front_matter(path: Path, lines: list[str]) -> tuple[dict[str, tuple[str, Source]], int]:
    """The fields with their lines, and the index of the first line after them."""
    form = "a slide begins with `---`, lines `key: value`, and `---`"
    if lines[0].rstrip() != "---":
        raise TalkError("the slide has no front matter", Source(path, 1), form)
    fields: dict[str, tuple[str, Source]] = {}
    for index, line in enumerate(lines[1:], 1):
        where = Source(path, index + 1)
        if line.rstrip() == "---":
            return fields, index + 1
        if not line.strip():
            continue
        found = _FIELD.match(line)
        if not found:
            raise TalkError(f"no `key: value`: {line.strip()}", where, form)
        if found[1] in fields:
            raise TalkError(f"`{found[1]}` stands twice", where, "keep one of them")
        if not found[2]:
            raise TalkError(f"`{found[1]}` is empty", where, "give it a value or drop the line")
        fields[found[1]] = (found[2], where)
    raise TalkError("the front matter is not closed", Source(path, 1), form)


def _parts(path: Path, lines: list[str], first: int) -> Iterator[RawPart]:
    """The parts from line `first` (from 0) on; text outside them comes last, as the body."""
    body: list[tuple[int, str]] = []
    inside: tuple[int, str, str] | None = None
    start = first
    for index in range(first, len(lines)):
        line, where = lines[index], Source(path, index + 1)
        if not line.startswith(":::"):
            if not inside:
                body.append((index, line))
            continue
        found = _PART.match(line)
        if not found:
            raise TalkError(f"no part: {line.strip()}", where, "::: NAME, ::: NAME step, or :::")
        name, options = found[1], found[2].split()
        if name is None:
            if inside is None:
                raise TalkError("`:::` closes nothing", where, "open a part with ::: NAME")
            opened = Source(path, inside[0] + 1)
            text = "\n".join(lines[start:index])
            yield RawPart(inside[1], inside[2], text, Source(path, start + 1), opened)
            inside = None
            continue
        if inside is not None:
            raise _unclosed(path, inside)
        if len(options) > 1 or (options and options[0] not in ("step", "each")):
            shown = " ".join(options)
            raise TalkError(f"unknown option `{shown}` of a part", where, "`step` or `each`")
        inside, start = (index, name, options[0] if options else ""), index + 1
    if inside is not None:
        raise _unclosed(path, inside)
    written = [index for index, line in body if line.strip()]
    if written:
        # Lines between parts stay empty, so that lines of the file and of the body agree.
        kept = dict(body)
        text = "\n".join(kept.get(i, "") for i in range(written[0], written[-1] + 1))
        at = Source(path, written[0] + 1)
        yield RawPart(BODY, "", text, at, at)


def _unclosed(path: Path, inside: tuple[int, str, str]) -> TalkError:
    return TalkError(
        f"the part `{inside[1]}` is not closed",
        Source(path, inside[0] + 1),
        "end it with a line `:::`",
    )
