"""The content files as written: passages for the census, pieces that are filled on their own.

Nothing here parses slides or script for pages; only kinds and exact lines are known. A passage is
a block of lines; placeholders are still in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.files import read_text
from pipeline.problems import Source

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
PLACEHOLDER = "\x1a"  # what stands for a {{ … }} in masked text
SETTINGS = ("layout", "drawing", "figure", "diagram", "steps", "look")  # name things, say nothing
_FIELD = re.compile(r"([a-z][\w-]*):\s+(.*\S)\s*$")
_TOML_STRING = re.compile(
    r"(?<![\w-])(?P<key>title|subtitle|description|event|desc|label|detail|alt|text)\s*=\s*"
    r'(?P<text>"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'
    r"'''[\s\S]*?'''|'[^'\n]*')"
)
_SVG_TEXT = re.compile(r"<(title|desc|text)\b[^>]*>(.*?)</\1>", re.DOTALL)
_ELEMENT = re.compile(r"<[^>]*>")
_SECTION = re.compile(r"(SLIDES?\s+[0-9]+(?:\s*[-–]\s*[0-9]+)?)", re.IGNORECASE)
_PLAN = re.compile(r"\W*(?:END OF SCRIPT|DELIVERY TIPS)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ContentFile:
    """One file of the content, read."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of content as written, placeholders still in it; `source` is its first line.

    Kinds: slide title, slide, heading, script, cue, Q&A, plan (header, footer and tips of the
    script), alt text, diagram, drawing, page title.
    """

    kind: str
    text: str
    source: Source
    place: str = ""  # "slide 14", "Q&A", "diagram pipeline"
    guards: tuple[str, ...] = ()  # conditions of the {% if %} blocks that were open before it


@dataclass(frozen=True, slots=True)
class Piece:
    """What is filled in one go: a field, the body of a slide, the whole script, a label."""

    text: str
    source: Source
    kind: str
    place: str


def content_files(root: Path) -> tuple[ContentFile, ...]:
    """Every file with words for the audience, in the order in which it is met."""
    paths = [root / "talk.toml"]
    paths += sorted(p for p in (root / "deck" / "slides").glob("*.md") if p.name != "README.md")
    paths += [root / "script" / "voiceover.md"]
    paths += sorted((root / "deck" / "diagrams").glob("*.toml"))
    paths += sorted((root / "deck" / "drawings").glob("*.svg"))
    return tuple(ContentFile(path, read_text(path, "content")) for path in paths if path.exists())


def passages_of(root: Path) -> tuple[Passage, ...]:
    """All passages of a talk's folder."""
    return tuple(passage for file in content_files(root) for passage in passages_in(file))


def passages_in(file: ContentFile) -> Iterator[Passage]:
    """The passages of one file, by its kind."""
    name = file.path.name
    if name == "talk.toml":
        yield from _settings(file)
    elif name.endswith(".toml"):
        yield from _strings(file, file.text, f"diagram {file.path.stem}")
    elif name.endswith(".svg"):
        yield from _drawing(file)
    elif file.path.parent.name == "script":
        yield from _script(file)
    else:
        yield from _slide(file)


def pieces_in(file: ContentFile) -> Iterator[Piece]:
    """What is filled in one go, with the place that a reader knows it by."""
    if file.path.parent.name == "script":
        yield Piece(file.text, Source(file.path, 1), "script", "script")
    elif file.path.name.endswith(".md"):
        place = slide_place(file.path)
        fields, body, first = _front_matter(file.text)
        for key, text, line in fields:
            if key not in SETTINGS:
                yield Piece(text, Source(file.path, line), "slide", place)
        for start, text in _parts(body):
            yield Piece(text, Source(file.path, first + start), "slide", place)
    else:
        for passage in passages_in(file):
            yield Piece(passage.text, passage.source, passage.kind, passage.place)


def slide_place(path: Path) -> str:
    """`14-demo.md` is "slide 14"."""
    number = path.name.partition("-")[0]
    return f"slide {int(number)}" if number.isdigit() else path.stem


@lru_cache(maxsize=2048)
def masked(text: str) -> str:
    """`text` at the same length, a {{ … }} as placeholder characters, other tags as spaces."""

    def mask(found: re.Match[str]) -> str:
        sign = PLACEHOLDER if found[0].startswith("{{") else " "
        return re.sub(r"[^\n]", sign, found[0])

    return TAG.sub(mask, text) if "{" in text else text


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Runs of lines that are not empty, each with the index of its first line."""
    start, lines = 0, list[str]()
    for index, line in enumerate([*text.split("\n"), ""]):
        if line.strip():
            start = start if lines else index
            lines.append(line)
        elif lines:
            yield start, "\n".join(lines)
            lines = []


def _guarded(text: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Blocks with the conditions that are open before each."""
    open_: list[str] = []
    for start, block in _blocks(text):
        yield start, block, tuple(c for c in open_ if c)
        follow_conditions(block, open_)


