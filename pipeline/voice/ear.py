"""Sound as it comes -> words heard, the place in the script, what is wrong with the sound."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from pipeline.locale import ENGLISH, Locale
from pipeline.voice.follow import Follower, Place
from pipeline.voice.heard import Heard
from pipeline.voice.kaldi import Vosk, vosk_model
from pipeline.voice.models import model_for
from pipeline.voice.sentences import Sentence
from pipeline.voice.sphinx import FRAME_BYTES, FRAME_S, RATE, Sphinx

__all__ = ["RATE", "Ear", "Place"]

SILENT_S, CLIPPED_S, FOREIGN_S = 5, 5, 15
SILENT_DBFS = -65.0  # below: a microphone that is off, or far away
CLIPPED = 0.005  # the share of samples at full scale that is heard as a crackle
LEAST_GAP_S = 0.25  # what parts two stretches of speech
_FULL = 32_700


class Recogniser(Protocol):
    """What turns sound into words: `Sphinx` or `Vosk`."""

    guessed: tuple[str, ...]
    is_new: bool
    unheard: tuple[str, ...]  # words of the script that its model doesn't know

    def feed(self, frame: bytes, is_speech: bool) -> list[Heard]: ...

    def at_slide(self, name: str) -> None: ...

    def finish(self) -> list[Heard]: ...


class Ear:
    """Listens to one voice that reads one script. No threads, no clock: time is what was fed.

    `sentences` are all of the talk; `model` is a folder with a model of another language, and
    `cache` where what is made of the words is kept. Raises TalkError as `models.check_voice` does.
    """

    def __init__(
        self,
        sentences: Sequence[Sentence],
        locale: Locale = ENGLISH,
        model: Path | None = None,
        cache: Path | None = None,
    ) -> None:
        import pocketsphinx

        self._slide = ""
        self._recogniser: Recogniser
        if kaldi := vosk_model(model):
            self._recogniser = Vosk(kaldi, sentences, locale.tag)
        else:
            self._recogniser = Sphinx(model_for(sentences, locale, model, cache))
        self._vad = pocketsphinx.Vad(mode=pocketsphinx.Vad.MEDIUM_STRICT)
        self._follower = Follower(sentences)
        self._rest = b""
        self._heard: list[Heard] = []
        self._speech: list[tuple[float, float]] = []
        self._frames = 0
        self._levels: deque[tuple[float, bool]] = deque(maxlen=int(SILENT_S / FRAME_S))
        self._clipped: deque[int] = deque(maxlen=int(CLIPPED_S / FRAME_S))
        self._unfollowed_s = 0.0

    def feed(self, pcm: bytes) -> None:
        """Take sound: 16 kHz, one channel, 16 bits, little-endian; of any length."""
        sound = self._rest + pcm
        whole = len(sound) - len(sound) % FRAME_BYTES
        for at in range(0, whole, FRAME_BYTES):
            self._take(sound[at : at + FRAME_BYTES])
        self._rest = sound[whole:]

    def finish(self) -> None:
        """Nothing more comes: the words that were being said stay as they are."""
        self._hear(self._recogniser.finish())

    def at_slide(self, name: str, cut: str, skipped: Collection[str] = ()) -> None:
        """The slide that is shown, the cut that is said, the optional parts that are left out."""
        self._follower.at_slide(name, cut, skipped)
        if name != self._slide:
            self._slide = name
            self._recogniser.at_slide(name)

    @property
    def unheard(self) -> Sequence[str]:
        """Words of the script that the model doesn't know, so they are never heard."""
        return self._recogniser.unheard

    @property
    def heard_s(self) -> float:
        """How much sound was taken, in seconds."""
        return self._frames * FRAME_S

    @property
    def place(self) -> Place:
        """Where in the script the voice is now."""
        return self._follower.place

    def heard(self) -> Sequence[Heard]:
        """The words so far that stay as they are."""
        return self._heard

    def speech(self) -> Sequence[tuple[float, float]]:
        """When somebody spoke: starts and ends in seconds, gaps of a quarter of one left out."""
        return self._speech

    @property
    def trouble(self) -> str:
        """`silent`, `clipped`, `foreign` (speech, and nothing of the script), or "" for none."""
        if len(self._levels) == self._levels.maxlen:
            is_off = max(level for level, _ in self._levels) < SILENT_DBFS
            if is_off or not (self._speech or any(spoken for _, spoken in self._levels)):
                return "silent"
        if sum(self._clipped) > CLIPPED * CLIPPED_S * RATE:
            return "clipped"
        return "foreign" if self._unfollowed_s > FOREIGN_S else ""

    def _take(self, frame: bytes) -> None:
        samples = np.frombuffer(frame, "<i2").astype(np.float64)
        power = float(np.mean(samples * samples)) / 32768**2
        level = max(-120.0, 10 * float(np.log10(power))) if power else -120.0
        is_speech = bool(self._vad.is_speech(frame)) and level > SILENT_DBFS
        self._frames += 1
        self._levels.append((level, is_speech))
        self._clipped.append(int(np.count_nonzero(np.abs(samples) >= _FULL)))
        if is_speech:
            self._note_speech()
        self._hear(self._recogniser.feed(frame, is_speech))
        if self._recogniser.is_new and self._recogniser.guessed:
            self._follower.guess(self._recogniser.guessed)

    def _note_speech(self) -> None:
        start_s, end_s = self.heard_s - FRAME_S, self.heard_s
        if self._speech and start_s - self._speech[-1][1] < LEAST_GAP_S:
            self._speech[-1] = (self._speech[-1][0], end_s)
        else:
            self._speech.append((start_s, end_s))
        self._unfollowed_s = self._unfollowed_s + FRAME_S if self.place.lost else 0.0

    def _hear(self, words: list[Heard]) -> None:
        if words:
            self._heard += words
            self._follower.hear([heard.word for heard in words])
