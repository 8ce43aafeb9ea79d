"""The report's plots as SVG: planned against spoken by slide, and the totals run by run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.lengths import clock
from pipeline.locale import ENGLISH, Locale
from pipeline.pictures.charts.style import chart, chart_style, part, time_ticks
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import one_line
from pipeline.pictures.theme import ACCENT, INK, PAPER, SOFT
from pipeline.problems import shortened
from pipeline.rehearsal.report import Report, SlideRow

LAST_RUNS = 40  # shown as marks
MOST_NAMED = 12  # runs with their time and date
WIDTH, ROW, TEXT = 1100, 34, 17  # px
SLOT: Mapping[str, Any] = {
    "facecolor": "none",
    "edgecolor": SOFT,
    "linewidth": 2,
    "linestyle": (0, (2.5, 2)),
}


def slides_plot(report: Report, locale: Locale = ENGLISH) -> Picture:
    """A row a slide: the slot as a bar, each run as a dot, the middle half and the median on it."""
    runs = report.runs[-LAST_RUNS:]
    rows, places = report.slides, range(len(report.slides))
    spent = [(seconds, at) for run in runs for at, seconds in enumerate(run.slides) if seconds]
    with chart_style(TEXT):
        sheet = chart("slides-plot", WIDTH, ROW * len(rows) + 90)
        axes = sheet.axes
        axes.barh(places, [row.slot_s for row in rows], 0.5, **SLOT)
        dots = [seconds for seconds, _ in spent], [at for _, at in spent]
        axes.plot(*dots, "o", color=ACCENT, alpha=0.45, ms=8, mew=0, gid=part("run"))
        for at, row in zip(places, rows, strict=True):
            said = locale.say("never rehearsed")
            if row.median_s is not None and row.low_s is not None and row.high_s is not None:
                axes.plot([row.low_s, row.high_s], [at, at], ACCENT, linewidth=4)
                axes.plot(row.median_s, at, "|", color=INK, markersize=24, markeredgewidth=4)
                said = clock(round(row.median_s))
            ends = [row.slot_s, row.high_s or 0, *(seconds for seconds, on in spent if on == at)]
            sheet.note(max(ends), at, said, (12, 0), va="center")
        most_s = max([1.0, *(seconds for seconds, _ in spent), *(row.slot_s for row in rows)])
        ticks = time_ticks(most_s, 8)
        axes.set_xticks(ticks, [clock(tick) for tick in ticks])
        axes.set_yticks(places, [_name(row.shown, row.title) for row in rows], color=INK)
        axes.set(xlim=(0, most_s), ylim=(len(rows) - 0.5, -0.7))
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        axes.spines.bottom.set_visible(False)
        axes.grid(axis="x", linewidth=1)
        told = "; ".join(_told(row, locale) for row in rows)
        return sheet.picture(locale.say("Planned and spoken time of each slide"), told)


def _told(row: SlideRow, locale: Locale) -> str:
    """One slide's row in words."""
    found = locale.say("never rehearsed")
    if row.median_s is not None:
        found = locale.say("median {time}", time=clock(round(row.median_s)))
    planned = clock(row.slot_s)
    return locale.say(
        "slide {slide}: planned {time}, {found}", slide=row.shown, time=planned, found=found
    )


def _name(number: str, title: str) -> str:
    return f"{number}  {shortened(one_line(title), 30)}"


def _when(started: Sequence[str]) -> list[str]:
    """Month and day of each run, with the time where two are of one day."""
    days = Counter(one[:10] for one in started)
    return [one[5:16].replace("T", " ") if days[one[:10]] > 1 else one[5:10] for one in started]


def runs_plot(report: Report, locale: Locale = ENGLISH) -> Picture:
    """The total of each run in their order, with the slot as a band; partial runs are hollow."""
    runs = report.runs[-LAST_RUNS:]
    low_s, high_s = report.planned_s, report.planned_s
    if report.length:
        low_s, high_s = report.length.low_s, report.length.high_s
    with chart_style(TEXT):
        sheet = chart("runs-plot", WIDTH, 360)
        axes = sheet.axes
        if high_s:
            axes.axhspan(low_s, high_s, **SLOT)
            sheet.note(
                len(runs) - 0.5, high_s, locale.say("the slot"), (-4, 4), color=SOFT, ha="right"
            )
        whole = [at for at, run in enumerate(runs) if run.is_whole]
        axes.plot(whole, [runs[at].total_s for at in whole], ACCENT, linewidth=4)
        for at, run in enumerate(runs):
            axes.plot(
                at,
                run.total_s,
                "o",
                markersize=14,
                markerfacecolor=ACCENT if run.is_whole else PAPER,
                markeredgecolor=ACCENT,
                clip_on=False,
                gid=part("whole" if run.is_whole else "partial"),
            )
            if len(runs) <= MOST_NAMED:
                sheet.note(at, run.total_s, clock(round(run.total_s)), (0, 12), ha="center")
        named = range(len(runs)) if len(runs) <= MOST_NAMED else ()
        axes.set_xticks(named, _when([runs[at].started for at in named]))
        most_s = max([1.0, high_s * 1.1, *(run.total_s * 1.1 for run in runs)])
        ticks = time_ticks(most_s, 8)
        axes.set_yticks(ticks, [clock(tick) for tick in ticks])
        axes.set(xlim=(-0.5, len(runs) - 0.5), ylim=(0, most_s))
        axes.tick_params(length=0)
        axes.grid(axis="y", linewidth=1)
        told = "; ".join(f"{run.started[:10]} {clock(round(run.total_s))}" for run in runs)
        return sheet.picture(locale.say("Total of each run"), told)
