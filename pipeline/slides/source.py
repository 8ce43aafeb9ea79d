"""A slide's file as written: its name, its front matter, its parts; nothing filled in yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.command import called
from pipeline.dot_file import steps_of
from pipeline.files import read_text
from pipeline.numbers.fill import GONE
from pipeline.paths import composed, plain_name
from pipeline.places import Places, Role, arranged
from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.footnotes import RawFootnote, taken_out
from pipeline.slides.front_matter import front_matter
from pipeline.slides.scan import Line, scanned
from pipeline.toml_file import read_toml

BODY = "body"  # text outside named parts
NOTES = "notes"  # the part that every layout knows and no page shows
_ENDINGS = (".md", ".markdown", ".mdown", ".mdx", ".qmd", ".rmd")
_COPY = re.compile(
    r"[ ._-]*(?:\bcopy\b|\bkopie\b|\([^)]*\)|(?:sync-)?conflict|konflikt).*$", re.IGNORECASE
)
_FILE = re.compile(r"(\d+)-([a-z0-9][a-z0-9-]*)\.md$")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_OWN = ("hidden", "backup", "same", "time")  # what a slide that is shown again doesn't hand on
_OF_SAME = ("same", "title", "kicker", "hidden", "backup", "time")
_PART = re.compile(r":::\s*([\w-]+)?((?:\s+[\w-]+)*)\s*$")


class RawPart(msgspec.Struct, frozen=True):
    """A part before its values are put in; what filling makes of the signs in it: `scan`."""

    name: str
    option: str  # "", "step" or "each"
    text: str
    where: Source  # the line of its first line of text
    opened: Source

    @property
    def is_empty(self) -> bool:
        return not self.text.replace(GONE, "").strip()


class SlideSource(msgspec.Struct, frozen=True):
    """A slide's file, read; nothing is filled in yet."""

    path: Path
    fields: Mapping[str, tuple[str, Source]]
    parts: tuple[RawPart, ...]
    notes: RawPart | None = None  # what is said; on no page that the room sees
    footnotes: tuple[RawFootnote, ...] = ()

    @property
    def number(self) -> int:
        return int(self.path.name.partition("-")[0])

    @property
    def name(self) -> str:
        return self.path.stem.partition("-")[2]


def read_slide(path: Path) -> SlideSource:
    """Front matter and parts of one file. Raises TalkError with the line of what is neither."""
    # Letters and their marks as one sign, where there is one: faces have those.
    return _read(path, composed(read_text(path, "a slide")))


@lru_cache(maxsize=2048)
def _read(path: Path, text: str) -> SlideSource:
    """The same of a file's text, once for all who ask in a build; nobody changes it."""
    lines = scanned(text, path)
    fields, first = front_matter(path, lines)
    below, footnotes = taken_out(path, lines[first:], first)
    # A body before the first part is shown, and counted in steps, before it.
    found = _parts(path, [*lines[:first], *below], first)
    parts = tuple(sorted(found, key=lambda part: part.opened.line or 0))
    notes = [part for part in parts if part.name == NOTES]
    if len(notes) > 1:
        raise TalkError("the slide has two parts `notes`", notes[1].opened, "join them")
    shown = tuple(part for part in parts if part.name != NOTES)
    return SlideSource(path, fields, shown, notes[0] if notes else None, footnotes)


def diagram_steps(path: Path) -> int:
    """In how many steps a diagram appears: the highest `step` of its boxes and arrows.

    `path` has no ending: the file is in TOML or DOT. 0 for one that is missing or broken: where it
    is drawn, it is said.
    """
    graph = path.with_name(f"{path.name}.dot")
    try:
        if graph.is_file():
            return steps_of(read_text(graph, "the diagram"))
        path = path.with_name(f"{path.name}.toml")
        tables = read_toml(path, "the diagram").tables
    except TalkError:
        return 0
    lists = (entries for entries in tables.values() if isinstance(entries, list))
    steps = (e.get("step", 0) for entries in lists for e in entries if isinstance(e, dict))
    return max((step for step in steps if isinstance(step, int)), default=0)


