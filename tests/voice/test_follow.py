"""The place in the script, from words alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.voice.follow import Follower
from pipeline.voice.sentences import Sentence

# Some words stand in every sentence, as they do in a talk; the others are a sentence's own.
SENTENCES = tuple(
    Sentence(
        slide=f"slide-{number // 10}",
        number=number,
        item=number % 10 // 2,
        first=0.5 * (number % 2),
        last=0.5 + 0.5 * (number % 2),
        text="",
        words=tuple(
            word
            for at in range(4)
            for word in (("the", "of", "and", "a")[at], f"word{number}x{at}")
        ),
        part="spare" if number in (14, 15) else "",
        cuts=("full",) if number in (14, 15) else ("full", "short"),
    )
    for number in range(60)
)
OTHER = ("my", "aunt", "went", "to", "market", "the", "other", "day", "and", "of", "a", "goose")


@pytest.fixture
def follower() -> Follower:
    its = Follower(SENTENCES)
    its.at_slide("slide-1", "short")
    return its


def read(follower: Follower, *numbers: int) -> int:
    for number in numbers:
        follower.hear(SENTENCES[number].words)
    return follower.place.sentence


def test_before_the_first_word_it_waits_at_the_slide_that_is_shown(follower: Follower) -> None:
    """Nothing is claimed before a word was heard."""
    place = follower.place
    assert (place.sentence, place.share, place.lost) == (10, 0.0, True)


def test_it_follows_what_is_read(follower: Follower) -> None:
    """Each sentence of the cut, word by word; a part that the cut leaves out is passed over."""
    before = 10
    for sentence in SENTENCES[10:30]:
        if sentence.part:
            continue
        for at, word in enumerate(sentence.words):
            place = follower.hear([word])
            assert place.sentence in (before, sentence.number)[min(at // 2, 1) :]
        before = sentence.number
    assert (place.share, place.lost) == (1.0, False)
    assert place.sure > 0.9


def test_a_part_that_was_left_out_and_is_said_all_the_same_is_found(follower: Follower) -> None:
    """And so is the way back into what follows it."""
    assert read(follower, 12, 13, 14) == 14
    assert read(follower, 15, 16) == 16


def test_a_skipped_part_is_passed_over(follower: Follower) -> None:
    """What the page says is skipped isn't waited for."""
    follower.at_slide("slide-1", "full", ["spare"])
    assert read(follower, 12, 13, 16) == 16


@given(st.integers(10, 17), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_sentences_left_out_are_noticed(number: int, left_out: int) -> None:
    """Within the sentence that is said instead."""
    its = Follower(SENTENCES)
    its.at_slide("slide-1", "full")
    read(its, number, number + 1)
    assert read(its, number + 2 + left_out) == number + 2 + left_out


@given(st.integers(10, 18))
@settings(max_examples=10, deadline=None)
def test_a_repeated_sentence_is_noticed(number: int) -> None:
    """The place goes back, and on from there."""
    its = Follower(SENTENCES)
    its.at_slide("slide-1", "full")
    assert read(its, number, number + 1, number + 1) == number + 1
    assert its.place.share == 1.0
    assert read(its, number) == number
    assert read(its, number + 1) == number + 1


@given(st.lists(st.sampled_from(OTHER), min_size=15, max_size=60))
@settings(max_examples=20, deadline=None)
def test_other_talk_makes_the_place_wait(words: list[str]) -> None:
    """It stays beside where it was, is lost, and is back with the next sentence that is read."""
    its = Follower(SENTENCES)
    its.at_slide("slide-1", "full")
    read(its, 10, 11, 12)
    for word in words:
        its.hear([word])
    assert its.place.lost
    assert its.place.sentence in (12, 13, 14)  # "of … and … a" are words of each
    assert read(its, 13) == 13
    assert not its.place.lost


def test_a_jump_is_followed_with_the_slide_and_without(follower: Follower) -> None:
    """To a slide that is shown in a few words; to anywhere in the talk within a sentence."""
    read(follower, 10, 11)
    follower.at_slide("slide-4", "short")
    assert follower.hear(SENTENCES[40].words[:2]).sentence == 40
    assert read(follower, 55) == 55


def test_words_heard_wrong_do_not_matter(follower: Follower) -> None:
    """Every third word is another one, and each sentence is found."""
    for sentence in SENTENCES[16:30]:
        words = [w if at % 3 else "hum" for at, w in enumerate(sentence.words)]
        assert follower.hear(words).sentence == sentence.number


def test_a_guess_changes_nothing_that_stays(follower: Follower) -> None:
    """Guesses replace each other; what is heard in the end counts."""
    read(follower, 10)
    assert follower.guess(SENTENCES[17].words).sentence == 17
    assert follower.guess(SENTENCES[11].words[:4]).sentence == 11
    other = Follower(SENTENCES)
    other.at_slide("slide-1", "short")
    read(other, 10)
    assert follower.hear(SENTENCES[11].words) == other.hear(SENTENCES[11].words)
