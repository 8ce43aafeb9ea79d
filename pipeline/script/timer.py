"""The rows of the timing table: slot, words, speech and cues of each slide in one cut."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Cut
from pipeline.problems import Problem, Source, TalkError
from pipeline.script.cuts import choice_of, setting
from pipeline.script.elements import Choice, Script, Section
from pipeline.script.lengths import Length, clock, parse_length
from pipeline.script.loads import Loads, SlideLoad

LEAST_FULL, MOST_FULL = 85, 105  # percent of its slot that a slide's words and cues must fill
ROUND_S = 5  # slots that the tool makes are multiples of this


@dataclass(frozen=True, slots=True)
class Totals:
    """Words and seconds of several slides together."""

    spoken_words: int
    speech_s: int
    cue_s: int

    @property
    def needed_s(self) -> int:
        return self.speech_s + self.cue_s


@dataclass(frozen=True, slots=True)
class Row:
    """One slide (or Q&A, or the closing remarks) in one cut."""

    kind: str  # "slide", "qa" or "closing"
    label: str  # "14", "Q&A", "closing"
    number: int | None
    title: str
    start_s: int
    slot_s: int
    slot: Length | None  # the share of a joined slot; None where the heading has none
    spoken_words: int
    speech_s: int
    cue_s: int
    optional_s: int  # of it in optional parts
    pace_needed_wpm: int | None  # None where cues alone fill the slot, or nothing is said
    source: Source

    @property
    def needed_s(self) -> int:
        return self.speech_s + self.cue_s

    @property
    def slack_s(self) -> int:
        return self.slot_s - self.needed_s

    @property
    def full_percent(self) -> int:
        return round(100 * self.needed_s / self.slot_s) if self.slot_s else 0

    @property
    def fits(self) -> bool:
        if self.slot is None or self.kind == "qa":
            return True
        least, most = self.slot.low_s * LEAST_FULL, self.slot.high_s * MOST_FULL
        return least <= 100 * self.needed_s <= most


def total_of(rows: Iterable[Row]) -> Totals:
    """The sums of some rows."""
    rows = tuple(rows)
    return Totals(
        sum(row.spoken_words for row in rows),
        sum(row.speech_s for row in rows),
        sum(row.cue_s for row in rows),
    )


def speech_seconds(words: int, pace_wpm: int) -> int:
    """Seconds that `words` take, rounded half up."""
    return (words * 120 + pace_wpm) // (2 * pace_wpm)


class Timer:
    """The rows of one cut, and what is wrong with its settings."""

    def __init__(
        self,
        script: Script,
        loads: Loads,
        name: str,
        cut: Cut,
        pace_wpm: int,
        is_full: bool,
        settings: Path | None,
    ) -> None:
        self.script, self.loads, self.name, self.cut, self.pace_wpm = (
            script,
            loads,
            name,
            cut,
            pace_wpm,
        )
        self.is_full, self.settings = is_full, settings
        self.choice = choice_of(name, cut, is_full)
        self.findings: list[Problem] = []
        self.length = self._length(("cuts", name, "length"), cut.length) if cut.length else None

    def rows(self) -> tuple[Row, ...]:
        rows: list[Row] = []
        start_s = 0
        for section, slides in self.loads:
            for row in self._section(section, slides, start_s):
                rows.append(row)
                start_s = row.start_s + row.slot_s
        return tuple(rows)

    def totals(self, choice: Choice) -> Totals:
        sums = [
            slide.load.under(choice, self.is_full)
            for section, slides in self.loads
            if section.kind == "slide"
            for slide in slides
        ]
        words, cue_s = sum(w for w, _ in sums), sum(c for _, c in sums)
        speech_s = sum(speech_seconds(w, self.pace_wpm) for w, _ in sums)
        return Totals(words, speech_s, cue_s)

    def length_findings(self, rows: tuple[Row, ...]) -> list[Problem]:
        """Whether the slots of the slides, and what fills them, make the cut's length."""
        slides = [row for row in rows if row.kind == "slide"]
        slot_s, found = sum(row.slot_s for row in slides), []
        if self.length and not self.length.low_s <= slot_s <= self.length.high_s:
            found.append(
                Problem(
                    f"cut {self.name}: its length is {self.length}, "
                    f"the slots of its slides add up to {clock(slot_s)}",
                    setting(self.settings, ("cuts", self.name, "length")),
                    "change the slots in the headings, or [cuts.NAME.slots]",
                )
            )
        all_ = total_of(slides)
        if slides and not LEAST_FULL * slot_s <= 100 * all_.needed_s <= MOST_FULL * slot_s:
            found.append(
                Problem(
                    f"cut {self.name}: {all_.spoken_words} words at {self.pace_wpm} a minute and "
                    f"{clock(all_.cue_s)} of cues take {clock(all_.needed_s)}, "
                    f"the slots of its slides add up to {clock(slot_s)}",
                    Source(self.script.path),
                    "the table shows which slides are too short or too long",
                )
            )
        return found

    def _section(self, section: Section, slides: tuple[SlideLoad, ...], start_s: int) -> list[Row]:
        bare = replace(self.choice, keep=frozenset())
        measured = [slide.load.under(self.choice, self.is_full) for slide in slides]
        unkept = [slide.load.under(bare, self.is_full) for slide in slides]
        needed = [speech_seconds(words, self.pace_wpm) + cue_s for words, cue_s in measured]
        rows = []
        for slide, (words, cue_s), (bare_words, bare_cue_s), slot, needed_s in zip(
            slides, measured, unkept, self._slots(section, needed), needed, strict=True
        ):
            speech_s = speech_seconds(words, self.pace_wpm)
            slot_s = slot.middle_s if slot else needed_s
            for_speech_s = slot_s - cue_s
            rows.append(
                Row(
                    section.kind,
                    str(slide.number) if slide.number else section.label,
                    slide.number or None,
                    section.title,
                    start_s,
                    slot_s,
                    slot,
                    words,
                    speech_s,
                    cue_s,
                    needed_s - speech_seconds(bare_words, self.pace_wpm) - bare_cue_s,
                    round(words * 60 / for_speech_s) if words and for_speech_s > 0 else None,
                    slide.source,
                )
            )
            start_s += slot_s
        return rows

    def _slots(self, section: Section, needed: list[int]) -> list[Length | None]:
        """A section's slot, divided between its slides by what each needs."""
        own = [self._override(str(number)) for number in section.numbers]
        if len(own) > 1 and all(own):
            return list(own)
        slot = own[0] if len(own) == 1 and own[0] else None
        slot = self._override(section.label) or slot or section.slot
        if slot is None or len(needed) == 1:
            return [slot] * len(needed)
        lows = shared(slot.low_s, needed)
        highs = shared(slot.high_s, needed)
        return [Length(low, max(low, high)) for low, high in zip(lows, highs, strict=True)]

    def _override(self, label: str) -> Length | None:
        if label not in self.cut.slots:
            return None
        return self._length(("cuts", self.name, "slots", label), self.cut.slots[label])

    def _length(self, keys: tuple[str, ...], text: str) -> Length | None:
        try:
            return parse_length(text)
        except TalkError as error:
            wrong = Problem(
                f"{'.'.join(keys)}: {error.message}", setting(self.settings, keys), error.hint
            )
            if wrong not in self.findings:
                self.findings.append(wrong)
            return None


def shared(total_s: int, weights: list[int], step_s: int = ROUND_S) -> list[int]:
    """`total_s` divided by weight into multiples of `step_s`, at least one step each.

    Step by step to the one that is fullest, so that none is much over its share; what is no whole
    step goes to the longest. Where there is no step for each, in equal seconds.
    """
    steps, rest_s = divmod(total_s, step_s)
    if steps < len(weights):
        even, more = divmod(total_s, len(weights))
        return [even + (index < more) for index in range(len(weights))]
    spread = weights if any(weights) else [1] * len(weights)
    times = [step_s] * len(weights)
    # A quarter of a step: over by 5% is worse than under by 10%.
    queue = [(-weight / (times[0] + step_s / 4), index) for index, weight in enumerate(spread)]
    heapq.heapify(queue)
    for _ in range(steps - len(weights)):
        index = queue[0][1]
        times[index] += step_s
        heapq.heapreplace(queue, (-spread[index] / (times[index] + step_s / 4), index))
    times[times.index(max(times))] += rest_s
    return times
