"""script/voiceover.md -> Script. The grammar is in docs/script.md, an example for each element.

No text makes the parser fail: what is wrong is a problem in `Script.problems`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path

from msgspec.structs import replace

from pipeline.files import read_text, refuse_conflicts
from pipeline.lengths import Length, clock, parse_length
from pipeline.locale import ENGLISH, Locale
from pipeline.locale.words import Words, alternatives
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.numbers.fill import CLOSE, OPEN, Mark, Numbers
from pipeline.numbers.spoken import count_words
from pipeline.places import NOWHERE, Places
from pipeline.problems import Concern, Problem, Source, TalkError
from pipeline.script.cues import KINDS, cut_names, known_head, parse_cue, part_name
from pipeline.script.elements import (
    Aside,
    Cue,
    Field,
    Heading,
    Item,
    Part,
    Question,
    Remark,
    Script,
    Section,
    Speech,
    Verbatim,
)
from pipeline.script.encoding import misread_words
from pipeline.script.headings import slide_heading
from pipeline.script.plan import of_plan
from pipeline.script.sections import sections_of
from pipeline.script.words import bare_text

LONGEST_CUE_LINES = 20
NO_SLOT = "has no slot"  # a heading without one, whose slides may have times of their own

_UNSPOKEN = ("header", "footer", "tips", "other")
_FORMS = {
    "SLIDE": "## SLIDE 4: TITLE [2 minutes]",
    "Q&A SESSION": "## Q&A SESSION [5-8 minutes]",
    "CLOSING REMARKS": "## CLOSING REMARKS [30 seconds]",
    "DELIVERY TIPS": "## DELIVERY TIPS",
}
_WORDS: Form[int] = Form(int)
_MARK = re.compile(f"{OPEN}([0-9]{{1,9}}){CLOSE}")
_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_OTHERS = {
    "qa": re.compile(r"Q ?& ?A\b|QUESTIONS\b", re.I),
    "closing": re.compile(r"CLOSING\b", re.I),
    "tips": re.compile(r"(?:\W*\s)?DELIVERY TIPS\b", re.I),
}
_END = re.compile(r"\**\s*END OF SCRIPT\s*\**", re.I)
_RULE = re.compile(r"(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}")
_FENCE = re.compile(r"(`{3,}|~{3,})(.*)")
_FIELD = re.compile(r"(?:([0-9]{1,4})[.)]\s+)?\*\*\s*([^*\s][^*]*):\*\*\s*(.*)")
_FIGURES = re.compile(r"\*\*Figures:\*\*", re.I)
_LIST = re.compile(r"(?:[-*+]|[0-9]{1,3}[.)])\s")
_QUESTION = re.compile(r"\**\s*Q\s*:(.*)")
_ANSWER = re.compile(r"\**A\s*:\**\s*(.*)")
_TAG = re.compile(r"#([\w-]+)|\[slides? ([\w-]+(?:(?:,| and |\s)+[\w-]+)*)\]", re.I)
_QUOTES = ('""', "“”", "„“", "„”", "«»", "「」", "''")
_INDENTS = ("    ", "\t")
_ASIDE_CUE = re.compile(r"\(((?:PAUSE|CLICK)\b[^()]*)\)", re.I)  # as some write a cue
_SPEAKER = re.compile(
    r"\*\*(?:SPEAKER|PRESENTER|NARRATOR|VOICE-?OVER)(?: [0-9])?\s?:\*\*\s*"
    r"|(?-i:(?:SPEAKER|PRESENTER|NARRATOR|VOICE-?OVER|VO|HOST)(?: [0-9])?:)\s*",
    re.I,
)
_SIGNS = re.compile(r"[\[(<|【［（]")
_WIDE_CUE = re.compile(
    r"(?m)^(?:(#++ .*)[【［]([^【［】］\n]*+)|([ \t*]*+)[【［]([^】］\n]*+))[】］](\**+[ \t]*+)$"
)
_TO_END = r"[^\]]{0,200}\](?!\()"  # but for a link
_KINDS = "|".join(kind for kind in KINDS if kind != "ONLY")
# What would be read aloud and isn't meant to be: how a message calls it, and what to do.
_NOT_SAID = (
    (
        re.compile(
            rf"\[\s*(?:{_KINDS})(?![A-Za-z]){_TO_END}"
            rf"|(?i:\[(?:PAUSE|CLICK|NEXT SLIDE)\b{_TO_END}"
            r"|\((?:PAUSE|CLICK)(?: [^()]{0,200})?\))"
        ),
        "the cue {} stands inside a sentence",
        "a cue has a line of its own",
    ),
    (
        re.compile(r"^\[[0-9]{1,2}:[0-9:.\s–—-]*\]", re.MULTILINE),
        "the time {} would be read aloud",
        "starts follow from the slots; a word to yourself is [NOTE: 0:45]",
    ),
    (
        re.compile("^<!--", re.MULTILINE),
        "an HTML comment would be read aloud",
        "write {# … #} or [NOTE: …]",
    ),
    (
        re.compile(r"^\|?\s?:?-{3,}:?\s?\|", re.MULTILINE),
        "a table would be read aloud",
        "say what it shows",
    ),
)


@cache
def _not_said(words: Words) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """What isn't meant to be read aloud, cues in the script's language among it."""
    if not words.cues:
        return _NOT_SAID
    cues = {word: kind for word, kind in words.cues.items() if word not in KINDS}
    bare = alternatives(word for word, kind in cues.items() if kind in ("PAUSE", "CLICK"))
    own = (
        rf"[\[【［]\s*(?:{alternatives(cues)})[^\]】］]{{0,200}}[\]】］](?!\()"
        rf"|(?i:[\[(【［（]\s*(?:{bare or '(?!)'})"
        r"(?:[\s0-9:：][^()（）\[\]】］]{0,200})?[\])】］）](?!\())"
    )
    _, message, hint = _NOT_SAID[0]
    return (*_NOT_SAID, (re.compile(own), message, hint))


def _names_figures(stripped: str, words: Words) -> bool:
    """Whether a line says where a section's figures come from."""
    if found := words.fields and _FIELD.fullmatch(stripped):
        return words.field(found[2]) == "figures"
    return bool(_FIGURES.match(stripped))


