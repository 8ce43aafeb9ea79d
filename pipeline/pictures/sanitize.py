"""SVG of the talk's own, made safe to stand in a page: only what these lists know stays in it.

What is of another program (Inkscape's layers, metadata, comments) goes without a word. What could
run, load, or reach out of the drawing is an error with its line, and so is what no list knows.
Names are compared as they are written: a browser's parser forgives other capitals.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import msgspec
import tinycss2
from tinycss2.ast import Node

from pipeline.problems import Source, TalkError, shortened

SVG = "http://www.w3.org/2000/svg"
HTML = "http://www.w3.org/1999/xhtml"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
HINT = "what can stand in a drawing is told in docs/drawings.md"
MOST_DEEP = 60  # elements in each other
MOST_DRAWN = 100_000  # elements, those that others refer to counted each time
MOST_LED = 5  # references that lead to each other


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


ELEMENTS = names(
    """
    svg g defs symbol use a title desc path rect circle ellipse line polyline polygon text tspan
    textPath clipPath mask pattern marker linearGradient radialGradient stop filter feBlend
    feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG
    feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset
    """
)
WORDS = names("title desc")  # hold text alone: HTML's parser reads tags in them as HTML
REFERRING = names("a use textPath linearGradient radialGradient pattern")  # by href
# Also CSS properties, and the only attributes that may refer to something by url(#id).
PROPERTIES = names(
    """
    clip-path clip-rule color color-interpolation color-interpolation-filters direction display
    dominant-baseline alignment-baseline baseline-shift fill fill-opacity fill-rule filter
    flood-color flood-opacity font font-family font-feature-settings font-size font-stretch
    font-style font-variant font-variant-numeric font-weight letter-spacing lighting-color
    line-height marker marker-end marker-mid marker-start mask mix-blend-mode opacity overflow
    paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity
    stroke-width text-anchor text-decoration text-rendering transform transform-origin
    unicode-bidi vector-effect visibility word-spacing writing-mode
    """
)
ATTRIBUTES = PROPERTIES | names(
    """
    id class style href role aria-label aria-hidden lang viewBox preserveAspectRatio
    x y x1 y1 x2 y2 dx dy cx cy r rx ry fx fy fr d points width height rotate pathLength
    startOffset method spacing side textLength lengthAdjust offset
    gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform
    clipPathUnits maskUnits maskContentUnits mask-type markerUnits markerWidth markerHeight refX
    refY orient filterUnits primitiveUnits in in2 mode type values tableValues slope intercept
    amplitude exponent operator k1 k2 k3 k4 stdDeviation radius result edgeMode
    """
)
# What programs say of themselves, or to others.
LEFT_OUT = re.compile(r"version|baseProfile|enable-background|aria-labelledby|data-.*")
FUNCTIONS = names(
    """
    rgb rgba hsl hsla var calc color-mix translate translatex translatey rotate scale scalex scaley
    skewx skewy matrix
    """
)
_ID = re.compile(r"[A-Za-z_][\w.:-]*")
_STEP = re.compile(r"step-[0-9]{1,3}")
_PLAIN = re.compile(r"[\w\s.,#%+-]*")  # nothing that CSS reads as more than words and numbers
_SIGNS = frozenset(",/+-*")
_REFERENCE = re.compile(r"url\(\s*[\"']?#([\w.:-]+)")
_COMPOUND = re.compile(r"(\*|[\w-]*)((?:[.#][\w-]+)*)")


class Drawing:
    """A drawing as it is parsed, each element with its line."""

    def __init__(self, text: str, where: Source) -> None:
        self.where = where
        self.lines: dict[Element, int] = {}
        self._builder, self._deep = TreeBuilder(), 0
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._builder.data
        self._parser.EntityDeclHandler = self._entity
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            line = Source(where.path, error.lineno)
            raise TalkError(f"not valid SVG: {error}", line, "open the file in a browser") from None
        self.root: Element = self._builder.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._deep += 1
        if self._deep > MOST_DEEP:
            self._refuse("elements stand too deep in each other", f"{MOST_DEEP} at most")
        named = {_clark(key): value for key, value in attributes.items()}
        self.lines[self._builder.start(_clark(name), named)] = self._parser.CurrentLineNumber

    def _end(self, name: str) -> None:
        self._deep -= 1
        self._builder.end(_clark(name))

    def _entity(self, name: str, *_: object) -> None:
        self._refuse(f"the drawing declares an entity, `{name}`", "write what it stands for")

    def _refuse(self, message: str, hint: str) -> None:
        raise TalkError(message, Source(self.where.path, self._parser.CurrentLineNumber), hint)

    def source(self, element: Element) -> Source:
        return Source(self.where.path, self.lines.get(element))


def _clark(name: str) -> str:
    """`{namespace}name`, as ElementTree has it."""
    return f"{{{name}" if "}" in name else name


def sanitized(text: str, where: Source) -> Drawing:
    """A drawing with nothing in it but what the lists above know; its style sheet in attributes.

    Raises TalkError with the line for anything that could run, load or reach out of the drawing.
    """
    drawing = Drawing(text, where)
    if drawing.root.tag != f"{{{SVG}}}svg":
        raise TalkError("not an SVG: its outermost element is no <svg>", where, "see deck/drawings")
    try:
        sheet = _Sheet(_swept(drawing.root, drawing))
        for element in drawing.root.iter():
            source = drawing.source(element)
            _clean_style(element, sheet, source)
            _clean_attributes(element, source)
    except (RecursionError, ValueError):
        raise unreadable_style(drawing) from None
    check_references(drawing)
    return drawing


def unreadable_style(drawing: Drawing) -> TalkError:
    """What tinycss2 gives up: a thousand brackets in each other, a number of 5,000 digits."""
    hint = "brackets in brackets, a thousand deep, or a number of thousands of digits"
    return TalkError("a style that can't be read", drawing.source(drawing.root), hint)


class _Rule(msgspec.Struct, frozen=True):
    """A rule of a style sheet: for elements of this name, with these classes and ids."""

    name: str  # "" for all
    marks: frozenset[str]  # ".class", "#id"
    line: int
    declarations: tuple[tuple[str, str], ...]

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """Which rule is stronger: by ids, classes and names, as CSS counts them, then by lines."""
        ids = sum(mark.startswith("#") for mark in self.marks)
        return ids, len(self.marks) - ids, bool(self.name), self.line


class _Sheet:
    """The rules of a drawing's style sheets."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self._rules = sorted(rules, key=lambda rule: rule.weight)
        self._marks = frozenset(mark for rule in self._rules for mark in rule.marks)
        self._made: dict[tuple[str, frozenset[str]], dict[str, str]] = {}

    def style_of(self, name: str, marks: set[str]) -> dict[str, str]:
        """What the rules give to an element of this name, with these classes and this id."""
        key = (name, self._marks & marks)
        if key not in self._made:
            self._made[key] = {
                property_: value
                for rule in self._rules
                if rule.marks <= key[1] and rule.name in ("", name)
                for property_, value in rule.declarations
            }
        return self._made[key]


