"""The script's words as a model parts and spells them, and back; no recogniser."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.problems import Source, TalkError
from pipeline.voice.heard import Heard
from pipeline.voice.sentences import Sentence
from pipeline.voice.vocabulary import check_known, vocabulary


def script(*said: str) -> tuple[Sentence, ...]:
    return tuple(
        Sentence("a", at, at, 0.0, 1.0, one, tuple(one.split())) for at, one in enumerate(said)
    )


@pytest.mark.parametrize(
    ("said", "known", "line", "unheard"),
    [
        ("l'homme d'aujourd'hui", "l' homme d' aujourd'hui", "l' homme d' aujourd'hui", ()),
        ("it's we're", "it 's we", "it 's", ("we're",)),
        ("die datenmenge", "die Daten menge datenm", "die Daten menge", ()),
        ("brotbackofen", "brotback brot backofen", "brot backofen", ()),
        ("tee", "t ee te e", "", ("tee",)),
        ("人 工 智 能 好", "人工 智 智能", "人工 智能", ("好",)),
        ("a" * 200 + "b", "aaa aaaa", "", ("a" * 200 + "b",)),
        ("'", "a", "", ("'",)),
    ],
)
def test_words_are_parted_as_the_model_has_them(
    said: str, known: str, line: str, unheard: tuple[str, ...]
) -> None:
    """At apostrophes, in compounds of parts that are long enough, in words of several signs."""
    words = vocabulary(script(said), frozenset(known.split()).__contains__)
    assert (" ".join(words.lines), words.unheard) == (line, unheard)


def test_what_is_heard_is_put_together_again() -> None:
    """Parts as the script's word, the least sure of them; a word of signs by its signs."""
    has = frozenset(["l'", "homme", "Daten", "menge", "人工"]).__contains__
    words = vocabulary(script("l'homme datenmenge 人 工"), has)
    heard = [
        Heard(word, float(at), at + 1.0, 0.9 - at / 10)
        for at, word in enumerate(["l'", "homme", "l'", "Daten", "menge", "人工", "Quark"])
    ]
    written = words.written(heard)
    assert [one.word for one in written] == ["l'homme", "l'", "datenmenge", "人", "工", "quark"]
    assert written[0] == Heard("l'homme", 0.0, 2.0, 0.8)
    assert written[3:5] == [Heard("人", 5.0, 5.5, 0.4), Heard("工", 5.5, 6.0, 0.4)]


def test_a_model_of_another_language_is_refused() -> None:
    """It is one where more than two thirds of the script's words are unknown."""
    its, where = script("a b c d e f"), Source(Path("model"))
    check_known(its, "abcd", "de", where)
    with pytest.raises(TalkError, match="knows 1 of the script's 6 words") as caught:
        check_known(its, "abcde", "de", where)
    assert "(de)" in caught.value.hint
