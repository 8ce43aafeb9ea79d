"""Sound -> words by pocketsphinx: as guesses while they are said, as they stay after a pause."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from pipeline.voice.models import Model

RATE = 16_000
FRAME_BYTES = 960  # 30 ms
FRAME_S = 0.03
LED_FRAMES = 10  # what lies before the first frame of speech is heard, too
GUESS_FRAMES = 6  # a guess each 180 ms
SHORT_PAUSE, PAUSE = 5, 10  # frames without speech that end a long utterance, and any
LONG_S, LONGEST_S = 10, 20
_PER_SECOND = 100  # frames of pocketsphinx


class Heard(msgspec.Struct, frozen=True):
    """A word that was heard; seconds from the first sample."""

    word: str
    start_s: float
    end_s: float
    sure: float  # 0 to 1


class Sphinx:
    """A decoder that is given sound in frames; it holds one utterance at a time.

    An utterance ends at a pause; where there is none, at the end of a word after `LONGEST_S`
    seconds, and what follows that word is heard again with the next one.
    """

    def __init__(self, model: Model) -> None:
        import pocketsphinx

        with TemporaryDirectory(prefix="voice-") as folder:
            words, follows = Path(folder, "words.dict"), Path(folder, "script.arpa")
            words.write_text(model.dictionary, "utf-8")
            follows.write_text(model.language, "utf-8")
            self._decoder = pocketsphinx.Decoder(
                hmm=str(model.acoustic.sounds),
                dict=str(words),
                lm=str(follows),
                loglevel="FATAL",
                dither=True,  # digital silence has no logarithm
                seed=1,
            )
        self._logs = pocketsphinx.LogMath()
        self._led: list[bytes] = []  # frames before an utterance
        self._frames: list[bytes] = []  # of this utterance
        self._start = 0  # frame at which it begins
        self._quiet = 0  # frames since speech
        self._fed = 0  # frames in all
        self._is_on = False
        self.guessed: tuple[Heard, ...] = ()  # of this utterance, so far
        self.is_new = False  # whether the last frame made a guess

    def feed(self, frame: bytes, is_speech: bool) -> list[Heard]:
        """Take 30 ms; gives the words of an utterance that it ended."""
        self._fed += 1
        self.is_new = False
        if not self._is_on:
            self._led = [*self._led[-LED_FRAMES:], frame]
            if is_speech:
                self._begin(self._led)
            return []
        self._take(frame)
        self._quiet = 0 if is_speech else self._quiet + 1
        length_s = len(self._frames) * FRAME_S
        if self._quiet >= PAUSE or (self._quiet >= SHORT_PAUSE and length_s > LONG_S):
            return self._end()
        if len(self._frames) % GUESS_FRAMES == 0:
            self.guessed, self.is_new = self._words(), True
            if length_s > LONGEST_S:
                return self._cut()
        return []

    def finish(self) -> list[Heard]:
        """The words of an utterance that nothing more comes for."""
        return self._end() if self._is_on else []

    def _begin(self, frames: list[bytes]) -> None:
        self._decoder.start_utt()
        self._is_on, self._quiet = True, 0
        self._frames, self._start = [], self._fed - len(frames)
        for frame in frames:
            self._take(frame)
        self._led = []

    def _take(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._decoder.process_raw(frame)

    def _end(self) -> list[Heard]:
        self._decoder.end_utt()
        found = list(self._words(is_final=True))
        self._is_on, self._led = False, self._frames[-LED_FRAMES:]
        self._frames, self.guessed = [], ()
        return found

    def _cut(self) -> list[Heard]:
        """End in the middle of speech: the last word is heard again with what follows."""
        frames, start = self._frames, self._start
        words = self._end()
        if len(words) < 2:
            return words
        last_s = words[-1].start_s
        again = frames[max(0, int(last_s / FRAME_S) - start) :]
        self._begin(again)
        return words[:-1]

    def _words(self, is_final: bool = False) -> tuple[Heard, ...]:
        found, begun_s = [], self._start * FRAME_S
        for segment in self._decoder.seg() or ():
            if segment.word[0] in "<[+":
                continue
            start_s = begun_s + segment.start_frame / _PER_SECOND
            end_s = begun_s + (segment.end_frame + 1) / _PER_SECOND
            sure = math.exp(min(0.0, segment.prob)) if is_final else 0.0
            found.append(
                Heard(segment.word.partition("(")[0], round(start_s, 2), round(end_s, 2), sure)
            )
        return tuple(found)
