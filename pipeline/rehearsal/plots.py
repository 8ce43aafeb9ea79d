"""The report's plots as SVG: planned against spoken by slide, and the totals run by run."""

from __future__ import annotations

import html
from collections.abc import Iterable

from pipeline.rehearsal.report import Report, SlideRow
from pipeline.script.lengths import clock

LAST_RUNS = 40  # shown as marks
_WIDTH, _LEFT, _RIGHT = 1100, 330, 90
_ROW, _TOP = 34, 44


def slides_plot(report: Report) -> str:
    """A row a slide: the slot as a bar, each run as a dot, the middle half and the median on it."""
    spent = [s for run in report.runs[-LAST_RUNS:] for s in run.slides if s is not None]
    most_s = max([1.0, *spent, *(float(row.slot_s) for row in report.slides)])
    scale = (_WIDTH - _LEFT - _RIGHT) / most_s
    height = _TOP + _ROW * len(report.slides) + 12
    parts = [*_grid(most_s, scale, height)]
    for index, row in enumerate(report.slides):
        y = _TOP + _ROW * index + _ROW / 2
        times = [run.slides[index] for run in report.runs[-LAST_RUNS:]]
        parts += _slide_marks(row, [t for t in times if t is not None], y, scale)
    return _svg(height, "Planned and spoken time of each slide", _told(report), parts)


def _slide_marks(row: SlideRow, times: list[float], y: float, scale: float) -> Iterable[str]:
    title = row.title if len(row.title) <= 30 else row.title[:29] + "…"
    yield _text(_LEFT - 14, y + 6, f"{row.number}  {title}", "end")
    width = row.slot_s * scale
    yield f'<rect class="plan" x="{_LEFT}" y="{y - 9:.1f}" width="{width:.1f}" height="18" rx="4"/>'
    for seconds in times:
        yield f'<circle class="run" cx="{_LEFT + seconds * scale:.1f}" cy="{y:.1f}" r="4"/>'
    if row.median_s is None or row.low_s is None or row.high_s is None:
        yield _text(_LEFT + width + 12, y + 6, "never rehearsed", "start", "quiet")
        return
    low, high = _LEFT + row.low_s * scale, _LEFT + row.high_s * scale
    middle = _LEFT + row.median_s * scale
    yield _line("half", (low, y), (high, y))
    yield _line("median", (middle, y - 12), (middle, y + 12))
    end = max(_LEFT + width, high, *(_LEFT + s * scale for s in times))
    yield _text(end + 12, y + 6, clock(round(row.median_s)), "start")


def runs_plot(report: Report) -> str:
    """The total of each run in their order, with the slot as a band; partial runs are hollow."""
    runs = report.runs[-LAST_RUNS:]
    low_s, high_s = report.planned_s, report.planned_s
    if report.length:
        low_s, high_s = report.length.low_s, report.length.high_s
    most_s = max([1.0, high_s * 1.1, *(run.total_s for run in runs)])
    height, bottom, left = 360, 310, 90
    tall = bottom - 30
    step = (_WIDTH - left - 40) / max(1, len(runs))

    def y(seconds: float) -> float:
        return bottom - tall * seconds / most_s

    parts = []
    for seconds in _ticks(most_s):
        parts.append(_line("grid", (left, y(seconds)), (_WIDTH - 20, y(seconds))))
        parts.append(_text(left - 12, y(seconds) + 6, clock(seconds), "end", "quiet"))
    band = max(3.0, y(low_s) - y(high_s))
    wide = _WIDTH - left - 20
    parts.append(
        f'<rect class="plan" x="{left}" y="{y(high_s):.1f}" width="{wide}" height="{band:.1f}"/>'
    )
    parts.append(_text(_WIDTH - 24, y(high_s) - 8, "the slot", "end", "quiet"))
    places = [(left + step * (i + 0.5), y(run.total_s), run) for i, run in enumerate(runs)]
    line = " ".join(f"{x:.1f},{at:.1f}" for x, at, run in places if run.is_whole)
    parts.append(f'<polyline class="half" points="{line}"/>')
    for x, at, run in places:
        name = "whole" if run.is_whole else "partial"
        parts.append(f'<circle class="{name}" cx="{x:.1f}" cy="{at:.1f}" r="7"/>')
        if len(runs) <= 12:
            parts.append(_text(x, at - 14, clock(round(run.total_s)), "middle"))
            parts.append(_text(x, bottom + 28, run.started[5:10], "middle", "quiet"))
    told = "; ".join(f"{run.started[:10]} {clock(round(run.total_s))}" for run in runs)
    return _svg(height, "Total of each run", told, parts)


def _grid(most_s: float, scale: float, height: float) -> Iterable[str]:
    for seconds in _ticks(most_s):
        x = _LEFT + seconds * scale
        yield _line("grid", (x, _TOP - 6), (x, height - 8))
        yield _text(x, _TOP - 16, clock(seconds), "middle", "quiet")


def _ticks(most_s: float) -> list[int]:
    """Four to eight round times from zero on."""
    steps = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
    step = next((s for s in steps if most_s / s <= 8), 28800)
    return list(range(0, int(most_s) + 1, step))


def _told(report: Report) -> str:
    return "; ".join(
        f"slide {row.number}: planned {clock(row.slot_s)}, "
        + ("never rehearsed" if row.median_s is None else f"median {clock(round(row.median_s))}")
        for row in report.slides
    )


def _line(name: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{name}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str, name: str = "") -> str:
    shown = f' class="{name}"' if name else ""
    return (
        f'<text{shown} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'
    )


def _svg(height: float, title: str, told: str, parts: Iterable[str]) -> str:
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img">\n'
        f"<title>{html.escape(title)}</title>\n<desc>{html.escape(told)}</desc>\n{inside}\n</svg>"
    )
