"""What a script says of its own length: header, footer and tips, against what is computed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.problems import Problem, Source
from pipeline.script.elements import Choice, Cue, Field, Script, SlideText, flat
from pipeline.script.lengths import Length, clock, find_lengths

ABOUT_S = 60  # how far a rounded figure may lie from the computed one
EXACT_S = 5

_SLIDE = re.compile(r"\bslide ([0-9]{1,4})\b", re.IGNORECASE)
_PACE = re.compile(
    r"([0-9]{2,3})\s*(?:[-–—]\s*([0-9]{2,3}))?\s*(?:words (?:per|a) minute|wpm)", re.I
)
_WORDS = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tip such as "check time at slide 10 (should be ~20 min mark)"."""

    slide: int
    stated: Length
    cut: str | None  # the cut it speaks of; None: the script as written
    source: Source
    computed_s: int = 0
    is_of_cut: bool = True  # whether the stated time is meant for the cut at hand

    @property
    def agrees(self) -> bool:
        return _within(self.computed_s, self.stated)


@dataclass(frozen=True, slots=True)
class Claim:
    """A length that the script states of itself."""

    what: str  # "talk", "qa", "session" or a slide's number
    name: str  # how a message calls it
    length: Length
    cut: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class Planned:
    """What the slots add up to."""

    talk_s: int
    qa: Length | None
    closing: Length | None
    starts_s: dict[int, int]
    slots_s: dict[int, int]


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything that the script states of its own time and pace."""

    lengths: tuple[Claim, ...]
    checkpoints: tuple[Checkpoint, ...]
    paces: tuple[tuple[str, int, int, Source], ...]  # name, lowest, highest, where
    demo_s: dict[int, int] = field(default_factory=dict)  # slide -> seconds of its demo cues

    def contradictions(self, cut: str, written: Planned, planned: Planned) -> list[Problem]:
        """Claims that differ from the slots, or from each other.

        A claim that names no cut is held against the script as it is written.
        """
        found: list[Problem] = []
        for claim in self.lengths:
            if claim.cut in (None, cut):
                found += self._against_slots(claim, written if claim.cut is None else planned)
        for index, claim in enumerate(self.lengths):
            found += [
                Problem(
                    f"{claim.name} is {claim.length}, {first.name} (line {first.source.line}) "
                    f"is {first.length}",
                    claim.source,
                    "state one length",
                )
                for first in self.lengths[:index]
                if first.what == claim.what and first.cut == claim.cut and _apart(first, claim)
            ]
        for point in self.checkpoints:
            if point.cut in (None, cut):
                starts = written.starts_s if point.cut is None else planned.starts_s
                found += _against_start(point, starts)
        return found

    def _against_slots(self, claim: Claim, plan: Planned) -> Iterator[Problem]:
        text, agrees = "", True
        if claim.what == "talk":
            text = f"the slots of the slides add up to {clock(plan.talk_s)}"
            agrees = _within(plan.talk_s, claim.length, 30)
        elif claim.what == "qa" and plan.qa:
            text = f"the slot of the Q&A is {plan.qa}"
            agrees = _same(claim.length, plan.qa)
        elif claim.what == "session" and plan.qa:
            most_s = plan.talk_s + plan.qa.high_s + (plan.closing.high_s if plan.closing else 0)
            session = Length(plan.talk_s + plan.qa.low_s, most_s)
            text = f"slides, Q&A and closing remarks add up to {session}"
            agrees = _same(claim.length, session)
        elif claim.what.isdigit() and int(claim.what) in plan.slots_s:
            slide = int(claim.what)
            text = f"the slot of slide {slide} is {clock(plan.slots_s[slide])}"
            stated = claim.length
            agrees = _within(plan.slots_s[slide], stated) or (
                slide in self.demo_s and _within(self.demo_s[slide], stated)
            )
        if not agrees:
            yield Problem(
                f"{claim.name} is {claim.length}, {text}", claim.source, "change one of them"
            )

    def pace_contradictions(
        self, pace_wpm: int, pace_range: tuple[int, int] | None
    ) -> list[Problem]:
        """Stated paces that the pace at hand is not in, or that differ from each other."""
        found: list[Problem] = []
        for index, (name, low, high, source) in enumerate(self.paces):
            if not low <= pace_wpm <= high:
                message = f"{name} is {low}-{high} words a minute, the table's pace is {pace_wpm}"
                found.append(Problem(message, source, "--wpm, or [pace] in talk.toml"))
            elif pace_range and (low, high) != pace_range:
                message = f"{name} is {low}-{high} words a minute, talk.toml says "
                message += f"{pace_range[0]}-{pace_range[1]}"
                found.append(Problem(message, source, "change one of them"))
            for first, first_low, first_high, where in self.paces[:index]:
                if (first_low, first_high) != (low, high):
                    message = f"{name} is {low}-{high} words a minute, {first} "
                    message += f"(line {where.line}) is {first_low}-{first_high}"
                    found.append(Problem(message, source, "state one pace"))
        return found


def read_claims(script: Script, cuts: Mapping[str, object]) -> Claims:
    """Read header, footer and tips. `cuts` are the names that a length may be said of."""
    lengths: list[Claim] = []
    checkpoints: list[Checkpoint] = []
    paces = []
    slides = script.slides()
    for section in script.sections:
        for note in section.notes:
            if not isinstance(note, Field):
                continue
            if section.kind == "tips":
                checkpoints += _checkpoints(note, cuts)
            elif section.kind in ("header", "footer"):
                lengths += _claims(note, section.kind, cuts, slides)
            if section.kind in ("header", "tips") and (found := _PACE.search(note.value)):
                low, high = int(found[1]), int(found[2] or found[1])
                name = "the header's pace" if section.kind == "header" else "the tip's pace"
                paces.append((name, low, high, note.source))
    demo_s = {slide.number: _demo_s(slide) for slide in slides}
    return Claims(
        tuple(lengths), tuple(checkpoints), tuple(paces), {n: s for n, s in demo_s.items() if s}
    )


def _demo_s(slide: SlideText) -> int:
    items = flat(slide.items, Choice(frozenset()))
    return sum(i.seconds for i in items if isinstance(i, Cue) and i.kind == "DEMO")


def _claims(
    note: Field, kind: str, cuts: Mapping[str, object], slides: tuple[SlideText, ...]
) -> Iterator[Claim]:
    key = note.key.lower()
    if "q&a" in key:
        what = "qa"
    elif "session" in key:
        what = "session"
    elif any(word in key for word in ("duration", "speaking", "talk time", "length")):
        what = "talk"
    else:
        return
    before = 0
    for start, end, length in find_lengths(note.value):
        lead, rest = note.value[before:start], re.split(r"[+;,)]", note.value[end:])[0]
        cut = _named_cut(f"{lead} {rest}", cuts)
        name = f"the {kind}'s `{note.key}`"
        if "q&a" in rest.lower() and what != "qa":
            yield Claim("qa", f"the {kind}'s Q&A", length, cut, note.source)
        elif before == 0 or (cut and "(" not in lead):
            of = f" of the cut {cut}" if cut else ""
            yield Claim(what, name + of, length, cut, note.source)
        elif slide := _meant(rest, slides):
            said = " ".join(rest.split())
            yield Claim(str(slide), f"the {kind}'s `{said}`", length, cut, note.source)
        before = end


def _named_cut(text: str, cuts: Mapping[str, object]) -> str | None:
    words = re.findall(r"[\w-]+", text.lower())
    return next((name for name in cuts if name.lower() in words), None)


def _meant(words: str, slides: tuple[SlideText, ...]) -> int | None:
    """The slide that some words mean: by its title, or else by what its cues show."""
    wanted = {_stem(word) for word in _WORDS.findall(words)}
    if not wanted:
        return None
    shown = Choice(frozenset())
    for texts in (
        {slide.number: slide.title for slide in slides},
        {
            slide.number: " ".join(
                item.text
                for item in flat(slide.items, shown)
                if isinstance(item, Cue) and item.kind == "SHOW"
            )
            for slide in slides
        },
    ):
        for number, text in texts.items():
            if wanted <= {_stem(word) for word in _WORDS.findall(text)}:
                return number
    return None


def _stem(word: str) -> str:
    return word.lower().removesuffix("s")


def _checkpoints(note: Field, cuts: Mapping[str, object]) -> Iterator[Checkpoint]:
    pieces = list(_SLIDE.finditer(note.value))
    for index, found in enumerate(pieces):
        end = pieces[index + 1].start() if index + 1 < len(pieces) else len(note.value)
        text, before = note.value[found.end() : end], 0
        for start, stop, length in find_lengths(text):
            cut = _named_cut(text[before:start], cuts)
            yield Checkpoint(int(found[1]), length, cut, note.source)
            before = stop


def _against_start(point: Checkpoint, starts_s: dict[int, int]) -> Iterator[Problem]:
    if point.slide not in starts_s:
        yield Problem(
            f"the checkpoint names slide {point.slide}, which the script has not", point.source
        )
        return
    start_s = starts_s[point.slide]
    if not _within(start_s, point.stated):
        of = f" of the cut {point.cut}" if point.cut else ""
        yield Problem(
            f"the checkpoint{of} at slide {point.slide} is {point.stated}, "
            f"by the slots it starts at {clock(start_s)}",
            point.source,
            f"write `~{round(start_s / 60)} min mark`",
        )


def _within(seconds: int, stated: Length, about_s: int = ABOUT_S) -> bool:
    near_s = about_s if stated.about or stated.low_s % 60 == 0 else EXACT_S
    if stated.low_s != stated.high_s:
        near_s = min(near_s, 30)
    return stated.low_s - near_s <= seconds <= stated.high_s + near_s


def _same(stated: Length, computed: Length) -> bool:
    low_s, high_s = abs(stated.low_s - computed.low_s), abs(stated.high_s - computed.high_s)
    return low_s <= ABOUT_S and high_s <= ABOUT_S


def _apart(one: Claim, other: Claim) -> bool:
    return one.length.high_s < other.length.low_s or other.length.high_s < one.length.low_s
