"""Recorded rehearsals against the plan and against each other. All times are seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median, quantiles

import msgspec
from msgspec.structs import replace

from pipeline.command import called
from pipeline.lengths import Length
from pipeline.problems import TalkError, nearest
from pipeline.rehearsal.record import Rehearsal
from pipeline.slides.slide import Slide
from pipeline.talk import Talk, slide_versions, talk_id

LEAST_S = 2.0  # a slide that was on the screen for less was only passed
WORST = 3
WORTH_S = 5  # a difference that is worth a word
LEAST_RUNS = 2  # for a proposal: one run is no habit
LEAST_PACE_WPM = 3  # a smaller difference is chance
PACE_RUNS = 5  # the last runs, from which the speaker's own pace is taken


class SlideRow(msgspec.Struct, frozen=True):
    """One slide of the talk over all runs; None where it was never rehearsed."""

    number: int  # its file's
    name: str
    shown: str  # as pages print it
    title: str
    slot_s: int
    runs: int  # that spent time on it
    median_s: float | None = None
    low_s: float | None = None  # the middle half of the runs lies between these
    high_s: float | None = None
    trend_s: float | None = None  # the last third of the runs less the first, by their medians
    is_changed: bool = False  # its script is another one than when it was last rehearsed

    @property
    def over_s(self) -> float | None:
        """Against its slot; None too where nothing is planned."""
        return self.median_s - self.slot_s if self.median_s is not None and self.slot_s else None


class RunRow(msgspec.Struct, frozen=True):
    """One rehearsal. `planned_s` is the plan of the slides that it had."""

    id: str
    started: str
    total_s: float
    planned_s: int
    paused_s: float
    q_and_a_s: float
    spoken_wpm: float | None
    skipped: tuple[str, ...]  # optional parts
    slides: tuple[float | None, ...]  # seconds on each slide of the talk, None: it was left out
    is_whole: bool  # each slide but perhaps the first, on which the clock may not have run

    @property
    def over_s(self) -> float:
        return self.total_s - self.planned_s


class Report(msgspec.Struct, frozen=True):
    """What the rehearsals of one cut say."""

    talk: str
    title: str
    cut: str
    cut_title: str
    planned_s: int
    length: Length | None  # what talk.toml says of the cut
    q_and_a: Length | None
    pace_wpm: int
    own_pace_wpm: int | None
    slides: tuple[SlideRow, ...]
    runs: tuple[RunRow, ...]  # oldest first
    total_s: float | None  # median of the whole runs
    total_low_s: float | None
    total_high_s: float | None
    worst: tuple[int, ...]  # numbers of the slides that are furthest from their slots
    other_cuts: tuple[tuple[str, int], ...]  # runs of other cuts

    @property
    def whole_runs(self) -> int:
        return sum(run.is_whole for run in self.runs)

    @property
    def changed(self) -> tuple[SlideRow, ...]:
        return tuple(row for row in self.slides if row.is_changed)

    @property
    def unrehearsed(self) -> tuple[SlideRow, ...]:
        return tuple(row for row in self.slides if not row.runs)


def report(records: Sequence[Rehearsal], talk: Talk, cut: str | None = None) -> Report:
    """Compare the runs of one cut with its plan: `cut`, or the one rehearsed last.

    Raises TalkError if nothing was rehearsed, or not this cut.
    """
    mine = sorted((r for r in records if r.talk == talk_id(talk.config)), key=lambda r: r.started)
    chosen = _chosen_cut(mine, talk, cut)
    timing = talk.timings[chosen]
    of_cut = [record for record in mine if record.cut == chosen]
    rows = timing.slides if timing.is_planned else ()
    plans = {row.number: row.slot_s for row in rows if row.number is not None}
    plan = tuple(plans.get(slide.number, 0) for slide in talk.main)
    position = {slide.name: index for index, slide in enumerate(talk.main)}
    runs = tuple(_run(record, position, plan) for record in of_cut)
    versions = slide_versions(talk.script)
    last_versions = _last_versions(of_cut, runs, position)
    slides = tuple(
        _slide(
            slide,
            plan[index],
            (run.slides[index] for run in runs),
            last_versions.get(slide.name) not in (None, versions.get(slide.number, "")),
        )
        for index, slide in enumerate(talk.main)
    )
    totals = [run.total_s for run in runs if run.is_whole]
    low_s, high_s = middle_half(totals) if totals else (None, None)
    counts = Counter(record.cut for record in mine if record.cut != chosen)
    return Report(
        talk=talk_id(talk.config),
        title=talk.config.talk.title,
        cut=chosen,
        cut_title=timing.title,
        planned_s=sum(plan),
        length=timing.length,
        q_and_a=next((row.slot for row in timing.rows if row.kind == "qa"), None),
        pace_wpm=timing.pace_wpm,
        own_pace_wpm=_own_pace(runs),
        slides=slides,
        runs=runs,
        total_s=median(totals) if totals else None,
        total_low_s=low_s,
        total_high_s=high_s,
        worst=_worst(slides),
        other_cuts=tuple(sorted(counts.items())),
    )


def _chosen_cut(records: Sequence[Rehearsal], talk: Talk, cut: str | None) -> str:
    known = [record for record in records if record.cut in talk.timings]
    if cut is None and known:
        return known[-1].cut
    if not known:
        raise TalkError("nothing was rehearsed yet", hint=f"run `{called()} rehearse` first")
    wanted = cut or talk.cut
    if wanted not in talk.timings:
        raise TalkError(f"there is no cut `{wanted}`", hint=nearest(wanted, talk.timings))
    if all(record.cut != wanted for record in known):
        names = sorted({record.cut for record in known})
        raise TalkError(
            f"the cut {wanted} was not rehearsed yet",
            hint="there are runs of " + ", ".join(f"--cut {name}" for name in names),
        )
    return wanted


def _run(record: Rehearsal, position: dict[str, int], plan: Sequence[int]) -> RunRow:
    spent = [0.0] * len(plan)
    for visit in record.visits:
        at = position.get(visit.slide)
        if at is not None:
            spent[at] += visit.seconds
    slides = tuple(seconds if seconds >= LEAST_S else None for seconds in spent)
    return RunRow(
        id=record.id,
        started=record.started,
        total_s=record.total_s,
        planned_s=sum(p for p, seconds in zip(plan, slides, strict=True) if seconds is not None),
        paused_s=sum(pause.seconds for pause in record.pauses),
        q_and_a_s=record.q_and_a_s,
        spoken_wpm=record.spoken_wpm,
        skipped=tuple(skip.part for skip in record.skips),
        slides=slides,
        is_whole=all(seconds is not None for seconds in slides[1:]),
    )


def _last_versions(
    records: Sequence[Rehearsal], runs: Sequence[RunRow], position: dict[str, int]
) -> dict[str, str]:
    """Slide -> the version of its script when it was last rehearsed."""
    return {
        name: version
        for record, run in zip(records, runs, strict=True)
        for name, version in record.slides.items()
        if name in position and run.slides[position[name]] is not None
    }


def _slide(slide: Slide, slot_s: int, spent: Iterable[float | None], is_changed: bool) -> SlideRow:
    times = [seconds for seconds in spent if seconds is not None]
    row = SlideRow(slide.number, slide.name, slide.shown, slide.title_text, slot_s, len(times))
    if not times:
        return row
    low_s, high_s = middle_half(times)
    return replace(
        row,
        median_s=median(times),
        low_s=low_s,
        high_s=high_s,
        trend_s=_trend(times),
        is_changed=is_changed,
    )


def middle_half(times: Sequence[float]) -> tuple[float, float]:
    """The quartiles; of a single run, the run itself."""
    if len(times) == 1:
        return times[0], times[0]
    low_s, _, high_s = quantiles(times, n=4, method="inclusive")
    return low_s, high_s


def _trend(times: Sequence[float]) -> float | None:
    third = max(1, len(times) // 3)
    return None if len(times) < 2 else median(times[-third:]) - median(times[:third])


def _own_pace(runs: Sequence[RunRow]) -> int | None:
    paces = [run.spoken_wpm for run in runs if run.spoken_wpm is not None][-PACE_RUNS:]
    return round(median(paces)) if paces else None


def _worst(slides: Iterable[SlideRow]) -> tuple[int, ...]:
    far = [(abs(s.over_s), s.number) for s in slides if s.over_s and abs(s.over_s) >= WORTH_S]
    return tuple(number for _, number in sorted(far, key=lambda one: (-one[0], one[1]))[:WORST])
