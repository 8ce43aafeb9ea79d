"""Labelled messages as they come in files: lines of label, tab, text; tables with a header; JSON.

Collections are passed on as CSV, on Kaggle as Latin-1 with the columns v1 and v2; as a zip beside a
readme, at UCI; as an object a line. Columns go by the names that talk.toml gives, or by usual ones.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.experiment.data.messages import Raw, clean
from pipeline.files import MOST_BYTES, as_text, read_bytes
from pipeline.problems import Source, TalkError, nearest

FORMAT = "each line holds a label, a tab and the text"
LABEL_HEADS = ("v1", "label", "category", "class", "target")
TEXT_HEADS = ("v2", "text", "message", "body", "content")
Row = tuple[int, str, str]  # number of its line, label, text


@dataclass(frozen=True, slots=True)
class Form:
    """What a file of messages is to hold."""

    labels: tuple[str, ...] = ()  # those that may occur; none: any
    text: str = ""  # the columns' names; empty: the usual ones
    label: str = ""

    @property
    def heads(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names that the columns of labels and of texts may have, in small letters."""
        label = (self.label.casefold(),) if self.label else LABEL_HEADS
        return label, (self.text.casefold(),) if self.text else TEXT_HEADS


@dataclass(frozen=True, slots=True)
class Header:
    """A table's first line: how its cells are parted, and which columns are meant."""

    sign: str  # a tab, a comma or a semicolon
    columns: tuple[str, ...]
    label: int
    text: int

    @property
    def text_is_last(self) -> bool:
        return self.text == max(i for i, column in enumerate(self.columns) if column)


def read_content(path: Path, what: str = "the data file") -> bytes:
    """The messages' bytes, read once: the file, or the one file of messages that it is a zip of.

    What they are known by is the hash of these bytes. Raises TalkError.
    """
    raw = read_bytes(path, what)
    if not raw.startswith(b"PK\x03\x04"):
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            files = [entry for entry in archive.infolist() if _may_hold_messages(entry)]
            if len(files) == 1 and files[0].file_size <= MOST_BYTES:
                return archive.read(files[0])
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError) as error:
        raise TalkError(f"{what} can't be unzipped: {error}", Source(path)) from None
    hint = "unzip it, and name the file with the messages"
    raise TalkError(f"{what} is no zip of a single file of messages", Source(path), hint)


