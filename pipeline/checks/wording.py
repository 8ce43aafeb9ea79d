"""Whether bound numbers stand in the right words: metric, unit, and comparisons that hold.

A value can be bound and still lie: recall shown where the sentence says precision, "11 min
seconds", a typed number added to a measured one, "better" between values that can't be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.checks.census import sentences, shown_sentence
from pipeline.checks.content import PLACEHOLDER, Passage, follow_conditions, masked
from pipeline.checks.tags import TagUse, tags_in
from pipeline.numbers.candidates import CLASSIFIERS
from pipeline.numbers.values import Number, namespace, overlap
from pipeline.problems import Problem, Source
from pipeline.results import Results

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
_UNITS = r"seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?|h|ms|milliseconds?|days?"
_UNIT_AFTER = re.compile(rf"\s?({_UNITS})\b")
_PERCENT_AFTER = re.compile(r"\s?(?:%|percent\b|per cent\b)")
_BYTES_AFTER = re.compile(r"\s?(?:[kMG]i?B|bytes)\b")
_CLAUSE = re.compile(r"[,;:|.!?()]|\b(?:and|but|while|against|to|with|from)\b")
_NEAR_WORDS = 6
_MESSAGE = 'the sentence says "{said}" and shows {path}, in: {sentence}'
_COMPARE = re.compile(
    r"(?P<a>[A-Za-z_][\w.\[\]\"'-]*)\s*(?P<sign>[<>]=?)\s*(?P<b>[A-Za-z_][\w.\[\]\"'-]*)"
)
_GUARD = re.compile(r"\b(?:beats|about_the_same)\s*\(")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A bound value in a sentence."""

    tag: TagUse
    metric: str  # "" for a value that is none
    owner: str  # the classifier: "finetuned", …, "" for none


def check_bindings(passages: Iterable[Passage], results: Results | None) -> list[Problem]:
    """Everything that is wrong with bound numbers and with comparisons in words."""
    names = namespace(results) if results else {}
    found: list[Problem] = []
    for passage in passages:
        if "{" in passage.text:
            found += _units(passage)
            found += _swaps(passage)
            found += _close(passage, names)
        found += _unasserted(passage)
    return found


def _at(passage: Passage, offset: int) -> Source:
    line = (passage.source.line or 1) + passage.text.count("\n", 0, offset)
    return Source(passage.source.path, line)


def _units(passage: Passage) -> Iterator[Problem]:
    """Units said twice or wrongly after a placeholder, and numbers typed on to it."""
    text = passage.text
    for tag in tags_in(text):
        if not tag.is_bound:
            continue
        after = masked(text)[tag.end : tag.end + 24]
        where, shown = _at(passage, tag.start), f"{{{{ {tag.text.strip()} }}}}"
        if tag.shift:
            yield Problem(
                f"{shown} shifts a measured value by a typed number ({tag.shift})",
                where,
                "show what was measured",
            )
        says_time = _UNIT_AFTER.match(after)
        is_time = tag.path.rstrip(")").endswith("seconds")
        spoken_time = tag.form == "spoken" and "seconds" in tag.text.partition("|")[2]
        if (tag.form == "seconds" or spoken_time) and says_time:
            yield _wrong_unit(shown, after, where, f"`{tag.form}` already says the unit")
        elif is_time and says_time and says_time[1] not in ("s", "second", "seconds", "sec"):
            yield _wrong_unit(shown, after, where, f"{tag.path} is in seconds: use `seconds`")
        if _PERCENT_AFTER.match(after):
            if tag.form in ("pct", "spoken"):
                yield _wrong_unit(shown, after, where, f"`{tag.form}` already says percent")
            elif tag.form in ("num", "interval"):
                yield _wrong_unit(shown, after, where, "a fraction is no percentage: use `pct`")
            else:
                yield _wrong_unit(shown, after, where, f"{tag.path} is no percentage")
        if _BYTES_AFTER.match(after):
            yield _wrong_unit(shown, after, where, "bytes are shown with `gib`, which says GiB")
        if tag.form in ("millions",) and re.match(r"\s(?:million|billion|thousand)", after):
            yield _wrong_unit(shown, after, where, "`millions` already says it")


def _wrong_unit(shown: str, after: str, where: Source, hint: str) -> Problem:
    unit = after.split()[0].strip(".,;:!?)") if after.split() else after
    return Problem(f'wrong unit: {shown} is followed by "{unit}"', where, hint)


def _swaps(passage: Passage) -> Iterator[Problem]:
    """Metrics and classifiers that the words name against those that are shown."""
    text = masked(passage.text)
    tags = [tag for tag in tags_in(passage.text) if tag.is_bound]
    for first, last in sentences(text):
        shown = [_shown(tag) for tag in tags if first <= tag.start < last]
        sentence = passage.text[first:last]
        yield from _metric_swaps(passage, text, shown, (first, last), sentence)
        yield from _owner_swaps(passage, text, shown, sentence)


def _shown(tag: TagUse) -> _Shown:
    parts = re.split(r"[.\[\]()\s]+", tag.path)
    metric = next((p for p in parts if p in METRICS), "")
    owner = next((p for p in parts if p in CLASSIFIERS), "")
    return _Shown(tag, metric, owner)


