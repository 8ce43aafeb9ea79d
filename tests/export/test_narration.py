"""The spoken talk: measured, said again only where it changed, and playing by itself."""

from __future__ import annotations

import io
import shutil
import wave
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.needs import need, posix
from support.published import small_talk

from pipeline.export import narration as narrate_module
from pipeline.export.narration import build_narrated_deck, narrate
from pipeline.locale import ENGLISH, locale_of
from pipeline.problems import TalkError
from pipeline.script.table import table
from pipeline.talk import Talk


@pytest.fixture(autouse=True)
def _espeak() -> None:
    need(shutil.which("espeak-ng"), "there is no espeak-ng (apt-get install espeak-ng)")


def bread(root: Path) -> Talk:
    """The small talk with short texts, a step, a pause and a number."""
    small_talk(root)
    script = root / "script" / "voiceover.md"
    script.write_text(
        "# Bread\n\n## SLIDE 1: HELLO [5 seconds]\n\nHello, bread.\n\n**[PAUSE 2s]**\n\n"
        "It takes 45%.\n\n"
        "## SLIDE 2: STEPS [5 seconds]\n\nFour things.\n\n**[CLICK]**\n\n"
        "Mix.\n\n**[NOTE: smile]**\n\n"
        "## SLIDE 3: BYE [5 seconds]\n\nGoodbye.\n\n## CLOSING REMARKS [5 seconds]\n\nThank you.\n",
        encoding="utf-8",
    )
    slide = root / "deck" / "slides" / "02-steps.md"
    slide.write_text(slide.read_text().replace("::: items", "::: items each"))
    return small_talk(root)


def test_each_slide_is_spoken_and_measured(tmp_path: Path) -> None:
    """A track a slide and one for the closing; pauses are silence; the table has the seconds."""
    talk = bread(tmp_path / "bread")
    made = narrate(talk, tmp_path / "cache")
    assert [track.slide for track in made.tracks] == [1, 2, 3, None]
    for track in made.tracks:
        with wave.open(io.BytesIO(track.sound)) as sound:
            assert abs(sound.getnframes() * 1000 // sound.getframerate() - track.length_ms) <= 1
        assert 300 < track.speech_ms < track.length_ms
    first, second = made.tracks[:2]
    assert first.length_ms > first.speech_ms + 2000
    assert len(second.steps_ms) == 1
    assert 0 < second.steps_ms[0] < second.length_ms
    rows = {row.label: row.speech_s for row in made.timing.rows}
    assert rows["1"] == round(first.speech_ms / 1000)
    assert table(made.timing).startswith(
        "full, as spoken by espeak-ng (full) at 120 words a minute"
    )


def test_only_what_changed_is_spoken_again(tmp_path: Path) -> None:
    """Each paragraph is kept under its text; another text is said, and only that."""
    root = tmp_path / "bread"
    first = narrate(bread(root), tmp_path / "cache")
    assert [track.is_new for track in first.tracks] == [True] * 4
    again = narrate(small_talk(root), tmp_path / "cache")
    assert [track.is_new for track in again.tracks] == [False] * 4
    assert [track.sound for track in again.tracks] == [track.sound for track in first.tracks]
    script = root / "script" / "voiceover.md"
    script.write_text(script.read_text().replace("Four things.", "Five things."))
    told: list[str] = []
    changed = narrate(small_talk(root), tmp_path / "cache", told.append)
    assert [track.is_new for track in changed.tracks] == [False, True, False, False]
    assert len(told) == 1
    assert told[0].startswith("spoken: slide 2")


def test_numbers_are_said_and_cues_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """espeak-ng gets words as a person says them, without cues and notes, and no phonemes."""
    said: list[str] = []
    whole = narrate_module.Voice._run

    def listen(self: Any, *arguments: str, said_: list[str] = said, **more: str) -> bytes:
        said_.append(more.get("said", ""))
        return whole(self, *arguments, **more)

    monkeypatch.setattr(narrate_module.Voice, "_run", listen)
    talk = bread(tmp_path / "bread")
    narrate(talk, tmp_path / "cache")
    assert [text for text in said if text] == [
        "Hello, bread.",
        "It takes forty-five percent.",
        "Four things.",
        "Mix.",
        "Goodbye.",
        "Thank you.",
    ]
    voice = narrate_module.Voice(ENGLISH, 150, tmp_path / "cache")
    voice.say("[[h@'loU]] there")
    assert said[-1] == "[ [h@'loU]] there"


def test_captions_follow_the_measured_times(tmp_path: Path) -> None:
    """Captions of the whole never go back, and end before the sound does."""
    made = narrate(bread(tmp_path / "bread"), tmp_path / "cache")
    times = [time for caption in made.captions() for time in (caption.start_ms, caption.end_ms)]
    assert times == sorted(times)
    assert times[-1] < made.length_ms
    assert made.captions()[0].lines == ("Hello, bread.",)


@posix
def test_a_missing_voice_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No espeak-ng, an unknown language, and one that hangs each get a clear word."""
    with pytest.raises(TalkError, match="espeak-ng can't speak: ") as error:
        narrate_module.Voice(locale_of("zu"), 150, tmp_path).say("Hello")
    assert "language" in error.value.hint
    fake = tmp_path / "espeak-ng"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setattr(narrate_module, "LIMIT_S", 0.2)
    monkeypatch.setattr(shutil, "which", lambda _: str(fake))
    with pytest.raises(TalkError, match=r"did not finish within 0\.2 seconds"):
        narrate_module.Voice(ENGLISH, 150, tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(TalkError, match="espeak-ng is missing"):
        narrate_module.Voice(ENGLISH, 150, tmp_path)


@pytest.mark.browser
@pytest.mark.slow
def test_the_deck_runs_by_itself(browser: Any, tmp_path: Path) -> None:
    """Play moves slides and steps with the sound, captions show, the bar seeks."""
    talk = bread(tmp_path / "bread")
    page_path = build_narrated_deck(
        talk, narrate(talk, tmp_path / "cache"), tmp_path / "out", tmp_path / "cache"
    )
    assert '<aside class="notes"' not in page_path.read_text("utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(page_path.as_uri())
    page.wait_for_selector("html[data-narrated]")
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("#narrated-caption:has-text('Hello, bread.')")
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate("document.getElementById('narrated-sound').paused")
    page.get_by_role("button", name="Captions").click()
    assert page.locator("#narrated-caption").is_hidden()
    seek = page.get_by_role("slider", name="Position")
    seek.fill("620")
    wait_until(page, "Reveal.getIndices().h === 1 && Reveal.getIndices().f === 0")
    seek.fill("1000")
    wait_until(page, "Reveal.getIndices().h === 2")
    page.keyboard.press("Home")
    assert complaints == []
    page.close()
