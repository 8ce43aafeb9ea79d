"""The files of `deck/figures`, read and not run: which are figures, and their words."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.files import read_text
from pipeline.paths import composed, entries
from pipeline.problems import Source, TalkError

_NAME = re.compile(r"[^\W_][\w-]*\.py")
_DRAW = "draw"


def figure_files(root: Path) -> dict[str, Path]:
    """The files of `deck/figures` by the name that slides use; `_helper.py` is no figure."""
    found = ((composed(path.name), path) for path in entries(root / "deck" / "figures"))
    return {name[:-3]: path for name, path in found if _NAME.fullmatch(name) and path.is_file()}


def is_figure(path: Path) -> bool:
    """Whether a file has a function `draw`, or can't be read to tell."""
    tree = _parsed(path)
    return tree is None or _draw_of(tree) is not None


def figure_texts(path: Path) -> Iterator[tuple[str, str, Source]]:
    """The words of a figure that its file itself holds: title, alt text, and where."""
    tree = _parsed(path)
    draw = _draw_of(tree) if tree else None
    if tree is None or draw is None:
        return
    for kind, node in (("title", tree), ("alt", draw)):
        first = node.body[0] if node.body else None
        if doc := ast.get_docstring(node, clean=False):
            text = first_line(doc) if kind == "title" else paragraph(doc)
            yield kind, text, Source(path, first.lineno if first else 1)


def first_line(doc: str | None) -> str:
    """The first line of a docstring, as a title."""
    return (doc or "").strip().partition("\n")[0].strip().rstrip(".")


def paragraph(doc: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join(inspect.cleandoc(doc or "").partition("\n\n")[0].split())


def _parsed(path: Path) -> ast.Module | None:
    try:
        return ast.parse(read_text(path, "a figure"))
    except (TalkError, SyntaxError, ValueError, RecursionError):
        return None  # drawing it says what is wrong


def _draw_of(tree: ast.Module) -> ast.FunctionDef | None:
    found = (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == _DRAW)
    return next(found, None)
