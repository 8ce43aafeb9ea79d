"""The script spoken by espeak-ng: a track for each slide, measured, under a deck that runs itself.

What was spoken is kept while its text is the same.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.files import kept
from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.spoken import spoken_form
from pipeline.pages import assets
from pipeline.pages.captions import Caption, Moment, captions, web_vtt
from pipeline.pages.deck import PAGE, DeckMaker, deck_input, deck_page, write_deck
from pipeline.pages.templates import texts
from pipeline.problems import TalkError
from pipeline.script.elements import Cue, Item, Speech, flat
from pipeline.script.timing import Timing
from pipeline.talk import Talk

FOLDER, CAPTIONS = "narrated", "captions.vtt"
LEAD_MS, GAP_MS, TAIL_MS = 300, 350, 700
LONGEST_PAUSE_S = 4  # a pause for the room is shorter where there is no room
LIMIT_S = 120
RATE = 22050  # samples a second, one channel of 16 bits: as espeak-ng writes them


class Track(msgspec.Struct, frozen=True):
    """What is said on one slide; times are milliseconds from the track's start."""

    slide: int | None  # its number; None: the closing remarks
    name: str
    sound: bytes  # WAV
    length_ms: int
    speech_ms: int
    steps_ms: tuple[int, ...]  # when each step of the slide is shown
    captions: tuple[Caption, ...]
    is_new: bool  # something in it had to be spoken


class Narration(msgspec.Struct, frozen=True):
    """All tracks in order, and the timing table with the measured lengths in it."""

    tracks: tuple[Track, ...]
    timing: Timing

    @property
    def length_ms(self) -> int:
        return sum(track.length_ms for track in self.tracks)

    def captions(self) -> tuple[Caption, ...]:
        """The captions of the whole, from its start."""
        found, start_ms = [], 0
        for track in self.tracks:
            found += [
                Caption(c.start_ms + start_ms, c.end_ms + start_ms, c.lines) for c in track.captions
            ]
            start_ms += track.length_ms
        return tuple(found)


class Voice:
    """espeak-ng with one language and pace; what it has said is kept under the text's hash."""

    def __init__(self, locale: Locale, pace_wpm: int, cache: Path) -> None:
        path = shutil.which("espeak-ng")
        if path is None:
            raise TalkError(
                "espeak-ng is missing, so nobody can speak the script",
                hint="install the package espeak-ng",
            )
        self.path, self.locale, self.language = path, locale, locale.tag
        # It counts words in every language, at the pace of English.
        usual = ENGLISH.pace / locale.pace if locale.by_characters else 1
        self.pace_wpm = round(pace_wpm * usual)
        self.cache = cache / "narration"
        self.version = self._run("--version").decode("utf-8", "replace").partition("Data at")[0]
        self.spoken = 0  # texts that were not kept

    def say(self, text: str) -> bytes:
        """The samples of one paragraph."""
        text = spoken_form(text, self.locale).replace("[[", "[ [")  # which would begin phonemes

        def speak() -> bytes:
            self.spoken += 1
            sound = self._run(
                *("-v", self.language, "-s", str(self.pace_wpm), "--stdin", "--stdout"), said=text
            )
            return wav(_samples(sound, text))

        key = "\0".join((self.version, self.language, str(self.pace_wpm), text))
        return _samples(kept(self.cache, "speech.wav", key, speak), text)

    def _run(self, *arguments: str, said: str = "") -> bytes:
        try:
            done = subprocess.run(
                [self.path, *arguments],
                input=said.encode(),
                capture_output=True,
                check=False,
                timeout=LIMIT_S,
            )
        except subprocess.TimeoutExpired:
            raise TalkError(
                f"espeak-ng did not finish within {LIMIT_S} seconds and was ended",
                hint=f"it was to say: {said[:60]}…",
            ) from None
        if done.returncode != 0:
            words = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
            raise TalkError(
                f"espeak-ng can't speak: {words or f'status {done.returncode}'}",
                hint="`language` in talk.toml is one of those in `espeak-ng --voices`",
            )
        return done.stdout


def narrate(talk: Talk, cache: Path, say: Callable[[str], None] = lambda _: None) -> Narration:
    """Speak the chosen cut and measure it; a paragraph that hasn't changed is not spoken again.

    Raises TalkError without espeak-ng, or if it doesn't know the talk's language.
    """
    timing = talk.timings[talk.cut]
    voice = Voice(talk.config.locale, timing.pace_wpm, cache)
    names = {slide.number: slide.name for slide in talk.main}
    tracks = []
    for text in talk.script.texts():
        if text.number and text.number not in names:
            continue
        number, name = text.number or None, names.get(text.number, "closing")
        track = _track(number, name, text.items, talk, voice)
        tracks.append(track)
        if track.is_new:
            label = f"slide {talk.places.shown(number)}" if number else "the closing remarks"
            say(f"spoken: {label}, {track.length_ms / 1000:.0f} s")
    return Narration(tuple(tracks), _measured(timing, tracks))


