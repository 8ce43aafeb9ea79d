"""A script's text with its slides in another order: headings, sections, and what names a slide.

Only what names a slide by number in a place of its own is changed; words that are said are left,
and where they name one, they are shown to the speaker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec

from pipeline.locale import ENGLISH, Locale
from pipeline.locale.words import Words
from pipeline.places import Places
from pipeline.problems import Source, TalkError
from pipeline.script.elements import Section
from pipeline.script.parse import parse_script

_SLIDES = ("SLIDE", "SLIDES")
_PLAN = re.compile(r"(\bplan(?:\.cuts\.[\w-]+)?\.slides\[)([0-9]+)(?=\])")
_TAG = re.compile(r"\[slides? [0-9][0-9, and]*\]\W*$", re.I)
_NAMED = re.compile(r"\b(slide )([0-9]{1,4})\b", re.I)


class Mention(msgspec.Struct, frozen=True):
    """A line that names a slide by its number, and isn't changed."""

    where: Source
    text: str


class _Block(msgspec.Struct, frozen=True):
    """A section's lines, as they are written."""

    section: Section | None  # None: what stands before the first
    lines: list[str]
    first: int  # the line of its first one, from 1


@cache
def _numbered(words: Words) -> re.Pattern[str]:
    """A heading's slides by their numbers, after its keyword in English or another language."""
    own = (re.escape(word) for word, meant in words.headings.items() if meant in _SLIDES)
    heads = "|".join((r"SLIDES?\s+", *(rf"{word}\s*" for word in own)))
    return re.compile(
        rf"((?<!#)#++\s++(?:{heads})#?)([0-9]+)(?:(\s?(?:[-–—]|\.\.)\s?)([0-9]+))?", re.IGNORECASE
    )


def reordered(
    text: str,
    path: Path,
    places: Places,
    order: Sequence[str],
    numbers: Mapping[str, int],
    locale: Locale = ENGLISH,
) -> tuple[str, tuple[Mention, ...]]:
    """The script's text for slides in this order with these numbers, by name.

    A slide that is not in `numbers` is removed, and its section with it. Raises TalkError where a
    section joins slides that don't follow each other any more.
    """
    by_number = _names(places)
    new = {number: numbers.get(name) for number, name in by_number.items()}
    blocks = _blocks(text, path, places, locale)
    at = {name: index for index, name in enumerate(order)}
    kept: list[_Block] = []
    for block in blocks:
        names = [
            by_number[n] for n in (block.section.numbers if block.section else ()) if n in by_number
        ]
        if len(names) > 1:
            _check_joined(names, at, order, block)
        if not names or names[0] in numbers:
            kept.append(block)
    mentions: list[Mention] = []
    made = [
        _renamed(block, new, path, mentions, locale.words) for block in _sorted(kept, by_number, at)
    ]
    return _joined(made), tuple(mentions)


def heading_for(
    text: str,
    path: Path,
    places: Places,
    name: str,
    number: int,
    title: str,
    locale: Locale = ENGLISH,
) -> str:
    """A heading for a new slide, by name and in the language where the script's others are."""
    script = parse_script(text, path, places=places, locale=locale)
    sections = [section for section in script.sections if section.numbers]
    is_named = bool(sections) and all(section.called for section in sections)
    own = (word for word, meant in locale.words.headings.items() if meant == "SLIDE")
    keyword = next((word for word in own if re.search(rf"(?im)^#+\s+{word}", text)), "SLIDE")
    return f"## {keyword} {name if is_named else number}: {title.upper()} [30 seconds]"


def with_section(
    text: str,
    path: Path,
    places: Places,
    order: Sequence[str],
    name: str,
    lines: Sequence[str],
    locale: Locale = ENGLISH,
) -> str:
    """The script with a section for the slide `name`, before the first of a later slide."""
    by_number = _names(places)
    at = {one: index for index, one in enumerate(order)}
    blocks = _blocks(text, path, places, locale)
    made = [block.lines for block in blocks]
    later = (
        index
        for index, block in enumerate(blocks)
        if block.section
        and (
            block.section.kind in ("qa", "closing", "footer", "tips")
            or any(at.get(by_number.get(n, ""), -1) > at[name] for n in block.section.numbers)
        )
    )
    made.insert(next(later, len(made)), list(lines))
    return _joined(made)


