"""A Picture as it goes into a slide, and as a file of its own that opens full size."""

from __future__ import annotations

import copy
import html
import math
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import lru_cache
from xml.etree import ElementTree

import msgspec
from msgspec.structs import replace

from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.palette import OURS, Palette
from pipeline.pictures.picture import Picture
from pipeline.problems import Source, TalkError, nearest

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)
_REFERENCE = re.compile(r"url\(#([\w.:-]+)\)")
_FALLBACK = re.compile(r"var\((--[\w-]+),\s*#[0-9a-fA-F]+\)")
_STEP = re.compile(r"step-(\d+)$")
_PLACES = {"d", "points", "x", "y", "x1", "y1", "x2", "y2"}
_TEXTS = {f"{{{SVG}}}{tag}" for tag in ("text", "tspan", "textPath", "title", "desc", "style")}


class Vector(msgspec.Struct, frozen=True):
    """A picture that is safe: its size in its own units, how many steps it has, where it leads."""

    picture: Picture
    width: float
    height: float
    steps: int
    links: tuple[str, ...]  # names of slides
    places: tuple[str, ...]  # of the measured numbers in it
    narrow: Vector | None = None  # its drawing for a phone

    @property
    def root(self) -> ElementTree.Element:
        """It parsed and cleaned; nobody changes it."""
        return _cleaned(self.picture.svg)[0]


class _Found(msgspec.Struct, frozen=True):
    """What is read in a drawing."""

    size: tuple[float, float]
    steps: int
    links: tuple[str, ...]
    places: tuple[str, ...]


_FORM: Form[_Found] = Form(_Found)


def read_vector(picture: Picture, where: Source | None = None, memo: Memo = NO_MEMO) -> Vector:
    """Parse and clean one picture. Raises TalkError if it isn't a drawable, safe SVG.

    `memo` keeps what was read: the drawing is parsed again where it is drawn.
    """
    found = memo.of(key_of("vector", picture.svg), _FORM, lambda: _read(picture, where))
    narrow = None
    if picture.narrow:
        narrow = read_vector(replace(picture, svg=picture.narrow, narrow=""), where, memo)
    return Vector(picture, *found.size, found.steps, found.links, found.places, narrow)


def _read(picture: Picture, where: Source | None) -> _Found:
    root, box = _cleaned(picture.svg)
    if box is None:
        raise TalkError(f"the picture `{picture.name}` has no viewBox", where, "0 0 WIDTH HEIGHT")
    steps, links, places = 0, list[str](), list[str]()
    for element in root.iter():
        for name in element.get("class", "").split():
            found = _STEP.match(name)
            steps = max(steps, int(found[1])) if found else steps
        target = element.get("href", "")
        if target.startswith("#/"):
            links.append(target[2:])
        if at := element.get("data-at"):
            places.append(at)
    return _Found(box[2:], steps, tuple(links), tuple(places))


_Box = tuple[float, float, float, float]


@lru_cache(maxsize=64)
def _cleaned(svg: str) -> tuple[ElementTree.Element, _Box | None]:
    """A drawing without what the page says itself, and its viewBox."""
    root = ElementTree.fromstring(svg)
    box = _box(root)
    for name in ("width", "height", "role", "aria-labelledby", "aria-label", "style"):
        root.attrib.pop(name, None)
    for child in list(root):
        if child.tag in (f"{{{SVG}}}title", f"{{{SVG}}}desc", f"{{{SVG}}}metadata"):
            root.remove(child)
    for element in root.iter():
        _without_space(element)
    if box and "viewBox" not in root.attrib:
        root.set("viewBox", " ".join(f"{number:g}" for number in box))
    return root, box


def _box(root: ElementTree.Element) -> _Box | None:
    """The root's viewBox, or what width and height say; None if it has no size."""
    words = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if words == [""]:
        words = ["0", "0", *(root.get(side, "").removesuffix("px") for side in ("width", "height"))]
    with suppress(ValueError):
        left, top, width, height = (float(word) for word in words)
        if all(map(math.isfinite, (left, top))) and 0 < width < math.inf and 0 < height < math.inf:
            return left, top, width, height
    return None


