"""The charts of experiments: one for each measurement that `evidence` made, by its kind.

Each is made of the blocks that a slide's own charts are made of; a rung has its colour in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
from msgspec.structs import replace

from pipeline.config import RUNGS
from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured, Measurement, Tree, Value, numbers_in, place_of
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.numbers.localized import formats_of
from pipeline.numbers.values import Number
from pipeline.pictures.charts.blocks import draw_chart
from pipeline.pictures.charts.ladder import (
    TRAIN,
    Ladder,
    Rung,
    columns_in,
    cost,
    draw_ladder,
    known,
)
from pipeline.pictures.charts.style import HALF, WIDE, chart_style
from pipeline.pictures.picture import Picture, Pictures, kept_pictures, words_of
from pipeline.pictures.theme import FAMILY, SVG, describe, written
from pipeline.slides.chart_units import Figures, Shape
from pipeline.slides.chart_values import Raw
from pipeline.slides.charts import HEIGHT, ChartData, Datum, Series, datum_of
from pipeline.units import SHARE

_LOOKS = {"finetuned": 0, "linear": 1, "frozen": 2, "few_shot": 3, "prompted": 4, "lora": 5}
_SCORE, _FINE = (Figures(SHARE, Shape("num", digits)) for digits in (2, 3))
_SHARE = Figures(SHARE)
_BESIDE, _BELOW = WIDE - HALF, 24.0  # px: where the second column is, what is free between rows
_QUIET, _DARK = 4, 3  # looks of what others are compared with


class Panel(msgspec.Struct, frozen=True):
    """One chart of several in a picture, and where it is, in px."""

    data: ChartData
    x: float = 0.0
    y: float = 0.0


Plan = Ladder | tuple[Panel, ...]


def names_in(locale: Locale) -> Mapping[str, str]:
    """What each rung is called."""
    return {
        "majority": locale.say("the commoner label"),
        "prompted": locale.say("a prompt"),
        "few_shot": locale.say("a prompt with eight examples"),
        "linear": locale.say("TF-IDF + linear"),
        "frozen": locale.say("frozen states + linear"),
        "lora": "LoRA",
        "finetuned": locale.say("fine-tuned"),
    }


def _short_names(locale: Locale) -> Mapping[str, str]:
    """The same where there is less room."""
    return {
        **names_in(locale),
        "few_shot": locale.say("8 examples"),
        "linear": "TF-IDF",
        "frozen": locale.say("frozen states"),
    }


def draw_evidence(
    measured: Measured,
    cache: Path | None = None,
    locale: Locale = ENGLISH,
    memo: Memo = NO_MEMO,
) -> Pictures:
    """Name -> chart of each experiment that has values for one.

    A drawing is kept in `cache` under its values, its words and the drawing code; `memo` keeps
    what those are.
    """
    pictures: Pictures = {}
    values = measured.values_key
    for run in measured.measurements.values():
        plan = partial(plan_of, run, measured, locale)
        shown = memo.of(key_of("plan", run.name, values, locale.tag), _FORM, partial(_shown, plan))
        if shown:
            key = shown + words_of(locale)
            pictures |= kept_pictures(cache, "evidence", key, partial(_drawn, run, plan))
    return pictures


_FORM: Form[str] = Form(str)


def _shown(plan: Callable[[], Plan]) -> str:
    """All that decides a drawing; "" where nothing is drawn."""
    made = plan()
    return msgspec.json.encode(made).decode() if made else ""


def plan_of(run: Measurement, measured: Measured, locale: Locale = ENGLISH) -> Plan:
    """What is drawn of an experiment; () for what is none, and for one without values."""
    make = _KINDS.get(run.evidence)
    plan = make(_Run(run, measured, locale)) if make else ()
    if isinstance(plan, tuple) and len(plan) == 1:  # what stands alone has the whole width
        return (Panel(replace(plan[0].data, wide=True, height=HEIGHT)),)
    return plan


def places_drawn(run: Measurement, measured: Measured) -> tuple[str, ...]:
    """The places of the values that the chart of an experiment is drawn from; () without one."""
    make, values = _KINDS.get(run.evidence), _Run(run, measured)
    return tuple(values.read) if make and make(values) else ()


class _Run:
    """The values of one experiment, by the names that lead to them; those that were read.

    They are written in the language of `locale`, and so are the names of what they are of.
    """

    def __init__(self, run: Measurement, measured: Measured, locale: Locale = ENGLISH) -> None:
        self.name, self._values = run.name, run.values
        self.locale, self.short = locale, _short_names(locale)
        self.read: dict[str, None] = {}  # places
        self._tried: dict[str, int] = {}  # of how many repeats the value at a place is the mean
        results = measured.experiment
        self.elsewhere = results.elsewhere_name if results else ""
        self.positive = results.data.positive if results else ""
        # Of a quick run, or where cells failed, there are fewer than the talk asks for.
        seeds = Counter(one.n for _, one in numbers_in(run.values) if one.n and one.repeats)
        self.repeats = seeds.most_common(1)[0][0] if seeds else 1

    def titled(self, title: str, shown: Iterable[tuple[str, Datum]]) -> str:
        """A heading with how many repeats the values of each name are the mean of.

        "F1, mean of 6 (fine-tuned, 8 examples: 3)": what takes long is repeated less often.
        """
        tried: dict[str, set[int]] = {}
        for name, datum in shown:
            if count := self._tried.get(datum.at):
                tried.setdefault(name, set()).add(count)
        counts = Counter(count for found in tried.values() for count in found)
        if not counts or set(counts) == {1}:
            return title
        usual = max(counts, key=lambda count: (counts[count], count))
        others: dict[str, list[str]] = {}
        for name, found in tried.items():
            if found != {usual}:
                others.setdefault("–".join(map(str, _ends(found))), []).append(name)
        locale, comma = self.locale, self.locale.comma
        said = "; ".join(f"{comma.join(names)}: {count}" for count, names in others.items())
        mean = locale.say("{title}, mean of {count}", title=title, count=usual)
        return mean + (f" ({said})" if said else "")

    def percent(self, share: Number) -> str:
        """A share without decimals."""
        return str(formats_of(self.locale)["pct"](share, 0))

    def written(self, figures: Figures) -> Figures:
        """Figures with the signs of the language."""
        return replace(figures, language=self.locale.tag)

    def number(self, *names: str) -> Number | None:
        """The number at a place; None where there is none."""
        found, at = self._at(names), place_of((self.name, *names))
        if not isinstance(found, Value):
            return None
        self.read[at] = None
        if found.n and found.repeats:
            self._tried[at] = found.n
        return known(at, found)

    def names(self, *names: str) -> list[str]:
        """The names of the branches at a place."""
        found = self._at(names)
        inner = found.items() if isinstance(found, dict) else ()
        return [name for name, one in inner if isinstance(one, dict)]

    def _at(self, names: Iterable[str]) -> Tree:
        found: Tree = self._values
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def datum(self, name: str, figures: Figures, *names: str, x: float | None = None) -> Datum:
        """The number at a place as a chart shows it, called `name`."""
        raw = Raw(name, self.number(*names), place_of((self.name, *names)), x)
        return datum_of(raw, name, self.written(figures))

    def along(self, x: float) -> str:
        """A place along the x axis as it is written."""
        return self.locale.rewritten(f"{x:,.6g}")

    def line(
        self, title: str, rung: str, figures: Figures, *branch: str, along: str, times: int = 1
    ) -> Series:
        """A rung's values over those of `along`, which stand beside it in each branch."""
        found = []
        for key in self.names(*branch):
            at = self.number(*branch, key, along)
            if at is not None and self.number(*branch, key, rung) is not None:
                x = times * at.value
                found.append(self.datum(self.along(x), figures, *branch, key, rung, x=x))
        return Series(title, tuple(found), _LOOKS.get(rung))


