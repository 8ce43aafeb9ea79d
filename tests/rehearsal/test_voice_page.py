# ruff: noqa: E501 - lines of JavaScript
"""The microphone in the browser: its sound goes out, the script follows, and what goes wrong is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.rehearsed import build_pages, small_talk

from pipeline.files import write_all
from pipeline.pages import assets
from pipeline.pages.rehearsal import CAPTURE, PAGE, rehearsal_page
from pipeline.rehearsal.app import open_server
from pipeline.rehearsal.log import read_log
from pipeline.serve.web import LocalServer
from pipeline.talk import Talk, talk_id
from pipeline.voice.sentences import sentences_of

FRAME = 3200
TONE = 440
PAIR = "0" * 32
# A microphone that hears a tone, or is refused by the name of an error.
MICROPHONE = """if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.wanted = wanted;
  if (window.refused) throw new DOMException("no", window.refused);
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: TONE });
  const { stream } = tone.connect(new MediaStreamAudioDestinationNode(context));
  tone.start();
  [window.track] = stream.getAudioTracks();
  return stream;
};""".replace("TONE", str(TONE))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return small_talk(tmp_path_factory.mktemp("spoken") / "bread")


@pytest.fixture(scope="module")
def server(talk: Talk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """The page as `rehearse --voice` serves it; each test is the recogniser."""
    site = build_pages(talk, tmp_path_factory.mktemp("out") / "speaker")
    write_all({CAPTURE: assets.script("capture").encode()}, site.parent)
    made = {PAGE: rehearsal_page(talk, ["voice"])}
    log = talk.config.root / "rehearsals"
    with open_server(
        site.parent, log, talk_id(talk.config), lambda _: None, 0, made=made
    ) as started:
        yield started


class Recogniser:
    """What the page says to it, and what it says to the page."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.places: list[dict[str, Any]] = []
        self.lines: list[Any] = []

    def forget(self) -> None:
        for heard in (self.frames, self.places, self.lines):
            heard.clear()

    def took(self, line: Any) -> None:
        self.lines.append(line)
        line.on_message(self._heard)
        self.tell("ready")

    def _heard(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.places.append(json.loads(message))
        else:
            assert self.places, "the server knows where the talk is before it hears anything"
            self.frames.append(message)

    def tell(self, kind: str, **more: object) -> None:
        self.lines[-1].send(json.dumps({"type": kind, **more}))

    def place(self, talk: Talk, number: int, share: float = 0.5, *, lost: bool = False) -> str:
        """The voice is in that sentence; its text."""
        of = sentences_of(talk)[number]
        whole = of.first + share * (of.last - of.first)
        at = {"sentence": number, "slide": of.slide, "speech": of.item, "within": share}
        self.tell("place", share=whole, text=of.text, lost=lost, sure=1, **at)
        return of.text


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """Its microphone hears a tone; an error in a page fails the last test."""
    made = browser.new_context(viewport={"width": 1280, "height": 720})
    wrong: list[str] = []
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    made.add_init_script(MICROPHONE)
    yield made
    made.close()
    assert wrong == []


def open_page(context: Any, server: LocalServer, *, faked: bool = False) -> tuple[Any, Recogniser]:
    page, recogniser = context.new_page(), Recogniser()
    if faked:
        page.clock.install()
    page.route(
        lambda url: "role=" in url,
        lambda route: route.fulfill(content_type="text/html", body="<title>deck</title>"),
    )
    page.route_web_socket("**/voice", recogniser.took)
    page.goto(f"{server.url}{PAGE}?pair={PAIR}")
    page.wait_for_selector("html[data-ready]")
    return page, recogniser


@pytest.fixture(scope="module")
def loaded(context: Any, server: LocalServer) -> tuple[Any, Recogniser]:
    """The page, loaded once; `opened` gives it to each test as if it were new."""
    return open_page(context, server)


@pytest.fixture
def opened(loaded: tuple[Any, Recogniser]) -> tuple[Any, Recogniser]:
    """The page on its first slide, its clock and its microphone not begun."""
    page, recogniser = loaded
    page.evaluate("window.refused = ''")
    if page.query_selector("#voice.open"):
        page.keyboard.press("v")
    until(page, "#voice", "Voice off: V")
    for key in ("r", "End", "Home"):
        page.keyboard.press(key)
    wait_until(page, "document.body.dataset.mode === 'idle'")
    recogniser.forget()
    return page, recogniser


def until(page: Any, selector: str, words: str) -> None:
    wait_until(
        page, "([s, w]) => document.querySelector(s).innerText.includes(w)", arg=[selector, words]
    )


def come(page: Any, things: list[Any], count: int) -> None:
    """Wait, not for ever, until so many of what a `Recogniser` notes are there."""
    for _ in range(1500):
        if len(things) >= count:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{len(things)} of {count} came")


def listens(page: Any) -> None:
    page.keyboard.press("v")
    until(page, "#voice", "waits for words of the script")


def marked(page: Any) -> Any:
    """The sentence that is marked, and its place in its line."""
    return page.evaluate(
        "(() => { const one = document.querySelector('#prompter .sentence'); return one && [one.textContent, Number(one.dataset.start)]; })()"
    )


@pytest.mark.browser
def test_the_script_follows_the_voice(opened: tuple[Any, Recogniser], talk: Talk) -> None:
    """V opens the microphone; the sentence is marked and comes to the reading line, waits in an
    aside, and follows no slide that isn't shown; a hand and A know of it; V closes."""
    page, recogniser = opened
    until(page, "#voice", "Voice off: V")
    assert recogniser.lines == []
    page.keyboard.press("v")
    until(page, "#message", "What it hears stays on this machine.")
    until(page, "#voice", "waits for words of the script")
    page.keyboard.press("p")
    text = recogniser.place(talk, 3)
    until(page, "#voice", "open: stays on this machine")
    wait_until(page, "document.querySelector('#prompter .sentence')")
    # Six times the same sentence stands in the line: it is the fourth.
    assert marked(page) == [text, 3 * (len(text) + 1)]
    top = page.evaluate("document.querySelector('#prompter').scrollTop")
    recogniser.place(talk, 5, 0.9)
    wait_until(page, "top => document.querySelector('#prompter').scrollTop > top", arg=top)
    recogniser.place(talk, 5, 0.9, lost=True)
    until(page, "#voice", "waits for words of the script")
    assert marked(page)[0] == text
    recogniser.place(talk, 6)
    until(page, "#voice", "on slide 2")
    assert page.inner_text("#now-title").startswith("1 of 3"), "no slide is moved by a voice"
    page.keyboard.press("PageDown")
    wait_until(page, "document.querySelector('#prompter .sentence')")
    page.keyboard.press("a")
    until(page, "#message", "The script follows the voice. V ends that.")
    page.keyboard.press("v")
    until(page, "#message", "The microphone is closed.")
    assert page.evaluate("track.readyState") == "ended"
    assert marked(page) is None
    said = len(recogniser.frames)
    page.wait_for_timeout(150)
    assert len(recogniser.frames) == said


@pytest.mark.browser
def test_sound_goes_out_as_the_recogniser_wants_it(
    opened: tuple[Any, Recogniser],
) -> None:
    """As it comes, 16 kHz, 16 bit, a tenth of a second each; none in a pause or in Q&A."""
    page, recogniser = opened
    listens(page)
    plain = {"echoCancellation": False, "noiseSuppression": False, "autoGainControl": False}
    assert page.evaluate("wanted") == {"audio": {**plain, "channelCount": 1}}
    page.keyboard.press("p")
    wait_until(page, "parseFloat(document.querySelector('#voice .meter i').style.width) > 50")
    come(page, recogniser.frames, 4)
    assert {len(frame) for frame in recogniser.frames} == {FRAME}
    samples = memoryview(recogniser.frames[-1]).cast("h")
    rises = sum(a < 0 <= b for a, b in pairwise(samples))
    assert rises == pytest.approx(TONE / 10, abs=1)
    last = recogniser.places[-1]
    assert {key: last[key] for key in ("type", "mode", "slide", "cut", "live")} == {
        **{"type": "at", "mode": "running", "slide": "hello", "cut": "full", "live": False}
    }
    page.keyboard.press("q")
    until(page, "#voice", "waits for the clock")
    assert recogniser.places[-1]["mode"] == "qa"
    page.wait_for_timeout(100)  # one may be on its way
    said = len(recogniser.frames)
    page.wait_for_timeout(250)
    assert len(recogniser.frames) == said


@pytest.mark.browser
def test_a_hand_wins_over_the_voice(context: Any, server: LocalServer, talk: Talk) -> None:
    """Moved by a wheel the script stays there for some seconds, then goes back to the voice."""
    page, recogniser = open_page(context, server, faked=True)
    listens(page)
    recogniser.place(talk, 5, 0.9)
    place = "document.querySelector('#prompter').scrollTop"
    page.clock.run_for(3000)
    wait_until(page, "document.querySelector('#prompter .sentence')")
    page.clock.run_for(3000)
    there = page.evaluate(place)
    page.hover("#prompter")
    page.mouse.wheel(0, -60)
    wait_until(page, f"there => {place} < there - 20", arg=there)
    moved = page.evaluate(place)
    page.clock.run_for(2000)
    assert page.evaluate(place) == moved
    page.clock.run_for(8000)
    assert page.evaluate(place) == pytest.approx(there, abs=3)
    page.close()


@pytest.mark.browser
def test_the_audience_gets_the_sentence_as_a_caption(
    opened: tuple[Any, Recogniser], talk: Talk
) -> None:
    """With C the script's own words; none in an aside, none late, none when the voice ends."""
    page, recogniser = opened
    page.evaluate(
        "pair => { window.told = []; new BroadcastChannel(`pair-${pair}`).onmessage = ({ data }) => data.type === 'caption' && told.push(data.text); }",
        PAIR,
    )
    listens(page)
    page.keyboard.press("p")
    page.keyboard.press("c")
    text = recogniser.place(talk, 0)
    wait_until(page, "text => told.at(-1) && text.includes(told.at(-1))", arg=text)
    recogniser.place(talk, 0, lost=True)
    wait_until(page, "told.at(-1) === ''")
    recogniser.place(talk, 1)
    wait_until(page, "told.at(-1) !== ''")
    recogniser.tell("trouble", what="behind")
    wait_until(page, "told.at(-1) === ''")
    recogniser.tell("trouble", what="")
    wait_until(page, "told.at(-1) !== ''")
    page.keyboard.press("v")
    wait_until(page, "told.at(-1) === ''")


@pytest.mark.browser
def test_what_goes_wrong_is_said_and_the_rehearsal_goes_on(
    opened: tuple[Any, Recogniser],
) -> None:
    """Each with what to do; a microphone that isn't there, a server that goes, what it tells."""
    page, recogniser = opened
    page.keyboard.press("p")
    for name, words in {
        "NotAllowedError": "allow it beside the address, then press V",
        "NotFoundError": "There is no microphone: plug one in",
        "NotReadableError": "Another program has the microphone",
        "AbortError": "The microphone doesn’t open: no.",
    }.items():
        page.evaluate("name => { window.refused = name; }", name)
        page.keyboard.press("v")
        until(page, "#message", words)
        until(page, "#voice", "Voice off: V")
    page.evaluate("window.refused = ''")
    listens(page)
    for what, words in {
        "silent": "The microphone is silent",
        "clipped": "The microphone is too loud",
        "foreign": "Nothing of the script is heard",
        "behind": "The recogniser is late",
        "disk": "The sound isn’t kept any more",
    }.items():
        recogniser.tell("trouble", what=what)
        until(page, "#message", words)
        until(page, "#voice", words)
    recogniser.tell("trouble", what="")
    until(page, "#voice", "waits for words of the script")
    recogniser.lines[-1].close()
    until(page, "#message", "The server is gone. The rehearsal goes on; the voice waits for it.")
    come(page, recogniser.lines, 2)  # it comes back by itself
    until(page, "#voice", "waits for words of the script")
    page.evaluate("track.dispatchEvent(new Event('ended'))")
    until(page, "#message", "The microphone is gone: plug it in")
    listens(page)
    recogniser.tell("trouble", what="taken")
    until(page, "#message", "Another window has the voice")
    until(page, "#voice", "Voice off: V")
    assert "running" in page.evaluate("document.body.dataset.mode")


@pytest.mark.browser
def test_the_end_waits_for_what_was_said(opened: tuple[Any, Recogniser], talk: Talk) -> None:
    """E E closes the microphone, sends the record, and says when both are kept."""
    page, recogniser = opened
    listens(page)
    page.keyboard.press("p")
    page.wait_for_timeout(1100)
    page.keyboard.press("e")
    page.keyboard.press("e")
    until(page, "#message", "Recorded in the log.")
    until(page, "#voice", "Voice off: V")
    assert page.evaluate("track.readyState") == "ended"
    assert recogniser.places[-1]["mode"] == "ended"
    (record,) = read_log(talk.config.root / "rehearsals", talk_id(talk.config)).records
    assert record.id == recogniser.places[-1]["id"]
    recogniser.tell("kept")
    until(page, "#message", "Recorded in the log, and beside it what was said.")


def test_without_a_voice_the_page_has_nothing_of_it(talk: Talk, tmp_path: Path) -> None:
    """No microphone, no socket, no key, no address that may be run: what lies in out/ too."""
    plain = rehearsal_page(talk)
    for trace in ("getUserMedia", "WebSocket", CAPTURE, '"voice"'):
        assert trace not in plain
        assert trace in rehearsal_page(talk, ["voice"])
    assert rehearsal_page(talk, ["voice"]).count(f"http://127.0.0.1:*/{CAPTURE}") == 1
    assert build_pages(talk, tmp_path / "speaker").read_text("utf-8") == plain
