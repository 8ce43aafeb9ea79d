"""The script fitted to a slot: which optional parts stay, which slots follow, what is too much.

Exact and repeatable: of all choices of optional parts the one that fills the slot most without
running over; of equal ones the one that keeps parts which other cuts keep too, then earlier ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from msgspec.structs import replace
from tomlkit.items import KeyType, SingleKey

from pipeline.config import Config, Cut
from pipeline.files import write_whole
from pipeline.lengths import clock
from pipeline.problems import Source, TalkError
from pipeline.script.cuts import cuts_of, full_cut
from pipeline.script.elements import Choice, Script, Section, divided, parts_of
from pipeline.script.timing import LEAST_FULL, MOST_FULL, load_of, shared
from pipeline.toml_file import read_toml


class PartLength(msgspec.Struct, frozen=True):
    """A part of the script and the time that it takes, which leaving it out gains."""

    name: str  # an optional part's name, or the cuts of an ONLY part
    kind: str  # "OPTIONAL" or "ONLY"
    slide: int
    text: str
    spoken_words: int
    seconds: int
    line: int | None


class Drop(msgspec.Struct, frozen=True):
    """Words that a slide has too many of."""

    label: str
    spoken_words: int
    of_words: int


class Fit(msgspec.Struct, frozen=True):
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
    counted: str = "words"

    @property
    def fits(self) -> bool:
        return not self.drops and not self.spare_words

    def explained(self) -> str:
        """What was chosen and why, as text."""
        lines = [f"A slot of {clock(self.slot_s)} at {self.pace_wpm} {self.counted} a minute:"]
        for verb, sign, parts in (
            ("keep", "costs", self.kept),
            ("leave out", "gains", self.dropped),
        ):
            for part in parts:
                only = "only for " if part.kind == "ONLY" else ""
                words = f": {part.text}" if part.text else ""
                lines.append(
                    f'  {verb} {only}"{part.name}" (slide {part.slide}, line {part.line}), '
                    f"{sign} {clock(part.seconds)}{words}"
                )
        percent = round(100 * self.needed_s / self.slot_s)
        lines.append(
            f"{self.counted.capitalize()} and cues take {clock(self.needed_s)}, "
            f"{percent}% of the slot."
        )
        if self.drops:
            total = sum(drop.spoken_words for drop in self.drops)
            lines.append(f"It does not fit. Drop {total} {self.counted}:")
            for drop in sorted(self.drops, key=lambda drop: -drop.spoken_words):
                lines.append(f"  slide {drop.label}: {drop.spoken_words} of {drop.of_words}")
        elif self.spare_words:
            too_little = "That is too little even with everything kept: about "
            too_little = "No choice of parts fills more: " if self.dropped else too_little
            lines.append(
                f"{too_little}{self.spare_words} {self.counted} more would fill {LEAST_FULL}%."
            )
        lines.append("Slots: " + ", ".join(f"{label} {clock(slot)}" for label, slot in self.slots))
        return "\n".join(lines) + "\n"


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
    cuts = cuts_of(config)
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
    full = full_cut(cuts, script.locale.words)
    order = (full, *(name for name in cuts if name != full))
    only = [p for s in script.slides() for p in parts_of(s.items) if p.kind == "ONLY"]
    seen: dict[tuple[bool, ...], str] = {}
    for name in order:
        seen.setdefault(tuple(name in part.cuts for part in only), name)
    return tuple(seen.values())


def _fit_like(script: Script, like: str, slot_s: int, pace: int, votes: Counter[str]) -> Fit:
    base = Choice(frozenset({like}), frozenset())
    parts, only = _parts(script, base, pace)
    sections = script.of_kind("slide")
    room = slot_s * pace - sum(_need(section, base, pace)[1] for section in sections)
    liked = sorted(parts, key=lambda part: -votes[part[0].name])
    taken = best_sum([units for _, units in liked], room) if room > 0 else frozenset()
    names = frozenset(liked[index][0].name for index in taken)
    choice = replace(base, keep=names)
    needs = [_need(section, choice, pace) for section in sections]
    needed = sum(units for _, units in needs)
    over = 100 * needed > MOST_FULL * slot_s * pace
    spare = LEAST_FULL * slot_s * pace - 100 * needed
    if any(section.on_slide for section in sections):  # notes needn't be all that is said
        spare = 0
    slots = shared(slot_s, _weights(script, needs, pace))
    return Fit(
        slot_s,
        pace,
        like,
        kept=tuple(part for part, _ in parts if part.name in names),
        dropped=tuple(part for part, _ in parts if part.name not in names) + only,
        needed_s=-(-needed // pace),
        slots=tuple((section.label, slot) for section, slot in zip(sections, slots, strict=True)),
        drops=_drops(sections, needs, slot_s * pace) if over else (),
        spare_words=-(-spare // 6000) if spare > 0 else 0,
        counted=script.locale.counted,
    )


def _weights(script: Script, needs: list[tuple[int, int]], pace: int) -> list[int]:
    """What the sections' slots follow: what each needs, or the time that a slide has of its own.

    Slides without a time count as the others do on average where on one of them nothing is said.
    """
    slots, sections = script.slide_slots, script.of_kind("slide")
    weights = [units for _, units in needs]
    timed, open_ = list[int](), list[int]()
    for at, section in enumerate(sections):
        own = [slots[number].middle_s * pace for number in section.numbers if number in slots]
        weights[at] = max(weights[at], *own, 0) if section.on_slide else weights[at]
        (open_ if section.on_slide and not own else timed).append(at)
    if any(not weights[at] for at in open_):
        average = sum(weights[at] for at in timed) // max(1, len(timed))
        for at in open_:
            weights[at] = max(average, pace)
    return weights


def _parts(
    script: Script, base: Choice, pace: int
) -> tuple[list[tuple[PartLength, int]], tuple[PartLength, ...]]:
    """The optional parts with what each needs, and the ONLY parts that this cut hasn't."""
    optional: list[tuple[PartLength, int]] = []
    only: list[PartLength] = []
    for slide in script.slides():
        for part in parts_of(slide.items):
            words, cue_s = load_of(part.items).under(replace(base, keep=None), False)
            units = _units(words, cue_s, pace)
            seconds = (2 * units + pace) // (2 * pace)
            name, line = part.name or ", ".join(part.cuts), part.source.line
            length = PartLength(name, part.kind, slide.number, part.text, words, seconds, line)
            if part.kind == "OPTIONAL":
                optional.append((length, units))
            elif not base.has(part):
                only.append(length)
    return optional, tuple(only)


