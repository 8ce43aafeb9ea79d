"""The script fitted to a slot: which optional parts stay, which slots follow, what is too much.

Exact and repeatable: of all choices of optional parts the one that fills the slot most without
running over; of equal ones the one that keeps parts which other cuts keep too, then earlier ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.config import Config, Cut
from pipeline.problems import TalkError
from pipeline.script.cuts import full_cut
from pipeline.script.elements import Choice, Part, Script, Section, divided, parts_of
from pipeline.script.lengths import clock
from pipeline.script.loads import load_of
from pipeline.script.timer import LEAST_FULL, MOST_FULL, shared


@dataclass(frozen=True, slots=True)
class PartLength:
    """A part of the script and the time that it takes, which leaving it out gains."""

    name: str  # an optional part's name, or the cuts of an ONLY part
    kind: str  # "OPTIONAL" or "ONLY"
    slide: int
    text: str
    spoken_words: int
    seconds: int
    line: int | None


@dataclass(frozen=True, slots=True)
class Drop:
    """Words that a slide has too many of."""

    label: str
    spoken_words: int
    of_words: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A cut that fills a slot, or what stands in its way."""

    slot_s: int
    pace_wpm: int
    like: str  # the cut whose ONLY parts it takes
    kept: tuple[PartLength, ...]
    dropped: tuple[PartLength, ...]
    needed_s: int
    slots: tuple[tuple[str, int], ...]  # section label -> seconds; adds up to slot_s
    drops: tuple[Drop, ...]  # () where it fits
    spare_words: int  # how many words are missing to fill the slot to 85%; 0 where it is full

    @property
    def fits(self) -> bool:
        return not self.drops and not self.spare_words

    def explained(self) -> str:
        """What was chosen and why, as text."""
        return _explained(self)


@dataclass(frozen=True, slots=True)
class _Load:
    """What a section or part needs, exactly: words and seconds, comparable in pace units."""

    spoken_words: int
    cue_s: int

    def units(self, pace_wpm: int) -> int:
        """Seconds times the pace: a whole number."""
        return self.spoken_words * 60 + self.cue_s * pace_wpm


def fit_to_slot(
    script: Script,
    config: Config,
    slot_s: int,
    pace_wpm: int | None = None,
    like: str = "",
    name: str = "",
) -> Fit:
    """The best cut for a slot of `slot_s` seconds (slides alone, without Q&A and closing).

    `like` fixes the cut whose ONLY parts are taken; without it each cut's are tried. `name` is the
    cut that the fit is for, whose present parts have no say. Raises TalkError for a slot that is
    too short to give each slide five seconds.
    """
    pace = pace_wpm or config.pace.words_per_minute
    cuts: Mapping[str, Cut] = config.cuts or {"full": Cut("")}
    sections = script.of_kind("slide")
    slides = sum(len(section.numbers) for section in sections)
    if not slides:
        raise TalkError("the script has no slides to fit", hint="add `## SLIDE 1: … [1 minute]`")
    if slot_s < 5 * slides:
        raise TalkError(
            f"{clock(slot_s)} for {slides} slides is under 5 seconds each", hint="--slot MINUTES"
        )
    if like and like not in cuts:
        raise TalkError(f"there is no cut `{like}`", hint="cuts: " + ", ".join(cuts))
    votes = Counter(kept for cut, its in cuts.items() if cut != name for kept in set(its.keep))
    fits = [_fit_like(script, cut, slot_s, pace, votes) for cut in _tried(script, cuts, like)]
    within = [fit for fit in fits if fit.needed_s <= slot_s]
    if within:
        return max(within, key=lambda fit: fit.needed_s)
    return min(fits, key=lambda fit: fit.needed_s)


def _tried(script: Script, cuts: Mapping[str, Cut], like: str) -> tuple[str, ...]:
    """The cuts worth trying: those whose ONLY parts differ, the full one first."""
    if like:
        return (like,)
    full = full_cut(cuts)
    order = (full, *(name for name in cuts if name != full))
    only = [p for s in script.slides() for p in parts_of(s.items) if p.kind == "ONLY"]
    seen: dict[tuple[bool, ...], str] = {}
    for name in order:
        seen.setdefault(tuple(name in part.cuts for part in only), name)
    return tuple(seen.values())


