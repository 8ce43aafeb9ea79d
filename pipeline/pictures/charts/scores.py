"""Charts of how well the classifiers do: all of them side by side, and one's confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.numbers.formats import count, interval, num, seconds
from pipeline.numbers.values import wrap
from pipeline.pictures.charts.style import FIRST_LINE, Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import Run, one_line, plain, shortened, text_width, wrapped
from pipeline.pictures.theme import (
    ACCENT,
    CARD,
    INK,
    LINE,
    NEGATIVE,
    POSITIVE,
    REGULAR,
    SMALL,
    SOFT,
    STROKE,
    STRONG,
)
from pipeline.results import Evaluation, Results, Score

NAMES, SCORE, RANGE, TRAIN, TEST = 0.0, 690.0, 756.0, 1028.0, 1136.0  # px: where columns stand
AXIS = (322.0, 662.0)


def draw_compare(results: Results) -> Picture:
    """F1 of each classifier with its 95% interval, and the time it takes; 1136 × 380."""
    evaluations = results.evaluations
    on = f"{count(wrap('data.test.messages', results.data.test.messages))} test messages"
    return _compared("compare", evaluations, ("linear", "finetuned"), on, metric_of(results))


def draw_elsewhere(results: Results) -> Picture:
    """F1 of the classifiers that were also tried on the second test set; 1136 wide."""
    total = max(e.total for e in results.elsewhere.values())
    where = one_line(results.elsewhere_name) or "a second test set"
    on = f"{where} ({count(wrap('elsewhere', total))})"
    strong = tuple(results.elsewhere)
    return _compared("elsewhere", results.elsewhere, strong, on, metric_of(results))


def metric_of(results: Results) -> str:
    """What `f1` is: of the positive label, or, where there is none, the mean of all labels."""
    return "F1" if results.data.positive else "Macro-F1"


def _compared(
    name: str, evaluations: Mapping[str, Evaluation], strong: tuple[str, ...], on: str, metric: str
) -> Picture:
    pitch, top, foot = 58.0 if len(evaluations) <= 5 else 46.0, FIRST_LINE, 54.0
    bottom = top + pitch * len(evaluations)
    sheet = chart(name, TEST, bottom + foot, (*AXIS, top, bottom))
    sheet.caption(NAMES, shortened(f"{metric} on {on}, with 95% interval", SMALL, 880))
    sheet.caption(TRAIN, "to train", "right")
    sheet.caption(TEST, "to test", "right")
    sheet.axes.set(xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=("0", "0.5", "1"))
    sheet.rows(len(evaluations))
    for row, (key, evaluation) in enumerate(evaluations.items()):
        colour = ACCENT if key == "finetuned" else INK if key in strong else SOFT
        weight = STRONG if key in strong else REGULAR
        called = (Run(one_line(evaluation.name)),)
        lines = (plain([line]) for line in wrapped(called, SMALL, AXIS[0] - 24, weight))
        sheet.cell(NAMES, row, "\n".join(lines), color=colour, weight=weight, linespacing=0.8)
        _draw_score(sheet, key, evaluation.f1, row, colour)
        for x, taken in ((TRAIN, evaluation.fit_seconds), (TEST, evaluation.predict_seconds)):
            sheet.cell(x, row, _time(taken), color=colour, weight=weight, ha="right")
    said = "; ".join(map(_said, evaluations.values()))
    rows = [("Classifier", metric, "95% interval", "Time to train", "Time to test")]
    for e in evaluations.values():
        times = (_time(e.fit_seconds), _time(e.predict_seconds))
        rows.append((one_line(e.name), f1_shown(e.f1), _range(e.f1) or "–", *times))
    return sheet.picture(
        f"{metric} on {on}", f"{metric} on {on}, with 95% intervals: {said}.", rows
    )


def _draw_score(sheet: Chart, key: str, score: Score, row: int, colour: str) -> None:
    """The score as a dot on its interval, and both in figures."""
    if score.value is None:
        sheet.cell(SCORE, row, "undefined", color=colour)
        return
    if score.low is not None and score.high is not None:
        sheet.axes.barh(
            row,
            score.high - score.low,
            left=score.low,
            height=0.45,
            color=colour,
            alpha=0.3,
            gid=part(f"interval-{key}"),
        )
    sheet.axes.plot(
        score.value, row, "o", color=colour, ms=12, mew=0, clip_on=False, gid=part(f"f1-{key}")
    )
    sheet.cell(SCORE, row, f1_shown(score), color=colour, weight=STRONG)
    after = SCORE + text_width(f1_shown(score), SMALL, STRONG) + 14
    sheet.cell(after, row, _range(score), color=colour)


def f1_shown(score: Score) -> str:
    return "undefined" if score.value is None else num(wrap("f1", score))


def _range(score: Score) -> str:
    if score.value is None or score.low is None or score.high is None:
        return ""
    return interval(wrap("f1", score))


def _time(taken: float) -> str:
    return seconds(wrap("seconds", taken)) if taken > 0 else "–"


def _said(e: Evaluation) -> str:
    said = f"{one_line(e.name)} {f1_shown(e.f1)}"
    if _range(e.f1):
        said += f" ({_range(e.f1)})"
    return said + (f", trained in {_time(e.fit_seconds)}" if e.fit_seconds > 0 else "")


def draw_confusion(results: Results) -> Picture:
    """The fine-tuned model's confusion matrix on the test set, counts and words; 292 × 240."""
    matrix = results.finetuned.confusion
    assert matrix is not None
    positive, negative = one_line(results.data.positive), one_line(results.data.negative)
    alarm = "alarm" if matrix.false_positive == 1 else "alarms"
    cells = (  # count, what it is, right; row by row
        (matrix.true_positive, "caught", True),
        (matrix.false_negative, "missed", False),
        (matrix.false_positive, alarm, False),
        (matrix.true_negative, "passed", True),
    )
    labels = ((positive, POSITIVE), (negative, NEGATIVE))
    left = min(max(text_width(word, SMALL, STRONG) for word, _ in labels), 74.0) + 12
    sheet = chart("confusion", 292, 240, (left, 292, FIRST_LINE, 240))
    axes, width, height = sheet.axes, (292 - left) / 2, (240 - FIRST_LINE) / 2
    axes.set(xlim=(0, 2 * width), ylim=(2 * height, 0))  # in px
    axes.set_xticks(
        (width / 2, 1.5 * width), [shortened(x, SMALL, width, STRONG) for x, _ in labels]
    )
    axes.set_yticks(
        (height / 2, 1.5 * height), [shortened(x, SMALL, left - 12, STRONG) for x, _ in labels]
    )
    axes.tick_params(length=0, top=True, labeltop=True, labelbottom=False)
    axes.spines.bottom.set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        for text, (_, colour) in zip(axis.get_ticklabels(), labels, strict=True):
            text.set(color=colour, weight=STRONG)
    for at, (number, word, right) in enumerate(cells):
        row, column = divmod(at, 2)
        _draw_cell(sheet, (column * width, row * height, width, height), number, word, right)
    tp, fn, fp, tn = (count(wrap("confusion", cell[0])) for cell in cells)
    name = one_line(results.finetuned.name)
    desc = (
        f"{name} on the {count(wrap('total', matrix.total))} test messages: "
        f"{tp} {positive} caught, {fn} {positive} missed, {fp} {negative} called {positive}, "
        f"{tn} {negative} let through. Rows: what it is; columns: what it was called."
    )
    rows = (
        ("", f"called {positive}", f"called {negative}"),
        (f"really {positive}", tp, fn),
        (f"really {negative}", fp, tn),
    )
    return sheet.picture(f"Confusion matrix: {name}", desc, rows)


