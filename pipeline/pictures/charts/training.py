"""Charts of how training went: the loss by step, the validation F1 and both losses by epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.numbers.formats import count, num
from pipeline.numbers.values import wrap
from pipeline.pictures.charts.canvas import Canvas
from pipeline.pictures.picture import Picture
from pipeline.pictures.theme import ACCENT, INK, LINE, SMALL, STRONG, text_width
from pipeline.results import Epoch, Results

Box = tuple[float, float, float, float]  # left, right, top, bottom of the plot, in px


def draw_loss(results: Results) -> Picture:
    """Training loss by step, smoothed and raw, and validation loss after each epoch; 430 × 400."""
    training, history = results.training, results.training.history
    log = [p for p in training.log if math.isfinite(p.loss)]
    raw = [p.loss for p in log]
    smooth = smoothed(raw)
    highest = _ceiling([*raw, *(e.validation_loss for e in history)])
    canvas, box = Canvas("loss", 430, 400), (60.0, 412.0, 66.0, 338.0)
    steps = max([training.steps, 1, *(p.step for p in log)])
    per_epoch = steps / max(len(history), 1)

    def x(step: float) -> float:
        return box[0] + (box[1] - box[0]) * step / steps

    def y(loss: float) -> float:
        return _at(loss, 0, highest, box)

    _draw_levels(canvas, box, (0, highest / 2, highest))
    _draw_loss_names(canvas)
    _draw_epochs(canvas, [e.epoch for e in history], [x(e.epoch * per_epoch) for e in history], box)
    if len(raw) > 1:
        canvas.line([x(p.step) for p in log], [y(v) for v in raw], INK, tint=True, part="raw")
        canvas.line([x(p.step) for p in log], [y(v) for v in smooth], INK, part="smoothed")
    elif raw:
        canvas.dot(x(log[0].step), y(raw[0]), INK, part="smoothed")
    kept = next((e for e in history if e.epoch == training.best_epoch), None)
    for e in history:
        draw = canvas.dot if e is kept else canvas.ring
        draw(x(e.epoch * per_epoch), y(e.validation_loss), ACCENT, radius=9, part="validation")
    if kept:
        at = x(kept.epoch * per_epoch)
        anchor = "right" if at > box[1] - 30 else "center"
        canvas.text(
            min(at, box[1] + 9),
            y(kept.validation_loss) - 30,
            "kept",
            weight=STRONG,
            colour=ACCENT,
            anchor=anchor,
            halo=True,
        )
    rows = [("Epoch", "Training loss", "Validation loss", "Kept"), *_losses(history, results)]
    desc = (
        f"Over {count(wrap('steps', training.steps))} steps the training loss went "
        + (f"from {_loss(raw[0])} to {_loss(smooth[-1])}" if raw else "unrecorded")
        + "; the validation loss after each epoch was "
        + (", ".join(_loss(e.validation_loss) for e in history) or "not measured")
        + (f". Epoch {kept.epoch} was kept." if kept else ".")
    )
    return canvas.picture("Loss while fine-tuning", desc, rows)


def _draw_loss_names(canvas: Canvas) -> None:
    """The chart's caption names both losses in their own colour and shape."""
    canvas.caption(0, 18, "loss")
    x = text_width("loss", SMALL) + 18
    canvas.line((x, x + 26), (18, 18), INK)
    canvas.strong(x + 36, 18, "training", INK)
    x += 36 + text_width("training", SMALL, STRONG) + 20
    canvas.ring(x + 9, 18, ACCENT, radius=9)
    canvas.strong(x + 28, 18, "validation", ACCENT)


def draw_f1_by_epoch(results: Results) -> Picture:
    """Validation F1 after each epoch, the kept one in the accent colour; 540 × 400."""
    history, best = results.training.history, results.training.best_epoch
    known = [e.validation_f1 for e in history if e.validation_f1 is not None]
    lowest = _floor(known)
    canvas, box = Canvas("f1-by-epoch", 540, 400), (80.0, 520.0, 80.0, 338.0)
    canvas.caption(0, 18, f"validation F1 (the axis starts at {lowest:g})")
    _draw_levels(canvas, box, (lowest, (1 + lowest) / 2, 1.0))
    xs = _spread(len(history), box)
    _draw_epochs(canvas, [e.epoch for e in history], xs, box)
    points = [
        (x, _at(e.validation_f1, lowest, 1, box), e)
        for x, e in zip(xs, history, strict=True)
        if e.validation_f1 is not None
    ]
    if len(points) > 1:
        canvas.line([p[0] for p in points], [p[1] for p in points], INK, part="f1")
    for x, y, e in points:
        if e.epoch == best:
            canvas.dot(x, y, ACCENT, radius=11, part="kept")
        else:
            canvas.ring(x, y, INK, part="epoch")
        if e.epoch == best or len(history) <= 6:
            text = f"{_f1(e)} kept" if e.epoch == best else _f1(e)
            above = y - 32 if y - 32 > 36 else y + 34
            middle = min(x, canvas.width - text_width(text, SMALL, STRONG) / 2)
            canvas.strong(middle, above, text, ACCENT if e.epoch == best else INK, "center")
    for x, e in zip(xs, history, strict=True):
        if e.validation_f1 is None:
            canvas.caption(x, box[3] - 24, "undefined", "center")
    rows = [("Epoch", "Validation F1", "Kept")]
    rows += [(str(e.epoch), _f1(e), "yes" if e.epoch == best else "no") for e in history]
    values = ", ".join(f"{_f1(e)} after epoch {e.epoch}" for e in history)
    desc = f"Validation F1: {values or 'not measured'}. Epoch {best} was kept."
    return canvas.picture("Validation F1 by epoch", desc, rows)


