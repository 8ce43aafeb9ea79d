"""A heading of the script -> the slides that it is for: by number, by name, or several joined.

`SLIDE 4: TITLE`, `SLIDE demo: TITLE`, `SLIDES 11-12: TITLE`, `SLIDES intro..demo: TITLE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from pipeline.places import Place, Places, Role
from pipeline.problems import TalkError

MOST_JOINED = 12

_NUMBERED = re.compile(
    r"SLIDES? #?([0-9]{1,4})(?![0-9])(?: ?(?:[-–—]|\.\.) ?([0-9]{1,4})(?![0-9]))?"
    r"(?: ?(?:/|of) ?[0-9]{1,4}(?![0-9]))? ?(?:[:.–—-] ?)?(.*)",
    re.I,
)
_NAME = r"[`\"“]?(?:#/?)?((?=[0-9-]*[a-z])[a-z0-9][a-z0-9-]*)[`\"”]?"
_NAMED = re.compile(rf"SLIDES? {_NAME}(?: ?(?:\.\.|…) ?{_NAME})?(?: ?[:–—] ?(.*)| - (.*))?", re.I)


class SlideHeading(msgspec.Struct, frozen=True):
    """What a heading says of its slides. `wrong` is what can't be, with what to do about it."""

    numbers: tuple[int, ...]  # of their files
    title: str
    called: str = ""  # `demo` or `intro..demo`, where it names them
    role: Role = "slide"
    wrong: tuple[tuple[str, str], ...] = ()


def slide_heading(text: str, places: Places) -> SlideHeading | None:
    """The slides that a heading names; None for another heading.

    Without `places` nothing is known of the slides: a range is each number of it.
    """
    numbered, named = _NUMBERED.fullmatch(text), _NAMED.fullmatch(text)
    if named and len(places) and (not numbered or _is_known(named[1], places)):
        return _by_name(named, places)
    if not numbered:
        return None
    first, last = int(numbered[1]), int(numbered[2] or numbered[1])
    wrong = []
    if first < 1:
        wrong.append(("slides are numbered from 1", "the first one is SLIDE 1"))
    numbers = tuple(range(first, max(first, last) + 1)[: MOST_JOINED + 1])
    if first < last and places.of(first) and places.of(last):
        numbers = tuple(sorted({p.number for p in places if first <= p.number <= last}))
    if last < first or len(numbers) > MOST_JOINED:
        what = "backwards" if last < first else f"over more than {MOST_JOINED} slides"
        wrong.append((f"slides {first}-{last} run {what}", "such as SLIDE 11-12"))
        numbers = (first,)
    return _settled(SlideHeading(numbers, numbered[3].strip(), wrong=tuple(wrong)), places)


def _is_known(name: str, places: Places) -> bool:
    return any(place.name == name.lower() for place in places)


def _by_name(found: re.Match[str], places: Places) -> SlideHeading:
    title = (found[3] or found[4] or "").strip()
    try:
        first, last = places.named(found[1]), places.named(found[2] or found[1])
    except TalkError as error:
        return SlideHeading((), title, wrong=((error.message, error.hint),))
    called = first.name if first is last else f"{first.name}..{last.name}"
    numbers = tuple(sorted(set(_between(first, last, places))))
    wrong: tuple[tuple[str, str], ...] = ()
    if not numbers or len(numbers) > MOST_JOINED:
        what = "backwards" if not numbers else f"over more than {MOST_JOINED} slides"
        wrong = ((f"slides {called} run {what}", "the first one comes first"),)
        numbers = (first.number,)
    return _settled(SlideHeading(numbers, title, called, wrong=wrong), places)


def _between(first: Place, last: Place, places: Places) -> Iterator[int]:
    """The numbers from one slide to another."""
    return (p.number for p in places if first.number <= p.number <= last.number)


def _settled(heading: SlideHeading, places: Places) -> SlideHeading:
    """With its role: that of its slides, of which hidden ones don't count."""
    roles = {place.role for number in heading.numbers if (place := places.of(number))}
    wrong = heading.wrong
    if roles > {"hidden"}:
        roles.discard("hidden")
    if len(roles) > 1:
        hint = "give the backup a section of its own"
        wrong = (*wrong, ("the section joins a backup with slides of the talk", hint))
        roles = {"slide"}
    role: Role = roles.pop() if roles else "slide"
    return SlideHeading(heading.numbers, heading.title, heading.called, role, wrong)
