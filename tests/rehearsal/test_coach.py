"""What the report says of what was heard: the mistakes by name, and nothing surer than it was."""

from __future__ import annotations

import json

import msgspec
import pytest
from msgspec.structs import replace
from support.rehearsed import made_up_voice, whole_talk
from support.spoken import OTHER, Spoken, speak

from pipeline.cli import main
from pipeline.locale import ENGLISH, locale_of
from pipeline.rehearsal.log import append
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.report import report
from pipeline.rehearsal.shown import report_json, report_page, report_table
from pipeline.rehearsal.voice.record import Stretch, VoiceRecord, keep_voice
from pipeline.rehearsal.voice.report import VoiceReport, timed_by_voices, voice_report
from pipeline.rehearsal.voice.shown import voice_page
from pipeline.rehearsal.voice.told import told
from pipeline.talk import Talk
from pipeline.voice.sentences import Sentence, sentences_of

ASIDE = " ".join(OTHER[:50])  # twenty seconds
Heard = tuple[Rehearsal, VoiceRecord]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return whole_talk(tmp_path_factory.mktemp("coach") / "talk", "short")


@pytest.fixture(scope="module")
def script(talk: Talk) -> list[Sentence]:
    names = [slide.name for slide in talk.main[:4]]
    return [s for s in sentences_of(talk) if s.slide in names and "short" in s.cuts]


@pytest.fixture(scope="module")
def rehearsed(talk: Talk, script: list[Sentence]) -> list[Heard]:
    """Two rehearsals: one with a paragraph left out and ums, one with other talk and a repeat."""
    place = (script[22].slide, script[22].item)
    one = [s for s in script if (s.slide, s.item) != place]
    first = speak([*one[:5], "um", *one[5:9], "um", *one[9:]], wpm=130, errors=0.25, seed=1)
    long = next(s for s in script[40:] if len(s.words) >= 10)
    at = script.index(long) + 1
    other = [*script[:15], ASIDE, *script[15:at], long, 5.0, *script[at:]]
    second = speak(other, wpm=160, errors=0.25, seed=2, lag_s=-9)
    return [_heard(talk, spoken, n) for n, spoken in enumerate((first, second))]


def _heard(talk: Talk, spoken: Spoken, number: int) -> Heard:
    started = f"2026-11-{20 + number}T09:00:00Z"
    run = spoken.run(talk, cut="short", id=f"made-up-{number:04}", started=started)
    return run, told(run, spoken.heard, sentences_of(talk), speech=spoken.speech)


def of(talk: Talk, *heard: Heard) -> VoiceReport:
    found = report([run for run, _ in heard], talk)
    voice = voice_report(found, {run.id: voice for run, voice in heard}, talk)
    assert voice
    return voice


def shown(talk: Talk, *heard: Heard) -> str:
    return report_table(report([run for run, _ in heard], talk), of(talk, *heard))


def test_each_rehearsals_mistakes_are_named(
    talk: Talk, script: list[Sentence], rehearsed: list[Heard]
) -> None:
    """The first one's paragraph and ums; the second's other talk, repeat, pause and late voice."""
    first, second = rehearsed
    table = shown(talk, first)
    assert "probably skipped" in table
    gone = next(s for s in script if (s.slide, s.item) == (script[22].slide, script[22].item))
    assert gone.text[:20].strip('"') in table
    assert "(script/voiceover.md:" in table
    assert "filler words: um 2" in table
    assert "Said beside the script" not in table
    table = shown(talk, first, second)
    assert "nothing was skipped, as far as it was heard" in table
    assert "Said beside the script, as it was heard: write it in, or let it go:" in table
    assert "strangest" in table
    assert f"after “{script[14].text[:20]}" in table
    assert "said 2 times" in table
    assert "behind the clicks" in table
    assert "in 1 pause" in table


def test_paces_are_compared_over_rehearsals(talk: Talk, rehearsed: list[Heard]) -> None:
    """The last, the median and the middle half of each slide; all of them against the plan."""
    voice = of(talk, *rehearsed)
    assert [run.pace_wpm for run in voice.runs] == [
        pytest.approx(130, rel=0.05),
        pytest.approx(160, rel=0.05),
    ]
    assert voice.own_pace_wpm == pytest.approx(145, rel=0.05)
    slide = voice.slides[2]
    assert slide.pace_wpm == pytest.approx(160, rel=0.06)
    assert slide.low_wpm is not None
    assert slide.median_wpm is not None
    assert slide.high_wpm is not None
    assert slide.low_wpm < slide.median_wpm < slide.high_wpm
    assert [row.name for row in voice.slides] == [s.name for s in talk.main[:4]]


def test_nothing_is_surer_than_it_was_heard(talk: Talk, rehearsed: list[Heard]) -> None:
    """Well heard is probable, badly heard perhaps, with no pace, hardly heard no word of skips."""
    run, voice = rehearsed[0]
    well = shown(talk, (run, voice))
    assert "of the words that were said were recognised: what follows is probable" in well
    hints = shown(talk, (run, replace(voice, recognised=0.45)))
    assert "45% of the words" in hints
    assert "take what follows as hints" in hints
    assert "perhaps skipped" in hints
    assert "probably" not in hints
    assert "pace of the voice" in well
    assert "pace of the voice" not in hints
    faint = shown(talk, (run, replace(voice, recognised=0.2)))
    assert "too few to say what was skipped or added" in faint
    assert not {"perhaps", "probably"} & set(faint.split())
    page = repr(voice_page(of(talk, (run, replace(voice, recognised=0.2))), ENGLISH))
    assert "probably skipped" not in page
    assert "perhaps skipped" not in page
    nothing = shown(talk, (run, made_up_voice(run, recognised=None, pace_wpm=None)))
    assert "no word of the script was recognised" in nothing