def load_script(path: Path, numbers: Numbers, places: Places = NOWHERE) -> Script:
    """Read a script file and put the run's values in. Raises TalkError for those alone.

    `places` are the slides that it is for. The lengths that it names of its plan are put in when
    it is timed.
    """
    text = read_text(path, "the script")
    refuse_conflicts(enumerate(text.split("\n"), 1), path)
    filled = numbers.fill_pieces(sections_of(text), Source(path, 1), has_plan=True)
    script = parse_script(
        *(filled.text, path, filled.lines, filled.marks, places, numbers.locale),
        memo=numbers.memo,
    )
    return replace(script, written=((text, Source(path, 1)),))


def parse_script(
    text: str,
    path: Path,
    lines: Sequence[int] | None = None,
    marks: tuple[Mark, ...] = (),
    places: Places = NOWHERE,
    locale: Locale = ENGLISH,
    *,
    has_begun: bool = False,
    memo: Memo = NO_MEMO,
) -> Script:
    """Parse a script. `lines` gives the source line of each line, `marks` the values put in.

    `places` are the slides that it is for: their names, their order, which are no part of the talk.
    Keywords are English or those of its language. `has_begun`: sections of it stand before.
    `memo` keeps how many words a paragraph has.
    """
    read = _Text(text, path, lines, marks, locale)
    read.places, read.has_begun, read.memo = places, has_begun, memo
    done = _sections(read, Section("header", Source(path, 1)), has_heads=True)
    _check_order(read, done)
    return Script(path, tuple(done), read.sorted_problems(), marks, places=places, locale=locale)


