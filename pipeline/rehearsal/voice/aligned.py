"""Words heard beside the words of a script: which of them are the same ones, over a whole talk.

The best path through both by dynamic programming, a whole row at a time. It may go on, leave script
words out, jump (back, too, where something is said again) and wait beside the script while other
words are said. Rare words weigh more than frequent ones, of which another talk has as many.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Row = NDArray[np.float64]

MOST, LEAST = 1.25, 0.3  # what a word that is the same weighs, by how rare it is
NEAR = 0.5  # of that, where the stem alone is the same: model, models
STEM = 5  # signs
OTHER = 0.6  # one word for another
LEFT_OUT = 0.6  # a script word that wasn't said
ADDED = 0.6  # a word too many
LEAVES, BESIDE = 1.5, 0.35  # leaving the script, and each word beside it
JUMP = 5.0
ELSEWHERE = 0.3  # a word of a slide that wasn't on the screen


class Near(msgspec.Struct, frozen=True):
    """A word heard: what it is, and the script words that are near at that time."""

    word: str
    low: int = 0
    high: int = 1 << 30


def same_words(script: Sequence[str], heard: Sequence[Near]) -> list[tuple[int, int]]:
    """Pairs of a heard word's and a script word's position that are the same, as time went."""
    if not script or not heard:
        return []
    rows = _Rows(script)
    block = math.isqrt(len(heard)) + 1  # rows kept at a time: memory grows by the square root
    last = rows.first
    kept = [last]
    for at, word in enumerate(heard, 1):
        last = rows.next(*last, word)
        if at % block == 0 or at == len(heard):
            kept.append(last)
    return _path(rows, heard, kept, block)


def _path(
    rows: _Rows, heard: Sequence[Near], kept: list[tuple[Row, Row]], block: int
) -> list[tuple[int, int]]:
    """The best path, from its end back; each block's rows are made again from its first one."""
    pairs: list[tuple[int, int]] = []
    on, beside = kept[-1]
    is_on = bool(on.max() >= beside.max())
    at = int((on if is_on else beside).argmax())
    for first in range((len(heard) - 1) // block * block, -1, -block):
        made = [kept[first // block]]
        for word in heard[first : first + block - 1]:
            made.append(rows.next(*made[-1], word))
        for index in range(min(first + block, len(heard)) - 1, first - 1, -1):
            before = made[index - first]
            is_same = is_on and rows.is_same(heard[index].word, at)
            consumed, is_on, at = rows.back(*before, heard[index], is_on, at)
            if consumed is not None and is_same:
                pairs.append((index, consumed))
    return pairs[::-1]


class _Rows:
    """Scores after each heard word: on the script with so many words of it behind, and beside it.

    Rows have a place more than the script has words: before the first one.
    """

    def __init__(self, script: Sequence[str]) -> None:
        import numpy as np

        self.np = np
        places = defaultdict[str, list[int]](list)
        for at, word in enumerate(script):
            places[word].append(at)
        self.script = script
        counts = Counter(script)
        self.weight = {word: _weight(n, len(script)) for word, n in counts.items()}
        self.places: Mapping[str, NDArray[np.int64]] = {
            word: np.array(found) for word, found in places.items()
        }
        self.stems = defaultdict[str, list[str]](list)
        for word in counts:
            self.stems[word[:STEM]].append(word)
        size = len(script) + 1
        self.left_out = np.arange(size, dtype=np.float64) * LEFT_OUT
        nowhere = np.full(size, -1e9, np.float64)
        start = np.zeros(size, np.float64)  # a rehearsal may begin anywhere
        self.first: tuple[Row, Row] = (nowhere, start)

    def near(self, word: str) -> Iterator[str]:
        """Words of the script with the same stem."""
        if len(word) >= STEM:
            yield from (one for one in self.stems.get(word[:STEM], ()) if one != word)

    def is_same(self, word: str, at: int) -> bool:
        other = self.script[at - 1] if at else ""
        return other == word or (len(word) >= STEM and other[:STEM] == word[:STEM])

    def gain(self, heard: Near) -> Row:
        """What it gives to hear this word where each one of the script stands."""
        np = self.np
        made: Row = np.full(len(self.script), -OTHER, np.float64)
        for word in self.near(heard.word):
            made[self.places[word]] = NEAR * self.weight[word]
        if heard.word in self.places:
            made[self.places[heard.word]] = self.weight[heard.word]
        made[: heard.low] -= ELSEWHERE
        made[heard.high :] -= ELSEWHERE
        return made

    def next(self, on: Row, beside: Row, heard: Near) -> tuple[Row, Row]:
        """The scores after one more word."""
        np = self.np
        best = np.maximum(on, beside)
        reached = np.maximum.accumulate(best + self.left_out) - self.left_out
        reached = np.maximum(reached, best.max() - JUMP)
        after = on - ADDED
        after[1:] = np.maximum(after[1:], reached[:-1] + self.gain(heard))
        waits = np.maximum(beside, on - LEAVES) - BESIDE
        return after, waits

    def back(
        self, on: Row, beside: Row, heard: Near, is_on: bool, at: int
    ) -> tuple[int | None, bool, int]:
        """Where the path came from: the script word that was taken, and the place before it."""
        np = self.np
        if not is_on:
            return None, bool(on[at] - LEAVES > beside[at]), at
        best = np.maximum(on, beside)
        if at == 0:
            return None, True, at
        reached = best[:at] + self.left_out[:at] - self.left_out[at - 1]
        from_here = int(at - 1 - reached[::-1].argmax())  # the nearest of the best
        score, jumped = reached[from_here], int(best.argmax())
        if best[jumped] - JUMP > score:
            from_here, score = jumped, best[jumped] - JUMP
        if on[at] - ADDED > score + self.gain(heard)[at - 1]:
            return None, True, at
        return at - 1, bool(on[from_here] >= beside[from_here]), from_here


def _weight(count: int, words: int) -> float:
    rare = math.log((words + 1) / count) / math.log(words + 1)
    return min(MOST, max(LEAST, 1.5 * rare))
