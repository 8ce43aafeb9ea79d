"""How diagrams look, in TOML and in DOT alike: Graphviz gives places, the rest is the deck's."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product
from xml.etree.ElementTree import Element

from pipeline.locale import Locale
from pipeline.pictures.text import Line, text_width, write_line
from pipeline.pictures.theme import FAMILY, PAPER, STROKE, SVG, TABULAR, themed

ROUND = 14  # px, the corners of a box
DASHED = f"{STROKE * 1.5:g} {STROKE * 2.5:g}"
HREF = "{http://www.w3.org/1999/xlink}href"

Span = tuple[float, float, float, float]  # left, top, right, bottom


def style_root(root: Element, span: Span) -> None:
    """The <svg> of what covers `span`, without what Graphviz said of it."""
    left, top, right, bottom = span
    root.attrib.clear()
    root.set("viewBox", f"{left:g} {top:g} {right - left:g} {bottom - top:g}")
    root.set("class", "diagram")
    root.set("font-family", FAMILY)
    root.set("stroke-width", str(STROKE))
    root.set("stroke-linecap", "round")
    root.set("stroke-linejoin", "round")


def without_titles(group: Element) -> Element:
    """A group without Graphviz's own titles."""
    for title in group.findall(f"{{{SVG}}}title"):
        group.remove(title)
    return group


def classify(group: Element, kind: str, step: int) -> None:
    """Its class, by which styles and steps know it."""
    group.set("class", f"{kind} step-{step}" if step > 0 else kind)


def name_links(group: Element, text: str, slide: str, locale: Locale) -> None:
    """Its links, named by what is read out of them."""
    said = locale.say("{text}: to the slide {slide}", text=text, slide=slide)
    for link in group.iter(f"{{{SVG}}}a"):
        link.attrib = {"href": link.get(HREF, ""), "aria-label": said}


def restyle_shape(shape: Element, style: str) -> None:
    """A shape in the theme's colours."""
    for key in ("fill", "stroke", "stroke-width", "stroke-dasharray"):
        shape.attrib.pop(key, None)
    shape.set("style", themed(style))


def restyle_text(text: Element, line: Line, weight: int, colour: str) -> None:
    """Graphviz's place for a line of text, and what stands there."""
    place = {key: text.get(key, "") for key in ("x", "y", "text-anchor")}
    size = float(text.get("font-size", "0"))
    text.text = None
    style = f"font-size: {size:g}px; font-weight: {weight}; fill: {colour}; stroke: none; {TABULAR}"
    text.attrib = {**place, "style": themed(style)}
    # On the accent colour, the theme's dotted line under a number would not be seen.
    write_line(text, line, themed(PAPER) if colour == PAPER else "")


def lift(text: Element) -> None:
    """A label clear of the arrow below it."""
    text.set("y", f"{float(text.get('y', '')) - STROKE:g}")


def label_spans(root: Element, size: float) -> list[Span]:
    """What the labels of arrows cover, `size` px high."""
    spans = []
    for text in root.findall(f".//*[@data-edge]/{{{SVG}}}text"):
        half = text_width("".join(text.itertext()), size) / 2
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        left = {"start": x, "end": x - 2 * half}.get(text.get("text-anchor", ""), x - half)
        spans.append((left, y - 0.75 * size, left + 2 * half, y + 0.2 * size))
    return spans


def are_clear(labels: list[Span], boxes: Iterable[Span]) -> bool:
    """Whether no label lies on another one or on a box."""
    pairs = [*combinations(labels, 2), *product(labels, boxes)]
    return not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in pairs)
