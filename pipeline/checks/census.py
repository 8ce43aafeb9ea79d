"""The census: every number in the content is bound, a listed constant, structural, or an error."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pipeline.checks.constants import Listed, listed_constants, without_markup
from pipeline.checks.content import TAG, Passage, masked
from pipeline.checks.structure import structural_spans
from pipeline.checks.tags import tags_in
from pipeline.config import Config
from pipeline.numbers.candidates import (
    STALE_WITHIN,
    Measured,
    best_first,
    in_context,
    is_near,
    measured_numbers,
    sentence_words,
    shows,
)
from pipeline.numbers.number_words import CARDINALS, MULTIPLES, PARTS, SCALES, VAGUE
from pipeline.numbers.quantities import MEASURED, Quantity, find_quantities, is_small_count
from pipeline.problems import Problem, Source
from pipeline.results import Results

BOUND, CONSTANT, STRUCTURAL = "bound", "constant", "structural"
ASSERTED, COPY, STALE, UNLISTED = "asserted", "typed copy", "stale copy", "unlisted"
WRONG = (COPY, STALE, UNLISTED)
_SENTENCE = re.compile(
    r"(?<=[.!?…])[\"”’)\]*_]*\s+(?=[\"“‘(\[*_]*[A-Z\d$€£\x1a])|"
    r"\n\s*\n|\n(?=\**[QA]\s*:)|\n(?=\s*(?:[-*+]|\d+[.)]|\||#|:::|\{%|\[)\s?)|(?<=\|)\n"
)


# A cheap first look: most passages hold no number at all.
_MAY_COUNT = re.compile(
    r"\d|\b(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty|"
    + "|".join((*CARDINALS, *SCALES, *VAGUE, *PARTS, *MULTIPLES))
    + r"|doubl\w+|halv\w+|every|tripl\w+|quadrupl\w+|\w+fold)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Counted:
    """One number of the content and what it is; `why` names the rule, the reason or the value."""

    text: str
    status: str
    why: str
    sentence: str
    kind: str  # of its passage
    source: Source
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Census:
    """Every number of the content, in its order; `used` are the constants that it needs."""

    numbers: tuple[Counted, ...]
    used: frozenset[str] = frozenset()
    has_run: bool = True

    def of(self, *statuses: str) -> tuple[Counted, ...]:
        return tuple(number for number in self.numbers if number.status in statuses)

    @property
    def findings(self) -> tuple[Problem, ...]:
        """What is wrong; without a run there is nothing to bind to, and unlisted ones are said."""
        return tuple(
            Problem(
                _message(number),
                number.source,
                number.hint,
                severity="error" if self.has_run else "warning",
            )
            for number in self.of(*WRONG)
        )

    def summary(self) -> str:
        """One line: how many numbers of each kind."""
        counts = Counter(number.status for number in self.numbers)
        names = (BOUND, ASSERTED, CONSTANT, STRUCTURAL, *WRONG)
        parts = [f"{counts[n]} {n}" for n in names if counts[n] or n in (BOUND, UNLISTED)]
        return f"{len(self.numbers)} numbers: {', '.join(parts)}"

    def table(self) -> str:
        """The whole census as text: a line a number, with its place and why it may stand there."""
        rows = [
            f"{number.source}  {number.status:11} {number.text!r}  ({number.why})"
            for number in self.numbers
        ]
        return "\n".join([*rows, self.summary()])


def take_census(passages: Iterable[Passage], config: Config, results: Results | None) -> Census:
    """Classify every number of the passages. `results` None: a talk without an experiment."""
    listed = listed_constants(config.constants)
    leaves = measured_numbers(results) if results else ()
    nouns = frozenset(MEASURED)
    if results:
        nouns |= {results.data.positive.lower(), results.data.negative.lower()}
    used: set[str] = set()
    numbers: list[Counted] = []
    for passage in passages:
        taker = _Taker(passage, config, listed, leaves, nouns, used)
        numbers += sorted(taker.take(), key=lambda number: number.source.line or 0)
    return Census(tuple(numbers), frozenset(used), results is not None)


@lru_cache(maxsize=1024)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the sentences, list items and table rows of a masked text."""
    edges = [0, *(found.end() for found in _SENTENCE.finditer(text)), len(text)]
    return tuple((a, b) for a, b in pairwise(edges) if b > a)


def shown_sentence(text: str, limit: int = 160) -> str:
    """A sentence on one line for a message."""
    tags: list[str] = []
    apart = TAG.sub(lambda found: tags.append(found[0]) or "\x1a", text)  # type: ignore[func-returns-value]
    apart = re.sub(r"\{[.#][^{}]*\}", "", apart)
    line = " ".join(apart.replace("|", " ").split())
    line = re.sub("\x1a", lambda found: tags.pop(0), line)
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _message(number: Counted) -> str:
    if number.status == UNLISTED:
        return f'unlisted number "{number.text}" in: {number.sentence}'
    return f'"{number.text}" {number.why}, in: {number.sentence}'