def _fit_like(script: Script, like: str, slot_s: int, pace: int, votes: Counter[str]) -> Fit:
    base = Choice(frozenset({like}), frozenset())
    parts, only = _parts(script, base, pace)
    bare = sum(_load(section, base).units(pace) for section in script.of_kind("slide"))
    room = slot_s * pace - bare
    liked = sorted(parts, key=lambda part: -votes[part[0].name])
    weights = [load.units(pace) for _, load in liked]
    taken = best_sum(weights, room) if room > 0 else frozenset()
    names = {liked[index][0].name for index in taken}
    kept = tuple(part for part, _ in parts if part.name in names)
    dropped = tuple(part for part, _ in parts if part.name not in names)
    choice = Choice(base.names, frozenset(part.name for part in kept))
    sections = script.of_kind("slide")
    needs = [_load(section, choice).units(pace) for section in sections]
    needed = sum(needs)
    over = 100 * needed > MOST_FULL * slot_s * pace
    spare = LEAST_FULL * slot_s * pace - 100 * needed
    slots = shared(slot_s, needs)
    return Fit(
        slot_s,
        pace,
        like,
        kept,
        dropped + only,
        -(-needed // pace),
        tuple((section.label, slot) for section, slot in zip(sections, slots, strict=True)),
        _drops(sections, choice, slot_s, pace) if over else (),
        -(-spare // 6000) if spare > 0 else 0,
    )


def _parts(
    script: Script, base: Choice, pace: int
) -> tuple[list[tuple[PartLength, _Load]], tuple[PartLength, ...]]:
    """The optional parts with what each needs, and the ONLY parts that this cut hasn't."""
    optional: list[tuple[PartLength, _Load]] = []
    only: list[PartLength] = []
    everything = Choice(base.names, None)
    for slide in script.slides():
        for part in parts_of(slide.items):
            if part.kind == "OPTIONAL":
                words, cue_s = load_of(part.items).under(everything, False)
                load = _Load(words, cue_s)
                optional.append((_length(part, slide.number, load, pace), load))
            elif not base.has(part):
                words, cue_s = load_of(part.items).under(everything, False)
                only.append(_length(part, slide.number, _Load(words, cue_s), pace))
    return optional, tuple(only)


def _length(part: Part, slide: int, load: _Load, pace: int) -> PartLength:
    seconds = (2 * load.units(pace) + pace) // (2 * pace)
    name = part.name or ", ".join(part.cuts)
    line = part.source.line
    return PartLength(name, part.kind, slide, part.text, load.spoken_words, seconds, line)


def _load(section: Section, choice: Choice) -> _Load:
    sums = [load_of(slide.items).under(choice, False) for slide in divided(section)]
    return _Load(sum(words for words, _ in sums), sum(cue_s for _, cue_s in sums))


def best_sum(weights: list[int], room: int) -> frozenset[int]:
    """Indices whose weights add up to the most that is at most `room`; earlier ones preferred.

    Subset sum, exact: bit n of `reach[i]` says that weights i and later can make n.
    """
    within = (1 << (room + 1)) - 1
    reach = [1] * (len(weights) + 1)
    for index in range(len(weights) - 1, -1, -1):
        reach[index] = (reach[index + 1] | reach[index + 1] << weights[index]) & within
    left, taken = reach[0].bit_length() - 1, set()
    for index, weight in enumerate(weights):
        if weight <= left and reach[index + 1] >> (left - weight) & 1:
            taken.add(index)
            left -= weight
    return frozenset(taken)


def _drops(
    sections: tuple[Section, ...], choice: Choice, slot_s: int, pace: int
) -> tuple[Drop, ...]:
    """How many words must go, taken from the slides that are longest for their slot."""
    loads = [_load(section, choice) for section in sections]
    over = sum(load.units(pace) for load in loads) - slot_s * pace
    written = [section.slot.middle_s if section.slot else 1 for section in sections]
    whole = sum(written)
    # A slide's share of the new slot follows its heading's slot; what is above it may go.
    excess = [
        max(0, min(load.units(pace) - slot_s * pace * own // whole, load.spoken_words * 60))
        for load, own in zip(loads, written, strict=True)
    ]
    if not sum(excess):
        excess = [load.spoken_words * 60 for load in loads]
    whole_excess = sum(excess) or 1
    return tuple(
        Drop(section.label, words, load.spoken_words)
        for section, load, part in zip(sections, loads, excess, strict=True)
        if (words := -(-over * part // (whole_excess * 60)))
    )


def _explained(fit: Fit) -> str:
    lines = [f"A slot of {clock(fit.slot_s)} at {fit.pace_wpm} words a minute:"]
    for verb, parts in (("keep", fit.kept), ("leave out", fit.dropped)):
        for part in parts:
            only = "only for " if part.kind == "ONLY" else ""
            words = f": {part.text}" if part.text else ""
            sign = "costs" if verb == "keep" else "gains"
            lines.append(
                f'  {verb} {only}"{part.name}" (slide {part.slide}, line {part.line}), '
                f"{sign} {clock(part.seconds)}{words}"
            )
    percent = round(100 * fit.needed_s / fit.slot_s)
    lines.append(f"Words and cues take {clock(fit.needed_s)}, {percent}% of the slot.")
    if fit.drops:
        total = sum(drop.spoken_words for drop in fit.drops)
        lines.append(f"It does not fit. Drop {total} words:")
        for drop in sorted(fit.drops, key=lambda drop: -drop.spoken_words):
            lines.append(f"  slide {drop.label}: {drop.spoken_words} of {drop.of_words}")
    elif fit.spare_words:
        lines.append(
            f"That is too little even with everything kept: about {fit.spare_words} words more "
            f"would fill {LEAST_FULL}%."
            if not fit.dropped
            else f"No choice of parts fills more: {fit.spare_words} words more would fill "
            f"{LEAST_FULL}%."
        )
    lines.append("Slots: " + ", ".join(f"{label} {clock(slot)}" for label, slot in fit.slots))
    return "\n".join(lines) + "\n"
