"""Where each measured value is used: shown, deciding between sentences, or in another branch."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.checks.census import sentences, shown_sentence
from pipeline.checks.content import (
    PLACEHOLDER,
    ContentFile,
    Piece,
    content_files,
    passages_in,
    pieces_in,
)
from pipeline.checks.tags import tags_in
from pipeline.numbers.fill import CLOSE, OPEN, Filled, Numbers
from pipeline.problems import Source, TalkError
from pipeline.results import Results

_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_KEY = re.compile(r"\[[\"']([^\"']*)[\"']\]")
_PATH = re.compile(r"(?<![\w.\"'\[])[a-z_]\w*(?:\.\w+|\[[\"'][^\"']*[\"']\]|\[-?\d+\])+")
SHOWN, DECIDES, ELSEWHERE = "shown", "decides", "other branch"


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a value is used; `how` is shown, decides, or other branch."""

    paths: tuple[str, ...]  # finetuned.f1; several for a value that is computed
    text: str  # what is shown; "" where nothing is
    how: str
    sentence: str
    place: str  # "slide 14"
    source: Source


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a filled piece."""

    text: str
    line: int
    start: int
    end: int


def uses_of(root: Path, results: Results) -> tuple[Use, ...]:
    """Every use of a value in a talk's content, in its order.

    A piece that can't be filled is passed over: `check` says what is wrong with it.
    """
    numbers = Numbers(results)
    found: list[Use] = []
    for file in content_files(root):
        where = places(file)
        for piece in pieces_in(file):
            if "{" in piece.text:
                found += _piece_uses(piece, numbers, where)
    return tuple(found)


def plain_path(path: str) -> str:
    """`example["gift-card"].text` as marks name it: example.gift-card.text."""
    return _KEY.sub(r".\1", path.strip())


def places(file: ContentFile) -> tuple[tuple[int, str], ...]:
    """Lines at which passages begin, with their place, for `place_at`."""
    return tuple((p.source.line or 1, p.place) for p in passages_in(file))


def place_at(where: Sequence[tuple[int, str]], line: int) -> str:
    index = bisect_right(where, line, key=lambda entry: entry[0])
    return where[max(index - 1, 0)][1] if where else ""


def filled_sentences(filled: Filled) -> Iterator[Sentence]:
    """The sentences of a filled piece with the source line on which each begins."""
    text = _MARK.sub(lambda found: PLACEHOLDER * len(found[0]), filled.text)
    for start, end in sentences(text):
        raw = filled.text[start:end]
        lead = len(raw) - len(raw.lstrip())
        if raw.strip():
            row = filled.text.count("\n", 0, start + lead)
            shown = _MARK.sub(lambda found: filled.marks[int(found[1])].text, raw)
            yield Sentence(shown_sentence(shown, 400), filled.lines[row], start, end)


def _piece_uses(piece: Piece, numbers: Numbers, where: Sequence[tuple[int, str]]) -> Iterator[Use]:
    try:
        filled = numbers.fill(piece.text, piece.source)
    except TalkError:
        return
    taken: set[tuple[int, str]] = set()
    for sentence in filled_sentences(filled):
        for found in _MARK.finditer(filled.text, sentence.start, sentence.end):
            mark = filled.marks[int(found[1])]
            line = filled.lines[filled.text.count("\n", 0, found.start())]
            paths = tuple(dict.fromkeys(paths_in(mark.at)))
            taken |= {(line, path) for path in paths}
            yield Use(
                paths,
                mark.text,
                SHOWN,
                sentence.text,
                place_at(where, line),
                Source(piece.source.path, line),
            )
    yield from _unshown(piece, taken, where)


def paths_in(expression: str) -> Iterator[str]:
    """The paths of an expression such as `data.read - data.groups`, or the path that it is."""
    parts = re.split(r" [-+*/] ", expression)
    yield from (part for part in parts if not re.fullmatch(r"[\d.]+", part))


def _unshown(
    piece: Piece, taken: set[tuple[int, str]], where: Sequence[tuple[int, str]]
) -> Iterator[Use]:
    """Values in conditions and claims, and those of branches that this run doesn't take."""
    seen: set[tuple[int, str, str]] = set()
    for tag in tags_in(piece.text):
        line = (piece.source.line or 1) + piece.text.count("\n", 0, tag.start)
        is_condition = tag.text.startswith("{%") or "holds" in tag.text
        how = DECIDES if is_condition else ELSEWHERE
        text = tag.text if is_condition else f"{{{{{tag.text}}}}}"
        for path in {plain_path(found) for found in _PATH.findall(text)}:
            if (line, path, how) in seen or (how == ELSEWHERE and (line, path) in taken):
                continue
            seen.add((line, path, how))
            yield Use(
                (path,),
                "",
                how,
                " ".join(text.split()),
                place_at(where, line),
                Source(piece.source.path, line),
            )
