"""deck/drawings/NAME.svg -> pictures, safe to stand in a page, with the run's numbers in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pipeline.files import read_text
from pipeline.numbers.fill import Numbers
from pipeline.pictures.picture import Picture, Pictures
from pipeline.pictures.sanitize import SVG, Drawing, sanitized
from pipeline.pictures.text import runs_of, write_line
from pipeline.problems import Source, TalkError

WORDS = {f"{{{SVG}}}{name}" for name in ("title", "desc", "text")}


def load_drawings(folder: Path, numbers: Numbers) -> Pictures:
    """The drawings of a folder by name; <title> and <desc> are their text.

    Raises TalkError with the line for a file that is no SVG, has what a drawing can't have, or
    says nothing to those who don't see it, and for a placeholder that names nothing.
    """
    made: Pictures = {}
    for path in drawing_files(folder):
        drawing = sanitized(read_text(path, "a drawing"), Source(path))
        _fill(drawing.root, numbers, drawing)
        said = {}
        for name in ("title", "desc"):
            said[name] = " ".join((drawing.root.findtext(f"{{{SVG}}}{name}") or "").split())
            if not said[name]:
                hint = "say what it shows, in words"
                raise TalkError(f"the drawing has no <{name}>", Source(path), hint)
        svg = ElementTree.tostring(drawing.root, "unicode")
        made[path.stem] = Picture(path.stem, svg, said["title"], said["desc"])
    return made


def drawing_files(folder: Path) -> Iterator[Path]:
    """The drawings of a folder in the order of their names; a hidden file is none.

    Raises TalkError for a name that can't stand in an address or an id.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix.lower() != ".svg" or path.name.startswith("."):
            continue
        if not re.fullmatch(r"[A-Za-z0-9_-]+\.svg", path.name):
            hint = "letters, digits, - and _, then .svg"
            raise TalkError(f"`{path.name}` is no name for a drawing", Source(path), hint)
        yield path


def drawing_texts(path: Path) -> Iterator[tuple[str, str, Source]]:
    """The words of a drawing: the element that they stand in (title, desc, text) and where."""
    drawing = sanitized(read_text(path, "a drawing"), Source(path))
    for element in drawing.root.iter():
        if element.tag in WORDS:
            name = element.tag.rpartition("}")[2]
            yield name, " ".join(element.itertext()), drawing.source(element)


def _fill(element: Element, numbers: Numbers, drawing: Drawing, colour: str = "") -> None:
    """Put the values into the texts of an element; `colour` is that of what it stands in."""
    colour = element.get("fill", colour)
    children, source = list(element), drawing.source(element)
    for child in children:
        _fill(child, numbers, drawing, colour)
    texts = [element.text, *(child.tail for child in children)]
    if not any(text and "{" in text for text in texts):
        return
    if element.tag in (f"{{{SVG}}}title", f"{{{SVG}}}desc"):
        element.text = numbers.fill(element.text or "", source).plain
        return
    element[:], element.text = [], None
    for at, text in enumerate(texts):
        if at:
            element.append(children[at - 1])
            children[at - 1].tail = None
        filled = numbers.fill(text or "", source)
        write_line(element, runs_of(filled, filled.text), colour)
