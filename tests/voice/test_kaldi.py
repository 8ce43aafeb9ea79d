"""vosk itself on a model that hears whistles: words, times, the place, and broken folders."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from support.needs import need
from support.whistled import whistle, write_model

from pipeline.locale import locale_of
from pipeline.problems import TalkError
from pipeline.voice.ear import Ear
from pipeline.voice.models import check_voice
from pipeline.voice.sentences import Sentence

SAID = ("good bread needs little more", "most people hurry the first rise", "heat the stone")
WORDS = " ".join(SAID).split()


@pytest.fixture(scope="module", autouse=True)
def _vosk() -> None:
    need(find_spec("vosk"), "vosk is missing")
    need(find_spec("pocketsphinx"), "pocketsphinx is missing")


def script(*said: str) -> tuple[Sentence, ...]:
    return tuple(
        Sentence("bread", at, at, 0.0, 1.0, text, tuple(text.lower().split()), cuts=("full",))
        for at, text in enumerate(said)
    )


@pytest.mark.parametrize("is_dynamic", [False, True])
def test_what_is_said_is_heard_by_a_model_of_vosk(tmp_path: Path, is_dynamic: bool) -> None:
    """With its own graph and with the script's: each word at its time, and the place follows."""
    model = write_model(tmp_path, {*WORDS, "zoo", "ape"}, is_dynamic)
    check_voice(locale_of("de"), model)
    ear = Ear(script(*SAID, "quark"), locale_of("de"), model)
    ear.at_slide("bread", "full")
    places = []
    for line in SAID:
        ear.feed(whistle(line.split()))
        places.append(ear.place.sentence)
    ear.finish()
    assert [heard.word for heard in ear.heard()] == WORDS
    assert places == [0, 1, 2]
    assert all(one.end_s <= two.start_s + 0.1 for one, two in pairwise(ear.heard()))
    assert 0 < ear.heard()[0].start_s < ear.heard()[-1].end_s < ear.heard_s
    assert list(ear.unheard) == ["quark"]
    ear.feed(whistle(["zoo"]))  # after all was asked for, it goes on
    assert ear.heard_s > ear.heard()[-1].end_s


def test_words_are_heard_as_the_script_has_them(tmp_path: Path) -> None:
    """However the model spells them: times go on over all that was heard before."""
    model = write_model(tmp_path, ["good", "bread"])
    table = tmp_path / "graph/words.txt"
    table.write_text(table.read_text("utf-8").replace("bread", "Bread"), "utf-8")
    ear = Ear(script("good bread"), locale_of("de"), model)
    for _ in range(2):
        ear.feed(whistle(["good", "bread"]))
        ear.finish()
    assert [heard.word for heard in ear.heard()] == ["good", "bread"] * 2
    assert ear.heard()[2].start_s > ear.heard()[1].end_s


def test_a_model_that_cannot_be_used_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing is named; what vosk can't read, and another language, too."""
    with pytest.raises(TalkError, match="knows 0 of the script's 1 words"):
        Ear(script("quark"), locale_of("de"), write_model(tmp_path, ["good"]))
    (tmp_path / "am/final.mdl").write_text("nonsense", "utf-8")
    with pytest.raises(TalkError, match="vosk can't read the model"):
        Ear(script("good"), locale_of("de"), tmp_path)
    (tmp_path / "graph/HCLG.fst").unlink()
    with pytest.raises(TalkError, match="has no graph"):
        check_voice(locale_of("de"), tmp_path)
    (tmp_path / "conf/model.conf").unlink()
    with pytest.raises(TalkError, match=r"has no settings \(conf.model.conf"):
        check_voice(locale_of("de"), tmp_path)
    for missing in ("vosk", "pocketsphinx"):
        monkeypatch.setattr(
            "pipeline.voice.kaldi.find_spec", lambda name, one=missing: None if name == one else 1
        )
        with pytest.raises(TalkError, match=f"{missing} is missing") as caught:
            check_voice(locale_of("de"), tmp_path)
        assert "[vosk]" in caught.value.hint
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("pipeline.voice.kaldi.find_spec", lambda _: None)
    with pytest.raises(TalkError, match="vosk is missing") as caught:
        check_voice(locale_of("de"), tmp_path)
    assert "Linux and Windows alone" in caught.value.hint


def test_a_list_of_words_that_is_too_short_gives_no_empty_words(tmp_path: Path) -> None:
    """What the graph has and the list hasn't is left out; an archive is no folder."""
    model = write_model(tmp_path / "a model", ["bread", "good", "zoo"])
    (model / "graph/words.txt").write_text("<eps> 0\nbread 1\ngood 2\n", "utf-8")
    ear = Ear(script("good bread"), locale_of("de"), model)
    ear.feed(whistle(["good", "zoo", "bread"]))
    ear.finish()
    assert [heard.word for heard in ear.heard()] == ["good", "bread"]
    (tmp_path / "model.zip").write_bytes(b"PK")
    with pytest.raises(TalkError, match="this is no folder") as caught:
        check_voice(locale_of("de"), tmp_path / "model.zip")
    assert "unpacked" in caught.value.hint
