"""A report shown: as a table in the terminal, as JSON, as a page with plots."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from markupsafe import Markup

from pipeline.lengths import clock
from pipeline.pages.csp import LOCAL, Inline, policy
from pipeline.pages.templates import render, texts
from pipeline.palette import OURS, Palette
from pipeline.pictures.svg import Styles, inline, read_vector
from pipeline.problems import shortened
from pipeline.rehearsal.plots import runs_plot, slides_plot
from pipeline.rehearsal.report import WORTH_S, Report, RunRow, SlideRow

LAST_RUNS = 10  # shown in the terminal
_WIDTH = 34
_SLIDES = ("slide", "", "plan", "median", "middle half", "by", "trend", "runs", "")
_RUNS = ("run", "", "total", "plan", "by", "paused", "Q&A", "pace", "skipped")


def report_table(report: Report) -> str:
    """The report as aligned text: times as m:ss, `by` is how far from the plan."""
    rows = _aligned([_SLIDES, *(_slide_cells(row) for row in report.slides)], (0, 1, 8))
    shown = report.runs[-LAST_RUNS:]
    runs = _aligned([_RUNS, *(_run_cells(run) for run in shown)], (0, 1, 8))
    rule = "-" * max(map(len, rows))
    lines = [headline(report), "", rows[0], rule, *rows[1:], rule, ""]
    if len(shown) < len(report.runs):
        lines.append(f"the last {len(shown)} of {counted(len(report.runs), 'run')}")
    lines += [*runs, "", *sentences(report)]
    return "\n".join(lines) + "\n"


def headline(report: Report) -> str:
    """What was rehearsed, and what was planned."""
    runs = counted(len(report.runs), "rehearsal")
    length = f", to be {report.length}" if report.length else ""
    planned = f"planned {clock(report.planned_s)}" if report.planned_s else "no times planned"
    return f"{report.cut_title} ({report.cut}): {runs}, {planned}{length}"


def sentences(report: Report) -> list[str]:
    """The report in words, the most important first."""
    said = [_total(report)]
    by_number = {row.number: row for row in report.slides}
    worst = [f"{_name(by_number[n])} {_by(by_number[n].over_s)}" for n in report.worst]
    if worst:
        said.append("furthest from their slots: " + ", ".join(worst))
    if report.own_pace_wpm:
        said.append(
            f"own pace: {report.own_pace_wpm} words a minute, "
            f"the script is timed at {report.pace_wpm}"
        )
    if report.changed:
        names = ", ".join(_name(row) for row in report.changed)
        said.append(f"script changed since it was last rehearsed: {names}")
    if report.unrehearsed:
        said.append("never rehearsed: " + ", ".join(_name(row) for row in report.unrehearsed))
    for cut, runs in report.other_cuts:
        said.append(f"also recorded: {counted(runs, 'rehearsal')} of the cut {cut} (--cut {cut})")
    return said


def _total(report: Report) -> str:
    if report.total_s is None:
        return "no run had all slides, so there is no total to compare"
    runs = counted(report.whole_runs, "whole run")
    total = f"{runs}: median {clock(round(report.total_s))}"
    if report.length is None and not report.planned_s:
        return total
    if report.length is None:
        return f"{total}, {_by(report.total_s - report.planned_s)} against the plan"
    over_s, under_s = report.total_s - report.length.high_s, report.length.low_s - report.total_s
    if over_s > 0:
        return f"{total}, {clock(round(over_s))} too long for {report.length}"
    if under_s > 0:
        return f"{total}, {clock(round(under_s))} short of {report.length}"
    return f"{total}, fits {report.length}"


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _name(row: SlideRow) -> str:
    return f"slide {row.shown}"


def _by(seconds: float | None) -> str:
    """A difference, always with its sign."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return clock(whole) if whole < 0 else f"+{clock(whole)}"


def _slide_cells(row: SlideRow) -> tuple[str, ...]:
    title = shortened(row.title, _WIDTH)
    plan = clock(row.slot_s) if row.slot_s else "-"
    if row.median_s is None or row.low_s is None or row.high_s is None:
        return (row.shown, title, plan, "-", "-", "-", "-", "0", "never rehearsed")
    words = []
    if row.over_s is not None and abs(row.over_s) >= max(WORTH_S, row.slot_s * 0.1):
        words.append("long" if row.over_s > 0 else "short")
    if row.is_changed:
        words.append("script changed")
    half = f"{clock(round(row.low_s))}-{clock(round(row.high_s))}"
    times = (plan, clock(round(row.median_s)), half, _by(row.over_s))
    trend = "-" if row.trend_s is None else _by(row.trend_s)
    return (row.shown, title, *times, trend, str(row.runs), ", ".join(words))


def _run_cells(run: RunRow) -> tuple[str, ...]:
    when = run.started[:16].replace("T", " ")
    plan = (clock(run.planned_s), _by(run.over_s)) if run.planned_s else ("-", "")
    spent = (clock(round(run.total_s)), *plan)
    pauses = (clock(round(run.paused_s)), clock(round(run.q_and_a_s)))
    pace = str(round(run.spoken_wpm)) if run.spoken_wpm else "-"
    part = "" if run.is_whole else "in part"
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


def report_json(report: Report) -> str:
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
    return json.dumps(data, ensure_ascii=False, indent=1)


def report_page(report: Report, palette: Palette = OURS) -> str:
    """The report as one HTML page; no request to anywhere."""
    colours = palette.both_themes(":root", "color-scheme: light dark;")
    looks = Styles()
    slides, runs = (
        Markup(inline(read_vector(plot), plot.name, None, looks))
        for plot in (slides_plot(report), runs_plot(report))
    )
    style = Inline(f"{texts('rehearse/report.css')}\n{colours}{looks.css}")
    return render(
        "rehearse/report.html.j2",
        title=report.title,
        style=style,
        policy=policy(styles=[style], files=LOCAL, runs_files=False),
        headline=headline(report),
        sentences=sentences(report),
        slides_plot=slides,
        runs_plot=runs,
        slide_head=_SLIDES,
        slide_rows=[_slide_cells(row) for row in report.slides],
        run_head=_RUNS,
        run_rows=[_run_cells(run) for run in report.runs[-LAST_RUNS:]],
    )
