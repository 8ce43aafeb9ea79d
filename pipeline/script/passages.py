"""What stands inside a spoken section: paragraphs, cues, parts, asides, questions."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pipeline.numbers.spoken import count_words
from pipeline.problems import Problem, Source
from pipeline.script.cues import KINDS, cut_names, known_head, parse_cue, part_name
from pipeline.script.elements import (
    Aside,
    Cue,
    Heading,
    Item,
    Part,
    Question,
    Section,
    Speech,
)

LONGEST_CUE_LINES = 20
_TAG = re.compile(r"\s*(?:#([\w-]+)|\[slides? ([0-9]{1,4}(?:\s*(?:,|and)\s*[0-9]{1,4})*)\])$", re.I)
_QUESTION = re.compile(r"\**\s*Q\s*:(.*)")
_ANSWER = re.compile(r"\**A\s*:\**\s*(.*)")
_LIST = re.compile(r"(?:[-*+]|[0-9]{1,3}[.)])\s")
_INLINE = re.compile(
    r"\[\s*({})(?![A-Za-z])[^\]]*\]".format("|".join(k for k in KINDS if k != "ONLY"))
)
_NOWHERE = Source(Path())
_QUOTES = ('""', "“”", "''")


class Passages:
    """Gathers the items of one section; `finish` hands them over and begins anew."""

    def __init__(self, problems: list[Problem], shown: Callable[[str], str]) -> None:
        self.problems, self.shown = problems, shown
        self._begin()

    def _begin(self) -> None:
        self.pages: list[list[Item]] = [[]]
        self.part: tuple[Part, list[Item]] | None = None
        self.paragraph: list[str] = []
        self.first: tuple[int, Source] = (0, _NOWHERE)
        self.questions: list[tuple[Question, list[Item]]] = []
        self.answering = False  # the next paragraph is the first of an answer

    @property
    def _target(self) -> list[Item]:
        if self.part:
            return self.part[1]
        return self.questions[-1][1] if self.questions else self.pages[-1]

    def add(self, item: Item) -> None:
        """Append an item where the text stands: page, open part or answer."""
        self.end_paragraph()
        self._target.append(item)

    def may_indent(self) -> bool:
        """Whether an indented line here is code: not in a paragraph, not below a list."""
        if self.paragraph:
            return False
        last = self._target[-1] if self._target else None
        return not (isinstance(last, Speech) and _LIST.match(last.text.split("\n")[-1]))

    def line(self, lines: list[str], at: int, stripped: str, source: Source, is_qa: bool) -> int:
        """Take the line at `at` (and those that belong to it); the index of the next one."""
        first = stripped[0]
        if first == ">":
            return self._aside(lines, at, source)
        if first == "#" and (found := re.fullmatch(r"(#{3,6})\s+(\S.*)", stripped)):
            self.add(Heading(len(found[1]), self.shown(found[2]), source))
            return at + 1
        if first in "[*_":
            end = self._cue(lines, at, source)
            if end:
                return end
        if is_qa and (found := _QUESTION.fullmatch(stripped)):
            self._question(found[1], source)
            return at + 1
        if first == "<" and stripped.startswith("<!--"):
            self._wrong("an HTML comment would be read aloud", source, "write {# … #} or [NOTE: …]")
        if not self.paragraph:
            self.first = (at, source)
        self.paragraph.append(stripped)
        return at + 1

    def end_paragraph(self) -> None:
        """Close the paragraph that is being gathered, if any."""
        if not self.paragraph:
            return
        lines, self.paragraph = self.paragraph, []
        at, source = self.first
        indices = tuple(range(at, at + len(lines)))
        if self.answering and (found := _ANSWER.fullmatch(lines[0])):
            lines[0] = found[1].strip()
            lines = lines if lines[0] else lines[1:]
            if not lines:
                return
        self.answering = False
        text = "\n".join(lines)
        plain = self.shown(text)
        if "[" in text and (inline := _INLINE.search(text)):
            self._wrong(
                f"the cue {inline[0]} stands inside a sentence",
                source,
                "a cue has a line of its own",
            )
        self._target.append(Speech(text, plain, count_words(plain), indices, source))

    def finish(self, head: Section) -> tuple[tuple[tuple[Item, ...], ...], tuple[Question, ...]]:
        """The section's pages and questions; says what was left open."""
        self.end_paragraph()
        self._close_part(f"`{head.title}` ends" if head.title else "the section ends")
        pages = tuple(tuple(page) for page in self.pages) if head.kind != "header" else ()
        if head.kind == "slide" and len(pages) != len(head.numbers):
            self._say_pages(head, len(pages))
        questions = tuple(
            Question(q.text, tuple(answer), q.slides, q.tags, q.source)
            for q, answer in self.questions
        )
        for question in questions:
            if not question.answer:
                self._wrong("a question without an answer", question.source, "A: …")
        self._begin()
        return pages, questions

    def _say_pages(self, head: Section, pages: int) -> None:
        wanted = len(head.numbers) - 1
        self._wrong(
            f"slide {head.label} has {pages - 1} [NEXT SLIDE] and needs {wanted}",
            head.source,
            "one between each two slides of a joined section, none elsewhere",
        )

    def _aside(self, lines: list[str], at: int, source: Source) -> int:
        end = at
        while end < len(lines) and lines[end].strip().startswith(">"):
            end += 1
        text = "\n".join(line.strip()[1:].strip() for line in lines[at:end])
        self.add(Aside(text, self.shown(text), source))
        return end

    def _cue(self, lines: list[str], at: int, source: Source) -> int:
        """Read a cue that begins at `at`; the index after it, or 0 if there is none."""
        joined = ""
        for index in range(at, min(at + LONGEST_CUE_LINES, len(lines))):
            stripped = lines[index].strip()
            joined = f"{joined} {stripped}".strip()
            raw = _bracketed(joined)
            if raw is not None:
                self.end_paragraph()
                self._take(" ".join(self.shown(raw).split()), source)
                return index + 1
            opened = joined.lstrip("*_")
            if not stripped or not opened.startswith("[") or not known_head(opened[1:].lstrip()):
                break
            if not _is_open(opened):
                break
        opened = lines[at].strip().lstrip("*_")
        if opened.startswith("[") and known_head(opened[1:].lstrip()) and _is_open(opened):
            self._wrong(f"a cue without its closing bracket: {opened[:40]}", source, "close it: ]")
        return 0

    def _take(self, raw: str, source: Source) -> None:
        cue, wrong = parse_cue(raw, source)
        if wrong:
            self.problems.append(wrong)
        if cue.kind == "NEXT SLIDE":
            if self.part or self.questions:
                self._wrong("[NEXT SLIDE] inside a part", source, "end the part before it")
            else:
                self.pages.append([])
                return
        elif cue.kind in ("OPTIONAL", "ONLY"):
            if self._open_part(cue):
                return
        elif cue.kind in ("END OPTIONAL", "END ONLY"):
            kind = cue.kind.removeprefix("END ")
            if self.part and self.part[0].kind == kind:
                self._end_part()
                return
            begin = KINDS[kind].form
            inside = f" inside [{self.part[0].raw}]" if self.part else ""
            self._wrong(f"[{cue.kind}]{inside} without a start", source, f"it starts with {begin}")
        self._target.append(cue)

    def _open_part(self, cue: Cue) -> bool:
        """Begin a part; False where the cue begins none (an offer, or a part inside a part)."""
        name, text = "", cue.text
        cuts: tuple[str, ...] = ()
        if cue.kind == "OPTIONAL":
            named = part_name(cue.text)
            if named is None:
                if not re.match(r"OPTIONAL\s*:|OPTIONAL$", cue.raw, re.I):
                    self._wrong(
                        f"[{cue.raw}] has no name in quotes",
                        cue.source,
                        '[OPTIONAL "name": what it is], or [OPTIONAL: …] for an offer',
                    )
                return False
            name, text = named
            if not name:
                self._wrong("an optional part with an empty name", cue.source, '[OPTIONAL "name"]')
        else:
            cuts, text = cut_names(cue.text)
            if not cuts:
                self._wrong(f"[{cue.raw}] names no cut", cue.source, "[ONLY full, standard]")
        if self.part:
            first = self.part[0]
            self._wrong(
                f"[{cue.raw}] inside [{first.raw}], which began on line {first.source.line}",
                cue.source,
                f"parts don't nest: put [END {first.kind}] before it",
            )
            return False
        self.part = (Part(cue.kind, cue.raw, name, cuts, text, (), cue.source), [])
        return True

    def _end_part(self) -> None:
        assert self.part
        part, items = self.part
        self.part = None
        whole = Part(
            part.kind, part.raw, part.name, part.cuts, part.text, tuple(items), part.source
        )
        self._target.append(whole)

    def _close_part(self, where: str) -> None:
        if self.part:
            part = self.part[0]
            self._wrong(
                f"[{part.raw}] has no end before {where}", part.source, f"add [END {part.kind}]"
            )
            self._end_part()

    def _question(self, text: str, source: Source) -> None:
        self.end_paragraph()
        self._close_part("the next question")
        rest = text.strip()
        slides: list[int] = []
        tags: list[str] = []
        while found := _TAG.search(rest):
            rest = rest[: found.start()]
            if found[1]:
                tags.insert(0, found[1])
            else:
                slides[:0] = [int(number) for number in re.findall(r"[0-9]+", found[2])]
        words = self.shown(rest).strip(" *\t")
        if len(words) > 1 and words[0] + words[-1] in _QUOTES:
            words = words[1:-1].strip()
        if not words:
            self._wrong("an empty question", source, '**Q: "…"**')
        self.questions.append((Question(words, (), tuple(slides), tuple(tags), source), []))
        self.answering = True

    def _wrong(self, message: str, source: Source, hint: str) -> None:
        self.problems.append(Problem(message, source, hint))


def _bracketed(text: str) -> str | None:
    """What stands in the brackets of a line that is one bracketed text, bold or not."""
    bare = text.strip()
    for bold in ("**", "__", "*", "_"):
        if bare.startswith(bold + "[") and bare.endswith("]" + bold):
            bare = bare[len(bold) : -len(bold)]
            break
    if not (bare.startswith("[") and bare.endswith("]")):
        return None
    if "[" not in bare[1:-1] and "]" not in bare[1:-1]:
        return bare[1:-1].strip()
    depth = 0
    for index, sign in enumerate(bare):
        depth += (sign == "[") - (sign == "]")
        if depth == 0:
            return bare[1:-1].strip() if index == len(bare) - 1 else None
    return None


def _is_open(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "[") - (sign == "]")
        if depth < 0:
            return False
    return depth > 0
