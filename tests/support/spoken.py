"""A rehearsal as a recogniser would hear it: words with their times, some of them misheard."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.rehearsal.record import Rehearsal
from pipeline.talk import Talk
from pipeline.voice.heard import Heard
from pipeline.voice.sentences import Sentence
from support.rehearsed import made_up_record

BREATH_S = 0.35
_ASIDE = """
we had the strangest breakfast this morning because somebody put a violin case beside the
kettle and nobody dared ask whose orchestra that belonged while outside four geese argued about
parking spaces near an empty fountain my uncle once drove through similar weather towards
bergen carrying only cheese umbrellas and seven borrowed novels which frankly explains plenty
"""
OTHER = _ASIDE.split()
SURE = 0.7  # of each word


@dataclass
class Spoken:
    """What was really said, and what was heard of it."""

    heard: list[Heard] = field(default_factory=list)
    speech: list[tuple[float, float]] = field(default_factory=list)
    stays: list[tuple[str, float]] = field(default_factory=list)  # slide, from when
    times: dict[int, tuple[float, float]] = field(default_factory=dict)  # sentence's number
    at_s: float = 0.0

    def run(self, talk: Talk, **changes: Any) -> Rehearsal:
        """The record of that rehearsal."""
        ends = [at_s for _, at_s in self.stays[1:]] + [self.at_s]
        visits = [
            {"slide": slide, "at_s": at_s, "seconds": end_s - at_s}
            for (slide, at_s), end_s in zip(self.stays, ends, strict=True)
        ]
        return made_up_record(talk, visits=visits, total_s=self.at_s, **changes)


def speak(
    said: Iterable[Sentence | float | str],
    *,
    wpm: float = 150,
    errors: float = 0.0,
    seed: int = 0,
    lag_s: float = 0.0,
    vocabulary: Sequence[str] = (),
) -> Spoken:
    """Say sentences, be silent (seconds) or say a text that is in no script.

    `errors` is the share of words that come as others, get lost or come in addition; others are
    words of the `vocabulary`, as a recogniser has only these. Clicks come `lag_s` late.
    """
    chance = random.Random(seed)
    made = Spoken()
    words_s = 60 / wpm
    for one in said:
        if isinstance(one, float | int):
            made.at_s += one
            continue
        on = made.stays[-1][0] if made.stays else ""
        if isinstance(one, Sentence) and one.slide not in ("", on):
            made.stays.append((one.slide, made.at_s + lag_s if made.stays else 0.0))
        words = one.words if isinstance(one, Sentence) else one.split()
        start_s = made.at_s
        spent_s = len(words) * words_s - BREATH_S  # with the breath, the pace is `wpm`
        step_s = max(0.1, spent_s / len(words))
        for word in words:
            _hear(made, word, step_s, errors, chance, vocabulary)
        made.speech.append((start_s, made.at_s))
        if isinstance(one, Sentence):
            made.times[one.number] = (start_s, made.at_s)
        made.at_s += BREATH_S
    return made


def _hear(
    made: Spoken,
    word: str,
    step_s: float,
    errors: float,
    chance: random.Random,
    vocabulary: Sequence[str],
) -> None:
    drawn, end_s = chance.random(), made.at_s + step_s
    if drawn < 0.65 * errors:
        word = chance.choice(vocabulary or OTHER)
    if not 0.65 * errors <= drawn < 0.85 * errors:
        made.heard.append(Heard(word, made.at_s, end_s - 0.02, SURE))
    if drawn >= 0.85 * errors and chance.random() < 0.15 * errors:
        made.heard.append(Heard(chance.choice(vocabulary or OTHER), end_s - 0.02, end_s, SURE))
    made.at_s = end_s