def _swept(parent: Element, drawing: Drawing) -> Iterator[_Rule]:
    """Take out what is not of SVG, and style sheets, whose rules are returned."""
    kept: list[Element] = []
    for child in parent:
        namespace, _, name = child.tag.rpartition("}")
        is_ours = namespace == f"{{{SVG}"
        if is_ours and name == "style":
            yield from _rules("".join(child.itertext()), drawing.source(child))
        elif is_ours and name in ELEMENTS:
            yield from _swept(child, drawing)
            if name in WORDS:
                child.text, child[:] = "".join(child.itertext()), []
            kept.append(child)
            continue
        elif (is_ours and name != "metadata") or namespace in ("", f"{{{HTML}"):
            raise TalkError(f"a drawing can't have a <{name}>", drawing.source(child), HINT)
        # Left out, but not the text after it.
        if kept:
            kept[-1].tail = (kept[-1].tail or "") + (child.tail or "")
        else:
            parent.text = (parent.text or "") + (child.tail or "")
    parent[:] = kept


def _rules(sheet: str, where: Source) -> Iterator[_Rule]:
    for node in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
        line = Source(where.path, (where.line or 1) + node.source_line - 1)
        if node.type != "qualified-rule":
            said = f"@{node.at_keyword}" if node.type == "at-rule" else node.message
            raise TalkError(
                f"a drawing's styles can't have this: {said}", line, "plain rules alone"
            )
        declarations = tuple(_declarations(node.content, line))
        for selector in tinycss2.serialize(node.prelude).split(","):
            found = _COMPOUND.fullmatch(selector.strip())
            if not found or not found[0]:
                raise TalkError(
                    f"a drawing's styles can't have the selector `{selector.strip()}`",
                    line,
                    "an element, .class or #id",
                )
            marks = frozenset(re.findall(r"[.#][\w-]+", found[2]))
            yield _Rule(found[1].replace("*", ""), marks, line.line or 0, declarations)


