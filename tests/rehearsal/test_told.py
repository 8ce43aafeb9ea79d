"""What was said is found in words of which many were misheard, and nothing is made up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rehearsed import whole_talk
from support.spoken import OTHER, Spoken, speak

from pipeline.rehearsal.record import Pause
from pipeline.rehearsal.voice.aligned import Near, same_words
from pipeline.rehearsal.voice.record import VoiceRecord, sentence_key
from pipeline.rehearsal.voice.spans import merged, silences, within
from pipeline.rehearsal.voice.told import told
from pipeline.talk import Talk
from pipeline.voice.sentences import Sentence, sentences_of

ASIDE = " ".join(OTHER[:25])  # ten seconds of it at 150 words a minute
SHORT = 7  # words


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return whole_talk(tmp_path_factory.mktemp("told") / "talk", "short")


@pytest.fixture(scope="module")
def script(talk: Talk) -> tuple[Sentence, ...]:
    """The first slides of the short cut: some four minutes."""
    names = [slide.name for slide in talk.main[:4]]
    return tuple(s for s in sentences_of(talk) if s.slide in names and "short" in s.cuts)


def of(talk: Talk, spoken: Spoken, script: Sequence[Sentence], **more: object) -> VoiceRecord:
    run = spoken.run(talk, cut="short", **more)
    return told(run, spoken.heard, script, talk.config.locale)


def statuses(record: VoiceRecord, script: tuple[Sentence, ...]) -> dict[int, str]:
    """Sentence number -> what became of it."""
    return {s.number: said.status for s, said in zip(script, record.sentences, strict=False)}


def test_all_that_was_said_is_said(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """Each sentence with its times; the rest of the talk wasn't reached; the pace is the true."""
    spoken = speak(script, wpm=140)
    record = of(talk, spoken, sentences_of(talk))
    assert set(statuses(record, script).values()) == {"said"}
    assert {one.status for one in record.sentences[len(script) :]} == {"unreached"}
    assert record.recognised == 1
    for sentence, said in zip(script, record.sentences, strict=False):
        start_s, end_s = spoken.times[sentence.number]
        assert said.key == sentence_key(sentence.text)
        assert said.start_s == pytest.approx(start_s, abs=0.1)
        assert said.end_s == pytest.approx(end_s, abs=0.1)
    assert (record.extras, record.pauses, record.fillers) == ((), (), ())


# The same examples each time: at 45% and 110 words a minute one in a thousand has two short
# sentences too many (seed 958), of which no word was understood.
@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.15, 0.3, 0.45]),
    st.sampled_from([110, 150, 190]),
    st.booleans(),
)
def test_misheard_words_invent_nothing_and_hide_no_skip(
    talk: Talk,
    script: tuple[Sentence, ...],
    seed: int,
    errors: float,
    wpm: int,
    has_sound: bool,
) -> None:
    """With up to 45% of words wrong: the paragraph left out, no other, the true pace."""
    paragraphs = [list(p) for _, p in groupby(script, lambda s: (s.slide, s.item))]
    long = [p for p in paragraphs[1:-1] if sum(len(s.words) for s in p) >= 15]
    gone = {sentence.number for sentence in long[seed % len(long)]}
    words = [word for sentence in script for word in sentence.words]
    said = [sentence for sentence in script if sentence.number not in gone]
    spoken = speak(said, wpm=wpm, errors=errors, seed=seed, vocabulary=words)
    speech = spoken.speech if has_sound else None
    record = told(spoken.run(talk, cut="short"), spoken.heard, script, speech=speech)
    found = {number for number, status in statuses(record, script).items() if status == "skipped"}
    # Of a short sentence sometimes no word is understood, as if nobody had said it.
    invented = [s.words for s in script if s.number in found - gone]
    assert len(invented) <= 1
    assert all(len(words) <= SHORT for words in invented)
    assert found & gone
    counted = sum(s.words for s in record.sentences[: len(script)]) / len(words)
    assert record.pace_wpm == pytest.approx(wpm * counted, rel=0.05)
    assert record.recognised is not None
    assert abs(record.recognised - (1 - 0.85 * errors)) < 0.12
    assert not record.extras
    assert msgspec.json.decode(msgspec.json.encode(record), type=VoiceRecord) == record


