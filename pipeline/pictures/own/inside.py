"""What happens in the process of one drawing: its module is run, and what came of it written."""

from __future__ import annotations

import importlib.util
import inspect
import io
import random
import re
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from pipeline.files import write_whole
from pipeline.measured import Tree, Value, tree_of
from pipeline.pictures.own.source import first_line, paragraph
from pipeline.pictures.own.values import Branch, Reads, node_at
from pipeline.problems import TalkError

if TYPE_CHECKING:
    from pipeline.pictures.own.canvas import Canvas

_MODULE = "figure_"  # before a figure's name
NO_DATA = (".cache", "out", "__pycache__", ".git", ".venv")  # folders that no drawing is made from


class Request(msgspec.Struct, frozen=True):
    """A drawing to be made."""

    path: tuple[str, ...]  # of modules
    root: str  # the talk's folder
    file: str
    values: dict[str, Any]  # as `plain_tree` writes them


class Answer(msgspec.Struct, frozen=True):
    """What came of it: a drawing, or what is wrong."""

    svg: str = ""
    narrow: str = ""  # the same for a phone; empty: it is narrow enough
    title: str = ""
    alt: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    marks: dict[str, str] = {}  # ids of texts -> places of their numbers
    narrow_marks: dict[str, str] = {}
    reads: tuple[str, ...] = ()  # places
    files: tuple[str, ...] = ()  # that it was made from
    message: str = ""
    hint: str = ""
    line: int = 0
    at: str = ""  # the file that is to blame


class _Files(msgspec.Struct, frozen=True):
    """Files of the talk that were opened."""

    root: str
    met: dict[str, None] = {}

    def add(self, path: Path) -> None:
        """Take a file into account, if it is one of the talk's own."""
        with suppress(ValueError, OSError):
            name = path.resolve().relative_to(self.root)
            if path.is_file() and not set(name.parts) & set(NO_DATA):
                self.met[str(path.resolve())] = None

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Of a file that is opened, by Python's own audit."""
        if event == "open" and isinstance(arguments[0], str) and not _writes(arguments[1]):
            name = arguments[0]
            if not name.startswith("/") or name.startswith(self.root):
                self.add(Path(name))


def _writes(mode: object) -> bool:
    return isinstance(mode, str) and bool(set(mode) & set("wax+"))


def answer(request: Path, out: Path) -> None:
    """Draw what a request asks for, and write the answer."""
    asked = msgspec.json.decode(request.read_bytes(), type=Request)
    made = _drawn(asked)
    write_whole(out, msgspec.json.encode(made))


def _drawn(asked: Request) -> Answer:
    from pipeline.pictures.charts.style import chart_style
    from pipeline.pictures.own.canvas import Canvas, style

    file, root = Path(asked.file), Path(asked.root)
    files, reads = _Files(str(root)), Reads()
    values = tree_of(asked.values)
    sys.addaudithook(files.heard)
    with chart_style(**style()):
        canvas = Canvas(file.stem, root, file, files.add)
        try:
            _seed()
            draw = _draw_of(_module(file), file)
            draw(canvas, Branch(values, "", reads))
            canvas.title = canvas.title or _titled(file)
            canvas.alt = canvas.alt or paragraph(draw.__doc__)
            if wrong := _wrong(canvas):
                line = draw.__code__.co_firstlineno if hasattr(draw, "__code__") else 1
                return Answer(message=wrong[0], hint=wrong[1], line=line)
            svg, marks = canvas.svg()
        except BaseException as error:  # whatever the speaker's code does is told with its line
            return _failed(error, file)
        narrow, narrow_marks = "", dict[str, str]()
        if canvas.is_wide:
            phone = Canvas(file.stem, root, file, files.add, is_narrow=True)
            # Its code said all when it drew the first time; the wide drawing does where this fails.
            with suppress(Exception), redirect_stdout(io.StringIO()):
                _seed()
                draw(phone, Branch(values, "", reads))
                narrow, narrow_marks = phone.svg()
    for one in [*sys.modules.values()]:
        if getattr(one, "__file__", None):
            files.add(Path(str(one.__file__)))
    return replace(
        _told(canvas, values, reads),
        svg=svg,
        narrow=narrow,
        marks=marks,
        narrow_marks=narrow_marks,
        files=tuple(files.met),
    )


