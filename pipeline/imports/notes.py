"""Notes of other tools -> what is said, with cues and headings as our scripts read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipeline.imports.deck import Ledger
from pipeline.imports.text import Piece
from pipeline.locale import Locale
from pipeline.measured import Measured
from pipeline.numbers.fill import Numbers
from pipeline.places import NOWHERE
from pipeline.problems import Problem, Source, TalkError
from pipeline.script.cues import parse_cue
from pipeline.script.elements import Choice, Cue, Section, Speech, flat
from pipeline.script.headings import slide_heading
from pipeline.script.parse import parse_notes

_CLICK = re.compile(
    r"(?:(?<![ \t])[ \t]++)?\[\s*+click(?:\s*+:\s*+\d++)?\s*+\][ \t]*", re.IGNORECASE
)
_INSIDE = re.compile(
    r"(?:(?<![ \t])[ \t]++)?([\[(](?:pause|click)\b[^\[\]()\n]{0,80}[\])])[ \t]*", re.IGNORECASE
)
_ALONE = re.compile(r"^[ \t]*\[([^\[\]\n]+)\][ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*+#{1,6}[ \t]++((?:[ \t#]*+[^ \t#\n]++)*+)[ \t#]*$", re.MULTILINE)
_UNSPOKEN = re.compile(r"(?:q ?& ?a|questions|closing|\W*+delivery tips|end of script)\b", re.I)
_BRACES = re.compile(r"\{(?=[{%#])")
_PART = re.compile(r"^([ \t]*):::", re.MULTILINE)
_END = re.compile(r"^[ \t]*+\**+[ \t]*+end of script[ \t]*+\**+[ \t]*+$", re.I | re.M)
_ALL = Choice(frozenset({"full"}))
_MOST_TRIES = 40
_LINE_SIGNS = 400  # of a note to the speaker


class Said(msgspec.Struct, frozen=True):
    """What is said with one slide, as the script has it, and how long it takes."""

    text: str
    words: int = 0
    cue_s: int = 0

    def needed_s(self, pace: int) -> int:
        """Seconds at so many words a minute."""
        return round(self.words * 60 / pace) + self.cue_s


def said_of(piece: Piece, steps: int, ledger: Ledger, path: Path, locale: Locale) -> Said:
    """Notes, cleaned, as what is said with a slide of so many steps.

    `path` is the script's, for messages alone. Whatever isn't understood is a note to the speaker.
    """
    text = _with_cues(piece, ledger)
    for _ in range(_MOST_TRIES):
        section, problems = _parsed(text, path, locale)
        if not problems:
            break
        text = _noted(text, problems[0], piece, ledger)
    else:
        ledger.left_out(piece.first, "notes that can't be read", piece.text)
        return Said("")
    text = _with_clicks(text, section, steps, piece, ledger)
    section, _ = _parsed(text, path, locale)
    items = tuple(flat(section.items, _ALL))
    words = sum(item.spoken_words for item in items if isinstance(item, Speech))
    return Said(text, words, sum(item.seconds for item in items if isinstance(item, Cue)))


def _parsed(text: str, path: Path, locale: Locale) -> tuple[Section, tuple[Problem, ...]]:
    head = Section("slide", Source(path, 1), "", (1,), on_slide=True)
    try:
        filled = Numbers(Measured(), locale).fill(text, Source(path, 1), has_plan=True)
    except TalkError as error:
        return head, (error.problem,)
    return parse_notes(filled.text, head, filled.lines, filled.marks, locale)


def _with_cues(piece: Piece, ledger: Ledger) -> str:
    """Cues on lines of their own; what only looks like one is a note."""
    text = _BRACES.sub("{ ", piece.text)
    text = _PART.sub(r"\1\\:::", text)
    text = _END.sub(lambda found: f"*{found[0].strip(' *')}.*", text)
    text = _CLICK.sub("\n\n[CLICK]\n\n", text)
    text = _INSIDE.sub(r"\n\n\1\n\n", text)

    def heading(found: re.Match[str]) -> str:
        is_ours = slide_heading(found[1], NOWHERE) or _UNSPOKEN.match(found[1])
        return f"**{found[1]}**" if is_ours else f"### {found[1]}"

    def alone(found: re.Match[str]) -> str:
        cue, wrong = parse_cue(" ".join(found[1].split()), piece.first)
        if not wrong and cue.kind in ("CLICK", "PAUSE", "NOTE", "DEMO", "BE READY"):
            return found[0]
        ledger.changed(piece.first, "a note to the speaker", found[0])
        return f"[NOTE: {found[1]}]"

    text = _HEADING.sub(heading, text)
    text = _ALONE.sub(alone, text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _noted(text: str, problem: Problem, piece: Piece, ledger: Ledger) -> str:
    """The paragraph that a problem is about as a note to the speaker."""
    rows = text.split("\n")
    line = problem.where.line if problem.where and problem.where.line else 1
    at = min(line, len(rows)) - 1
    while at < len(rows) - 1 and not rows[at].strip():
        at += 1
    first, last = at, at + 1
    while first and rows[first - 1].strip():
        first -= 1
    while last < len(rows) and rows[last].strip():
        last += 1
    words = " ".join(" ".join(rows[first:last]).split())
    ledger.changed(piece.first, f"a note to the speaker: {problem.message}", words)
    rows[first:last] = ["", *_as_notes(words), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip("\n")


def _as_notes(words: str) -> Iterator[str]:
    """Words as notes of a line each, without signs that end or begin anything."""
    words = words.translate(str.maketrans("[]{}`", "()()'"))
    words = re.sub(r"\[?NOTE: ", "", words)
    for at in range(0, len(words), _LINE_SIGNS):
        yield f"[NOTE: {words[at : at + _LINE_SIGNS].strip()}]"
        yield ""


def _with_clicks(text: str, section: Section, steps: int, piece: Piece, ledger: Ledger) -> str:
    """With a click for each of the slide's steps: missing ones at the end, others taken out."""
    clicks = sum(isinstance(i, Cue) and i.kind == "CLICK" for i in flat(section.items, _ALL))
    if clicks > steps:
        message = f"{clicks - steps} more clicks than the slide has steps, as notes"
        ledger.changed(piece.first, message)
        rows = text.split("\n")
        seen = 0
        for at, row in enumerate(rows):
            if re.fullmatch(r"[\[(]\s*click\s*[\])]", row.strip().strip("*_"), re.I):
                seen += 1
                rows[at] = row if seen <= steps else "[NOTE: click]"
        return "\n".join(rows)
    if clicks < steps:
        missing = steps - clicks
        ledger.changed(piece.first, f"{missing} clicks, put behind the notes: move them")
        return text + "\n\n[CLICK]" * missing
    return text
