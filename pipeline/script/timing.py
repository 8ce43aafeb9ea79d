"""How long the script takes: for each slide and each cut its slot, words, cues and slack.

All times are integer seconds. Speech is words as spoken divided by the pace; starts come from the
slots, as the speaker plans them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec
from msgspec.structs import replace

from pipeline.config import Config, Cut
from pipeline.lengths import LONGEST_S, Length, clock, parse_length
from pipeline.problems import Problem, Source, TalkError
from pipeline.script.cuts import (
    choice_of,
    cuts_of,
    full_cut,
    setting,
    slot_keys,
    slot_keys_of_each,
    unknown_names,
)
from pipeline.script.elements import (
    Aside,
    Choice,
    Cue,
    Item,
    Part,
    Script,
    Section,
    Speech,
    divided,
)
from pipeline.script.plan import Plan, with_plan
from pipeline.script.stated import Checkpoint, Stated, read_stated

LEAST_FULL, MOST_FULL = 85, 105  # percent of its slot that a slide's words and cues must fill
ROUND_S = 5  # slots that the tool makes are multiples of this


# --- What there is to say and do ----------------------------------------------------------------


class Load(msgspec.Struct, frozen=True):
    """Words and seconds of some items; those of their parts apart, since cuts differ in them."""

    spoken_words: int
    cue_s: int
    if_time_s: int  # of cues that only the full cut has time for
    parts: tuple[tuple[Part, Load], ...]

    def under(self, choice: Choice, is_full: bool) -> tuple[int, int]:
        """Words and cue seconds in a cut."""
        words = self.spoken_words
        cue_s = self.cue_s + (self.if_time_s if is_full else 0)
        for part, load in self.parts:
            if choice.has(part):
                more_words, more_s = load.under(choice, is_full)
                words, cue_s = words + more_words, cue_s + more_s
        return words, cue_s


def load_of(items: Iterable[Item]) -> Load:
    """Count some items."""
    words = cue_s = if_time_s = 0
    parts = []
    for item in items:
        if isinstance(item, Speech):
            words += item.spoken_words
        elif isinstance(item, Cue) and item.if_time:
            if_time_s += item.seconds
        elif isinstance(item, Cue):
            cue_s += item.seconds
        elif isinstance(item, Part):
            parts.append((item, load_of(item.items)))
    return Load(words, cue_s, if_time_s, tuple(parts))


class SlideLoad(msgspec.Struct, frozen=True):
    """A slide (Q&A, closing: number 0) with its load."""

    number: int
    source: Source
    load: Load


def _loads(script: Script) -> Iterable[tuple[Section, tuple[SlideLoad, ...]]]:
    """The loads of all slides, then those of Q&A and closing remarks."""
    for section in script.of_kind("slide"):
        slides = divided(section)
        yield section, tuple(SlideLoad(s.number, s.source, load_of(s.items)) for s in slides)
    for section in (*script.of_kind("qa"), *script.of_kind("closing")):
        answers = (item for question in section.questions for item in question.answer)
        yield section, (SlideLoad(0, section.source, load_of((*section.items, *answers))),)


# --- The times of a cut -------------------------------------------------------------------------


class Totals(msgspec.Struct, frozen=True):
    """Words and seconds of several slides together."""

    spoken_words: int
    speech_s: int
    cue_s: int

    @property
    def needed_s(self) -> int:
        return self.speech_s + self.cue_s


def speech_s(words: int, pace_wpm: int) -> int:
    """Seconds that `words` take, rounded half up."""
    return (words * 120 + pace_wpm) // (2 * pace_wpm)


def slots_filled(needed_s: int, on_slide: bool) -> tuple[int, int]:
    """The shortest and the longest slot, in seconds, that so much fills as it should: `Row.fits`.

    What is said of notes on a slide may be less than its slot.
    """
    least_s = -(-100 * needed_s // MOST_FULL)
    return max(1, least_s), LONGEST_S if on_slide else max(1, 100 * needed_s // LEAST_FULL)


class Row(msgspec.Struct, frozen=True):
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
    source: Source
    on_slide: bool = False  # what is said are its notes, which may be less than its slot

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
    def pace_needed_wpm(self) -> int | None:
        """None where cues alone fill the slot, or nothing is said."""
        for_speech_s = self.slot_s - self.cue_s
        if not self.spoken_words or for_speech_s <= 0:
            return None
        return round(self.spoken_words * 60 / for_speech_s)

    @property
    def fits(self) -> bool:
        if self.slot is None or self.kind == "qa":
            return True
        least = 0 if self.on_slide else self.slot.low_s * LEAST_FULL
        return least <= 100 * self.needed_s <= self.slot.high_s * MOST_FULL


class Timing(msgspec.Struct, frozen=True):
    """The times of one cut. The talk is its slides; Q&A and closing remarks follow it."""

    cut: str
    title: str
    pace_wpm: int
    choice: Choice  # which parts it has
    is_full: bool  # whether IF TIME PERMITS is granted
    length: Length | None  # what talk.toml says of the cut
    rows: tuple[Row, ...]
    with_options: Totals  # all optional parts said
    without_options: Totals  # none of them
    checkpoints: tuple[Checkpoint, ...]
    findings: tuple[Problem, ...]
    counted: str = "words"  # or "characters": what `spoken_words` and `pace_wpm` count

    @property
    def slides(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.kind == "slide")

    @property
    def is_planned(self) -> bool:
        """Whether any slide has a slot; the words of notes alone are no plan."""
        return any(row.slot or not row.on_slide for row in self.slides)

    @property
    def planned_s(self) -> int:
        return sum(row.slot_s for row in self.slides)

    @property
    def totals(self) -> Totals:
        return _total(self.slides)


def _total(rows: Iterable[Row]) -> Totals:
    rows = tuple(rows)
    return Totals(
        sum(row.spoken_words for row in rows),
        sum(row.speech_s for row in rows),
        sum(row.cue_s for row in rows),
    )


def timings(script: Script, config: Config) -> dict[str, Timing]:
    """Each cut of talk.toml by name, in its order; one cut "full" for a talk without cuts."""
    return timed(script, config)[1]


def timed(script: Script, config: Config) -> tuple[Script, dict[str, Timing]]:
    """The script with the lengths that it names of its plan, and the timing of each cut.

    Raises TalkError for a length that the plan has not.
    """
    timer = _Timer(script, config)
    return timer.script, {name: timer.timing(name) for name in timer.cuts}


def all_findings(times: Mapping[str, Timing]) -> tuple[Problem, ...]:
    """What is wrong in any cut, each thing once, in order."""
    return tuple(dict.fromkeys(f for timing in times.values() for f in timing.findings))


class _Timer:
    """A script and all that its cuts are timed by."""

    def __init__(self, script: Script, config: Config) -> None:
        self.config, self.cuts = config, cuts_of(config)
        self.pace_wpm, self.full = (
            config.pace.words_per_minute,
            full_cut(self.cuts, config.locale.words),
        )
        self.script, self.places = script, script.places
        self.counted = config.locale.counted
        self.loads = tuple(_loads(script))
        self.problems: dict[str, list[Problem]] = {name: [] for name in self.cuts}
        self.rows = {name: self._rows(name, cut) for name, cut in self.cuts.items()}
        self.written = _plan(self._rows(self.full, Cut("")))
        self.plans = {name: _plan(rows) for name, rows in self.rows.items()}
        self.script = with_plan(script, self.written, self.plans)
        self.stated = read_stated(self.script, self.cuts)

    def timing(self, name: str) -> Timing:
        cut, rows, plan = self.cuts[name], self.rows[name], self.plans[name]
        pace_range = (self.config.pace.lowest, self.config.pace.highest)
        is_full, choice = name == self.full, self._choice(name, cut)
        length = self._length(name, ("length",), cut.length) if cut.length else None
        found = [*self.problems[name], *unknown_names(self.script, name, self.config)]
        found += self._length_findings(name, length, [row for row in rows if row.kind == "slide"])
        found += self.stated.contradictions(name, self.written, plan)
        found += self.stated.pace_contradictions(self.pace_wpm, pace_range)
        found += [self._fill_finding(row, name) for row in rows if not row.fits]
        found += _untimed(rows)
        return Timing(
            name,
            cut.title or name,
            self.pace_wpm,
            choice,
            is_full,
            length,
            rows,
            self._totals(replace(choice, keep=None), is_full),
            self._totals(replace(choice, keep=frozenset()), is_full),
            _checkpoints(self.stated, name, self.full, plan),
            tuple(replace(finding, concerns="time") for finding in found),
            self.counted,
        )

    def _choice(self, name: str, cut: Cut) -> Choice:
        return choice_of(name, cut, name == self.full)

    def _speech_s(self, words: int) -> int:
        return speech_s(words, self.pace_wpm)

    def _totals(self, choice: Choice, is_full: bool) -> Totals:
        sums = [
            slide.load.under(choice, is_full)
            for section, slides in self.loads
            if section.kind == "slide"
            for slide in slides
        ]
        speech_s = sum(self._speech_s(words) for words, _ in sums)
        return Totals(sum(words for words, _ in sums), speech_s, sum(cue_s for _, cue_s in sums))

    def _rows(self, name: str, cut: Cut) -> tuple[Row, ...]:
        is_full, choice = name == self.full, self._choice(name, cut)
        bare, start_s = replace(choice, keep=frozenset()), 0
        rows: list[Row] = []
        loads = [[s.load.under(choice, is_full) for s in slides] for _, slides in self.loads]
        needs = [[self._speech_s(words) + cue_s for words, cue_s in of] for of in loads]
        slots = self._all_slots(needs, name, cut)
        for at, (section, slides) in enumerate(self.loads):
            of_section = zip(slides, loads[at], slots[at], needs[at], strict=True)
            for slide, (words, cue_s), slot, needed_s in of_section:
                bare_words, bare_cue_s = slide.load.under(bare, is_full)
                row = Row(
                    kind=section.kind,
                    label=self.places.shown(slide.number) if slide.number else section.label,
                    number=slide.number or None,
                    title=section.title,
                    start_s=start_s,
                    slot_s=slot.middle_s if slot else needed_s,
                    slot=slot,
                    spoken_words=words,
                    speech_s=self._speech_s(words),
                    cue_s=cue_s,
                    optional_s=needed_s - self._speech_s(bare_words) - bare_cue_s,
                    source=slide.source,
                    on_slide=section.on_slide,
                )
                rows.append(row)
                start_s += row.slot_s
        return tuple(rows)

    def _all_slots(self, needs: list[list[int]], name: str, cut: Cut) -> list[list[Length | None]]:
        """The slots of all sections; slides without any share what the cut's length leaves them.

        By what is said on each; evenly where on one of them nothing is.
        """
        sections = [section for section, _ in self.loads]
        slots = [self._slots(s, n, name, cut) for s, n in zip(sections, needs, strict=True)]
        length = self._length(name, ("length",), cut.length) if cut.length else None
        open_ = [at for at, s in enumerate(sections) if s.on_slide and slots[at] == [None]]
        slides = [slot for s, of in zip(sections, slots, strict=True) if s.numbers for slot in of]
        rest_s = length.middle_s - sum(slot.middle_s for slot in slides if slot) if length else 0
        if open_ and rest_s >= len(open_):
            said = [needs[at][0] for at in open_]
            shares = shared(rest_s, said if all(said) else [1] * len(said))
            for at, slot_s in zip(open_, shares, strict=True):
                slots[at] = [Length(slot_s, slot_s)]
        return slots

    def _slots(
        self, section: Section, needs: list[int], name: str, cut: Cut
    ) -> list[Length | None]:
        """A section's slot, divided between its slides by what each needs."""

        def other(label: str) -> Length | None:
            if label not in cut.slots:
                return None
            return self._length(name, ("slots", label), cut.slots[label])

        if cut.slots and len(section.numbers) > 1:
            each = slot_keys_of_each(section, self.places)
            own = [next(filter(None, map(other, keys)), None) for keys in each]
            if all(own):
                return own
        found = map(other, slot_keys(section, self.places) if cut.slots else ())
        slot = next(filter(None, found), None) or section.slot
        if slot is None:
            return [self.script.slide_slots.get(number) for number in section.numbers or (0,)]
        if len(needs) == 1:
            return [slot]
        lows, highs = shared(slot.low_s, needs), shared(slot.high_s, needs)
        return [Length(low, max(low, high)) for low, high in zip(lows, highs, strict=True)]

    def _length(self, name: str, keys: tuple[str, ...], text: str) -> Length | None:
        try:
            return parse_length(text, self.config.locale.words)
        except TalkError as error:
            keys = ("cuts", name, *keys)
            message = f"{'.'.join(keys)}: {error.message}"
            wrong = Problem(message, setting(self.config, *keys), error.hint)
            if wrong not in self.problems[name]:
                self.problems[name].append(wrong)
            return None

    def _length_findings(
        self, name: str, length: Length | None, slides: list[Row]
    ) -> Iterable[Problem]:
        """Whether the slots of the slides, and what fills them, make the cut's length."""
        planned_s, all_ = sum(row.slot_s for row in slides), _total(slides)
        slots = f"the slots of its slides add up to {clock(planned_s)}"
        where, is_file = "change the slots in the headings", self.script.is_read_out
        where = where if is_file else "change `time:` on the slides"
        if length and not length.low_s <= planned_s <= length.high_s:
            yield Problem(
                f"cut {name}: its length is {length}, {slots}",
                setting(self.config, "cuts", name, "length"),
                f"{where}, or [cuts.NAME.slots]",
                "error" if is_file else "warning",  # times of slides alone are a rough plan
            )
        least = 0 if any(row.on_slide for row in slides) else LEAST_FULL * planned_s
        if slides and not least <= 100 * all_.needed_s <= MOST_FULL * planned_s:
            yield Problem(
                f"cut {name}: {all_.spoken_words} {self.counted} at {self.pace_wpm} a minute and "
                f"{clock(all_.cue_s)} of cues take {clock(all_.needed_s)}, {slots}",
                Source(self.script.path) if is_file else setting(self.config, "cuts", name),
                "the table shows which slides are too short or too long",
            )

    def _fill_finding(self, row: Row, cut: str) -> Problem:
        name = f"slide {self.places.label(row.number)}" if row.number else row.label
        words = round(row.slack_s * self.pace_wpm / 60)
        change = f"{'add' if words > 0 else 'drop'} about {abs(words)} {self.counted}"
        if not row.spoken_words and row.number in self._with_asides:
            change = "what begins with > is an aside and isn't said: take the > away"
        right = f"{LEAST_FULL}% to {MOST_FULL}% is right: {change}, or change the slot"
        if row.on_slide:
            right = f"at most {MOST_FULL}% is right: {change}, or give the slide more `time:`"
        said = f"{row.spoken_words} {self.counted} ({clock(row.speech_s)})"
        return Problem(
            f"cut {cut}: {name} fills {row.full_percent}% of its slot {row.slot}: "
            f"{said} and {clock(row.cue_s)} of cues",
            row.source,
            right,
        )

    @cached_property
    def _with_asides(self) -> frozenset[int]:
        """The slides that something is noted beside."""
        return frozenset(
            slide.number
            for slide in self.script.slides()
            if any(isinstance(item, Aside) for item in slide.items)
        )


