"""SVG of other programs, cleaned to stand in the deck as a file of its own, shown by <img>.

Its styles and ids reach nothing there, and a browser runs and loads nothing out of it; opened by
itself it could, so what runs or loads is an error with its line. What programs say of themselves
(layers, paths, documents in attributes, comments) and links to elsewhere go without a word.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import msgspec
import tinycss2
from tinycss2.ast import Node

from pipeline.files import as_text
from pipeline.pictures.photos import encoded
from pipeline.pictures.sanitize import (
    HTML,
    SVG,
    XLINK_HREF,
    XML_SPACE,
    Drawing,
    check_references,
    names,
    unreadable_style,
)
from pipeline.problems import Source, TalkError, shortened

MATH = "http://www.w3.org/1998/Math/MathML"
_XML_LANG = XML_SPACE.replace("space", "lang")
_NAMESPACES = {f"{{{name}" for name in (SVG, HTML, MATH)}
# Nothing in a picture runs, loads, or is typed into.
_REFUSED = names(
    """
    script handler listener iframe frame object embed applet audio video source track form input
    button select textarea link meta base portal
    """
)
_LEFT_OUT = names("metadata")
_LOADING = names("href src srcset poster data background action")
_OWN_WORDS = re.compile(
    r"content|version|baseProfile|enable-background|data-.*|data", re.IGNORECASE
)
_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)((?:;[\w=.-]+)*?)(;base64)?,(.*)", re.DOTALL)
_PICTURES = names("image/png image/jpeg image/jpg image/gif image/webp")
_FONTS = re.compile(r"(?:font/|application/(?:x-)?font)")
_NUMBER = r"-?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:e[+-]?[0-9]+)?"
_TAKEN = re.compile(r"#([\w.:-]+)")
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*(px|pt|pc|mm|cm|in|em|ex|)\s*", re.IGNORECASE)
_PIXELS = {"px": 1, "": 1, "pt": 96 / 72, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}
_PIXELS |= {"em": 16, "ex": 8}
_RUNS = re.compile(r"\s*(?:java|vb)script:", re.IGNORECASE)
_PLACE = (2272, 1152)  # pixels: twice the place under a title
_LARGEST = (2560, 1440)  # of a picture inside one
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("html", HTML)
ElementTree.register_namespace("math", MATH)


class ForeignSvg(msgspec.Struct, frozen=True):
    """A cleaned file; `text` is what can be read in it."""

    content: bytes
    width: float
    height: float
    text: str


def cleaned(raw: bytes, where: Source, used: Source, name: str) -> ForeignSvg:
    """The SVG without what runs, loads, or tells of its maker. `used`: the slide's line.

    Raises TalkError with the line of the SVG for what runs or loads, and of the slide for a file
    that is no SVG or has no size.
    """
    if not re.search(rb"<(?:\w+:)?svg[\s>]", raw[:100_000]):
        raise TalkError(f"`{name}` is no SVG, whatever its name says", used, "export it again")
    drawing = Drawing(as_text(raw, where.path, "the SVG"), where)
    if drawing.root.tag != f"{{{SVG}}}svg":
        raise TalkError(f"`{name}` is no SVG: its outermost element is no <svg>", used)
    _sweep(drawing.root, drawing)
    _leave_out_hidden(drawing.root)
    try:
        for element in drawing.root.iter():
            _clean_attributes(element, drawing.source(element))
            if element.tag.rpartition("}")[2] == "style":
                sheet = "".join(element.itertext())
                _check_css(sheet, drawing.source(element))
                element.text, element[:] = _without_comments(sheet), []
    except (RecursionError, ValueError):
        raise unreadable_style(drawing) from None
    check_references(drawing)
    width, height = _sized(drawing.root, used, name)
    svg = ElementTree.tostring(drawing.root, "unicode", short_empty_elements=True)
    return ForeignSvg(svg.encode() + b"\n", width, height, " ".join(_words(drawing.root)))


def _sweep(parent: Element, drawing: Drawing) -> None:
    """Take out what is not of SVG, HTML or MathML. Raises TalkError for what runs or loads."""
    kept: list[Element] = []
    for child in parent:
        namespace, _, name = child.tag.rpartition("}")
        if name.lower() in _REFUSED:
            raise TalkError(
                f"a picture can't have a <{name}>",
                drawing.source(child),
                "export it without: pictures run and load nothing",
            )
        if namespace in _NAMESPACES and name not in _LEFT_OUT:
            _sweep(child, drawing)
            kept.append(child)
        elif kept:  # left out, but not the text after it
            kept[-1].tail = (kept[-1].tail or "") + (child.tail or "")
        else:
            parent.text = (parent.text or "") + (child.tail or "")
    parent[:] = kept


def _leave_out_hidden(root: Element) -> None:
    """Layers that are switched off, unless something that is shown takes a part of them."""
    written = " ".join(
        text for one in root.iter() for text in (*one.attrib.values(), one.text or "")
    )
    taken = set(_TAKEN.findall(written))
    if "!important" in written or any("attributeName" in one.attrib for one in root.iter()):
        return  # something may switch them on
    for parent in [*root.iter()]:
        for child in [one for one in parent if _is_off(one)]:
            if not taken & {one.get("id", "") for one in child.iter()}:
                parent.remove(child)


def _is_off(element: Element) -> bool:
    style = re.sub(r"\s", "", element.get("style", ""))
    return "display:none" in style.split(";") or (
        element.get("display") == "none" and "display:" not in style
    )


def _without_comments(sheet: str) -> str:
    """A style sheet, or the styles of an element, without what its maker remarked."""
    if "/*" not in sheet:
        return sheet
    return str(tinycss2.serialize([*_bare(tinycss2.parse_component_value_list(sheet))]))


def _bare(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.type == "comment":
            continue
        for inside in ("content", "arguments"):
            inner = getattr(node, inside, None)
            if isinstance(inner, list):
                setattr(node, inside, [*_bare(inner)])
        yield node


def _clean_attributes(element: Element, where: Source) -> None:
    kind = element.tag.rpartition("}")[2].lower()
    if XLINK_HREF in element.attrib:
        element.attrib.setdefault("href", element.attrib.pop(XLINK_HREF))
    for name, value in list(element.attrib.items()):
        if re.match(r"on[a-z]", name, re.IGNORECASE):
            raise TalkError(f"a picture can't run anything: `{name}`", where, "remove it")
        if _RUNS.match(value):
            raise TalkError(f"a picture can't run anything: `{name}={value[:40]}`", where)
        if name in (XML_SPACE, _XML_LANG):
            continue
        if name.startswith("{") or _OWN_WORDS.fullmatch(name):
            del element.attrib[name]
        elif name.lower() in _LOADING:
            _clean_reference(element, name, kind, where)
        elif name == "attributeName" and value.lower().rpartition(":")[2] in _LOADING:
            raise TalkError(f"a picture can't change where it leads: `{value}`", where)
        elif name == "attributeName" and re.match(r"on[a-z]", value, re.IGNORECASE):
            raise TalkError(f"a picture can't run anything: `{value}`", where, "remove it")
        elif name == "style":
            _check_css(f"x{{{value}}}", where)
            element.set(name, _without_comments(value))
        elif "(" in value:
            _check_nodes(tinycss2.parse_component_value_list(value), where)


def _clean_reference(element: Element, name: str, kind: str, where: Source) -> None:
    """Only what is in the picture itself; a link to elsewhere is left out."""
    value = element.attrib[name].strip()
    if name == "href" and value.startswith("#"):
        return
    if kind == "a":
        del element.attrib[name]
        return
    if kind in ("image", "feimage", "img") and value.startswith("data:"):
        element.attrib[name] = _inner_picture(value, where)
        return
    raise TalkError(
        f"a picture can't load anything from elsewhere: `{shortened(value)}`",
        where,
        "embed it when you export, or remove it",
    )


def _inner_picture(address: str, where: Source) -> str:
    """A picture in a picture, without what its camera or program wrote into it."""
    found = _DATA.fullmatch(address)
    if not found or found[1] not in _PICTURES:
        raise TalkError("a picture in it is of an unknown kind", where, "PNG, JPEG, GIF or WebP")
    try:
        packed = re.sub(r"\s", "", found[4])
        raw = base64.b64decode(packed) if found[3] else unquote_to_bytes(packed)
    except binascii.Error:
        raise TalkError("a picture in it is cut off", where, "export it again") from None
    made = encoded(raw, _LARGEST, where, "a picture in it").content
    return f"data:image/webp;base64,{base64.b64encode(made).decode()}"


def _check_css(sheet: str, where: Source) -> None:
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    _check_nodes(rules, where)


def _check_nodes(nodes: Iterable[Node], where: Source) -> None:
    """Raises TalkError for a style that loads something from elsewhere."""
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword == "import":
            raise TalkError("a picture's styles can't load others: @import", where, "remove it")
        address = node.value if node.type == "url" else None
        if node.type == "function" and node.lower_name in ("url", "src", "image", "image-set"):
            address = "".join(one.value for one in node.arguments if one.type == "string") or "?"
        if address is not None and not address.startswith("#"):
            found = _DATA.fullmatch(address)
            if not found or not (found[1] in _PICTURES or _FONTS.match(found[1])):
                hint = "embed it when you export, or remove it"
                message = f"a picture's styles can't load `{shortened(address)}`"
                raise TalkError(message, where, hint)
        for inside in ("prelude", "content", "arguments", "value"):
            inner = getattr(node, inside, None)
            if isinstance(inner, list):
                _check_nodes(inner, where)


def _sized(root: Element, used: Source, name: str) -> tuple[float, float]:
    """Its width and height in pixels, as large as a place can be, written into it.

    A browser shows none of unknown size, and a picture no larger than it says it is.
    """
    box = [float(n) for n in re.findall(_NUMBER, root.get("viewBox", ""))]
    width, height = (_pixels(root.get(side, "")) for side in ("width", "height"))
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        if not width or not height or abs(width / height - box[2] / box[3]) > 0.01:
            width, height = box[2], box[3]
    elif not width or not height:
        raise TalkError(
            f"`{name}` says no size", used, "give its <svg> a viewBox: 0 0 WIDTH HEIGHT"
        )
    else:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    scale = min(_PLACE[0] / width, _PLACE[1] / height)
    width, height = width * scale, height * scale
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")
    return width, height


def _pixels(length: str) -> float:
    found = _LENGTH.fullmatch(length)
    return max(0, float(found[1]) * _PIXELS[found[2].lower()]) if found else 0


def _words(root: Element) -> Iterator[str]:
    """What is read in it: its texts, in SVG and in HTML."""
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name in ("text", "foreignObject"):
            yield " ".join(" ".join(element.itertext()).split())
