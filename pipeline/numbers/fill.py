"""Measured values put into content: Jinja2 over them, within the bounds of `template`.

A value leaves a mark in the text (private-use characters around an index), Markdown carries the
mark through untouched, and the mark is replaced last: by escaped text in a `measured` element in
HTML, by the bare text elsewhere. So nothing out of the data is ever read as Markdown or HTML.
"""

from __future__ import annotations

import html
import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import jinja2
import msgspec
from jinja2 import nodes
from msgspec.structs import replace

from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.numbers.assertions import COMPARISONS
from pipeline.numbers.formats import Shown
from pipeline.numbers.plan import PlanPath
from pipeline.numbers.template import (
    MOST_SIGNS,
    Environment,
    Placeholder,
    broken,
    first_word,
    parsed,
    pieces,
    placeholder,
)
from pipeline.numbers.values import KNOWN, Number, Text, namespace
from pipeline.problems import Source, TalkError, nearest

OPEN, CLOSE, LINE = "\ue000", "\ue001", "\ue002"
# What the reading of slides leaves: a { in code, which begins no placeholder, and what stands in
# place of a line that held nothing but a comment. Filling and drafting take both out.
BRACE, GONE = "\ue003", "\ue004"
MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_LINE_MARKS = re.compile(f"(?:{LINE}([0-9]+){LINE})+")
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ue000-\uf8ff\u202a-\u202e\u2066-\u2069]")


class Mark(msgspec.Struct, frozen=True):
    """One value put into a text: what is shown, where it comes from, and unrounded."""

    text: str
    at: str
    value: int | float | None  # None for a text
    low: int | float | None = None  # the ends of its interval
    high: int | float | None = None
    hits: int | None = None
    total: int | None = None
    level: int | float = 0.95  # with which probability the interval covers it
    n: int | None = None
    unit: str = ""
    how: str = ""
    direction: str = ""
    repeats: tuple[int | float, ...] = ()
    shared: int | float = 0.0


def mark_of(number: Number, text: str) -> Mark:
    """The mark of a measured number that is shown as `text`."""
    known = {name: getattr(number, name) for name in KNOWN}
    return Mark(text, number.at, number.value, number.low, number.high, **known)


class Filled(msgspec.Struct, frozen=True):
    """Content with its values put in, as marks."""

    text: str
    marks: tuple[Mark, ...]
    lines: tuple[int, ...] = ()  # source line of each line of `text`; branches shift them

    @property
    def plain(self) -> str:
        """The text with each mark replaced by what it shows."""
        return MARK.sub(lambda found: self.marks[int(found[1])].text, self.text)

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

        return MARK.sub(show, rendered)


def clean_text(text: str) -> str:
    """Text from the data without control, private-use and direction-changing characters."""
    return _UNSAFE.sub("\ufffd", text)


