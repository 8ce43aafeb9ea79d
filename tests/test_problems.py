"""What is wrong is said in one form, with the word that was meant."""

from __future__ import annotations

import pytest

from pipeline.problems import Problem, nearest


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("frca", ("frac", "rca", "frcb"), "did you mean `frac`?"),
        ("tmie", ("time", "tie"), "did you mean `time`?"),
        ("Demo", ("demo", "data"), "did you mean `demo`?"),
        ("xyz", ("b", "a"), "known: `a`, `b`"),
        ("a", (), "known: "),
    ],
)
def test_the_nearest_word(word: str, known: tuple[str, ...], hint: str) -> None:
    """Two letters exchanged are nearer than anything else; without a near word all are said."""
    assert nearest(word, known) == hint


def test_what_would_steer_a_terminal_is_spelt_out() -> None:
    """A message may quote what a command printed."""
    assert (
        Problem("`\x1b[31mred\x9b`\tand\nmore").shown() == "error: `\\x1b[31mred\\x9b`\tand\nmore"
    )
