"""A talk's own layouts and styles, in TALK/templates: filled in a sandbox, and checked.

They see a slide (`SlideView`), the talk (`TalkInfo`) and the macros of `layouts/parts.html.j2`; a
template reaches no file but those of its folder and ours.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup

from pipeline.config import TalkInfo
from pipeline.files import read_text
from pipeline.numbers.template import pieces
from pipeline.pages.looks import Looks
from pipeline.pages.slide import PartView, SlideView
from pipeline.pages.templates import to_json
from pipeline.problems import Source, TalkError, nearest
from pipeline.resources import TEMPLATES
from pipeline.slides.layouts import OWN_STYLES, own_template, own_templates

if TYPE_CHECKING:
    import tinycss2

_NAME = re.compile(r"layouts/([\w-]+)\.html\.j2")
_LACKS = re.compile(r"'(?:[\w.]*\.)?(\w+) object' has no attribute '(\w+)'")
_KINDS = {kind.__name__: kind for kind in (SlideView, TalkInfo, PartView)}
_VOID = {"area", "br", "col", "hr", "img", "input", "source", "track", "wbr"}
_REFUSED = {
    **dict.fromkeys(("script", "iframe", "object", "embed"), "a page's policy runs none of it"),
    **dict.fromkeys(("style", "link"), "styles stand in templates/talk.css"),
    **dict.fromkeys(("base", "meta", "form", "title"), "a layout is one slide, no page"),
    # A browser reads what follows them as text, or not at all.
    **dict.fromkeys(("plaintext", "xmp", "noscript", "template", "textarea"), "use a <div>"),
}
_RECURSED = "the template includes itself"
_RUNS = re.compile(r"\s*(?:javascript|vbscript|data:text/html)\b", re.IGNORECASE)
_LOADING = frozenset(["src", "srcset", "poster", "data", "background", "ping"])
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_END = "end-of-the-layout"  # a tag behind it, that no parser sees while something is open
_MOST_STEPS = 200_000  # lines that a template runs through for one slide; ours take some fifty
_MOST_SIGNS = 1_000_000  # of one slide's HTML, and of a text or list on the way
_MOST_WORK = 5_000_000  # of a filter or method: its values' sizes, multiplied
_MOST_ITEMS = 10_000  # of a list that `range`, `*` or `+` makes
_MOST_BYTES = 1_000  # of a number
_LONG_FORMAT = re.compile(r"%[^a-zA-Z%]{0,200}(?:[0-9]{5}|\*)|\{[^{}]{0,200}[0-9]{5}")


class _TooMuchError(Exception):
    """A template that would fill the memory, or never end."""


def _size(value: object, most: int = _MOST_SIGNS) -> int:
    """How large a value is: signs, items, those of lists in lists each time; `most` if larger."""
    if isinstance(value, str | bytes | range):
        return min(len(value), most)
    if isinstance(value, int):
        return min(value.bit_length() // 8, most)
    if isinstance(value, Namespace):
        value = object.__getattribute__(value, "_Namespace__attrs")
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if not isinstance(value, list | tuple | set):
        return 1
    size = len(value)
    for item in value:
        if size >= most:
            return most
        size += _size(item, most - size)
    return size


def _check_work(values: Iterable[object]) -> None:
    """What is made of several values is at most as large as they are, multiplied."""
    work = 1
    for value in values:
        if isinstance(value, int) and abs(value) > _MOST_SIGNS:
            raise _TooMuchError(f"{value:,} is more than {_MOST_SIGNS:,}")
        work *= max(1, abs(value) if isinstance(value, int) else _size(value))
        if work > _MOST_WORK:
            raise _TooMuchError(f"it makes more than {_MOST_SIGNS:,} signs, or takes too long")
        if isinstance(value, str) and _LONG_FORMAT.search(value):
            raise _TooMuchError(f"`{_LONG_FORMAT.findall(value)[0]}` makes too long a text")


def _bounded(made: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that refuses what would take it long."""

    @functools.wraps(made)
    def bounded(*values: Any, **named: Any) -> Any:
        _check_work((*values, *named.values()))
        return made(*values, **named)

    return bounded


def _range(*ends: int) -> range:
    made = range(*ends)
    if len(made) > _MOST_ITEMS:
        raise _TooMuchError(f"`range` of more than {_MOST_ITEMS:,}")
    return made


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, which keeps templates from files, and here from a speaker's memory, too."""

    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self, loader: jinja2.BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters = {**self.filters, "tojson": to_json}
        self.filters = {name: _bounded(made) for name, made in filters.items()}
        del self.globals["lipsum"]  # any number of paragraphs
        self.globals["range"] = _range

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            too_much = abs(left) > _MOST_SIGNS or abs(right) > 64
        elif operator == "%":
            too_much = isinstance(left, str) and bool(_LONG_FORMAT.search(left))
        elif isinstance(left, int) and isinstance(right, int):
            too_much = _size(left) + _size(right) > _MOST_BYTES
        else:
            sizes = [len(one) if hasattr(one, "__len__") else one for one in (left, right)]
            made = sizes[0] * sizes[1] if operator == "*" else sum(sizes)
            is_text = isinstance(left, str) or isinstance(right, str)
            too_much = made > (_MOST_SIGNS if is_text else _MOST_ITEMS)
        if too_much:
            raise _TooMuchError(f"`{operator}` makes more than {_MOST_SIGNS:,} signs")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, called: Any, /, *values: Any, **named: Any) -> Any:
        """A call, such as `text.center(9)`."""
        method = getattr(called, "__wrapped__", called)  # Jinja wraps `format`
        _check_work((getattr(method, "__self__", None), *values, *named.values()))
        return super().call(context, called, *values, **named)