class Numbers:
    """Fills content with what was measured, written as its language does."""

    def __init__(self, measured: Measured, locale: Locale = ENGLISH, memo: Memo = NO_MEMO) -> None:
        """`memo` keeps what is made of texts with these values."""
        self.measured, self.locale, self.memo = measured, locale, memo
        self._names = namespace(measured)
        self._marks: list[Mark] = []
        self._filled: dict[tuple[str, bool], Filled] = {}  # equal texts are filled once
        self._environment = Environment(self._leave_mark, locale)

    @property
    def names(self) -> Mapping[str, Any]:
        """The namespace that content is filled from."""
        return self._names

    @cached_property
    def key(self) -> str:
        """The hash of all that filling a text depends on but the text."""
        return key_of(self.measured.values_key, self.locale.tag)

    def _leave_mark(self, value: object) -> str:
        if isinstance(value, Shown):
            mark = mark_of(value.number, str(value))
        elif isinstance(value, Text):
            mark = Mark(clean_text(value), value.at, None)
        elif isinstance(value, PlanPath):
            mark = Mark(value.at, value.at, None)
        elif isinstance(value, str | int | float | Number | jinja2.Undefined):
            return str(value)  # raises for a Number, which has no format, and for what is undefined
        else:
            raise TalkError(f"a {type(value).__name__.lower()} can't be shown", hint=_HINT)
        self._marks.append(mark)
        return f"{OPEN}{len(self._marks) - 1}{CLOSE}"

    def fill(self, text: str, where: Source, *, has_plan: bool = False) -> Filled:
        """Put the values into a piece of content that begins at `where`.

        `has_plan`: it may name lengths of the plan, as the script does. Their marks show the name.

        Raises TalkError with the line for a value that isn't there, a claim that doesn't hold, or
        a template that is broken or too large.
        """
        first = where.line or 1
        if not has_placeholders(text, where):
            return _plain(text, first)
        if (text, has_plan) not in self._filled:
            if len(self._filled) >= _MOST_KNOWN:  # of a preview that goes on for days
                self._filled.clear()
            self._filled[text, has_plan] = _moved(self._fill(text, where, has_plan), -first)
        return _moved(self._filled[text, has_plan], first)

    def _fill(self, text: str, where: Source, has_plan: bool) -> Filled:
        self._marks = []
        tree = parsed(text, where)
        _number_lines(tree)
        tree.set_environment(self._environment)
        names = {**self._names, "plan": PlanPath()} if has_plan else self._names
        try:
            chunks = self._environment.from_string(tree).generate(names)
            filled = "".join(_within(chunks, where))
        except TalkError as error:
            raise TalkError(error.message, _line(error, where), error.hint) from None
        except jinja2.TemplateSyntaxError as error:
            raise broken(error, where) from None
        except _FAULTS as error:
            raise self._unknown(error, where) from None
        return _unnumbered(filled, where.line or 1, tuple(self._marks))

    def fill_pieces(
        self, divided: Sequence[tuple[int, str]], where: Source, *, has_plan: bool = False
    ) -> Filled:
        """The same of a text that is divided: its pieces, each with its first line, from 0."""
        text, marks, lines = list[str](), list[Mark](), list[int]()
        for first, piece in divided:
            at = Source(where.path, (where.line or 1) + first)
            filled = self._kept(piece, at, has_plan)
            if lines:  # the last line of one piece and the first of the next are one
                is_empty = not text[-1] or text[-1].endswith("\n")
                lines[-1] = filled.lines[0] if is_empty else lines[-1]
            text.append(_renumbered(filled.text, len(marks)))
            marks += filled.marks
            lines += filled.lines[1:] if lines else filled.lines
        return Filled("".join(text), tuple(marks), tuple(lines))

    def _kept(self, text: str, where: Source, has_plan: bool) -> Filled:
        """A filled piece, from the memo if it is there; its lines count from its first one."""
        first = where.line or 1
        if not has_placeholders(text, where):
            return _plain(text, first)
        key = key_of("fill", self.key, text, has_plan)
        filled = self.memo.of(
            key, _FORM, lambda: _moved(self.fill(text, where, has_plan=has_plan), -first)
        )
        return _moved(filled, first)

    def _unknown(self, error: Exception, where: Source) -> TalkError:
        name = re.match(r"'(\w+)' is undefined", str(error))
        hint = _HINT
        if name:
            hint = (
                nearest(name[1], self._names)
                if self._names
                else "nothing is measured: talk.toml has no [measure.NAME] and no [experiment]"
            )
        return TalkError(f"no such value: {error}", _line(error, where), hint)


_FORM: Form[Filled] = Form(Filled)
_MOST_KNOWN = 4096  # texts


def _moved(filled: Filled, by: int) -> Filled:
    return replace(filled, lines=tuple(line + by for line in filled.lines))


def _renumbered(text: str, by: int) -> str:
    """A filled text with its marks counted from another one on."""
    return MARK.sub(lambda mark: f"{OPEN}{int(mark[1]) + by}{CLOSE}", text) if by else text


_HINT = "see the formats in docs/slides.md"
# What a template that is read, and within its bounds, can still get wrong.
_FAULTS = (
    jinja2.UndefinedError,
    jinja2.TemplateRuntimeError,
    TypeError,
    ValueError,
    ArithmeticError,
)


def has_placeholders(text: str, where: Source) -> bool:
    """Whether there is anything to fill. Raises TalkError for characters that are marks to us."""
    if any(mark in text for mark in (OPEN, CLOSE, LINE)):
        raise TalkError("private-use characters in the content", where, "remove them")
    return "{{" in text or "{%" in text or "{#" in text


def _within(chunks: Iterator[str], where: Source) -> Iterator[str]:
    size = 0
    for chunk in chunks:
        size += len(chunk) + 1
        if size > MOST_SIGNS:
            raise TalkError(f"it fills up to more than {MOST_SIGNS:,} signs", where, "shorten it")
        yield chunk


def _number_lines(tree: nodes.Template) -> None:
    """Each line of the text with its number before it: they are known after branches and loops."""
    for data in tree.find_all(nodes.TemplateData):
        lines = enumerate(data.data.split("\n"), data.lineno)
        data.data = "\n".join(f"{LINE}{number}{LINE}{line}" for number, line in lines)


