"""Code as a page shows it: coloured by Pygments at build, its size, its lines and their steps.

Pygments is loaded only for code that was never seen before: what it made is kept.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from markupsafe import Markup

from pipeline.files import kept
from pipeline.locale import ENGLISH, Locale
from pipeline.pages.templates import render
from pipeline.slides.code import CodeBlock
from pipeline.slides.slide import Slide, SlidePart

SIZES = (40, 36, 32, 30, 28, 26, 24)  # px at 1280 wide
PLAIN_SIZE = 28  # at most, where code is not what the slide is for
LETTER, LINE = 0.6, 1.4  # of the face: a letter's width and a line's height, by its size
_FRAME, _CAPTION, _PADDING = 44, 46, 52  # px: above and below the lines; a title; left and right
_WIDE = 1136  # px: a slide's width inside its edges
_GAP, _CLOSE = 56, 32  # px: between two columns; where both are code
_PROPORTIONAL = ("code", "figure")  # layouts whose columns are as wide as they need
_SHARES = (0.36, 0.66)  # of a column that holds code
# The kinds of Pygments' tokens -> our few classes; the longest name that fits counts.
_KINDS = {
    "Comment": "c",
    "Comment.Preproc": "k",
    "Comment.PreprocFile": "s",
    "Generic.Deleted": "d",
    "Generic.Heading": "f",
    "Generic.Inserted": "i",
    "Generic.Prompt": "c",
    "Generic.Subheading": "f",
    "Keyword": "k",
    "Keyword.Constant": "n",
    "Keyword.Type": "t",
    "Literal": "n",
    "Literal.String": "s",
    "Literal.String.Escape": "n",
    "Literal.String.Interpol": "n",
    "Name.Attribute": "f",
    "Name.Builtin": "t",
    "Name.Class": "t",
    "Name.Constant": "n",
    "Name.Decorator": "f",
    "Name.Exception": "t",
    "Name.Function": "f",
    "Name.Tag": "k",
    "Name.Variable": "t",
    "Operator.Word": "k",
}
CLASSES = frozenset(_KINDS.values())
_FORM = 2  # of what is kept
_CODE = re.compile(r"<code\b[^>]*>(.*?)</code>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")

Run = tuple[str, str]  # a class, or none, and the text that has it


def signs_of(pages: Iterable[str]) -> set[str]:
    """The signs that stand in the code of pages; nothing where none shows code."""
    found = (inside for page in pages for inside in _CODE.findall(page))
    return {sign for inside in found for sign in html.unescape(_TAG.sub("", inside))}


def coloured(block: CodeBlock, cache: Path | None = None) -> tuple[tuple[Run, ...], ...]:
    """The lines of a block, each as runs of one class."""
    if not block.language:
        return tuple((("", line),) for line in block.lines)
    from importlib.metadata import version

    pygments = version("pygments")
    key = json.dumps([_FORM, pygments, _KINDS, block.language, block.text])
    made = kept(cache, "code.json", key, lambda: json.dumps(_lex(block)).encode())
    return tuple(tuple((kind, text) for kind, text in line) for line in json.loads(made))


def _lex(block: CodeBlock) -> list[list[Run]]:
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(block.language, stripnl=False)
    lines: list[list[Run]] = [[]]
    for token, text in lexer.get_tokens(block.text):
        kind = _kind(str(token).removeprefix("Token."))
        for index, piece in enumerate(text.split("\n")):
            if index:
                lines.append([])
            if piece and lines[-1] and lines[-1][-1][0] == kind:
                lines[-1][-1] = (kind, lines[-1][-1][1] + piece)
            elif piece:
                lines[-1].append((kind, piece))
    shown = ["".join(text for _, text in line) for line in lines]
    if shown[: len(block.lines)] != list(block.lines):  # a lexer that loses something
        return [[("", line)] for line in block.lines]
    return lines[: len(block.lines)]


def _kind(name: str) -> str:
    while name and name not in _KINDS:
        name = name.rpartition(".")[0]
    return _KINDS.get(name, "")


# --- As HTML --------------------------------------------------------------------------------------


class CodeView(msgspec.Struct, frozen=True):
    """A piece of code as templates/shared/code.html.j2 takes it."""

    lines: Markup
    label: str  # for those who can't see it
    title: str
    look: Markup  # its size, and where its numbers begin
    classes: str
    markers: tuple[tuple[str, int], ...] = ()  # the class of each step, and its number
    has_copy: bool = False


def block_look(block: CodeBlock, px: int) -> str:
    """The style of a block: its size, and where its numbers begin."""
    begins = f";--number:{block.number - 1}" if block.number is not None else ""
    return f"--code:{px}px{begins}"


def code_html(view: CodeView, locale: Locale = ENGLISH) -> str:
    return render("shared/code.html.j2", locale, code=view)


def view_of_code(
    block: CodeBlock,
    look: Markup,
    cache: Path | None,
    locale: Locale = ENGLISH,
    *,
    in_deck: bool = True,
) -> CodeView:
    """`in_deck`: with its steps; elsewhere all of them were taken."""
    first = block.groups[0] if in_deck or not block.steps else None
    last = block.groups[-1] if in_deck else first
    has_number = block.number is not None
    classes = {"numbered": has_number, "picks": first is not None, "ends": last is not None}
    groups = block.groups if in_deck else (first,)
    return CodeView(
        lines=Markup("").join(
            _line(number, runs, groups) for number, runs in enumerate(coloured(block, cache), 1)
        ),
        label=": ".join(filter(None, (locale.say("Code"), block.plain_title))),
        title=block.title,
        look=look,
        classes=" ".join(["listing", *(name for name, has in classes.items() if has)]),
        markers=tuple(
            (f"{'all' if group is None else 'at'}-{index}", block.first_step + index - 1)
            for index, group in enumerate(groups)
            if index
        ),
        has_copy=in_deck,
    )


def _line(number: int, runs: Sequence[Run], groups: Sequence[frozenset[int] | None]) -> Markup:
    names = ["line"]
    names += [f"in-{n}" for n, group in enumerate(groups) if group and number in group]
    if groups[-1] and number in groups[-1]:
        names.append("in-end")
    if runs and runs[0][0] in ("i", "d"):  # a line that came or went: its sign stands there, too
        names.append("came" if runs[0][0] == "i" else "went")
    inside = Markup("").join(
        Markup('<span class="{}">{}</span>').format(kind, text) if kind else text
        for kind, text in runs
    )
    return Markup('<span class="{}">{}\n</span>').format(" ".join(names), inside)


def step_rules(steps: int) -> str:
    """The rules that show the group of the last step that was taken, for so many steps."""
    return "".join(
        f".at-{n}:is(.visible,:not(.fragment))~pre .line{{--keep:0%;--band:0%}}"
        f".all-{n}:is(.visible,:not(.fragment))~pre .line{{--keep:100%;--band:0%}}"
        f".at-{n}:is(.visible,:not(.fragment))~pre .in-{n}{{--keep:100%;--band:100%}}"
        for n in range(1, steps + 1)
    )


# --- Size -----------------------------------------------------------------------------------------


class CodeLook(msgspec.Struct, frozen=True):
    """How the code of a part is shown: the size of its letters, its column's share."""

    px: int = PLAIN_SIZE
    share: float | None = None  # of two columns; None: as everywhere