def _track(
    number: int | None, name: str, items: tuple[Item, ...], talk: Talk, voice: Voice
) -> Track:
    before = voice.spoken
    sound = bytearray(_silence(LEAD_MS))
    said: list[Moment] = []
    steps: list[int] = []
    for item in flat(items, talk.timings[talk.cut].choice):
        start_ms = _ms(sound)
        if isinstance(item, Speech) and item.bare:
            sound += voice.say(item.bare)
            said.append(Moment(item, number, start_ms, _ms(sound)))
            sound += _silence(GAP_MS)
        elif isinstance(item, Cue) and item.kind == "CLICK":
            steps.append(start_ms)
        elif isinstance(item, Cue) and item.kind == "PAUSE":
            sound += _silence(1000 * min(item.seconds, LONGEST_PAUSE_S))
    sound += _silence(TAIL_MS)
    return Track(
        number,
        name,
        wav(bytes(sound)),
        _ms(sound),
        sum(moment.end_ms - moment.start_ms for moment in said),
        tuple(steps),
        captions(tuple(said), talk.config.locale),
        voice.spoken > before,
    )


def _measured(timing: Timing, tracks: list[Track]) -> Timing:
    """The table's rows with the seconds that were measured in place of those computed."""
    measured = {track.slide: round(track.speech_ms / 1000) for track in tracks}
    rows = tuple(
        replace(row, speech_s=measured.get(row.number, row.speech_s)) if row.kind != "qa" else row
        for row in timing.rows
    )
    title = f"{timing.title}, as spoken by espeak-ng"
    return replace(timing, rows=rows, title=title)


# --- The deck that runs by itself ----------------------------------------------------------------


def build_narrated_deck(talk: Talk, narration: Narration, out: Path, cache: Path) -> Path:
    """Write the folder `out`/narrated: deck, sound, captions; returns its page."""
    folder = out / FOLDER
    deck = DeckMaker(cache).make(deck_input(talk, cache, for_speaker=False))
    positions = {slide.number: index for index, slide in enumerate(talk.main)}
    sounds = {_sound_file(track): track.sound for track in narration.tracks}
    tracks = [_track_data(track, positions) for track in narration.tracks]
    page = deck_page(deck, "narrated/deck.html.j2", media=True, tracks=tracks, captions=CAPTIONS)
    files = {
        **deck.files,
        **sounds,
        CAPTIONS: web_vtt(narration.captions()).encode(),
        "narrated.css": texts("narrated/narrated.css").encode(),
        "narrated.js": assets.script("narrated", talk.config.locale).encode(),
    }
    write_deck(replace(deck, files=files), page, folder)
    return folder / PAGE


def _sound_file(track: Track) -> str:
    return f"sound/{track.slide:02}-{track.name}.wav" if track.slide else "sound/closing.wav"


def _track_data(track: Track, positions: dict[int, int]) -> dict[str, object]:
    return {
        "slide": positions.get(track.slide or 0, len(positions) - 1),
        "file": _sound_file(track),
        "ms": track.length_ms,
        "steps": track.steps_ms,
        "captions": [[c.start_ms, c.end_ms, "\n".join(c.lines)] for c in track.captions],
    }


# --- Sound ----------------------------------------------------------------------------------------


def wav(samples: bytes) -> bytes:
    """A WAV file of 16-bit samples, one channel."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples)
    return made.getvalue()


def _samples(sound: bytes, text: str) -> bytes:
    try:
        with wave.open(io.BytesIO(sound), "rb") as read:
            if (read.getnchannels(), read.getsampwidth(), read.getframerate()) != (1, 2, RATE):
                raise TalkError("espeak-ng speaks in another format than expected")
            # Its header names no length where it writes into a pipe: what is there counts.
            samples = read.readframes(len(sound))
    except (wave.Error, EOFError) as error:
        raise TalkError(f"espeak-ng made no sound: {error}", hint=f"of: {text[:60]}") from None
    return samples[: len(samples) // 2 * 2]


def _silence(length_ms: int) -> bytes:
    return bytes(2 * (RATE * length_ms // 1000))


def _ms(samples: bytes | bytearray) -> int:
    return len(samples) * 1000 // (2 * RATE)