@pytest.mark.parametrize("seed", [1727, 1731])
def test_a_word_that_is_right_by_chance_leaves_out_no_sentence(
    talk: Talk, script: tuple[Sentence, ...], seed: int
) -> None:
    """A misheard word that is the script's next but some: no time between them is no skip."""
    words = [word for sentence in script for word in sentence.words]
    paragraphs = [list(p) for _, p in groupby(script, lambda s: (s.slide, s.item))]
    long = [p for p in paragraphs[1:-1] if sum(len(s.words) for s in p) >= 15]
    gone = {sentence.number for sentence in long[seed % len(long)]}
    said = [sentence for sentence in script if sentence.number not in gone]
    spoken = speak(said, wpm=110, errors=0.45, seed=seed, vocabulary=words)
    found = statuses(of(talk, spoken, script), script)
    assert {number for number, status in found.items() if status == "skipped"} == gone


@pytest.mark.parametrize("errors", [0.0, 0.3])
def test_other_talk_is_an_extra_where_it_was_said(
    talk: Talk, script: tuple[Sentence, ...], errors: float
) -> None:
    """Its text, its place in the script, its seconds; the script around it stays said."""
    at = 20
    said: list[Sentence | float | str] = [*script[:at], ASIDE, *script[at:]]
    record = of(talk, speak(said, errors=errors, seed=3), script)
    (extra,) = record.extras
    assert extra.after == sentence_key(script[at - 1].text)
    assert extra.slide == script[at - 1].slide
    assert extra.seconds == pytest.approx(10, abs=1.5)
    assert not extra.is_instead
    assert len(set(extra.text.split()) & set(OTHER)) > 10
    assert set(statuses(record, script).values()) == {"said"}


def test_words_in_place_of_a_paragraph_are_called_neither(
    talk: Talk, script: tuple[Sentence, ...]
) -> None:
    """Who says a paragraph in other words didn't skip it, and what was heard may be it."""
    gone = {s.number for s in script if (s.slide, s.item) == (script[20].slide, script[20].item)}
    size = sum(len(s.words) for s in script if s.number in gone)
    before = [s for s in script if s.number < min(gone)]
    after = [s for s in script if s.number > max(gone)]
    record = of(talk, speak([*before, " ".join((OTHER * 3)[:size]), *after]), script)
    found = statuses(record, script)
    assert {found[number] for number in gone} <= {"unclear", "said"}
    assert "skipped" not in found.values()


