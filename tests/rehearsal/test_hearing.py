"""The socket of the voice: what it tells the page, what it keeps, and what it takes from nobody."""

from __future__ import annotations

import contextlib
import io
import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import msgspec
import pytest
from starlette.websockets import WebSocket
from support import fake_ear
from support.live_talk import run
from support.rehearsed import made_up_record, small_talk
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from pipeline.rehearsal.app import open_server
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.voice.hearing import Hearing, Sayings, Take
from pipeline.rehearsal.voice.listener import SETUP, Setup, frame, listen
from pipeline.rehearsal.voice.recording import RATE, Recording, cut_path
from pipeline.talk import Talk
from pipeline.voice.sentences import sentences_of

FOREVER_S = 30.0


class Served:
    """A server whose recogniser is told by each frame what it hears, and what came of it."""

    def __init__(self, talk: Talk, folder: Path, model: str = "") -> None:
        self.talk, self.log = talk, folder / "log"
        self.said: list[str] = []
        self.takes: dict[str, Take] = {}
        self.hearing = Hearing(
            Setup(sentences_of(talk), "en", str(folder), model),
            self.log,
            Sayings(self.said.append, self._keep),
            keeps_sound=True,
            command=fake_ear.COMMAND,
        )
        self.server = open_server(
            folder, self.log, "bread-at-home", lambda _: None, 0, hearing=self.hearing
        )

    def _keep(self, run: Rehearsal, take: Take) -> Path:
        self.takes[run.id] = take
        return Path(f"{run.id}.json")

    def speak(self) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.server.port}/voice", open_timeout=FOREVER_S)

    def send(self, run: str) -> int:
        """The record of a rehearsal, as the page sends it; the answer's status."""
        body = msgspec.json.encode(made_up_record(self.talk, id=run))
        kind = {"Content-Type": "application/json"}
        return int(urlopen(Request(f"{self.server.url}rehearsals", body, kind)).status)

    def end(self, page: ClientConnection, run: str) -> Take:
        """The rehearsal ends, as on the page: first over the socket, then its record."""
        page.send(at(run, "ended", 5))
        assert self.send(run) == 201
        until(page, "kept")
        return self.takes[run]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return small_talk(tmp_path_factory.mktemp("heard") / "bread")


