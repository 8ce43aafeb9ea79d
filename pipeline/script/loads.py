"""What each slide of a script has to say and do, counted once for all cuts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.problems import Source
from pipeline.script.elements import Choice, Cue, Item, Part, Script, Section, Speech, divided


@dataclass(frozen=True, slots=True)
class Load:
    """Words and seconds of some items; those of their parts apart, since cuts differ in them."""

    spoken_words: int
    cue_s: int
    if_time_s: int  # of cues that only the full cut has time for
    parts: tuple[tuple[Part, Load], ...]

    def under(self, choice: Choice, is_full: bool) -> tuple[int, int]:
        """Words and cue seconds in a cut."""
        words = self.spoken_words
        cue_s = self.cue_s + (self.if_time_s if is_full else 0)
        for part, load in self.parts:
            if choice.has(part):
                more_words, more_s = load.under(choice, is_full)
                words, cue_s = words + more_words, cue_s + more_s
        return words, cue_s


@dataclass(frozen=True, slots=True)
class SlideLoad:
    """A slide (Q&A, closing: number 0) with its load."""

    number: int
    source: Source
    load: Load


Loads = tuple[tuple[Section, tuple[SlideLoad, ...]], ...]


def load_of(items: Iterable[Item]) -> Load:
    """Count some items."""
    words = cue_s = if_time_s = 0
    parts = []
    for item in items:
        if isinstance(item, Speech):
            words += item.spoken_words
        elif isinstance(item, Cue):
            if item.if_time:
                if_time_s += item.seconds
            else:
                cue_s += item.seconds
        elif isinstance(item, Part):
            parts.append((item, load_of(item.items)))
    return Load(words, cue_s, if_time_s, tuple(parts))


def loads_of(script: Script) -> Loads:
    """The loads of all slides, then those of Q&A and closing remarks."""
    found = []
    for kind in ("slide", "qa", "closing"):
        for section in script.of_kind(kind):
            if kind == "slide":
                slides = [(s.number, s.source, s.items) for s in divided(section)]
            else:
                items = [item for page in section.pages for item in page]
                items += [item for question in section.questions for item in question.answer]
                slides = [(0, section.source, tuple(items))]
            found.append(
                (section, tuple(SlideLoad(n, where, load_of(i)) for n, where, i in slides))
            )
    return tuple(found)
