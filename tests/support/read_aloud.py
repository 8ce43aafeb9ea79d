"""A script read aloud by espeak-ng, so that it is known when each sentence was said."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.export.narration import RATE as SPOKEN_RATE
from pipeline.export.narration import Voice
from pipeline.locale import ENGLISH
from pipeline.voice.sentences import Sentence
from pipeline.voice.sphinx import RATE

Samples = npt.NDArray[np.int16]

GAP_S, PARAGRAPH_S, LED_S, ENDS_S = 0.25, 0.5, 0.5, 0.6
OTHER = -1  # the number of what is in no script
_SILENT = 60  # below it a sample is silence around a sentence


class Said(msgspec.Struct, frozen=True):
    """A sentence that was said, and when: seconds from the first sample."""

    number: int  # of the sentence, OTHER for what is in no script
    text: str
    start_s: float
    end_s: float


class Reading(msgspec.Struct, frozen=True):
    """Sound of 16 kHz, one channel of 16 bits, and what is said in it."""

    pcm: bytes
    said: tuple[Said, ...]

    @property
    def length_s(self) -> float:
        return len(self.pcm) / 2 / RATE


class Reader:
    """espeak-ng with a voice (en-us, en-gb, en-us+f3, …) and a pace; what it said is kept."""

    def __init__(self, cache: Path, voice: str = "en-us", pace_wpm: int = 150) -> None:
        self._voice = Voice(ENGLISH, pace_wpm, cache)
        self._voice.language = voice

    def say(self, text: str) -> Samples:
        """One sentence, without the silence around it, at 16 kHz."""
        sound = np.frombuffer(self._voice.say(text), "<i2").astype(np.float64)
        count = len(sound) * RATE // SPOKEN_RATE
        bins = np.fft.rfft(sound)[: count // 2 + 1]
        heard = np.fft.irfft(bins, count) * (count / max(1, len(sound)))
        loud = np.flatnonzero(np.abs(heard) > _SILENT)
        heard = heard[loud[0] : loud[-1] + 1] if len(loud) else heard[:0]
        return _whole(heard)

    def read(self, sentences: Iterable[Sentence | str], start_s: float = LED_S) -> Reading:
        """Sentences one after the other, strings among them being what is in no script."""
        pieces, said, at = [_silence(start_s)], list[Said](), round(start_s * RATE)
        last: tuple[str, int] | None = None
        for sentence in sentences:
            if isinstance(sentence, Sentence):
                here, text, number = (sentence.slide, sentence.item), sentence.text, sentence.number
            else:
                here, text, number = ("", OTHER), sentence, OTHER
            if last is not None:
                pieces.append(_silence(GAP_S if here == last else PARAGRAPH_S))
                at += len(pieces[-1])
            sound, last = self.say(text), here
            said.append(Said(number, text, at / RATE, (at + len(sound)) / RATE))
            pieces.append(sound)
            at += len(sound)
        pieces.append(_silence(ENDS_S))
        return Reading(np.concatenate(pieces).tobytes(), tuple(said))


def joined(readings: Sequence[Reading]) -> Reading:
    """One reading after the other."""
    said, at_s = list[Said](), 0.0
    for reading in readings:
        moved = (
            msgspec.structs.replace(one, start_s=one.start_s + at_s, end_s=one.end_s + at_s)
            for one in reading.said
        )
        said += moved
        at_s += reading.length_s
    return Reading(b"".join(reading.pcm for reading in readings), tuple(said))


def with_noise(reading: Reading, db: float, kind: str = "white", seed: int = 1) -> Reading:
    """The same with noise, the speech `db` decibels above it: `white`, or `babble` of voices."""
    sound = np.frombuffer(reading.pcm, "<i2").astype(np.float64)
    rng = np.random.default_rng(seed)
    if kind == "babble":  # eight copies of the reading, each from elsewhere in it and backwards
        starts = rng.integers(0, len(sound), 8)
        noise = np.sum([np.roll(sound[::-1], int(start)) for start in starts], axis=0)
    else:
        noise = rng.standard_normal(len(sound))
    speech = sound[np.abs(sound) > 4 * _SILENT]
    power = float(np.mean(speech**2)) / 10 ** (db / 10)
    noise *= np.sqrt(power / max(1e-9, float(np.mean(noise**2))))
    return Reading(_whole(sound + noise).tobytes(), reading.said)


def write_wav(path: Path, reading: Reading) -> Path:
    """The sound as a file: what Chromium takes for its microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(reading.pcm)
    return path


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


def _whole(sound: npt.NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(sound), -32768, 32767).astype("<i2")