def _units(words: int, cue_s: int, pace: int) -> int:
    """What words and cues need, in seconds times the pace: a whole number."""
    return words * 60 + cue_s * pace


def _need(section: Section, choice: Choice, pace: int) -> tuple[int, int]:
    """Words of a section, and what it needs in units."""
    loads = [load_of(slide.items).under(choice, False) for slide in divided(section)]
    words = sum(words for words, _ in loads)
    return words, _units(words, sum(cue_s for _, cue_s in loads), pace)


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
    sections: tuple[Section, ...], needs: list[tuple[int, int]], room: int
) -> tuple[Drop, ...]:
    """How many words must go, taken from the slides that are longest for their slot."""
    over = sum(units for _, units in needs) - room
    written = [section.slot.middle_s if section.slot else 1 for section in sections]
    # A slide's share of the new slot follows its heading's slot; what is above it may go.
    excess = [
        max(0, min(units - room * own // sum(written), words * 60))
        for (words, units), own in zip(needs, written, strict=True)
    ]
    if not sum(excess):
        excess = [words * 60 for words, _ in needs]
    whole = sum(excess) or 1
    return tuple(
        Drop(section.label, drop, words)
        for section, (words, _), part in zip(sections, needs, excess, strict=True)
        if (drop := -(-over * part // (whole * 60)))
    )


# --- A cut written to talk.toml -----------------------------------------------------------------


def save_cut(path: Path, name: str, fit: Fit) -> None:
    """Write [cuts.NAME] for `fit`: length, kept parts, slots. A title and comments stay.

    Raises TalkError for a name that no cut can have, or a fit that doesn't fit.
    """
    if not re.fullmatch(r"[A-Za-z][\w-]{0,40}", name):
        raise TalkError(f"`{name}` is no name for a cut", hint="letters, digits, - and _")
    if fit.drops:
        raise TalkError(
            f"nothing was saved: the script doesn't fit {clock(fit.slot_s)}",
            Source(path),
            "drop the words that are named first",
        )
    write_whole(path, with_cut(read_toml(path, "the talk's settings").text, name, fit))


def with_cut(text: str, name: str, fit: Fit) -> str:
    """The text of a talk.toml with the cut in it."""
    document: Any = tomlkit.parse(text)
    cuts = document.get("cuts")
    if cuts is None:
        cuts = document["cuts"] = tomlkit.table(is_super_table=True)
    if name not in cuts:
        fresh = tomlkit.table()
        fresh.add("title", name.replace("-", " ").capitalize())
        cuts[name] = fresh
    cut = cuts[name]
    cut["length"] = clock(fit.slot_s)
    keep = tomlkit.array()
    keep.extend(part.name for part in fit.kept)
    cut["keep"] = keep.multiline(len(fit.kept) > 4)
    if fit.like != name:
        cut["like"] = fit.like
    elif "like" in cut:
        del cut["like"]
    cut["slots"] = _slots(cut.get("slots"), fit)
    return tomlkit.dumps(document)


def _slots(old: Any, fit: Fit) -> Any:
    """A table of the new slots with the comments of the old one."""
    slots, body = tomlkit.table(), old.value.body if old is not None else []
    last = max((index for index, (key, _) in enumerate(body) if key is not None), default=-1)
    for key, item in body[: max(last, 0)]:
        if key is None:
            slots.add(item)
    for label, seconds in fit.slots:
        value = tomlkit.string(clock(seconds))
        if old is not None and label in old and old[label].trivia.comment:
            value.comment(old[label].trivia.comment)
        slots.add(SingleKey(label, KeyType.Basic), value)
    after = [item for key, item in body[last + 1 :] if key is None]
    for item in after or [tomlkit.nl()]:
        slots.add(item)
    return slots