def parse_notes(
    text: str,
    head: Section,
    lines: Sequence[int],
    marks: tuple[Mark, ...] = (),
    locale: Locale = ENGLISH,
) -> tuple[Section, tuple[Problem, ...]]:
    """What is said below one heading, without the heading: a slide's notes. And what is wrong."""
    read = _Text(text, head.source.path, lines, marks, locale)
    (section,) = _sections(read, head, has_heads=False)
    return section, read.sorted_problems()


def _sections(read: _Text, first: Section, *, has_heads: bool) -> list[Section]:
    """The lines as sections; without heads, all of them stand in the first one."""
    section, done = _OpenSection(read, first), list[Section]()
    at, after_blank = 0, True
    while at < len(read.lines):
        stripped = read.lines[at].strip()
        if not stripped:
            section.end_paragraph()
            at, after_blank = at + 1, True
            continue
        begin = at
        if code := section.code(at, after_blank):
            at = section.take_code(*code)
        elif has_heads and (head := _head(read, stripped, at, bool(done) or read.has_begun)):
            done.append(section.finish())
            section, at = _OpenSection(read, head), at + 1
        else:
            at = section.take(at, stripped)
        if section.is_spoken:
            read.refuse_plan(range(begin, min(at, len(read.lines))))
        after_blank = False
    return [*done, section.finish()]


class _Text:
    """The lines of a script, where they were written, and what is wrong with them."""

    def __init__(
        self,
        text: str,
        path: Path,
        numbers: Sequence[int] | None,
        marks: tuple[Mark, ...],
        locale: Locale,
    ) -> None:
        text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
        if locale.by_characters:  # brackets as they are typed there
            text = _WIDE_CUE.sub(r"\1\3[\2\4]\5", text)
        self.locale, self.words = locale, locale.words
        self.path, self.lines, self.marks = path, text.split("\n"), marks
        self.problems: list[Problem] = []
        self.places, self.has_begun, self.memo = NOWHERE, False, NO_MEMO
        has_numbers = numbers is not None and len(numbers) >= len(self.lines)
        self.numbers = numbers if numbers and has_numbers else range(1, len(self.lines) + 1)
        if not text.strip():
            hint = "begin with `## SLIDE 1: … [30 seconds]`"
            self.wrong("the script is empty", Source(path), hint)
        self._say_encoding(text)

    def source(self, at: int) -> Source:
        return Source(self.path, self.numbers[at])

    def sorted_problems(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.problems, key=lambda p: (p.where and p.where.line) or 0))

    def wrong(self, message: str, source: Source, hint: str, concerns: Concern = "script") -> None:
        self.problems.append(Problem(message, source, hint, concerns=concerns))

    def shown(self, marked: str, *, but_plan: bool = False) -> str:
        """Marked text with its values, which never break a line; the plan's are put in later."""

        def value(found: re.Match[str]) -> str:
            mark = self._mark(found)
            if mark is None or (but_plan and of_plan(mark)):
                return found[0]
            return " ".join(mark.text.split())

        return _MARK.sub(value, marked) if OPEN in marked else marked

    def _mark(self, found: re.Match[str]) -> Mark | None:
        index = int(found[1])
        return self.marks[index] if index < len(self.marks) else None

    def refuse_plan(self, lines: range) -> None:
        """Say which of these lines hold a length of the plan, which depends on what is said."""
        for at in lines:
            for found in _MARK.finditer(self.lines[at]) if OPEN in self.lines[at] else ():
                if (mark := self._mark(found)) and of_plan(mark):
                    message = f"`{mark.at}` can't be said: it is known once the script is timed"
                    self.wrong(message, self.source(at), "in header, footer and tips it can stand")

    def bare(self, marked: str) -> str:
        """Marked text without Markdown, with its values, which are never read as Markdown."""
        return " ".join(self.shown(bare_text(marked)).split())

    def words_in(self, bare: str) -> int:
        """How many words a text has when it is said."""
        key = key_of("words", bare, self.locale.tag)
        return self.memo.of(key, _WORDS, lambda: count_words(bare, self.locale))

    def _say_encoding(self, text: str) -> None:
        if places := list(misread_words(text)):
            offset, seen, meant = places[0]
            more = f", and {len(places) - 1} more like it" if len(places) > 1 else ""
            self.wrong(
                f"`{seen}` looks like `{meant}` read with the wrong encoding{more}",
                self.source(text.count("\n", 0, offset)),
                "`--fix-encoding` puts the file right",
            )


