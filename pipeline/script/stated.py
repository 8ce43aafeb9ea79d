"""What a script says of its own length: header, footer and tips, against what is computed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from pipeline.lengths import Length, clock, find_lengths
from pipeline.locale.words import Words
from pipeline.problems import Problem, Source
from pipeline.script.elements import Choice, Cue, Field, Script, SlideText, flat
from pipeline.script.plan import Plan

ABOUT_S = 60  # how far a rounded figure may lie from the computed one
EXACT_S = 5

_SLIDE = re.compile(r"\bslide ([0-9]{1,4})\b", re.IGNORECASE)
_PACE = re.compile(
    r"([0-9]{2,3})\s*+(?:[-–—]\s*+([0-9]{2,3}))?\s*+(?:words (?:per|a) minute|wpm)", re.I
)
_WORDS = re.compile(r"[A-Za-z]{4,}")
_UP_TO = re.compile(r"[+;,)]")


class Checkpoint(msgspec.Struct, frozen=True):
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

    def contradiction(self, plan: Plan) -> Iterator[Problem]:
        """What the slots say against it."""
        if self.slide not in plan.starts_s:
            message = f"the checkpoint names slide {self.slide}, which the script has not"
            yield Problem(message, self.source)
            return
        start_s = plan.starts_s[self.slide]
        if not _within(start_s, self.stated):
            of = f" of the cut {self.cut}" if self.cut else ""
            yield Problem(
                f"the checkpoint{of} at slide {self.slide} is {self.stated}, "
                f"by the slots it starts at {clock(start_s)}",
                self.source,
                f"write `~{round(start_s / 60)} min mark`",
            )


class StatedLength(msgspec.Struct, frozen=True):
    """A length that the script states of itself."""

    what: str  # "talk", "qa", "session" or a slide's number
    name: str  # how a message calls it
    length: Length
    cut: str | None  # the cut it speaks of; None: the script as written
    source: Source
    demo_s: int = 0  # of its slide: a figure may mean the demo instead of the slot

    def contradiction(self, plan: Plan) -> Iterator[Problem]:
        """What the slots say against it."""
        text, agrees = "", True
        if self.what == "talk":
            text = f"the slots of the slides add up to {clock(plan.talk_s)}"
            agrees = _within(plan.talk_s, self.length, 30)
        elif self.what == "qa" and plan.qa:
            text = f"the slot of the Q&A is {plan.qa}"
            agrees = _same(self.length, plan.qa)
        elif self.what == "session" and plan.session:
            text = f"slides, Q&A and closing remarks add up to {plan.session}"
            agrees = _same(self.length, plan.session)
        elif self.what.isdigit() and (slot_s := plan.slots_s.get(int(self.what))) is not None:
            text = f"the slot of slide {self.what} is {clock(slot_s)}"
            agrees = _within(slot_s, self.length) or (
                self.demo_s > 0 and _within(self.demo_s, self.length)
            )
        if not agrees:
            yield Problem(
                f"{self.name} is {self.length}, {text}", self.source, "change one of them"
            )

    def differs(self, other: StatedLength) -> bool:
        """Whether both can't be right."""
        one, two = self.length, other.length
        return one.high_s < two.low_s or two.high_s < one.low_s


class StatedPace(msgspec.Struct, frozen=True):
    """Words a minute that the script states."""

    name: str
    low_wpm: int
    high_wpm: int
    source: Source

    def __str__(self) -> str:
        return f"{self.low_wpm}-{self.high_wpm}"


class Stated(msgspec.Struct, frozen=True):
    """Everything that the script states of its own time and pace."""

    lengths: tuple[StatedLength, ...]
    checkpoints: tuple[Checkpoint, ...]
    paces: tuple[StatedPace, ...]

    def contradictions(self, cut: str, written: Plan, planned: Plan) -> Iterator[Problem]:
        """What differs from the slots, or from something else that is stated.

        What names no cut is held against the script as it is written.
        """
        for stated in self.lengths:
            if stated.cut in (None, cut):
                yield from stated.contradiction(written if stated.cut is None else planned)
        firsts: dict[tuple[str, str | None], StatedLength] = {}
        for stated in self.lengths:
            first = firsts.setdefault((stated.what, stated.cut), stated)
            if stated.differs(first):
                yield Problem(
                    f"{stated.name} is {stated.length}, {first.name} (line {first.source.line}) "
                    f"is {first.length}",
                    stated.source,
                    "state one length",
                )
        for point in self.checkpoints:
            if point.cut in (None, cut):
                yield from point.contradiction(written if point.cut is None else planned)

    def pace_contradictions(
        self, pace_wpm: int, pace_range: tuple[int, int] | None
    ) -> Iterator[Problem]:
        """Stated paces that the pace at hand is not in, or that differ from each other."""
        for pace in self.paces:
            name = f"{pace.name} is {pace} words a minute,"
            if not pace.low_wpm <= pace_wpm <= pace.high_wpm:
                hint = "--wpm, or [pace] in talk.toml"
                yield Problem(f"{name} the table's pace is {pace_wpm}", pace.source, hint)
            elif pace_range and (pace.low_wpm, pace.high_wpm) != pace_range:
                message = f"{name} talk.toml says {pace_range[0]}-{pace_range[1]}"
                yield Problem(message, pace.source, "change one of them")
            if str(first := self.paces[0]) != str(pace):
                message = f"{name} {first.name} (line {first.source.line}) is {first}"
                yield Problem(message, pace.source, "state one pace")


