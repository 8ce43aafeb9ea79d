"""Charts of how training went: the loss by step, the validation F1 and both losses by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.localized import formats_of
from pipeline.numbers.values import wrap
from pipeline.pictures.charts.style import Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import text_width
from pipeline.pictures.theme import ACCENT, CARD, INK, REGULAR, SMALL, SOFT, STRONG
from pipeline.results import Epoch, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Points; they are whole at the edge of the plot, too.
DOT: Mapping[str, Any] = {"marker": "o", "linestyle": "none", "clip_on": False, "zorder": 3}
RING: Mapping[str, Any] = {**DOT, "markerfacecolor": CARD}
Ends = Sequence[tuple[float, str, str, str]]  # y, name, value and colour of a line where it ends


def draw_loss(results: Results, locale: Locale = ENGLISH) -> Picture:
    """Training loss by step, smoothed and raw, and validation loss after each epoch; 430 × 400."""
    training, history = results.training, results.training.history
    log = [p for p in training.log if math.isfinite(p.loss)]
    steps, raw = [p.step for p in log], [p.loss for p in log]
    smooth = smoothed(raw)
    last = max([training.steps, 1, *steps])
    sheet = chart("loss", 430, 400)
    axes = sheet.axes
    axes.plot(steps, raw, INK, alpha=0.3, gid=part("raw"))
    marker = "" if len(log) > 1 else "o"
    axes.plot(steps, smooth, INK, marker=marker, label=locale.say("training"), gid=part("smoothed"))
    kept = next((e for e in history if e.epoch == training.best_epoch), None)
    at = {e.epoch: e.epoch * last / max(len(history), 1) for e in history}
    known = [e for e in history if math.isfinite(e.validation_loss)]
    for e in known:
        shape = DOT if e is kept else RING
        axes.plot(at[e.epoch], e.validation_loss, color=ACCENT, gid=part("validation"), **shape)
    axes.plot([], color=ACCENT, label=locale.say("validation"), **RING)
    if kept in known:
        anchor = "right" if kept is history[-1] else "center"
        look = {"weight": STRONG, "color": ACCENT, "ha": anchor, "gid": part("halo")}
        sheet.note(at[kept.epoch], kept.validation_loss, locale.say("kept"), (0, 18), **look)
    loss = locale.say("loss")
    sheet.caption(0, loss)
    left = max(0.16, text_width(loss, SMALL) / 430 + 0.01)
    gap = None if locale.is_english else 0.3  # other languages have longer words
    look = {"loc": "upper left", "bbox_to_anchor": (left, 1), "ncols": 2, "columnspacing": gap}
    legend = sheet.figure.legend(**look)
    for text, colour in zip(legend.get_texts(), (INK, ACCENT), strict=True):
        text.set(weight=STRONG, color=colour)
    axes.set(xlim=(0, last))
    _scale(axes, 0, ceiling([*raw, *(e.validation_loss for e in history)]), locale)
    _epochs(axes, [(at[e.epoch], e.epoch) for e in history], locale)
    desc = _loss_said(results, (raw[0], smooth[-1]) if raw else None, locale)
    return sheet.picture(locale.say("Loss while fine-tuning"), desc, _losses(results, locale))


def _loss_said(results: Results, ends: tuple[float, float] | None, locale: Locale) -> str:
    """The training loss where it begins and ends, and the validation loss of each epoch."""
    training = results.training
    steps = locale.integer(training.steps)
    first = locale.say("Over {steps} steps the training loss went unrecorded", steps=steps)
    if ends:
        low, high = (_loss(one, locale) for one in ends)
        first = locale.say(
            "Over {steps} steps the training loss went from {first} to {last}",
            steps=steps,
            first=low,
            last=high,
        )
    losses = locale.say(", ").join(_loss(e.validation_loss, locale) for e in training.history)
    after = locale.say(
        "the validation loss after each epoch was {losses}",
        losses=losses or locale.say("not measured"),
    )
    kept = [e.epoch for e in training.history if e.epoch == training.best_epoch]
    end = f" {locale.say('Epoch {epoch} was kept.', epoch=kept[0])}" if kept else ""
    return f"{first}; {after}.{end}"


def draw_f1_by_epoch(results: Results, locale: Locale = ENGLISH) -> Picture:
    """Validation F1 after each epoch, the kept one in the accent colour; 540 × 400."""
    history, best = results.training.history, results.training.best_epoch
    known = [(e.epoch, e.validation_f1) for e in history if e.validation_f1 is not None]
    lowest = axis_start([f1 for _, f1 in known])
    sheet = chart("f1-by-epoch", 540, 400)
    axes = sheet.axes
    axes.plot([e for e, _ in known], [f1 for _, f1 in known], INK, gid=part("f1"))
    for e in history:
        is_best = e.epoch == best
        colour = ACCENT if is_best else INK
        if e.validation_f1 is None:
            sheet.note(e.epoch, lowest, locale.say("undefined"), (0, 18), color=SOFT, ha="center")
            continue
        name, shape = ("kept", DOT) if is_best else ("epoch", RING)
        axes.plot(e.epoch, e.validation_f1, color=colour, gid=part(name), **shape)
        if is_best or len(history) <= 6:
            shown = _f1(e, locale)
            shown = f"{shown} {locale.say('kept')}" if is_best else shown
            shift = (0, 18 if e.validation_f1 < 1 - (1 - lowest) * 0.15 else -40)
            sheet.note(
                e.epoch, e.validation_f1, shown, shift, weight=STRONG, color=colour, ha="center"
            )
    start = locale.rewritten(f"{lowest:g}")
    sheet.caption(0, locale.say("validation F1 (the axis starts at {start})", start=start))
    axes.set(xlim=_span(history))
    _scale(axes, lowest, 1, locale)
    _epochs(axes, [(e.epoch, e.epoch) for e in history], locale)
    return sheet.picture(
        locale.say("Validation F1 by epoch"), _f1_said(results, locale), _f1_rows(results, locale)
    )


def _f1_said(results: Results, locale: Locale) -> str:
    values = locale.say(", ").join(
        locale.say("{f1} after epoch {epoch}", f1=_f1(e, locale), epoch=e.epoch)
        for e in results.training.history
    )
    said = locale.say("Validation F1: {values}.", values=values or locale.say("not measured"))
    return f"{said} {locale.say('Epoch {epoch} was kept.', epoch=results.training.best_epoch)}"


def _f1_rows(results: Results, locale: Locale) -> list[tuple[str, ...]]:
    head = (locale.say("Epoch"), locale.say("Validation F1"), locale.say("Kept"))
    rows: list[tuple[str, ...]] = [head]
    for e in results.training.history:
        kept = _yes(locale, is_so=e.epoch == results.training.best_epoch)
        rows.append((str(e.epoch), _f1(e, locale), kept))
    return rows


def _yes(locale: Locale, *, is_so: bool) -> str:
    return locale.say("yes") if is_so else locale.say("no")


def draw_overfitting(results: Results, locale: Locale = ENGLISH) -> Picture:
    """Training loss against validation loss by epoch: the gap is what was memorised; 430 × 400."""
    history = results.training.history
    sheet = chart("overfitting", 430, 400)
    axes, ends = sheet.axes, []
    for name, values, colour, shape in (
        ("training", [e.train_loss for e in history], INK, DOT),
        ("validation", [e.validation_loss for e in history], ACCENT, RING),
    ):
        points = [(e.epoch, v) for e, v in zip(history, values, strict=True) if math.isfinite(v)]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        axes.plot(xs, ys, colour, gid=part(f"{name}-loss"))
        axes.plot(xs, ys, color=colour, gid=part(f"{name}-point"), **shape)
        if points:
            called = locale.say("training") if shape is DOT else locale.say("validation")
            ends.append((ys[-1], called, _loss(values[-1], locale), colour))
    sheet.caption(0, locale.say("loss (the axis starts at 0)"))
    axes.set(xlim=_span(history))
    _scale(
        axes, 0, ceiling([v for e in history for v in (e.train_loss, e.validation_loss)]), locale
    )
    _epochs(axes, [(e.epoch, e.epoch) for e in history], locale)
    _label_ends(sheet, history[-1].epoch if history else 0, ends)
    title = locale.say("Training and validation loss by epoch")
    return sheet.picture(title, _gap_said(history, locale), _losses(results, locale))


def _gap_said(history: Sequence[Epoch], locale: Locale) -> str:
    gap = locale.say("No epoch was recorded.")
    if history:
        gap = locale.say(
            "In the last epoch the validation loss was {validation} "
            "against {training} in training.",
            validation=_loss(history[-1].validation_loss, locale),
            training=_loss(history[-1].train_loss, locale),
        )
    went = "; ".join(
        locale.say(
            "epoch {epoch}: training {training}, validation {validation}",
            epoch=e.epoch,
            training=_loss(e.train_loss, locale),
            validation=_loss(e.validation_loss, locale),
        )
        for e in history
    )
    return f"{gap} {went}.".strip()


def smoothed(values: Sequence[float]) -> list[float]:
    """A centred moving mean over a twentieth of the points each way; its ends narrow."""
    reach = max(1, len(values) // 20)
    made = []
    for at in range(len(values)):
        near = min(reach, at, len(values) - 1 - at)
        window = values[at - near : at + near + 1]
        made.append(sum(window) / len(window))
    return made


# Where the axes end: templates/deck/curve.js has the same rules for a training that is played.
ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def ceiling(losses: Sequence[float]) -> float:
    """Twice a round number, above all losses."""
    half = max([loss for loss in losses if math.isfinite(loss)], default=0) / 2
    if half <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(half))
    return float(2 * power * next((step for step in ROUND if step * power >= half), 10))


def axis_start(scores: Sequence[float]) -> float:
    """Where an F1 axis starts: a tenth, well below the lowest score."""
    return max(0.0, math.floor(min([0.95, *scores]) * 10 - 0.5) / 10)


def _scale(axes: Axes, low: float, high: float, locale: Locale) -> None:
    axes.set(ylim=(low, high), yticks=(low, (low + high) / 2, high))
    axes.yaxis.set_major_formatter(lambda x, _: locale.rewritten(f"{x:.3g}"))


def _epochs(axes: Axes, ticks: Sequence[tuple[float, int]], locale: Locale) -> None:
    """The x axis: "epoch 1", then numbers alone, eight at most."""
    shown = ticks[:: math.ceil(len(ticks) / 8) or 1]
    names = [str(epoch) for _, epoch in shown]
    names[:1] = [locale.say("epoch {epoch}", epoch=name) for name in names[:1]]
    axes.set_xticks([x for x, _ in shown], names)


def _span(history: Sequence[Epoch]) -> tuple[float, float]:
    """The epochs with room beside the first and the last."""
    first, last = (history[0].epoch, history[-1].epoch) if history else (1, 1)
    room = 0.15 * max(last - first, 1)
    return first - 1.5 * room, last + room


def _label_ends(sheet: Chart, x: float, ends: Ends) -> None:
    """Name and value of each line at its end, moved apart where they would touch."""
    high = sheet.axes.get_ylim()[1]
    ys, least = sorted(min(max(end[0], 0.04 * high), 0.9 * high) for end in ends), 0.26 * high
    if len(ys) == 2 and ys[1] - ys[0] < least:
        middle = max(sum(ys) / 2, 0.04 * high + least / 2)
        ys = [middle - least / 2, middle + least / 2]
    for y, (_, name, value, colour) in zip(ys, sorted(ends), strict=True):
        for text, weight, shift in ((name, STRONG, 15), (value, REGULAR, -15)):
            look = {"weight": weight, "color": colour, "va": "center"}
            sheet.note(x, y, text, (24, shift), **look)


def _losses(results: Results, locale: Locale) -> list[tuple[str, ...]]:
    names = (locale.say("Epoch"), locale.say("Training loss"), locale.say("Validation loss"))
    rows: list[tuple[str, ...]] = [(*names, locale.say("Kept"))]
    for e in results.training.history:
        kept = _yes(locale, is_so=e.epoch == results.training.best_epoch)
        losses = (_loss(e.train_loss, locale), _loss(e.validation_loss, locale))
        rows.append((str(e.epoch), *losses, kept))
    return rows


def _loss(value: float, locale: Locale) -> str:
    if not math.isfinite(value):
        return locale.say("not a number")
    return str(formats_of(locale)["num"](wrap("loss", value), 3 if value < 0.1 else 2))


def _f1(epoch: Epoch, locale: Locale) -> str:
    if epoch.validation_f1 is None:
        return locale.say("undefined")
    return str(formats_of(locale)["num"](wrap("validation_f1", epoch.validation_f1), 3))