# --- Headings -----------------------------------------------------------------------------------


def _head(read: _Text, stripped: str, at: int, has_begun: bool) -> Section | None:
    """The section that a line begins, empty yet; None for a line that begins none."""
    if _is_end(stripped, read.words):
        return Section("footer", read.source(at))
    line = read.shown(stripped) if stripped[0] == "#" else ""
    if not (found := _HEADING.fullmatch(line)):
        return None
    level, source = len(found[1]), read.source(at)
    title, slot_text = _divided(" ".join(found[2].split()), read.words)
    bare = read.words.heading(title)
    if slide := slide_heading(bare, read.places):
        for message, hint in slide.wrong:
            read.wrong(message, source, hint)
        if not slide.numbers:
            return Section("other", source, line)
        what = f"slide {slide.called or slide.numbers[0]}"
        length = _slot(read, slot_text, what, source, True) if slide.role == "slide" else None
        return Section(
            slide.role, source, slide.title, slide.numbers, slot_text, length, called=slide.called
        )
    for kind, shape in _OTHERS.items():
        if shape.match(bare):
            if kind == "tips":
                return Section(kind, source, title, slot_text=slot_text)
            length = _slot(read, slot_text, title, source, kind == "closing")
            return Section(kind, source, title, slot_text=slot_text, slot=length)
    near = _near(title, read.words)
    if level > 2 or not (slot_text is not None or has_begun or near):
        return None
    hint = f"did you mean `{near}`?" if near else _known_sections(read.words)
    read.wrong(f"unknown section `{title}`", source, hint)
    return Section("other", source, line)


def _is_end(stripped: str, words: Words) -> bool:
    """Whether a line says that the script ends."""
    bare = stripped.strip("* ") if words.headings else ""
    if bare and words.heading(bare) == "END OF SCRIPT":
        return True
    return stripped[0] in "*Ee" and bool(_END.fullmatch(stripped))


def _divided(title: str, words: Words) -> tuple[str, str | None]:
    """A heading's words and its slot: what stands in brackets at its end, or a length in ()."""
    for begin, end in ("[]", "()", "（）"):
        at = title.rfind(begin)
        if at < 0 or not title.endswith(end) or end in title[at:-1]:
            continue
        slot = title[at + 1 : -1].strip()
        if end == "]" or _is_length(slot, words):
            return title[:at].rstrip(), slot
    return title, None


def _is_length(text: str, words: Words) -> bool:
    try:
        return parse_length(text, words) is not None
    except TalkError:
        return False


def _forms(own: Words) -> dict[str, str]:
    """How each section is written by its first words, those of the script's language first."""
    forms = {}
    for name, meant in own.headings.items():
        english = next((one for one in _FORMS if one.startswith(meant.removesuffix("S"))), "")
        if english:
            forms[name] = _FORMS[english].replace(english, name).replace("TITLE", "…")
    return {**forms, **_FORMS}


def _known_sections(own: Words) -> str:
    meant = {kind: name for name, kind in reversed([*own.headings.items()])}
    forms = _forms(own)
    names = (meant.get("Q&A" if name.startswith("Q&A") else name, name) for name in _FORMS)
    return "sections: " + ", ".join(forms[name] for name in names)


def _near(title: str, own: Words) -> str:
    """The form of the section that a heading is near to, in English or the script's language."""
    words = title.upper().split()
    for name, form in _forms(own).items():
        attempt = " ".join(words[: len(name.split())])[:20]
        if difflib.SequenceMatcher(None, name, attempt).ratio() >= 0.75:
            return form
    return ""


