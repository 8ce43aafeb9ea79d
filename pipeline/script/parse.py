"""script/voiceover.md -> Script. The grammar is in script/README.md, an example for each element.

No text makes the parser fail: what is wrong is a finding in `Script.problems`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.files import read_text
from pipeline.numbers.fill import CLOSE, OPEN, Mark, Numbers
from pipeline.problems import Problem, Source
from pipeline.script.elements import Field, Remark, Script, Section, Verbatim
from pipeline.script.headings import UNSPOKEN, read_heading
from pipeline.script.mojibake import broken_places
from pipeline.script.passages import Passages

_MARK = re.compile(f"{OPEN}([0-9]{{1,9}}){CLOSE}")
_RULE = re.compile(r"(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}")
_END = re.compile(r"\**\s*END OF SCRIPT\s*\**", re.IGNORECASE)
_FENCE = re.compile(r"(`{3,}|~{3,})(.*)")
_FIELD = re.compile(r"(?:([0-9]{1,4})[.)]\s+)?\*\*([^*]*?[^*\s][^*]*?)\s*:\*\*\s*(.*)")


def load_script(path: Path, numbers: Numbers) -> Script:
    """Read a script file and put the run's values in. Raises TalkError for those alone."""
    text = read_text(path, "the script")
    filled = numbers.fill(text, Source(path, 1))
    return parse_script(filled.text, path, filled.lines, filled.marks)


def parse_script(
    text: str, path: Path, lines: Sequence[int] | None = None, marks: tuple[Mark, ...] = ()
) -> Script:
    """Parse a script. `lines` gives the source line of each line, `marks` the values put in."""
    return _Parser(path, marks).parse(text, lines)