def _declarations(style: str | Sequence[Node], where: Source) -> Iterator[tuple[str, str]]:
    """The properties of a style that are known, each with its value."""
    for node in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            raise TalkError("a style that can't be read", where, "name: value; name: value")
        if node.lower_name in PROPERTIES:
            value = tinycss2.serialize(node.value).strip()
            _check_value(node.lower_name, value, where)
            yield node.lower_name, value


def _clean_style(element: Element, sheet: _Sheet, where: Source) -> None:
    """Its styles and those that the rules give it, as one; classes but `step-N` go."""
    name, classes = element.tag.rpartition("}")[2], element.attrib.pop("class", "").split()
    marks = {f".{one}" for one in classes} | {f"#{element.get('id')}"}
    style = sheet.style_of(name, marks) | dict(
        _declarations(element.attrib.pop("style", ""), where)
    )
    if style:
        element.set("style", "; ".join(f"{name}: {value}" for name, value in style.items()))
    if steps := [one for one in classes if _STEP.fullmatch(one)]:
        element.set("class", " ".join(steps))


def _clean_attributes(element: Element, where: Source) -> None:
    kind = element.tag.rpartition("}")[2]
    if XLINK_HREF in element.attrib:
        element.attrib.setdefault("href", element.attrib.pop(XLINK_HREF))
    for name, value in list(element.attrib.items()):
        if name.lower().startswith("on"):
            raise TalkError(f"a drawing can't run anything: `{name}`", where, "remove it")
        if name == XML_SPACE:
            continue
        if name.startswith("{") or LEFT_OUT.fullmatch(name):
            del element.attrib[name]
        elif name not in ATTRIBUTES or (name == "href" and kind not in REFERRING):
            raise TalkError(f"a <{kind}> can't have the attribute `{name}`", where, HINT)
        elif name == "href":
            is_slide = kind == "a" and re.fullmatch(r"#/[\w-]+", value)
            if not is_slide and not (value[:1] == "#" and _ID.fullmatch(value[1:])):
                hint = "#/slide in an <a>, or #id of something in the drawing"
                raise TalkError(f"the drawing leads elsewhere: `{value}`", where, hint)
        elif name == "id" and not _ID.fullmatch(value):
            raise TalkError(f"`{value}` is no id", where, "letters, digits and - _ .")
        elif name not in ("id", "style", "role", "aria-label", "lang"):
            _check_value(name, value, where)


def _check_value(name: str, value: str, where: Source) -> None:
    if not _is_harmless(value):
        message = f"a drawing can't have this value of `{name}`: `{shortened(value)}`"
        raise TalkError(message, where, HINT)


@functools.lru_cache(maxsize=4096)
def _is_harmless(value: str) -> bool:
    """Whether CSS reads words, numbers and colours here, and no reference but into the drawing."""
    if _PLAIN.fullmatch(value):
        return True
    # No escapes: what is written is what is read.
    return "\\" not in value and all(map(_is_known, tinycss2.parse_component_value_list(value)))


def _is_known(token: Node) -> bool:
    if token.type in ("ident", "hash", "string"):
        return bool(_PLAIN.fullmatch(token.value))
    if token.type == "dimension":
        return bool(_PLAIN.fullmatch(token.unit))
    if token.type == "literal":
        return token.value in _SIGNS
    if token.type == "url":
        return token.value[:1] == "#" and bool(_ID.fullmatch(token.value[1:]))
    if token.type == "function":
        return token.lower_name in FUNCTIONS and all(map(_is_known, token.arguments))
    return token.type in ("whitespace", "number", "percentage")


def check_references(drawing: Drawing) -> None:
    """What leads to itself, or draws a thing a million times, would stop the browser.

    Raises TalkError with the line.
    """
    by_id = {element.get("id"): element for element in drawing.root.iter() if element.get("id")}
    known: dict[Element, int] = {}

    def drawn(element: Element, led: int) -> int:
        if element not in known:
            values = [*_REFERENCE.findall(" ".join(element.attrib.values()))]
            if not element.tag.endswith("}a"):
                values.append(element.get("href", "")[1:])
            targets = [by_id[name] for name in values if name in by_id]
            if targets and led == MOST_LED:
                hint = f"at most {MOST_LED} that lead to each other"
                raise TalkError("references without an end", drawing.source(element), hint)
            known[element] = (
                1
                + sum(drawn(child, led) for child in element)
                + sum(drawn(target, led + 1) for target in targets)
            )
        return known[element]

    if drawn(drawing.root, 0) > MOST_DRAWN:
        where = drawing.source(drawing.root)
        raise TalkError("the drawing repeats too much", where, "fewer references")