def _without_space(element: ElementTree.Element) -> None:
    """No white space between elements; inside a text it would be shown."""
    if element.tag not in _TEXTS and element.text and not element.text.strip():
        element.text = None
    if element.tail and not element.tail.strip() and not _inside_text(element):
        element.tail = None


def _own_ids(root: ElementTree.Element, use: str) -> None:
    """Each use of a picture has ids of its own: what a hidden slide holds can't be referred to."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{use}.{value}")
            elif key == "href" and value.startswith("#") and not value.startswith("#/"):
                element.set(key, f"#{use}.{value[1:]}")
            elif "url(" in value:
                element.set(key, _REFERENCE.sub(rf"url(#{use}.\1)", value))


def _inside_text(element: ElementTree.Element) -> bool:
    return element.tag in (f"{{{SVG}}}tspan", f"{{{SVG}}}textPath")


class Styles:
    """Inline styles of all pictures of a page, as classes: they repeat a hundredfold."""

    def __init__(self, called: str = "p{}") -> None:
        """`called`: how a class is named by its number."""
        self._called, self._names = called, dict[str, str]()

    def move(self, element: ElementTree.Element) -> None:
        style = element.attrib.pop("style", "").strip().rstrip(";")
        if not style:
            return
        style = style.replace(": ", ":").replace("; ", ";")
        element.set("class", f"{element.get('class', '')} {self.name_of(style)}".strip())

    def name_of(self, style: str) -> str:
        """The class of a style."""
        return self._names.setdefault(style, self._called.format(len(self._names)))

    @property
    def found(self) -> tuple[str, ...]:
        """All styles, in the order of their classes."""
        return tuple(self._names)

    @property
    def css(self) -> str:
        return "".join(f".{name}{{{style}}}" for style, name in self._names.items())


def inline(
    vector: Vector, use: str, first_step: int | None, styles: Styles, link: str = "#/"
) -> str:
    """The picture as HTML: the SVG, and its table for screen readers.

    `use` makes its ids unique in the page; `first_step` (from 0) turns its step-N elements into
    steps of the slide; `link` stands before a slide's name where the picture leads to one.
    """
    picture = vector.picture
    drawn = _drawn(vector, use, first_step, styles, link)
    if vector.narrow:
        drawn += _drawn(vector.narrow, f"{use}-narrow", first_step, styles, link)
    name = html.escape(picture.name)
    return f'<span class="picture" data-picture="{name}">{drawn}{_table(picture)}</span>'


def _drawn(vector: Vector, use: str, first_step: int | None, styles: Styles, link: str) -> str:
    picture, root = vector.picture, copy.deepcopy(vector.root)
    _own_ids(root, use)
    if first_step is not None:
        for element in root.iter():
            for name in element.get("class", "").split():
                if found := _STEP.match(name):
                    element.set("class", f"{element.get('class')} fragment")
                    element.set("data-fragment-index", str(first_step + int(found[1]) - 1))
    for element in root.iter():
        _pack(element)
        styles.move(element)
        if element.get("href", "").startswith("#/"):
            element.set("href", f"{link}{element.get('href', '')[2:]}")
    root.attrib.pop("font-family", None)  # the page's is inherited
    title, desc = f"{use}-title", f"{use}-desc"
    root.set("role", "group" if vector.links or vector.places else "img")
    root.set("aria-labelledby", title)
    root.set("aria-describedby", desc)
    for element_id, tag, text in ((desc, "desc", picture.desc), (title, "title", picture.title)):
        made = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": element_id})
        made.text = text
        root.insert(0, made)
    drawn = ElementTree.tostring(root, "unicode", short_empty_elements=True)
    return drawn.replace(f' xmlns="{SVG}"', "", 1).replace(" />", "/>")


def _table(picture: Picture) -> str:
    """Its rows as text: a table can't stand in a paragraph, so roles make this one."""
    if not picture.rows:
        return ""
    rows = []
    for index, row in enumerate(picture.rows):
        # A heading without a word would be announced as nothing.
        cells = "".join(
            f'<span role="{"cell" if index or not cell.strip() else "columnheader"}">'
            f"{html.escape(cell)} </span>"
            for cell in row
        )
        rows.append(f'<span role="row">{cells}</span>')
    title = html.escape(picture.title, quote=True)
    return f'<span class="hidden" role="table" aria-label="{title}">{"".join(rows)}</span>'


