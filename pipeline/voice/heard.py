"""A word as a recogniser heard it: what every stage from the decoder to the report takes."""

from __future__ import annotations

import msgspec


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """A word that was heard; seconds from the first sample, or from the rehearsal's start."""

    word: str
    start_s: float
    end_s: float
    sure: float  # 0 to 1
