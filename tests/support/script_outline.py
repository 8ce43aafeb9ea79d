"""A parsed script as an indented outline, for golden blocks; and the blocks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.script.elements import (
    Aside,
    Cue,
    Field,
    Heading,
    Item,
    Part,
    Remark,
    Script,
    Speech,
    Verbatim,
    divided,
)

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "script"


def outline(script: Script) -> str:
    """One line an element, then one a problem, with source lines."""
    lines: list[str] = []
    for section in script.sections:
        notes = [_note(note) for note in section.notes]
        if section.kind == "slide":
            lines.append(f"slide {section.label} `{section.title}` slot {section.slot}")
            for slide in divided(section):
                if len(section.numbers) > 1:
                    lines.append(f"  on slide {slide.number}")
                lines += _items(slide.items, "  ")
        elif section.kind == "header":
            lines += ["header", *notes] if notes else []
        else:
            lines.append(f"{section.kind} `{section.title}` slot {section.slot}")
            lines += [line for page in section.pages for line in _items(page, "  ")]
        for question in section.questions:
            more = f" slides {question.slides} tags {question.tags}"
            lines.append(f"  question `{question.text}`{more if len(more) > 18 else ''}")
            lines += _items(question.answer, "    ")
        lines += notes if section.kind != "header" else []
    for problem in script.problems:
        line = problem.where.line if problem.where else None
        lines.append(f"! {line}: {problem.message}")
        lines.append(f"    {problem.hint}")
    return "\n".join(lines)


def _note(note: Field | Remark | Verbatim) -> str:
    if isinstance(note, Field):
        return f"  field {note.number + '. ' if note.number else ''}{note.key} = {note.value}"
    return f"  remark {note.text}" if isinstance(note, Remark) else f"  code {list(note.code)}"


def _items(items: tuple[Item, ...], indent: str) -> Iterator[str]:
    for item in items:
        match item:
            case Speech():
                yield f"{indent}says {item.spoken_words}: {item.plain!r}"
            case Cue():
                if_time = " if time" if item.if_time else ""
                yield f"{indent}cue {item.kind} {item.seconds}s{if_time} {item.text!r}"
            case Aside():
                yield f"{indent}aside {item.plain!r}"
            case Heading():
                yield f"{indent}landmark {item.text!r}"
            case Verbatim():
                yield f"{indent}code {item.info!r} {list(item.code)}"
            case Part():
                named = f'"{item.name}"' if item.name else f"for {', '.join(item.cuts)}"
                yield f"{indent}{item.kind} {named} {item.text!r}"
                yield from _items(item.items, indent + "  ")


def blocks(path: Path) -> Iterator[tuple[str, str, str]]:
    """Title, input and output of each block of a fixture file, divided by lines with a dot."""
    parts = path.read_text(encoding="utf-8").split("\n.\n")
    for title, given, wanted in zip(parts[0::3], parts[1::3], parts[2::3], strict=False):
        yield title.strip(), given, wanted
