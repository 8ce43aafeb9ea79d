"""When there was speech, and when silence: stretches of seconds, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

Span = tuple[float, float]
PAUSE_S = 1.5  # a silence that is heard as a pause


def merged(spans: Iterable[Span], gap_s: float = 0.0) -> list[Span]:
    """Stretches that lie no more than `gap_s` apart become one."""
    found: list[Span] = []
    for start_s, end_s in sorted(spans):
        if end_s < start_s:
            continue
        if found and start_s - found[-1][1] <= gap_s:
            found[-1] = (found[-1][0], max(found[-1][1], end_s))
        else:
            found.append((start_s, end_s))
    return found


def within(spans: Iterable[Span], limits: Sequence[Span]) -> Iterator[Span]:
    """What of the stretches lies within `limits`."""
    for start_s, end_s in spans:
        for low_s, high_s in limits:
            if low_s < end_s and start_s < high_s:
                yield max(start_s, low_s), min(end_s, high_s)


def length_s(spans: Iterable[Span]) -> float:
    """How long they are together."""
    return sum(end_s - start_s for start_s, end_s in spans)


def silences(speech: Sequence[Span], listened: Sequence[Span]) -> Iterator[Span]:
    """Pauses between stretches of speech while the microphone was open."""
    for low_s, high_s in listened:
        inside = merged(within(speech, [(low_s, high_s)]))
        for (_, end_s), (start_s, _) in pairwise(inside):
            if start_s - end_s >= PAUSE_S:
                yield end_s, start_s
