"""The script's sentences -> a language model: which word follows which, as pocketsphinx reads it.

A trigram model by Witten and Bell's smoothing, interpolated: each order gives the next one down as
much as it saw different words. The lowest is mixed with how often English has its commonest words,
so that what isn't in the script needn't be heard as the script.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from pipeline.voice.sentences import Sentence

BEGIN, END = "<s>", "</s>"
OTHER_TALK = 0.15  # how much of what is said isn't in the script
NEAR = 8  # how many times over the sentences of the slide that is shown are counted
_LEAST = 1e-9


class Language(msgspec.Struct, frozen=True):
    """Probabilities of a backing-off trigram model, and what each history passes down."""

    one: dict[str, float]
    two: dict[tuple[str, str], float]
    three: dict[tuple[str, str, str], float]
    down_one: dict[str, float]
    down_two: dict[tuple[str, str], float]

    def chance(self, word: str, *history: str) -> float:
        """How likely `word` is after the last words, of which two count."""
        if not history:
            return self.one.get(word, 0.0)
        if len(history) == 1:
            pair = (history[0], word)
            return self.two.get(pair, self.down_one.get(history[0], 1.0) * self.one.get(word, 0.0))
        before, last = history[-2:]
        found = self.three.get((before, last, word))
        if found is not None:
            return found
        return self.down_two.get((before, last), 1.0) * self.chance(word, last)

    def as_arpa(self) -> str:
        """The model in ARPA's format, base-10 logarithms."""
        lines = ["\\data\\", f"ngram 1={len(self.one) + 1}"]
        lines += [f"ngram 2={len(self.two)}", f"ngram 3={len(self.three)}", "", "\\1-grams:"]
        lines.append(f"-99 {BEGIN} {_log(self.down_one[BEGIN])}")
        for word, p in sorted(self.one.items()):
            lines.append(f"{_log(p)} {word} {_log(self.down_one.get(word, 1.0))}")
        lines += ["", "\\2-grams:"]
        for pair, p in sorted(self.two.items()):
            lines.append(f"{_log(p)} {' '.join(pair)} {_log(self.down_two.get(pair, 1.0))}")
        lines += ["", "\\3-grams:"]
        lines += [f"{_log(p)} {' '.join(words)}" for words, p in sorted(self.three.items())]
        return "\n".join([*lines, "", "\\end\\", ""])


def _log(p: float) -> str:
    return f"{math.log10(max(p, _LEAST)):.4f}"


def language(
    sentences: Sequence[Sentence], general: Mapping[str, float], near: str | None = None
) -> Language:
    """The model of a script. `general` are common words with how often they are said otherwise.

    A sentence may follow on the one before it, or begin after a pause. Those of the slide `near`
    are said sooner than others.
    """
    ones, twos, threes = _counts(sentences, near)
    one = _lowest(ones, general)
    two: dict[tuple[str, str], float] = {}
    down_one: dict[str, float] = {}
    for last, after in twos.items():
        for word, share in _shares(after):
            two[last, word] = share + _passed(after) * one[word]
        down_one[last] = _rest(sum(two[last, word] for word in after), sum(one[w] for w in after))
    model = Language(one, two, {}, down_one, {})
    three: dict[tuple[str, str, str], float] = {}
    down_two: dict[tuple[str, str], float] = {}
    for (before, last), after in threes.items():
        lower = {word: model.chance(word, last) for word in after}
        for word, share in _shares(after):
            three[before, last, word] = share + _passed(after) * lower[word]
        seen = sum(three[before, last, word] for word in after)
        down_two[before, last] = _rest(seen, sum(lower.values()))
    return Language(one, two, three, down_one, down_two)


_Twos = Mapping[str, Counter[str]]
_Threes = Mapping[tuple[str, str], Counter[str]]


def _counts(sentences: Sequence[Sentence], near: str | None) -> tuple[Counter[str], _Twos, _Threes]:
    ones: Counter[str] = Counter()
    twos: defaultdict[str, Counter[str]] = defaultdict(Counter)
    threes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def count(words: Sequence[str], since: int, times: int) -> None:
        for at in range(since, len(words)):
            twos[words[at - 1]][words[at]] += times
            if at > 1:
                threes[words[at - 2], words[at - 1]][words[at]] += times

    for sentence in sentences:
        times = NEAR if sentence.slide == near else 1
        for word in (*sentence.words, END):
            ones[word] += times
        count((BEGIN, *sentence.words, END), 1, times)
    for one, following in pairwise(sentences):
        led = one.words[-2:]
        times = NEAR if following.slide == near else 1
        count((*led, *following.words[:2]), len(led), times)
    return ones, twos, threes


def _lowest(ones: Counter[str], general: Mapping[str, float]) -> dict[str, float]:
    """Single words: those of the script, and the general ones beside them."""
    other = OTHER_TALK if general else 0.0
    whole, whole_general = ones.total(), sum(general.values()) or 1.0
    words = dict.fromkeys([*ones, *general])
    return {
        word: (1 - other) * ones[word] / whole + other * general.get(word, 0.0) / whole_general
        for word in words
    }


def _passed(after: Counter[str]) -> float:
    """How much a history leaves to the next order down."""
    return len(after) / (after.total() + len(after))


def _shares(after: Counter[str]) -> list[tuple[str, float]]:
    whole = after.total() + len(after)
    return [(word, count / whole) for word, count in after.items()]


def _rest(seen: float, lower: float) -> float:
    """What a word that was never seen after a history is worth of its own probability."""
    return max(1 - seen, _LEAST) / max(1 - lower, _LEAST)