def _may_hold_messages(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.casefold()
    return not (entry.is_dir() or "readme" in name or name.startswith("__macosx"))


def content_sha256(path: Path, what: str = "the data file") -> str:
    return hashlib.sha256(read_content(path, what)).hexdigest()


def read_raw(path: Path, form: Form, what: str = "the data file") -> Raw:
    """Read labelled messages. Raises TalkError with the line of what is wrong.

    In lines with tabs a quotation mark is only a quotation mark; blank lines are passed over.
    """
    content = read_content(path, what)
    start = content[:100_000].decode("utf-8-sig", "replace").lstrip()
    head = start.partition("\n")[0].rstrip("\r")
    if re.match(r"\{|\[\s*[{\n]", start):
        found = _json_rows(content, path, form)
    elif header := _header(head, path, form):
        rows = _tab_cells if header.sign == "\t" else _csv_cells
        found = _table_rows(rows(content, path, what, header.sign), path, header)
    else:
        found = _tab_rows(as_text(content, path, what), path)
    rows_found = tuple(_row(row, form, Source(path, row[0] or None)) for row in found)
    return Raw(rows_found, hashlib.sha256(content).hexdigest(), Source(path))


def _header(head: str, path: Path, form: Form) -> Header | None:
    """The header of a table; None for lines of label, tab, text. Raises TalkError.

    Where talk.toml names a column, there must be a header with it.
    """
    sign = max("\t,;", key=head.count) if "\t" not in head else "\t"
    shown = tuple(cell.strip().strip('"') for cell in head.split(sign))
    columns = tuple(column.casefold() for column in shown)
    label, text = (
        next((i for i, column in enumerate(columns) if column in heads), -1) for heads in form.heads
    )
    if label >= 0 and text >= 0 and label != text:
        return Header(sign, columns, label, text)
    for at, name in ((label, form.label), (text, form.text)):
        if name and at < 0:
            hint = nearest(name, filter(None, shown))
            raise TalkError(f"there is no column `{name}`", Source(path, 1), hint)
    return None


def _tab_rows(text: str, path: Path) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        label, tab, message = line.partition("\t")
        if not tab:
            hint = FORMAT
            if number == 1 and ("," in line or ";" in line):
                hint += "; for a table with a header name its columns in [experiment.data]: " + (
                    "`label` and `text`"
                )
            raise TalkError("there is no tab between label and text", Source(path, number), hint)
        yield number, label.strip(), message


def _tab_cells(content: bytes, path: Path, what: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    lines = as_text(content, path, what).split("\n")[1:]
    return ((number, line.rstrip("\r").split(sign)) for number, line in enumerate(lines, 2))


def _csv_cells(content: bytes, path: Path, what: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), delimiter=sign)
    try:
        next(reader)
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        where = Source(path, reader.line_num)
        raise TalkError(
            f"not valid CSV: {error}", where, "is a quotation mark left open?"
        ) from None


def _table_rows(rows: Iterator[tuple[int, list[str]]], path: Path, header: Header) -> Iterator[Row]:
    """Rows below the header; cells behind a last column belong to a text with commas."""
    label, text = header.label, header.text
    for number, cells in rows:
        while cells and not cells[-1].strip():
            del cells[-1]
        if not cells:
            continue
        if len(cells) <= label:
            hint = "each row holds what the header says"
            raise TalkError("the row has no label", Source(path, number), hint)
        last = header.text_is_last
        message = header.sign.join(cells[text:]) if last else "".join(cells[text : text + 1])
        yield number, cells[label].strip(), message


def _json_rows(content: bytes, path: Path, form: Form) -> Iterator[Row]:
    """An object a line, or one list of objects, whose lines nobody knows (0)."""
    body = content.removeprefix(b"\xef\xbb\xbf").strip()
    if body.startswith(b"["):
        rows = _decoded_json(body, Source(path))
        assert isinstance(rows, list)
        yield from (_of_object(row, form, Source(path), 0) for row in rows)
        return
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            where = Source(path, number)
            yield _of_object(_decoded_json(line, where), form, where, number)


def _decoded_json(raw: bytes, where: Source) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TalkError(f"not valid JSON: {error}", where, "one object a line") from None


def _of_object(row: object, form: Form, where: Source, number: int) -> Row:
    if not isinstance(row, dict):
        hint = 'such as {"label": "…", "text": "…"}'
        raise TalkError("this is no object with a label and a text", where, hint)
    known = {key.casefold(): value for key, value in row.items()}
    found = []
    for name, heads in zip((form.label or "label", form.text or "text"), form.heads, strict=True):
        value = next((known[head] for head in heads if head in known), None)
        if not isinstance(value, str | int):
            raise TalkError(f"there is no `{name}`", where, nearest(name, row))
        found.append(str(value))
    return number, found[0].strip(), found[1]


def _decoded(content: bytes) -> str:
    """UTF-8, else what Windows calls Latin-1, which most files of that name are in."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _row(row: Row, form: Form, where: Source) -> tuple[str, str]:
    _, label, text = row
    if not label:
        raise TalkError("the row has no label", where, "give it one, or delete it")
    if form.labels and label not in form.labels:
        _reject_label(label, text, form.labels, where)
    if not clean(text):
        raise TalkError("the text is empty", where, f"{FORMAT}; delete the line or write a text")
    return label, text


def _reject_label(label: str, text: str, labels: tuple[str, ...], where: Source) -> None:
    hint = nearest(label, labels)
    if text.rpartition("\t")[2].strip() in labels:
        hint = "the label comes first: label, tab, text"
    shown = label if len(label) <= 30 else label[:29] + "…"
    raise TalkError(f"unknown label `{shown}`", where, hint)
