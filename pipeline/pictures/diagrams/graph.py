"""deck/diagrams/NAME.dot -> a Graph: what its boxes and arrows say and look like, checked by line.

Graphviz reads the language; what may stand in it is decided here. Colours and typefaces are the
deck's, so a box has a class where another tool gives it a colour.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import msgspec

from pipeline.dot_file import TEXTS, attributes, line_of, line_of_name, tokens
from pipeline.files import kept, read_text, refuse_conflicts
from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.engine import BrokenDotError, rendered
from pipeline.pictures.diagrams.vocabulary import (
    CLASSES,
    COLOURS,
    LABELS,
    LAYOUT,
    LEFT_OUT,
    OURS,
    OUTSIDE,
    SHAPES,
    STYLES,
)
from pipeline.pictures.picture import drawing_code
from pipeline.pictures.text import Line, runs_of
from pipeline.problems import Source, TalkError, nearest

MOST_SIGNS = 100_000
NEAR = 30  # lines in which the place of a fault is looked for one by one
_COMPLETE = (";", "]", "{", "}")  # how a line ends behind which a graph could end
MOST_NODES, MOST_EDGES = 150, 300  # more is no diagram for a room

_PLAIN = re.compile(r"[\w.,:+\- !]{0,40}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_BREAK = re.compile(r"\\[nlr]")
_ESCAPE = re.compile(r"\\([NGTHEL\\])")
_DOCS = "see docs/diagrams.md"


class _Parsed(msgspec.Struct):
    """Graphviz's JSON of a graph: subgraphs first, then nodes; their attributes are texts."""

    directed: bool
    subgraphs: int = msgspec.field(default=0, name="_subgraph_cnt")
    objects: list[dict[str, object]] = []
    edges: list[dict[str, object]] = []


class Look(msgspec.Struct, frozen=True):
    """How a box, an arrow or a frame is shown, and from which step on."""

    kind: str = ""  # one of CLASSES, or "" for the plain one
    step: int = 0
    style: str = ""  # "dashed", "dotted", "invis", or ""


class Vertex(msgspec.Struct, frozen=True):
    """A node; `layout` are the attributes that Graphviz places it by."""

    name: str
    label: tuple[Line, ...]
    look: Look
    shape: str
    link: str
    layout: tuple[tuple[str, str], ...]


class Joint(msgspec.Struct, frozen=True):
    """An edge between two vertices, by their places in the graph's list."""

    tail: int
    head: int
    labels: tuple[tuple[str, tuple[Line, ...]], ...]  # by which of LABELS
    look: Look
    layout: tuple[tuple[str, str], ...]


class Frame(msgspec.Struct, frozen=True):
    """A subgraph: a cluster with a frame around it, or boxes that stand together."""

    name: str
    label: tuple[Line, ...]
    look: Look
    vertices: tuple[int, ...]
    frames: tuple[Frame, ...]
    layout: tuple[tuple[str, str], ...]

    @property
    def is_drawn(self) -> bool:
        return self.name.startswith("cluster") and bool(self.vertices)  # an empty one has no place


class Graph(msgspec.Struct, frozen=True):
    """A diagram in DOT with its values put in: all that its drawing depends on."""

    name: str
    title: str
    desc: str
    is_directed: bool
    vertices: tuple[Vertex, ...]
    joints: tuple[Joint, ...]
    frames: tuple[Frame, ...]
    layout: tuple[tuple[str, str], ...]


def graph_texts(path: Path) -> Iterator[tuple[str, str, Source]]:
    """The texts of a DOT file before they are filled: their key, and where they begin."""
    for found in attributes(read_text(path, "the diagram")):
        if found.key in TEXTS and found.value.strip():
            key = "label" if found.key in LABELS else found.key
            yield key, _BREAK.sub(" ", found.value), Source(path, found.line)


