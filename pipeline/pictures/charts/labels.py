"""Charts of any number of labels: which are taken for which, and how well each is told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from pipeline.measured import step
from pipeline.numbers.formats import count, pct
from pipeline.numbers.values import wrap
from pipeline.pictures.charts.scores import f1_shown
from pipeline.pictures.charts.style import FIRST_LINE, HALF, WIDE, Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import one_line, shortened, text_width
from pipeline.pictures.theme import (
    ACCENT,
    CARD,
    INK,
    LINE,
    MYTH,
    REGULAR,
    SMALL,
    SOFT,
    STROKE,
    STRONG,
)
from pipeline.results import Evaluation, Matrix, Rate, Results

MOST = 10  # labels that a slide holds
PITCH = 46.0  # px, from row to row
AXIS = (322.0, 642.0)
NARROW_AXIS = (204.0, 440.0)  # on a phone
PRECISION, RECALL, CASES = 860.0, 980.0, WIDE  # px: where columns stand


def draw_label_confusion(results: Results) -> Picture:
    """Which labels the fine-tuned model takes for which; a row each, at most ten; 540 or 1136 wide.

    Of more labels those are shown that are confused most.
    """
    model = results.finetuned
    names = most_confused(model.matrix, MOST)
    few = len(names) <= 4
    width, height = HALF if few else WIDE, 62.0 if few else PITCH
    rows = [one_line(name) for name in names]
    longest = max(text_width(row, SMALL, STRONG) for row in rows)
    left, top = min(longest, 150 if few else 250) + 18, 2 * FIRST_LINE + 4
    cell = (width - left) / len(names)
    heads = rows
    if any(text_width(head, SMALL, STRONG) > cell - 8 for head in heads):
        # A column is then known by its number, which stands before the row's name, too.
        heads = [str(number) for number in range(1, len(names) + 1)]
        rows = [f"{number} {row}" for number, row in zip(heads, rows, strict=True)]
        left = min(max(text_width(row, SMALL, STRONG) for row in rows), 190 if few else 290) + 18
        cell = (width - left) / len(names)
    bottom = top + height * len(names)
    sheet = chart("confusion", width, bottom, (left, width, top, bottom))
    sheet.caption(0, "really")
    which = "" if len(names) == len(model.matrix) else f": {_of_all(names, model.matrix)}"
    sheet.caption(left + 8, f"what the model says{which}")
    sheet.axes.set(xlim=(0, width - left), ylim=(len(names) - 0.5, -0.5))
    sheet.axes.axis("off")
    look: dict[str, Any] = {"ha": "center", "va": "center", "weight": STRONG, "color": INK}
    for at, (name, row, head) in enumerate(zip(names, rows, heads, strict=True)):
        place = ((left + (at + 0.5) * cell) / width, 1 - 1.5 * FIRST_LINE / bottom)
        sheet.figure.text(*place, head, **look)
        sheet.cell(0, at, shortened(row, SMALL, left - 14, STRONG), weight=STRONG)
        _draw_row(sheet, model.matrix, name, names, at, (cell, height))
    title = f"Confusion matrix: {one_line(model.name)}"
    return sheet.picture(title, _said_of(results, names), _matrix_rows(model.matrix, names))


def _draw_row(
    sheet: Chart,
    matrix: Matrix,
    name: str,
    names: Sequence[str],
    row: int,
    size: tuple[float, float],
) -> None:
    """What a label's messages were said to be. A right cell is a filled card; a wrong one is the
    darker the more of the label's messages it takes."""
    from matplotlib.patches import FancyBboxPatch

    (cell, height), of_label = size, sum(matrix[name].values())
    for column, said in enumerate(names):
        number, right = matrix[name][said], said == name
        x, y = column * cell, row - 0.5
        # Three pixels on each side stay free; the axis counts rows.
        spot = (x + 3, y + 3 / height)
        strength = 0.12 + 0.5 * number / of_label if number and not right else 0.0
        card = FancyBboxPatch(
            spot,
            cell - 6,
            1 - 6 / height,
            boxstyle="round,pad=0,rounding_size=8",
            mutation_aspect=1 / height,
            facecolor=CARD if right else MYTH,
            edgecolor=LINE if right else "none",
            linewidth=STROKE if right else 0,
            alpha=1 if right else strength,
            clip_on=False,
        )
        if right or number:
            sheet.axes.add_patch(card)
        shown = _short(number, cell - 14)
        at = step(step("finetuned.matrix", name), said)
        look: dict[str, Any] = {"weight": STRONG if right or number else REGULAR}
        look |= {"color": INK if right or number else SOFT, "ha": "center", "va": "center"}
        sheet.axes.text(x + cell / 2, row, shown, gid=part(f"cell-{row}-{column}", at), **look)


def most_confused(matrix: Matrix, most: int) -> list[str]:
    """At most so many labels, in their order: pair by pair those that are most taken for another.

    Labels that are confused with none come last.
    """
    if len(matrix) <= most:
        return list(matrix)
    pairs = sorted(
        (-(matrix[one][other] + matrix[other][one]), one, other)
        for one, other in combinations(matrix, 2)
    )
    kept: list[str] = []
    for _, *pair in pairs:
        new = [name for name in pair if name not in kept]
        if len(kept) + len(new) <= most:
            kept += new
    return [name for name in matrix if name in kept]


def _of_all(names: Sequence[str], matrix: Matrix) -> str:
    return f"the {len(names)} most confused of {len(matrix)} labels"


