"""What was said in one rehearsal, sentence by sentence: its file, and what makes one unusable.

Kept as `rehearsals/voice/ID.json` beside the log's line with the same id, which knows nothing of
it. `at_s` and `start_s` are seconds from the rehearsal's start, as in the log. A sentence is known
by its slide and its words, so that a record still says what it can once the script has changed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from pipeline.files import read_bytes, write_whole
from pipeline.problems import Problem, Source, TalkError
from pipeline.rehearsal.record import Id, Name, Pace, Rehearsal, Seconds

FOLDER = "voice"  # below the log's
FORMAT = 1
MAX_BYTES = 4 * 1024 * 1024
MOST_TEXT, MOST_WORD = 2_000, 40  # signs of what was said beside the script, and of a word
MOST_UNHEARD = 8  # words that are named, of those that can't be heard

_PLAIN = r"^[^\x00-\x1f\x7f-\x9f]*$"  # a terminal shows it
Shown = Annotated[str, msgspec.Meta(max_length=100)]  # a slide's name; "": closing remarks
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Text = Annotated[str, msgspec.Meta(max_length=MOST_TEXT, pattern=_PLAIN)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_WORD, pattern=_PLAIN)]
Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{12}$")]
Status = Literal["said", "partly", "unclear", "skipped", "left_out", "unreached"]


class SentenceSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What became of one sentence of the cut. Times are those of its last time, if of several.

    `unclear`: there was time for it, and too little of it was recognised to tell. `left_out`: its
    optional part was skipped by key. `unreached`: the rehearsal ended before it, or began after.
    """

    slide: Shown
    key: Key
    status: Status
    words: Count  # the script's, counted as paces are
    heard: Share = 0.0  # of its words, in their order
    start_s: Seconds | None = None
    end_s: Seconds | None = None
    times: Count = 1  # it was said so often
    shown: Shown | None = None  # the slide on the screen, where it was another
    # > 0: said so long after its slide was left; < 0: begun so long before its slide was shown
    behind_s: Annotated[float, msgspec.Meta(ge=-86400, le=86400)] = 0.0


class Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something said that isn't in the script, as it was heard."""

    slide: Shown
    after: Key | None  # the sentence before; None: at the start
    at_s: Seconds
    seconds: Seconds
    text: Text
    is_instead: bool  # sentences of the script are missing there: these words may be theirs


class Filler(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word that fills a gap: um, you know."""

    slide: Shown
    at_s: Seconds
    word: Word


class Stretch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some seconds in which the clock ran, and the slide on which they began."""

    slide: Shown
    at_s: Seconds
    seconds: Seconds


class VoiceRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was heard of one rehearsal."""

    format: int
    id: Id  # the rehearsal's
    talk: Name
    script: Name  # version of the whole script
    cut: Name
    listened_s: Seconds  # the microphone was open and the clock ran
    speech_s: Seconds
    silence_s: Seconds  # pauses of PAUSE_S or more
    pace_wpm: Pace | None  # script words a minute of speech, where they were heard in one go
    recognised: Share | None  # of the words of sentences that were said; None: none was
    sure: Share | None  # mean confidence of the words heard
    longest: Stretch | None  # of speech without a pause
    sentences: Annotated[tuple[SentenceSaid, ...], msgspec.Meta(max_length=20_000)]
    extras: Annotated[tuple[Extra, ...], msgspec.Meta(max_length=500)]
    fillers: Annotated[tuple[Filler, ...], msgspec.Meta(max_length=5_000)]
    pauses: Annotated[tuple[Stretch, ...], msgspec.Meta(max_length=5_000)]
    # The clock ran and nobody listened: the microphone was closed, or the server was gone.
    deaf: Annotated[tuple[Stretch, ...], msgspec.Meta(max_length=5_000)] = ()
    # Words of the script that the recogniser doesn't know, and the first of them.
    unheard: Count = 0
    unheard_first: Annotated[tuple[Word, ...], msgspec.Meta(max_length=20)] = ()


class Voices(msgspec.Struct, frozen=True):
    """The voice records that can be used, by the id of their rehearsal; what is wrong elsewhere."""

    records: Mapping[str, VoiceRecord]
    findings: tuple[Problem, ...]


_DECODER = msgspec.json.Decoder(VoiceRecord)
_HINT = "delete the file: times and log stay as they are"


def sentence_key(text: str) -> str:
    """Twelve hexadecimal digits for a sentence, the same while its words stay."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def voice_path(log: Path, run: str) -> Path:
    """Where the voice of the rehearsal with the id `run` is kept, beside the log in `log`."""
    return log / FOLDER / f"{run}.json"


def keep_voice(record: VoiceRecord, log: Path) -> Path:
    """Write a record whole, in the place of one with the same id. Raises OSError if it can't."""
    path = voice_path(log, record.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(path, msgspec.json.encode(record) + b"\n")


def read_voice(path: Path, talk: str) -> VoiceRecord:
    """A file as the record of the rehearsal that it is named after, of the talk `talk`.

    Raises TalkError that says what is wrong with it.
    """
    raw, where = read_bytes(path, "the voice record", MAX_BYTES), Source(path)
    try:
        record = _DECODER.decode(raw)
    except msgspec.ValidationError as error:
        raise TalkError(f"no voice record: {error}", where, _HINT) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TalkError(f"no JSON: {error}", where, _HINT) from None
    except RecursionError:
        raise TalkError("no voice record: nested too deep", where, _HINT) from None
    if record.format != FORMAT:
        message = f"a voice record in format {record.format}, this program reads {FORMAT}"
        raise TalkError(message, where, "update the project")
    if record.id != path.stem:
        raise TalkError(f"the voice of another rehearsal: `{record.id}`", where, _HINT)
    if record.talk != talk:
        message = f"a voice record of another talk: `{record.talk[:60]}`, this one is `{talk}`"
        raise TalkError(message, where, _HINT)
    return record


def read_voices(log: Path, talk: str, runs: Iterable[Rehearsal]) -> Voices:
    """The voice records of these rehearsals; each that can't be used is a finding.

    Only files that are called as one of the rehearsals are opened.
    """
    records: dict[str, VoiceRecord] = {}
    findings: list[Problem] = []
    for run in runs:
        path = voice_path(log, run.id)
        if not os.path.lexists(path):
            continue
        try:
            record = read_voice(path, talk)
        except TalkError as error:
            findings.append(error.problem)
            continue
        if (record.cut, record.script) == (run.cut, run.script):
            records[run.id] = record
        else:
            message = "the voice of another script or cut than its rehearsal"
            findings.append(Problem(message, Source(path), _HINT))
    return Voices(records, tuple(findings))
