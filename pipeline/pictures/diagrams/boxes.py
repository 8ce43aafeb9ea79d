"""A diagram of boxes and arrows, drawn by Graphviz, in our colours."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from msgspec.structs import replace

from pipeline.locale import ENGLISH, Locale
from pipeline.pictures.diagrams.dot import CLEAR, dot_source
from pipeline.pictures.diagrams.engine import rendered, unable
from pipeline.pictures.diagrams.look import (
    DASHED,
    ROUND,
    Span,
    are_clear,
    classify,
    label_spans,
    lift,
    name_links,
    restyle_shape,
    restyle_text,
    style_root,
    without_titles,
)
from pipeline.pictures.diagrams.source import Arrow, Box, Diagram
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import Line, plain, wrapped
from pipeline.pictures.theme import (
    ACCENT,
    CARD,
    INK,
    PAPER,
    REGULAR,
    SOFT,
    STROKE,
    STRONG,
    SVG,
    describe,
    themed,
    written,
)
from pipeline.problems import Source, TalkError

_FAILS = "it fails at some arrows inside a rank: give their boxes ranks of their own"


def draw_diagram(
    diagram: Diagram, where: Source | None = None, locale: Locale = ENGLISH
) -> Picture:
    """Graphviz's drawing in the deck's face and colours; the same diagram gives the same bytes.

    Raises TalkError if Graphviz isn't there, can't draw it, or puts labels on each other.
    """
    shown = _fitted(diagram)
    root = ElementTree.fromstring(rendered(dot_source(shown), where, _FAILS))
    groups = {group.attrib.pop("id", ""): group for group in root.iter(f"{{{SVG}}}g")}
    if not groups.keys() >= {f"e{at}" for at in range(len(shown.arrows))}:
        raise unable(where, _FAILS)  # it lost one
    for name, group in groups.items():
        without_titles(group)
        if name[:1] == "n":
            _restyle_box(group, shown.boxes[int(name[1:])], locale)
        elif name[:1] == "e":
            _restyle_arrow(group, shown.arrows[int(name[1:])])
    style_root(root, _extent(root, diagram.file.text_px, where))
    linked = any(box.node.link for box in diagram.boxes)
    describe(root, diagram.name, diagram.title, diagram.desc, "group" if linked else "img")
    return Picture(diagram.name, written(root), diagram.title, diagram.desc, _rows(diagram, locale))


def _rows(diagram: Diagram, locale: Locale) -> tuple[tuple[str, ...], ...]:
    labels = {box.node.id: plain(box.label) for box in diagram.boxes}
    rows = []
    for box in diagram.boxes:
        after = [
            labels[a.edge.end] + (f" ({plain(a.label)})" if a.label else "")
            for a in diagram.arrows
            if a.edge.start == box.node.id
        ]
        rows.append((plain(box.label), plain(box.detail), ", ".join(after) or "–"))
    return ((locale.say("Box"), locale.say("Detail"), locale.say("Leads to")), *rows)


def _fitted(diagram: Diagram) -> Diagram:
    """The diagram with each line that is wider than its room wrapped once, then cut."""
    size, room = diagram.file.text_px, diagram.file.room_px

    def fit(lines: tuple[Line, ...], weight: int = REGULAR) -> tuple[Line, ...]:
        return tuple(made for line in lines for made in wrapped(line, size, room, weight))

    return replace(
        diagram,
        boxes=tuple(
            replace(box, label=fit(box.label, STRONG), detail=fit(box.detail))
            for box in diagram.boxes
        ),
        arrows=tuple(replace(arrow, label=fit(arrow.label)) for arrow in diagram.arrows),
    )


def _extent(root: Element, size: float, where: Source | None) -> Span:
    """What the drawing covers, labels included, in the coordinates of its shapes.

    Raises TalkError for labels that cover each other or a box.
    """
    boxes: list[Span] = []
    for rect in root.iter(f"{{{SVG}}}rect"):
        x, y, width, height = (float(rect.get(k, "")) for k in ("x", "y", "width", "height"))
        boxes.append((x, y, x + width, y + height))
    labels = label_spans(root, size)
    if not are_clear(labels, boxes):
        raise TalkError(
            "the labels of this diagram cover each other",
            where,
            "give boxes with arrows both ways between them ranks of their own",
        )
    x, y, width, height = (float(n) for n in root.get("viewBox", "").split())
    for sheet in list(root):  # the one group around all, which moves them
        root.remove(sheet)
        root.extend(sheet.findall(f"{{{SVG}}}g"))
        moved = sheet.get("transform", "").partition("translate(")[2].rstrip(")").split()
        x, y = x - float(moved[0]), y - float(moved[1])
    edge = CLEAR - STROKE / 2 - 0.5  # our boxes are smaller than Graphviz's
    sides = [(x + edge, y + edge, x + width - edge, y + height - edge), *labels]
    left, top, right, bottom = zip(*sides, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _restyle_box(group: Element, box: Box, locale: Locale) -> None:
    """A rounded box with its texts; a link is named by them and its target."""
    node = box.node
    classify(group, f"node {node.kind}{' now' if node.now else ''}", node.step)
    group.set("data-node", node.id)
    name_links(group, plain([*box.label, *box.detail]), node.link, locale)
    fill = ACCENT if node.now else "none" if node.kind == "data" else CARD
    edge = ACCENT if node.now or node.link else INK if node.kind in ("model", "result") else SOFT
    for outline in group.iter(f"{{{SVG}}}polygon"):
        corners = [pair.split(",") for pair in outline.get("points", "").split()]
        (right, top), (left, bottom) = (map(float, corners[at]) for at in (0, 2))
        outline.tag = f"{{{SVG}}}rect"
        outline.attrib = {
            "x": f"{left + CLEAR:g}",
            "y": f"{top + CLEAR:g}",
            "width": f"{right - left - 2 * CLEAR:g}",
            "height": f"{bottom - top - 2 * CLEAR:g}",
            "rx": str(ROUND),
            "style": themed(f"fill: {fill}; stroke: {edge}"),
        }
    ink = PAPER if node.now else ACCENT if node.link else INK
    soft = PAPER if node.now else SOFT
    lines = [(line, STRONG, ink) for line in box.label]
    lines += [(line, REGULAR, soft) for line in box.detail]
    for text, (line, weight, colour) in zip(group.iter(f"{{{SVG}}}text"), lines, strict=True):
        restyle_text(text, line, weight, colour)


def _restyle_arrow(group: Element, arrow: Arrow) -> None:
    edge = arrow.edge
    classify(group, "edge", edge.step)
    group.set("data-edge", f"{edge.start} {edge.end}")
    colour = ACCENT if edge.now else SOFT if edge.dashed else INK
    texts = group.findall(f"{{{SVG}}}text")
    for text, line in zip(texts, arrow.label, strict=True):
        restyle_text(text, line, REGULAR, SOFT)
        lift(text)
    for shape in group:
        if shape in texts:
            continue
        is_head = shape.tag == f"{{{SVG}}}polygon"
        dashes = f"; stroke-dasharray: {DASHED}" if edge.dashed and not is_head else ""
        style = f"fill: {colour if is_head else 'none'}; stroke: {colour}{dashes}"
        restyle_shape(shape, style)
