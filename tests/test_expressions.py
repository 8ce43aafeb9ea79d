"""No regular expression of the pipeline runs away, whatever its own parts are repeated."""

from __future__ import annotations

import re
import time
from contextlib import suppress

from support.expressions import Expression, expressions, texts
from support.fuzz.bounded import LateError, within

LENGTH, TEXTS = 3_000, 6
# It takes the square of a text's length, by two steps a sign, and what is asked for is no slower
# in this process, whatever else the machine does: at 100,000 signs that would be half a minute.
SQUARE = Expression(re.compile("(?:a|b)*c"), "", is_searched=True)
LIKE_THE_SQUARE = 2.5
SURELY_FASTER = 0.5
TRIES = 6
# What is as slow, and stays: why no text of it is long.
KNOWN = {"pictures/charts/style.py _PAIR": "paths of our own charts"}


def _seconds(expression: Expression, text: str, most: float) -> float:
    """Of processor time, `most` at most."""
    began = time.process_time()
    with suppress(LateError), within(most):
        if expression.is_searched:
            for _ in expression.pattern.finditer(text):
                pass
        else:
            expression.pattern.match(text)
            expression.pattern.fullmatch(text)
    return time.process_time() - began


def _of_square() -> float:
    return _seconds(SQUARE, "a" * LENGTH, 10)


def _is_slow(expression: Expression, text: str, usual: float) -> bool:
    """Whether it takes longer than the square, in each of some tries beside each other."""
    most = 10 * usual
    if _seconds(expression, text, most) < SURELY_FASTER * usual:
        return False
    tries = ((_seconds(expression, text, most), _of_square()) for _ in range(TRIES))
    return all(took > LIKE_THE_SQUARE * square for took, square in tries)


def test_an_expression_that_takes_the_square_is_found() -> None:
    """The way it is measured tells one from one that doesn't."""
    usual, text = min(_of_square() for _ in range(3)), "a" * LENGTH
    assert _is_slow(SQUARE, 3 * text, usual)  # nine times: other work hides a factor of four
    assert not _is_slow(Expression(re.compile("(?:a|b)*+c?"), "", is_searched=True), text, usual)


def test_no_expression_takes_the_square_of_a_texts_length() -> None:
    """Each is tried on its own parts, repeated, as it is used: at one place or at each."""
    slow, usual = {}, min(_of_square() for _ in range(3))
    for one in expressions():
        for text in texts(one.pattern, LENGTH, TEXTS):
            if one.where not in KNOWN and _is_slow(one, text, usual):
                slow[one.where] = text[:40]
                break
    assert not slow
