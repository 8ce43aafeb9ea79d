"""Whether bound numbers stand in the right words: metric, unit, and comparisons that hold.

A value can be bound and still lie: recall shown where the sentence says precision, "11 min
seconds", a typed number added to a measured one, "better" between values that can't be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from pipeline import units
from pipeline.checks.census import HIDDEN, hidden, on_one_line, sentences
from pipeline.checks.content import Drafted, Passage
from pipeline.checks.rivals import COMPARES, Rivals
from pipeline.measured import Measured
from pipeline.numbers.candidates import CLASSIFIERS
from pipeline.numbers.comparisons import compared
from pipeline.numbers.template import Placeholder
from pipeline.numbers.values import Number, namespace, number_at
from pipeline.problems import Problem, Source

METRICS = {
    "f1": re.compile(r"\bF1(?:-score)?\b|\bF-score\b", re.IGNORECASE),
    "accuracy": re.compile(r"\baccuracy\b", re.IGNORECASE),
    "precision": re.compile(r"\bprecision\b", re.IGNORECASE),
    "recall": re.compile(r"\brecall\b", re.IGNORECASE),
}
_BETTER = re.compile(
    r"\b(?:beats?|beat|outperform(?:s|ed)?|better than|worse than|wins? (?:against|over)|"
    r"clearly (?:better|ahead|wins)|ahead of|superior to|defeats?|outscores?)\b",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\s?(?P<time>seconds?|secs?|minutes?|mins?|hours?|hrs?|h|[nµ\u03bcm]?s|"
    r"(?:nano|micro|milli)seconds?|days?)(?P<per>/\w+)?\b|"
    r"\s?(?P<percent>%|percent\b|per cent\b)|"
    r"\s?(?P<bytes>(?:[kMGTP]i?B|bytes))(?P<rate>/\w+)?\b|"
    r"\s(?P<scale>million|billion|thousand)|\s(?P<times>times\b)"
)
_WITH_UNIT = frozenset(["seconds", "gib", "with_unit", "unit"])  # formats and styles that say it
_CLAUSE = re.compile(r"[,;:|.!?()]|\b(?:and|but|while|against|to|with|from)\b")
_NEAR_WORDS = 6
_FARTHEST = 400  # signs; a clause is no longer


class _Bound(msgspec.Struct, frozen=True):
    """A bound value in a sentence: where its mark begins and ends, and what it is of."""

    tag: Placeholder
    start: int
    end: int
    metric: str  # "" for a value that is none
    owner: str  # the classifier: "finetuned", …, "" for none


def check_wording(texts: Iterable[Drafted], measured: Measured) -> list[Problem]:
    """Everything that is wrong with bound numbers and with comparisons in words."""
    wording = Wording(measured)
    return [problem for text in texts for problem in wording.problems(text)]


class Wording:
    """What the words of all texts are held against."""

    def __init__(self, measured: Measured) -> None:
        self._names, self._rivals = namespace(measured), Rivals(measured)

    def problems(self, text: Drafted) -> Iterator[Problem]:
        for passage in text.passages:
            words = _Words(text, passage, hidden(passage.text))
            yield from words.units(self._names)
            yield from words.swaps()
            yield from words.unasserted()
            yield from words.unasserted_of(self._rivals)
        yield from _close(text, self._names)


class _Words(msgspec.Struct, frozen=True):
    """The words around the bound values of one passage."""

    of: Drafted
    passage: Passage
    text: str  # its marks hidden

    def units(self, names: dict[str, object]) -> Iterator[Problem]:
        """Units said twice or wrongly after a placeholder, and numbers typed on to it."""
        for start, end, tag in self.of.placed(self.passage):
            if not tag.is_bound:
                continue
            where, shown = self.passage.at(start), f"{{{{ {tag.code.strip()} }}}}"
            if tag.shift:
                message = f"{shown} shifts a measured value by a typed number ({tag.shift})"
                yield Problem(message, where, "show what was measured")
            unit = _UNIT.match(self.text, end)
            if unit and (hint := _wrong_unit(tag, unit, number_at(tag.path, names))):
                said = unit[0].split()[0]
                yield Problem(f'wrong unit: {shown} is followed by "{said}"', where, hint)

    def swaps(self) -> Iterator[Problem]:
        """Metrics and classifiers that the words name against those that are shown."""
        bound = [_bound(*placed) for placed in self.of.placed(self.passage) if placed[2].is_bound]
        for first, last in sentences(self.text) if bound else ():
            shown = [value for value in bound if first <= value.start < last]
            said = sorted(
                (found.start(), found.end(), name)
                for name, pattern in METRICS.items()
                for found in pattern.finditer(self.text, first, last)
            )
            yield from self._metric_swaps([v for v in shown if v.metric], said)
            yield from self._owner_swaps([v for v in shown if v.owner])

    def _metric_swaps(
        self, values: Sequence[_Bound], said: Sequence[tuple[int, int, str]]
    ) -> Iterator[Problem]:
        if 1 < len(values) == len(said) and self._in_step(values, said):
            pairs = list(zip(values, said, strict=True))
        else:
            pairs = [(v, word) for v in values if (word := self._next_to(v, said))] if said else []
        for value, (start, end, name) in pairs:
            if name != value.metric:
                bind = value.tag.path.replace(value.metric, name)
                yield self._swap(value, self.text[start:end], f"bind {bind}, or name the metric")

    def _owner_swaps(self, values: Sequence[_Bound]) -> Iterator[Problem]:
        """The one classifier that a value's own clause names, where another's value is shown."""
        for value in values:
            start, end = self._clause(value)
            named = {
                name: found[0]
                for name, pattern in CLASSIFIERS.items()
                if (found := pattern.search(self.text, start, end))
            }
            is_near = self._words_in(start, end) <= 2 * _NEAR_WORDS
            if len(named) == 1 and is_near and value.owner not in named:
                name, said = next(iter(named.items()))
                bind = value.tag.path.replace(value.owner, name)
                yield self._swap(value, said, f"bind {bind}, or name the other")

    def _swap(self, value: _Bound, said: str, hint: str) -> Problem:
        message = f'the sentence says "{said}" and shows {value.tag.path}, '
        return Problem(f"{message}in: {self._sentence(value.start)}", self._at(value.start), hint)

    def _sentence(self, offset: int) -> str:
        spans = sentences(self.text)
        first, last = next(span for span in spans if span[0] <= offset < span[1])
        return on_one_line(self.of.as_written(self.passage.text[first:last]))

    def _at(self, offset: int) -> Source:
        return self.passage.at(offset)

    def _words_in(self, start: int, end: int) -> int:
        return len(re.findall(r"\w+", self.text[start:end]))

    def _in_step(self, values: Sequence[_Bound], said: Sequence[tuple[int, int, str]]) -> bool:
        """Whether words and values come pairwise: name value name value, or the other way round."""
        for value, (start, end, _) in zip(values, said, strict=True):
            low, high = (end, value.start) if start < value.start else (value.end, start)
            if self._words_in(min(low, high), max(low, high)) > _NEAR_WORDS:
                return False
        return True

    def _next_to(
        self, value: _Bound, said: Sequence[tuple[int, int, str]]
    ) -> tuple[int, int, str] | None:
        """The only metric word in the value's own clause, if it is near."""
        start, end = self._clause(value)
        inside = [word for word in said if start <= word[0] and word[1] <= end]
        if len(inside) != 1 or self._words_in(start, end) > _NEAR_WORDS + 2:
            return None
        return inside[0]

    def _clause(self, value: _Bound) -> tuple[int, int]:
        """Where the clause of a value begins and ends; other values part clauses too."""
        text, earliest = self.text, max(0, value.start - _FARTHEST)
        before = [found.end() for found in _CLAUSE.finditer(text, earliest, value.start)]
        after = _CLAUSE.search(text, value.end, value.end + _FARTHEST)
        # "Precision: 95%": a colon or a cell's edge parts name and value only in appearance.
        if before and text[earliest : value.start].rstrip().endswith((":", "|")):
            before = before[:-1]
        first = before[-1] if before else earliest
        first = max(first, text.rfind(HIDDEN, earliest, value.start) + 1)
        last = after.start() if after else min(len(text), value.end + _FARTHEST)
        following = text.find(HIDDEN, value.end, last)
        return first, max(following if following >= 0 else last, value.end)

    def unasserted(self) -> Iterator[Problem]:
        """Comparisons of two classifiers in words, where no condition or claim stands behind."""
        if not _BETTER.search(self.text):
            return
        for first, last in sentences(self.text):
            found = _BETTER.search(self.text, first, last)
            if not found:
                continue
            named = [n for n, shape in CLASSIFIERS.items() if shape.search(self.text, first, last)]
            where = self._at(found.start())
            if len(named) < 2 or "linear" not in named or self.of.is_guarded(where, found[0]):
                continue
            one, other = f"{named[1]}.f1", f"{named[0]}.f1"
            yield Problem(
                f'nothing asserts "{found[0]}" in: {self._sentence(found.start())}',
                where,
                f'{{% if beats({one}, {other}) %}}, or "…" | holds(beats({one}, {other}))',
            )

    def unasserted_of(self, rivals: Rivals) -> Iterator[Problem]:
        """Comparisons in words of two branches of a measurement, with nothing behind them."""
        if not rivals.measured.measurements or not COMPARES.search(self.text):
            return
        placed = [(start, tag) for start, _, tag in self.of.placed(self.passage)]
        for first, last in sentences(self.text):
            marks = {start - first: tag for start, tag in placed if first <= start < last}
            compared_ = rivals.compared(self.text[first:last], marks)
            if compared_ is None:
                continue
            found, one, other = compared_
            where = self._at(first + found.start())
            if self.of.is_guarded(where, found[0]):
                continue
            yield Problem(
                f'nothing asserts "{found[0]}" in: {self._sentence(first + found.start())}',
                where,
                f'{{% if beats({one}, {other}) %}}, or "{found[0]}" | holds(beats({one}, {other}))',
            )


