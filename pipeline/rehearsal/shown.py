"""A report shown: as a table in the terminal, as JSON, as a page with plots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from markupsafe import Markup

from pipeline.command import called
from pipeline.lengths import clock
from pipeline.locale import ENGLISH, Locale
from pipeline.pages.csp import LOCAL, Inline, policy
from pipeline.pages.languages import language_rules
from pipeline.pages.templates import render, texts
from pipeline.palette import OURS, Palette
from pipeline.pictures.svg import Styles, inline, read_vector
from pipeline.problems import shortened
from pipeline.rehearsal.plots import runs_plot, slides_plot
from pipeline.rehearsal.report import (
    LEAST_PACE_WPM,
    LEAST_RUNS,
    WORTH_S,
    Report,
    RunRow,
    SlideRow,
)
from pipeline.rehearsal.voice.report import VoiceReport
from pipeline.rehearsal.voice.shown import voice_lines, voice_page

LAST_RUNS = 10  # shown in the terminal
_WIDTH = 34


def report_table(report: Report, voice: VoiceReport | None = None) -> str:
    """The report as aligned text: times as m:ss, `by` is how far from the plan."""
    rows = _aligned([_slide_head(), *(_slide_cells(row) for row in report.slides)], (0, 1, 8))
    shown = report.runs[-LAST_RUNS:]
    runs = _aligned([_run_head(), *(_run_cells(run) for run in shown)], (0, 1, 8))
    rule = "-" * max(map(len, rows))
    lines = [headline(report), "", rows[0], rule, *rows[1:], rule, ""]
    if len(shown) < len(report.runs):
        lines.append(f"the last {len(shown)} of {len(report.runs):,} runs")
    lines += [*runs, "", *sentences(report)]
    lines += voice_lines(voice, _aligned) if voice else []
    if steps := _steps_told(report, voice):
        lines += ["", "What to do", *steps]
    return "\n".join(lines) + "\n"


def headline(report: Report, locale: Locale = ENGLISH) -> str:
    """What was rehearsed, and what was planned."""
    said = [_rehearsals(len(report.runs), locale)]
    planned = locale.say("planned {time}", time=clock(report.planned_s))
    said.append(planned if report.planned_s else locale.say("no times planned"))
    said += [locale.say("to be {length}", length=report.length)] if report.length else []
    return f"{report.cut_title} ({report.cut}): {', '.join(said)}"


def sentences(report: Report, locale: Locale = ENGLISH) -> list[str]:
    """The report in words, the most important first."""

    def named(rows: Iterable[SlideRow]) -> str:
        return ", ".join(_name(row, locale) for row in rows)

    said = [_total(report, locale)]
    by_number = {row.number: row for row in report.slides}
    worst = [f"{_name(by_number[n], locale)} {_by(by_number[n].over_s)}" for n in report.worst]
    if worst:
        said.append(locale.say("furthest from their slots: {slides}", slides=", ".join(worst)))
    if report.own_pace_wpm:
        own, pace = report.own_pace_wpm, report.pace_wpm
        said.append(
            locale.say(
                "pace by the clicks, with pauses: {own} words a minute, planned are {pace}",
                own=own,
                pace=pace,
            )
        )
    if report.changed:
        said.append(
            locale.say(
                "script changed since it was last rehearsed: {slides}", slides=named(report.changed)
            )
        )
    if report.unrehearsed:
        said.append(locale.say("never rehearsed: {slides}", slides=named(report.unrehearsed)))
    for cut, count in report.other_cuts:
        runs = _rehearsals(count, locale)
        said.append(
            locale.say("also recorded: {runs} of the cut {cut} (--cut {cut})", runs=runs, cut=cut)
        )
    return said


def next_steps(
    report: Report, voice: VoiceReport | None = None, locale: Locale = ENGLISH
) -> list[tuple[str, str]]:
    """What to do about it: a command, or "", and what it is for."""
    steps = list(_proposals(report, voice, locale))
    if voice and voice.skipped:
        steps.append(("", locale.say("what was skipped: say it next time, or take it out")))
    if voice and voice.beside:
        steps.append(("", locale.say("what was said beside the script: write it in, or let it go")))
    return steps


def _proposals(
    report: Report, voice: VoiceReport | None, locale: Locale
) -> Iterator[tuple[str, str]]:
    cut, length = f" --cut {report.cut}", report.length
    if len(report.runs) < LEAST_RUNS:
        yield f"rehearse{cut}", locale.say("once more: two rehearsals make a proposal")
        return
    if length and report.total_s and report.total_s > length.high_s >= 60:
        slot = f"time --slot {length.high_s // 60}"
        yield slot, locale.say("what to leave out, so that it fits")
    if report.worst:
        yield f"rehearse --apply slots{cut}", locale.say("times for the slides from yours")
    own = voice.own_pace_wpm if voice else report.own_pace_wpm
    if own and abs(own - report.pace_wpm) >= LEAST_PACE_WPM:
        yield f"rehearse --apply pace{cut}", locale.say("the pace at which you speak")


def _steps_told(report: Report, voice: VoiceReport | None) -> list[str]:
    """The same for the terminal, with the command as it is called here."""
    return [
        f"{what}: `{called()} {command}`" if command else what
        for command, what in next_steps(report, voice)
    ]


def _rehearsals(count: int, locale: Locale) -> str:
    return locale.say("{n} rehearsal", "{n} rehearsals", n=count)


def _total(report: Report, locale: Locale) -> str:
    if report.total_s is None:
        return locale.say("no run had all slides, so there is no total to compare")
    runs = locale.say("{n} whole run", "{n} whole runs", n=report.whole_runs)
    median = clock(round(report.total_s))
    total = locale.say("{runs}: median {time}", runs=runs, time=median)
    length = report.length
    if length is None:
        by = _by(report.total_s - report.planned_s)
        against = locale.say("{by} against the plan", by=by)
        return f"{total}, {against}" if report.planned_s else total
    over_s, under_s = report.total_s - length.high_s, length.low_s - report.total_s
    fits = locale.say("fits {length}", length=length)
    if over_s > 0:
        time = clock(round(over_s))
        fits = locale.say("{time} too long for {length}", time=time, length=length)
    elif under_s > 0:
        time = clock(round(under_s))
        fits = locale.say("{time} short of {length}", time=time, length=length)
    return f"{total}, {fits}"


def _name(row: SlideRow, locale: Locale) -> str:
    return locale.say("slide {slide}", slide=row.shown)


def _by(seconds: float | None) -> str:
    """A difference, always with its sign."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return clock(whole) if whole < 0 else f"+{clock(whole)}"