def _metric_swaps(
    passage: Passage, text: str, shown: Sequence[_Shown], span: tuple[int, int], sentence: str
) -> Iterator[Problem]:
    values = [value for value in shown if value.metric]
    said = sorted(
        (found.start(), found.end(), name)
        for name, pattern in METRICS.items()
        for found in pattern.finditer(text, *span)
    )
    if not values or not said:
        return
    if 1 < len(values) == len(said) and _in_step(text, values, said):
        pairs = list(zip(values, said, strict=True))
    else:
        pairs = [(value, word) for value in values if (word := _next_to(text, value, said))]
    for value, (start, end, name) in pairs:
        if name != value.metric:
            yield Problem(
                _MESSAGE.format(
                    said=text[start:end], path=value.tag.path, sentence=shown_sentence(sentence)
                ),
                _at(passage, value.tag.start),
                f"bind {value.tag.path.replace(value.metric, name)}, or name the metric",
            )


def _owner_swaps(
    passage: Passage, text: str, shown: Sequence[_Shown], sentence: str
) -> Iterator[Problem]:
    """The one classifier that a value's own clause names, where another's value is shown."""
    for value in (value for value in shown if value.owner):
        start, end = _clause(text, value.tag)
        named = {
            name: found[0]
            for name, pattern in CLASSIFIERS.items()
            if (found := pattern.search(text, start, end))
        }
        near = len(re.findall(r"\w+", text[start:end])) <= 2 * _NEAR_WORDS
        if len(named) == 1 and near and value.owner not in named:
            name, said = next(iter(named.items()))
            yield Problem(
                _MESSAGE.format(said=said, path=value.tag.path, sentence=shown_sentence(sentence)),
                _at(passage, value.tag.start),
                f"bind {value.tag.path.replace(value.owner, name)}, or name the other",
            )


def _in_step(text: str, values: Sequence[_Shown], said: Sequence[tuple[int, int, str]]) -> bool:
    """Whether words and values come pairwise: name value name value, or the other way round."""
    for value, (start, end, _) in zip(values, said, strict=True):
        low, high = (
            sorted((end, value.tag.start)) if start < value.tag.start else (value.tag.end, start)
        )
        if len(re.findall(r"\w+", text[low:high])) > _NEAR_WORDS:
            return False
    return True


def _next_to(
    text: str, value: _Shown, said: Sequence[tuple[int, int, str]]
) -> tuple[int, int, str] | None:
    """The only metric word in the value's own clause, if it is near."""
    start, end = _clause(text, value.tag)
    inside = [word for word in said if start <= word[0] and word[1] <= end]
    if len(inside) != 1 or len(re.findall(r"\w+", text[start:end])) > _NEAR_WORDS + 2:
        return None
    return inside[0]


def _clause(text: str, tag: TagUse) -> tuple[int, int]:
    """Where the clause of a value begins and ends; other values part clauses too."""
    before = [found.end() for found in _CLAUSE.finditer(text, 0, tag.start)]
    after = _CLAUSE.search(text, tag.end)
    # "Precision: 95%": a colon or a cell's edge parts name and value only in appearance.
    if before and text[: tag.start].rstrip().endswith((":", "|")):
        before = before[:-1]
    first = max(before[-1] if before else 0, text.rfind(PLACEHOLDER, 0, tag.start) + 1)
    following = text.find(PLACEHOLDER, tag.end)
    last = min(after.start() if after else len(text), following if following >= 0 else len(text))
    return first, max(last, tag.end)


def _close(passage: Passage, names: dict[str, object]) -> Iterator[Problem]:
    """`a > b` of two measured values whose intervals overlap."""
    if not names:
        return
    for tag in tags_in(passage.text):
        for found in _COMPARE.finditer(tag.text):
            one, other = _value(found["a"], names), _value(found["b"], names)
            if one is None or other is None or not overlap(one, other):
                continue
            yield Problem(
                f"{found['a']} {found['sign']} {found['b']} compares values that this run can't "
                f"tell apart: {_with_interval(one)} and {_with_interval(other)}",
                _at(passage, tag.start),
                f"use beats({found['a']}, {found['b']}), or say about the same",
            )


def _value(path: str, names: dict[str, object]) -> Number | None:
    """The measured number with an interval at a path of plain names; None for anything else."""
    value: object = None
    for index, part in enumerate(path.split(".")):
        if not part.isidentifier():
            return None
        try:
            value = names.get(part) if index == 0 else getattr(value, part)
        except Exception:
            return None  # filling the text says what is wrong
    return value if isinstance(value, Number) and value.low is not None else None


def _with_interval(number: Number) -> str:
    return f"{number.value:.4g} ({number.low:.3g} to {number.high:.3g})"


def _unasserted(passage: Passage) -> Iterator[Problem]:
    """Comparisons of two classifiers in plain words, where no condition or claim stands behind."""
    text = masked(passage.text)
    if not _BETTER.search(text):
        return
    for first, last in sentences(text):
        found = _BETTER.search(text, first, last)
        if not found:
            continue
        named = [n for n, pattern in CLASSIFIERS.items() if pattern.search(text, first, last)]
        open_ = list(passage.guards)
        follow_conditions(passage.text[: found.start()], open_)
        guarded = any(_GUARD.search(condition) for condition in open_)
        if len(named) >= 2 and "linear" in named and not guarded:
            sentence = shown_sentence(passage.text[first:last])
            yield Problem(
                f'nothing asserts "{found[0]}" in: {sentence}',
                _at(passage, found.start()),
                f"{{% if beats({named[1]}.f1, {named[0]}.f1) %}}, or "
                f'"…" | holds(beats({named[1]}.f1, {named[0]}.f1))',
            )
