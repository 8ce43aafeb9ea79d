"""What slides say themselves of the script, in their own files: `::: notes` and `time:`.

A slide without a section in the script's file gets one: of its notes, or an empty one that only
has its time. What comes after (timing, pages, checks, the proof) knows one kind of section.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from pipeline.lengths import Length, parse_length
from pipeline.locale.words import Words
from pipeline.numbers.fill import CLOSE, MARK, OPEN, Mark, Numbers
from pipeline.problems import Problem, Source, TalkError
from pipeline.script.elements import Script, Section
from pipeline.script.parse import NO_SLOT, parse_notes


class OnSlide(msgspec.Struct, frozen=True):
    """What one slide's file says of its script: its notes and its time, as they are written."""

    number: int
    title: str
    source: Source
    notes: str = ""
    notes_source: Source | None = None  # the line of their first line
    time: str = ""
    time_source: Source | None = None
    has_slot: bool = True  # False: it is no part of the plan, such as a back-up slide
    label: str = ""  # where its number isn't what pages print

    @property
    def called(self) -> str:
        """How messages call it."""
        return f"slide {self.label or self.number}"


def with_slides(script: Script, slides: Sequence[OnSlide], numbers: Numbers) -> Script:
    """The script with a section for each slide that the file has none for.

    Raises TalkError for a value in the notes that can't be put in.
    """
    in_file = {n: section for section in script.sections for n in section.numbers}
    slots, problems = _slots(slides, in_file, numbers.locale.words)
    made: list[Section] = []
    marks, written = script.marks, list(script.written)
    for slide in slides:
        if slide.notes.strip():
            written.append((slide.notes, slide.notes_source or slide.source))
        if section := in_file.get(slide.number):
            problems += _said_twice(slide, section)
        elif slide.notes.strip():
            noted, wrong, marks = _of_notes(slide, numbers, marks)
            made.append(noted)
            problems += wrong
        elif slide.has_slot:
            made.append(_head(slide))
    kept = (p for p in script.problems if not _is_timed(p, script, slots))
    return replace(
        script,
        sections=_in_order(script.sections, made),
        problems=(*kept, *problems),
        marks=marks,
        slide_slots=slots,
        written=tuple(written),
    )


def _slots(
    slides: Iterable[OnSlide], in_file: Mapping[int, Section], words: Words
) -> tuple[dict[int, Length], list[Problem]]:
    """The slides' own times, and what is wrong with them; a heading's slot goes first."""
    slots: dict[int, Length] = {}
    problems: list[Problem] = []
    for slide in slides:
        where = slide.time_source or slide.source
        if not slide.time:
            continue
        try:
            slots[slide.number] = parse_length(slide.time, words)
        except TalkError as error:
            message = f"`time` of {slide.called}: {error.message}"
            problems.append(Problem(message, where, error.hint, concerns="time"))
            continue
        section = in_file.get(slide.number)
        is_alone = section and section.slot and len(section.numbers) == 1
        if section and is_alone and section.slot != slots[slide.number]:
            message = (
                f"{slide.called} has two times: `time: {slide.time}` here, "
                f"[{section.slot_text}] in {section.source}"
            )
            hint = "keep one of them: the script's counts"
            problems.append(Problem(message, where, hint, concerns="time"))
    return slots, problems


def _said_twice(slide: OnSlide, section: Section) -> list[Problem]:
    if not slide.notes.strip():
        return []
    message = f"{slide.called} has notes of its own, and a section in the script: {section.source}"
    hint = "the script's section is what is said: put the notes there, as words or [NOTE: …]"
    return [Problem(message, slide.notes_source, hint, concerns="script")]


def _of_notes(
    slide: OnSlide, numbers: Numbers, marks: tuple[Mark, ...]
) -> tuple[Section, tuple[Problem, ...], tuple[Mark, ...]]:
    """A slide's notes as its section; its values come after the marks that are there."""
    where = slide.notes_source or slide.source
    filled = numbers.fill(slide.notes, where, has_plan=True)
    text = MARK.sub(lambda found: f"{OPEN}{int(found[1]) + len(marks)}{CLOSE}", filled.text)
    marks = (*marks, *filled.marks)
    section, problems = parse_notes(text, _head(slide), filled.lines, marks, numbers.locale)
    return section, problems, marks


def _head(slide: OnSlide) -> Section:
    kind = "slide" if slide.has_slot else "backup"
    return Section(
        kind, slide.notes_source or slide.source, slide.title, (slide.number,), on_slide=True
    )


def _is_timed(problem: Problem, script: Script, slots: Mapping[int, Length]) -> bool:
    """Whether a problem is a slot missed in a heading whose slides have times of their own."""
    return problem.message.endswith(NO_SLOT) and any(
        section.source == problem.where and section.numbers and slots.keys() >= {*section.numbers}
        for section in script.of_kind("slide")
    )


def _in_order(sections: tuple[Section, ...], made: Iterable[Section]) -> tuple[Section, ...]:
    """Sections of slides among those of the file: each before the first of a later slide."""
    whole = list(sections)
    for section in made:
        later = (
            at
            for at, other in enumerate(whole)
            if other.kind in ("qa", "closing", "footer", "tips")
            or (other.numbers and other.numbers[0] > section.numbers[0])
        )
        whole.insert(next(later, len(whole)), section)
    return tuple(whole)