def _slot(
    read: _Text, text: str | None, what: str, source: Source, is_needed: bool
) -> Length | None:
    if text is None:
        if is_needed:
            read.wrong(f"{what} {NO_SLOT}", source, "end the heading with [2 minutes]", "time")
        return None
    try:
        return parse_length(text, read.words)
    except TalkError as error:
        hint = error.hint
        if is_needed and error.message.endswith("is no time at all"):
            hint += ", or give the slide `backup: true` if it is for questions alone"
        read.wrong(f"the slot of {what}: {error.message}", source, hint, "time")
        return None


def _check_order(read: _Text, sections: Sequence[Section]) -> None:
    """Say which sections stand twice, and which slides out of order."""
    first_lines: dict[str | int, int | None] = {}
    last: Section | None = None
    for section in sections:
        if section.kind in ("header", "other"):
            continue
        keys: tuple[str | int, ...] = section.numbers or (section.kind,)
        twice = next((key for key in keys if key in first_lines), None)
        if twice is not None:
            what = f"a second section `{section.title or 'END OF SCRIPT'}`"
            what = f"two sections for slide {section.called or twice}" if section.numbers else what
            more = ", or renumber one" if section.numbers else ""
            hint = f"the first is on line {first_lines[twice]}: join them{more}"
            read.wrong(what, section.source, hint)
        elif section.kind == "slide":
            if last:
                _check_neighbours(read, last, section)
            last = section
        for key in keys if twice is None else ():
            first_lines[key] = section.source.line


def _check_neighbours(read: _Text, one: Section, other: Section) -> None:
    """Say where a slot is a time from the start, or a slide comes too late."""
    before, after = ((s.slot if ":" in (s.slot_text or "") else None) for s in (one, other))
    names = [str(s.called or s.numbers[at]) for s, at in ((one, -1), (other, 0))]
    if before and after and before.low_s < after.low_s == before.high_s < after.high_s:
        message = f"the slots of slides {names[0]} and {names[1]} are times from the start"
        hint = f"a slot is a length: {clock(after.high_s - after.low_s)} for this one"
        read.wrong(message, other.source, hint)
    if other.numbers[0] < one.numbers[-1]:
        what = f"slide {names[1]} comes after slide {names[0]}"
        read.wrong(what, other.source, "sections stand in the order of the slides")


# --- What stands below a heading ----------------------------------------------------------------


