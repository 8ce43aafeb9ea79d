"""deck/drawings/NAME.svg -> pictures, safe to stand in a page, with the run's numbers in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pipeline.files import read_text
from pipeline.memo import Form, key_of
from pipeline.numbers.fill import Numbers
from pipeline.paths import composed
from pipeline.pictures.picture import Picture, Pictures
from pipeline.pictures.sanitize import SVG, Drawing, sanitized
from pipeline.pictures.text import runs_of, write_line
from pipeline.problems import Source, TalkError

WORDS = {f"{{{SVG}}}{name}" for name in ("title", "desc", "text")}


def load_drawings(
    folder: Path, numbers: Numbers, wanted: Collection[str] | None = None
) -> Pictures:
    """The drawings of a folder by name, those that are `wanted`; <title> and <desc> are their text.

    Raises TalkError with the line for a file that is no SVG, has what a drawing can't have, or
    says nothing to those who don't see it, and for a placeholder that names nothing.
    """
    made: Pictures = {}
    for path in drawing_files(folder):
        name = composed(path.stem)
        if wanted is not None and name not in wanted:
            continue
        text = read_text(path, "a drawing")
        key = key_of("drawing", path.name, text, numbers.key)
        made[name] = numbers.memo.of(key, _FORM, partial(_drawn, name, text, path, numbers))
    return made


_FORM: Form[Picture] = Form(Picture)


def _drawn(name: str, text: str, path: Path, numbers: Numbers) -> Picture:
    drawing = sanitized(text, Source(path))
    _fill(drawing.root, numbers, drawing)
    said = {}
    for kind in ("title", "desc"):
        said[kind] = " ".join((drawing.root.findtext(f"{{{SVG}}}{kind}") or "").split())
        if not said[kind]:
            hint = (
                "say in it what it shows, in words; or take the file as it is: "
                f"![what it shows](drawings/{path.name})"
            )
            raise TalkError(f"the drawing has no <{kind}>", Source(path), hint)
    svg = ElementTree.tostring(drawing.root, "unicode")
    return Picture(name, svg, said["title"], said["desc"])


def drawing_files(folder: Path) -> Iterator[Path]:
    """The drawings of a folder in the order of their names.

    A hidden file is none, nor is one whose name can't stand in an address or an id: a slide can
    show that by its path.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if re.fullmatch(r"[\w-]+\.svg", composed(path.name)):
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
