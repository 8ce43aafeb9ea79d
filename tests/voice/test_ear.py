"""The ear on sound: read by espeak-ng, silent, clipped, and about something else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from support.needs import need
from support.read_aloud import Reader, Reading

from pipeline.locale import ENGLISH, locale_of
from pipeline.problems import TalkError
from pipeline.script.sentences import sentences_in
from pipeline.voice.ear import RATE, Ear
from pipeline.voice.models import acoustic_model, check_voice
from pipeline.voice.sentences import Sentence, written_words

STEP = 3200  # bytes of 100 ms


@pytest.fixture(scope="module", autouse=True)
def _pocketsphinx() -> None:
    need(find_spec("pocketsphinx"), "pocketsphinx is missing")


TEXT = """Good bread needs little more than flour, water and time. Most people hurry the first
rise. Put the dough in a cold place over night and go to bed. In the morning it has doubled, and
the kitchen smells of apples. Heat the oven until the stone is hot. Then bake the loaf for forty
minutes. A dark crust tastes better than a pale one. Wait until it is cool before you cut it."""


@pytest.fixture(scope="module")
def sentences() -> tuple[Sentence, ...]:
    """A script of one slide with one paragraph."""
    text = " ".join(TEXT.split())
    found = []
    for number, (start, end) in enumerate(sentences_in(text, ENGLISH)):
        its = text[start:end]
        words = tuple(word.lower() for word in written_words(its))
        share = (start / len(text), end / len(text))
        found.append(Sentence("bread", number, 0, *share, its, words, cuts=("full",)))
    return tuple(found)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def ear(sentences: tuple[Sentence, ...], cache: Path) -> Ear:
    return Ear(sentences, cache=cache)


def listen(ear: Ear, pcm: bytes) -> Iterator[float]:
    """Feed it a tenth of a second at a time; gives the time after each."""
    for at in range(0, len(pcm), STEP):
        ear.feed(pcm[at : at + STEP])
        yield (at + STEP) / 2 / RATE


def right_share(ear: Ear, reading: Reading) -> float:
    """In how much of the time that something is said the place is within one sentence of it."""
    right = asked = 0
    for at_s in listen(ear, reading.pcm):
        for said in reading.said:
            if said.start_s <= at_s < said.end_s:
                asked += 1
                right += abs(ear.place.sentence - said.number) <= 1
    return right / asked


def test_it_knows_the_place_in_what_is_read(
    ear: Ear, sentences: tuple[Sentence, ...], cache: Path
) -> None:
    """Half a minute read aloud: the place is right, and words have their times."""
    need(shutil.which("espeak-ng"), "espeak-ng is missing")
    reading = Reader(cache).read(sentences)
    ear.at_slide("bread", "full")
    assert right_share(ear, reading) >= 0.95
    ear.finish()
    times = [time for word in ear.heard() for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= reading.length_s
    spoken = sum(end - start for start, end in ear.speech())
    said = sum(one.end_s - one.start_s for one in reading.said)
    assert abs(spoken - said) < 0.25 * said
    assert not ear.trouble


def test_an_um_before_a_sentence_is_heard_as_one(
    ear: Ear, sentences: tuple[Sentence, ...], cache: Path
) -> None:
    """Not as a word of the script that sounds like it; and none where none was said."""
    need(shutil.which("espeak-ng"), "espeak-ng is missing")
    said = [f"Um, {one.text}" if at < 2 else one.text for at, one in enumerate(sentences[:3])]
    reading = Reader(cache).read(said)
    ear.at_slide("bread", "full")
    list(listen(ear, reading.pcm))
    ear.finish()
    ums = [word.start_s for word in ear.heard() if word.word == "um"]
    assert 1 <= len(ums) <= 2
    assert max(ums) < reading.said[2].start_s


def test_sound_comes_in_any_length(sentences: tuple[Sentence, ...], cache: Path) -> None:
    """Odd pieces make the same words as whole ones; nothing at all changes nothing."""
    rng = np.random.default_rng(3)
    pcm = (rng.standard_normal(RATE) * 3000).astype("<i2").tobytes()
    found = []
    for size in (777, len(pcm)):
        its = Ear(sentences, cache=cache)
        for at in range(0, len(pcm), size):
            its.feed(pcm[at : at + size])
            its.feed(b"")
        its.finish()
        found.append((list(its.heard()), its.heard_s, its.place))
    assert found[0] == found[1]


def test_a_microphone_that_is_off_is_noticed_within_five_seconds(ear: Ear) -> None:
    """Digital silence, and noise so low that no room is as quiet."""
    for at_s in listen(ear, bytes(6 * 2 * RATE)):
        assert (ear.trouble == "silent") == (at_s >= 5)


def test_a_clipped_microphone_is_noticed(ear: Ear) -> None:
    """A voice turned up until its tops are flat."""
    loud = np.clip(60000 * np.sin(np.arange(3 * RATE) / 9), -32768, 32767).astype("<i2")
    list(listen(ear, loud.tobytes()))
    assert ear.trouble == "clipped"


def test_another_language_that_is_spoken_is_noticed(
    ear: Ear, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """German beside an English script: the place waits all the time, and that is said."""
    need(shutil.which("espeak-ng"), "espeak-ng is missing")
    monkeypatch.setattr("pipeline.voice.ear.FOREIGN_S", 2)
    reading = Reader(cache, "de").read(["Meine Großmutter backt jeden Sonntag einen Kuchen."])
    ear.at_slide("bread", "full")
    assert "foreign" in {ear.trouble for _ in listen(ear, reading.pcm)}
    assert ear.place.lost


def test_another_language_needs_a_model_of_its_own() -> None:
    """One clear error that says what to name."""
    with pytest.raises(TalkError, match="English alone, and this talk is in de") as caught:
        check_voice(locale_of("de"))
    assert "--voice-model" in caught.value.hint


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """What is missing in it is named; a folder that isn't there, too."""
    with pytest.raises(TalkError, match="no such folder"):
        check_voice(locale_of("de"), tmp_path / "nowhere")
    with pytest.raises(TalkError, match="no acoustic model"):
        check_voice(locale_of("de"), tmp_path)
    with pytest.raises(TalkError, match="more than 2000 files"):
        check_voice(locale_of("de"), Path(sys.prefix))
    (tmp_path / "mdef").touch()
    with pytest.raises(TalkError, match="no dictionary"):
        check_voice(locale_of("de"), tmp_path)


def test_a_folder_with_a_model_is_taken(tmp_path: Path) -> None:
    """The one that comes with pocketsphinx, named as the speaker's own."""
    own = acoustic_model(locale_of("en"))
    check_voice(locale_of("de"), own.sounds.parent)
    found = acoustic_model(locale_of("de"), own.sounds.parent)
    assert (found.sounds, found.dictionary) == (own.sounds, own.dictionary)
