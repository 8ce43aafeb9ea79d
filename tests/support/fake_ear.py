"""A recogniser for tests, as a process: each frame's first sample says what is heard in it.

A number from 1 on is that word of the script, counted over all sentences; 0 is silence, and those
below it go wrong.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.problems import TalkError
from pipeline.rehearsal.voice.listener import Recogniser, Setup, listen
from pipeline.voice.ear import Place
from pipeline.voice.heard import Heard
from pipeline.voice.sentences import Sentence

COMMAND = (sys.executable, str(Path(__file__).resolve()))
FRAME = 1600
ASIDE, CRASH, SILENT, CLIPPED, FOREIGN, FINE, STALL = -1, -2, -3, -4, -5, -6, -7
_TROUBLES = {SILENT: "silent", CLIPPED: "clipped", FOREIGN: "foreign", FINE: ""}
BROKEN, NARROW = "no model", "few words"  # a model's folder of that name
UNKNOWN = "sourdough"


def frame(heard: int) -> bytes:
    """A tenth of a second in which this is heard."""
    return struct.pack("<h", heard) + bytes(2 * FRAME - 2)


def words_of(sentences: Sequence[Sentence]) -> list[tuple[Sentence, int]]:
    """Each word's sentence, and which of its words it is; the first word is number 1."""
    return [(one, at) for one in sentences for at in range(len(one.words))]


class FakeEar:
    def __init__(self, setup: Setup) -> None:
        if setup.model == BROKEN:
            print("ERROR (Kaldi) the file ends too soon\nafter it", file=sys.stderr, flush=True)
            raise TalkError("the model is broken", hint="take another")
        self._words = words_of(setup.sentences)
        self._heard: list[Heard] = []
        self._seconds = 0.0
        self.place = Place(0, 0.0, 0.0, True)
        self.trouble = ""
        self.unheard = (UNKNOWN,) if setup.model == NARROW else ()

    def feed(self, pcm: bytes) -> None:
        (said,) = struct.unpack_from("<h", pcm)
        start_s = self._seconds
        self._seconds += len(pcm) / 32000
        if said == CRASH:
            sys.stderr.write("a library crashed\n")
            sys.stderr.flush()
            os._exit(3)
        if said == STALL:
            time.sleep(2)
        if said in _TROUBLES:
            self.trouble = _TROUBLES[said]
        if said == ASIDE:
            self.place = Place(self.place.sentence, self.place.share, 0.2, True)
        if said > 0:
            sentence, at = self._words[said - 1]
            self._heard.append(Heard(sentence.words[at], start_s, self._seconds, 1.0))
            self.place = Place(sentence.number, (at + 1) / len(sentence.words), 1.0, False)

    def heard(self) -> Sequence[Heard]:
        return self._heard

    def speech(self) -> Sequence[tuple[float, float]]:
        return [(word.start_s, word.end_s) for word in self._heard]

    def at_slide(self, name: str, cut: str, skipped: Sequence[str]) -> None:
        pass

    def finish(self) -> None:
        pass


def made(setup: Setup) -> Recogniser:
    return FakeEar(setup)


if __name__ == "__main__":
    listen(sys.stdin.buffer, sys.stdout.buffer, made)
