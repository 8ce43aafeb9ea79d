"""How long the script takes: for each slide and each cut its slot, words, cues and slack.

All times are integer seconds. Speech is words as spoken divided by the pace; starts come from the
slots, as the speaker plans them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Config, Cut
from pipeline.problems import Problem
from pipeline.script.cuts import full_cut, unknown_names
from pipeline.script.elements import Choice, Script
from pipeline.script.lengths import Length, clock
from pipeline.script.loads import Loads, loads_of
from pipeline.script.stated import Checkpoint, Claims, Planned, read_claims
from pipeline.script.timer import LEAST_FULL, MOST_FULL, Row, Timer, Totals, total_of


@dataclass(frozen=True, slots=True)
class Timing:
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

    @property
    def slides(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.kind == "slide")

    @property
    def planned_s(self) -> int:
        return sum(row.slot_s for row in self.slides)

    @property
    def totals(self) -> Totals:
        return total_of(self.slides)


def time_script(
    script: Script,
    cut_name: str,
    cut: Cut,
    pace_wpm: int,
    *,
    cuts: Mapping[str, Cut] | None = None,
    settings: Path | None = None,
    pace_range: tuple[int, int] | None = None,
    loads: Loads | None = None,
) -> Timing:
    """Time one cut. `cuts` are all cuts, `settings` the talk.toml that findings point into."""
    cuts = cuts or {cut_name: cut}
    full = full_cut(cuts)
    loads = loads or loads_of(script)
    timer = Timer(script, loads, cut_name, cut, pace_wpm, cut_name == full, settings)
    rows = timer.rows()
    written = rows
    if cut_name != full or cut.slots or cut.keep:
        written = Timer(script, loads, full, Cut(""), pace_wpm, True, settings).rows()
    claims = read_claims(script, cuts)
    findings = [*timer.findings, *unknown_names(script, cut_name, cut, cuts, settings)]
    findings += timer.length_findings(rows)
    findings += claims.contradictions(cut_name, _planned(written), _planned(rows))
    findings += claims.pace_contradictions(pace_wpm, pace_range)
    findings += [_fill_finding(row, cut_name, pace_wpm) for row in rows if not row.fits]
    choice = timer.choice
    return Timing(
        cut_name,
        cut.title or cut_name,
        pace_wpm,
        timer.choice,
        timer.is_full,
        timer.length,
        rows,
        timer.totals(replace(choice, keep=None)),
        timer.totals(replace(choice, keep=frozenset())),
        _checkpoints(claims, cut_name, full, rows),
        tuple(findings),
    )


def timings(script: Script, config: Config, pace_wpm: int | None = None) -> dict[str, Timing]:
    """Each cut of talk.toml by name, in its order; one cut "full" for a talk without cuts."""
    cuts = config.cuts or {"full": Cut("")}
    pace, loads = config.pace, loads_of(script)
    return {
        name: time_script(
            script,
            name,
            cut,
            pace_wpm or pace.words_per_minute,
            cuts=cuts,
            settings=config.path,
            pace_range=(pace.lowest, pace.highest),
            loads=loads,
        )
        for name, cut in cuts.items()
    }


def all_findings(times: Mapping[str, Timing]) -> tuple[Problem, ...]:
    """What is wrong in any cut, each thing once, in order."""
    return tuple(dict.fromkeys(f for timing in times.values() for f in timing.findings))


def _fill_finding(row: Row, cut: str, pace_wpm: int) -> Problem:
    name = f"slide {row.label}" if row.kind == "slide" else row.label
    slot = f"{row.slot}" if row.slot else clock(row.slot_s)
    words = round((row.slot_s - row.needed_s) * pace_wpm / 60)
    change = f"add about {words} words" if words > 0 else f"drop about {-words} words"
    return Problem(
        f"cut {cut}: {name} fills {row.full_percent}% of its slot {slot}: {row.spoken_words} words "
        f"({clock(row.speech_s)}) and {clock(row.cue_s)} of cues",
        row.source,
        f"{LEAST_FULL}% to {MOST_FULL}% is right: {change}, or change the slot",
    )


def _planned(rows: tuple[Row, ...]) -> Planned:
    def slot_of(kind: str) -> Length | None:
        return next((row.slot for row in rows if row.kind == kind), None)

    slides = [row for row in rows if row.number is not None]
    return Planned(
        sum(row.slot_s for row in slides),
        slot_of("qa"),
        slot_of("closing"),
        {row.number: row.start_s for row in slides if row.number is not None},
        {row.number: row.slot_s for row in slides if row.number is not None},
    )


def _checkpoints(
    claims: Claims, cut: str, full: str, rows: tuple[Row, ...]
) -> tuple[Checkpoint, ...]:
    """The tips' checkpoints for one cut; one that names the cut stands for the general one."""
    starts = {row.number: row.start_s for row in rows if row.number is not None}
    own = {point.slide for point in claims.checkpoints if point.cut == cut}
    return tuple(
        replace(point, computed_s=starts[point.slide], is_of_cut=(point.cut or full) == cut)
        for point in claims.checkpoints
        if point.slide in starts
        and point.cut in (None, cut)
        and (point.cut == cut or point.slide not in own)
    )