def _bound(start: int, end: int, tag: Placeholder) -> _Bound:
    parts = [part for path in tag.paths for part in path.split(".")]
    metric = next((part for part in parts if part in METRICS), "")
    owner = next((part for part in parts if part in CLASSIFIERS), "")
    return _Bound(tag, start, end, metric, owner)


def _wrong_unit(tag: Placeholder, unit: re.Match[str], value: Number | None) -> str:
    """Why the unit that follows a placeholder is wrong; "" where it isn't.

    `value`: the measured number that is shown, where it is one by itself.
    """
    form, own = tag.form, units.canonical(value.unit) if value else ""
    has_own = own not in ("", units.SHARE)
    if unit["time"] or unit["bytes"]:
        is_interval = has_own and form == "interval" and tag.style != "pct"
        if is_interval or not _WITH_UNIT.isdisjoint((form, tag.style)):
            return f"`{form}` already says the unit"
        if has_own:
            fitting = {"time": "seconds", "size": "gib"}.get(units.kind_of(own), "with_unit")
            is_own = units.canonical(unit[0]) == own
            return "" if is_own else f"{tag.path} is in {own}: use `{fitting}`"
        return "bytes are shown with `gib`, which says GiB" if unit["bytes"] else ""
    if unit["percent"]:
        if form in ("pct", "spoken"):
            return f"`{form}` already says percent"
        if own == "%":
            return ""
        if form in ("num", "interval"):
            return "a fraction is no percentage: use `pct`"
        return f"{tag.path} is no percentage"
    if unit["times"]:
        return f"`{form}` already says it" if "times" in (form, tag.style) else ""
    return "`millions` already says it" if form == "millions" else ""


def _close(text: Drafted, names: dict[str, object]) -> Iterator[Problem]:
    """`a > b` of two measured values whose difference may be chance."""
    first = text.text.source.line or 1
    for tag in (*text.draft.placeholders, *text.draft.asked):
        for path, sign, other_path in tag.compared:
            one, other = number_at(path, names), number_at(other_path, names)
            if one is None or other is None or not units.fits(one.unit, other.unit):
                continue  # filling the text says what is wrong
            outcome = compared(one, other)
            if outcome.is_close:
                yield Problem(
                    f"{path} {sign} {other_path} compares values that this run can't tell apart: "
                    f"{one.value:.4g} and {other.value:.4g}, {outcome.says}",
                    Source(text.text.source.path, first + tag.line - 1),
                    f"use beats({path}, {other_path}), or say about the same",
                )