def test_a_repeat_is_counted_and_no_extra(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """A sentence said twice, and one that was begun again."""
    long = next(s for s in script[10:] if len(s.words) >= 9)
    at = script.index(long) + 1
    record = of(talk, speak([*script[:at], long, *script[at:]], errors=0.15, seed=2), script)
    twice = [said.key for said in record.sentences if said.times == 2]
    assert twice == [sentence_key(long.text)]
    assert record.extras == ()


def test_silence_is_a_pause_and_no_speech(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """Its place and seconds; the longest stretch without one; the pace doesn't count it."""
    record = of(talk, speak([*script[:10], 6.0, *script[10:]], wpm=150), script)
    (pause,) = record.pauses
    assert pause.seconds == pytest.approx(6.35, abs=0.1)
    assert pause.slide == script[9].slide
    assert record.silence_s == pytest.approx(6.35, abs=0.1)
    assert record.longest is not None
    assert record.longest.at_s == pytest.approx(pause.at_s + pause.seconds, abs=0.1)


def test_fillers_are_words_that_are_not_the_script(
    talk: Talk, script: tuple[Sentence, ...]
) -> None:
    """Um, ah and "you know" are counted; "you'll know" of the script is not."""
    record = of(
        talk,
        speak([*script[:5], "um", *script[5:7], "ah", script[7], "you know", *script[8:]]),
        script,
    )
    assert [filler.word for filler in record.fillers] == ["um", "ah", "you know"]
    assert record.extras == ()


def test_a_voice_behind_the_clicks_is_timed(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """Clicks eight seconds early: the last sentences were said on the next slide; or late."""
    early = of(talk, speak(script, lag_s=-8), script)
    behind = [one for one in early.sentences if one.behind_s >= 3]
    assert behind
    assert max(one.behind_s for one in behind) == pytest.approx(7.6, abs=0.5)
    assert all(one.shown not in (None, one.slide) for one in behind)
    late = of(talk, speak(script, lag_s=8), script)
    assert min(one.behind_s for one in late.sentences) == pytest.approx(-8, abs=0.5)


def test_what_nobody_heard_is_not_skipped(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """The microphone was closed for a while: what may have been said then is unclear."""
    spoken = speak(script)
    low_s, high_s = spoken.times[script[10].number][0], spoken.times[script[25].number][1]
    listened = [(0.0, low_s), (high_s, spoken.at_s)]
    record = told(
        spoken.run(talk, cut="short"),
        spoken.heard,
        script,
        speech=spoken.speech,
        listened=listened,
    )
    found = statuses(record, script)
    assert {found[s.number] for s in script[11:25]} == {"unclear"}
    assert record.listened_s == pytest.approx(spoken.at_s - (high_s - low_s), abs=0.2)
    assert not record.pauses


@pytest.mark.parametrize("last", [25, 0])
def test_before_a_server_that_was_started_again_nothing_is_skipped(
    talk: Talk, script: tuple[Sentence, ...], last: int
) -> None:
    """What was heard before it was killed is lost: from when on it listened is in the record, and
    nothing before is called skipped, or said; not even a sentence or two."""
    spoken = speak(script)
    from_s = spoken.times[script[last].number][1]
    heard = [word for word in spoken.heard if word.start_s >= from_s]
    listened = [(from_s, spoken.at_s)]
    run = spoken.run(talk, cut="short")
    record = told(run, heard, script, speech=spoken.speech, listened=listened)
    found = statuses(record, script)
    assert {found[s.number] for s in script[: last + 1]} == {"unclear"}
    assert {found[s.number] for s in script[last + 1 :]} == {"said"}
    (deaf,) = record.deaf
    assert (deaf.slide, deaf.at_s) == (script[0].slide, 0)
    assert deaf.seconds == pytest.approx(from_s, abs=0.1)
    assert not record.extras
    paused = msgspec.structs.replace(
        run, pauses=(Pause(script[0].slide, 0.0, round(from_s - 1, 1)),)
    )
    assert told(paused, heard, script, speech=spoken.speech, listened=listened).deaf == ()


def test_words_that_nobody_could_hear_are_counted(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """Those of the cut's own sentences."""
    spoken = speak(script[:5])
    known = [script[0].words[0], "nowhere"]
    record = told(spoken.run(talk, cut="short"), spoken.heard, script, unheard=known)
    assert (record.unheard, record.unheard_first) == (1, (script[0].words[0],))


def test_a_part_skipped_by_key_is_left_out(talk: Talk) -> None:
    """Nobody is told of what was meant."""
    mine = [s for s in sentences_of(talk) if "short" in s.cuts]
    part = next(s.part for s in mine if s.part)
    slide = next(s.slide for s in mine if s.part == part)
    near = [s for s in mine if s.slide == slide]
    skips = [{"slide": slide, "part": part, "gain_s": 30}]
    record = of(talk, speak([s for s in near if s.part != part]), mine, skips=skips)
    left = {s.number for s in near if s.part == part}
    by_number = dict(zip([s.number for s in mine], record.sentences, strict=True))
    assert {by_number[number].status for number in left} == {"left_out"}


def test_a_word_begun_before_the_clock_is_none_before_it(
    talk: Talk, script: tuple[Sentence, ...]
) -> None:
    """Its time is zero: a record with another one could not be read."""
    spoken = speak(script[:12])
    early = [msgspec.structs.replace(spoken.heard[0], start_s=-0.2), *spoken.heard[1:]]
    record = told(spoken.run(talk, cut="short"), early, script)
    assert record.sentences[0].start_s == 0
    assert record.longest is not None
    assert record.longest.at_s == 0


def test_nothing_heard_is_nothing_said(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """No words, no verdict: not one sentence is called skipped."""
    spoken = speak(script[:5])
    record = told(spoken.run(talk, cut="short"), (), script)
    assert not {"said", "skipped", "partly"} & {one.status for one in record.sentences}
    assert (record.pace_wpm, record.recognised, record.longest) == (None, None, None)


def test_another_talk_is_not_this_one(talk: Talk, script: tuple[Sentence, ...]) -> None:
    """Words of no slide: nothing is said, nothing skipped, all of it is beside the script."""
    spoken = speak([script[0], *[ASIDE] * 12])
    record = of(talk, spoken, script)
    assert [one.status for one in record.sentences].count("skipped") == 0
    assert sum(extra.seconds for extra in record.extras) > 100


def test_the_same_words_are_found_after_a_jump_back() -> None:
    """In the order of time; another word in their midst is none of them."""
    script = [*"abcdefghij"]
    heard = [*"abcxefghcdefghi"]
    pairs = same_words(script, [Near(word) for word in heard])
    assert pairs == [(n, n) for n in (0, 1, 2, 4, 5, 6, 7)] + [(n, n - 6) for n in range(8, 15)]
    assert same_words(script, []) == same_words([], [Near("a")]) == []


def test_stretches_and_silences() -> None:
    """Merged where they are near, cut at limits; silence counts only while somebody listens."""
    assert merged([(3, 4), (0, 1), (1.2, 2)], 0.5) == [(0, 2), (3, 4)]
    assert list(within([(0, 5)], [(1, 2), (4, 9)])) == [(1, 2), (4, 5)]
    assert list(silences([(0, 1), (4, 5), (9, 10)], [(0, 6), (6, 10)])) == [(1, 4)]
