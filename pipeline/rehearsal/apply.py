"""A report -> new slots or another pace in talk.toml: a diff, written when it is confirmed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomlkit
from tomlkit.items import KeyType, SingleKey

from pipeline.config import Config
from pipeline.files import read_text, write_whole
from pipeline.lengths import LONGEST_S, clock
from pipeline.problems import Source, TalkError
from pipeline.rehearsal.report import LEAST_PACE_WPM, LEAST_RUNS, Report, SlideRow
from pipeline.rehearsal.slots import Wanted, slots_near
from pipeline.script.cuts import slot_keys
from pipeline.script.elements import Section
from pipeline.script.timing import ROUND_S, Row, slots_filled, speech_s
from pipeline.talk import Talk
from pipeline.toml_file import read_toml

What = Literal["slots", "pace", "both"]
SETTINGS = "the talk's settings"


class Proposal(msgspec.Struct, frozen=True):
    """What would change: `before` and `after` are the whole text of talk.toml."""

    path: Path
    before: str
    after: str
    notes: tuple[str, ...]  # why, in sentences

    @property
    def diff(self) -> str:
        """A unified diff; empty if there is nothing to change."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            f"a/{self.path.name}",
            f"b/{self.path.name}",
        )
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def propose(report: Report, talk: Talk, what: What = "both") -> Proposal:
    """New slots of the cut from the medians, or the pace learned, or both. Writes nothing.

    The slots together still make the cut's length, and each is one that its slide's words fill at
    the pace: `check` takes them. What of that can't be is among the notes. Raises TalkError for too
    few runs.
    """
    path = talk.config.path
    before = read_toml(path, SETTINGS).text
    document: Any = tomlkit.parse(before)
    notes: list[str] = []
    if what in ("pace", "both"):
        notes += _set_pace(document, report, talk.config)
    if what in ("slots", "both"):
        notes += _set_slots(document, report, talk, _pace_wpm(document, talk.config))
    return Proposal(path, before, tomlkit.dumps(document), tuple(notes))


def write_proposal(proposal: Proposal) -> None:
    """Write what was proposed. Raises TalkError if talk.toml was changed in the meantime."""
    if read_text(proposal.path, SETTINGS) != proposal.before:
        raise TalkError(
            "talk.toml was changed in the meantime: nothing was written",
            Source(proposal.path),
            "run the command again",
        )
    write_whole(proposal.path, proposal.after)


def _set_pace(document: Any, report: Report, config: Config) -> list[str]:
    own = report.own_pace_wpm
    if own is None:
        return ["pace: no run was long enough to tell it"]
    if abs(own - report.pace_wpm) < LEAST_PACE_WPM:
        return [f"pace: {own} {config.locale.counted} a minute, as planned"]
    locale = config.locale
    counted, most = locale.counted, 600 if locale.by_characters else 300
    own = max(60, min(most, own))
    if "pace" not in document:
        document["pace"] = tomlkit.table()
    document["pace"][f"{counted}_per_minute"] = own
    notes = [f"pace: you speak {own} {counted} a minute, planned were {report.pace_wpm}"]
    if not config.pace.lowest <= own <= config.pace.highest:
        notes.append(
            f"pace: {own} is outside of {config.pace.lowest}-{config.pace.highest}, "
            "which [pace] and the script state"
        )
    return notes


def _pace_wpm(document: Any, config: Config) -> int:
    """As it would be then: what fills a slot goes by it."""
    pace = document.get("pace", {}).get(f"{config.locale.counted}_per_minute")
    return int(pace or config.pace.words_per_minute)


def _set_slots(document: Any, report: Report, talk: Talk, pace_wpm: int) -> list[str]:
    if all(row.runs < LEAST_RUNS for row in report.slides):
        raise TalkError(
            f"slots need {LEAST_RUNS} rehearsals of the cut {report.cut}, "
            f"there is {len(report.runs)}",
            hint="rehearse again, or apply the pace alone",
        )
    if report.cut not in document.get("cuts", {}):
        raise TalkError(
            f"talk.toml has no [cuts.{report.cut}] to change",
            Source(talk.config.path),
            f'add [cuts.{report.cut}] with length = "{clock(_length_s(report))}"',
        )
    wanted, notes = _fitted(report, talk, pace_wpm)
    planned = {row.number: row.slot_s for row in report.slides}
    cut = document["cuts"][report.cut]
    slots, is_new = cut.get("slots"), False
    for label, numbers in _labels(talk, slots or {}):
        old_s, new_s = (sum(times.get(n, 0) for n in numbers) for times in (planned, wanted))
        if new_s == old_s:
            continue
        if slots is None:
            is_new = True
            slots = cut["slots"] = tomlkit.table()
        _set_slot(slots, label, numbers, wanted)
        notes.append(f"slide {label}: {clock(old_s)} -> {clock(new_s)}")
    if is_new:
        slots.add(tomlkit.nl())
    return notes