def test_what_could_not_be_heard_is_said_first(talk: Talk, rehearsed: list[Heard]) -> None:
    """Under how well it was heard: from when to when nobody listened, and words nobody knows."""
    run, voice = rehearsed[0]
    deaf = (Stretch("title", 0.0, 281.0),)
    told_by = (run, replace(voice, deaf=deaf, unheard=9, unheard_first=("bergen", "<b>")))
    lines = shown(talk, told_by).split("\n")
    at = lines.index("What was heard")
    assert lines[at + 2 : at + 4] == [
        "nobody listened from 0:00 to 4:41, 4:41 long: what was said there isn’t known",
        "9 words of the script are ones that the recogniser doesn’t know: bergen, <b> …",
    ]
    page = report_page(report([run], talk), voice=of(talk, told_by))
    assert "<p>nobody listened from 0:00 to 4:41" in page
    assert "bergen, &lt;b&gt; …</p>" in page


def test_without_a_voice_the_report_is_what_it_was(talk: Talk, rehearsed: list[Heard]) -> None:
    """Nothing is said of what nobody heard."""
    found = report([run for run, _ in rehearsed], talk)
    assert voice_report(found, {}, talk) is None
    assert "What was heard" not in report_table(found, None)
    assert "voice" not in json.loads(report_json(found))
    assert timed_by_voices([run for run, _ in rehearsed], {}, "short")[1] == ""


def test_the_page_shows_each_sentence_and_escapes(
    talk: Talk, script: list[Sentence], rehearsed: list[Heard]
) -> None:
    """A row a sentence, folded by slide; what was heard is text, whatever was in it."""
    run, voice = rehearsed[1]
    bad = replace(voice.extras[0], text="<script>alert(1)</script>")
    told_by = of(talk, (run, replace(voice, extras=(bad,))))
    page = report_page(report([run], talk), voice=told_by)
    assert page.count("<details>") == 4
    assert page.count("<tr><td>") >= len(script)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    german = repr(voice_page(told_by, locale_of("de")))
    assert "der gesagten Wörter wurden erkannt" in german
    assert "Folie 1" in german


def test_no_sign_of_a_terminal_comes_out_of_a_record(rehearsed: list[Heard]) -> None:
    """A record with control characters is refused."""
    _, voice = rehearsed[1]
    bad = replace(voice, extras=(replace(voice.extras[0], text="\x1b[2J"),))
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(bad), type=VoiceRecord)


def test_sentences_of_another_script_are_not_told_of(talk: Talk, rehearsed: list[Heard]) -> None:
    """What was written since is new; slides that went are nowhere."""
    run, voice = rehearsed[0]
    other = [replace(one, key="0" * 12) for one in voice.sentences[:10]]
    extra = replace(rehearsed[1][1].extras[0], slide="gone")
    old = replace(voice, sentences=(*other, *voice.sentences[10:]), extras=(extra,))
    found = of(talk, (run, old))
    assert found.changed == 10
    assert found.beside == ()
    assert "written since it was last heard: 10 sentences" in shown(talk, (run, old))


def test_times_are_those_of_the_voice(talk: Talk, rehearsed: list[Heard]) -> None:
    """Clicks that came nine seconds early don't count for a slide's time; the pace is spoken."""
    runs = [run for run, _ in rehearsed]
    voices = {run.id: voice for run, voice in rehearsed}
    timed, source = timed_by_voices(runs, voices, "short")
    assert source.startswith("times are from the voice in 2 of 2 rehearsals; the pace is the voice")
    clicks, spoken = report(runs, talk), report(timed, talk)
    assert clicks.runs[0].slides == pytest.approx(spoken.runs[0].slides, abs=0.6, nan_ok=True)
    first, second = (found.runs[1].slides for found in (clicks, spoken))
    assert first[0] is not None
    assert second[0] is not None
    assert second[0] - first[0] == pytest.approx(9, abs=0.6)
    assert spoken.own_pace_wpm == pytest.approx(145, rel=0.05)
    one, some = timed_by_voices(runs, {runs[0].id: voices[runs[0].id]}, "short")
    assert "in 1 of 2 rehearsals, from the clicks in the others" in some
    assert one[1].spoken_wpm is None


def test_the_command_reports_and_applies(
    talk: Talk,
    rehearsed: list[Heard],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Voices beside the log are found, and --apply says whose times it takes."""
    root = talk.config.root
    log = root / "rehearsals"
    for run, voice in rehearsed:
        append(run, log)
        keep_voice(voice, log)
    assert main(["rehearse", "--report", "--json", "--talk", str(root)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["voice"]["runs"][1]["pauses"] == 1
    assert data["voice"]["slides"][0]["sentences"][0]["status"] == "said"
    monkeypatch.setattr("pipeline.cli.commands.confirmed", lambda _: False)
    before = (root / "talk.toml").read_bytes()
    assert main(["rehearse", "--apply", "pace", "--talk", str(root)]) == 0
    told_of = capsys.readouterr()
    assert "times are from the voice in 2 of 2 rehearsals" in told_of.out + told_of.err
    assert (root / "talk.toml").read_bytes() == before
    monkeypatch.setattr("pipeline.cli.commands.confirmed", lambda _: True)
    assert main(["rehearse", "--apply", "pace", "--talk", str(root)]) == 0
    assert "how the words fill these times: `python build.py time --talk" in capsys.readouterr().err
    assert (root / "talk.toml").read_bytes() != before
    (root / "talk.toml").write_bytes(before)
