"""Timings shown: as a text table, and as data for JSON."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.lengths import clock
from pipeline.problems import shortened
from pipeline.script.stated import Checkpoint
from pipeline.script.timing import Row, Timing, Totals
from pipeline.script.words import columns

TITLE_WIDTH = 34
_SUMS = ("spoken_words", "speech_s", "cue_s")
_ROW = (
    *("kind", "label", "title", "start_s", "slot_s", *_SUMS, "optional_s", "slack_s"),
    *("full_percent", "pace_needed_wpm", "fits"),
)
_COLUMNS = ("slide", "", "start", "slot", "words", "speech", "cues", "slack", "full", "pace", "")


def table(timing: Timing) -> str:
    """The timing of one cut as aligned text: times as m:ss, `pace` the pace that fills the slot."""
    lines = [_cells(row) for row in timing.rows]
    length = f", to be {timing.length}" if timing.length else ""
    head = f"{timing.title} ({timing.cut}) at {timing.pace_wpm} {timing.counted} a minute{length}"
    total = timing.totals
    talk = [
        ("", "the talk", "", clock(timing.planned_s), *_sums(total, timing.planned_s), "", ""),
        ("", "without optional parts", "", "", *_sums(timing.without_options, None), "", ""),
        ("", "with all of them", "", "", *_sums(timing.with_options, None), "", ""),
    ]
    heads = tuple(timing.counted if head == "words" else head for head in _COLUMNS)
    aligned = _aligned([heads, *lines, *talk])
    body = len(lines) + 1
    rule = "-" * max(len(line) for line in aligned)
    shown = [head, "", aligned[0], rule, *aligned[1:body], rule, *aligned[body:]]
    if timing.checkpoints:
        labels = {row.number: row.label for row in timing.slides}
        points = timing.checkpoints
        shown += ["", *(_checkpoint(p, labels.get(p.slide, str(p.slide))) for p in points)]
    return "\n".join(shown) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    title = shortened(row.title, TITLE_WIDTH)
    slot = str(row.slot) if row.slot else "none"
    mark = "" if row.fits else ("short" if row.slack_s > 0 else "long")
    full = "" if row.kind == "qa" else f"{row.full_percent}%"
    full = full if row.needed_s or not row.on_slide else "-"
    has_pace = row.pace_needed_wpm and row.kind != "qa" and not row.on_slide
    pace = str(row.pace_needed_wpm) if has_pace else "-"
    slack = "" if row.kind == "qa" else clock(row.slack_s)
    cells = (row.label, title, clock(row.start_s), slot, str(row.spoken_words))
    return (*cells, clock(row.speech_s), clock(row.cue_s), slack, full, pace, mark)


def _sums(total: Totals, planned_s: int | None) -> tuple[str, ...]:
    slack = clock(planned_s - total.needed_s) if planned_s is not None else ""
    full = f"{round(100 * total.needed_s / planned_s)}%" if planned_s else ""
    return str(total.spoken_words), clock(total.speech_s), clock(total.cue_s), slack, full


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(columns(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    left = (0, 1, len(_COLUMNS) - 1)
    return [
        "  ".join(
            f"{cell}{_gap(cell, width)}" if column in left else f"{_gap(cell, width)}{cell}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _gap(cell: str, width: int) -> str:
    return " " * (width - columns(cell))


def _checkpoint(point: Checkpoint, slide: str) -> str:
    computed = f"checkpoint: slide {slide} starts at {clock(point.computed_s)}"
    if not point.is_of_cut:
        return computed
    verdict = "as" if point.agrees else "not as"
    about = "about " if point.stated.about else ""
    return f"{computed}, {verdict} the tip says ({about}{point.stated})"


def as_json(timings: Mapping[str, Timing]) -> dict[str, object]:
    """Every number of the tables, by cut; all times in seconds."""
    return {"cuts": {name: _timing(timing) for name, timing in timings.items()}}


def _timing(timing: Timing) -> dict[str, object]:
    return {
        **_named(timing, "title", "pace_wpm", "planned_s"),
        "length_s": [timing.length.low_s, timing.length.high_s] if timing.length else None,
        "total": _named(timing.totals, *_SUMS, "needed_s"),
        "with_options": _named(timing.with_options, *_SUMS, "needed_s"),
        "without_options": _named(timing.without_options, *_SUMS, "needed_s"),
        "rows": [
            {**_named(row, *_ROW), "slide": row.number, "line": row.source.line}
            for row in timing.rows
        ],
        "checkpoints": [
            {
                "slide": point.slide,
                "starts_s": point.computed_s,
                "stated_s": [point.stated.low_s, point.stated.high_s] if point.is_of_cut else None,
                "agrees": point.agrees if point.is_of_cut else None,
                "line": point.source.line,
            }
            for point in timing.checkpoints
        ],
        "findings": [
            {
                **_named(finding, "message", "hint", "is_error"),
                "where": str(finding.where) if finding.where else None,
            }
            for finding in timing.findings
        ],
    }


def _named(thing: object, *names: str) -> dict[str, object]:
    return {name: getattr(thing, name) for name in names}
