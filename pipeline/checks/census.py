"""The census: every number in the content is bound, a constant, structural, typed, or an error.

An error is what repeats a measured value, or contradicts one; and where talk.toml says
`typed = "listed"`, each typed number that has no reason.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TypeVar

import msgspec

from pipeline.checks.constants import Listed, listed_constants, spans_of
from pipeline.checks.content import Drafted, Passage
from pipeline.checks.structure import structural_spans
from pipeline.config import Config
from pipeline.measured import Measured
from pipeline.numbers.candidates import CONTRADICTION, COPY, STALE, Candidates, candidates_of
from pipeline.numbers.fill import MARK
from pipeline.numbers.quantities import MAY_COUNT, Quantity, find_quantities, is_small_count
from pipeline.numbers.template import Literal, Placeholder
from pipeline.problems import Problem, Severity, Source
from pipeline.slides.markdown import MOST_SIGNS

T = TypeVar("T")
BOUND, CONSTANT, STRUCTURAL, TYPED = "bound", "constant", "structural", "typed"
ASSERTED, UNLISTED, ENDLESS = "asserted", "unlisted", "endless"
WRONG = (COPY, STALE, CONTRADICTION, UNLISTED, ENDLESS)
LONGEST_SENTENCE = 2000  # signs; a longer one is taken apart
HIDDEN = "\x1a"  # what stands for a mark where only words count
_SENTENCE = re.compile(
    rf"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]*[A-Z\d$€£{HIDDEN}])"
    r"|\n(?=[ \t]*(?:[-*+]|\d+[.)]|\||#)\s)"
)


class Counted(msgspec.Struct, frozen=True):
    """One number of the content and what it is; `why` names the rule, the reason or the value."""

    text: str
    status: str
    why: str
    sentence: str
    kind: str  # of its passage
    source: Source
    hint: str = ""


class Census(msgspec.Struct, frozen=True):
    """Every number of the content, in its order; `used` are the constants that it needs."""

    numbers: tuple[Counted, ...]
    used: frozenset[str] = frozenset()
    has_run: bool = True
    note: str = ""  # what is not looked at in this language

    def of(self, *statuses: str) -> tuple[Counted, ...]:
        return tuple(number for number in self.numbers if number.status in statuses)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong; without a run there is nothing to bind to, and unlisted ones are said."""
        severity: Severity = "error" if self.has_run else "warning"
        return tuple(
            Problem(_message(number), number.source, number.hint, severity)
            for number in self.of(*WRONG)
        )

    def summary(self) -> str:
        """One line: how many numbers of each kind."""
        counts = Counter(number.status for number in self.numbers)
        names = (BOUND, ASSERTED, CONSTANT, STRUCTURAL, TYPED, *WRONG)
        parts = [f"{counts[n]} {n}" for n in names if counts[n] or n in (BOUND, UNLISTED)]
        note = f"; {self.note}" if self.note else ""
        return f"{len(self.numbers)} numbers: {', '.join(parts)}{note}"

    def table(self) -> str:
        """The whole census as text: a line a number, with its place and why it may stand there."""
        rows = [
            f"{number.source}  {number.status:13} {number.text!r}  ({number.why})"
            for number in self.numbers
        ]
        return "\n".join([*rows, self.summary()])


def take_census(texts: Iterable[Drafted], config: Config, measured: Measured) -> Census:
    """Classify every number of the content."""
    taker = Taker(config, measured)
    numbers = tuple(number for text in texts for number in taker.take(text))
    return census_of(numbers, taker.used, config, measured)


def census_of(
    numbers: tuple[Counted, ...], used: Iterable[str], config: Config, measured: Measured
) -> Census:
    """The census of these numbers, which need the constants `used`."""
    note = ""
    if not config.locale.is_english:
        from pipeline.numbers.quantities_in import unread_words

        note = unread_words(config.locale)
    return Census(numbers, frozenset(used), bool(measured), note)


