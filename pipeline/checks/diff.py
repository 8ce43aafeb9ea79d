"""What a new run changes: slides, sentences and answers whose numbers or branches are others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import msgspec

from pipeline.checks.content import Written, content
from pipeline.checks.missing import filled_around
from pipeline.checks.runs import Run
from pipeline.checks.uses import Sentence, chart_sentences, sentences_of
from pipeline.config import Config
from pipeline.measured import Measured
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.slides.chart_fence import FENCE


class Change(msgspec.Struct, frozen=True):
    """One sentence that reads otherwise; `old` or `new` is empty where it is not there."""

    place: str  # "slide 14", "Q&A", "diagram pipeline"
    kind: str  # slide, script, diagram, alt text, page title
    old: str
    new: str
    source: Source


def diff_runs(config: Config, old: Measured, new: Measured) -> tuple[Change, ...]:
    """Fill the content of a talk with both runs; every sentence that differs, in its order.

    A value that only one of them has is said where it stands. Where a run can't fill a piece (a
    claim that no longer holds), the change says the error.
    """
    before, after = (Numbers(run, config.locale) for run in (old, new))
    texts = (text for text in content(config) if "{" in text.text or FENCE in text.text)
    return tuple(change for text in texts for change in _changes(text, before, after))


def as_text(changes: Sequence[Change], old: Run, new: Run) -> str:
    """The changes for the terminal, grouped by place."""
    runs = f"{f'{new.name}: ' if new.name else ''}run {old.id} -> run {new.id}"
    if not changes:
        return f"{runs}: every slide and sentence reads the same"
    many = "1 sentence" if len(changes) == 1 else f"{len(changes)} sentences"
    lines = [f"{runs}: {many} changed"]
    last = ""
    for change in changes:
        if change.place != last:
            last = change.place
            lines += ["", last]
        lines.append(f"  {change.source}")
        lines += [f"    - {change.old}"] if change.old else []
        lines += [f"    + {change.new}"] if change.new else []
    return "\n".join(lines)


def _changes(text: Written, before: Numbers, after: Numbers) -> Iterator[Change]:
    old, old_error = _sentences(text, before)
    new, new_error = _sentences(text, after)
    if error := new_error or old_error:
        said = [f"fails: {e.message}" if e else "can be filled" for e in (old_error, new_error)]
        if str(old_error) != str(new_error):
            yield Change(text.place, text.kind, said[0], said[1], error.where or text.source)
        return
    for source in sorted({*old, *new}, key=lambda source: source.line or 0):
        one, other = old.get(source, []), new.get(source, [])
        place = (one or other)[0].place
        was, now = ([sentence.text for sentence in found] for found in (one, other))
        for kind, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            pairs = [(" ".join(was[a:b]), " ".join(now[c:d]))]
            if b - a == d - c:
                pairs = list(zip(was[a:b], now[c:d], strict=True))
            for before_, after_ in pairs:
                yield Change(place, text.kind, before_, after_, source)


def _sentences(
    text: Written, numbers: Numbers
) -> tuple[dict[Source, list[Sentence]], TalkError | None]:
    """The sentences of a filled text by the line on which they begin, or why it can't be."""
    found: dict[Source, list[Sentence]] = {}
    try:
        filled = filled_around(text, numbers)
        charts = chart_sentences(text, filled, numbers)
        for sentence in (*sentences_of(text, filled), *charts):
            found.setdefault(sentence.source, []).append(sentence)
    except TalkError as error:
        return {}, error
    return found, None