@dataclass(frozen=True, slots=True)
class _Taker:
    """The census of one passage."""

    passage: Passage
    config: Config
    listed: Sequence[Listed]
    leaves: Sequence[Measured]
    nouns: frozenset[str]
    used: set[str]

    def take(self) -> Iterator[Counted]:
        raw = self.passage.text
        text = masked(raw)
        structural: list[tuple[int, int, str]]
        constants: list[tuple[int, int, Listed]]
        for tag in tags_in(raw):
            if tag.is_bound:
                yield self._counted(raw[tag.start : tag.end], BOUND, tag.path, tag.start)
            for literal in tag.literals:
                yield from self._literal(literal.text, literal.start, literal.is_asserted)
        quantities = find_quantities(_unmarked(text)) if _MAY_COUNT.search(text) else ()
        if not quantities:
            return
        if all(is_small_count(quantity, self.nouns) for quantity in quantities):
            structural, constants = [], []
        else:
            structural = list(structural_spans(text, self.passage.kind))
            constants = self._constants(without_markup(text))
        for quantity in quantities:
            yield self._one(quantity, structural, constants)

    def _copy_in_code(self, quantity: Quantity) -> Counted | None:
        """A measured share that is typed in backticks, which are no way around the census."""
        if quantity.unit != "percent" and "." not in quantity.text:
            return None
        counted = self._unbound(quantity, quantity.start)
        return counted if counted.status == COPY else None

    def _constants(self, plain: str) -> list[tuple[int, int, Listed]]:
        path, root = self.passage.source.path, self.config.root
        return [
            (found.start(), found.end(), listed)
            for listed in self.listed
            if listed.allows(path, root)
            for found in listed.phrase.finditer(plain)
        ]

    def _one(
        self,
        quantity: Quantity,
        structural: Sequence[tuple[int, int, str]],
        constants: Sequence[tuple[int, int, Listed]],
    ) -> Counted:
        for start, end, name in structural:
            if start < quantity.end and quantity.start < end:
                if name == "code" and (copy := self._copy_in_code(quantity)):
                    return copy
                return self._counted(quantity.text, STRUCTURAL, name, quantity.start)
        for start, end, listed in constants:
            if start <= quantity.start < end:
                self.used.add(listed.constant.text)
                return self._counted(
                    quantity.text, CONSTANT, listed.constant.reason, quantity.start
                )
        if is_small_count(quantity, self.nouns):
            return self._counted(quantity.text, STRUCTURAL, "small count", quantity.start)
        return self._unbound(quantity, quantity.start)

    def _literal(self, text: str, start: int, is_asserted: bool) -> Iterator[Counted]:
        """Numbers typed inside a placeholder: in a claim they are asserted, else as bad as any."""
        for quantity in find_quantities(text):
            if is_small_count(quantity, self.nouns):
                continue
            if is_asserted and quantity.form != "digits":
                yield self._counted(quantity.text, ASSERTED, "inside `holds`", start)
            else:
                yield self._unbound(quantity, start)

    def _unbound(self, quantity: Quantity, start: int) -> Counted:
        sentence = self._sentence(start)
        words = sentence_words(sentence)
        if flattered := self._flattered(quantity, words):
            why = f"flatters {flattered.at}, which is {flattered.value:.6g}"
            return self._counted(quantity.text, COPY, why, start, f"bind it: {flattered.written}")
        same = best_first((leaf for leaf in self.leaves if shows(quantity, leaf)), sentence)
        if same and in_context(same[0], words):
            why = f"is {same[0].at} ({same[0].value:.6g}), typed by hand"
            hint = f"bind it: {same[0].written}"
            return self._counted(quantity.text, COPY, why, start, hint)
        near = [leaf for leaf in self.leaves if is_near(quantity, leaf) and in_context(leaf, words)]
        if near:
            leaf = best_first(near, sentence)[0]
            why = f"may be a stale copy: {leaf.at} is {leaf.value:.6g} in this run"
            return self._counted(quantity.text, STALE, why, start, f"bind it: {leaf.written}")
        listing = "or list it in talk.toml as [[constants]] with its words and its reason"
        shown = [leaf.written for leaf in same[:3]]
        hint = f"this run has {', '.join(shown)}; {listing}" if shown else f"bind it, {listing}"
        return self._counted(quantity.text, UNLISTED, "unlisted", start, hint)

    def _flattered(self, quantity: Quantity, words: frozenset[str]) -> Measured | None:
        """The share that a typed 100% or 1.00 speaks of and that has not reached it."""
        top = 100 if quantity.unit == "percent" else 1
        if quantity.value != top or quantity.unit not in ("percent", ""):
            return None
        if quantity.unit == "" and "." not in quantity.text:
            return None
        leaves = [leaf for leaf in self.leaves if leaf.kind == "share" and in_context(leaf, words)]
        close = [leaf for leaf in leaves if 1 - STALE_WITHIN < leaf.value < 1]
        return None if any(leaf.value == 1 for leaf in leaves) or not close else close[-1]

    def _sentence(self, start: int) -> str:
        text = self.passage.text
        for first, last in sentences(masked(text)):
            if first <= start < last:
                return text[first:last]
        return text

    def _counted(self, text: str, status: str, why: str, start: int, hint: str = "") -> Counted:
        source = self.passage.source
        line = (source.line or 1) + self.passage.text.count("\n", 0, start)
        sentence = shown_sentence(self._sentence(start))
        return Counted(
            " ".join(text.split()),
            status,
            why,
            sentence,
            self.passage.kind,
            Source(source.path, line),
            hint,
        )


def _unmarked(text: str) -> str:
    """Emphasis inside a number out of the way: **98**.7% and *ninety* percent are numbers too."""
    return re.sub(
        r"(?<=\w)[*_]{1,3}(?=\W|$)|(?<=\W)[*_]{1,3}(?=\w)|\]\{[^{}\n]*\}",
        lambda found: " " * len(found[0]),
        text,
    )
