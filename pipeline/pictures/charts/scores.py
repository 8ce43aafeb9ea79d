"""Charts of how well the classifiers do: all of them side by side, and one's confusion matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.localized import formats_of
from pipeline.numbers.values import Number, wrap
from pipeline.pictures.charts.ladder import (
    TRAIN,
    Ladder,
    Rung,
    columns_in,
    cost,
    draw_ladder,
    known,
)
from pipeline.pictures.charts.style import FIRST_LINE, Chart, chart
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import one_line, shortened, text_width
from pipeline.pictures.theme import (
    CARD,
    INK,
    LINE,
    NEGATIVE,
    POSITIVE,
    SMALL,
    SOFT,
    STROKE,
    STRONG,
)
from pipeline.results import Evaluation, Results, Score


def draw_compare(results: Results, locale: Locale = ENGLISH) -> Picture:
    """F1 of each classifier with its 95% interval, and what it takes; cheapest first."""
    return draw_ladder(_compared(results, locale))


def draw_elsewhere(results: Results, locale: Locale = ENGLISH) -> Picture:
    """F1 of the classifiers that were also tried on the second test set; 1136 wide."""
    return draw_ladder(_tried_elsewhere(results, locale))


def ladder_places(results: Results) -> dict[str, tuple[str, ...]]:
    """The places of the values that these two show, by their names."""
    ladders = [_compared(results), *([_tried_elsewhere(results)] if results.elsewhere else [])]
    return {ladder.name: ladder.places for ladder in ladders}


def _compared(results: Results, locale: Locale = ENGLISH) -> Ladder:
    count, metric = locale.integer(results.data.test.messages), metric_of(results)
    title = locale.say("{metric} on {count} test messages", metric=metric, count=count)
    return _ladder("compare", results.evaluations, title, metric, locale)


def _tried_elsewhere(results: Results, locale: Locale = ENGLISH) -> Ladder:
    total, metric = max(e.total for e in results.elsewhere.values()), metric_of(results)
    where = one_line(results.elsewhere_name) or locale.say("a second test set")
    title = locale.say(
        "{metric} on {where} ({count})", metric=metric, where=where, count=locale.integer(total)
    )
    tried = results.elsewhere
    ladder = _ladder("elsewhere", tried, title, metric, locale, "elsewhere.")
    key, matrix = next((key, one.confusion) for key, one in tried.items())
    always = matrix.always_positive if matrix else None
    if always and always.value is not None:
        label, f1 = one_line(results.data.positive), f1_shown(always, locale)
        said = locale.say("dashed: always “{label}”, {f1}", label=label, f1=f1)
        foot = "; ".join(filter(None, (said, ladder.foot)))
        at = f"elsewhere.{key}.confusion.always_positive"
        ladder = replace(ladder, level=always.value, level_at=at, foot=foot)
    return ladder


def metric_of(results: Results) -> str:
    """What `f1` is: of the positive label, or, where there is none, the mean of all labels."""
    return "F1" if results.data.positive else "Macro-F1"


def _ladder(
    name: str,
    evaluations: Mapping[str, Evaluation],
    title: str,
    metric: str,
    locale: Locale,
    at: str = "",
) -> Ladder:
    """The classifiers as rungs; `at` is the place of what they are in, where it isn't the run."""
    tried = evaluations.values()
    return Ladder(
        name=name,
        title=title,
        note=locale.say("with 95% interval"),
        metric=metric,
        columns=columns_in(locale),
        rungs=tuple(_rung(f"{at}{key}", key, one, locale) for key, one in evaluations.items()),
        kept=TRAIN,
        foot="; ".join(filter(None, (_spreads(tried), _readings(tried, locale)))),
        language=locale.tag,
    )


def _rung(at: str, key: str, evaluation: Evaluation, locale: Locale) -> Rung:
    f1, spread, forms = evaluation.f1, evaluation.spread, formats_of(locale)
    each = evaluation.predict_seconds / max(evaluation.total, 1)
    costs = (
        cost(known(f"{at}.examples", evaluation.examples), forms["count"]),
        cost(known(f"{at}.fit_seconds", evaluation.fit_seconds), forms["seconds"]),
        cost(Number("", each, unit="s"), forms["seconds"]),
    )
    reach = (spread.low, spread.high) if spread else None
    return Rung(key, evaluation.name, f"{at}.f1", f1.value, f1.low, f1.high, costs, reach)


