"""No regular expression of the pipeline runs away, whatever its own parts are repeated."""

from __future__ import annotations

import time
from contextlib import suppress

from support.expressions import Expression, expressions, texts
from support.fuzz.bounded import LateError, within

LENGTH, TEXTS = 5_000, 6
SECONDS = 0.07  # of processor time; by its square, 100,000 signs would take half a minute
# What is as slow, and stays: why no text of it is long, or how long it takes.
KNOWN = {
    "pictures/charts/style.py _PAIR": "paths of our own charts",
    "imports/readers/slidev.py _NOTES": "a comment in a comment, thousands of times: 30 s",
}


def _seconds(expression: Expression, text: str) -> float:
    began = time.process_time()
    with suppress(LateError), within(2 * SECONDS):
        if expression.is_searched:
            for _ in expression.pattern.finditer(text):
                pass
        else:
            expression.pattern.match(text)
            expression.pattern.fullmatch(text)
    return time.process_time() - began


def test_no_expression_takes_the_square_of_a_texts_length() -> None:
    """Each is tried on its own parts, repeated, as it is used: at one place or at each."""
    slow = {}
    for one in expressions():
        for text in texts(one.pattern, LENGTH, TEXTS):
            if one.where in KNOWN or any(_seconds(one, text) < SECONDS for _ in range(4)):
                continue
            slow[one.where] = text[:40]
            break
    assert not slow
