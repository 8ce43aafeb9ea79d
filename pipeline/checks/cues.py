"""Cues against the deck: clicks and steps, what is shown, titles, a section for each slide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from pipeline.config import Cut
from pipeline.locale.words import Words
from pipeline.problems import Problem, Source
from pipeline.script.cuts import choice_of, full_cut
from pipeline.script.elements import Choice, Cue, Script, SlideText, flat
from pipeline.script.timing import all_findings
from pipeline.slides.slide import Slide
from pipeline.talk import Talk

_WORD = re.compile(r"[A-Za-z0-9]+")
# Words that name a kind of thing, not the thing.
_LITTLE = frozenset(["the", "a", "an", "of", "on", "in", "to", "and", "or", "for", "with", "s"])
_KINDS = _LITTLE | {"diagram", "chart", "figure", "slide", "page", "title"}
_TITLE_PREFIX = re.compile(r"^(?:MYTH|PART|STEP)?\s*+#?\s*+[0-9]+\s*[-–—:]\s*", re.IGNORECASE)


class SlideFacts(msgspec.Struct, frozen=True):
    """What a check needs to know of a slide in the deck.

    `shows` are the names of what can be seen there: diagrams, figures, drawings, "examples", …;
    `also` are other words that the slide goes by, such as its file's name and its kicker.
    """

    number: int
    title: str
    steps: int
    shows: frozenset[str] = frozenset()
    also: str = ""
    label: str = ""  # how messages call it, where that isn't its number
    is_backup: bool = False

    @property
    def name(self) -> str:
        return f"slide {self.label or self.number}"


def check_cues(
    script: Script,
    slides: Mapping[int, SlideFacts],
    cuts: Mapping[str, Cut] | None = None,
    elsewhere: frozenset[str] = frozenset(),
) -> list[Problem]:
    """What the script's cues and sections say that the deck doesn't bear out.

    `elsewhere` are things that SWITCH may name and no slide shows, such as a notebook; without
    any, what it names is not checked.
    """
    found = list(_sections(script, slides))
    everything = Choice(frozenset(cuts or ("full",)), None)
    for slide in (*script.slides(), *script.backups()):
        facts = slides.get(slide.number)
        if facts is None:
            continue
        if not (facts.is_backup and not slide.items):  # nothing is written out for it
            found += _clicks(slide, facts, cuts or {"full": Cut("")}, script.locale.words)
        found += _title(slide, facts)
        for cue in _cues(slide, everything):
            if cue.kind == "SHOW":
                found += _shown(cue, facts, slides)
            elif cue.kind == "SWITCH" and elsewhere:
                found += _switched(cue, elsewhere | facts.shows)
    return [replace(problem, concerns="script") for problem in found]


def _cues(slide: SlideText, choice: Choice) -> Iterator[Cue]:
    return (item for item in flat(slide.items, choice) if isinstance(item, Cue))


def _sections(script: Script, slides: Mapping[int, SlideFacts]) -> Iterator[Problem]:
    spoken = {slide.number: slide for slide in script.slides()}
    for number in sorted(slides):
        facts = slides[number]
        if not facts.is_backup and _is_missing(spoken.get(number), number, script):
            yield Problem(
                f"{facts.name} ({facts.title}) has no section in the script",
                Source(script.path),
                f"add `## SLIDE {number}: {facts.title.upper()} [1 minute]`; where "
                "nothing is said, a slide says how long it stays: `time: 10s`, or that it is for "
                "questions alone: `backup: true`",
                "warning",
            )
    for number, slide in spoken.items():
        if number not in slides:
            last = f"the deck ends with slide {max(slides)}" if slides else "the deck is empty"
            yield Problem(f"the deck has no slide {number}", slide.section.source, last)


def _is_missing(spoken: SlideText | None, number: int, script: Script) -> bool:
    """Whether a slide was left out of the script: no section, no notes, no time of its own."""
    if not script.is_read_out:
        return False
    if spoken is None:
        return True
    is_empty = spoken.section.on_slide and not spoken.items
    return is_empty and number not in script.slide_slots


def _clicks(
    slide: SlideText, facts: SlideFacts, cuts: Mapping[str, Cut], words: Words
) -> Iterator[Problem]:
    """One finding for each wrong number of clicks, naming the cuts that have it.

    Notes on a slide may leave all of them out: they are no script yet.
    """
    wrong: dict[int, list[str]] = {}
    full = full_cut(cuts, words)
    for name, cut in cuts.items():
        choice = choice_of(name, cut, name == full)
        clicks = sum(cue.kind == "CLICK" for cue in _cues(slide, choice))
        if clicks != facts.steps and (clicks or not slide.section.on_slide):
            wrong.setdefault(clicks, []).append(name)
    for clicks, names in wrong.items():
        where = "" if len(names) == len(cuts) else f" in the cut {' and '.join(names)}"
        s, steps = "" if clicks == 1 else "s", "step" if facts.steps == 1 else "steps"
        yield Problem(
            f"{facts.name} has {clicks} [CLICK]{s}{where}, the deck's has {facts.steps} {steps}",
            slide.source,
            "one [CLICK] for each step of the slide; outside optional parts, or steps go missing",
        )


def _shown(cue: Cue, facts: SlideFacts, slides: Mapping[int, SlideFacts]) -> Iterator[Problem]:
    wanted, shows = _words(cue.text), facts.shows
    if any(_names(wanted, thing) for thing in shows):
        return
    other = [n for n in sorted(slides) if any(_names(wanted, t) for t in slides[n].shows)]
    if other:
        hint = f"{slides[other[0]].name} has it"
    elif shows:
        hint = f"{facts.name} shows " + ", ".join(f"`{name}`" for name in sorted(shows))
    else:
        hint = f"{facts.name} shows nothing that has a name"
    yield Problem(f"[{cue.raw}]: {facts.name} has no such thing to show", cue.source, hint)


def _switched(cue: Cue, things: frozenset[str]) -> Iterator[Problem]:
    wanted = _words(cue.text)
    if any(_names(wanted, thing) for thing in things):
        return
    known = ", ".join(f"`{name}`" for name in sorted(things))
    yield Problem(
        f"[{cue.raw}]: there is no such thing to switch to", cue.source, f"known: {known}"
    )


def _words(text: str) -> frozenset[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(w.removesuffix("s") if len(w) > 3 else w for w in words if w not in _KINDS)


def _names(wanted: frozenset[str], thing: str) -> bool:
    """Whether the words of a cue mean a thing: all of its words, or all of theirs, are shared."""
    has = _words(thing)
    return bool(wanted and has) and (wanted <= has or has <= wanted)


def _title(slide: SlideText, facts: SlideFacts) -> Iterator[Problem]:
    spoken, shown = _words(_TITLE_PREFIX.sub("", slide.title)), _words(facts.title)
    if not spoken or not shown or not spoken.isdisjoint(shown | _words(facts.also)):
        return
    yield Problem(
        f"{facts.name} is `{slide.title}` in the script and `{facts.title}` in the deck",
        slide.section.source,
        "give both the same title, or is the number wrong?",
        severity="warning",
    )


def check_talk(talk: Talk) -> list[Problem]:
    """What is wrong with the talk as a whole: script, cues against slides, timing."""
    return list(dict.fromkeys([*script_findings(talk), *all_findings(talk.timings)]))


def script_findings(talk: Talk) -> list[Problem]:
    """What is broken in the script, whatever the clock says: its grammar, its cues."""
    label = talk.places.label
    facts = {slide.number: facts_of(slide, label(slide.number)) for slide in talk.slides}
    found = check_cues(talk.script, facts, talk.config.cuts or None)
    return list(dict.fromkeys([*talk.script.problems, *found]))


def facts_of(slide: Slide, label: str = "") -> SlideFacts:
    """What the script's cues may count on: the slide's pictures, and its parts by name."""
    kicker = slide.fields["kicker"].text if "kicker" in slide.fields else ""
    return SlideFacts(
        slide.number,
        slide.title_text,
        slide.steps,
        slide.shows | {part.name for part in slide.parts},
        f"{slide.name} {kicker}",
        label,
        slide.is_backup,
    )
