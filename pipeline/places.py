"""Where each slide stands: the order of the deck, and the number that its pages print.

A slide's file has a number of its own, with gaps if the speaker likes; the script and the cuts name
it by that or by its name. Pages count what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from pipeline.problems import TalkError, nearest

# `backup`: behind the end, for questions; it has no slot. `hidden`: on no page.
Role = Literal["slide", "backup", "hidden"]


class Place(msgspec.Struct, frozen=True):
    """One slide of the folder and its place in the deck."""

    number: int  # its file's
    name: str
    shown: str  # what pages print: "7", "B2"; "" for a hidden one
    role: Role = "slide"

    @property
    def label(self) -> str:
        """How messages call it: by its name too where its file has another number."""
        if self.shown == str(self.number):
            return self.shown
        return f"{self.shown or self.number} ({self.name})"


class Places(msgspec.Struct, frozen=True, dict=True):
    """All slides of a folder, in the order of the deck; hidden ones come last."""

    all: tuple[Place, ...] = ()

    @cached_property
    def _at(self) -> Mapping[int, int]:
        """Number -> index."""
        return {place.number: at for at, place in reversed([*enumerate(self.all)])}

    def __iter__(self) -> Iterator[Place]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def of(self, number: int) -> Place | None:
        """The slide whose file has this number."""
        at = self._at.get(number)
        return None if at is None else self.all[at]

    def named(self, name: str) -> Place:
        """The slide of a name, however its letters are written. Raises TalkError for none."""
        wanted = name.lower()
        for place in self.all:
            if place.name == wanted:
                return place
        names = [place.name for place in self.all]
        hint = nearest(name, names) if names else ""
        raise TalkError(f"no slide has the name `{name}`", None, hint)

    def position(self, number: int) -> int:
        """Where it stands in the deck, from 0; behind the last for one that isn't there."""
        return self._at.get(number, len(self.all))

    def is_seen(self, number: int) -> bool:
        """Whether the slide of a file's number isn't hidden."""
        place = self.of(number)
        return place is None or place.role != "hidden"

    def shown(self, number: int) -> str:
        """What pages print for a file's number; the number itself for one that isn't there."""
        place = self.of(number)
        return place.shown if place and place.shown else str(number)

    def label(self, number: int) -> str:
        """How messages call the slide of a file's number."""
        place = self.of(number)
        return place.label if place else str(number)


NOWHERE = Places()  # where nothing is known of the slides


def arranged(slides: Iterable[tuple[int, str, Role]]) -> Places:
    """Number, name and role of each slide -> their places, counted as they are shown."""
    rows = sorted(slides, key=lambda slide: slide[0])
    made: list[Place] = []
    for role, letter in (("slide", ""), ("backup", "B")):
        of_role = [(number, name) for number, name, own in rows if own == role]
        made += [
            Place(number, name, f"{letter}{at}", "backup" if letter else "slide")
            for at, (number, name) in enumerate(of_role, 1)
        ]
    made += [Place(number, name, "", "hidden") for number, name, own in rows if own == "hidden"]
    return Places(tuple(made))
