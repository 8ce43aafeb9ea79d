"""The recogniser in a process of its own: sound comes in by stdin, where the voice is goes out.

    python -m pipeline.rehearsal.voice.listener

A crash in it, or a core that is busy, leaves the server as it is; it ends when its stdin does, so
that it never outlives the server. Nothing is pickled. In come frames: a kind of one byte, a length
of four, then so many bytes. Out go lines of JSON, one `Told` each.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import msgspec

from pipeline.locale import locale_of
from pipeline.problems import TalkError
from pipeline.rehearsal.voice.recording import BYTES, RATE
from pipeline.voice.heard import Heard
from pipeline.voice.sentences import Sentence

if TYPE_CHECKING:  # with numpy
    from pipeline.voice.ear import Place as HeardPlace

HEADER = struct.Struct("<cI")  # kind, length
SETUP, SOUND, AT, ASK = b"S", b"P", b"A", b"F"
BYTES_PER_S = RATE * BYTES  # one channel
_TELL_EVERY_S = 0.5  # of sound: how far it is


class Setup(msgspec.Struct, frozen=True):
    """What a recogniser is made of."""

    sentences: tuple[Sentence, ...]
    language: str
    cache: str
    model: str = ""  # a folder; "": the one that came with the recogniser


class At(msgspec.Struct, frozen=True):
    """Where the talk is: what the recogniser takes as a hint."""

    slide: str
    cut: str
    skipped: tuple[str, ...] = ()  # names of optional parts


class Told(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=str.lower):
    """What the process says."""


class Ready(Told, frozen=True):
    unheard: tuple[str, ...] = ()  # words of the script that it doesn't know


class Failed(Told, frozen=True):
    """It can't work."""

    message: str
    hint: str = ""


class Place(Told, frozen=True):
    """Where in the script the voice is."""

    sentence: int
    slide: str  # name
    speech: int  # which of the slide's paragraphs
    share: float  # of the paragraph
    within: float  # of the sentence
    text: str  # of the sentence
    lost: bool
    sure: float


class Trouble(Told, frozen=True):
    what: str  # "": it is over


class Words(Told, frozen=True):
    """Words that are certain now, and stretches of speech that have ended."""

    words: tuple[Heard, ...]
    speech: tuple[tuple[float, float], ...] = ()


class Fed(Told, frozen=True):
    """So much sound was taken; `asked`: the number of a question that was answered with it."""

    seconds: float
    asked: int = 0


Message = Ready | Failed | Place | Trouble | Words | Fed


class Recogniser(Protocol):
    """What is asked of `pipeline.voice.ear.Ear`."""

    @property
    def place(self) -> HeardPlace: ...

    @property
    def trouble(self) -> str: ...

    @property
    def unheard(self) -> Sequence[str]: ...

    def feed(self, pcm: bytes) -> None: ...

    def heard(self) -> Sequence[Heard]: ...

    def speech(self) -> Sequence[tuple[float, float]]: ...

    def at_slide(self, name: str, cut: str, skipped: tuple[str, ...]) -> None: ...

    def finish(self) -> None:
        """All that was fed is heard now."""


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


def frames(source: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """All whole frames, until the source ends."""
    while len(header := source.read(HEADER.size)) == HEADER.size:
        kind, length = HEADER.unpack(header)
        payload = source.read(length)
        if len(payload) < length:
            return
        yield kind, payload


def listen(
    source: IO[bytes], sink: IO[bytes], recogniser_of: Callable[[Setup], Recogniser]
) -> None:
    """Hear what comes until it ends."""
    encoder = msgspec.json.Encoder()

    def tell(message: Message) -> None:
        sink.write(encoder.encode(message) + b"\n")
        sink.flush()

    incoming = frames(source)
    kind, payload = next(incoming, (b"", b""))
    if kind != SETUP:
        return
    setup = msgspec.msgpack.decode(payload, type=Setup)
    try:
        recogniser = recogniser_of(setup)
    except TalkError as error:
        place = f"{error.where}: " if error.where else ""
        tell(Failed(f"{place}{error.message}", error.hint))
        return
    tell(Ready(tuple(recogniser.unheard)))
    _Teller(recogniser, setup.sentences, tell).hear(incoming)


class _Teller:
    """What was told last, so that only what is new is told."""

    def __init__(
        self, ear: Recogniser, sentences: Sequence[Sentence], tell: Callable[[Message], None]
    ) -> None:
        self._ear, self._sentences, self._tell = ear, sentences, tell
        self._place: Place | None = None
        self._trouble = ""
        self._words = self._stretches = self._asked = self._bytes = 0
        self._fed_s = 0.0

    def hear(self, incoming: Iterator[tuple[bytes, bytes]]) -> None:
        for kind, payload in incoming:
            if kind == SOUND:
                self._ear.feed(payload)
                self._bytes += len(payload)
                self._tell_what_is_new()
            elif kind == AT:
                at = msgspec.json.decode(payload, type=At)
                self._ear.at_slide(at.slide, at.cut, at.skipped)
            elif kind == ASK:
                self._ear.finish()
                self._asked += 1
                self._tell_what_is_new(asked=self._asked)

    def _tell_what_is_new(self, asked: int = 0) -> None:
        if (place := self._placed()) and place != self._place:
            self._place = place
            self._tell(place)
        if self._ear.trouble != self._trouble:
            self._trouble = self._ear.trouble
            self._tell(Trouble(self._trouble))
        words, speech = self._ear.heard(), self._ear.speech()
        speech = speech if asked else speech[:-1]  # the last one may still go on
        if len(words) > self._words or len(speech) > self._stretches:
            new = tuple(words[self._words :]), tuple(speech[self._stretches :])
            self._tell(Words(*new))
            self._words, self._stretches = len(words), len(speech)
        seconds = self._bytes / BYTES_PER_S
        if asked or seconds - self._fed_s >= _TELL_EVERY_S:
            self._fed_s = seconds
            self._tell(Fed(seconds, asked))

    def _placed(self) -> Place | None:
        place = self._ear.place
        if not 0 <= place.sentence < len(self._sentences):
            return None
        of = self._sentences[place.sentence]
        share = of.first + (of.last - of.first) * place.share
        return Place(
            of.number,
            of.slide,
            of.item,
            round(share, 3),
            round(place.share, 2),
            of.text,
            place.lost,
            round(place.sure, 2),
        )


def _ear(setup: Setup) -> Recogniser:
    from pipeline.voice.ear import Ear

    model = Path(setup.model) if setup.model else None
    return Ear(setup.sentences, locale_of(setup.language), model, Path(setup.cache))


def main() -> None:
    """Called by the server; Ctrl-C is the server's, which closes stdin then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no message
    listen(sys.stdin.buffer, sink, _ear)


if __name__ == "__main__":
    main()
