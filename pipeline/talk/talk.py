"""Slides, script and numbers joined into one Talk, and checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.config import Config
from pipeline.errors import Finding, TalkError, nearest
from pipeline.experiment.results import Results
from pipeline.talk.cue_checks import SlideFacts, check_cues
from pipeline.talk.elements import Script
from pipeline.talk.numbers import Numbers
from pipeline.talk.script import load_script
from pipeline.talk.slides import Layout, Slide, load_slides
from pipeline.talk.timing import Timing, all_findings, timings


@dataclass(frozen=True, slots=True)
class Talk:
    """All that pages are made from. `cut` is the one that they show."""

    config: Config
    results: Results | None
    slides: tuple[Slide, ...]
    script: Script
    timings: Mapping[str, Timing]  # cut -> its times
    cut: str
    changed: tuple[str, ...] = ()  # what has changed since the run was made

    @property
    def slots_s(self) -> dict[int, int]:
        """Slide number -> seconds that the chosen cut gives it."""
        rows = self.timings[self.cut].slides
        return {row.number: row.budget_s for row in rows if row.number is not None}


def cut_name(config: Config, wanted: str | None) -> str:
    """The cut asked for, or the first of talk.toml. Raises TalkError for an unknown one."""
    names = list(config.cuts) or ["full"]
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise TalkError(f"there is no cut `{wanted}`", None, nearest(wanted, names))
    return wanted


def load_talk(
    config: Config,
    results: Results | None,
    layouts: Mapping[str, Layout],
    cut: str | None = None,
    changed: tuple[str, ...] = (),
) -> Talk:
    """Read slides and script and put the numbers in. Raises TalkError for the first fault."""
    name = cut_name(config, cut)
    numbers = Numbers(results)
    slides = load_slides(config.root / "deck" / "slides", layouts, numbers)
    script = load_script(config.root / "script" / "voiceover.md", numbers)
    return Talk(config, results, slides, script, timings(script, config), name, changed)


def check_talk(talk: Talk) -> list[Finding]:
    """What is wrong with the talk as a whole: script, cues against slides, timing."""
    return list(dict.fromkeys([*script_findings(talk), *all_findings(talk.timings)]))


def script_findings(talk: Talk) -> list[Finding]:
    """What is broken in the script, whatever the clock says: its grammar, its cues."""
    facts = {slide.number: facts_of(slide) for slide in talk.slides}
    found = check_cues(talk.script, facts, talk.config.cuts or None)
    return list(dict.fromkeys([*talk.script.problems, *found]))


def facts_of(slide: Slide) -> SlideFacts:
    """What the script's cues may count on: the slide's pictures, and its parts by name."""
    kicker = slide.fields["kicker"].text if "kicker" in slide.fields else ""
    return SlideFacts(
        slide.number,
        slide.title_text,
        slide.steps,
        slide.shows | {part.name for part in slide.parts},
        f"{slide.name} {kicker}",
    )
