"""The lines of a slide's file: what is code stays code, and comments are nobody's.

One pass from the front, since what begins first decides what the rest is: a fence, a code span, an
HTML comment or a placeholder. It comes before parts are divided and values put in: `:::`, `---`,
braces and comments in code are code, and what stands in a comment is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipeline.files import refuse_conflicts
from pipeline.numbers.fill import BRACE, GONE
from pipeline.problems import Source, TalkError

_NEXT = re.compile(r"\\[`<\\]|`+|<!--|\{[{%#]|\n")
_TICKS = re.compile("`+")
_CLOSES = {"{{": "}}", "{%": "%}", "{#": "#}"}
_BRACES = re.compile(r"\{(?=[{%#])")
_CHART = re.compile(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*chart[ \t]*$")  # its lines can hold values
_NO_VALUES = re.compile(r"\{(?=[%#])")
_FENCE = re.compile(r"(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
_MARKER = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|$)")
_DEFINITION = re.compile(r"[:~][ \t]|\[\^")
_NO_PARAGRAPH = re.compile(r" {0,3}(?:#{1,6}(?:[ \t]|$)|:::)")
_DEEPEST = 20  # lists inside each other: Markdown reads no more
_TAB = 4  # columns, as CommonMark counts
# Where a code span can't go on: a blank line, a part's edge, a heading or a fence.
_BLOCK_END = re.compile(r"\n(?=[ \t]*(?:$|\n|:::|#{1,6}[ \t]|```|~~~))")
_PRIVATE = re.compile("[\ue000-\uf8ff]")


class Line(msgspec.Struct, frozen=True):
    """A line as it is read: comments gone, a brace in code that would begin a placeholder marked.

    A line that held nothing but a comment is `GONE`: filling drops it, so that lists and tables
    around it stay whole.
    """

    text: str
    is_code: bool = False  # of a fence, its first and last line too


def scanned(text: str, path: Path) -> tuple[Line, ...]:
    """The lines of a slide's file. Raises TalkError for what begins and never ends."""
    if private := _PRIVATE.search(text):
        line = text.count("\n", 0, private.start()) + 1
        raise TalkError("private-use characters in the content", Source(path, line), "remove them")
    lines = _Scanner(text, path).scan()
    refuse_conflicts(((n, line.text) for n, line in enumerate(lines, 1) if not line.is_code), path)
    return lines


def marked(code: str) -> str:
    """Code with the braces marked that would begin a placeholder."""
    return _BRACES.sub(BRACE, code)


class _Scanner(msgspec.Struct):
    text: str
    path: Path
    made: list[str] = []
    line: int = 0  # from 0
    code: set[int] = set()
    block_end: int = -1  # of the paragraph of the last code span
    unclosed: dict[int, int] = {}  # length of a sign -> none up to here
    endless: set[str] = set()  # what begins a placeholder, and none ends
    commented: set[int] = set()

    def scan(self) -> tuple[Line, ...]:
        at, is_begin, depth = 0, True, _Depth()
        while at < len(self.text):
            if is_begin:
                end = self._line_end(at)
                opened = depth.opens(self.text[at:end])
                is_begin = bool(opened) or depth.is_indented
                if opened:
                    at = self._fence(at, opened)
                elif is_begin:
                    self.code.add(self.line)
                    at = self._copy(at, min(end + 1, len(self.text)), is_code=True)
                if is_begin:
                    continue
            found = _NEXT.search(self.text, at)
            if not found:
                self.made.append(self.text[at:])
                break
            self.made.append(self.text[at : found.start()])
            at = self._take(found)
            is_begin = found[0] == "\n"
        return tuple(self._lines())

    def _take(self, found: re.Match[str]) -> int:
        """Take what begins here; where it ends."""
        sign, start = found[0], found.start()
        if sign[0] == "`":
            return self._span(start, sign)
        if sign == "<!--":
            return self._comment(start)
        if sign in _CLOSES and sign not in self.endless:
            end = self.text.find(_CLOSES[sign], start + 2)
            if end >= 0:
                return self._copy(start, end + 2)
            self.endless.add(sign)
        return self._copy(start, found.end())

    def _copy(self, start: int, end: int, *, is_code: bool = False) -> int:
        piece = self.text[start:end]
        self.made.append(marked(piece) if is_code else piece)
        self.line += piece.count("\n")
        return end

    def _span(self, start: int, ticks: str) -> int:
        first, length = start + len(ticks), len(ticks)
        if self.unclosed.get(length, 0) > first:
            return self._copy(start, first)
        if first > self.block_end:
            edge = _BLOCK_END.search(self.text, first)
            self.block_end = edge.start() if edge else len(self.text)
        for found in _TICKS.finditer(self.text, first, self.block_end):
            if found[0] == ticks:
                return self._copy(start, found.end(), is_code=True)
        self.unclosed[length] = self.block_end
        return self._copy(start, first)

    def _comment(self, start: int) -> int:
        end = self.text.find("-->", start + 2)
        if end < 0:
            hint = "end it with -->, or write \\<!-- to show it"
            raise TalkError("the comment is never closed", self._source(), hint)
        count = self.text.count("\n", start, end)
        self.commented |= set(range(self.line, self.line + count + 1))
        self.made.append("\n" * count)
        self.line += count
        return end + 3

    def _fence(self, at: int, opened: _Fence) -> int:
        """Take the lines of a fence with the one that ends it."""
        start, source, number = at, self._source(), self.line
        while True:
            self.code.add(number)
            at, number = self._line_end(at) + 1, number + 1
            line = self.text[at : self._line_end(at)]
            if at > len(self.text) or (line.strip() and not opened.holds(line)):
                hint = f"end it with a line {opened.sign}"
                if at <= len(self.text):
                    hint = "indent the lines of the code as its list item, the last one too"
                raise TalkError("the code is never closed", source, hint)
            if opened.is_closed_by(line):
                break
        self.code.add(number)
        # What stands behind the first sign is no code: a title there can hold a value.
        code = self._line_end(start)
        self.made.append(_NO_VALUES.sub(BRACE, self.text[start:code]))
        is_code = not _CHART.match(self.text[start:code])
        return self._copy(code, min(self._line_end(at) + 1, len(self.text)), is_code=is_code)

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return end if end >= 0 else len(self.text)

    def _source(self) -> Source:
        return Source(self.path, self.line + 1)

    def _lines(self) -> Iterator[Line]:
        for number, line in enumerate("".join(self.made).split("\n")):
            is_gone = number in self.commented and not line.strip()
            text = line.rstrip() if number in self.commented else line
            yield Line(GONE if is_gone else text, number in self.code)


