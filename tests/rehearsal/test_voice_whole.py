"""Done when: a synthetic voice is heard by the browser, followed on the page, and kept as words."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.needs import need
from support.rehearsed import build_pages, small_talk
from support.second_talk import write_second_talk

from pipeline.export.chromium import FLAGS, find_browser
from pipeline.pages.rehearsal import PAGE, rehearsal_page
from pipeline.rehearsal.app import open_server
from pipeline.rehearsal.log import read_log
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.voice.hearing import Hearing, Sayings, Take
from pipeline.rehearsal.voice.listener import Setup
from pipeline.rehearsal.voice.record import keep_voice, read_voices
from pipeline.rehearsal.voice.told import told
from pipeline.talk import Talk, talk_id
from pipeline.voice.sentences import sentences_of

SAID = "Good morning, and welcome to my kitchen.", "Today we bake a loaf of white bread together."
FAKE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


def talk_with(said: str, root: Path) -> Talk:
    """The small talk, with these words on its first slide."""
    write_second_talk(root)
    path = root / "script" / "voiceover.md"
    head, rest = path.read_text("utf-8").split("\n\nGood bread", 1)
    end = rest[rest.index("\n\n## SLIDE 2") :]
    path.write_text(f"{head}\n\n{said}{end}", "utf-8")
    return small_talk(root)


def served(talk: Talk, log: Path, pages: Path) -> Any:
    """As `rehearse --voice` serves it."""
    sentences = sentences_of(talk)

    def keep(run: Rehearsal, take: Take) -> Path:
        record = told(run, take.words, sentences, speech=take.speech, listened=take.listened)
        return keep_voice(record, log)

    hearing = Hearing(Setup(sentences, "en", str(log)), log, Sayings(lambda _: None, keep))
    made = {PAGE: rehearsal_page(talk, ["voice"])}
    return open_server(
        pages, log, talk_id(talk.config), lambda _: None, 0, made=made, hearing=hearing
    )


@pytest.mark.slow
@pytest.mark.browser
def test_a_voice_is_followed_and_kept(tmp_path: Path, browser: Any) -> None:
    """Two sentences: the second is marked, and a caption for the audience; both are `said`."""
    need(shutil.which("espeak-ng"), "there is no espeak-ng (apt-get install espeak-ng)")
    pytest.importorskip("pocketsphinx")
    talk = talk_with(" ".join(SAID), tmp_path / "bread")
    site = build_pages(talk, tmp_path / "speaker")
    sound, log = tmp_path / "said.wav", tmp_path / "log"
    subprocess.run(["espeak-ng", "-v", "en-us", "-w", str(sound), " ".join(SAID)], check=True)
    flags = [*FLAGS, *FAKE, f"--use-file-for-fake-audio-capture={sound}%noloop"]
    chromium = browser.browser_type.launch(executable_path=find_browser(), args=flags)
    with served(talk, log, site.parent) as server:
        page = chromium.new_page()
        page.goto(server.url)
        page.wait_for_selector("html[data-ready]")
        with page.expect_popup() as popup:
            page.keyboard.press("s")
        audience = popup.value
        audience.wait_for_selector("html[data-ready]")
        page.bring_to_front()
        for key in "cpv":
            page.keyboard.press(key)
        marked = "document.querySelector('#prompter .sentence')?.textContent ?? ''"
        wait_until(page, f"{marked} === {SAID[1]!r}")
        wait_until(audience, f"document.body.innerText.includes({SAID[1][:20]!r})")
        page.wait_for_timeout(3000)  # until the sentence has been played
        for _ in "ee":
            page.keyboard.press("e")
        wait_until(page, "document.querySelector('#message').innerText.includes('beside it')")
        chromium.close()
    records = read_log(log, talk_id(talk.config)).records
    voices = read_voices(log, talk_id(talk.config), records)
    assert voices.findings == ()
    (voice,) = voices.records.values()
    assert [one.status for one in voice.sentences[:2]] == ["said", "said"]
    assert not list((log / "voice").glob("*.wav"))
