"""Branches of a measurement that a sentence compares in words: "Robin Hood is faster than …"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from pipeline import units
from pipeline.measured import Measured, Tree, Value, numbers_in, parts_of, step
from pipeline.numbers.candidates import names_words
from pipeline.numbers.template import Placeholder

COMPARES = re.compile(
    r"\b(?:beats?|outperform(?:s|ed)?|outscores?|defeats?|wins? (?:against|over)|ahead of|"
    r"superior to|(?P<worse>slower|worse) than|(?:faster|quicker|better) than|"
    r"(?:twice|half|\w+ times) as (?:fast|quick|good) as|"
    r"(?P<schlechter>langsamer|schlechter) als|(?:schneller|besser) als|"
    r"(?:doppelt|halb|\w+mal) so (?:schnell|gut) wie|schlägt|übertrifft)\b",
    re.IGNORECASE,
)
# What asks, doubts or denies claims nothing that a number could show.
_OPEN = re.compile(
    r"\?|n['’]t\b|\b(?:not|no|never|nor|neither|whether|if|unless|should|could|would|might|may|"
    r"expect\w*|hop(?:e|ed|ing)|suppos\w*|guess\w*|claim\w*|said|says|"
    r"nicht|kein\w*|nie|ob|wenn|falls|sollte|könnte|würde|erwart\w*|hoff\w*)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_AFTER = 60  # signs behind the comparison within which the other one is named


class _Named(msgspec.Struct, frozen=True):
    """A branch, or a number among others, where a sentence names it."""

    at: int
    parent: str  # the place of the branch that it is one of
    key: str

    @property
    def place(self) -> str:
        return step(self.parent, self.key)


class Rivals(msgspec.Struct, frozen=True, dict=True):
    """All that stands beside something alike in a measurement."""

    measured: Measured

    @cached_property
    def _branches(self) -> dict[str, Mapping[str, Tree]]:
        """The branches with something to tell apart, by their place."""
        found: dict[str, Mapping[str, Tree]] = {}

        def walk(at: str, tree: Tree) -> None:
            if isinstance(tree, dict):
                found[at] = tree
                for name, inner in tree.items():
                    walk(step(at, name), inner)

        for name, one in self.measured.measurements.items():
            walk(name, one.values)
        return found

    @cached_property
    def _by_word(self) -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
        """The first word of each name -> all its words, where it stands, the name."""
        found = defaultdict(list)
        for parent, tree in self._branches.items():
            for key, inner in tree.items():
                if isinstance(inner, dict | Value) and (words := names_words(key)):
                    found[words[0]].append((words, parent, key))
        return found

    def compared(
        self, sentence: str, marks: Mapping[int, Placeholder]
    ) -> tuple[re.Match[str], str, str] | None:
        """The words that compare two of them, and the numbers to hold them to, the better first.

        `marks`: the placeholders of the sentence by where they stand in it. None where it compares
        none, asks or denies, or shows a value that is calculated from both.
        """
        found = COMPARES.search(sentence)
        if not found or _OPEN.search(sentence):
            return None
        named = [*self._in_words(sentence), *self._in_marks(marks)]
        before = sorted((n for n in named if n.at < found.start()), key=lambda n: -n.at)
        after = sorted((n for n in named if 0 <= n.at - found.end() < _AFTER), key=lambda n: n.at)
        for one in before:
            for other in after:
                if one.parent != other.parent or one.key == other.key:
                    continue
                alike = self._alike(one, other)
                if alike is None or _is_shown(one.place, other.place, marks):
                    continue
                is_worse = found["worse"] or found["schlechter"]
                better, worse = reversed(alike) if is_worse else alike
                return found, better, worse
        return None

    def _in_words(self, sentence: str) -> Iterator[_Named]:
        words = [(found[0].lower(), found.start()) for found in _WORD.finditer(sentence)]
        for index, (word, at) in enumerate(words):
            for named, parent, key in self._by_word.get(word, ()):
                if tuple(w for w, _ in words[index : index + len(named)]) == named:
                    yield _Named(at, parent, key)

    def _in_marks(self, marks: Mapping[int, Placeholder]) -> Iterator[_Named]:
        for at, tag in marks.items():
            parent = ""
            for part in parts_of(tag.path) if len(tag.paths) == 1 else ():
                if isinstance(part, str) and part in self._branches.get(parent, ()):
                    yield _Named(at, parent, part)
                parent = step(parent, part)

    def _alike(self, one: _Named, other: _Named) -> tuple[str, str] | None:
        """The places of two numbers that can be compared; those of which better is known first."""
        its, others = self._numbers(one), self._numbers(other)
        both = [at for at in its if at in others and units.fits(its[at].unit, others[at].unit)]
        if not both:
            return None
        is_plain = [not its[at].direction and units.kind_of(its[at].unit) != "time" for at in both]
        _, at = min(zip(is_plain, both, strict=True), key=lambda pair: pair[0])
        return one.place + at, other.place + at

    def _numbers(self, named: _Named) -> dict[str, Value]:
        """The numbers of a branch by the rest of their places; of a number itself, by ""."""
        tree = self._branches[named.parent][named.key]
        return {at[len(named.place) :]: value for at, value in numbers_in(tree, named.place)}


def _is_shown(one: str, other: str, marks: Mapping[int, Placeholder]) -> bool:
    """Whether a placeholder is calculated from both: the sentence shows how they compare."""
    return any(
        any(path.startswith(one) for path in tag.paths)
        and any(path.startswith(other) for path in tag.paths)
        for tag in marks.values()
    )