def read_graph(
    path: Path, numbers: Numbers, slides: Collection[str], cache: Path | None = None
) -> Graph:
    """Read a DOT file, check what stands in it, and put the run's values in.

    What Graphviz reads in it is kept in `cache`: Graphviz takes a second to load.

    Raises TalkError with path and line for what Graphviz can't read, a name, class, link or
    attribute that can't be, a missing title or text, and a graph that is too large.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", path.stem):
        raise TalkError(
            f"`{path.name}` is no name for a diagram", Source(path), "small letters, digits and -"
        )
    text = read_text(path, "the diagram")
    refuse_conflicts(enumerate(text.split("\n"), 1), path)
    if steers := _CONTROL.search(text):  # Graphviz writes it as it is, and its JSON is none
        line = text.count("\n", 0, steers.start()) + 1
        raise TalkError("a control character in the diagram", Source(path, line), "delete it")
    if len(text) > MOST_SIGNS:
        hint = "a room reads a few dozen boxes"
        raise TalkError(f"the diagram has more than {MOST_SIGNS:,} signs", Source(path), hint)
    return _Reader(path, text, numbers, slides, cache).graph()


class _Reader:
    """One DOT file on its way to a Graph."""

    def __init__(
        self,
        path: Path,
        text: str,
        numbers: Numbers,
        slides: Collection[str],
        cache: Path | None,
    ) -> None:
        self.path, self.text, self.numbers, self.slides = path, text, numbers, slides
        self.cache = cache

    def graph(self) -> Graph:
        parsed, top = self._parsed()
        frames, nodes = parsed.objects[: parsed.subgraphs], parsed.objects[parsed.subgraphs :]
        if not nodes:
            self._reject("the diagram has no nodes", "name some: a -> b", 1)
        for what, found, most in (
            ("nodes", nodes, MOST_NODES),
            ("edges", parsed.edges, MOST_EDGES),
        ):
            if len(found) > most:
                message = f"the diagram has {len(found)} {what}, more than {most}"
                self._reject(message, "a room reads a few dozen boxes", None)
        self._check(top, "the graph")
        title, desc = self._names(top)
        ids = {self._number(node, "_gvid"): at for at, node in enumerate(nodes)}
        vertices = tuple(self._vertex(node) for node in nodes)
        return Graph(
            name=self.path.stem,
            title=title,
            desc=desc,
            is_directed=parsed.directed,
            vertices=vertices,
            joints=tuple(self._joint(edge, ids, vertices) for edge in parsed.edges),
            frames=self._frames(frames, ids, top),
            layout=self._layout(top),
        )

    # --- Reading ----------------------------------------------------------------------------------

    def _parsed(self) -> tuple[_Parsed, dict[str, object]]:
        """The graph as Graphviz reads it, its defaults applied; nothing is placed yet."""

        def read() -> bytes:
            try:
                return rendered(self.text, Source(self.path), _DOCS, form="dot_json", engine="nop")
            except BrokenDotError:
                raise self._broken() from None

        made = kept(self.cache, "graph.json", f"{self.text}\0{drawing_code()}", read)
        return msgspec.json.decode(made, type=_Parsed), msgspec.json.decode(made)

    def _broken(self) -> TalkError:
        """Where Graphviz stops: behind the longest beginning that it reads."""
        signs = list(tokens(self.text))
        words = [token.text.lower() for token in signs[:3]]
        if not {"graph", "digraph"} & set(words):
            where, hint = Source(self.path, 1), "a diagram begins with `digraph {`"
            return TalkError("this is no DOT", where, hint)
        if quote := next((t for t in signs if t.text == '"' and not t.is_quoted), None):
            odd = (at for at, line in enumerate(self.text.split("\n"), 1) if _quotes(line) % 2)
            where = Source(self.path, next(odd, quote.line))
            return TalkError("a text without its closing quote", where, 'close it: "')
        is_directed = "digraph" in words
        wrong = "--" if is_directed else "->"
        if found := next((t for t in signs if t.text == wrong and not t.is_quoted), None):
            kind, right = ("digraph", "->") if is_directed else ("graph", "--")
            where = Source(self.path, found.line)
            return TalkError(f"`{wrong}` in a {kind}", where, f"arrows of a {kind} are `{right}`")
        return TalkError("Graphviz can't read this", Source(self.path, self._stop()), _DOCS)

    def _stop(self) -> int:
        """The line behind the longest beginning that can be read; found by halving."""
        lines = self.text.split("\n")
        ends = [at for at, line in enumerate(lines, 1) if line.rstrip().endswith(_COMPLETE)]
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._reads(lines[: ends[middle]]):
                low = middle + 1
            else:
                high = middle
        stop = (ends[low - 1] if low else 0) + 1
        for end in range(stop, min(stop + NEAR, len(lines))):
            stop = end + 1 if self._reads(lines[:end]) else stop
        while stop < len(lines) and not lines[stop - 1].strip():
            stop += 1
        return min(stop, len(lines))

    def _reads(self, lines: list[str]) -> bool:
        """Whether Graphviz reads these lines, with what they leave open closed."""
        part = "\n".join(lines)
        open_ = [t.text for t in tokens(part) if t.text in ("[", "]", "{", "}") and not t.is_quoted]
        closing = "".join(
            close * (open_.count(sign) - open_.count(close))
            for sign, close in (("[", "]"), ("{", "}"))
        )
        try:
            rendered(f"{part}\n{closing}", Source(self.path), _DOCS, form="canon", engine="nop")
        except (BrokenDotError, TalkError):
            return False
        return True

    # --- Checking ---------------------------------------------------------------------------------

    def _reject(self, message: str, hint: str, line: int | None) -> NoReturn:
        raise TalkError(message, Source(self.path, line), hint)

    def _line(self, key: str, value: object, name: str = "") -> int | None:
        found = line_of(self.text, key, str(value))
        return found or (line_of_name(self.text, name) if name else None)

    def _check(self, entry: Mapping[str, object], what: str) -> None:
        """That only attributes are there which the deck can show."""
        for key, value in entry.items():
            if key.startswith("_") or not isinstance(value, str) or key in _STRUCTURE:
                continue
            line = self._line(key, value)
            if line is None or not value:
                continue  # Graphviz's own, or its default
            if key in COLOURS and value != "transparent":
                hint = f"colours are the deck's, in both themes: class={'|'.join(CLASSES)}"
                more = sum(a.key in COLOURS for a in attributes(self.text)) - 1
                others = f" (and {more} more)" if more else ""
                self._reject(f"`{key}={value}` of {what}: a colour by hand{others}", hint, line)
            if key in OUTSIDE:
                hint = 'a diagram has no pictures, style sheets and links but URL="#/slide"'
                self._reject(f"`{key}` of {what} can't be", hint, line)
            known = LAYOUT | OURS | LEFT_OUT | COLOURS
            if key not in known:
                self._reject(f"unknown attribute `{key}` of {what}", nearest(key, known), line)
            if key in LAYOUT and not _PLAIN.fullmatch(value):
                self._reject(f"`{key}` of {what} can't be `{value[:40]}`", _DOCS, line)
            if key in TEXTS and self._is_html(key, value):
                hint = 'write it as a text, "…", with \\n for a new line'
                self._reject(f"an HTML-like text of {what}", hint, line)

    def _is_html(self, key: str, value: str) -> bool:
        """Whether a text stands in <> in the file, where its quoted form stands nowhere."""
        written = [a for a in attributes(self.text) if a.key == key]
        return value.startswith("<") and not any(a.value == value for a in written)

    def _look(self, entry: Mapping[str, object], what: str) -> Look:
        kind, step, style = (str(entry.get(key, "")) for key in ("class", "step", "style"))
        if kind and kind not in CLASSES:
            self._reject(
                f"unknown class `{kind}` of {what}",
                nearest(kind, CLASSES),
                self._line("class", kind),
            )
        if step and not re.fullmatch(r"[0-9]{1,2}", step):
            line = self._line("step", step)
            self._reject(f"`step` of {what} is no number: `{step}`", "step=1", line)
        styles = [one.strip() for one in style.split(",") if one.strip()]
        for one in styles:
            if one not in STYLES:
                line = self._line("style", style)
                self._reject(f"unknown style `{one}` of {what}", nearest(one, STYLES), line)
        shown = next((s for s in ("invis", "dashed", "dotted") if s in styles), "")
        return Look(kind, int(step or 0), shown)

    def _layout(self, entry: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (key, value)
            for key, value in sorted(entry.items())
            if key in LAYOUT and isinstance(value, str) and value
        )

    @staticmethod
    def _number(entry: Mapping[str, object], key: str) -> int:
        value = entry.get(key)
        return value if isinstance(value, int) else -1

    # --- Texts ------------------------------------------------------------------------------------

    def _lines(
        self, entry: Mapping[str, object], key: str, node: str = "", default: str = ""
    ) -> tuple[Line, ...]:
        """A text of the file, its values put in, as lines."""
        value = str(entry.get(key, "\\N"))
        where = Source(self.path, self._line(key, value, node))
        escapes = {"N": node, "G": self.path.stem, "\\": "\\"}
        value = default if value == "\\N" else value
        parts = _BREAK.split(value)
        made = []
        for part in (piece for whole in parts for piece in whole.split("\n")):
            plain = html.unescape(_ESCAPE.sub(lambda found: escapes.get(found[1], ""), part))
            filled = self.numbers.fill(" ".join(plain.split()), where)
            if filled.text.strip():
                made.append(runs_of(filled, filled.text))
        return tuple(made)

    def _names(self, top: Mapping[str, object]) -> tuple[str, str]:
        """Title, and text for those who don't see it: both are asked for at once."""
        title, desc = self._named(top, "title", "label"), self._named(top, "desc", "tooltip")
        missing = {
            "title": ("title", not title),
            "desc": ("text for those who don't see it", not desc),
        }
        wanted = {key: what for key, (what, is_missing) in missing.items() if is_missing}
        if wanted:
            named = [f'{key}="…"' for key in wanted]
            hint = f"add {' and '.join(named)} to the graph"
            where = Source(self.path, self._first_line())
            raise TalkError(f"the diagram has no {' and no '.join(wanted.values())}", where, hint)
        return title, desc

    def _named(self, top: Mapping[str, object], *keys: str) -> str:
        for key in keys:
            if value := str(top.get(key, "")).strip():
                text = _BREAK.sub(" ", value)
                where = Source(self.path, self._line(key, value))
                return " ".join(self.numbers.fill(text, where).plain.split())
        return ""

    def _first_line(self) -> int:
        return next((t.line for t in tokens(self.text) if t.text.lower().endswith("graph")), 1)

    # --- Nodes, edges, frames ---------------------------------------------------------------------

    def _vertex(self, node: Mapping[str, object]) -> Vertex:
        name = str(node.get("name", ""))
        what = f"node `{name}`"
        self._check(node, what)
        shape = str(node.get("shape", "")) or "box"
        if shape not in SHAPES:
            line = self._line("shape", shape)
            hint = nearest(shape, SHAPES)
            hint = "draw a node for each field" if shape in ("record", "Mrecord") else hint
            self._reject(f"unknown shape `{shape}` of {what}", hint, line)
        label = () if shape == "point" else self._lines(node, "label", name, name)
        return Vertex(
            name, label, self._look(node, what), shape, self._link(node, what), self._layout(node)
        )

    def _link(self, node: Mapping[str, object], what: str) -> str:
        url = str(node.get("URL", "") or node.get("href", ""))
        if not url:
            return ""
        key = "URL" if node.get("URL") else "href"
        line, target = self._line(key, url), url.removeprefix("#/")
        if not url.startswith("#/"):
            hint = 'a diagram links to slides: URL="#/name"'
            self._reject(f"{what} links to `{url[:60]}`", hint, line)
        if target not in self.slides:
            hint = nearest(target, self.slides) if self.slides else "the talk has no slides"
            self._reject(f"there is no slide `{target}`", hint, line)
        return target

    def _joint(
        self, edge: Mapping[str, object], ids: Mapping[int, int], vertices: tuple[Vertex, ...]
    ) -> Joint:
        tail, head = ids[self._number(edge, "tail")], ids[self._number(edge, "head")]
        what = f"the arrow from `{vertices[tail].name}` to `{vertices[head].name}`"
        self._check(edge, what)
        for key in ("URL", "href"):
            if url := str(edge.get(key, "")):
                self._reject(f"{what} has a link", "links are of nodes", self._line(key, url))
        look = self._look(edge, what)
        first = max(look.step, vertices[tail].look.step, vertices[head].look.step)
        labels = tuple((key, lines) for key in LABELS if (lines := self._lines(edge, key)))
        return Joint(tail, head, labels, Look(look.kind, first, look.style), self._layout(edge))

    def _frames(
        self,
        entries: list[dict[str, object]],
        ids: Mapping[int, int],
        top: Mapping[str, object],
    ) -> tuple[Frame, ...]:
        by_id = {self._number(entry, "_gvid"): entry for entry in entries}
        inner = {number for entry in entries for number in _ids(entry, "subgraphs")}
        inherited = {key: top.get(key) for key in TEXTS}

        def frame(entry: Mapping[str, object]) -> Frame:
            name = str(entry.get("name", ""))
            what = f"the subgraph `{name}`"
            own = {k: v for k, v in entry.items() if inherited.get(k) != v}
            self._check(own, what)
            return Frame(
                name,
                self._lines(own, "label") if name.startswith("cluster") else (),
                self._look(own, what),
                tuple(ids[number] for number in _ids(entry, "nodes") if number in ids),
                tuple(frame(by_id[number]) for number in _ids(entry, "subgraphs")),
                tuple(pair for pair in self._layout(entry) if pair[0] in ("rank", "peripheries")),
            )

        return tuple(frame(entry) for number, entry in by_id.items() if number not in inner)


_STRUCTURE = frozenset(["name", "headport", "tailport"])


def _quotes(line: str) -> int:
    return line.replace('\\"', "").count('"')


def _ids(entry: Mapping[str, object], key: str) -> list[int]:
    found = entry.get(key)
    return (
        [number for number in found if isinstance(number, int)] if isinstance(found, list) else []
    )