def _spreads(evaluations: Iterable[Evaluation]) -> str:
    """What the thin lines are; what they range over, a run has in English."""
    found = [one.spread for one in evaluations if one.spread]
    said = [f"{one.count:,} {one.over} ({one.range})" for one in found]
    return f"thin line: {', '.join(said)}" if said else ""


def _readings(evaluations: Iterable[Evaluation], locale: Locale) -> str:
    """What reading the texts takes, which is done once for all, and what is left to learn."""

    def took(value: float) -> str:
        return str(formats_of(locale)["seconds"](Number("", value, unit="s")))

    return "; ".join(
        locale.say(
            "{name}: {reading} reading, {learning} learning",
            name=one_line(one.name),
            reading=took(one.read_seconds),
            learning=took(one.fit_seconds - one.read_seconds),
        )
        for one in evaluations
        if one.read_seconds > 0
    )


def f1_shown(score: Score, locale: Locale = ENGLISH) -> str:
    if score.value is None:
        return locale.say("undefined")
    return str(formats_of(locale)["num"](wrap("f1", score)))


def draw_confusion(results: Results, locale: Locale = ENGLISH) -> Picture:
    """The fine-tuned model's confusion matrix on the test set, counts and words; 292 × 240."""
    matrix = results.finetuned.confusion
    assert matrix is not None
    positive, negative = one_line(results.data.positive), one_line(results.data.negative)
    alarm = locale.say("alarm", "alarms", n=matrix.false_positive)
    cells = (  # count, what it is, right; row by row
        (matrix.true_positive, locale.say("caught"), True),
        (matrix.false_negative, locale.say("missed"), False),
        (matrix.false_positive, alarm, False),
        (matrix.true_negative, locale.say("passed"), True),
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
        spot = (column * width, row * height, width, height)
        shown = locale.integer(number)
        # Seven digits would need a smaller size than a slide may have: in thousands they don't.
        if text_width(shown, SMALL, STRONG) > width - 20:
            shown = f"{locale.integer(number // 1000)}k"
        _draw_cell(sheet, spot, shown, word, right)
    return _confusion_picture(sheet, results, [locale.integer(cell[0]) for cell in cells], locale)


def _confusion_picture(
    sheet: Chart, results: Results, counts: Sequence[str], locale: Locale
) -> Picture:
    """The drawing with its words and its table; `counts` row by row."""
    matrix, name = results.finetuned.confusion, one_line(results.finetuned.name)
    positive, negative = one_line(results.data.positive), one_line(results.data.negative)
    tp, fn, fp, tn = counts
    desc = locale.say(
        "{name} on the {total} test messages: {tp} {positive} caught, {fn} {positive} missed, "
        "{fp} {negative} called {positive}, {tn} {negative} let through. "
        "Rows: what it is; columns: what it was called.",
        name=name,
        positive=positive,
        negative=negative,
        tp=tp,
        fn=fn,
        fp=fp,
        tn=tn,
        total=locale.integer(matrix.total if matrix else 0),
    )
    called, really = (
        [locale.say("called {label}", label=label) for label in (positive, negative)],
        [locale.say("really {label}", label=label) for label in (positive, negative)],
    )
    rows = (("", *called), (really[0], tp, fn), (really[1], fp, tn))
    return sheet.picture(locale.say("Confusion matrix: {name}", name=name), desc, rows)


def _draw_cell(
    sheet: Chart, spot: tuple[float, float, float, float], shown: str, word: str, right: bool
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
    size = min(44.0, 44 * (width - 24) / text_width(shown, 44, STRONG))
    centre: dict[str, Any] = {"ha": "center", "va": "center"}
    sheet.axes.text(x + width / 2, y + 0.37 * height, shown, size=size, weight=STRONG, **centre)
    room = width - 16
    if (wide := text_width(word, SMALL)) > room:  # in other languages than English
        centre["size"] = max(16.0, SMALL * room / wide)
    sheet.axes.text(x + width / 2, y + 0.75 * height, word, color=INK if right else SOFT, **centre)