def _chart(
    run: _Run, kind: str, series: Iterable[Series], figures: Figures, title: str, **more: Any
) -> tuple[ChartData, ...]:
    """A chart of those series that have values; none where none has."""
    found = tuple(one for one in series if any(d.value is not None for d in one.data))
    if all(one.is_level for one in found):
        return ()
    has_ends = any(d.low is not None for one in found for d in one.data)
    locale = run.locale
    more["interval"] = locale.say("{level}% interval", level=95) if has_ends else ""
    more["missing"] = locale.say("not measured")
    return (ChartData(run.name, kind, found, title, figures=run.written(figures), **more),)


def _start(series: Iterable[Series]) -> float:
    """Where an axis of scores starts: a tenth, well below the lowest."""
    data = [d for one in series for d in one.data if d.value is not None]
    from pipeline.pictures.charts.training import axis_start

    return axis_start([d.value or 0.0 if d.low is None else d.low for d in data])


def _ends(counts: Iterable[int]) -> list[int]:
    """The lowest and the highest; one where they are the same."""
    return sorted({min(counts), max(counts)})


def _by_line(series: Iterable[Series]) -> Iterator[tuple[str, Datum]]:
    """Values with the names of their lines."""
    return ((one.name, datum) for one in series for datum in one.data if not one.is_level)