def _slide_head(locale: Locale = ENGLISH) -> tuple[str, ...]:
    times = (locale.say("plan"), locale.say("median"), locale.say("middle half"), locale.say("by"))
    return (locale.say("slide"), "", *times, locale.say("trend"), locale.say("runs"), "")


def _run_head(locale: Locale = ENGLISH) -> tuple[str, ...]:
    times = (locale.say("total"), locale.say("plan"), locale.say("by"), locale.say("paused"))
    more = (locale.say("Q&A"), locale.say("pace"), locale.say("skipped"))
    return (locale.say("run"), "", *times, *more)


def _slide_cells(row: SlideRow, locale: Locale = ENGLISH) -> tuple[str, ...]:
    title = shortened(row.title, _WIDTH)
    plan = clock(row.slot_s) if row.slot_s else "-"
    if row.median_s is None or row.low_s is None or row.high_s is None:
        return (row.shown, title, plan, "-", "-", "-", "-", "0", locale.say("never rehearsed"))
    words = []
    if row.over_s is not None and abs(row.over_s) >= max(WORTH_S, row.slot_s * 0.1):
        words.append(locale.say("long") if row.over_s > 0 else locale.say("short"))
    if row.is_changed:
        words.append(locale.say("script changed"))
    half = f"{clock(round(row.low_s))}-{clock(round(row.high_s))}"
    times = (plan, clock(round(row.median_s)), half, _by(row.over_s))
    trend = "-" if row.trend_s is None else _by(row.trend_s)
    return (row.shown, title, *times, trend, str(row.runs), ", ".join(words))


def _run_cells(run: RunRow, locale: Locale = ENGLISH) -> tuple[str, ...]:
    when = run.started[:16].replace("T", " ")
    plan = (clock(run.planned_s), _by(run.over_s)) if run.planned_s else ("-", "")
    spent = (clock(round(run.total_s)), *plan)
    pauses = (clock(round(run.paused_s)), clock(round(run.q_and_a_s)))
    pace = str(round(run.spoken_wpm)) if run.spoken_wpm else "-"
    part = "" if run.is_whole else locale.say("in part")
    return (when, part, *spent, *pauses, pace, ", ".join(run.skipped))


def _aligned(rows: list[tuple[str, ...]], left: tuple[int, ...]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def report_json(report: Report, voice: VoiceReport | None = None) -> str:
    """Every number of the report; times in seconds."""
    data: dict[str, Any] = msgspec.to_builtins(report)
    for name in ("length", "q_and_a"):
        length = getattr(report, name)
        data[f"{name}_s"] = [length.low_s, length.high_s] if length else None
        del data[name]
    for row, slide in zip(data["slides"], report.slides, strict=True):
        row["over_s"] = slide.over_s
    for row, run in zip(data["runs"], report.runs, strict=True):
        row["over_s"] = round(run.over_s, 1)
    if voice:
        data["voice"] = msgspec.to_builtins(voice)
    return json.dumps(data, indent=1)


def report_page(
    report: Report,
    palette: Palette = OURS,
    locale: Locale = ENGLISH,
    voice: VoiceReport | None = None,
) -> str:
    """The report as one HTML page; no request to anywhere."""
    colours = palette.both_themes(":root", "color-scheme: light dark;")
    looks = Styles()
    slides, runs = (
        Markup(inline(read_vector(plot), plot.name, None, looks))
        for plot in (slides_plot(report, locale), runs_plot(report, locale))
    )
    style = Inline(f"{texts('rehearse/report.css')}\n{colours}{looks.css}{language_rules(locale)}")
    return render(
        "rehearse/report.html.j2",
        locale,
        title=report.title,
        style=style,
        policy=policy(styles=[style], files=LOCAL, runs_files=False),
        headline=headline(report, locale),
        sentences=sentences(report, locale),
        slides_plot=slides,
        runs_plot=runs,
        slide_head=_slide_head(locale),
        slide_rows=[_slide_cells(row, locale) for row in report.slides],
        run_head=_run_head(locale),
        run_rows=[_run_cells(run, locale) for run in report.runs[-LAST_RUNS:]],
        steps=next_steps(report, voice, locale),
        voice=voice_page(voice, locale) if voice else None,
    )