def _told(canvas: Canvas, values: dict[str, Tree], reads: Reads) -> Answer:
    """What is said of a drawing: its words, its table, what it read."""
    from pipeline.pictures.own.canvas import table_of

    read = {at: node_at(values, at) for at in reads.places}
    rows = canvas.rows or table_of({at: n for at, n in read.items() if isinstance(n, Value)})
    title, alt = (" ".join(text.split()) for text in (canvas.title, canvas.alt))
    return Answer(title=title, alt=alt, rows=rows, reads=tuple(read))


def _titled(file: Path) -> str:
    """The first line of the module, or else its name in words."""
    doc = sys.modules[f"{_MODULE}{file.stem}"].__doc__
    return first_line(doc) or file.stem.replace("-", " ").replace("_", " ")


def _seed() -> None:
    """Random numbers are the same in each drawing."""
    import numpy as np

    random.seed(0)
    np.random.seed(0)


def _module(file: Path) -> ModuleType:
    sys.path.append(str(file.parent))  # its siblings; last, so that none stands for a library
    spec = importlib.util.spec_from_file_location(f"{_MODULE}{file.stem}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _draw_of(module: ModuleType, file: Path) -> Callable[..., object]:
    found = getattr(module, "draw", None)
    hint = "def draw(chart, values): …"
    if not callable(found):
        raise TalkError(f"{file.name} has no function `draw`", hint=hint)
    try:
        inspect.signature(found).bind(None, None)
    except TypeError:
        raise TalkError("`draw` takes two arguments: the chart, the values", hint=hint) from None
    return found  # type: ignore[no-any-return]


def _wrong(canvas: Canvas) -> tuple[str, str] | None:
    """What is wrong with a drawing that is done: message and hint."""
    if canvas.is_empty():
        return "the chart is empty", "draw on chart.axes: chart.axes.plot(…); pyplot's isn't shown"
    if broken := canvas.broken():
        return broken, "leave it out, or say in words that it wasn't measured"
    if not canvas.alt:
        hint = 'a docstring of `draw`, or chart.alt = "…": what the picture shows, in a sentence'
        return "the chart has no words for who can't see it", hint
    if found := re.search(r"(?<![\w.])-?(?:nan|inf)(?!\w)", canvas.alt):
        return f"the words for who can't see the chart say `{found[0]}`", "a value is no number"
    return None


def _failed(error: BaseException, file: Path) -> Answer:
    """What an exception says, with the last line of the speaker's own code in it."""
    line, at = (1 if isinstance(error, TalkError) else 0), str(file)
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).parent == file.parent:
            line, at = frame.lineno or 0, frame.filename
    if isinstance(error, SyntaxError) and error.filename:
        inside = Path(error.filename).parent == file.parent
        line, at = (error.lineno or 0, error.filename) if inside else (line, at)
        return Answer(message=f"this is no Python: {error.msg}", line=line, at=at)
    if isinstance(error, TalkError):
        return Answer(message=error.message, hint=error.hint, line=line, at=at)
    if isinstance(error, SystemExit):
        return Answer(message=f"`draw` ends Python: SystemExit({error.code})", line=line, at=at)
    if not line:  # not in the speaker's code, or in what it left for the end
        traceback.print_exception(error)
    said = " ".join(str(error).split())[:300]
    hint = ""
    if isinstance(error, ModuleNotFoundError):
        hint = f"install it beside this tool: pip install {error.name}"
    return Answer(
        message=f"{type(error).__name__}: {said}".rstrip(": "), hint=hint, line=line, at=at
    )