def read_stated(script: Script, cuts: Mapping[str, object]) -> Stated:
    """Read header, footer and tips. `cuts` are the names that a length may be said of."""
    lengths: list[StatedLength] = []
    checkpoints: list[Checkpoint] = []
    paces: list[StatedPace] = []
    slides, words = script.slides(), script.locale.words
    for section in script.sections:
        for note in section.notes:
            if not isinstance(note, Field):
                continue
            if section.kind == "tips":
                checkpoints += _checkpoints(note, cuts)
            elif section.kind in ("header", "footer"):
                lengths += _lengths(note, section.kind, cuts, slides, words)
            if section.kind in ("header", "tips") and (found := _PACE.search(note.value)):
                low, high = int(found[1]), int(found[2] or found[1])
                name = "the header's pace" if section.kind == "header" else "the tip's pace"
                paces.append(StatedPace(name, low, high, note.source))
    return Stated(tuple(lengths), tuple(checkpoints), tuple(paces))


def _lengths(
    note: Field,
    kind: str,
    cuts: Mapping[str, object],
    slides: tuple[SlideText, ...],
    words: Words,
) -> Iterator[StatedLength]:
    key, value = words.field(note.key), words.length(note.value)
    if "q&a" in key:
        what = "qa"
    elif "session" in key:
        what = "session"
    elif any(word in key for word in ("duration", "speaking", "talk time", "length")):
        what = "talk"
    else:
        return
    before = 0
    for start, end, length in find_lengths(value):
        lead, rest = value[before:start], _UP_TO.split(value[end : end + 80])[0]
        cut = _named_cut(f"{lead} {rest}", cuts)
        if "q&a" in rest.lower() and what != "qa":
            yield StatedLength("qa", f"the {kind}'s Q&A", length, cut, note.source)
        elif before == 0 or (cut and "(" not in lead):
            of = f" of the cut {cut}" if cut else ""
            yield StatedLength(what, f"the {kind}'s `{note.key}`{of}", length, cut, note.source)
        elif slide := _meant(rest, slides):
            name = f"the {kind}'s `{' '.join(rest.split())}`"
            demo_s = sum(cue.seconds for cue in _cues(slide, "DEMO"))
            yield StatedLength(str(slide.number), name, length, cut, note.source, demo_s)
        before = end


def _named_cut(text: str, cuts: Mapping[str, object]) -> str | None:
    words = re.findall(r"[\w-]+", text.lower())
    return next((name for name in cuts if name.lower() in words), None)


def _cues(slide: SlideText, kind: str) -> Iterator[Cue]:
    """Its cues of a kind, but for those that only some cuts have."""
    items = flat(slide.items, Choice(frozenset()))
    return (item for item in items if isinstance(item, Cue) and item.kind == kind)


def _meant(words: str, slides: tuple[SlideText, ...]) -> SlideText | None:
    """The slide that some words mean: by its title, or else by what its cues show."""
    wanted = _stems(words)
    if not wanted:
        return None
    by_title = (slide for slide in slides if wanted <= _stems(slide.title))
    shown = (
        slide
        for slide in slides
        if wanted <= _stems(" ".join(cue.text for cue in _cues(slide, "SHOW")))
    )
    return next(by_title, None) or next(shown, None)


def _stems(text: str) -> set[str]:
    return {word.lower().removesuffix("s") for word in _WORDS.findall(text)}


def _checkpoints(note: Field, cuts: Mapping[str, object]) -> Iterator[Checkpoint]:
    pieces = list(_SLIDE.finditer(note.value))
    for index, found in enumerate(pieces):
        end = pieces[index + 1].start() if index + 1 < len(pieces) else len(note.value)
        text, before = note.value[found.end() : end], 0
        for start, stop, length in find_lengths(text):
            cut = _named_cut(text[before:start], cuts)
            yield Checkpoint(int(found[1]), length, cut, note.source)
            before = stop


def _within(seconds: int, stated: Length, about_s: int = ABOUT_S) -> bool:
    near_s = about_s if stated.about or stated.low_s % 60 == 0 else EXACT_S
    if stated.low_s != stated.high_s:
        near_s = min(near_s, 30)
    return stated.low_s - near_s <= seconds <= stated.high_s + near_s


def _same(stated: Length, computed: Length) -> bool:
    low_s, high_s = abs(stated.low_s - computed.low_s), abs(stated.high_s - computed.high_s)
    return low_s <= ABOUT_S and high_s <= ABOUT_S