def _unnumbered(text: str, first: int, marks: tuple[Mark, ...]) -> Filled:
    lines, numbers, current = [], [], first
    for line in text.split("\n"):
        found = _LINE_MARKS.match(line)  # the last of several: tags before it left nothing
        current = first + int(found[1]) - 1 if found else current
        lines.append(_LINE_MARKS.sub("", line))
        numbers.append(current)
    return _restored(lines, marks, numbers)


def _plain(text: str, first: int) -> Filled:
    """A text without placeholders."""
    lines = text.split("\n")
    return _restored(lines, (), range(first, first + len(lines)))


def _restored(lines: Sequence[str], marks: tuple[Mark, ...], numbers: Sequence[int]) -> Filled:
    """A text with its braces, and without the lines that held nothing but a comment."""
    kept = [(line, number) for line, number in zip(lines, numbers, strict=True) if line != GONE]
    text = "\n".join(line for line, _ in kept).replace(BRACE, "{")
    return Filled(text, marks, tuple(number for _, number in kept) or (numbers[0],))


def _line(error: BaseException, where: Source) -> Source:
    if isinstance(error, TalkError) and error.where:
        return error.where
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "<template>" and frame.lineno
    ]
    return Source(where.path, (where.line or 1) + lines[-1] - 1) if lines else where


class Draft(msgspec.Struct, frozen=True):
    """A text before it is filled: all its branches, one after the other, each value as a mark.

    `filled` has the form of a filled text, so that whatever reads that can read this; what a mark
    shows is the mark itself, and `placeholders` says what stands behind it.
    """

    filled: Filled
    placeholders: tuple[Placeholder, ...]  # by the index of their mark
    asked: tuple[
        Placeholder, ...
    ]  # {% … %}; `sought` of each tag is what its branches ask for, too
    guarded: tuple[tuple[int, str], ...]  # line and text of what stands under a comparison


def draft(text: str, where: Source) -> Draft:
    """Read a text without filling it. Raises TalkError for a broken template."""
    first = where.line or 1
    if not has_placeholders(text, where):
        return Draft(_plain(text, first), (), (), ())
    made, now, after_tag = "", 0, False
    numbers, shown, asked = [first], list[Placeholder](), list[Placeholder]()
    open_, guarded = list[_Branch](), list[tuple[int, str]]()
    for piece in pieces(text, where):
        line = first + piece.line - 1
        if piece.kind == "block":
            tag = placeholder(piece)
            asked.append(_sought(tag, open_))
            _follow(open_, first_word(piece), tag)
            after_tag = True
            continue
        if not made or made[-1] == "\n":
            numbers[-1] = line
        elif after_tag and not piece.text[:1].isspace():  # branches stay apart
            made += "\n" if line > now else " "
            numbers += [line] if line > now else []
        made += piece.text if piece.kind == "text" else f"{OPEN}{len(shown)}{CLOSE}"
        if piece.kind == "text":
            numbers += [line + n for n in range(1, piece.text.count("\n") + 1)]
            guarded += [(line, piece.text)] if any(one.compares for one in open_) else []
        else:
            shown.append(_sought(placeholder(piece), open_))
        now, after_tag = line + piece.text.count("\n"), False
    marks = tuple(Mark(f"{OPEN}{n}{CLOSE}", p.path, None) for n, p in enumerate(shown))
    filled = _restored(made.split("\n"), marks, numbers)
    return Draft(filled, tuple(shown), tuple(asked), tuple(guarded))


class _Branch(msgspec.Struct, frozen=True):
    """What the conditions of an {% if %} that is open ask."""

    compares: bool  # whether one value is better than another
    sought: tuple[str, ...]  # values that may be missing


def _sought(tag: Placeholder, open_: list[_Branch]) -> Placeholder:
    """A tag with all that is asked for before it stands."""
    sought = tuple(at for one in open_ for at in one.sought)
    return replace(tag, sought=(*tag.sought, *sought)) if sought else tag


def _follow(open_: list[_Branch], word: str, tag: Placeholder) -> None:
    """Follow {% if %} and {% for %}; a branch knows what its conditions found, whichever way."""
    asks = _Branch(not COMPARISONS.isdisjoint(tag.calls), tag.sought)
    if word in ("if", "for"):
        open_.append(asks)
    elif word == "elif" and open_:
        before = open_[-1]
        open_[-1] = _Branch(before.compares or asks.compares, before.sought + asks.sought)
    elif word in ("endif", "endfor") and open_:
        open_.pop()
