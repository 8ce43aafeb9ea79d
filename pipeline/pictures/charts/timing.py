"""Slots against speech by slide, as an SVG in the theme's colours."""

from __future__ import annotations

from typing import Any

from pipeline.lengths import clock
from pipeline.locale import ENGLISH, Locale
from pipeline.pictures.charts.style import chart, chart_style, part, time_ticks
from pipeline.pictures.text import one_line
from pipeline.pictures.theme import ACCENT, INK, MYTH, SOFT
from pipeline.script.timing import Row, Timing

WIDTH, HEIGHT, TEXT = 960, 360, 15  # px
MOST_NAMED = 40  # slides; of more, only each tenth has its number


def plot_svg(timing: Timing, locale: Locale = ENGLISH) -> str:
    """One bar a slide: its slot as an outline, words and cues in it, the fullest ones marked.

    Colours are custom properties with light values to fall back on; a table of the same numbers is
    `script.table`.
    """
    rows, title = timing.slides, one_line(timing.title)
    wide = [row.label for row in rows if not row.fits]
    said = locale.say("Every slide fits its slot.")
    if wide:
        said = locale.say("Outside its slot: slide {slides}.", slides=locale.comma.join(wide))
    planned, needed = clock(timing.planned_s), clock(timing.totals.needed_s)
    with chart_style(TEXT):
        sheet = chart(f"plot-{timing.cut}", WIDTH, HEIGHT)
        axes, places = sheet.axes, range(len(rows))
        said_in = locale.say("words, {pace} a minute", pace=timing.pace_wpm)
        outside = locale.say("outside its slot")
        for fits, colour, label in ((True, ACCENT, said_in), (False, MYTH, outside)):
            which = [n for n in places if rows[n].fits is fits]
            speech = [rows[n].speech_s for n in which]
            axes.bar(which or [0], speech or [0], 0.7, color=colour, label=label)
        speech, cues = [row.speech_s for row in rows], [row.cue_s for row in rows]
        axes.bar(places, cues, 0.7, speech, color=SOFT, label=locale.say("cues"))
        slots_s = [row.slot_s for row in rows]
        look: dict[str, Any] = {"color": "none", "edgecolor": INK, "label": locale.say("slot")}
        slots = axes.bar(places, slots_s, 0.74, **look)
        for bar, row in zip(slots, rows, strict=True):
            bar.set(linewidth=1.5, gid=part(f"slot-{row.label}"))
            sheet.tips[f"slot-{row.label}"] = _tip(row, locale)
        named = [n for n in places if len(rows) <= MOST_NAMED or (rows[n].number or 0) % 10 == 0]
        axes.set_xticks(named, [one_line(rows[n].label) for n in named])
        axes.tick_params(length=0)
        most_s = max([60, *(max(row.slot_s, row.needed_s) for row in rows)])
        ticks = time_ticks(most_s, 6)
        axes.set_yticks(ticks, _named(ticks, locale))
        axes.set(xlim=(-0.6, max(len(rows), 1) - 0.4), ylim=(0, most_s * 1.02))
        axes.grid(axis="y", linewidth=1)
        sheet.figure.legend(loc="upper left", ncols=4, labelcolor=INK)
        drawn = sheet.picture(
            locale.say("Slots and speech by slide: {title}", title=title),
            locale.say(
                "{title}: {planned} of slots, {needed} of words and cues. {said}",
                title=title,
                planned=planned,
                needed=needed,
                said=said,
            ),
        )
    return drawn.svg + "\n"


def _named(ticks: list[int], locale: Locale) -> list[str]:
    """In whole minutes, or as a clock where one of them is none."""
    if any(tick % 60 for tick in ticks):
        return [clock(tick) for tick in ticks]
    return [locale.say("{minutes} min", minutes=tick // 60) for tick in ticks]


def _tip(row: Row, locale: Locale) -> str:
    return locale.say(
        "{slide}: slot {slot}, words {words}, cues {cues}, {percent}% full",
        slide=one_line(row.label),
        slot=clock(row.slot_s),
        words=clock(row.speech_s),
        cues=clock(row.cue_s),
        percent=row.full_percent,
    )