@lru_cache(maxsize=1024)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Where the sentences of a text begin and end, its marks hidden."""
    edges = [0, *(found.end() for found in _SENTENCE.finditer(text)), len(text)]
    spans = ((a, b) for a, b in pairwise(edges) if b > a)
    long = LONGEST_SENTENCE
    return tuple((a, min(a + long, end)) for start, end in spans for a in range(start, end, long))


def sentence_at(text: str, offset: int) -> tuple[int, int]:
    """Where the sentence of a text begins and ends that holds this place."""
    found = sentences(text)
    index = bisect_right(found, offset, key=lambda span: span[0]) - 1
    return found[index] if found else (0, len(text))


def hidden(text: str) -> str:
    """`text` at the same length, its marks as signs that are no word and no number."""
    return MARK.sub(lambda found: HIDDEN * len(found[0]), text)


def on_one_line(text: str, limit: int = 160) -> str:
    """A sentence for a message."""
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _covered(spans: Iterable[tuple[int, int, T]], size: int) -> list[T | None]:
    """For each sign of a text the first of the spans that it lies in."""
    covered: list[T | None] = [None] * size
    for first, last, name in spans:
        for at in range(first, min(last, size)):
            covered[at] = covered[at] or name
    return covered


def _message(number: Counted) -> str:
    if number.status == UNLISTED:
        return f'unlisted number "{number.text}" in: {number.sentence}'
    if number.status == ENDLESS:
        return number.why
    return f'"{number.text}" {number.why}, in: {number.sentence}'


class Taker:
    """What the numbers of all texts are held against; `used` are the constants that were met."""

    def __init__(self, config: Config, measured: Measured) -> None:
        self.config, self.used, self._measured = config, set[str](), measured

    # Made for the first number: most texts that change have none.
    @cached_property
    def listed(self) -> tuple[Listed, ...]:
        return listed_constants(self.config.constants)

    @cached_property
    def candidates(self) -> Candidates:
        return candidates_of(self._measured, self.config.locale)

    def take(self, text: Drafted) -> Iterator[Counted]:
        """The numbers of a text: those that are read, then those that no reader shows."""
        yield from self.shown(text)
        yield from self.unshown(text)

    def shown(self, text: Drafted) -> Iterator[Counted]:
        for passage in text.passages:
            one = _Passage(self, text, passage, hidden(passage.text))
            yield from sorted(one.take(), key=lambda number: number.source.line or 0)

    def unshown(self, text: Drafted) -> Iterator[Counted]:
        """Those in a link, or in {% set … %}."""
        seen = {int(index) for one in text.passages for index in MARK.findall(one.text)}
        unread = [p for n, p in enumerate(text.draft.placeholders) if n not in seen]
        for tag in (*unread, *text.draft.asked):
            line = (text.text.source.line or 1) + tag.line - 1
            where = (Source(text.text.source.path, line),)
            passage = Passage(text.text.kind, tag.written, where, text.text.place)
            yield from _Passage(self, text, passage, tag.written).of_tag(tag, 0)


class _Passage(msgspec.Struct, frozen=True):
    """The census of one passage."""

    all: Taker
    text: Drafted
    passage: Passage
    words: str  # its text with the marks hidden
    shown: dict[int, str] = {}  # its sentences, by where they begin

    def take(self) -> Iterator[Counted]:
        if len(self.words) > MOST_SIGNS:
            why = f"a paragraph of more than {MOST_SIGNS:,} signs"
            yield self._counted("", ENDLESS, why, 0, "divide it")
        for start, _, tag in self.text.placed(self.passage):
            yield from self.of_tag(tag, start)
        words = self.words[:MOST_SIGNS]
        locale = self.all.config.locale
        may_count = MAY_COUNT.search(words) or not locale.is_english
        quantities = find_quantities(words, locale) if may_count else ()
        size = len(words)
        structural: list[str | None] = [None] * size
        constants: list[Listed | None] = [None] * size
        if not all(is_small_count(one, self.all.candidates.nouns) for one in quantities):
            of_code = [(first, last, "code") for first, last in self.passage.code]
            of_words = structural_spans(words, self.passage.kind, locale)
            structural = _covered([*of_code, *of_words], size)
            path, root = self.passage.lines[0].path, self.all.config.root
            constants = _covered(spans_of(self.all.listed, words, path, root), size)
        for quantity in quantities:
            yield self._one(quantity, structural, constants)

    def of_tag(self, tag: Placeholder, start: int) -> Iterator[Counted]:
        if tag.is_bound:
            yield self._counted(tag.written, BOUND, tag.path, start)
        for literal in tag.literals:
            yield from self._literal(literal, start)

    def _literal(self, literal: Literal, start: int) -> Iterator[Counted]:
        """Numbers typed inside a placeholder: in a claim they are asserted, else as bad as any."""
        for quantity in find_quantities(literal.text, self.all.config.locale):
            if is_small_count(quantity, self.all.candidates.nouns):
                continue
            if literal.is_asserted and quantity.form != "digits":
                yield self._counted(quantity.text, ASSERTED, "inside `holds`", start)
            else:
                yield self._typed(quantity, start)

    def _one(
        self, quantity: Quantity, structural: list[str | None], constants: list[Listed | None]
    ) -> Counted:
        text, start = quantity.text, quantity.start
        if name := next((n for n in structural[start : quantity.end] if n), None):
            # A measured share that is typed in backticks is no way around the census.
            is_share = quantity.unit == "percent" or "." in text
            typed = self._typed(quantity, start) if name == "code" and is_share else None
            is_copy = typed is not None and typed.status == COPY
            return typed if typed and is_copy else self._counted(text, STRUCTURAL, name, start)
        if listed := constants[start]:
            self.all.used.add(listed.constant.text)
            return self._counted(text, CONSTANT, listed.constant.reason, start)
        if is_small_count(quantity, self.all.candidates.nouns):
            return self._counted(text, STRUCTURAL, "small count", start)
        if self.passage.kind == "plan" and quantity.unit == "time":  # `time` holds it to the slots
            return self._counted(text, STRUCTURAL, "planned time", start)
        if self.passage.figures:
            return self._counted(text, CONSTANT, self.passage.figures, start)
        return self._typed(quantity, start)

    def _typed(self, quantity: Quantity, start: int) -> Counted:
        """A number that nothing excuses: what it says of the run, or that it says nothing."""
        first, last = sentence_at(self.words, start)
        sentence = self.words[first:last]
        said = self.all.candidates.said(quantity, sentence, start - first)
        if said:
            status, leaf, why = said
            return self._counted(quantity.text, status, why, start, f"bind it: {leaf.written}")
        if self.all.config.numbers.typed == "contradictions":
            return self._counted(quantity.text, TYPED, "typed; no value of the run", start)
        listing = "or say where it comes from: `figures:`, or [[constants]] in talk.toml"
        same = self.all.candidates.showing(quantity, sentence)[:3]
        shown = (
            f"this run has {', '.join(leaf.written for leaf in same)}; " if same else "bind it, "
        )
        return self._counted(quantity.text, UNLISTED, "unlisted", start, shown + listing)

    def _counted(self, text: str, status: str, why: str, start: int, hint: str = "") -> Counted:
        first, last = sentence_at(self.words, start)
        if first not in self.shown:
            self.shown[first] = on_one_line(self.text.as_written(self.passage.text[first:last]))
        text, kind = " ".join(text.split()), self.passage.kind
        return Counted(text, status, why, self.shown[first], kind, self.passage.at(start), hint)