def _length_s(report: Report) -> int:
    """What is planned, or what the rehearsals took where nothing is."""
    return report.planned_s or round(report.total_s or 60)


def _set_slot(slots: Any, label: str, numbers: tuple[int, ...], wanted: dict[int, int]) -> None:
    """One slot for a joined section, unless the cut gives each of its slides one already."""
    if len(numbers) > 1 and all(str(number) in slots for number in numbers):
        for number in numbers:
            slots[str(number)] = clock(wanted[number])
        return
    time = clock(sum(wanted[number] for number in numbers))
    if label in slots:
        slots[label] = time
    else:
        slots.add(SingleKey(label, KeyType.Basic), time)


def _labels(talk: Talk, slots: Any) -> list[tuple[str, tuple[int, ...]]]:
    """How each section is called: as the cut's slots do it, or else as its heading does."""
    known = {slide.number for slide in talk.slides}

    def label(section: Section) -> str:
        keys = slot_keys(section, talk.places)
        return next((key for key in keys if key in slots), section.label)

    return [
        (label(section), section.numbers)
        for section in talk.script.of_kind("slide")
        if known.issuperset(section.numbers)
    ]


def _wanted_s(row: SlideRow) -> float:
    """The median, but for a slot that fits the middle half of the runs, or too few runs."""
    if row.median_s is None or row.low_s is None or row.high_s is None or row.runs < LEAST_RUNS:
        return row.slot_s
    return row.slot_s if row.low_s <= row.slot_s <= row.high_s else row.median_s


def _fitted(report: Report, talk: Talk, pace_wpm: int) -> tuple[dict[int, int], list[str]]:
    """Slots near the medians that the words fill, and that together make the cut's length."""
    rows = {row.number: row for row in talk.timings[report.cut].slides}
    wanted = []
    for slide in report.slides:
        least_s, most_s = _filled(rows.get(slide.number), pace_wpm)
        wanted.append(Wanted(slide.slot_s, _wanted_s(slide), least_s, most_s))
    total_s = round(sum(one.time_s for one in wanted))
    low_s, high_s = report.planned_s or 0, report.planned_s or LONGEST_S
    if report.length:
        low_s, high_s = report.length.low_s, report.length.high_s
    slots = slots_near(wanted, low_s, high_s)
    notes = []
    if not low_s <= total_s <= high_s:
        notes.append(
            f"slots: the medians add up to {clock(total_s)}, the cut is "
            f"{report.length or clock(report.planned_s)}: these make {clock(sum(slots))}"
        )
    if not low_s <= sum(slots) <= high_s:
        notes.append(
            "slots: none that the words fill make that length, and `check` will say so: "
            "give the cut another one, or change the script"
        )
    numbers = [slide.number for slide in report.slides]
    notes += _unfilled(report.slides, wanted, talk.config.locale.counted)
    return dict(zip(numbers, slots, strict=True)), notes


def _filled(row: Row | None, pace_wpm: int) -> tuple[int, int]:
    """The shortest and the longest slot that a slide's words and cues fill at that pace."""
    if row is None:  # nothing is known of it
        return 1, LONGEST_S
    return slots_filled(speech_s(row.spoken_words, pace_wpm) + row.cue_s, row.on_slide)


def _unfilled(slides: Iterable[SlideRow], wanted: Iterable[Wanted], counted: str) -> Iterator[str]:
    """The slides whose time no slot may be: their words would run over it, or leave it empty."""
    for slide, one in zip(slides, wanted, strict=True):
        took = f"slide {slide.shown}: you took {clock(round(one.time_s))}, and its {counted}"
        if one.time_s < one.least_s - ROUND_S:
            yield f"{took} need {clock(one.least_s)}: say less there, or drop some"
        elif one.time_s > one.most_s + ROUND_S:
            yield f"{took} fill {clock(one.most_s)} at most: write down what you add, or let it go"