def draw_overfitting(results: Results) -> Picture:
    """Training loss against validation loss by epoch: the gap is what was memorised; 430 × 400."""
    history = results.training.history
    canvas, box = Canvas("overfitting", 430, 400), (74.0, 290.0, 62.0, 338.0)
    highest = _ceiling([v for e in history for v in (e.train_loss, e.validation_loss)])
    canvas.caption(0, 18, "loss (the axis starts at 0)")
    _draw_levels(canvas, box, (0, highest / 2, highest))
    xs = _spread(len(history), box)
    _draw_epochs(canvas, [e.epoch for e in history], xs, box)
    ends = []
    for name, values, colour in (
        ("training", [e.train_loss for e in history], INK),
        ("validation", [e.validation_loss for e in history], ACCENT),
    ):
        ys = [_at(value, 0, highest, box) for value in values]
        if len(ys) > 1:
            canvas.line(xs, ys, colour, part=f"{name}-loss")
        for x, y in zip(xs, ys, strict=True):
            draw = canvas.dot if name == "training" else canvas.ring
            draw(x, y, colour, part=f"{name}-point")
        ends += [(ys[-1], name, _loss(values[-1]), colour)] if ys else []
    _label_ends(canvas, xs[-1] + 24 if xs else box[1], ends, box)
    rows = [("Epoch", "Training loss", "Validation loss", "Kept"), *_losses(history, results)]
    gap = (
        f"In the last epoch the validation loss was {_loss(history[-1].validation_loss)} against "
        f"{_loss(history[-1].train_loss)} in training."
        if history
        else "No epoch was recorded."
    )
    went = "; ".join(
        f"epoch {e.epoch}: training {_loss(e.train_loss)}, validation {_loss(e.validation_loss)}"
        for e in history
    )
    return canvas.picture("Training and validation loss by epoch", f"{gap} {went}.".strip(), rows)


def smoothed(values: Sequence[float]) -> list[float]:
    """A centred moving mean over a twentieth of the points each way; its ends narrow."""
    reach = max(1, len(values) // 20)
    made = []
    for at in range(len(values)):
        near = min(reach, at, len(values) - 1 - at)
        window = values[at - near : at + near + 1]
        made.append(sum(window) / len(window))
    return made


def _ceiling(values: Sequence[float]) -> float:
    """The next round number above all values: 1, 2, 4 or 8 times a power of ten, or half steps."""
    highest = max([v for v in values if math.isfinite(v)], default=1.0)
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(s * power for s in (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10) if s * power >= highest)


def _floor(values: Sequence[float]) -> float:
    """Where an F1 axis starts: at a tenth well below the lowest, 0 if it is under a half."""
    lowest = min(values, default=0.0)
    for start in (0.96, 0.9, 0.8, 0.6):
        if lowest - (1 - start) * 0.15 >= start:
            return start
    return 0.0


def _at(value: float, low: float, high: float, box: Box) -> float:
    if not math.isfinite(value):
        return box[2]
    return box[3] - (box[3] - box[2]) * (value - low) / (high - low)


def _spread(points: int, box: Box) -> list[float]:
    inner, last = (box[0] + 46, box[1] - 26), max(points - 1, 1)
    if points == 1:
        return [(inner[0] + inner[1]) / 2]
    return [inner[0] + (inner[1] - inner[0]) * at / last for at in range(points)]


def _draw_levels(canvas: Canvas, box: Box, levels: Sequence[float]) -> None:
    for at, level in enumerate(levels):
        y = _at(level, levels[0], levels[-1], box)
        if at == 0:
            canvas.axis(box[0], box[1], y)
        else:
            canvas.line((box[0], box[0] + 8), (y, y), LINE)
        canvas.caption(box[0] - 12, y, f"{level:.3g}", "right")


def _draw_epochs(canvas: Canvas, epochs: Sequence[int], xs: Sequence[float], box: Box) -> None:
    """Ticks under the axis: "epoch 1", then numbers alone, as many as there is room for."""
    free = -math.inf
    for at, (epoch, x) in enumerate(zip(epochs, xs, strict=True)):
        text = f"epoch {epoch}" if at == 0 else str(epoch)
        half = text_width(text, SMALL) / 2
        if x - half < free:
            continue
        canvas.line((x, x), (box[3], box[3] + 8), LINE)
        middle = min(x, canvas.width - half)
        canvas.caption(middle, box[3] + 32, text, "center")
        free = middle + half + 14


def _label_ends(
    canvas: Canvas, x: float, ends: Sequence[tuple[float, str, str, str]], box: Box
) -> None:
    """Name and value of each line at its end, moved apart where they would touch."""
    ys = sorted(min(max(end[0], box[2]), box[3] - 22) for end in ends)
    if len(ys) == 2 and ys[1] - ys[0] < 66:
        middle = min(max(sum(ys) / 2, box[2] + 33), box[3] - 22 - 33)
        ys = [middle - 33, middle + 33]
    for y, (_, name, value, colour) in zip(ys, sorted(ends), strict=True):
        canvas.strong(x, y - 14, name, colour)
        canvas.text(x, y + 15, value, colour=colour)


def _losses(history: Sequence[Epoch], results: Results) -> list[tuple[str, ...]]:
    best = results.training.best_epoch
    return [
        (
            str(e.epoch),
            _loss(e.train_loss),
            _loss(e.validation_loss),
            "yes" if e.epoch == best else "no",
        )
        for e in history
    ]


def _loss(value: float) -> str:
    if not math.isfinite(value):
        return "not a number"
    return num(wrap("loss", value), 3 if value < 0.1 else 2)


def _f1(epoch: Epoch) -> str:
    if epoch.validation_f1 is None:
        return "undefined"
    return num(wrap("validation_f1", epoch.validation_f1), 3)