@contextlib.contextmanager
def _ending(folder: Path) -> Iterator[None]:
    """Stops templates of a folder that run through too many lines, or keep what grows and grows.

    Python's hook for debuggers counts the lines, of this thread alone; Jinja has no such limit.
    What a template keeps are variables of its lines (`l_…`).
    """
    steps = 0

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        if event == "call":
            return count if frame.f_code.co_filename.startswith(own) else None
        steps += 1
        for name, value in frame.f_locals.items() if event == "line" else ():
            if name.startswith("l_"):
                size = _size(value)
                steps += 0 if isinstance(value, str) else size
                if size >= _MOST_SIGNS:
                    raise _TooMuchError(f"`{name[4:]}` is larger than {_MOST_SIGNS:,} signs")
        if steps > _MOST_STEPS:
            raise _TooMuchError(f"the template takes more than {_MOST_STEPS:,} steps")
        return count

    own, before = str(folder), sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


class OwnLayouts:
    """The templates of a talk's own layouts; none where its folder has none."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._environment = _Sandbox(jinja2.FunctionLoader(self._source))
        self._found: dict[str, Path | None] = {}

    def template(self, layout: str) -> Path | None:
        """The talk's own template of a layout, looked for once; None if the layout is one of ours.

        Raises TalkError if it lies outside its folder.
        """
        if layout not in self._found:
            self._found[layout] = own_template(self.root, layout)
        return self._found[layout]

    def draw(self, slide: SlideView, talk: TalkInfo, looks: Looks) -> Markup | None:
        """A slide by the talk's own layout; None if the layout is one of ours.

        Raises TalkError with the template's line for what it doesn't know or can't do, and for
        HTML that would break the page.
        """
        path = self.template(slide.layout)
        if path is None:
            return None
        made = self._filled(path, slide, talk, looks)
        _Check(made, path, slide)
        return Markup(made)

    def _filled(self, path: Path, slide: SlideView, talk: TalkInfo, looks: Looks) -> str:
        try:
            template = self._environment.get_template(f"layouts/{path.name}")
            made, signs = [], 0
            with _ending(path.parent):
                for piece in template.generate(slide=slide, talk=talk, looks=looks):
                    made.append(piece)
                    signs += len(piece)
                    if signs > _MOST_SIGNS:
                        raise TalkError(f"it makes more than {_MOST_SIGNS:,} signs", Source(path))
            return "".join(made)
        except jinja2.TemplateSyntaxError as error:
            where = Source(Path(error.filename or path), error.lineno)
            raise TalkError(error.message or "wrong syntax", where, "mend the template") from None
        except SyntaxError as error:  # of the Python that Jinja makes of it
            raise TalkError(f"the template can't be read: {error.msg}", Source(path, 1)) from None
        except TalkError:
            raise
        except Exception as error:
            where_or_none = self._last_line(error)
            if where_or_none is None:
                raise  # ours
            message = _RECURSED if isinstance(error, RecursionError) else str(error)
            message = message or type(error).__name__
            found = _LACKS.search(message)
            hint = f"seen on the slide `{slide.name}`"
            if found and found[1] in _KINDS:
                known = [n for n in dir(_KINDS[found[1]]) if not n.startswith("_")]
                message, hint = f"there is no `{found[2]}` here", nearest(found[2], known)
            elif isinstance(error, jinja2.TemplateNotFound):
                message = f"there is no template `{error.name}`"
            raise TalkError(message, where_or_none, hint) from None

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = _NAME.fullmatch(name)
        if not found:
            return None
        own = own_template(self.root, found[1]) if found[1] != "parts" else None
        path = own or TEMPLATES / name
        if not path.is_file():
            return None
        text = read_text(path, "a layout")
        if own:
            try:
                pieces(text, Source(path, 1))  # nothing that Python could not compile
            except TalkError as error:
                raise TalkError(error.message, error.where, "mend the template") from None
        return text, str(path), lambda: True

    def _last_line(self, error: Exception) -> Source | None:
        """The line of the innermost frame that is one of the talk's own templates."""
        folder = own_templates(self.root)
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if folder and Path(frame.filename).is_relative_to(folder):
                return Source(Path(frame.filename), frame.lineno)
        return None


