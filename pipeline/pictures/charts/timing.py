"""Budget against speech by slide, as an SVG in the theme's colours."""

from __future__ import annotations

import html
import re

from pipeline.palette import LIGHT
from pipeline.script.lengths import clock
from pipeline.script.timing import Row, Timing

WIDTH, HEIGHT = 960, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 48, 44


def plot_svg(timing: Timing) -> str:
    """One bar a slide: its slot as an outline, words and cues in it, the fullest ones marked.

    Colours are custom properties (--ink, --soft, --line, --accent, --myth) with light values to
    fall back on; a table of the same numbers is `report.table`.
    """
    rows = timing.slides
    most_s = max([60, *(max(row.slot_s, row.needed_s) for row in rows)])
    step = (WIDTH - LEFT - RIGHT) / max(1, len(rows))
    wide = [row.label for row in rows if not row.fits]
    said = (
        f"{timing.title}: {clock(timing.planned_s)} of slots, {clock(timing.totals.needed_s)} of "
        f"words and cues. "
        + (f"Outside its slot: slide {', '.join(wide)}." if wide else "Every slide fits its slot.")
    )
    name = f"plot-{timing.cut}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="Manrope, sans-serif">',
        f'<title id="{name}-title">Slots and speech by slide: {html.escape(timing.title)}</title>',
        f'<desc id="{name}-desc">{html.escape(said)}</desc>',
        *_legend(timing),
        *_grid(most_s),
        *(
            bar
            for index, row in enumerate(rows)
            for bar in _bar(row, LEFT + index * step, step, most_s, len(rows))
        ),
        "</svg>",
    ]
    svg = "\n".join(parts) + "\n"
    return re.sub(r"var\(--(\w+)\)", lambda found: f"var(--{found[1]}, {LIGHT[found[1]]})", svg)


def _y(seconds: float, most_s: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * seconds / most_s


def _legend(timing: Timing) -> list[str]:
    ink = 'fill="var(--ink)"'
    keys = (
        ('fill="none" stroke="var(--ink)"', "slot"),
        ('fill="var(--accent)"', f"words at {timing.pace_wpm} a minute"),
        ('fill="var(--soft)"', "cues"),
        ('fill="var(--myth)"', "outside its slot"),
    )
    shown, x = [], LEFT
    for look, words in keys:
        shown.append(f'<rect x="{x}" y="14" width="14" height="14" {look}/>')
        shown.append(f'<text x="{x + 20}" y="26" font-size="15" {ink}>{words}</text>')
        x += 44 + 8 * len(words)
    return shown


def _grid(most_s: int) -> list[str]:
    step_s = next((s for s in (60, 120, 300, 600, 1800) if most_s / s <= 6), 3600)
    lines = []
    for seconds in range(0, most_s + 1, step_s):
        y = _y(seconds, most_s)
        lines.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="var(--line)"/>'
        )
        lines.append(
            f'<text x="{LEFT - 8}" y="{y + 5:.1f}" font-size="14" text-anchor="end" '
            f'fill="var(--soft)">{seconds // 60} min</text>'
        )
    return lines


def _bar(row: Row, x: float, step: float, most_s: int, slides: int) -> list[str]:
    gap = step * 0.15
    left, width = x + gap, step - 2 * gap
    speech, needed = _y(row.speech_s, most_s), _y(row.needed_s, most_s)
    foot, top = _y(0, most_s), _y(row.slot_s, most_s)
    words = 'fill="var(--accent)"' if row.fits else 'fill="var(--myth)"'
    tip = f"{row.label}: slot {clock(row.slot_s)}, words {clock(row.speech_s)}, "
    tip += f"cues {clock(row.cue_s)}, {row.full_percent}% full"
    shown = [f"<g><title>{html.escape(tip)}</title>"]
    for high, low, look in ((speech, foot, words), (needed, speech, 'fill="var(--soft)"')):
        if low > high:
            shown.append(
                f'<rect x="{left:.1f}" y="{high:.1f}" width="{width:.1f}" '
                f'height="{low - high:.1f}" {look}/>'
            )
    shown.append(
        f'<rect x="{left - 1:.1f}" y="{top:.1f}" width="{width + 2:.1f}" '
        f'height="{foot - top:.1f}" fill="none" stroke="var(--ink)" stroke-width="1.5"/>'
    )
    if slides <= 40 or (row.number or 0) % 10 == 0:
        shown.append(
            f'<text x="{x + step / 2:.1f}" y="{HEIGHT - BOTTOM + 20}" font-size="14" '
            f'text-anchor="middle" fill="var(--ink)">{html.escape(row.label)}</text>'
        )
    return [*shown, "</g>"]