class _OpenSection:
    """Gathers what stands below one heading; `finish` hands the section over."""

    def __init__(self, read: _Text, head: Section) -> None:
        self.read, self.head, self.is_spoken = read, head, head.kind not in _UNSPOKEN
        self.pages: list[list[Item]] = [[]]
        self.part: tuple[Part, list[Item]] | None = None
        self.questions: list[tuple[Question, list[Item]]] = []
        self.notes: list[Field | Remark | Verbatim] = []
        self.paragraph: list[int] = []  # indices of its lines
        self.is_answer = False  # the next paragraph is the first of an answer

    @property
    def _has_begun(self) -> bool:
        """Whether something was said, asked or noted below the heading."""
        return bool(self.notes or self.paragraph or self.questions or self.part or self.pages[0])

    @property
    def _target(self) -> list[Item]:
        if self.part:
            return self.part[1]
        return self.questions[-1][1] if self.questions else self.pages[-1]

    def take(self, at: int, stripped: str) -> int:
        """Take the line at `at` and those that belong to it; the index of the next one."""
        first, read = stripped[0], self.read
        if first in "*-_" and _RULE.fullmatch(stripped):
            self.end_paragraph()
        elif not self.is_spoken or (not self._has_begun and _names_figures(stripped, read.words)):
            self.notes.append(_note(read.shown(stripped, but_plan=True), read.source(at)))
        elif first == ">":
            return self._aside(at)
        elif first == "#" and (found := re.fullmatch(r"(#{1,6})\s+(\S.*)", stripped)):
            self._add(Heading(len(found[1]), read.shown(found[2]), read.source(at)))
        elif first in "[*_" and (end := self._cue(at)):
            return end
        elif first in "(（" and (raw := _aside_cue(stripped, read.words)):
            self.end_paragraph()
            self._take_cue(" ".join(read.shown(raw).split()), read.source(at))
        elif self.head.kind == "qa" and (found := _QUESTION.fullmatch(read.words.mark(stripped))):
            self._question(found[1], read.source(at))
        else:
            if _SPEAKER.match(read.words.mark(stripped)):
                self.end_paragraph()
            self.paragraph.append(at)
        return at + 1

    def _add(self, item: Item) -> None:
        self.end_paragraph()
        self._target.append(item)

    def code(self, at: int, after_blank: bool) -> tuple[Verbatim, int] | None:
        """The code block that begins at `at`, and the index after it."""
        lines, end = self.read.lines, at + 1
        if found := _FENCE.fullmatch(lines[at].strip()):
            fence = found[1]
            while end < len(lines) and not _closes(lines[end].strip(), fence):
                end += 1
            if end == len(lines):
                source = self.read.source(at)
                self.read.wrong("a code block without an end", source, f"close it with {fence}")
            info = found[2].replace("`", "").strip()
            return self._verbatim(info, lines[at + 1 : end], at), end + 1
        if not (after_blank and lines[at].startswith(_INDENTS) and self._may_indent()):
            return None
        while end < len(lines) and lines[end].strip() and lines[end].startswith(_INDENTS):
            end += 1
        code = [line[1:] if line[0] == "\t" else line[4:] for line in lines[at:end]]
        return self._verbatim("", code, at), end

    def _verbatim(self, info: str, code: list[str], at: int) -> Verbatim:
        plain = tuple(self.read.shown(line) for line in code)
        return Verbatim(info, tuple(code), plain, self.read.source(at))

    def _may_indent(self) -> bool:
        """Whether an indented line here is code: not below a list."""
        last = self._target[-1] if self._target else None
        return not (isinstance(last, Speech) and _LIST.match(last.text.split("\n")[-1]))

    def take_code(self, block: Verbatim, end: int) -> int:
        if self.is_spoken:
            self._add(block)
        else:
            self.notes.append(block)
        return end

    def _aside(self, at: int) -> int:
        lines, end = self.read.lines, at
        while end < len(lines) and lines[end].strip().startswith(">"):
            end += 1
        text = "\n".join(line.strip()[1:].strip() for line in lines[at:end])
        self._add(Aside(text, self.read.shown(text), self.read.bare(text), self.read.source(at)))
        return end

    def end_paragraph(self) -> None:
        """Close the paragraph that is being gathered, if any."""
        if not self.paragraph:
            return
        indices, self.paragraph = tuple(self.paragraph), []
        lines = [self.read.lines[at].strip() for at in indices]
        lines[0] = self._english_mark(lines[0])
        if self.is_answer and (found := _ANSWER.fullmatch(lines[0])):
            lines[0] = found[1].strip()
        elif found := _SPEAKER.match(lines[0]):
            lines[0] = lines[0][found.end() :]
        lines = lines if lines[0] else lines[1:]
        if not lines:
            return
        self.is_answer = False
        text = "\n".join(lines)
        self._say_unsaid(text, indices[-len(lines) :])
        plain, bare = self.read.shown(text), self.read.bare(text)
        source = self.read.source(indices[0])
        words = self.read.words_in(bare)
        self._target.append(Speech(text, plain, bare, words, indices, source))

    def _english_mark(self, line: str) -> str:
        """A paragraph's first line; `Sprecherin:` and an answer's `A:` in English."""
        marked = self.read.words.mark(line)
        is_mark = self.is_answer and _ANSWER.fullmatch(marked)
        return marked if is_mark or _SPEAKER.match(marked) else line

    def _say_unsaid(self, text: str, indices: tuple[int, ...]) -> None:
        """Say what in a paragraph isn't meant to be read aloud."""
        for shape, message, hint in _not_said(self.read.words) if _SIGNS.search(text) else ():
            for found in shape.finditer(text):
                source = self.read.source(indices[text.count("\n", 0, found.start())])
                self.read.wrong(message.format(found[0]), source, hint)

    def _cue(self, at: int) -> int:
        """Read a cue that begins at `at`; the index after it, or 0 if there is none."""
        lines, opened = self.read.lines, self.read.lines[at].strip().lstrip("*_")
        if not opened.startswith("["):
            return 0
        is_known = bool(known_head(opened[1:].lstrip(), self.read.words))
        gathered, index, depth = [opened], at, opened.count("[") - opened.count("]")
        last = min(at + LONGEST_CUE_LINES, len(lines)) - 1 if is_known else at
        while depth > 0 and index < last and (more := lines[index + 1].strip()):
            gathered.append(more)
            depth += more.count("[") - more.count("]")
            index += 1
        raw = _bracketed(" ".join([lines[at].strip(), *gathered[1:]]))
        if raw is not None:
            self.end_paragraph()
            self._take_cue(" ".join(self.read.shown(raw).split()), self.read.source(at))
            return index + 1
        if is_known and (depths := _depths(opened))[-1] > 0 and min(depths) >= 0:
            message = f"a cue without its closing bracket: {opened[:40]}"
            self.read.wrong(message, self.read.source(at), "close it: ]")
        return 0

    def _take_cue(self, raw: str, source: Source) -> None:
        cue, problem = parse_cue(raw, source, self.read.words)
        if problem:
            self.read.problems.append(replace(problem, concerns="script"))
        if cue.kind == "NEXT SLIDE" and not (self.part or self.questions):
            self.pages.append([])
            return
        if cue.kind == "NEXT SLIDE":
            self.read.wrong("[NEXT SLIDE] inside a part", source, "end the part before it")
        elif cue.kind in ("OPTIONAL", "ONLY"):
            if self._begin_part(cue):
                return
        elif cue.kind in ("END OPTIONAL", "END ONLY"):
            kind = cue.kind.removeprefix("END ")
            if self.part and self.part[0].kind == kind:
                self._end_part()
                return
            inside = f" inside [{self.part[0].raw}]" if self.part else ""
            message = f"[{cue.kind}]{inside} without a start"
            self.read.wrong(message, source, f"it starts with {KINDS[kind].form}")
        self._target.append(cue)

    def _begin_part(self, cue: Cue) -> bool:
        """Begin a part; False where the cue begins none (an offer, or a part inside a part)."""
        name, text, wrong = "", cue.text, self.read.wrong
        cuts: tuple[str, ...] = ()
        if cue.kind == "ONLY":
            cuts, text = cut_names(cue.text)
            if not cuts:
                wrong(f"[{cue.raw}] names no cut", cue.source, "[ONLY full, standard]")
        elif named := part_name(cue.text):
            name, text = named
            if not name:
                wrong("an optional part with an empty name", cue.source, '[OPTIONAL "name"]')
        else:
            if not re.match(r"OPTIONAL\s*:|OPTIONAL$", self.read.words.cue(cue.raw), re.I):
                hint = '[OPTIONAL "name": what it is], or [OPTIONAL: …] for an offer'
                wrong(f"[{cue.raw}] has no name in quotes", cue.source, hint)
            return False
        if self.part:
            first = self.part[0]
            message = f"[{cue.raw}] inside [{first.raw}], which began on line {first.source.line}"
            wrong(message, cue.source, f"parts don't nest: put [END {first.kind}] before it")
            return False
        self.part = (Part(cue.kind, cue.raw, name, cuts, text, (), cue.source), [])
        return True

    def _end_part(self) -> None:
        assert self.part
        (part, items), self.part = self.part, None
        self._target.append(replace(part, items=tuple(items)))

    def _close_part(self, where: str) -> None:
        if self.part:
            part = self.part[0]
            message = f"[{part.raw}] has no end before {where}"
            self.read.wrong(message, part.source, f"add [END {part.kind}]")
            self._end_part()

    def _question(self, text: str, source: Source) -> None:
        self.end_paragraph()
        self._close_part("the next question")
        rest = text.strip()
        slides: list[int] = []
        tags: list[str] = []
        while found := _TAG.fullmatch(rest, max(0, rest.rfind("[" if rest[-1:] == "]" else "#"))):
            numbers = self._supporting(found[2] or "")
            if numbers is None:
                break
            rest = rest[: found.start()].rstrip()
            slides[:0] = numbers
            if found[1]:
                tags.insert(0, found[1])
        words = self.read.shown(rest).strip(" *\t")
        if len(words) > 1 and words[0] + words[-1] in _QUOTES:
            words = words[1:-1].strip()
        if not words:
            self.read.wrong("an empty question", source, '**Q: "…"**')
        self.questions.append((Question(words, (), tuple(slides), tuple(tags), source), []))
        self.is_answer = True

    def _supporting(self, named: str) -> list[int] | None:
        """The slides that a tag names, by number or name; None for words that are no tag."""
        names = {place.name: place.number for place in self.read.places}
        numbers: list[int] = []
        for word in re.split(r"(?:,| and |\s)+", named.lower()) if named else ():
            if not (word in names or re.fullmatch("[0-9]{1,4}", word)):
                return None
            numbers.append(names[word] if word in names else int(word))
        return numbers

    def finish(self) -> Section:
        """The section with all that was gathered; says what was left open."""
        self.end_paragraph()
        head, read = self.head, self.read
        self._close_part(f"`{head.title}` ends" if head.title else "the section ends")
        wanted, found = len(head.numbers) - 1, len(self.pages) - 1
        if head.numbers and found != wanted:
            message = f"slide {head.label} has {found} [NEXT SLIDE] and needs {wanted}"
            hint = "one between each two slides of a joined section, none elsewhere"
            read.wrong(message, head.source, hint)
        questions = tuple(replace(q, answer=tuple(answer)) for q, answer in self.questions)
        for question in questions:
            if not question.answer:
                read.wrong("a question without an answer", question.source, "A: …")
        head, pages = self._seen(head, [tuple(page) for page in self.pages])
        return replace(
            head,
            pages=tuple(pages) if head.kind != "header" else (),
            questions=questions,
            notes=tuple(self.notes),
        )

    def _seen(
        self, head: Section, pages: list[tuple[Item, ...]]
    ) -> tuple[Section, list[tuple[Item, ...]]]:
        """A joined section without those of its slides that are hidden, and what is said there."""
        places = self.read.places
        gone = {number for number in head.numbers if not places.is_seen(number)}
        if head.kind == "hidden" or not gone or len(pages) != len(head.numbers):
            return head, pages
        kept = [at for at, number in enumerate(head.numbers) if number not in gone]
        numbers = tuple(head.numbers[at] for at in kept)
        return replace(head, numbers=numbers), [pages[at] for at in kept]


