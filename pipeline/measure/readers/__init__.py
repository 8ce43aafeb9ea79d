"""Any file of numbers -> `Tree`: read as it is, its format recognised by what it holds.

Numbers, tables and tools each have a module; none knows who ran what, or when.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.measure.readers import json_text
from pipeline.measure.readers.lines import read_lines
from pipeline.measure.readers.plain import tree_of_json
from pipeline.measure.readers.tables import looks_like_csv, read_csv
from pipeline.measure.readers.text import text_of
from pipeline.measured import Tree, numbers_in
from pipeline.problems import Source, TalkError, nearest

FORMS = ("json", "csv", "lines")
Read = tuple[dict[str, Tree], str, str, str]


def read(raw: bytes, path: Path, form: str = "") -> Read:
    """The values of a file, when and on which machine they were made, and the file's format.

    `form` is one of FORMS; empty: recognised by content. When and where are empty where the file
    doesn't say. Raises TalkError with path and line for a file that can't be read whole, holds no
    number, or fits no format.
    """
    if form and form not in FORMS:
        raise TalkError(f"unknown format `{form}`", Source(path), nearest(form, FORMS))
    text = text_of(raw, path)
    form = form or recognised(text, path)
    values = _READERS[form](text, path)
    if next(numbers_in(values), None) is None:
        raise TalkError("the file holds no number", Source(path), "print at least one")
    return values, "", "", form


def recognised(text: str, path: Path) -> str:
    """The format that a text is in, by what it holds; the file's name decides where both fit."""
    if json_text.is_json(text):
        return "json"
    if path.suffix.lower() in (".csv", ".tsv") or looks_like_csv(text):
        return "csv"
    return "lines"


def _json(text: str, path: Path) -> dict[str, Tree]:
    return tree_of_json(json_text.documents(text, path), text, path)


_READERS = {"json": _json, "csv": read_csv, "lines": read_lines}
