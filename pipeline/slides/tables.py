"""Tables of a slide: no cell is lost, none is too wide, each knows its column's heading."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Protocol

from markdown_it.token import Token
from msgspec.structs import replace

from pipeline import formulas
from pipeline.numbers.fill import Filled
from pipeline.problems import Source, TalkError
from pipeline.slides.blocks import plain_text

TABLE_CHARACTERS = 84  # the longest words of all columns, side by side, in a full-width table
_BREAKS = re.compile("[\\s\u00ad]+")  # where a line may end: spaces and soft hyphens


class At(Protocol):
    """Where a token begins, or the line so many below it."""

    def __call__(self, token: Token, below: int = 0) -> Source: ...


def check_tables(tokens: list[Token], filled: Filled, at: At) -> None:
    """Raises TalkError for a row of more or fewer cells, and a table wider than a slide."""
    lines = filled.text.split("\n")
    longest: list[int] = []
    opened: Token | None = None
    column = 0
    for index, token in enumerate(tokens):
        if token.type == "table_open":
            opened, longest = token, []
        elif token.type == "tr_open":
            column = 0
            if longest and token.map:
                _check_row(lines[token.map[0]], len(longest), at(token))
        elif token.type in ("th_open", "td_open"):
            # A text out of the data may break anywhere: only the author's own words count.
            own = tuple(m if m.value is not None else replace(m, text="") for m in filled.marks)
            cell = plain_text(tokens[index + 1].children, replace(filled, marks=own))
            words = _BREAKS.split(cell)
            longest += [0] * (column + 1 - len(longest))
            longest[column] = max([longest[column], *map(len, words)])
            column += 1
        elif token.type == "table_close" and opened:
            _check_width(longest, at(opened))


def _check_row(line: str, columns: int, where: Source) -> None:
    """Markdown would drop a cell too many, and fill up a row that has too few."""
    inner = re.sub(r"^[\s>]*\|?|(?<!\\)\|\s*$", "", line)
    cells = len(re.findall(r"(?<!\\)\|", inner)) + 1
    if cells != columns:
        raise TalkError(
            f"a row with {_counted(cells)} in a table of {columns} columns",
            where,
            "a bar in a cell is written \\|, in code too" if cells > columns else "end it with |",
        )


def _counted(cells: int) -> str:
    return f"{cells} cells" if cells > 1 else "one cell"


def _check_width(longest: Sequence[int], where: Source) -> None:
    total = sum(longest) + 2 * len(longest)
    if total > TABLE_CHARACTERS:
        raise TalkError(
            f"the table is too wide: its {len(longest)} columns need {total} characters "
            f"side by side, and {TABLE_CHARACTERS} fit",
            where,
            "fewer columns, or shorter words in them",
        )


def _name_formula(heading: Token, text: str) -> None:
    """A column's heading that is a formula alone is read as text: tables are read by it."""
    children = [one for one in heading.children or () if one.type != "text" or one.content]
    if children and all(one.type in formulas.TOKENS for one in children):
        for one in children:
            made = one.meta["mathml"].replace("<math", '<math aria-hidden="true"', 1)
            one.meta["mathml"] = made
        hidden = f'<span class="hidden">{html.escape(text)}</span>'
        heading.children = [*children, Token("html_inline", "", 0, content=hidden)]


def label_cells(tokens: list[Token], filled: Filled) -> None:
    """Cells know their column's heading: a narrow screen shows a table row by row."""
    headings: list[str] = []
    column = 0
    for token, inner, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.type == "table_open":
            headings = []
        elif token.type == "tr_open":
            column = 0
        elif token.type == "th_open":
            headings.append(plain_text(inner.children or [], filled))
            _name_formula(inner, headings[-1])
            if not inner.content:
                token.meta["empty"] = after.meta["empty"] = True
        elif token.type == "td_open":
            token.meta["label"] = headings[column]
            column += 1
