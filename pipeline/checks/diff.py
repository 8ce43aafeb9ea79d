"""What a new run changes: slides, sentences and answers whose numbers or branches are others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from pipeline.checks.content import Piece, content_files, pieces_in
from pipeline.checks.uses import filled_sentences, place_at, places
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError, nearest
from pipeline.results import Results, read_results


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence that reads otherwise; `old` or `new` is empty where it is not there."""

    place: str  # "slide 14", "Q&A", "diagram pipeline"
    kind: str  # slide, script, diagram, alt text, page title
    old: str
    new: str
    source: Source


def diff_runs(root: Path, old: Results, new: Results) -> tuple[Change, ...]:
    """Fill the content of a talk with both runs; every sentence that differs, in its order.

    Where a run can't fill a piece (a claim that no longer holds), the change says the error.
    """
    before, after = Numbers(old), Numbers(new)
    changes: list[Change] = []
    for file in content_files(root):
        where = places(file)
        for piece in pieces_in(file):
            if "{" in piece.text:
                changes += _changes(piece, before, after, where)
    return tuple(changes)


def as_text(changes: Sequence[Change], old: Results, new: Results) -> str:
    """The changes for the terminal, grouped by place."""
    runs = f"run {old.run.id} -> run {new.run.id}"
    if not changes:
        return f"{runs}: every slide and sentence reads the same"
    lines = [f"{runs}: {len(changes)} sentences changed"]
    last = ""
    for change in changes:
        if change.place != last:
            last = change.place
            lines += ["", last]
        lines.append(f"  {change.source}")
        lines += [f"    - {change.old}"] if change.old else []
        lines += [f"    + {change.new}"] if change.new else []
    return "\n".join(lines)


def kept_runs(root: Path) -> tuple[Results, ...]:
    """The runs kept in a talk's .cache, newest first; broken ones are passed over."""
    found = []
    for path in sorted((root / ".cache" / "runs").glob("*/results.json")):
        try:
            found.append(read_results(path))
        except TalkError:
            continue
    return tuple(sorted(found, key=lambda results: results.run.started, reverse=True))


def runs_to_compare(
    root: Path, names: Sequence[str], current: Results | None
) -> tuple[Results, Results]:
    """The old and the new run. No name: the newest kept one before the current one against it;
    one name: that run against the current one; two: those. A name is an id, its beginning, or the
    path of a results.json. Raises TalkError where there is no such run.
    """
    kept = kept_runs(root)
    if len(names) == 2:
        return _run(names[0], kept), _run(names[1], kept)
    if current is None:
        raise TalkError("there are no results to compare with", hint="run `python build.py` first")
    if names:
        return _run(names[0], kept), current
    others = [results for results in kept if results.run.id != current.run.id]
    earlier = [results for results in others if results.run.started <= current.run.started]
    if not others:
        raise TalkError(
            "there is only one run", hint="a second one is made when data, model or settings change"
        )
    return (earlier or others)[0], current


def _run(name: str, kept: Sequence[Results]) -> Results:
    found = [results for results in kept if results.run.id.startswith(name)]
    if len(found) == 1:
        return found[0]
    path = Path(name)
    if path.suffix == ".json" and path.exists():
        return read_results(path)
    ids = [results.run.id for results in kept]
    if found:
        raise TalkError(f"several runs begin with `{name}`", hint=", ".join(ids))
    raise TalkError(
        f"there is no run `{name}`", hint=nearest(name, ids) if ids else "no run is kept yet"
    )


def _changes(
    piece: Piece, before: Numbers, after: Numbers, where: Sequence[tuple[int, str]]
) -> Iterator[Change]:
    old, old_error = _sentences(piece, before)
    new, new_error = _sentences(piece, after)
    if old_error or new_error:
        if str(old_error) != str(new_error):
            wrong = new_error or old_error
            place = (wrong.where if wrong else None) or piece.source
            said = [f"fails: {e.message}" if e else "can be filled" for e in (old_error, new_error)]
            yield Change(place_at(where, place.line or 1), piece.kind, said[0], said[1], place)
        return
    for line in sorted({*old, *new}):
        one, other = old.get(line, []), new.get(line, [])
        for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            if b - a == d - c:
                pairs = list(zip(one[a:b], other[c:d], strict=True))
            else:
                pairs = [(" ".join(one[a:b]), " ".join(other[c:d]))]
            for was, now in pairs:
                yield Change(
                    place_at(where, line), piece.kind, was, now, Source(piece.source.path, line)
                )


def _sentences(piece: Piece, numbers: Numbers) -> tuple[dict[int, list[str]], TalkError | None]:
    """The sentences of a filled piece by the line on which they begin, or why it can't be."""
    try:
        filled = numbers.fill(piece.text, piece.source)
    except TalkError as error:
        return {}, error
    found: dict[int, list[str]] = {}
    for sentence in filled_sentences(filled):
        found.setdefault(sentence.line, []).append(sentence.text)
    return found, None