def follow_conditions(text: str, open_: list[str]) -> None:
    """Follow the {% if %} and {% for %} of `text`; `open_` holds what is open (for: "")."""
    for tag in TAG.findall(text):
        word, _, rest = tag.strip("{}%- \n").partition(" ")
        if word == "if":
            open_.append(rest)
        elif word == "for":
            open_.append("")
        elif word in ("elif", "else") and open_:
            # A branch knows what its conditions found, whichever way.
            open_[-1] = f"{open_[-1]} {rest}".strip()
        elif word in ("endif", "endfor") and open_:
            open_.pop()


def _settings(file: ContentFile) -> Iterator[Passage]:
    begin = re.search(r"^\[talk\]", file.text, re.MULTILINE)
    if begin:
        end = re.search(r"^\[", file.text[begin.end() :], re.MULTILINE)
        stop = begin.end() + end.start() if end else len(file.text)
        for passage in _strings(file, file.text[:stop], "the page's head", begin.start()):
            yield Passage("page title", passage.text, passage.source, passage.place)


def _strings(file: ContentFile, text: str, place: str, start: int = 0) -> Iterator[Passage]:
    code = re.sub(r"^[ \t]*#.*$", lambda found: " " * len(found[0]), text, flags=re.MULTILINE)
    for found in _TOML_STRING.finditer(code, start):
        quoted = found["text"]
        size = 3 if quoted[:3] in ('"""', "'''") else 1
        line = text.count("\n", 0, found.start("text") + size) + 1
        inner = quoted[size:-size].replace('\\"', '"')
        kind = "alt text" if found["key"] in ("desc", "alt", "title") else "diagram"
        if inner.strip():
            yield Passage(kind, inner, Source(file.path, line), place)


def _drawing(file: ContentFile) -> Iterator[Passage]:
    for found in _SVG_TEXT.finditer(file.text):
        line = file.text.count("\n", 0, found.start(2)) + 1
        kind = "drawing" if found[1] == "text" else "alt text"
        words = _ELEMENT.sub(lambda tag: " " * len(tag[0]), found[2])
        yield Passage(kind, words, Source(file.path, line), f"drawing {file.path.stem}")


def _front_matter(text: str) -> tuple[list[tuple[str, str, int]], str, int]:
    """Fields with their lines, the body, and the line on which it begins."""
    lines = text.split("\n")
    fields: list[tuple[str, str, int]] = []
    if lines[0].rstrip() != "---":
        return fields, text, 1
    for index, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return fields, "\n".join(lines[index + 1 :]), index + 2
        if found := _FIELD.match(line):
            fields.append((found[1], found[2], index + 1))
    return fields, "", len(lines)


def _parts(body: str) -> Iterator[tuple[int, str]]:
    """The texts between the lines `:::`, each with the index of its first line."""
    start, lines = 0, list[str]()
    for index, line in enumerate([*body.split("\n"), ":::"]):
        if not line.startswith(":::"):
            lines.append(line)
            continue
        if any(text.strip() for text in lines):
            yield start, "\n".join(lines)
        start, lines = index + 1, []


def _slide(file: ContentFile) -> Iterator[Passage]:
    place = slide_place(file.path)
    fields, body, first = _front_matter(file.text)
    for key, text, line in fields:
        if key not in SETTINGS:
            kind = "slide title" if key in ("title", "kicker") else "slide"
            yield Passage(kind, text, Source(file.path, line), place)
    for start, part in _parts(body):
        for line, block, guards in _guarded(part):
            yield Passage("slide", block, Source(file.path, first + start + line), place, guards)


def _script(file: ContentFile) -> Iterator[Passage]:
    place, kind, fenced = "script", "plan", False
    for start, block, guards in _guarded(file.text):
        if block.count("```") % 2:
            fenced = not fenced
            continue
        if fenced:
            continue
        for line, part in _kinds_apart(block):
            source = Source(file.path, start + line + 1)
            text = part.strip("*_ \t")
            if part.startswith("#"):
                kind, place = _section(part, kind, place)
                yield Passage("heading", part, source, place, guards)
            elif _PLAN.match(part):
                kind, place = "plan", "script"
            elif text.startswith("[") and text.endswith("]"):
                yield Passage("cue", part, source, place, guards)
            else:
                yield Passage(kind, part, source, place, guards)


def _kinds_apart(block: str) -> Iterator[tuple[int, str]]:
    """Headings, cues, questions and answers of a block apart from its other lines."""
    start, lines = 0, list[str]()
    for index, line in enumerate(block.split("\n")):
        bare = line.strip("*_ \t")
        alone = line.startswith("#") or (bare.startswith("[") and bare.endswith("]"))
        if lines and (alone or re.match(r"\**[QA]\s*:", line)):
            yield start, "\n".join(lines)
            start, lines = index, []
        lines.append(line)
        if alone:
            yield start, "\n".join(lines)
            start, lines = index + 1, []
    if lines:
        yield start, "\n".join(lines)


def _section(heading: str, kind: str, place: str) -> tuple[str, str]:
    title = heading.lstrip("# ")
    if found := _SECTION.match(title):
        return "script", found[1].lower()
    if re.match(r"Q\s*&\s*A\b|QUESTIONS\b", title, re.IGNORECASE):
        return "Q&A", "Q&A"
    if title.upper().startswith("CLOSING"):
        return "script", "closing remarks"
    if _PLAN.match(title):
        return "plan", "script"
    return kind, place