def slide_files(folder: Path, *, are_unique: bool = True) -> Iterator[tuple[int, str, Path]]:
    """Number, short name and path of each slide, in the order of the numbers; gaps are fine.

    `are_unique`: each has a number of its own.
    """
    found: dict[int, Path] = {}
    names: dict[str, Path] = {}
    for path in _slide_paths(folder):
        match = _FILE.match(path.name)
        if not match:
            raise _no_name(path)
        number, name = int(match[1]), match[2]
        if number < 1:
            raise TalkError(f"`{path.name}`: slides are numbered from 1", Source(path), "01-…")
        if number in found and are_unique:
            other = found[number].stem.partition("-")[2]
            raise TalkError(
                f"two slides have the number {number}: {found[number].name} and {path.name}",
                Source(path),
                f"`{called()} move {name} --after {other}` gives it a number of its own",
            )
        if name in names:
            raise TalkError(
                f"two slides have the name `{name}`: {names[name].name} and {path.name}",
                Source(path),
                "links need one name each",
            )
        found.setdefault(number, path)
        names[name] = path
    if not found:
        raise TalkError("there are no slides", Source(folder), "the first is 01-title.md")
    for number, name in sorted(
        (int(path.name.partition("-")[0]), name) for name, path in names.items()
    ):
        yield number, name, names[name]


def _slide_paths(folder: Path) -> Iterator[Path]:
    """What is or should be a slide: hidden files, such as an editor's, are nobody's."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        is_text = path.suffix.lower() in _ENDINGS and not path.name.startswith(".")
        if is_text and path.name.lower() != "readme.md":
            yield path


def _no_name(path: Path) -> TalkError:
    """Why a file's name is none for a slide, and a name that would be."""
    rest = path.stem.lstrip("0123456789")
    number = path.stem.removesuffix(rest)
    short = plain_name(_COPY.sub("", rest)) or "short-name"
    name = f"{number.zfill(2) if number else 'NN'}-{short}.md"
    why, hint = "", f"small letters, digits and hyphens: {name}"
    if re.match(r"[a-z]-", rest) and number:  # 02b-more.md: put in behind 02
        why, name = ": its number has a letter", f"{number.zfill(2)}-{short[2:]}.md"
        hint = f"call it {name}; `{called()} move {short[2:]} --after …` then makes room"
    elif _COPY.search(rest):
        why, hint = ": it looks like a copy", f"compare it with {name}, and keep one"
    elif not number:
        why, hint = ": it has no number", f"begin with its place: {name}"
    return TalkError(f"`{path.name}` is no name for a slide{why}", Source(path), hint)


def role_of(slide: SlideSource) -> Role:
    """Where a slide stands: among the others, behind the end, or nowhere."""
    if _is_set(slide, "hidden"):
        return "hidden"
    return "backup" if _is_set(slide, "backup") else "slide"


def _is_set(slide: SlideSource, key: str) -> bool:
    text, where = slide.fields.get(key, ("false", Source(slide.path)))
    if text.lower() not in _TRUTH:
        raise TalkError(f"`{key}` can't be `{text}`", where, f"`{key}: true`, or drop the line")
    return _TRUTH[text.lower()]


def places_of(slides: Iterable[SlideSource]) -> Places:
    """Where each slide of a folder stands; by names and front matter alone.

    Raises TalkError where a role can't be read, or nothing is left to show.
    """
    read = tuple(slides)
    places = arranged((slide.number, slide.name, role_of(slide)) for slide in read)
    if not any(place.role == "slide" for place in places):
        hidden = all(place.role == "hidden" for place in places)
        what = "all slides are hidden" if hidden else "every slide is hidden or a backup"
        raise TalkError(what, Source(read[0].path, 1), "the deck needs one that is shown")
    return places