def _untimed(rows: Iterable[Row]) -> Iterable[Problem]:
    """Slides that the plan counts as nothing, where others have their time."""
    of_slides = [row for row in rows if row.kind == "slide" and row.on_slide]
    if any(row.slot for row in of_slides):
        for row in of_slides:
            if row.slot is None and not row.needed_s:
                message = f"slide {row.label} has no time, and counts as 0:00"
                yield Problem(message, row.source, "add `time: 1m` to the slide", "warning")


def _plan(rows: tuple[Row, ...]) -> Plan:
    slots = {row.kind: row.slot for row in reversed(rows)}
    slides = [(row.number, row) for row in rows if row.number is not None]
    return Plan(
        sum(row.slot_s for _, row in slides),
        slots.get("qa"),
        slots.get("closing"),
        {number: row.start_s for number, row in slides},
        {number: row.slot_s for number, row in slides},
    )


def _checkpoints(stated: Stated, cut: str, full: str, plan: Plan) -> tuple[Checkpoint, ...]:
    """The tips' checkpoints for one cut; one that names the cut stands for the general one."""
    own = {point.slide for point in stated.checkpoints if point.cut == cut}
    return tuple(
        replace(point, computed_s=plan.starts_s[point.slide], is_of_cut=(point.cut or full) == cut)
        for point in stated.checkpoints
        if point.slide in plan.starts_s
        and point.cut in (None, cut)
        and (point.cut == cut or point.slide not in own)
    )


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