def _by_name(series: Iterable[Series]) -> Iterator[tuple[str, Datum]]:
    """Values with their own names."""
    return ((datum.name, datum) for one in series for datum in one.data)


def _alone(charts: tuple[ChartData, ...]) -> Plan:
    return tuple(map(Panel, charts))


def _beside(charts: tuple[ChartData, ...]) -> Plan:
    """Two charts beside each other, each half as wide as a slide."""
    halves = [replace(one, wide=False) for one in charts]
    return tuple(Panel(one, at * _BESIDE) for at, one in enumerate(halves))


# --- By kind --------------------------------------------------------------------------------------


def _ladder(run: _Run) -> Plan:
    """Each rung with its score and what it costs, cheapest first."""
    rungs, locale = [], run.locale
    forms, names = formats_of(locale), names_in(locale)
    for rung in RUNGS:
        if (f1 := run.number(rung, "f1")) is not None:
            costs = (
                cost(run.number(rung, "examples"), forms["count"]),
                cost(run.number(rung, "fit_seconds"), forms["seconds"]),
                cost(run.number(rung, "message_ms"), forms["seconds"]),
            )
            name = names[rung]
            if f1.n and f1.n != run.repeats:
                name = locale.say("{title}, mean of {count}", title=name, count=f1.n)
            rungs.append(Rung(rung, name, f1.at, f1.value, f1.low, f1.high, costs))
    note = locale.say("with 95% interval") if any(one.low is not None for one in rungs) else ""
    title = "F1"
    if run.repeats > 1:
        title = locale.say("{title}, mean of {count}", title=title, count=run.repeats)
    made = Ladder(run.name, title, note, "F1", columns_in(locale), tuple(rungs), TRAIN, 3)
    return replace(made, language=locale.tag) if rungs else ()


def _amount(run: _Run) -> Plan:
    """F1 by the number of labelled messages."""
    lines = [run.line(run.short[rung], rung, _SCORE, along="n") for rung in _LOOKS]
    locale = run.locale
    x_name = locale.say("labelled messages")
    more = {"x_name": x_name, "log_x": True, "start": _start(lines)}
    return _alone(_chart(run, "lines", lines, _SCORE, run.titled("F1", _by_line(lines)), **more))


def _quality(run: _Run) -> Plan:
    """F1 by the share of wrong labels, beside few clean ones; a half for each rung."""
    lines = {
        rung: [
            replace(run.line(said, rung, _SCORE, way, along="share", times=100), look=look)
            for look, (way, said) in enumerate(_ways(run.locale).items())
        ]
        for rung in ("linear", "frozen")
    }
    start = _start(one for found in lines.values() for one in found)
    charts = (_noisy(run, rung, found, start) for rung, found in lines.items())
    return _beside(tuple(chain.from_iterable(charts)))


def _noisy(run: _Run, rung: str, lines: Iterable[Series], start: float) -> tuple[ChartData, ...]:
    """A rung on wrong labels, and on so many right ones; rings where few right ones are better."""
    levels, locale = [], run.locale
    for n in run.names("clean"):
        datum = run.datum(locale.say("any"), _SCORE, "clean", n, rung)
        clean = locale.say("{count} clean", count=n)
        levels.append(Series(clean, (datum,), _DARK if n == _CLEAN else _QUIET, True))
    marks = []
    for way, said in _ways(locale).items():
        share, level = run.number("crossing", rung, way), run.number("clean", _CLEAN, rung)
        if share is not None and level is not None:
            x, shown = 100 * share.value, run.percent(share)
            marks.append(Datum(said, share.at, level.value, shown, x=x))
    made, more = (*lines, *levels), {"x_name": locale.say("% of labels wrong")}
    title = run.titled(locale.say("{name}: F1", name=run.short[rung]), _by_line(made))
    return _chart(run, "lines", made, _SCORE, title, marks=tuple(marks), start=start, **more)