def with_same(slide: SlideSource, others: Mapping[str, SlideSource]) -> SlideSource:
    """A slide that shows another one again (`same: NAME`) with that one's content.

    Its own front matter goes first; parts it has none of its own but its notes. Raises TalkError
    for a name that is no slide's, or that leads on or back.
    """
    if "same" not in slide.fields:
        return slide
    name, where = slide.fields["same"]
    if name == slide.name:
        raise TalkError("the slide shows itself again", where, "`same:` names another slide")
    if name not in others:
        raise TalkError(f"`same`: no slide has the name `{name}`", where, nearest(name, others))
    other = others[name]
    if role_of(other) == "hidden":
        hint = f"show {other.path.name}, or hide this one too"
        if role_of(slide) != "hidden":
            raise TalkError(f"`same`: the slide `{name}` is hidden", where, hint)
    if "same" in other.fields:
        hint = "name the slide that has the content"
        raise TalkError(f"`same`: the slide `{name}` shows another one again", where, hint)
    for key, (_, at) in slide.fields.items():
        if key not in _OF_SAME:
            hint = f"beside `same` there may be: {', '.join(_OF_SAME[1:])}"
            raise TalkError(f"`{key}` belongs to the slide `{name}`", at, hint)
    for part in slide.parts:
        hint = f"{other.path.name} has it"
        raise TalkError("a slide with `same` has no content of its own", part.opened, hint)
    shown = {key: value for key, value in other.fields.items() if key not in _OWN}
    return replace(
        slide, fields={**shown, **slide.fields}, parts=other.parts, footnotes=other.footnotes
    )


def _parts(path: Path, lines: Sequence[Line], first: int) -> Iterator[RawPart]:
    """The parts from line `first` (from 0) on; text outside them comes last, as the body."""
    body: list[tuple[int, str]] = []
    inside: tuple[int, str, str] | None = None
    start = first
    for index in range(first, len(lines)):
        line, where = lines[index].text, Source(path, index + 1)
        if lines[index].is_code or not line.lstrip().startswith(":::"):
            if not inside:
                body.append((index, line))
            continue
        name, option = _fence_of_part(line, where)
        if not name:
            if inside is None:
                raise TalkError("`:::` closes nothing", where, "open a part with ::: NAME")
            opened = Source(path, inside[0] + 1)
            text = "\n".join(line.text for line in lines[start:index])
            yield RawPart(inside[1], inside[2], text, Source(path, start + 1), opened)
            inside = None
            continue
        if inside is not None:
            raise _unclosed(path, inside)
        inside, start = (index, name, option), index + 1
    if inside is not None:
        raise _unclosed(path, inside)
    written = [index for index, line in body if line.strip() and line != GONE]
    if written:
        # Lines between parts stay empty, so that lines of the file and of the body agree.
        kept = dict(body)
        text = "\n".join(kept.get(i, "") for i in range(written[0], written[-1] + 1))
        at = Source(path, written[0] + 1)
        yield RawPart(BODY, "", text, at, at)


def _fence_of_part(line: str, where: Source) -> tuple[str, str]:
    """Name and option of a line that begins with `:::`; no name: it closes a part."""
    found = _PART.match(line)
    if not found:
        hint = "::: NAME, ::: NAME step, or :::"
        if line != line.lstrip():
            hint = "::: begins at the line's first sign"
        raise TalkError(f"no part: {line.strip()}", where, hint)
    name, options = found[1] or "", found[2].split()
    known = () if name == NOTES else ("step", "each")
    if len(options) > 1 or (options and options[0] not in known):
        hint = "`step` or `each`" if known else "notes are never shown, so they have no steps"
        raise TalkError(f"unknown option `{' '.join(options)}` of a part", where, hint)
    return name, options[0] if options else ""


def _unclosed(path: Path, inside: tuple[int, str, str]) -> TalkError:
    return TalkError(
        f"the part `{inside[1]}` is not closed",
        Source(path, inside[0] + 1),
        "end it with a line `:::`",
    )
