"""A graph in DOT drawn: Graphviz places boxes, arrows and labels, the look is the deck's.

Graphviz sees no word of it, only how large each text is in the deck's own face.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pipeline.locale import ENGLISH, Locale
from pipeline.pictures.diagrams.engine import rendered, unable
from pipeline.pictures.diagrams.graph import Frame, Graph, Joint, Look, Vertex
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
from pipeline.pictures.diagrams.vocabulary import BOXES, SHAPES
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import Line, plain, text_width, wrapped
from pipeline.pictures.theme import (
    ACCENT,
    CARD,
    INK,
    MYTH,
    NEGATIVE,
    PAPER,
    POSITIVE,
    REALITY,
    REGULAR,
    SOFT,
    STROKE,
    STRONG,
    SVG,
    describe,
    written,
)
from pipeline.problems import Source, TalkError

SIZE, ROOM = 24.0, 300.0  # px: of the text, and the widest line of a box
MOST_LINES = 6  # that one line may become
PAD_X, PAD_Y = 16.0, 10.0  # px between a box and its text
LEADING = 1.2  # line height over text size, as Graphviz has it
M_WIDTH = 0.778  # em, of the m of Graphviz's Times
_DASHES = {
    "dashed": DASHED,
    "dotted": f"0 {STROKE * 2.2:g}",
}
_FREE = {"overlap": "false", "sep": "+18", "splines": "true"}
_WIDER = (1.5, 2.2, 3.2)
_FAILS = "fewer arrows, or other places for them"
_OPEN = ("none", "plaintext", "plain")  # shapes without an outline
# Class -> fill, edge and ink of a box.
_BOXES = {
    "": (CARD, SOFT, INK),
    "step": (CARD, SOFT, INK),
    "data": ("none", SOFT, INK),
    "quiet": ("none", SOFT, SOFT),
    "model": (CARD, INK, INK),
    "result": (CARD, INK, INK),
    "strong": (CARD, INK, INK),
    "accent": (ACCENT, ACCENT, PAPER),
    "good": (CARD, REALITY, INK),
    "bad": (CARD, MYTH, INK),
    "positive": (CARD, POSITIVE, INK),
    "negative": (CARD, NEGATIVE, INK),
}
_LINES = {
    "quiet": SOFT,
    "accent": ACCENT,
    "good": REALITY,
    "bad": MYTH,
    "positive": POSITIVE,
    "negative": NEGATIVE,
}


def draw_graph(graph: Graph, where: Source | None = None, locale: Locale = ENGLISH) -> Picture:
    """Graphviz's drawing in the deck's face and colours; the same graph gives the same bytes.

    Raises TalkError if Graphviz can't draw it, takes too long, or puts labels on something.
    """
    root, span = _placed(graph, where, locale)
    style_root(root, span)
    linked = any(vertex.link for vertex in graph.vertices)
    describe(root, graph.name, graph.title, graph.desc, "group" if linked else "img")
    return Picture(graph.name, written(root), graph.title, graph.desc, _rows(graph, locale))


def _placed(graph: Graph, where: Source | None, locale: Locale) -> tuple[Element, Span]:
    """The drawing and what it covers; wider where labels have no room and the engine gives none."""
    wider = _WIDER if _is_free(graph) else ()
    for stretch in (1.0, *wider):
        root = _restyled(graph, stretch, where, locale)
        span, is_free = _extent(root)
        if is_free:
            return root, span
    hint = "`label` instead of `xlabel`, `headlabel`; more nodesep or ranksep; shorter words"
    raise TalkError("a label of this diagram lies on something", where, hint)


def _restyled(graph: Graph, stretch: float, where: Source | None, locale: Locale) -> Element:
    vertices = [_fitted(vertex.label, where) for vertex in graph.vertices]
    root = ElementTree.fromstring(rendered(_dot(graph, vertices, stretch), where, _FAILS))
    groups = {group.attrib.pop("id", ""): group for group in root.iter(f"{{{SVG}}}g")}
    for at, (vertex, lines) in enumerate(zip(graph.vertices, vertices, strict=True)):
        if group := _group(groups, f"n{at}", vertex.look, where):
            _restyle_box(group, vertex, lines, locale)
    for at, joint in enumerate(graph.joints):
        if group := _group(groups, f"e{at}", joint.look, where):
            ends = f"{graph.vertices[joint.tail].name} {graph.vertices[joint.head].name}"
            _restyle_arrow(group, joint, ends)
    for at, frame in enumerate(_all(graph.frames)):
        if frame.is_drawn and (group := _group(groups, f"f{at}", frame.look, where)):
            _restyle_frame(group, frame)
    _unwrap(root)
    return root


def _rows(graph: Graph, locale: Locale) -> tuple[tuple[str, ...], ...]:
    names = [plain(vertex.label) or vertex.name for vertex in graph.vertices]
    rows = []
    for at, name in enumerate(names):
        after = [(j.head, j) for j in graph.joints if j.tail == at]
        after += [(j.tail, j) for j in graph.joints if j.head == at and not graph.is_directed]
        said = [
            names[other] + "".join(f" ({plain(lines)})" for _, lines in joint.labels)
            for other, joint in after
        ]
        rows.append((name, ", ".join(said) or "–"))
    leads = locale.say("Leads to") if graph.is_directed else locale.say("Joined with")
    return ((locale.say("Box"), leads), *rows)


# --- What Graphviz is told ------------------------------------------------------------------------


def _fitted(lines: Iterable[Line], where: Source | None) -> tuple[Line, ...]:
    fitted: list[Line] = []
    for line in lines:
        made = wrapped(line, SIZE, ROOM, STRONG, lines=MOST_LINES)
        if plain(made).replace(" ", "") != plain([line]).replace(" ", ""):
            message = f"this text is too long for a box: {plain([line])[:60]}…"
            raise TalkError(
                message, where, f"at most {MOST_LINES} lines of {ROOM:g} px; \\n divides"
            )
        fitted += made
    return tuple(fitted)


def _dot(graph: Graph, vertices: list[tuple[Line, ...]], stretch: float) -> str:
    """The graph with places for its texts: boxes n0, n1, …, arrows e0, …, frames f0, …"""
    kind, joint = ("digraph", "->") if graph.is_directed else ("graph", "--")
    own = {
        "ranksep": "0.6",
        "nodesep": "0.45",
        "bgcolor": "transparent",
        "pad": "0",
        "outputorder": "edgesfirst",
        **({**_FREE, "mindist": f"{stretch:g}"} if _is_free(graph) else {}),
        **dict(graph.layout),
    }
    lines = [f"{kind} {{", f"graph [{_attributes(own)}]"]
    lines.append(f'node [fontsize="{SIZE:g}", fixedsize="true"]')
    arrow = 'arrowhead="vee", arrowtail="vee", arrowsize="1.1"'
    lines.append(f'edge [fontsize="{SIZE:g}", penwidth="{STROKE}", {arrow}]')
    for at, vertex in enumerate(graph.vertices):
        lines.append(f"n{at} [{_attributes(_box(at, vertex, vertices[at]))}]")
    numbered = {id(frame): at for at, frame in enumerate(_all(graph.frames))}
    drawn = {f.name: f"cluster_{at}" for at, f in enumerate(_all(graph.frames)) if f.is_drawn}
    for frame in graph.frames:
        lines += _subgraph(frame, numbered)
    for at, edge in enumerate(graph.joints):
        made = {"id": f"e{at}", **dict(edge.layout), **_invisible(edge.look)}
        made |= {key: drawn.get(made[key], "") for key in ("lhead", "ltail") if key in made}
        if _is_free(graph):
            made.setdefault("len", f"{_length(edge) * stretch:.2f}")
        for key, said in edge.labels:
            made[key] = "\\n".join([_wide(said)] * len(said))
        lines.append(f"n{edge.tail} {joint} n{edge.head} [{_attributes(made)}]")
    return "\n".join([*lines, "}"])


def _is_free(graph: Graph) -> bool:
    """Whether another engine than the one of ranks places it: it makes no room for labels."""
    return dict(graph.layout).get("layout", "dot") != "dot"


def _length(edge: Joint) -> float:
    """How long an arrow wants to be, in inches, so that its label has room between two boxes."""
    lines = [line for _, said in edge.labels for line in said]
    widest = max((text_width(plain([line]), SIZE) for line in lines), default=0.0)
    return 2.4 + 1.2 * widest / 72


def _attributes(pairs: dict[str, str]) -> str:
    return ", ".join(f'{key}="{value}"' for key, value in pairs.items())


def _invisible(look: Look) -> dict[str, str]:
    return {"style": "invis"} if look.style == "invis" else {}


def _box(at: int, vertex: Vertex, lines: tuple[Line, ...]) -> dict[str, str]:
    wide, high = SHAPES[vertex.shape]
    width = max([text_width(plain([line]), SIZE, STRONG) for line in lines], default=0.0)
    width, height = width + 2 * PAD_X, len(lines) * SIZE * LEADING + 2 * PAD_Y
    if vertex.shape in ("circle", "doublecircle"):
        width = height = math.hypot(width, height) - PAD_X
    else:
        width, height = width * wide, height * high
    if vertex.shape == "square":
        width = height = max(width, height)
    if vertex.shape == "point":
        width = height = 4.0 * STROKE
    return {
        "id": f"n{at}",
        "shape": "box" if vertex.shape in BOXES else vertex.shape,
        "label": "\\n".join("x" * len(lines)),
        "width": f"{width / 72:.4f}",
        "height": f"{height / 72:.4f}",
        **dict(vertex.layout),
        **_invisible(vertex.look),
        **({"URL": f"#/{vertex.link}"} if vertex.link else {}),
    }


def _wide(lines: Iterable[Line]) -> str:
    """As many m as are as wide as the widest of some lines."""
    widest = max(text_width(plain([line]), SIZE) for line in lines) + SIZE / 2
    return "m" * math.ceil(widest / (M_WIDTH * SIZE))


def _all(frames: Iterable[Frame]) -> Iterator[Frame]:
    for frame in frames:
        yield frame
        yield from _all(frame.frames)


def _subgraph(frame: Frame, numbered: dict[int, int]) -> Iterator[str]:
    at = numbered[id(frame)]
    yield f"subgraph {'cluster_' if frame.is_drawn else 's'}{at} {{"
    own = {"id": f"f{at}", **dict(frame.layout), **_invisible(frame.look)}
    if frame.is_drawn:
        own |= {"margin": "16", "fontsize": f"{SIZE:g}"}
        own |= {"label": "\\n".join([_wide(frame.label)] * len(frame.label))} if frame.label else {}
    yield f"graph [{_attributes(own)}]"
    yield from (f"n{vertex}" for vertex in frame.vertices)
    for inner in frame.frames:
        yield from _subgraph(inner, numbered)
    yield "}"


# --- What it looks like ---------------------------------------------------------------------------


def _group(
    groups: dict[str, Element], name: str, look: Look, where: Source | None
) -> Element | None:
    """What Graphviz drew of one thing, without its own titles; None where it is not to be seen."""
    if name not in groups:
        if look.style == "invis":
            return None
        raise unable(where, _FAILS)  # it lost one
    return without_titles(groups[name])


def _classify(group: Element, kind: str, look: Look) -> None:
    classify(group, f"{kind} {look.kind}".strip(), look.step)


def _restyle_box(group: Element, vertex: Vertex, lines: tuple[Line, ...], locale: Locale) -> None:
    _classify(group, "node", vertex.look)
    group.set("data-node", vertex.name)
    name_links(group, plain(lines), vertex.link, locale)
    for inner in [g for g in group.iter(f"{{{SVG}}}g") if g is not group]:
        inner.attrib.clear()
    fill, edge, ink = _BOXES[vertex.look.kind]
    if vertex.link and vertex.look.kind != "accent":
        edge = ink = ACCENT
    style = f"fill: {fill}; stroke: {edge}{_dashed(vertex.look)}"
    if vertex.shape in _OPEN:
        style = "fill: none; stroke: none"
    if vertex.shape == "point":
        style = f"fill: {INK}; stroke: none"
    texts = list(group.iter(f"{{{SVG}}}text"))
    for shape in list(group.iter()):
        if shape.tag.removeprefix(f"{{{SVG}}}") in ("polygon", "ellipse", "path", "polyline"):
            restyle_shape(shape, style)
            if vertex.shape in BOXES and shape.tag.endswith("polygon"):
                _round(shape)
    for text, line in zip(texts, lines, strict=True):
        restyle_text(text, line, STRONG, ink)


def _round(outline: Element) -> None:
    """A box with four corners as a rounded one."""
    points = _numbers(outline.get("points", ""))
    left, right, top, bottom = (
        min(points[::2]),
        max(points[::2]),
        min(points[1::2]),
        max(points[1::2]),
    )
    outline.tag = f"{{{SVG}}}rect"
    outline.attrib = {
        **{"x": f"{left:g}", "y": f"{top:g}"},
        **{"width": f"{right - left:g}", "height": f"{bottom - top:g}"},
        **{"rx": str(ROUND), "style": outline.get("style", "")},
    }


def _dashed(look: Look) -> str:
    return f"; stroke-dasharray: {_DASHES[look.style]}" if look.style in _DASHES else ""


def _restyle_arrow(group: Element, joint: Joint, ends: str) -> None:
    _classify(group, "edge", joint.look)
    group.set("data-edge", ends)
    colour = _LINES.get(joint.look.kind, SOFT if joint.look.style in _DASHES else INK)
    texts = group.findall(f"{{{SVG}}}text")
    lines = [line for _, of_label in joint.labels for line in of_label]
    for text, line in zip(texts, lines, strict=True):
        restyle_text(text, line, REGULAR, SOFT)
        lift(text)
    for shape in group:
        if shape in texts:
            continue
        is_line = shape.tag in (f"{{{SVG}}}path", f"{{{SVG}}}polyline")
        is_open = shape.get("fill") == "none"
        fill = "none" if is_line else PAPER if is_open else colour
        dashes = _dashed(joint.look) if is_line else ""
        restyle_shape(shape, f"fill: {fill}; stroke: {colour}{dashes}")


def _restyle_frame(group: Element, frame: Frame) -> None:
    _classify(group, "frame", frame.look)
    _, edge, ink = _BOXES[frame.look.kind]
    colour = {PAPER: ACCENT, INK: SOFT}.get(ink, ink)
    for shape in group.iter(f"{{{SVG}}}polygon"):
        restyle_shape(shape, f"fill: none; stroke: {edge}{_dashed(frame.look)}")
        _round(shape)
    for text, line in zip(group.iter(f"{{{SVG}}}text"), frame.label, strict=True):
        restyle_text(text, line, STRONG, colour)


# --- How large it is, and that nothing lies on a label --------------------------------------------


def _unwrap(root: Element) -> None:
    """Take the groups out of the one around all; its own ground and title go."""
    for sheet in list(root):
        moved = _numbers(sheet.get("transform", "").partition("translate(")[2])
        root.remove(sheet)
        root.extend(sheet.findall(f"{{{SVG}}}g"))
        x, y, width, height = _numbers(root.get("viewBox", ""))
        root.set("viewBox", f"{x - moved[0]:g} {y - moved[1]:g} {width:g} {height:g}")


def _extent(root: Element) -> tuple[Span, bool]:
    """What the drawing covers, labels included; and whether none lies on a box or another one."""
    boxes = [
        span
        for group in root.iter(f"{{{SVG}}}g")
        if group.get("data-node") is not None
        for shape in group.iter()
        if (span := _span(shape))
    ]
    labels = label_spans(root, SIZE)
    x, y, width, height = _numbers(root.get("viewBox", ""))
    half = STROKE / 2
    whole = (x - half, y - half, x + width + half, y + height + half)
    lefts, tops, rights, bottoms = zip(*[whole, *labels], strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms)), are_clear(labels, boxes)


def _span(shape: Element) -> Span | None:
    """What a node's outline covers."""
    tag = shape.tag.removeprefix(f"{{{SVG}}}")
    if tag == "rect":
        x, y, width, height = (float(shape.get(k, "")) for k in ("x", "y", "width", "height"))
        return x, y, x + width, y + height
    if tag == "ellipse":
        x, y, rx, ry = (float(shape.get(k, "")) for k in ("cx", "cy", "rx", "ry"))
        return x - rx, y - ry, x + rx, y + ry
    if tag not in ("polygon", "path"):
        return None
    points = _numbers(shape.get("points", "") or shape.get("d", ""))
    return min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])


def _numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]
