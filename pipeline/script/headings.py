"""The script's headings: which section begins, for which slides, with which slot."""

from __future__ import annotations

import difflib
import re

from pipeline.problems import Problem, Source, TalkError
from pipeline.script.elements import Section
from pipeline.script.lengths import Length, parse_length

UNSPOKEN = ("header", "footer", "tips", "other")
MOST_JOINED = 12

_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_SLOT = re.compile(r"\s*\[([^\[\]]*)\]$")
_SLIDE = re.compile(
    r"SLIDES?\s+([0-9]{1,4})(?![0-9])(?:\s*[-–—]\s*([0-9]{1,4})(?![0-9]))?\s*(?:[:.–—-]\s*)?(.*)",
    re.IGNORECASE,
)
_OTHERS = (
    ("qa", re.compile(r"Q\s*&\s*A\b|QUESTIONS\b", re.IGNORECASE)),
    ("closing", re.compile(r"CLOSING\b", re.IGNORECASE)),
    ("tips", re.compile(r"(?:\W*\s)?DELIVERY TIPS\b", re.IGNORECASE)),
)
_FORMS = {
    "SLIDE": "## SLIDE 4: TITLE [2 minutes]",
    "Q&A SESSION": "## Q&A SESSION [5-8 minutes]",
    "CLOSING REMARKS": "## CLOSING REMARKS [30 seconds]",
    "DELIVERY TIPS": "## DELIVERY TIPS",
}


def read_heading(
    line: str, source: Source, has_begun: bool, problems: list[Problem]
) -> Section | None:
    """The section that a heading begins; None for a heading that begins none."""
    found = _HEADING.fullmatch(line)
    if not found:
        return None
    level, title = len(found[1]), found[2]
    slot_text = None
    if slot := _SLOT.search(title):
        slot_text, bare = slot[1].strip(), title[: slot.start()]
    else:
        bare = title
    if slide := _SLIDE.fullmatch(bare):
        return _slide(slide, slot_text, source, problems)
    for kind, shape in _OTHERS:
        if shape.match(bare):
            length = None
            if kind != "tips":
                length = _slot(slot_text, bare, source, problems, kind == "closing")
            return Section(kind, bare, (), slot_text, length, (), (), (), source)
    if level > 2 or (slot_text is None and not has_begun and not _near(bare)):
        return None
    near = _near(bare)
    hint = f"did you mean `{_FORMS[near]}`?" if near else "sections: " + ", ".join(_FORMS.values())
    problems.append(Problem(f"unknown section `{bare}`", source, hint))
    return Section("other", line, (), None, None, (), (), (), source)


def _near(title: str) -> str:
    words = title.upper().split()
    for name in _FORMS:
        attempt = " ".join(words[: len(name.split())])
        if difflib.SequenceMatcher(None, name, attempt).ratio() >= 0.75:
            return name
    return ""


def _slide(
    found: re.Match[str], slot_text: str | None, source: Source, problems: list[Problem]
) -> Section:
    first, last = int(found[1]), int(found[2] or found[1])
    if first < 1:
        problems.append(Problem("slides are numbered from 1", source, "the first one is SLIDE 1"))
    if last < first or last - first >= MOST_JOINED:
        what = "backwards" if last < first else f"over more than {MOST_JOINED} slides"
        hint = "such as SLIDE 11-12"
        problems.append(Problem(f"slides {first}-{last} run {what}", source, hint))
        last = first
    slot = _slot(slot_text, f"slide {found[1]}", source, problems, True)
    numbers = tuple(range(first, last + 1))
    return Section("slide", found[3].strip(), numbers, slot_text, slot, (), (), (), source)


def _slot(
    text: str | None, what: str, source: Source, problems: list[Problem], needed: bool
) -> Length | None:
    if text is None:
        if needed:
            problems.append(
                Problem(f"{what} has no slot", source, "end the heading with [2 minutes]")
            )
        return None
    try:
        return parse_length(text)
    except TalkError as error:
        problems.append(Problem(f"the slot of {what}: {error.message}", source, error.hint))
        return None