def _said_of(results: Results, names: Sequence[str]) -> str:
    model, matrix = results.finetuned, results.finetuned.matrix
    wrong = sorted(
        (
            (number, true, said)
            for true, row in matrix.items()
            for said, number in row.items()
            if number and said != true
        ),
        key=lambda one: -one[0],
    )[:3]
    right = f"{_count(model.accuracy.hits)} of {_count(model.total)} test messages right"
    most = "; ".join(f"{_count(n)} {one_line(a)} called {one_line(b)}" for n, a, b in wrong)
    shown = "" if len(names) == len(matrix) else f" Shown: {_of_all(names, matrix)}."
    confused = f" Most often confused: {most}." if most else ""
    rows = " Rows: what it is; columns: what it was called."
    return f"{one_line(model.name)}: {right}.{confused}{shown}{rows}"


def _matrix_rows(matrix: Matrix, names: Sequence[str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", *(f"called {one_line(name)}" for name in names))]
    for name in names:
        cells = (_count(matrix[name][said]) for said in names)
        rows.append((f"really {one_line(name)}", *cells))
    return rows


def draw_labels(results: Results) -> Picture:
    """F1 of each label with its 95% interval, precision and recall; at most ten; 1136 wide.

    Of more labels those are shown whose F1 is the lowest. A phone has names and F1 alone.
    """
    model = results.finetuned
    names = worst(model, MOST)
    of = "" if len(names) == len(model.labels) else f", the {len(names)} worst of all labels"
    rows = [("Label", "F1", "95% interval", "Precision", "Recall", "Messages")]
    for name in names:
        found = model.labels[name]
        cases = _count(found.recall.total)
        shares = (_share(found.precision), _share(found.recall))
        rows.append(
            (one_line(name), f1_shown(model.labels[name].f1), _range(model, name), *shares, cases)
        )
    said = ", ".join(f"{one_line(name)} {f1_shown(model.labels[name].f1)}" for name in names)
    title = f"F1 of {one_line(model.name)} by label"
    heading = f"F1 by label, with 95% interval{of}"
    wide, narrow = (
        _labels_sheet(model, names, heading, is_wide=is_wide).picture(
            title, f"{title}{of}: {said}.", rows, "plot wide" if is_wide else "plot"
        )
        for is_wide in (True, False)
    )
    return replace(wide, narrow=narrow.svg)


def _labels_sheet(model: Evaluation, names: Sequence[str], heading: str, *, is_wide: bool) -> Chart:
    width, axis = (WIDE, AXIS) if is_wide else (HALF, NARROW_AXIS)
    top, bottom = FIRST_LINE + 6, FIRST_LINE + 6 + PITCH * len(names)
    sheet = chart("labels", width, bottom + 44, (*axis, top, bottom))
    sheet.caption(0, shortened(heading, SMALL, PRECISION - 120 if is_wide else width - 8))
    if is_wide:
        for x, head in ((PRECISION, "precision"), (RECALL, "recall"), (CASES, "messages")):
            sheet.caption(x, head, "right")
    sheet.axes.set(xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=("0", "0.5", "1"))
    sheet.rows(len(names))
    for at, name in enumerate(names):
        _draw_label(sheet, model, name, at, axis)
        if is_wide:
            _draw_rates(sheet, model, name, at)
    return sheet


def _draw_label(
    sheet: Chart, model: Evaluation, name: str, row: int, axis: tuple[float, float]
) -> None:
    found, place = model.labels[name], step("finetuned.labels", name)
    sheet.cell(0, row, shortened(one_line(name), SMALL, axis[0] - 24))
    f1 = found.f1
    if f1.value is not None and f1.low is not None and f1.high is not None:
        sheet.axes.barh(row, f1.high - f1.low, 20 / PITCH, left=f1.low, color=ACCENT, alpha=0.3)
        mark: dict[str, Any] = {"color": ACCENT, "ms": 12, "mew": 0, "clip_on": False}
        sheet.axes.plot(f1.value, row, "o", gid=part(f"f1-{row}", f"{place}.f1"), **mark)
    shown = f1_shown(model.labels[name].f1)
    sheet.cell(axis[1] + 30, row, shown, weight=STRONG, color=ACCENT, gid=part("", f"{place}.f1"))


def _draw_rates(sheet: Chart, model: Evaluation, name: str, row: int) -> None:
    found, place = model.labels[name], step("finetuned.labels", name)
    for x, field, rate in (
        (PRECISION, "precision", found.precision),
        (RECALL, "recall", found.recall),
    ):
        at = f"{place}.{field}" if rate.value is not None else ""
        sheet.cell(x, row, _share(rate), ha="right", gid=part("", at))
    sheet.cell(CASES, row, _count(found.recall.total), ha="right", color=SOFT)


def worst(model: Evaluation, most: int) -> list[str]:
    """At most so many labels, in their order: those with the lowest F1."""

    def score(name: str) -> float:
        value = model.labels[name].f1.value
        return 1.0 if value is None else value

    kept = sorted(model.labels, key=score)[:most]
    return [name for name in model.labels if name in kept]


def _range(model: Evaluation, name: str) -> str:
    found = model.labels[name].f1
    if found.value is None or found.low is None or found.high is None:
        return "–"
    return f"{found.low:.3f}–{found.high:.3f}"


def _share(rate: Rate) -> str:
    return "–" if rate.value is None else pct(wrap("rate", rate))


def _count(number: int) -> str:
    return str(count(wrap("messages", number)))


def _short(number: int, room: float) -> str:
    """In thousands where the digits have no room."""
    shown = _count(number)
    return shown if text_width(shown, SMALL, STRONG) <= room else f"{_count(number // 1000)}k"
