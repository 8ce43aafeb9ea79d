"""Sound -> words by pocketsphinx: as guesses while they are said, as they stay after a pause."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from pipeline.voice.heard import Heard
from pipeline.voice.models import Model

RATE = 16_000
FRAME_BYTES = 960  # 30 ms
FRAME_S = 0.03
LED_FRAMES = 10  # what lies before the first frame of speech is heard, too
GUESS_FRAMES = 6  # a guess each 180 ms
SHORT_PAUSE, PAUSE = 5, 10  # frames without speech that end a long utterance, and any
LONG_S, LONGEST_S = 5, 7  # the end of a long one takes long
# After so many frames of the first utterance it is heard once more, since the decoder takes its
# measure of voice and room (the cepstral mean) from what it has heard. It catches up by so many
# frames with each new one, so that no frame takes long.
SETTLES = (30, 90, 200)
CATCHES_UP = 10
_PER_SECOND = 100  # frames of pocketsphinx
# A little noise goes under all sound, as any room has it: it hears worst in digital silence.
NOISE, _NOISES = 30, 997  # of full scale, 32,768; frames of it, then the same again


class Sphinx:
    """A decoder that is given sound in frames; it holds one utterance at a time.

    An utterance ends at a pause; where there is none, at the end of a word after `LONGEST_S`
    seconds, and what follows that word is heard again with the next one.
    """

    def __init__(self, model: Model) -> None:
        import pocketsphinx

        with TemporaryDirectory(prefix="voice-") as folder:
            words = Path(folder, "words.dict")
            words.write_text(model.dictionary, "utf-8")
            self._decoder = pocketsphinx.Decoder(
                hmm=str(model.acoustic.sounds),
                dict=str(words),
                lm=None,
                loglevel="FATAL",
                # The second pass over an utterance takes up to 0.6 s at once in noise, and hears
                # hardly better. The best path (`bestpath`) is needed: without it noise is words.
                fwdflat=False,
            )
        self._model = model
        self._language: Callable[[], str] | None = model.language
        self.unheard = model.unheard
        self._learnt = 0  # language models so far: a search of the decoder has its number
        self._led: list[bytes] = []  # frames before an utterance
        self._frames: list[bytes] = []  # of this utterance
        self._decoded = 0  # of them
        self._start = 0  # frame at which it begins
        self._quiet = 0  # frames since speech
        self._fed = 0  # frames in all
        self._is_on, self._is_first = False, True
        self.guessed: tuple[str, ...] = ()  # of this utterance, so far
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
        self._frames.append(frame)
        self._decode(1 + CATCHES_UP)
        if self._is_first and len(self._frames) in SETTLES:
            self._again()
        self._quiet = 0 if is_speech else self._quiet + 1
        length_s = len(self._frames) * FRAME_S
        if self._quiet >= PAUSE or (self._quiet >= SHORT_PAUSE and length_s > LONG_S):
            return self._end()
        if len(self._frames) % GUESS_FRAMES == 0 and self._decoded == len(self._frames):
            self.guessed = tuple(heard.word for heard in self._words())
            self.is_new = True
            if length_s > LONGEST_S:
                return self._cut()
        return []

    def at_slide(self, name: str) -> None:
        """From the next utterance on, hear what is said on this slide sooner."""
        self._language = partial(self._model.language, name)

    def finish(self) -> list[Heard]:
        """The words of an utterance that nothing more comes for."""
        return self._end() if self._is_on else []

    def _begin(self, frames: list[bytes]) -> None:
        if self._language is not None:
            self._learn(self._language())
            self._language = None
        self._decoder.start_utt()
        self._is_on, self._quiet = True, 0
        self._frames, self._start = [*frames], self._fed - len(frames)
        self._decoded, self._led = 0, []
        self._decode(len(frames))

    def _learn(self, language: str) -> None:
        old, self._learnt = self._learnt, self._learnt + 1
        with TemporaryDirectory(prefix="voice-") as folder:
            path = Path(folder, "script.arpa")
            path.write_text(language, "utf-8")
            self._decoder.add_lm_file(str(self._learnt), str(path))
        self._decoder.activate_search(str(self._learnt))
        if old:
            self._decoder.remove_search(str(old))

    def _decode(self, most: int) -> None:
        """The next frames of the utterance, as far as there are."""
        for frame in self._frames[self._decoded : self._decoded + most]:
            self._decoded += 1
            room = _noise()[(self._start + self._decoded) % _NOISES]
            samples = np.frombuffer(frame, "<i2") + room
            self._decoder.process_raw(np.clip(samples, -32768, 32767).astype("<i2").tobytes())

    def _end(self) -> list[Heard]:
        self._decode(len(self._frames))
        self._decoder.end_utt()
        found = list(self._words(is_final=True))
        still = min(self._quiet, LED_FRAMES)  # no word is heard twice
        self._is_on, self._led = False, self._frames[len(self._frames) - still :]
        self._is_first = self._is_first and len(self._frames) < SETTLES[0]
        self._frames, self.guessed = [], ()
        return found

    def _again(self) -> None:
        self._decoder.get_cmn(True)
        self._decoder.end_utt()
        self._decoder.start_utt()
        self._decoded = 0

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
            sure = round(min(1.0, segment.prob), 3) if is_final else 0.0
            found.append(
                Heard(segment.word.partition("(")[0], round(start_s, 2), round(end_s, 2), sure)
            )
        return tuple(found)


@cache
def _noise() -> npt.NDArray[np.int32]:
    made = np.random.default_rng(0).standard_normal((_NOISES, FRAME_BYTES // 2))
    return np.rint(NOISE * made).astype(np.int32)