def _picking(run: _Run) -> Plan:
    """What the best of many said where it was chosen, and says on messages that nobody chose by."""
    tried, locale = run.number("tried"), run.locale
    by_test, by_validation = locale.say("test set"), locale.say("validation")
    series = (
        Series(
            locale.say("as chosen"),
            (
                run.datum(by_test, _FINE, "on_test"),
                run.datum(by_validation, _FINE, "on_validation"),
            ),
        ),
        Series(
            locale.say("on fresh messages"),
            (
                run.datum(by_test, _FINE, "fresh_after_test"),
                run.datum(by_validation, _FINE, "fresh_after_validation"),
            ),
        ),
    )
    title = locale.say("F1 of the best, chosen by test set or validation")
    if tried:
        title = locale.say(
            "F1 of the best of {count}, chosen by test set or validation",
            count=formats_of(locale)["count"](tried),
        )
    title = run.titled(title, _by_name(series))
    return _alone(_chart(run, "slope", series, _FINE, title))


def _leak(run: _Run) -> Plan:
    """F1 with near copies kept apart, and with copies of test messages in training."""
    rungs = [rung for rung in _LOOKS if run.number(rung, "apart") is not None]
    locale = run.locale
    ways = {"apart": locale.say("kept apart"), "together": locale.say("on both sides")}
    series = [
        Series(said, tuple(run.datum(run.short[rung], _FINE, rung, way) for rung in rungs))
        for way, said in ways.items()
    ]
    title = run.titled(locale.say("F1 with near copies"), _by_name(series))
    looks = tuple(_LOOKS[rung] for rung in rungs)
    return _alone(_chart(run, "slope", series, _FINE, title, looks=looks))


def _drift(run: _Run) -> Plan:
    """F1 on the second test set by its messages added to training; and what that does at home."""
    rungs = [rung for rung in _LOOKS if run.number("0", rung) is not None]
    lines, at_home, locale = [], [], run.locale
    for rung in rungs:
        lines.append(run.line(run.short[rung], rung, _SCORE, along="added"))
        found = []
        for key in run.names("home"):
            x = float(key)
            found.append(run.datum(run.along(x), _SCORE, "home", key, rung, x=x))
        at_home.append(Series(run.short[rung], tuple(found), _LOOKS[rung]))
    always, positive = run.datum(locale.say("any"), _SCORE, "always"), run.positive
    said = locale.say("always {label}", label=positive) if positive else locale.say("always one")
    level = Series(said, (always,), _DARK, is_level=True)
    x_name, where = locale.say("added to the training set"), run.elsewhere
    title = locale.say("F1 on the second test set")
    title = locale.say("F1 on {where}", where=where) if where else title
    title = run.titled(title, _by_line(lines))
    charts = _chart(run, "lines", (*lines, level), _SCORE, title, x_name=x_name)
    title = run.titled(locale.say("F1 on the test set"), _by_line(at_home))
    return _beside(charts + _chart(run, "lines", at_home, _SCORE, title, x_name=x_name, start=0.0))


def _facts(run: _Run) -> Plan:
    """Right answers about facts that were taught by training, and that stood in the prompt."""
    locale = run.locale
    ways = {
        "before": locale.say("before"),
        "tuned": locale.say("taught by training"),
        "prompt": locale.say("put into the prompt"),
    }
    words = {"same": locale.say("in the same words"), "other": locale.say("in other words")}
    series = [
        Series(said, tuple(run.datum(name, _SHARE, way, key) for way, name in ways.items()))
        for key, said in words.items()
    ]
    taught, unseen = run.number("taught"), run.number("tuned", "unseen")
    title = locale.say("Right answers about invented facts")
    if taught:
        count = formats_of(locale)["count"](taught)
        title = locale.say("Right answers about {count} invented facts", count=count)
    if unseen is not None:
        share = run.percent(unseen)
        title = locale.say("{title}; never taught: {share}", title=title, share=share)
    title = run.titled(title, _by_line(series))
    return _alone(_chart(run, "bars", series, _SHARE, title))