_BY_SHAPE = (
    ".upright{display:none}"
    "@media (max-aspect-ratio:2/3){.upright{display:inline}.upright~svg{display:none}}"
)


def standalone(vector: Vector, page: str, palette: Palette = OURS) -> str:
    """The picture as a file of its own: both themes, a background, links back into the deck.

    In an upright window, as of a phone, its drawing for a phone where it has one.
    """
    root, upright = _alone(vector, page), ""
    if vector.narrow:
        narrow = _alone(vector.narrow, page)
        _own_ids(narrow, "upright")
        narrow.set("class", f"{narrow.get('class', '')} upright".strip())
        both = ElementTree.Element(f"{{{SVG}}}svg")
        both.extend((narrow, root))
        root, upright = both, _BY_SHAPE
    style = ElementTree.Element(f"{{{SVG}}}style")
    style.text = (
        '@font-face{font-family:Manrope;src:url("../manrope.woff2") format("woff2");'
        "font-weight:200 800}"
        + palette.both_themes("svg", "background:var(--paper);font-family:Manrope,Arial,sans-serif")
        + upright
    )
    title = ElementTree.Element(f"{{{SVG}}}title")
    title.text = vector.picture.title
    desc = ElementTree.Element(f"{{{SVG}}}desc")
    desc.text = vector.picture.desc
    for element in (style, desc, title):
        root.insert(0, element)
    return ElementTree.tostring(root, "unicode", short_empty_elements=True) + "\n"


def _alone(vector: Vector, page: str) -> ElementTree.Element:
    """Its drawing with air around it, and links that lead to `page`."""
    root = copy.deepcopy(vector.root)
    for element in root.iter():
        target = element.get("href", "")
        if target.startswith("#/"):
            element.set("href", f"../{page}{target}")
    margin = 24  # in its own units
    box = [float(n) for n in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    wide = (box[0] - margin, box[1] - margin, box[2] + 2 * margin, box[3] + 2 * margin)
    root.set("viewBox", " ".join(f"{number:g}" for number in wide))
    return root


def _pack(element: ElementTree.Element) -> None:
    """Fewer bytes for the same picture, inside the deck: its theme is there, so no fallbacks."""
    for key, value in element.attrib.items():
        if key in _PLACES:
            element.set(key, _short_numbers(value))
        elif "var(" in value:
            element.set(key, _FALLBACK.sub(r"var(\1)", value))


def _short_numbers(numbers: str) -> str:
    """A hundredth of a slide's pixel is enough."""
    short = re.sub(r"((?:(?<!\d)\d++)?\.\d{2})\d+", lambda found: f"{float(found[0]):.2f}", numbers)
    short = re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", short)
    short = re.sub(r"\.(?=\D|$)", "", short)
    return re.sub(r"(?:(?<!\s)\s++)?([A-Za-z])\s*+|[ ,](?=-)", r"\1", short)


def check_links(vectors: Iterable[Vector], slides: Collection[str]) -> None:
    """Every node that leads to a slide leads to one that is there."""
    for vector in vectors:
        for target in vector.links:
            if target not in slides:
                raise TalkError(
                    f"the picture `{vector.picture.name}` leads to `#/{target}`, and no slide has "
                    "that name",
                    hint=nearest(target, slides),
                )