def code_looks(slide: Slide, height: int) -> Mapping[str, CodeLook]:
    """By part: code as large as fits on a slide of `height` px, and never under 24 px."""
    coded = [part for part in slide.parts if part.content.code]
    if not coded:
        return {}
    shares = dict(_shares(slide)) if slide.layout in _PROPORTIONAL else {}
    columns = {part.name for part in slide.parts} & {"left", "right"}
    gap = _CLOSE if len(columns) == 2 and columns <= {part.name for part in coded} else _GAP
    room = height - 144 - _head(slide) - _point(slide)
    sizes = [size for size in SIZES if slide.layout == "code" or size <= PLAIN_SIZE]
    looks = {name: CodeLook(share=share) for name, share in shares.items()}
    for part in coded:
        half = len(columns) == 2 and part.name in columns
        share = shares.get(part.name)
        wide = (_WIDE - gap) * (share or 0.5) if half else _WIDE
        px = next((size for size in sizes if _fits(part, size, wide, room)), SIZES[-1])
        looks[part.name] = CodeLook(px, share)
    return looks


def _fits(part: SlidePart, size: int, wide: float, room: float) -> bool:
    blocks = part.content.code
    across = max(_columns(block) for block in blocks) * LETTER * size + _PADDING
    high = sum(len(block.lines) * LINE * size + _frame(block) for block in blocks)
    words = sum(len(token.content) for token in part.content.tokens if token.type == "inline")
    high += 16 * (len(blocks) - 1) + 40 * -(-words * 14 // int(wide)) + (24 if words else 0)
    return across <= wide and high <= room


def _columns(block: CodeBlock) -> int:
    """How many letters wide it is, numbers included; signs of Chinese and its like are two."""
    lines = (line.expandtabs(4) for line in block.lines)
    wide = max(sum(1 + (unicodedata.east_asian_width(s) in "WF") for s in line) for line in lines)
    numbers = len(str(block.number + len(block.lines))) + 2 if block.number is not None else 0
    return wide + numbers


def _frame(block: CodeBlock) -> int:
    return _FRAME + (_CAPTION if block.title else 0)


def _head(slide: Slide) -> float:
    """The height of title and kicker, with the gap below them."""
    size = 44 if len(slide.title_text) > 50 else 56
    lines = -(-len(slide.title_text) * size * 0.52 // _WIDE)
    kicker = 37 if {"kicker", "mark"} & slide.fields.keys() else 0
    return lines * size * 1.1 + kicker + 36


def _point(slide: Slide) -> float:
    point = slide.part("point")
    return 28 + 41 * -(-len(point.text) * 15.5 // _WIDE) if point else 0


def _need(part: SlidePart) -> float:
    """How wide its code is in letters of a middle size, in px; 0 without code."""
    columns = max((_columns(block) for block in part.content.code), default=0)
    return columns * LETTER * PLAIN_SIZE + _PADDING if columns else 0


def _shares(slide: Slide) -> Iterator[tuple[str, float]]:
    """The shares of two columns: code gets what its longest line needs, within reason."""
    left, right = slide.part("left"), slide.part("right")
    if left is None or right is None:
        return
    if any(part.content.pictures for part in (left, right)):
        return
    needs = [_need(left), _need(right)]
    share = needs[0] / sum(needs)
    if not all(needs):
        wanted = max(needs) / (_WIDE - _GAP)
        share = wanted if needs[0] else 1 - wanted
    least, most = _SHARES
    share = min(max(share, least if needs[0] else 1 - most), most)
    yield left.name, round(share, 3)
    yield right.name, round(1 - share, 3)