def _confidence(run: _Run) -> Plan:
    """Accuracy by how much is answered; calibration; how often what is sure is right."""
    low, locale = (HEIGHT - _BELOW) / 2, run.locale
    line = run.line("", "accuracy", _SHARE, "coverage", along="kept", times=100)
    title, x_name = locale.say("Accuracy of answers"), locale.say("% of messages that it answers")
    coverage = _chart(run, "lines", [line], _SHARE, title, x_name=x_name, wide=False)
    ways = {"before": locale.say("as trained"), "after": locale.say("with temperature")}
    data = tuple(run.datum(name, _FINE, "calibration", way) for way, name in ways.items())
    title = locale.say("Calibration error, less is better")
    error = _chart(run, "bars", [Series("", data)], _FINE, title, wide=False, height=low)
    found, other = [], run.elsewhere or locale.say("the second test set")
    for key, where in (("home", locale.say("test set")), ("elsewhere", other)):
        share = run.number(key, "sure")
        if share is not None:
            where = locale.say("{where}: {share}", where=where, share=run.percent(share))
        found.append(run.datum(where, _SHARE, key, "right"))
    title = locale.say("Right, of the share it is 99% sure of")
    sure = _chart(run, "bars", [Series("", tuple(found))], _SHARE, title, wide=False, height=low)
    left = tuple(Panel(one) for one in coverage)
    right = tuple(Panel(one, _BESIDE) for one in error)
    return (*left, *right, *(Panel(one, _BESIDE, low + _BELOW) for one in sure))


def _ways(locale: Locale) -> Mapping[str, str]:
    """How labels are wrong."""
    return {"random": locale.say("at random"), "one_sided": locale.say("one-sided")}


_CLEAN = "100"  # the clean messages that a crossing is with
_KINDS: Mapping[str, Callable[[_Run], Plan]] = {
    "ladder": _ladder,
    "amount": _amount,
    "quality": _quality,
    "picking": _picking,
    "leak": _leak,
    "drift": _drift,
    "facts": _facts,
    "confidence": _confidence,
}


# --- Several in one picture -----------------------------------------------------------------------


def _drawn(run: Measurement, plan: Callable[[], Plan]) -> Pictures:
    return {run.name: _draw(run, plan())}


def _draw(run: Measurement, plan: Plan) -> Picture:
    if isinstance(plan, Ladder):
        with chart_style():
            return draw_ladder(plan)
    drawn = [draw_chart(panel.data) for panel in plan]
    if len(drawn) == 1:
        return drawn[0]
    below, y = [], 0.0
    for one in drawn:
        below.append((one, 0.0, y))
        y += _size(one)[1] + _BELOW
    placed = [(one, panel.x, panel.y) for one, panel in zip(drawn, plan, strict=True)]
    title = run.run.about or drawn[0].title
    desc = " ".join(f"{one.title}: {one.desc}" for one in drawn)
    named = Picture(run.name, "", title, desc, _rows(drawn))
    wide, narrow = _joined(named, placed, WIDE, "plot wide"), _joined(named, below, HALF, "plot")
    return replace(named, svg=wide, narrow=narrow)


def _size(picture: Picture) -> tuple[float, float]:
    _, _, width, height = ElementTree.fromstring(picture.svg).get("viewBox", "").split()
    return float(width), float(height)


def _joined(
    named: Picture, placed: Iterable[tuple[Picture, float, float]], width: float, look: str
) -> str:
    """Drawings at their places in one that says what all of them show."""
    root, height = ElementTree.Element(f"{{{SVG}}}svg"), 0.0
    for picture, x, y in placed:
        group = ElementTree.SubElement(root, f"{{{SVG}}}g", transform=f"translate({x:g} {y:g})")
        inner = ElementTree.fromstring(picture.svg)
        group.extend(one for one in inner if not one.get("id", "").startswith(f"{picture.name}-"))
        height = max(height, y + _size(picture)[1])
        if at := inner.get("data-at"):
            root.set("data-at", at)
    face = {"class": look, "font-family": FAMILY, "stroke-linejoin": "round"}
    root.attrib.update({"viewBox": f"0 0 {width:g} {height:g}", **face})
    root.set("preserveAspectRatio", "xMinYMin meet")
    describe(root, named.name, named.title, named.desc, "img")
    return written(root)


def _rows(pictures: Iterable[Picture]) -> tuple[tuple[str, ...], ...]:
    """Their tables one below the other, each with its title before it."""
    rows = [((one.title,), *one.rows) for one in pictures]
    wide = max(len(row) for table in rows for row in table)
    return tuple((*row, *("" for _ in range(wide - len(row)))) for table in rows for row in table)