class _Fence(msgspec.Struct, frozen=True):
    sign: str  # ``` or longer, or ~~~
    column: int  # where the content of what it stands in begins
    quotes: int  # signs > before it

    def holds(self, line: str) -> bool:
        """Whether a line with something on it is still in the list item or quote of the fence."""
        inside = self._inside(line)
        return inside is not None and _indent(inside) >= self.column

    def is_closed_by(self, line: str) -> bool:
        inside = self._inside(line) or ""
        is_near = _indent(inside) - self.column <= 3
        found = re.fullmatch(rf"[ \t]*({self.sign[0]}{{{len(self.sign)},}})[ \t]*", inside)
        return bool(found) and is_near

    def _inside(self, line: str) -> str | None:
        """The line behind the signs of its quotes; None: it has not as many."""
        for _ in range(self.quotes):
            found = re.match(r" {0,3}> ?", line)
            if not found:
                return None
            line = line[found.end() :]
        return line


class _Depth:
    """The list items that a line may stand in, by the columns where their content begins.

    `is_indented` says whether the line taken last is code by its four spaces. A comment that begins
    such code is a comment: it is meant for nobody more often than it is meant to be seen.
    """

    def __init__(self) -> None:
        self._columns: list[int] = []
        self._in_paragraph = False  # four spaces go on with it
        self._in_definition = False  # of a term or a footnote: with it, too
        self.is_indented = False

    def opens(self, line: str) -> _Fence | None:
        """Take the next line that is no code yet; the fence that it opens, if it does."""
        opened = self._opened(line)
        is_words = bool(line.strip())
        column = _indent(line)
        if is_words and column - self._base <= 3:
            starts = _DEFINITION.match(line.lstrip())
            self._in_definition = bool(starts) or (self._in_definition and column > 0)
        self.is_indented = (
            is_words
            and column - self._base > 3
            and not (self._in_paragraph or self._in_definition)
            and (self.is_indented or not line.lstrip().startswith("<!--"))
        )
        ends = self.is_indented or opened or _NO_PARAGRAPH.match(line)
        self._in_paragraph = is_words and not ends
        return opened

    def _opened(self, line: str) -> _Fence | None:
        if not line.strip():
            return None
        quotes = 0
        while found := re.match(r" {0,3}> ?", line):
            line, quotes, self._columns = line[found.end() :], quotes + 1, []
        line = line.expandtabs(_TAB)
        column = _indent(line)
        while self._columns and column < self._columns[-1]:
            self._columns.pop()
        while (
            len(self._columns) < _DEEPEST
            and column - self._base <= 3
            and (marker := _MARKER.match(line, column))
        ):
            rest = line[marker.end() :]
            spaces = _indent(rest)
            is_far = not rest.strip() or spaces > 4  # an empty item, or one that begins with code
            column = marker.end() + (1 if is_far else spaces)
            self._columns.append(column)
            if is_far:
                return None
        opened = _FENCE.match(line, column)
        if not opened or column - self._base > 3:
            return None
        return _Fence(opened["fence"], self._base, quotes)

    @property
    def _base(self) -> int:
        return self._columns[-1] if self._columns else 0


def _indent(line: str) -> int:
    expanded = line.expandtabs(_TAB)
    return len(expanded) - len(expanded.lstrip(" "))