def _aside_cue(stripped: str, words: Words) -> str:
    """What stands in the round brackets of a line that is a cue so; empty for other lines."""
    inside = re.fullmatch(r"[(（]([^()（）]*)[)）]", stripped)
    is_cue = inside and _ASIDE_CUE.fullmatch(f"({words.cue(inside[1])})")
    return inside[1] if inside and is_cue else ""


def _note(text: str, source: Source) -> Field | Remark:
    """A line of header, footer or tips."""
    if found := _FIELD.fullmatch(text):
        return Field(found[2].strip(), found[3].strip(), found[1] or "", source)
    return Remark(text, source)


def _closes(stripped: str, fence: str) -> bool:
    return stripped.startswith(fence) and not stripped.strip(fence[0])


def _depths(text: str) -> list[int]:
    """How many brackets are open after each sign."""
    return list(accumulate((sign == "[") - (sign == "]") for sign in text))


def _bracketed(text: str) -> str | None:
    """What stands in the brackets of a line that is one bracketed text, bold or not."""
    for bold in ("**", "__", "*", "_"):
        if text.startswith(bold + "[") and text.endswith("]" + bold):
            text = text[len(bold) : -len(bold)]
            break
    if not (text.startswith("[") and text.endswith("]")):
        return None
    *inside, last = _depths(text)
    return text[1:-1].strip() if last == 0 and 0 not in inside else None
