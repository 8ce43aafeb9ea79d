"""A talk in sentences: their order, their place in a paragraph, their words as they are said."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rehearsed import small_talk, whole_talk

from pipeline.locale import ENGLISH
from pipeline.script.sentences import sentences_in
from pipeline.voice.sentences import CLOSING, sentences_of, written_words


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences_in(text, ENGLISH)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ('He said: "Stop. Now!" Heads nod.', ['He said: "Stop.', 'Now!"', "Heads nod."]),
        ("It was 1.5 of them, e.g. this. So.", ["It was 1.5 of them, e.g. this.", "So."]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_a_paragraph_is_parted_at_the_ends_of_sentences(text: str, sentences: list[str]) -> None:
    """Neither a decimal point nor an abbreviation ends one; what has no end is one, too."""
    assert split(text) == sentences


@given(st.text(st.sampled_from('aB1 .!?…,。语"”'), max_size=60))
def test_sentences_hold_all_of_a_paragraph_in_order(text: str) -> None:
    """Nothing but space lies between two sentences, before the first and behind the last."""
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_words_are_as_they_are_said() -> None:
    """Numbers are written out, hyphens part, an apostrophe doesn't."""
    said = " ".join(written_words("Fine-tuning 98.7% of Q4: don’t."))
    assert said == "Fine tuning ninety eight point seven percent of Q four don't"


def test_a_talk_is_its_sentences_of_all_cuts_in_order(tmp_path: Path) -> None:
    """Numbers run over the talk, items over a slide; a part says its name and its cuts."""
    talk = whole_talk(tmp_path / "talk")
    found = sentences_of(talk)
    assert [sentence.number for sentence in found] == list(range(len(found)))
    slides = list(dict.fromkeys(sentence.slide for sentence in found))
    assert slides == [slide.name for slide in talk.main] + [CLOSING]
    for one, after in pairwise(found):
        assert 0 <= one.first < one.last <= 1
        assert one.words
        if one.slide == after.slide:
            assert after.item - one.item in (0, 1)
            assert after.first >= (one.last if after.item == one.item else 0)
    part = next(sentence for sentence in found if sentence.part == "will-it-change")
    assert (part.text, part.cuts) == ("Here's a test for Monday.", ("full", "standard"))
    assert found[0].cuts == ("full", "standard", "short")


def test_slides_without_a_script_have_no_sentences(tmp_path: Path) -> None:
    """The small talk: each sentence knows a slide of the deck."""
    talk = small_talk(tmp_path / "bread")
    names = {slide.name for slide in talk.main} | {CLOSING}
    assert {sentence.slide for sentence in sentences_of(talk)} <= names
