"""Where each measured value is used: shown, deciding between sentences, or in another branch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.checks.census import hidden, on_one_line, sentences
from pipeline.checks.content import Written, charts_in, content, passages
from pipeline.config import Config
from pipeline.measured import Measured, places_in
from pipeline.numbers.fill import MARK, Filled, Numbers, draft
from pipeline.problems import Source, TalkError
from pipeline.slides.charts import ChartBlock

SHOWN, DECIDES, ELSEWHERE = "shown", "decides", "other branch"
DRAWN = "drawn"  # by a chart


class Use(msgspec.Struct, frozen=True):
    """One place where a value is used; `how` is shown, decides, other branch, or drawn."""

    paths: tuple[str, ...]  # finetuned.f1; several for a value that is computed
    text: str  # what is shown; "" where nothing is
    how: str
    sentence: str
    place: str  # "slide 14"
    source: Source


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of a filled text: as it is read, where, and the marks in it."""

    text: str
    place: str
    source: Source
    marks: tuple[tuple[int, Source], ...]  # index and line


def uses_of(config: Config, measured: Measured) -> tuple[Use, ...]:
    """Every use of a value in a talk's content, in its order.

    A text that can't be filled is passed over: `check` says what is wrong with it.
    """
    numbers = Numbers(measured, config.locale)
    found: list[Use] = []
    for text in content(config):
        try:
            filled = numbers.fill(text.text, text.source, has_plan=text.kind == "script")
        except TalkError:
            continue
        found += _uses(text, filled)
        found += _in_charts(text, filled, numbers)
    return tuple(found)


def sentences_of(text: Written, filled: Filled) -> Iterator[Sentence]:
    """The sentences of a filled text, each with the line on which it begins."""
    for passage in passages(text, filled):
        for start, end in sentences(hidden(passage.text)):
            raw = passage.text[start:end]
            lead = start + len(raw) - len(raw.lstrip())
            if raw.strip():
                shown = on_one_line(Filled(raw, filled.marks).plain, 400)
                found = MARK.finditer(passage.text, start, end)
                marks = tuple((int(mark[1]), passage.at(mark.start())) for mark in found)
                yield Sentence(shown, passage.place, passage.at(lead), marks)


def _uses(text: Written, filled: Filled) -> Iterator[Use]:
    taken: set[tuple[Source, str]] = set()
    places: list[tuple[int, str]] = []
    for sentence in sentences_of(text, filled):
        places.append((sentence.source.line or 0, sentence.place))
        for index, where in sentence.marks:
            mark = filled.marks[index]
            paths = tuple(dict.fromkeys(places_in(mark.at)))
            taken |= {(where, path) for path in paths}
            yield Use(paths, mark.text, SHOWN, sentence.text, sentence.place, where)
    yield from _unshown(text, taken, places)


def chart_sentences(text: Written, filled: Filled, numbers: Numbers) -> Iterator[Sentence]:
    """What each chart of a text says, as a sentence; one that is wrong, why."""
    for block in charts_in(text, filled, numbers):
        if isinstance(block, TalkError):
            yield Sentence(f"chart fails: {block}", text.place, block.where or text.source, ())
            continue
        yield Sentence(_said_by(block), text.place, block.values_source, ())


def _said_by(block: ChartBlock) -> str:
    data, unit = block.data, block.data.figures.shown_unit
    said = []
    for one in data.series:
        shown = ", ".join(f"{d.name} {d.shown}" for d in one.data)
        said.append(f"{one.name}: {shown}" if len(data.series) > 1 else shown)
    called = f"chart “{data.title}”" if data.title else "chart"
    return f"{called}{f' ({unit})' if unit else ''}: {'; '.join(said)}"


def _in_charts(text: Written, filled: Filled, numbers: Numbers) -> Iterator[Use]:
    """The values that charts show, each place once."""
    for block in charts_in(text, filled, numbers):
        if isinstance(block, TalkError):
            continue
        sentence = on_one_line(_said_by(block))
        shown = {
            d.at: d.shown for one in block.data.series for d in one.data if d.value is not None
        }
        for at, figure in shown.items():
            yield Use((at,), figure, SHOWN, sentence, text.place, block.values_source)


def _unshown(
    text: Written, taken: set[tuple[Source, str]], places: Sequence[tuple[int, str]]
) -> Iterator[Use]:
    """Values in conditions and claims, and those of branches that this run doesn't take."""
    made = draft(text.text, text.source)
    for tag in sorted((*made.placeholders, *made.asked), key=lambda tag: tag.line):
        where = Source(text.source.path, (text.source.line or 1) + tag.line - 1)
        how = DECIDES if tag.is_condition else ELSEWHERE
        for path in tag.paths:
            if how == ELSEWHERE and (where, path) in taken:
                continue
            index = bisect_right(places, where.line or 0, key=lambda entry: entry[0]) - 1
            place = places[max(index, 0)][1] if places else text.place
            yield Use((path,), "", how, " ".join(tag.written.split()), place, where)
