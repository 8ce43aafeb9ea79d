"""A Script written back as text. Parsing the text gives the same Script again."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def format_script(script: Script) -> str:
    """The whole script in its one usual form, measured values put in."""
    sections = ("\n\n".join(_section(section)) for section in script.sections)
    return "\n\n---\n\n".join(text for text in sections if text) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.kind == "footer":
        yield "**END OF SCRIPT**"
    elif section.kind == "other":
        yield section.title
    elif section.kind != "header":
        slot = f" [{section.slot_text}]" if section.slot_text is not None else ""
        title = section.title
        if section.kind == "slide":
            title = f"SLIDE {section.label}: {title}".rstrip()
        yield f"## {title}{slot}"
    for note in section.notes:
        yield _note(note)
    for index, page in enumerate(section.pages):
        if index:
            yield "**[NEXT SLIDE]**"
        for item in page:
            yield _item(item)
    for question in section.questions:
        yield _question(question)


def _note(note: Field | Remark | Verbatim) -> str:
    if isinstance(note, Remark):
        return note.text
    if isinstance(note, Verbatim):
        return _block(note)
    number = f"{note.number}. " if note.number else ""
    return f"{number}**{note.key}:** {note.value}".rstrip()


def _item(item: Item) -> str:
    match item:
        case Speech():
            return item.plain
        case Cue():
            return f"**[{item.raw}]**"
        case Aside():
            return "\n".join(f"> {line}".rstrip() for line in item.plain.split("\n"))
        case Heading():
            return f"{'#' * item.level} {item.text}"
        case Verbatim():
            return _block(item)
        case Part():
            inside = "".join(f"{_item(inner)}\n\n" for inner in item.items)
            return f"**[{item.raw}]**\n\n{inside}**[END {item.kind}]**"


def _block(block: Verbatim) -> str:
    longest = max((len(run) for run in re.findall("`+", "\n".join(block.plain))), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}{block.info}", *block.plain, fence))


def _question(question: Question) -> str:
    slides = f" [slide {', '.join(str(n) for n in question.slides)}]" if question.slides else ""
    tags = "".join(f" #{tag}" for tag in question.tags)
    lines = [f'**Q: "{question.text}"**{slides}{tags}']
    lines += _answer(question.answer)
    return "\n\n".join(lines)


def _answer(items: tuple[Item, ...]) -> Iterator[str]:
    """The items of an answer, the first paragraph led by `A:`."""
    led = False
    for item in items:
        if isinstance(item, Speech) and not led:
            led = True
            yield f"A: {item.plain}"
        elif isinstance(item, Part) and not led and _speaks(item):
            led = True
            inside = "".join(f"{text}\n\n" for text in _answer(item.items))
            yield f"**[{item.raw}]**\n\n{inside}**[END {item.kind}]**"
        else:
            yield _item(item)


def _speaks(part: Part) -> bool:
    return any(isinstance(item, Speech) for item in part.items)
