"""What is wrong is said in one form, with the word that was meant."""

from __future__ import annotations

import pytest

from pipeline.problems import nearest


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
