"""One rehearsal as the page records it and the log keeps it: types, and what makes one unusable.

Times are seconds by a clock that nobody sets; only `started` is by the one on the wall. `at_s`
counts from the start of the rehearsal with all pauses in it; `seconds` of a visit are without them.
Structs, not dataclasses: they refuse unknown fields.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from pipeline.problems import TalkError

FORMAT = 1
MAX_BYTES = 256 * 1024  # of one record
DAY_S = 24 * 3600
SLACK_S = 2.0  # browsers round

Seconds = Annotated[float, msgspec.Meta(ge=0, le=DAY_S)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Pace = Annotated[float, msgspec.Meta(ge=1, le=2000)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{8,64}$")]


class Visit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stay on one slide; a slide may be visited several times."""

    slide: Name
    at_s: Seconds
    seconds: Seconds


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clock was stopped, as for a question."""

    slide: Name
    at_s: Seconds
    seconds: Seconds


class Skip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An optional part that was left out."""

    slide: Name
    part: Name
    gain_s: Seconds


class Rehearsal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rehearsal."""

    format: int
    id: Id
    talk: Name
    script: Name  # version of the whole script
    cut: Name
    started: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
    pace_wpm: Pace  # of the teleprompter
    spoken_wpm: Pace | None  # words of the slides that were left, by the time spent on them
    slides: Annotated[dict[Name, Name], msgspec.Meta(max_length=2000)]  # name -> script version
    visits: Annotated[tuple[Visit, ...], msgspec.Meta(min_length=1, max_length=5000)]
    pauses: Annotated[tuple[Pause, ...], msgspec.Meta(max_length=5000)]
    skips: Annotated[tuple[Skip, ...], msgspec.Meta(max_length=2000)]
    total_s: Seconds  # of the talk: without pauses and Q&A
    q_and_a_s: Seconds


class _Format(msgspec.Struct):
    """What tells whether the rest can be read at all."""

    format: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


_FORMAT = msgspec.json.Decoder(_Format)
_DECODER = msgspec.json.Decoder(Rehearsal)


def read_record(line: bytes, talk: str) -> Rehearsal:
    """One line of JSON as a record of the talk `talk`.

    Raises TalkError (without a place) that says what is wrong with it.
    """
    if len(line) > MAX_BYTES:
        raise TalkError(
            f"a rehearsal of more than {MAX_BYTES // 1024} kB", hint="no rehearsal is that long"
        )
    try:
        number = _FORMAT.decode(line).format
        if number != FORMAT:
            raise TalkError(
                f"a rehearsal in format {number}, this program reads {FORMAT}",
                hint="update the project",
            )
        record = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        raise TalkError(
            f"no rehearsal: {error}", hint="import what the rehearsal page downloads"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        cut_off = "truncated" in str(error)
        raise TalkError(
            "the record is cut off in the middle" if cut_off else f"no JSON: {error}",
            hint="it can't be mended: delete the line, or download the rehearsal again",
        ) from None
    except RecursionError:
        raise TalkError("no rehearsal: nested too deep") from None
    if wrong := _contradiction(record, talk):
        raise wrong
    return record


def _contradiction(record: Rehearsal, talk: str) -> TalkError | None:
    if record.talk != talk:
        return TalkError(
            f"a rehearsal of another talk: `{record.talk[:60]}`, this one is `{talk}`",
            hint="import it with --talk DIR of its own talk",
        )
    try:
        datetime.fromisoformat(record.started)
    except ValueError:
        return TalkError(f"`{record.started}` is no date", hint="such as 2026-01-31T09:30:00Z")
    for stays in (record.visits, record.pauses):
        if backwards := _backwards(stays):
            return backwards
    spent_s = sum(visit.seconds for visit in record.visits)
    if abs(spent_s - record.total_s) > SLACK_S + 0.1 * len(record.visits):
        return TalkError(
            f"the slides took {spent_s:.0f} s together, the talk {record.total_s:.0f} s",
            hint="the record was changed by hand, or by a broken clock",
        )
    return None


def _backwards(stays: tuple[Visit, ...] | tuple[Pause, ...]) -> TalkError | None:
    end_s = 0.0
    for stay in stays:
        if stay.at_s < end_s - SLACK_S:
            return TalkError(
                f"times run backwards: {stay.slide} begins at {stay.at_s:.0f} s, "
                f"what comes before it ends at {end_s:.0f} s",
                hint="the record was changed by hand, or by a broken clock",
            )
        end_s = max(end_s, stay.at_s + stay.seconds)
    return None