def _names(places: Places) -> dict[int, str]:
    """Names by number; of two slides with one number the first has the section."""
    found: dict[int, str] = {}
    for place in places:
        found.setdefault(place.number, place.name)
    return found


def _joined(blocks: Sequence[list[str]]) -> str:
    """The blocks with an empty line between them, where there is none."""
    spaced = [[*block, ""] if block and block[-1].strip() else block for block in blocks[:-1]]
    return "\n".join(line for block in (*spaced, *blocks[-1:]) for line in block)


def _blocks(text: str, path: Path, places: Places, locale: Locale) -> list[_Block]:
    lines = text.split("\n")
    script = parse_script(text, path, places=places, locale=locale)
    sections = [section for section in script.sections if section.kind != "header"]
    starts = [(section.source.line or 1) - 1 for section in sections]
    edges = [*starts, len(lines)]
    made = [_Block(None, lines[: edges[0]], 1)]
    for section, (start, end) in zip(sections, pairwise(edges), strict=True):
        made.append(_Block(section, lines[start:end], start + 1))
    return made


def _check_joined(
    names: Sequence[str], at: Mapping[str, int], order: Sequence[str], block: _Block
) -> None:
    """Raises TalkError where the slides of one section don't follow each other."""
    assert block.section
    places = [at.get(name, -1) for name in names]
    first = places[0]
    if first < 0 or list(order[first : first + len(names)]) != list(names):
        shown = ", ".join(f"`{name}`" for name in names)
        raise TalkError(
            f"the slides {shown} share one section of the script, and would be divided",
            block.section.source,
            "give each a section of its own at [NEXT SLIDE] first, then run the same command",
        )


def _sorted(
    blocks: Sequence[_Block], by_number: Mapping[int, str], at: Mapping[str, int]
) -> list[_Block]:
    """The blocks with those of slides in the new order, the others where they are."""

    def place(block: _Block) -> int | None:
        known = [
            by_number[n] for n in (block.section.numbers if block.section else ()) if n in by_number
        ]
        return at.get(known[0]) if known else None

    of_slides = [index for index, block in enumerate(blocks) if place(block) is not None]
    in_order = iter(sorted((blocks[index] for index in of_slides), key=lambda b: place(b) or 0))
    made = list(blocks)
    for index in of_slides:
        made[index] = next(in_order)
    return made


def _renamed(
    block: _Block,
    new: Mapping[int, int | None],
    path: Path,
    mentions: list[Mention],
    words: Words,
) -> list[str]:
    """A block's lines with the new numbers; what is left gets into `mentions`."""
    kind = block.section.kind if block.section else "header"
    made = []
    for index, line in enumerate(block.lines):
        where, before = Source(path, block.first + index), line
        is_head = index == 0 and block.section is not None and block.section.numbers
        if is_head:
            line = _numbered(words).sub(lambda found: _heading(found, new), line, count=1)
        line = _PLAN.sub(lambda found: found[1] + _new(found[2], new), line)
        if kind == "qa":
            line = _TAG.sub(lambda found: _all_new(found[0], new), line)
        elif kind in ("header", "footer", "tips"):
            line = _NAMED.sub(lambda found: found[1] + _new(found[2], new), line)
        elif not is_head and any(_changes(found[2], new) for found in _NAMED.finditer(line)):
            mentions.append(Mention(where, line.strip()))
        if line == before and any(_is_gone(found[2], new) for found in _PLAN.finditer(line)):
            mentions.append(Mention(where, line.strip()))
        made.append(line)
    return made


def _heading(found: re.Match[str], new: Mapping[int, int | None]) -> str:
    first = found[1] + _new(found[2], new)
    return first + found[3] + _new(found[4], new) if found[4] else first


def _new(number: str, new: Mapping[int, int | None]) -> str:
    return str(new.get(int(number)) or number)


def _all_new(text: str, new: Mapping[int, int | None]) -> str:
    return re.sub("[0-9]+", lambda found: _new(found[0], new), text)


def _changes(number: str, new: Mapping[int, int | None]) -> bool:
    return int(number) in new and new[int(number)] != int(number)


def _is_gone(number: str, new: Mapping[int, int | None]) -> bool:
    return new.get(int(number), 0) is None
