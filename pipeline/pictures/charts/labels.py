"""Charts of any number of labels: which are taken for which, and how well each is told apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from msgspec.structs import replace

from pipeline.locale import ENGLISH, Locale
from pipeline.measured import step
from pipeline.numbers.localized import formats_of
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


def draw_label_confusion(results: Results, locale: Locale = ENGLISH) -> Picture:
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
    really = locale.say("really")
    sheet.caption(0, really)
    after = left + 8 if locale.is_english else max(left + 8, text_width(really, SMALL) + 24)
    sheet.caption(after, _says(names, model.matrix, locale))
    sheet.axes.set(xlim=(0, width - left), ylim=(len(names) - 0.5, -0.5))
    sheet.axes.axis("off")
    look: dict[str, Any] = {"ha": "center", "va": "center", "weight": STRONG, "color": INK}
    for at, (name, row, head) in enumerate(zip(names, rows, heads, strict=True)):
        place = ((left + (at + 0.5) * cell) / width, 1 - 1.5 * FIRST_LINE / bottom)
        sheet.figure.text(*place, head, **look)
        sheet.cell(0, at, shortened(row, SMALL, left - 14, STRONG), weight=STRONG)
        _draw_row(sheet, model.matrix, name, names, at, (cell, height), locale)
    title = locale.say("Confusion matrix: {name}", name=one_line(model.name))
    rows_said = _matrix_rows(model.matrix, names, locale)
    return sheet.picture(title, _said_of(results, names, locale), rows_said)


def _draw_row(
    sheet: Chart,
    matrix: Matrix,
    name: str,
    names: Sequence[str],
    row: int,
    size: tuple[float, float],
    locale: Locale,
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
        shown = _short(number, cell - 14, locale)
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


def _says(names: Sequence[str], matrix: Matrix, locale: Locale) -> str:
    """What the columns are."""
    if len(names) == len(matrix):
        return locale.say("what the model says")
    return locale.say("what the model says: {labels}", labels=_of_all(names, matrix, locale))


def _of_all(names: Sequence[str], matrix: Matrix, locale: Locale) -> str:
    return locale.say(
        "the {count} most confused of {total} labels", count=len(names), total=len(matrix)
    )


def _said_of(results: Results, names: Sequence[str], locale: Locale) -> str:
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
    most = "; ".join(
        locale.say(
            "{count} {label} called {said}",
            count=locale.integer(n),
            label=one_line(a),
            said=one_line(b),
        )
        for n, a, b in wrong
    )
    parts = [
        locale.say(
            "{name}: {right} of {total} test messages right.",
            name=one_line(model.name),
            right=locale.integer(model.accuracy.hits),
            total=locale.integer(model.total),
        )
    ]
    if most:
        parts.append(locale.say("Most often confused: {labels}.", labels=most))
    if len(names) < len(matrix):
        parts.append(locale.say("Shown: {labels}.", labels=_of_all(names, matrix, locale)))
    return " ".join([*parts, locale.say("Rows: what it is; columns: what it was called.")])


def _matrix_rows(matrix: Matrix, names: Sequence[str], locale: Locale) -> list[tuple[str, ...]]:
    called = (locale.say("called {label}", label=one_line(name)) for name in names)
    rows: list[tuple[str, ...]] = [("", *called)]
    for name in names:
        cells = (locale.integer(matrix[name][said]) for said in names)
        rows.append((locale.say("really {label}", label=one_line(name)), *cells))
    return rows


def draw_labels(results: Results, locale: Locale = ENGLISH) -> Picture:
    """F1 of each label with its 95% interval, precision and recall; at most ten; 1136 wide.

    Of more labels those are shown whose F1 is the lowest. A phone has names and F1 alone.
    """
    model = results.finetuned
    names = worst(model, MOST)
    of = ""
    if len(names) < len(model.labels):
        worst_of = locale.say("the {count} worst of all labels", count=len(names))
        of = f"{locale.comma}{worst_of}"
    said = locale.say(", ").join(
        f"{one_line(name)} {f1_shown(model.labels[name].f1, locale)}" for name in names
    )
    title = locale.say("F1 of {name} by label", name=one_line(model.name))
    heading = locale.say("F1 by label, with 95% interval") + of
    desc = locale.say("{title}: {values}.", title=f"{title}{of}", values=said)
    rows = _label_rows(model, names, locale)
    wide, narrow = (
        _labels_sheet(model, names, heading, locale, is_wide=is_wide).picture(
            title, desc, rows, "plot wide" if is_wide else "plot"
        )
        for is_wide in (True, False)
    )
    return replace(wide, narrow=narrow.svg)


def _label_rows(model: Evaluation, names: Sequence[str], locale: Locale) -> list[tuple[str, ...]]:
    interval = locale.say("{level}% interval", level=95)
    rates = (locale.say("Precision"), locale.say("Recall"))
    rows: list[tuple[str, ...]] = [
        (locale.say("Label"), "F1", interval, *rates, locale.say("Messages"))
    ]
    for name in names:
        found = model.labels[name]
        shown = (f1_shown(found.f1, locale), _range(model, name, locale))
        shares = (_share(found.precision, locale), _share(found.recall, locale))
        rows.append((one_line(name), *shown, *shares, locale.integer(found.recall.total)))
    return rows


def _labels_sheet(
    model: Evaluation, names: Sequence[str], heading: str, locale: Locale, *, is_wide: bool
) -> Chart:
    width, axis = (WIDE, AXIS) if is_wide else (HALF, NARROW_AXIS)
    top, bottom = FIRST_LINE + 6, FIRST_LINE + 6 + PITCH * len(names)
    sheet = chart("labels", width, bottom + 44, (*axis, top, bottom))
    sheet.caption(0, shortened(heading, SMALL, PRECISION - 120 if is_wide else width - 8))
    if is_wide:
        rates = (PRECISION, locale.say("precision")), (RECALL, locale.say("recall"))
        for x, head in (*rates, (CASES, locale.say("messages"))):
            sheet.caption(x, head, "right")
    ticks = ("0", locale.rewritten("0.5"), "1")
    sheet.axes.set(xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=ticks)
    sheet.rows(len(names))
    for at, name in enumerate(names):
        _draw_label(sheet, model, name, at, axis, locale)
        if is_wide:
            _draw_rates(sheet, model, name, at, locale)
    return sheet


def _draw_label(
    sheet: Chart,
    model: Evaluation,
    name: str,
    row: int,
    axis: tuple[float, float],
    locale: Locale,
) -> None:
    found, place = model.labels[name], step("finetuned.labels", name)
    sheet.cell(0, row, shortened(one_line(name), SMALL, axis[0] - 24))
    f1 = found.f1
    if f1.value is not None and f1.low is not None and f1.high is not None:
        sheet.axes.barh(row, f1.high - f1.low, 20 / PITCH, left=f1.low, color=ACCENT, alpha=0.3)
        mark: dict[str, Any] = {"color": ACCENT, "ms": 12, "mew": 0, "clip_on": False}
        sheet.axes.plot(f1.value, row, "o", gid=part(f"f1-{row}", f"{place}.f1"), **mark)
    shown = f1_shown(f1, locale)
    sheet.cell(axis[1] + 30, row, shown, weight=STRONG, color=ACCENT, gid=part("", f"{place}.f1"))


def _draw_rates(sheet: Chart, model: Evaluation, name: str, row: int, locale: Locale) -> None:
    found, place = model.labels[name], step("finetuned.labels", name)
    for x, field, rate in (
        (PRECISION, "precision", found.precision),
        (RECALL, "recall", found.recall),
    ):
        at = f"{place}.{field}" if rate.value is not None else ""
        sheet.cell(x, row, _share(rate, locale), ha="right", gid=part("", at))
    sheet.cell(CASES, row, locale.integer(found.recall.total), ha="right", color=SOFT)


def worst(model: Evaluation, most: int) -> list[str]:
    """At most so many labels, in their order: those with the lowest F1."""

    def score(name: str) -> float:
        value = model.labels[name].f1.value
        return 1.0 if value is None else value

    kept = sorted(model.labels, key=score)[:most]
    return [name for name in model.labels if name in kept]


def _range(model: Evaluation, name: str, locale: Locale) -> str:
    found = model.labels[name].f1
    if found.value is None or found.low is None or found.high is None:
        return "–"
    return locale.rewritten(f"{found.low:.3f}–{found.high:.3f}")


def _share(rate: Rate, locale: Locale) -> str:
    return "–" if rate.value is None else str(formats_of(locale)["pct"](wrap("rate", rate)))


def _short(number: int, room: float, locale: Locale) -> str:
    """In thousands where the digits have no room."""
    shown = locale.integer(number)
    if text_width(shown, SMALL, STRONG) <= room:
        return shown
    return f"{locale.integer(number // 1000)}k"
