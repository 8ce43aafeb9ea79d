"""What is read in parsed Markdown: its texts block by block, its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from markdown_it.token import Token
from msgspec.structs import replace

from pipeline import formulas
from pipeline.numbers.fill import MARK, Filled
from pipeline.slides.chart_fence import chart_words, is_chart
from pipeline.slides.rules import REFUSED


class Block(msgspec.Struct, frozen=True):
    """A text as it is read: no signs of Markdown in it, measured values as marks.

    Kinds: text (a paragraph or heading), cell or row (of a table), code, chart (a line of words in
    a chart's fence).
    """

    kind: str
    text: str
    lines: tuple[int, ...]  # of the source, one a line of `text`
    code: tuple[tuple[int, int], ...]  # where in `text` code stands


def joined(cells: list[Block]) -> Block:
    """The cells of a row as one text, parted by ` | `."""
    text, code = "", list[tuple[int, int]]()
    for cell in cells:
        text += " | " if text else ""
        code += [(first + len(text), last + len(text)) for first, last in cell.code]
        text += cell.text
    return Block("row", text, cells[0].lines, tuple(code))


def text_blocks(tokens: list[Token], lines: Sequence[int]) -> Iterator[Block]:
    """The blocks of parsed Markdown, each cell by itself; `lines` of the source, one a row."""
    row, kind = 0, "text"
    for token in tokens:
        row = token.map[0] if token.map else row
        if token.type in ("table_open", "table_close"):
            kind = "cell" if token.nesting == 1 else "text"
        if token.type == "fence" and is_chart(token.info):
            for below, words in chart_words(token.content):
                yield Block("chart", words, _from(row + below, words, lines), ())
        elif token.type in ("fence", "code_block"):
            text, code = token.content, ((0, len(token.content)),)
            first = row + (token.type == "fence")
            yield Block("code", text, _from(first, text, lines), code)
        elif token.type == formulas.BLOCK:
            text = _formula(token)
            yield Block(kind, text, _from(row, text, lines), ())
        elif token.type == "inline":
            text, spans = _read(token.children or [])
            yield Block(kind, text, _from(row, text, lines), spans)


def _formula(token: Token) -> str:
    """A formula as text; before it is read, the values in it and nothing else: its numbers are
    its form.
    """
    marks = (found[0] for found in MARK.finditer(token.content))
    return str(token.meta.get("plain") or " ".join(marks))


def _from(row: int, text: str, lines: Sequence[int]) -> tuple[int, ...]:
    """The source line of each line of a text that begins on a row."""
    last = len(lines) - 1
    return tuple(lines[min(row + n, last)] for n in range(text.count("\n") + 1))


def _read(children: list[Token]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of inline tokens, up to the end of a link if they begin with one; spans of code."""
    text, code = "", list[tuple[int, int]]()
    for child in children:
        if child.type == "link_close" and children[0].type == "link_open":
            break
        if child.type == "code_inline":
            code.append((len(text), len(text) + len(child.content)))
        if child.type in ("text", "code_inline", REFUSED):
            text += child.content
        elif child.type in formulas.TOKENS:
            text += _formula(child) + "\n" * child.content.count("\n")
        elif child.type in ("softbreak", "hardbreak"):
            text += "\n"
    return text, tuple(code)


def plain_text(children: list[Token] | None, filled: Filled) -> str:
    """What inline tokens show, on one line."""
    return replace(filled, text=_read(children or [])[0].replace("\n", " ")).plain


def words_of(tokens: list[Token], filled: Filled) -> tuple[int, str]:
    """Words outside tables and code, and the text of everything."""
    words, texts = 0, list[str]()
    for block in text_blocks(tokens, filled.lines or (1,)):
        text = replace(filled, text=block.text).plain.strip()
        text = text if block.kind == "code" else text.replace("\n", " ")
        texts += [text] if text else []
        words += shown_words(text) if block.kind not in ("cell", "code", "chart") else 0
    return words - _formula_words(tokens), "\n".join(texts)


def _formula_words(tokens: list[Token]) -> int:
    """How many words of a text stand in formulas outside tables: nobody reads them as words."""
    words, in_table = 0, False
    for token in tokens:
        in_table = token.nesting == 1 if token.tag == "table" else in_table
        read = (one for one in (token, *(token.children or [])) if one.type in formulas.TOKENS)
        words += 0 if in_table else sum(shown_words(_formula(one)) for one in read)
    return words


def shown_words(text: str) -> int:
    """Words as a reader counts them: what stands between spaces and holds a letter or a digit.

    `numbers.spoken.count_words` counts those that are said: "98.7%" is one here and four there.
    """
    return sum(any(map(str.isalnum, word)) for word in text.split())
