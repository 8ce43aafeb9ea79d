"""How words sound: by the dictionary, by espeak-ng, by their letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.voice import lexicon as lexicons
from pipeline.voice.lexicon import arpabet, lexicon, read_dictionary

_PHONES = "AE AH B CH D EH EY F IH IY K L M N OW P R S T UW Z AA AO UH"
PHONES = frozenset(_PHONES.split())
DICTIONARY = {"bread": ("B R EH D",), "the": ("DH AH", "DH IY")}


@pytest.fixture
def _no_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicons.shutil, "which", lambda name: None)


def test_a_dictionary_has_several_sounds_for_a_word(tmp_path: Path) -> None:
    """As CMU writes them; comments and empty lines are none."""
    path = tmp_path / "some.dict"
    path.write_text(";;; made up\na AH\na(2) EY\n\nbread\tB R EH D\n", "utf-8")
    assert read_dictionary(path) == {"a": ("AH", "EY"), "bread": ("B R EH D",)}


@pytest.mark.usefixtures("_no_espeak")
def test_an_acronym_is_said_by_its_letters_too() -> None:
    """Where the dictionary has it as a word, both may be heard."""
    its = lexicon(["ATM", "LLMs"], {"atm": ("AE T AH M",)}, PHONES)
    assert its.sounds["atm"] == ("AE T AH M", "EY T IY EH M")
    assert its.sounds["llms"] == ("EH L EH L EH M Z",)


@pytest.mark.usefixtures("_no_espeak")
def test_without_espeak_a_name_sounds_like_its_letters() -> None:
    """It is spelt; in another language than English it is unknown."""
    its = lexicon(["bread", "blorp"], DICTIONARY, PHONES)
    assert (its.sounds["blorp"], its.unknown) == (("B L AA R P",), ())
    other = lexicon(["bread", "blorp"], DICTIONARY, PHONES, is_english=False)
    assert (other.sounds.keys(), other.unknown) == ({"bread"}, ("blorp",))


def test_a_sound_that_the_model_does_not_know_is_left_out() -> None:
    """A word that has no other one is unknown."""
    its = lexicon(["the"], DICTIONARY, PHONES, is_english=False)
    assert (its.sounds, its.unknown) == ({}, ("the",))


def test_phonemes_become_those_of_the_model() -> None:
    """Stress and length marks go; diphthongs stay one."""
    assert arpabet("tʃˈæt dʒˌiːpˌiːtˈiː") == "CH AE T JH IY P IY T IY"
    assert arpabet("ˈoʊ") == "OW"


def test_the_dictionary_is_written_as_it_is_read(tmp_path: Path) -> None:
    """Each sound has its line, and all come back."""
    its = lexicon(["the", "bread"], DICTIONARY, PHONES | {"DH"}, is_english=False)
    path = tmp_path / "some.dict"
    path.write_text(its.as_dictionary(), "utf-8")
    assert read_dictionary(path) == dict(DICTIONARY)