def _draw_cell(
    sheet: Chart, spot: tuple[float, float, float, float], number: int, word: str, right: bool
) -> None:
    """A right cell is a filled card, a wrong one an open, dashed box."""
    from matplotlib.patches import FancyBboxPatch

    x, y, width, height = spot
    card = FancyBboxPatch(
        (x + 6, y + 6),
        width - 12,
        height - 12,
        boxstyle="round,pad=0,rounding_size=12",
        facecolor=CARD if right else "none",
        edgecolor=LINE if right else SOFT,
        linewidth=STROKE,
        linestyle="solid" if right else (0, (2, 1.6)),
        clip_on=False,
    )
    sheet.axes.add_patch(card)
    shown: str = count(wrap("confusion", number))
    # Seven digits would need a smaller size than a slide may have: in thousands they don't.
    if text_width(shown, SMALL, STRONG) > width - 20:
        shown = f"{count(wrap('thousands', number // 1000))}k"
    size = min(44.0, 44 * (width - 24) / text_width(shown, 44, STRONG))
    centre: dict[str, Any] = {"ha": "center", "va": "center"}
    sheet.axes.text(x + width / 2, y + 0.37 * height, shown, size=size, weight=STRONG, **centre)
    sheet.axes.text(x + width / 2, y + 0.75 * height, word, color=INK if right else SOFT, **centre)
