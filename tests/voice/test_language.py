"""The language model of a script: its probabilities, and its file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.voice.language import BEGIN, END, Language, language
from pipeline.voice.sentences import Sentence

WORDS = ["bread", "is", "baked", "at", "night", "and", "the", "oven", "while", "you", "sleep"]
GENERAL = {"the": 0.05, "weather": 0.01, "um": 0.002, "bread": 0.001}


def sentence(number: int, *words: str, slide: str = "one") -> Sentence:
    return Sentence(slide, number, 0, 0, 1, "", words)


SCRIPTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), min_size=1, max_size=8)


@given(SCRIPTS, st.sampled_from([GENERAL, {}]))
@settings(max_examples=40, deadline=None)
def test_after_each_history_the_words_add_up_to_one(
    script: list[list[str]], general: dict[str, float]
) -> None:
    """Whether it was seen or not, and after one word as after two."""
    said = [sentence(number, *words) for number, words in enumerate(script)]
    model = language(said, general, "one")
    vocabulary = [*model.one]
    histories: list[tuple[str, ...]] = [(), (BEGIN,), *[(word,) for word in vocabulary]]
    histories += [*model.down_two, ("night", "bread")]
    for history in histories:
        whole = sum(model.chance(word, *history) for word in vocabulary)
        assert whole == pytest.approx(1, abs=1e-6), history


def model(near: str | None = None) -> Language:
    return language(
        [sentence(0, "bread", "is", "baked"), sentence(1, "you", "sleep", slide="two")],
        GENERAL,
        near,
    )


def test_what_follows_in_the_script_is_likelier_than_other_words() -> None:
    """Across the end of a sentence as well; and a word that is in no script may be said."""
    its = model()
    assert its.chance("is", "bread") > 5 * its.chance("you", "bread")
    assert its.chance("you", "is", "baked") > 5 * its.chance("bread", "is", "baked")
    assert its.chance(END, "is", "baked") > 0.1
    assert 0 < its.chance("weather", "is", "baked") < its.chance("you", "is", "baked")


def test_sentences_of_the_slide_that_is_shown_come_sooner() -> None:
    """A word of it is likelier than without it."""
    assert model("two").chance("sleep") > 1.5 * model().chance("sleep")


def test_the_file_says_how_many_there_are_of_each() -> None:
    """In ARPA's format: a line for each n-gram, with what its history passes down."""
    lines = model().as_arpa().split("\n")
    counted = {order: int(lines[order].partition("=")[2]) for order in (1, 2, 3)}
    for order, title in ((1, "\\1-grams:"), (2, "\\2-grams:"), (3, "\\3-grams:")):
        start = lines.index(title) + 1
        end = lines.index("", start)
        assert end - start == counted[order]
        assert all(float(line.split()[0]) <= 0 for line in lines[start:end])
    assert lines[-2:] == ["\\end\\", ""]
