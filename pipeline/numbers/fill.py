"""Measured values put into content: sandboxed Jinja2 over the results.

A value leaves a mark in the text (private-use characters around an index), Markdown carries the
mark through untouched, and the mark is replaced last: by escaped text in a `measured` element in
HTML, by the bare text elsewhere. So nothing out of the data is ever read as Markdown or HTML.
"""

from __future__ import annotations

import html
import re
import traceback
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from pipeline.numbers.assertions import FILTERS, FUNCTIONS
from pipeline.numbers.formats import FORMATS, Shown
from pipeline.numbers.values import Number, Text, namespace
from pipeline.problems import Source, TalkError, nearest
from pipeline.results import Results

OPEN, CLOSE, LINE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_LINE_MARK = re.compile(f"{LINE}(\\d+){LINE}")
_TAG_EDGES = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ue000-\uf8ff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Mark:
    """One value put into a text: what is shown, where it comes from, and unrounded."""

    text: str
    at: str
    value: float | None  # None for a text
    low: float | None = None  # 95% interval
    high: float | None = None
    hits: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """Content with its values put in, as marks."""

    text: str
    marks: tuple[Mark, ...]
    lines: tuple[int, ...] = ()  # source line of each line of `text`; branches shift them

    @property
    def plain(self) -> str:
        """The text with each mark replaced by what it shows."""
        return _MARK.sub(lambda found: self.marks[int(found[1])].text, self.text)

    def in_html(self, rendered: str) -> str:
        """HTML made from `text`, its marks replaced by escaped text; numbers can be opened."""

        def show(found: re.Match[str]) -> str:
            mark = self.marks[int(found[1])]
            text = html.escape(mark.text)
            if mark.value is None:
                return text
            return (
                f'<data class="measured" value="{mark.value!r}" '
                f'data-at="{html.escape(mark.at)}">{text}</data>'
            )

        return _MARK.sub(show, rendered)


def clean_text(text: str) -> str:
    """Text from the data without control, private-use and direction-changing characters."""
    return _UNSAFE.sub("\ufffd", text)


class Numbers:
    """Fills content from one run's results (None: a talk without an experiment)."""

    def __init__(self, results: Results | None) -> None:
        self._names = namespace(results) if results else {}
        self._marks: list[Mark] = []
        self._environment = SandboxedEnvironment(
            undefined=jinja2.StrictUndefined, finalize=self._leave_mark, keep_trailing_newline=True
        )
        self._environment.filters.update({**FORMATS, **FILTERS})
        self._environment.globals = {**FUNCTIONS, "range": range}

    def _leave_mark(self, value: Any) -> Any:
        if isinstance(value, Shown):
            of = value.number
            mark = Mark(str(value), of.at, of.value, of.low, of.high, of.hits, of.total)
        elif isinstance(value, Text):
            mark = Mark(clean_text(value), value.at, None)
        elif isinstance(value, Number):
            str(value)  # raises: it has no format
            raise AssertionError
        else:
            return value
        self._marks.append(mark)
        return f"{OPEN}{len(self._marks) - 1}{CLOSE}"

    def fill(self, text: str, where: Source) -> Filled:
        """Put the values into a piece of content that begins at `where`.

        Raises TalkError with the line for a value that isn't there, a claim that doesn't hold, or
        broken template syntax.
        """
        self._marks = []
        if any(mark in text for mark in (OPEN, CLOSE, LINE)):
            raise TalkError("private-use characters in the content", where, "remove them")
        if "{{" not in text and "{%" not in text and "{#" not in text:
            first = where.line or 1
            return Filled(text, (), tuple(range(first, first + text.count("\n") + 1)))
        try:
            filled = self._environment.from_string(_numbered(text)).render(self._names)
        except TalkError as error:
            raise TalkError(error.message, _line(error, where), error.hint) from None
        except jinja2.TemplateSyntaxError as error:
            line = (where.line or 1) + error.lineno - 1
            raise TalkError(
                f"broken template: {error.message}",
                Source(where.path, line),
                "values are written {{ data.messages | count }}",
            ) from None
        except (jinja2.UndefinedError, jinja2.TemplateRuntimeError, TypeError) as error:
            raise self._unknown(error, where) from None
        filled, lines = _unnumbered(filled, where.line or 1)
        return Filled(filled, tuple(self._marks), lines)

    def _unknown(self, error: Exception, where: Source) -> TalkError:
        name = re.match(r"'(\w+)' is undefined", str(error))
        hint = "see the formats in deck/slides/README.md"
        if "Shown" in str(error):
            hint = "put brackets around the sum: {{ (a + b) | count }}"
        if name:
            hint = (
                nearest(name[1], self._names)
                if self._names
                else "this talk has no [experiment] table in talk.toml, so nothing is measured"
            )
        return TalkError(f"no such value: {error}", _line(error, where), hint)


def _numbered(text: str) -> str:
    """Each line with its index before it, so that lines are known after branches and loops."""
    marked, inside = [], False
    for index, line in enumerate(text.split("\n")):
        marked.append(line if inside else f"{LINE}{index}{LINE}{line}")
        for edge in _TAG_EDGES.findall(line):
            inside = edge in ("{{", "{%", "{#")
    return "\n".join(marked)


def _unnumbered(text: str, first: int) -> tuple[str, tuple[int, ...]]:
    lines, numbers, current = [], [], first
    for line in text.split("\n"):
        found = _LINE_MARK.findall(line)
        if found:
            current = first + int(found[0])
        lines.append(_LINE_MARK.sub("", line))
        numbers.append(current)
    return "\n".join(lines), tuple(numbers)


def _line(error: BaseException, where: Source) -> Source:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "<template>" and frame.lineno
    ]
    return Source(where.path, (where.line or 1) + lines[-1] - 1) if lines else where
