"""Classifiers one below the other: their score on its interval, and what each one costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.locale import Locale, locale_of
from pipeline.numbers.localized import formats_of
from pipeline.numbers.values import Number, wrap
from pipeline.pictures.charts.style import FIRST_LINE, HALF, LEAD, WIDE, Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import Run, one_line, plain, shortened, text_width, wrapped
from pipeline.pictures.theme import ACCENT, INK, REGULAR, SMALL, SOFT, STROKE, STRONG

APART = 144.0  # px from one column of costs to the next
FOOT = 40.0  # px, for the axis
HIGH, LOW = 58.0, 46.0  # px from row to row, where there are few and many
MANY = 6  # rows
LEAST = 0.75 * SMALL  # px on a phone, of a name with a word that is wider than its column
FLOOR = ("majority", "untrained")  # what nobody would use


class Cost(msgspec.Struct, frozen=True):
    """What a classifier takes, as it is written, with its place; "–": nothing."""

    shown: str
    at: str = ""


NO_COST = Cost("–")


class Rung(msgspec.Struct, frozen=True):
    """A classifier: its score, and what it costs, one a column."""

    key: str  # "finetuned"
    name: str
    at: str  # the place of its score
    score: float | None
    low: float | None
    high: float | None
    costs: tuple[Cost, ...]
    reach: tuple[float, float] | None = None  # how far chance draws it: other examples, other heads

    def shown(self, digits: int, locale: Locale) -> str:
        """Its score as it is written."""
        if self.score is None:
            return locale.say("undefined")
        return str(formats_of(locale)["num"](self._number, digits))

    def range(self, digits: int, locale: Locale) -> str:
        """Its interval as it is written; empty without one."""
        has_none = self.score is None or self.low is None or self.high is None
        return "" if has_none else str(formats_of(locale)["interval"](self._number, digits))

    @property
    def _number(self) -> Number:
        return Number(self.at, self.score or 0.0, self.low, self.high, unit="share")


class Ladder(msgspec.Struct, frozen=True):
    """What is drawn: cheapest first. Of `columns` a phone shows the one at `kept` alone."""

    name: str
    title: str  # "F1 on 510 test messages"
    note: str  # "with 95% interval"
    metric: str  # "F1"
    columns: tuple[str, ...]
    rungs: tuple[Rung, ...]
    kept: int = 0
    digits: int = 2
    foot: str = ""  # what the thin lines and the level are
    level: float | None = None  # a score for nothing, which others are compared with
    level_at: str = ""  # its place
    language: str = "en"

    @property
    def locale(self) -> Locale:
        return locale_of(self.language)

    @property
    def places(self) -> tuple[str, ...]:
        """Those of the values that it shows, each once."""
        found = (at for one in self.rungs for at in (one.at, *(cost.at for cost in one.costs)))
        return tuple(dict.fromkeys(at for at in (*found, self.level_at) if at))

    @property
    def best(self) -> str:
        """The rung that is best beside the fine-tuned one; empty without one."""
        others = [one for one in self.rungs if one.key != "finetuned" and one.score]
        return max(others, key=lambda one: one.score or 0.0).key if others else ""


def cost(number: Number | None, written: Callable[[object], str]) -> Cost:
    """What something takes, as a format writes it; nothing is a dash."""
    return (
        Cost(str(written(number)), number.at)
        if number is not None and number.value > 0
        else NO_COST
    )


def columns_in(locale: Locale) -> tuple[str, ...]:
    """What is listed of each classifier, in a language."""
    return locale.say("examples"), locale.say("to train"), locale.say("a message")


TRAIN = 1  # the column that a phone shows


def draw_ladder(ladder: Ladder) -> Picture:
    """A row for each classifier; 1136 wide, and 540 on a phone."""
    wide, narrow = (
        _sheet(ladder, is_wide=is_wide).picture(
            ladder.title,
            _said(ladder),
            _table(ladder),
            "plot wide" if is_wide else "plot",
        )
        for is_wide in (True, False)
    )
    return replace(wide, narrow=narrow.svg)


class _Places(msgspec.Struct, frozen=True):
    """Where columns stand, in px."""

    axis: tuple[float, float]
    score: float
    columns: tuple[tuple[int, float], ...]  # number of the column, its right edge
    width: float


def _places(ladder: Ladder, *, is_wide: bool) -> _Places:
    if not is_wide:
        return _Places((196, 352), 368, ((ladder.kept, HALF),), HALF)
    last = len(ladder.columns) - 1
    edges = tuple((at, WIDE - APART * (last - at)) for at in range(last + 1))
    return _Places((322, 512), 532, edges, WIDE)


def _sheet(ladder: Ladder, *, is_wide: bool) -> Chart:
    places = _places(ladder, is_wide=is_wide)
    rows = len(ladder.rungs)
    pitch = HIGH if rows < MANY or not is_wide else LOW
    top = FIRST_LINE + 4 + (0 if is_wide else LEAD)
    bottom = top + pitch * rows
    lines = _foot_lines(ladder, places.width, 3 if is_wide else 6)
    foot = FOOT + LEAD * len(lines)
    sheet = chart(ladder.name, places.width, bottom + foot, (*places.axis, top, bottom))
    heads = [ladder.columns[at] for at, _ in places.columns]
    room = places.columns[0][1] - text_width(heads[0], SMALL) - 24 if is_wide else places.width
    said = _heading(ladder)
    fits = text_width(said, SMALL) <= room
    sheet.caption(0, said if fits else shortened(ladder.title, SMALL, room))
    for head, (_, edge) in zip(heads, places.columns, strict=True):
        sheet.caption(edge, head, "right", line=0 if is_wide else 1)
    sheet.axes.set(
        xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=("0", ladder.locale.rewritten("0.5"), "1")
    )
    sheet.rows(rows)
    for row in range(rows):
        _draw_rung(sheet, ladder, row, pitch, places, is_wide=is_wide)
    if ladder.level is not None:
        look: dict[str, Any] = {"color": INK, "linewidth": 2, "linestyle": (0, (2, 2))}
        sheet.axes.axvline(ladder.level, gid=part("level", ladder.level_at), zorder=0, **look)
    for line, words in enumerate(reversed(lines)):
        place = (0.0, LEAD * (line + 0.5) / sheet.height)
        sheet.figure.text(*place, words, color=SOFT, va="center", in_layout=False)
    return sheet


def _foot_lines(ladder: Ladder, width: float, most: int) -> list[str]:
    if not ladder.foot:
        return []
    return [plain([one]) for one in wrapped((Run(ladder.foot),), SMALL, width, REGULAR, most)]


def _draw_rung(
    sheet: Chart, ladder: Ladder, row: int, pitch: float, places: _Places, *, is_wide: bool
) -> None:
    rung = ladder.rungs[row]
    colour = ACCENT if rung.key == "finetuned" else SOFT if rung.key in FLOOR else INK
    weight = STRONG if rung.key in ("finetuned", ladder.best) else REGULAR
    look: dict[str, Any] = {"color": colour, "weight": weight}
    called, room = one_line(rung.name), places.axis[0] - 20
    widest = max((text_width(word, SMALL, weight) for word in called.split()), default=0.0)
    is_long = widest > room and not is_wide  # "feinabgestimmt"
    size = max(LEAST, SMALL * room / widest) if is_long else SMALL
    words = "\n".join(plain([line]) for line in wrapped((Run(called),), size, room, weight))
    sized = look if size == SMALL else {**look, "size": size}
    sheet.cell(0, row, words, linespacing=0.8, gid=part(f"name-{rung.key}"), **sized)
    _draw_score(sheet, rung, row, pitch, colour)
    at = rung.at if rung.score is not None else ""
    shown: dict[str, Any] = {"color": colour, "weight": STRONG, "gid": part("shown", at)}
    score, ends = rung.shown(ladder.digits, ladder.locale), rung.range(ladder.digits, ladder.locale)
    sheet.cell(places.score, row, score, **shown)
    if is_wide and ends:
        after = places.score + text_width(score, SMALL, STRONG) + 14
        sheet.cell(after, row, ends, color=colour)
    for column, edge in places.columns:
        cost = rung.costs[column]
        sheet.cell(edge, row, cost.shown, ha="right", gid=part("cost", cost.at), **look)


def _draw_score(sheet: Chart, rung: Rung, row: int, pitch: float, colour: str) -> None:
    """The score as a dot on its interval; a thin line as far as chance draws it."""
    if rung.score is None:
        return
    bar: dict[str, Any] = {"height": 26 / pitch, "color": colour, "alpha": 0.3}
    if rung.low is not None and rung.high is not None and (rung.low, rung.high) != rung.reach:
        gid = part(f"interval-{rung.key}")
        sheet.axes.barh(row, rung.high - rung.low, left=rung.low, gid=gid, **bar)
    if rung.reach:
        line: dict[str, Any] = {"color": colour, "linewidth": STROKE, "clip_on": False}
        line["gid"] = part(f"reach-{rung.key}")
        sheet.axes.plot(rung.reach, (row, row), marker="|", ms=18, **line)
    dot: dict[str, Any] = {"color": colour, "ms": 12, "mew": 0, "clip_on": False}
    sheet.axes.plot(rung.score, row, "o", gid=part(f"f1-{rung.key}", rung.at), **dot)


def _said(ladder: Ladder) -> str:
    said = []
    for one in ladder.rungs:
        score, ends = (
            one.shown(ladder.digits, ladder.locale),
            one.range(ladder.digits, ladder.locale),
        )
        ends = f" ({ends})" if ends else ""
        train = one.costs[TRAIN].shown
        has_cost = train != NO_COST.shown
        taken = ladder.locale.say(", trained in {time}", time=train) if has_cost else ""
        said.append(f"{one_line(one.name)} {score}{ends}{taken}")
    foot = f" {ladder.foot}." if ladder.foot else ""
    return f"{_heading(ladder)}: {'; '.join(said)}.{foot}"


def _heading(ladder: Ladder) -> str:
    return ladder.locale.comma.join(filter(None, (ladder.title, ladder.note)))


def _table(ladder: Ladder) -> Sequence[tuple[str, ...]]:
    heads = (column[:1].upper() + column[1:] for column in ladder.columns)
    locale = ladder.locale
    rows = [(locale.say("Classifier"), ladder.metric, locale.say("Interval"), *heads)]
    for one in ladder.rungs:
        costs = (cost.shown for cost in one.costs)
        score, ends = (
            one.shown(ladder.digits, ladder.locale),
            one.range(ladder.digits, ladder.locale),
        )
        rows.append((one_line(one.name), score, ends or "–", *costs))
    return rows


def known(at: str, value: object) -> Number:
    """A measured value that is there, with its place."""
    found = wrap(at, value)
    assert isinstance(found, Number)
    return found