class _Parser:
    """One pass over the lines: sections here, what is inside a spoken one in Passages."""

    def __init__(self, path: Path, marks: tuple[Mark, ...]) -> None:
        self.path, self.marks = path, marks
        self.problems: list[Problem] = []
        self.done: list[Section] = []
        self.notes: list[Field | Remark | Verbatim] = []
        self.line_of: dict[int, int] = {}  # slide -> line of its section
        self.last_slide = 0
        self.first_of: dict[str, int] = {}  # kind of section -> line of its first
        self.passages = Passages(self.problems, self.shown)
        self.head = Section(
            "header", "", (), None, None, (), (), (), Source(path, 1)
        )  # replaced by each heading

    def shown(self, marked: str) -> str:
        """Marked text with its values, which never break a line."""

        def value(found: re.Match[str]) -> str:
            index = int(found[1])
            return " ".join(self.marks[index].text.split()) if index < len(self.marks) else found[0]

        return _MARK.sub(value, marked) if OPEN in marked else marked

    def parse(self, text: str, numbers: Sequence[int] | None) -> Script:
        text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        if numbers is None or len(numbers) < len(lines):
            numbers = range(1, len(lines) + 1)
        self._say_encoding(text, numbers)
        if not text.strip():
            self._wrong(
                "the script is empty", Source(self.path), "begin with `## SLIDE 1: … [30 seconds]`"
            )
        at, blank = 0, True
        while at < len(lines):
            line, source = lines[at], Source(self.path, numbers[at])
            stripped = line.strip()
            if not stripped:
                self.passages.end_paragraph()
                blank, at = True, at + 1
                continue
            if found := _FENCE.fullmatch(stripped):
                at = self._fence(found, lines, at, source)
            elif blank and line.startswith(("    ", "\t")) and self.passages.may_indent():
                at = self._indented(lines, at, source)
            else:
                at = self._line(lines, at, stripped, source)
            blank = False
        self._close()
        problems = sorted(self.problems, key=lambda p: (p.where and p.where.line) or 0)
        return Script(self.path, tuple(self.done), tuple(problems), self.marks)

    def _line(self, lines: list[str], at: int, stripped: str, source: Source) -> int:
        first = stripped[0]
        if first == "#":
            heading = read_heading(self.shown(stripped), source, bool(self.done), self.problems)
            if heading:
                self._close()
                self.head = heading
                return at + 1
        elif first in "*-_E" and _RULE.fullmatch(stripped):
            self.passages.end_paragraph()
            return at + 1
        elif first in "*Ee" and _END.fullmatch(stripped):
            self._close()
            self.head = Section("footer", "", (), None, None, (), (), (), source)
            return at + 1
        if self.head.kind in UNSPOKEN:
            self._note(stripped, source)
            return at + 1
        return self.passages.line(lines, at, stripped, source, self.head.kind == "qa")

    def _note(self, stripped: str, source: Source) -> None:
        text = self.shown(stripped)
        if found := _FIELD.fullmatch(text):
            value = found[3].strip()
            self.notes.append(Field(found[2].strip(), value, found[1] or "", source))
        else:
            self.notes.append(Remark(text, source))

    def _fence(self, found: re.Match[str], lines: list[str], at: int, source: Source) -> int:
        fence, info = found[1], found[2].replace("`", "").strip()
        end = at + 1
        while end < len(lines):
            closing = lines[end].strip()
            if closing.startswith(fence) and not closing.strip(fence[0]):
                break
            end += 1
        else:
            self._wrong("a code block without an end", source, f"close it with {fence}")
        self._verbatim(Verbatim(info, tuple(lines[at + 1 : end]), source))
        return end + 1

    def _indented(self, lines: list[str], at: int, source: Source) -> int:
        end = at
        while end < len(lines) and lines[end].strip() and lines[end].startswith(("    ", "\t")):
            end += 1
        code = (line[1:] if line[0] == "\t" else line[4:] for line in lines[at:end])
        self._verbatim(Verbatim("", tuple(code), source))
        return end

    def _verbatim(self, block: Verbatim) -> None:
        if self.head.kind in UNSPOKEN:
            self.notes.append(block)
        else:
            self.passages.add(block)

    def _close(self) -> None:
        """The section ends: what was gathered becomes its content."""
        pages, questions = self.passages.finish(self.head)
        head = self.head
        self.done.append(
            Section(
                head.kind,
                head.title,
                head.numbers,
                head.slot_text,
                head.slot,
                pages,
                questions,
                tuple(self.notes),
                head.source,
            )
        )
        self.notes = []
        self._check_order(self.done[-1])

    def _check_order(self, section: Section) -> None:
        line = section.source.line or 1
        if section.kind in ("header", "other"):
            return
        if section.kind != "slide":
            if first := self.first_of.setdefault(section.kind, line) - line:
                self._wrong(
                    f"a second section `{section.title or 'END OF SCRIPT'}`",
                    section.source,
                    f"the first is on line {line + first}: join them",
                )
            return
        for number in section.numbers:
            if first := self.line_of.get(number, 0):
                self._wrong(
                    f"two sections for slide {number}",
                    section.source,
                    f"the first is on line {first}: join them, or renumber one",
                )
                return
        if section.numbers[0] < self.last_slide:
            self._wrong(
                f"slide {section.numbers[0]} comes after slide {self.last_slide}",
                section.source,
                "sections stand in the order of the slides",
            )
        self.last_slide = section.numbers[-1]
        self.line_of.update(dict.fromkeys(section.numbers, line))

    def _wrong(self, message: str, source: Source, hint: str) -> None:
        self.problems.append(Problem(message, source, hint))

    def _say_encoding(self, text: str, numbers: Sequence[int]) -> None:
        places = broken_places(text)
        if places:
            offset, seen, meant = places[0]
            line = numbers[text.count("\n", 0, offset)]
            more = f", and {len(places) - 1} more like it" if len(places) > 1 else ""
            self._wrong(
                f"`{seen}` looks like `{meant}` read with the wrong encoding{more}",
                Source(self.path, line),
                "`--fix-encoding` puts the file right",
            )