@pytest.fixture(scope="module")
def served(talk: Talk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(talk, tmp_path_factory.mktemp("served"))
    with made.server:
        yield made


def at(run: str, mode: str = "running", at_s: float = 0.0, **more: Any) -> str:
    now = {"id": run, "slide": "hello", "cut": "full", "skipped": [], "at_s": at_s, "mode": mode}
    return json.dumps({"type": "at", **now, **more})


def until(page: ClientConnection, kind: str, **wanted: object) -> dict[str, Any]:
    """The next message of that kind with these values."""
    while True:
        message: dict[str, Any] = json.loads(page.recv(FOREVER_S))
        if message["type"] == kind and wanted.items() <= message.items():
            return message


def say(page: ClientConnection, *heard: int) -> None:
    for one in heard:
        page.send(fake_ear.frame(one))


def test_the_page_is_told_where_the_voice_is(served: Served) -> None:
    """The sentence, its paragraph and the share of both; lost in an aside, and found again."""
    first = sentences_of(served.talk)[0]
    with served.speak() as page:
        page.send(at("place-0001"))
        until(page, "ready")
        say(page, 1, 2, 3, 4, 5)
        place = until(page, "place", within=0.5)
        assert place == {
            **{"type": "place", "sentence": 0, "slide": "hello", "speech": 0, "within": 0.5},
            **{"share": pytest.approx(first.last / 2, abs=1e-3), "lost": False},
            **{"text": first.text, "sure": 1.0},
        }
        say(page, fake_ear.ASIDE)
        assert until(page, "place", lost=True)["sentence"] == 0
        say(page, 11)
        assert until(page, "place", lost=False)["sentence"] == 1
        say(page, fake_ear.SILENT, fake_ear.FINE)
        assert [until(page, "trouble")["what"] for _ in range(2)] == ["silent", ""]


def test_what_was_heard_is_kept_with_its_rehearsal(served: Served) -> None:
    """Words in seconds of the rehearsal; none from before it began, from a pause or from Q&A."""
    run = "kept-0001"
    with served.speak() as page:
        page.send(at(run, "idle"))
        say(page, 1, 2)
        page.send(at(run, "running", 0))
        say(page, 3, 4)
        page.send(at(run, "paused", 0.2))
        say(page, 5)
        page.send(at(run, "running", 40))
        say(page, 6, 0)
        take = served.end(page, run)
    words = [one.words[n] for one, n in fake_ear.words_of(sentences_of(served.talk))]
    shifted = [(word.word, round(word.start_s, 2)) for word in take.words]
    assert shifted == [(words[2], 0.0), (words[3], 0.1), (words[5], 40.0)]
    spans = [(round(start_s, 2), round(end_s, 2)) for start_s, end_s in take.listened]
    assert spans == [(0.0, 0.2), (40.0, 40.2)]
    assert len(take.speech) == 3
    assert f"what was said: {run}.json" in served.said


def test_sound_is_kept_where_that_is_asked_for(served: Served) -> None:
    """A file as long as the rehearsal, with silence for a pause."""
    run = "sound-0001"
    with served.speak() as page:
        page.send(at(run))
        say(page, 1, 2)
        page.send(at(run, "paused", 0.2))
        page.send(at(run, "running", 3))
        say(page, 3)
        served.end(page, run)
    path = served.log / "voice" / f"{run}.wav"
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
        assert sound.getnframes() == pytest.approx(3.1 * RATE, abs=2)
        samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
    assert [samples[0], samples[1600], samples[4800], samples[3 * RATE]] == [1, 2, 0, 3]
    assert f"sound: {path}" in served.said
    assert not cut_path(path).exists()


def test_on_the_day_nothing_is_kept(served: Served) -> None:
    """With --live the script follows, and neither words nor sound are left."""
    run = "live-0001"
    with served.speak() as page:
        page.send(at(run, live=True))
        say(page, 11, 12)
        until(page, "place", sentence=1, within=0.2)
        page.send(at(run, "ended", 1, live=True))
        assert served.send(run) == 201
    assert run not in served.takes
    assert not list(served.log.glob(f"voice/{run}*"))


def test_sound_that_was_cut_off_is_called_so_and_goes_on(tmp_path: Path) -> None:
    """A file whose rehearsal never ended can be played; the same rehearsal goes on with it."""
    whole = tmp_path / "voice" / "one.wav"
    first = Recording(whole)
    first.write(b"\1\0" * RATE, 0)
    assert first.close(is_whole=False) == cut_path(whole)
    second = Recording(whole)
    second.write(b"\2\0" * RATE, 1.0)
    second.write(b"\3\0" * RATE, 0.5)  # a clock that was set back writes over nothing
    assert second.close(is_whole=True) == whole
    with wave.open(str(whole)) as sound:
        samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
    assert [samples[0], samples[RATE], samples[2 * RATE]] == [1, 2, 3]
    assert len(samples) == 3 * RATE


def test_a_full_disk_is_said_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sound ends there; what was said is kept all the same."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    run = "full-0001"
    monkeypatch.setattr(Recording, "write", full)
    monkeypatch.setattr(served.hearing, "_is_full", False)  # again, after this test
    with served.speak() as page:
        page.send(at(run))
        say(page, 1, 2, 3)
        until(page, "trouble", what="disk")
        take = served.end(page, run)
    said = [line for line in served.said if "No space" in line]
    assert said == ["the sound isn't kept any more: No space left on device"]
    assert len(take.words) == 3


def test_one_page_at_a_time(served: Served) -> None:
    """A second window is told that the voice is taken, and the first goes on."""
    with served.speak() as page:
        page.send(at("first-0001"))
        until(page, "ready")
        with served.speak() as second:
            answer = second.recv(FOREVER_S)
            assert isinstance(answer, str), "a browser reads no JSON in a message of bytes"
            assert json.loads(answer) == {"type": "trouble", "what": "taken"}
            with pytest.raises(ConnectionClosed):
                second.recv(FOREVER_S)
        say(page, 1, 11)
        until(page, "place", sentence=1, lost=False)
    with served.speak() as third:
        until(third, "ready")


def test_rubbish_ends_the_connection(served: Served) -> None:
    """What no page of ours says closes its socket; the next page is heard."""
    run = "rubbish-0001"
    later: list[str | bytes] = [at(run, at_s=-1), at("../../secret"), at(run, slide="x" * 101)]
    for rubbish in ["", "[]", "{", '{"type": "end"}', b"\0", b"\0\0" * 9000, *later]:
        with served.speak() as page:
            page.send(rubbish)
            until_closed(page)
    with served.speak() as page:
        until(page, "ready")


def until_closed(page: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            page.recv(FOREVER_S)


def test_other_machines_are_not_listened_to(talk: Talk, tmp_path: Path) -> None:
    """Whatever lets a phone in: the voice's socket is closed before it opens."""
    hearing = Served(talk, tmp_path).hearing
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def answer(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "client": ("192.168.1.7", 5000), "headers": [], "path": "/voice"}
    run(hearing.socket(WebSocket(scope, receive, answer)))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_a_recogniser_that_crashes_is_started_again(served: Served) -> None:
    """The page is told, what was heard before stays, and words after it count on."""
    run = "crash-0001"
    with served.speak() as page:
        page.send(at(run))
        until(page, "ready")
        say(page, 1)
        until(page, "place", sentence=0, lost=False, within=0.1)
        say(page, fake_ear.CRASH)
        until(page, "trouble", what="failed")
        until(page, "ready")
        page.send(at(run, at_s=2))
        say(page, 2)
        take = served.end(page, run)
    assert "the recogniser has ended: a library crashed" in served.said
    assert [round(word.start_s, 1) for word in take.words] == [0.0, 2.0]


def test_a_recogniser_that_cannot_start_leaves_the_rehearsal_alone(
    talk: Talk, tmp_path: Path
) -> None:
    """Said on the terminal with what to do, and to each page that comes; records are taken."""
    broken = Served(talk, tmp_path, fake_ear.BROKEN)
    with broken.server:
        for _ in range(2):
            with broken.speak() as page:
                until(page, "trouble", what="broken")
        assert broken.send("broken-0001") == 201
    assert broken.said == [
        "the model is broken (take another)",
        "ERROR (Kaldi) the file ends too soon",
        "the rehearsal goes on without a voice",
    ]
    assert broken.takes == {}


def test_words_that_cannot_be_heard_are_said_once(talk: Talk, tmp_path: Path) -> None:
    """The recogniser tells them when it is ready; the terminal has how many, and the first few."""
    setup = Setup(sentences_of(talk), "en", str(tmp_path), fake_ear.NARROW)
    told = io.BytesIO()
    listen(io.BytesIO(frame(SETUP, msgspec.msgpack.encode(setup))), told, fake_ear.made)
    assert json.loads(told.getvalue()) == {"type": "ready", "unheard": [fake_ear.UNKNOWN]}
    served = Served(talk, tmp_path)
    for _ in range(2):
        served.hearing._say_unheard((fake_ear.UNKNOWN,))
    served.hearing._say_unheard(tuple("abcdefghij"))
    assert served.said == [
        "1 word of the script the recogniser doesn't know: sourdough",
        "10 words of the script the recogniser doesn't know: a, b, c, d, e, f, g, h …",
    ]


def test_a_recogniser_that_is_late_is_told_once(talk: Talk, tmp_path: Path) -> None:
    """From three seconds on, until half of that: not at each frame."""
    hearing = Served(talk, tmp_path).hearing
    told: list[str] = []

    async def tell(message: Any) -> None:
        told.append(message.what)

    async def watch() -> None:
        hearing._tell = tell  # type: ignore[method-assign]
        for waits_s in (0, 2, 3.5, 4, 2, 1, 0):
            await hearing._watch(waits_s)

    run(watch())
    assert told == ["behind", ""]


def test_what_was_never_heard_was_not_listened_to(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recogniser that comes no further ends the wait: the rest isn't called silence."""
    run = "stall-0001"
    monkeypatch.setattr("pipeline.rehearsal.voice.hearing.STALLED_S", 0.2)
    with served.speak() as page:
        page.send(at(run))
        until(page, "ready")
        say(page, *[0] * 8, fake_ear.FOREIGN, fake_ear.FINE)
        until(page, "trouble", what="foreign")
        until(page, "trouble", what="")  # that second was heard
        say(page, fake_ear.STALL, *[0] * 10)
        take = served.end(page, run)
    ((start_s, end_s),) = take.listened
    assert start_s == 0
    assert end_s == pytest.approx(1, abs=0.11)


def test_the_code_of_the_microphone_comes_from_the_server(served: Served) -> None:
    """As JavaScript, to be allowed by its address."""
    with urlopen(f"{served.server.url}voice/capture.js") as answer:
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert b"registerProcessor" in answer.read()
