"""Charts of how well the classifiers do: all of them side by side, and one's confusion matrix."""

from __future__ import annotations

from pipeline.numbers.formats import count, interval, num, seconds
from pipeline.numbers.values import wrap
from pipeline.pictures.charts.canvas import Canvas
from pipeline.pictures.picture import Picture
from pipeline.pictures.theme import (
    ACCENT,
    CARD,
    INK,
    LINE,
    NEGATIVE,
    POSITIVE,
    SMALL,
    SOFT,
    STRONG,
    one_line,
    shortened,
    text_width,
    wrapped,
)
from pipeline.results import Evaluation, Results, Score

CLASSIFIERS = ("majority", "untrained", "prompted", "linear", "finetuned")


def draw_compare(results: Results) -> Picture:
    """F1 of the five classifiers with 95% intervals, and the time each takes; 1136 × 380."""
    return _compared(
        "compare",
        [getattr(results, name) for name in CLASSIFIERS],
        strong=("linear", "finetuned"),
        on=f"{count(wrap('data.test.messages', results.data.test.messages))} test messages",
    )


def draw_elsewhere(results: Results) -> Picture:
    """F1 of the classifiers that were also tried on the second test set; 1136 wide."""
    evaluations = list(results.elsewhere.values())
    total = max(e.confusion.total for e in evaluations)
    where = one_line(results.elsewhere_name) or "a second test set"
    on = f"{where} ({count(wrap('elsewhere', total))})"
    return _compared("elsewhere", evaluations, strong=tuple(results.elsewhere), on=on)


def _compared(
    name: str, evaluations: list[Evaluation], strong: tuple[str, ...], on: str
) -> Picture:
    keys = CLASSIFIERS if name == "compare" else strong
    pitch, top, left, room = 58.0, 50.0, 322.0, 340.0
    canvas = Canvas(name, 1136, top + pitch * len(evaluations) + 40)
    bottom = top + pitch * len(evaluations) - 6
    canvas.caption(0, 18, shortened(f"F1 on {on}, with 95% interval", SMALL, 880))
    canvas.caption(1028, 18, "to train", "right")
    canvas.caption(1136, 18, "to test", "right")
    for tick in (0.0, 0.5, 1.0):
        canvas.caption(left + room * tick, bottom + 26, f"{tick:g}", "center")
    for row, (key, evaluation) in enumerate(zip(keys, evaluations, strict=True)):
        y = top + pitch * (row + 0.5) - 8
        colour = ACCENT if key == "finetuned" else INK if key in strong else SOFT
        weight = STRONG if key in strong else 500
        lines = wrapped(evaluation.name, SMALL, left - 24, 2, weight)
        canvas.axis(left, left + room, y)
        for at, line in enumerate(lines):
            shift = (at - (len(lines) - 1) / 2) * 27
            canvas.text(0, y + shift, line, weight=weight, colour=colour)
        _draw_score(canvas, key, evaluation.f1, (left, room), y, colour)
        for x, taken in ((1028, evaluation.fit_seconds), (1136, evaluation.predict_seconds)):
            canvas.text(x, y, _time(taken), weight=weight, colour=colour, anchor="right")
    said = "; ".join(_said(e) for e in evaluations)
    rows = [("Classifier", "F1", "95% interval", "Time to train", "Time to test")]
    rows += [
        (
            one_line(e.name),
            _f1(e.f1),
            _range(e.f1) or "–",
            _time(e.fit_seconds),
            _time(e.predict_seconds),
        )
        for e in evaluations
    ]
    return canvas.picture(f"F1 on {on}", f"F1 on {on}, with 95% intervals: {said}.", rows)


def _draw_score(
    canvas: Canvas, key: str, score: Score, span: tuple[float, float], y: float, colour: str
) -> None:
    left, room = span
    x = left + room + 28
    if score.value is None:
        canvas.text(x, y, "undefined", colour=colour)
        return
    if score.low is not None and score.high is not None:
        low, high = left + room * score.low, left + room * score.high
        canvas.box(
            low, y - 13, high - low, 26, colour, radius=13, tint=True, part=f"interval-{key}"
        )
    canvas.dot(left + room * score.value, y, colour, radius=7, part=f"f1-{key}")
    canvas.strong(x, y, _f1(score), colour)
    canvas.text(x + text_width(_f1(score), SMALL, STRONG) + 14, y, _range(score), colour=colour)


def _f1(score: Score) -> str:
    return "undefined" if score.value is None else num(wrap("f1", score))


def _range(score: Score) -> str:
    if score.value is None or score.low is None or score.high is None:
        return ""
    return interval(wrap("f1", score))


def _time(taken: float) -> str:
    return seconds(wrap("seconds", taken)) if taken > 0 else "–"


def _said(e: Evaluation) -> str:
    said = f"{one_line(e.name)} {_f1(e.f1)}"
    if _range(e.f1):
        said += f" ({_range(e.f1)})"
    return said + (f", trained in {_time(e.fit_seconds)}" if e.fit_seconds > 0 else "")


def draw_confusion(results: Results) -> Picture:
    """The fine-tuned model's confusion matrix on the test set, counts and words; 292 × 240."""
    matrix = results.finetuned.confusion
    positive, negative = one_line(results.data.positive), one_line(results.data.negative)
    alarm = "alarm" if matrix.false_positive == 1 else "alarms"
    cells = (  # count, what it is, right, row, column
        (matrix.true_positive, "caught", True, 0, 0),
        (matrix.false_negative, "missed", False, 0, 1),
        (matrix.false_positive, alarm, False, 1, 0),
        (matrix.true_negative, "passed", True, 1, 1),
    )
    canvas = Canvas("confusion", 292, 240)
    labels = ((positive, POSITIVE), (negative, NEGATIVE))
    left = min(max(text_width(word, SMALL, STRONG) for word, _ in labels), 74.0) + 12
    top, height, gap = 36.0, 98.0, 8.0
    width = (292 - left - gap) / 2
    for at, (label, colour) in enumerate(labels):
        shown = shortened(label, SMALL, width, STRONG)
        canvas.strong(left + at * (width + gap) + width / 2, 18, shown, colour, "center")
        shown = shortened(label, SMALL, left - 12, STRONG)
        canvas.strong(left - 12, top + at * (height + gap) + height / 2, shown, colour, "right")
    for number, word, right, row, column in cells:
        spot = (left + column * (width + gap), top + row * (height + gap), width, height)
        _draw_cell(canvas, spot, number, word, right, f"cell-{row}-{column}")
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
    return canvas.picture(f"Confusion matrix: {name}", desc, rows)


def _draw_cell(
    canvas: Canvas,
    spot: tuple[float, float, float, float],
    number: int,
    word: str,
    right: bool,
    part: str,
) -> None:
    """A right cell is a filled card, a wrong one an open, dashed box."""
    x, y, width, height = spot
    edge, fill = (LINE, CARD) if right else (SOFT, "")
    canvas.box(
        x + 2, y + 2, width - 4, height - 4, fill, edge=edge, dashed=not right, radius=12, part=part
    )
    shown: str = count(wrap("confusion", number))
    # Seven digits would need a smaller size than a slide may have: in thousands they don't.
    if text_width(shown, SMALL, STRONG) > width - 12:
        shown = f"{count(wrap('thousands', number // 1000))}k"
    size = min(44.0, 44 * (width - 16) / text_width(shown, 44, STRONG))
    middle = x + width / 2
    canvas.text(middle, y + 37, shown, size=size, weight=STRONG, anchor="center")
    canvas.text(middle, y + 75, word, colour=INK if right else SOFT, anchor="center")
