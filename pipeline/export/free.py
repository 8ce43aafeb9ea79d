"""Slides of which only words changed, and whose new words fit for certain: no browser is asked.

When a slide without a fault is measured, the browser also tells which blocks of text may hold other
words without anything else moving (`templates/shared/free.js`). Here such words are set into the
lines of their block twice: letters as wide as they can be, and lines broken only where they
certainly can be; letters as narrow as they can be, and lines broken wherever they might be. Where
both make as many lines as the block has, the slide has no fault. All else is measured.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from pipeline.files import keep, kept_bytes, kept_path

_FIXED, _UNSEEN = -1, -2  # for the block of a text that must stay; of one that nobody sees
_TAG = re.compile(r"(<[^>]*>)")
_BLANKS = " \n\t\r\f"
_GUARD_EM = (-0.3, 0.15)  # of two letters whose distance wasn't measured
_SLACK = 0.005  # of a width: what three letters do to each other
_EDGE_PX = 1.0
_BEFORE, _AFTER = ".,;:!?%)", "$€“‘(–—"  # beside a space at which a line is broken for certain


class Run(msgspec.Struct, frozen=True):
    """How one text of a slide, what is between two tags, is set."""

    block: int  # of the window's
    face: int
    size: float  # px
    spacing: float  # px after each letter
    wraps: bool


class Block(msgspec.Struct, frozen=True):
    """What a block of text holds in one window."""

    lines: int
    least: float  # px that a line must have
    width: float  # px that it may have
    more: float  # px at the sides of what is in its lines, such as padding
    less: float  # px of negative margins


class Face(msgspec.Struct, frozen=True, dict=True):
    """A typeface at 100 px."""

    widths: Mapping[str, float]  # of letters
    kerning: Mapping[str, str]  # px -> pairs of letters that are set so much wider, joined

    @cached_property
    def pairs(self) -> Mapping[str, float]:
        """Two letters -> px by which they are set wider than alone."""
        return {
            joined[at : at + 2]: float(px)
            for px, joined in self.kerning.items()
            for at in range(0, len(joined), 2)
        }


class Found(msgspec.Struct, frozen=True):
    """What a browser tells of a slide without a fault, in one window."""

    texts: Sequence[str]  # all that is between two tags, in order
    runs: Sequence[Run]  # one for each text
    blocks: Sequence[Block]


class _Kept(msgspec.Struct, frozen=True):
    windows: Sequence[Found]
    faces: Sequence[str]  # for each window, the name of the file that has them


class _Letter(msgspec.Struct, frozen=True):
    sign: str
    low: float  # px
    high: float
    wraps: bool


def shape_of(section: str) -> str:
    """A section without its words: two of one shape differ in texts alone."""
    pieces = _TAG.split(section)
    pieces[::2] = ["\0" if text.strip(_BLANKS) else text for text in pieces[::2]]
    return "".join(pieces)


def _texts_of(section: str) -> list[str]:
    return [html.unescape(text) for text in _TAG.split(section)[::2] if text]


def keep_free(
    place: Path, section: str, windows: Sequence[Found], faces: Sequence[Sequence[Face]]
) -> None:
    """Keep what was found of a slide in each window, and the faces of each.

    Nothing where its section isn't read here as the browser reads it.
    """
    texts = _texts_of(section)
    if any([*one.texts] != texts for one in windows):
        return
    names = []
    for one in faces:
        content = msgspec.json.encode(one)
        path = kept_path(place.parent, "faces.free", content)
        if path.name not in names and kept_bytes(path) is None:
            keep(path, content)
        names.append(path.name)
    keep(place, msgspec.json.encode(_Kept(windows, names)))


class FreeWords:
    """Tells of slides whether their words fit for certain."""

    def __init__(self) -> None:
        self._faces: dict[Path, Sequence[Face]] = {}

    def fit(self, place: Path, section: str) -> bool:
        """Whether a section has no fault, by what was kept of one of its shape at this place."""
        with suppress(msgspec.DecodeError, ValueError, IndexError):
            kept = msgspec.json.decode(kept_bytes(place) or b"", type=_Kept)
            texts = _texts_of(section)
            return all(
                _are_free(texts, one, self._faces_of(place.with_name(name)))
                for one, name in zip(kept.windows, kept.faces, strict=True)
            )
        return False

    def _faces_of(self, path: Path) -> Sequence[Face]:
        if path not in self._faces:
            content = kept_bytes(path) or b""
            self._faces[path] = msgspec.json.decode(content, type=tuple[Face, ...])
        return self._faces[path]


def _are_free(texts: Sequence[str], found: Found, faces: Sequence[Face]) -> bool:
    """Whether texts can stand in a window in the place of those that were found there."""
    set_as = [*zip(texts, found.runs, strict=True)]
    new = {
        run.block for (text, run), old in zip(set_as, found.texts, strict=True) if text != old
    } - {_UNSEEN}
    if _FIXED in new:
        return False
    of_blocks = ([one for one in set_as if one[1].block == block] for block in new)
    return all(
        _holds(found.blocks[block], _letters(of_block, faces))
        for block, of_block in zip(new, of_blocks, strict=True)
    )


def _letters(texts: Iterable[tuple[str, Run]], faces: Sequence[Face]) -> list[_Letter]:
    """The letters of a block with their widths, blanks joined.

    Raises ValueError for one that isn't known.
    """
    made: list[_Letter] = []
    for text, run in texts:
        face, scale = faces[run.face], run.size / 100
        for sign in text:
            if sign in _BLANKS:
                sign = " "
                if not made or made[-1].sign == " ":
                    continue
            width = face.widths.get(sign)
            if width is None:
                raise ValueError(sign)
            low, high = (0.0, 0.0)
            if sign != " " and made and made[-1].sign != " ":
                low, high = _distance(face, made[-1].sign + sign)
            px = width * scale + run.spacing
            made.append(_Letter(sign, px + low * scale, px + high * scale, run.wraps))
    if made and made[-1].sign == " ":
        made.pop()
    return made


def _distance(face: Face, pair: str) -> tuple[float, float]:
    """By how much two letters are set wider than alone at 100 px, at least and at most."""
    px = face.pairs.get(pair)
    if px is None:
        return _GUARD_EM[0] * 100, _GUARD_EM[1] * 100
    return min(px, 0.0), max(px, 0.0)


def _holds(block: Block, letters: Sequence[_Letter]) -> bool:
    """Whether letters make as many lines as the block has, and each word has room in one."""
    least, most = (1 - _SLACK), (1 + _SLACK)
    words = [(gap * most, width * most) for gap, width in _wide(letters)]
    room = block.width - block.more - _EDGE_PX
    if not words or max(width for _, width in words) > room or _lines(words, room) != block.lines:
        return False
    pieces = [(gap * least, width * least) for gap, width in _narrow(letters)]
    if sum(map(sum, pieces)) - block.less < block.least:
        return False
    return _lines(pieces, block.width + block.less + _EDGE_PX) == block.lines


def _wide(letters: Sequence[_Letter]) -> Iterator[tuple[float, float]]:
    """Pieces between which a line can be broken for certain: px of the blank before, px."""
    gap = width = 0.0
    for at, letter in enumerate(letters):
        if letter.sign == " " and _is_break(letters[at - 1].sign, letters[at + 1].sign, letter):
            yield gap, width
            gap, width = letter.high, 0.0
        else:
            width += letter.high
    yield gap, width


def _is_break(before: str, after: str, blank: _Letter) -> bool:
    """Whether a line can be broken at a blank, by the simplest of Unicode's rules (UAX 14)."""
    if before in "’”":
        return blank.wraps and after.isalnum()
    is_before = before.isalnum() or before in _BEFORE
    return blank.wraps and is_before and (after.isalnum() or after in _AFTER)


def _narrow(letters: Sequence[_Letter]) -> Iterator[tuple[float, float]]:
    """Pieces between which a line might be broken: all but letters and digits in a row."""
    gap = width = 0.0
    last = ""
    for letter in letters:
        if last and not (last.isalnum() and letter.sign.isalnum()) and last != " ":
            yield gap, width
            gap = width = 0.0
        if letter.sign == " ":
            gap = letter.low
        else:
            width += letter.low
        last = letter.sign
    yield gap, width


def _lines(pieces: Iterable[tuple[float, float]], room: float) -> int:
    """How many lines the pieces make, each set where it still has room."""
    lines, at = 1, 0.0
    for gap, width in pieces:
        if at and at + gap + width > room:
            lines, at = lines + 1, width
        else:
            at += gap + width
    return lines