class _Check(HTMLParser):
    """Raises TalkError for HTML that would not work in the deck, or break it."""

    def __init__(self, text: str, path: Path, slide: SlideView) -> None:
        super().__init__()
        self._path, self._slide = path, slide
        self._open: list[str] = []
        self._ids: set[str] = set()
        self.feed(f'{text}<hr id="{_END}">')
        self.close()
        if _END not in self._ids:
            begun = text[text.rfind("<") :].split("\n")[0]
            self._refuse("a tag or a comment is not closed", begun[:20].lower())
        if self._open:
            self._refuse(f"`<{self._open[-1]}>` is not closed", f"<{self._open[-1]}")
        if f"{slide.name}-title" not in self._ids:
            hint = '{{ head(slide) }}, or <h1 id="{{ slide.name }}-title">{{ slide.title }}</h1>'
            raise TalkError("the layout has no title", Source(path, 1), hint)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _REFUSED:
            self._refuse(f"a layout can't hold `<{tag}>`", f"<{tag}", _REFUSED[tag])
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                hint = "a class, and its rule in templates/talk.css"
                self._refuse(f"a layout can't have `{name}=`", f"{name}=", hint)
            if _RUNS.match(value or ""):
                self._refuse(f"a layout can't run anything: `{value}`", f"{name}=")
            if name in _LOADING and _ELSEWHERE.match(value or ""):
                hint = "put the file into the talk's folder, and name it on the slide"
                self._refuse(f"`{value}` would be fetched from elsewhere", f"{name}=", hint)
            if name == "id":
                self._ids.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self._open or self._open[-1] != tag:
            instead = f", `<{self._open[-1]}>` is open" if self._open else ""
            self._refuse(f"`</{tag}>` closes nothing{instead}", f"</{tag}")
        self._open.pop()

    def handle_comment(self, data: str) -> None:
        self._refuse("a layout can't hold `<!--`", "<!--", "{# … #} is in no page")

    def _refuse(self, message: str, text: str, hint: str = "") -> None:
        lines = read_text(self._path, "a layout").lower().split("\n")
        line = next((number for number, said in enumerate(lines, 1) if text in said), None)
        hint = hint or f"seen on the slide `{self._slide.name}`"
        raise TalkError(message, Source(self._path, line), hint)


def own_styles(root: Path) -> str:
    """The rules of a talk's own talk.css. Raises TalkError with the line of what can't be."""
    path = root / "templates" / OWN_STYLES
    if not path.is_file():
        return ""
    import tinycss2

    text = read_text(path, "the talk's styles")
    # A rule behind them is the last one, unless something above it is open: that says no parser.
    try:
        rules = tinycss2.parse_stylesheet(
            f"{text}\n#end{{}}", skip_comments=True, skip_whitespace=True
        )
        faults = [*itertools.islice(_faults(rules), 1)]
    except (RecursionError, ValueError):
        message = "brackets in brackets, hundreds deep, or a number of thousands of digits"
        raise TalkError(message, Source(path, 1), "each { needs its }") from None
    for line, message, hint in faults:
        raise TalkError(message, Source(path, line), hint)
    last = rules[-1] if rules else None
    if last is None or last.type != "qualified-rule" or last.source_line <= text.count("\n") + 1:
        line = last.source_line if last else 1
        raise TalkError("a rule is not closed", Source(path, line), "each { needs its }")
    return text


def _faults(nodes: list[tinycss2.ast.Node]) -> Iterator[tuple[int, str, str]]:
    """What can't stand in a style sheet of the deck: line, message, hint."""
    import tinycss2

    for node in nodes:
        line = node.source_line
        if node.type == "error":
            yield line, f"no CSS: {node.message}", "a rule is `selector { property: value; }`"
        elif node.type == "at-rule" and node.lower_at_keyword in ("import", "namespace", "charset"):
            yield line, f"`@{node.at_keyword}` can't stand here", "one file, loaded from nowhere"
        elif node.type == "url" or (node.type == "function" and node.lower_name == "url"):
            target = node.value if node.type == "url" else tinycss2.serialize(node.arguments)
            if not target.strip("\"' ").startswith(("data:", "#")):
                hint = "url(data:…), or a picture on the slide"
                yield line, f"`url({target})` would be fetched from elsewhere", hint
        elif node.type == "function" and node.lower_name in ("image", "image-set", "src"):
            yield line, f"`{node.name}()` would be fetched from elsewhere", "url(data:…)"
        elif node.type == "declaration":
            yield from _faults(node.value)
        if node.type in ("qualified-rule", "at-rule"):
            yield from _faults(node.prelude)
            inside = node.content
            if inside is not None:
                yield from _faults(_inside(node))
        elif node.type in ("() block", "[] block", "{} block"):
            yield from _faults(node.content)
        elif node.type == "function":
            yield from _faults(node.arguments)


def _inside(node: tinycss2.ast.Node) -> list[tinycss2.ast.Node]:
    """What stands in a rule's braces: declarations, or other rules."""
    import tinycss2

    inside: list[tinycss2.ast.Node] = tinycss2.parse_blocks_contents(
        node.content, skip_comments=True, skip_whitespace=True
    )
    return inside
