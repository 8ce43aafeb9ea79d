"""Labelled messages as they come in files: lines of label, tab, text; CSV with a header; zipped.

The last two are how collections are passed on: on Kaggle as Latin-1 with the columns v1 and v2, at
UCI as a zip beside a readme.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.experiment.data.messages import Labels, Raw, clean
from pipeline.files import MOST_BYTES, as_text, read_bytes
from pipeline.problems import Source, TalkError, nearest

FORMAT = "each line holds a label, a tab and the text"
LABEL_HEADS = ("v1", "label", "category", "class", "target")
TEXT_HEADS = ("v2", "text", "message", "body", "content")
Row = tuple[int, str, str]  # number of its line, label, text


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


def read_raw(path: Path, labels: Labels, what: str = "the data file") -> Raw:
    """Read labelled messages. Raises TalkError with the line of what is wrong.

    In lines with tabs a quotation mark is only a quotation mark; blank lines are passed over.
    """
    content = read_content(path, what)
    head = content[:1000].decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
    columns = [cell.strip().strip('"').casefold() for cell in head.split(",")]
    at = [
        next((i for i, column in enumerate(columns) if column in heads), -1)
        for heads in (LABEL_HEADS, TEXT_HEADS)
    ]
    if "\t" not in head and min(at) >= 0:
        found = _csv_rows(content, path, at[0], at[1], last=at[1] == max(at))
    else:
        found = _tab_rows(as_text(content, path, what), path)
    rows = tuple(_row(row, labels, Source(path, row[0])) for row in found)
    return Raw(rows, hashlib.sha256(content).hexdigest(), Source(path))


def _tab_rows(text: str, path: Path) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        label, tab, message = line.partition("\t")
        if not tab:
            raise TalkError("there is no tab between label and text", Source(path, number), FORMAT)
        yield number, label.strip(), message


def _csv_rows(content: bytes, path: Path, label: int, text: int, last: bool) -> Iterator[Row]:
    """Rows below the header; cells behind a last column belong to a text with commas."""
    reader = csv.reader(io.StringIO(_decoded(content), newline=""))
    try:
        next(reader)
        for cells in reader:
            while cells and not cells[-1].strip():
                del cells[-1]
            if not cells:
                continue
            if len(cells) <= label:
                where = Source(path, reader.line_num)
                raise TalkError(
                    "the row has no label", where, "each row holds what the header says"
                )
            message = ",".join(cells[text:]) if last else "".join(cells[text : text + 1])
            yield reader.line_num, cells[label].strip(), message
    except csv.Error as error:
        where = Source(path, reader.line_num)
        raise TalkError(
            f"not valid CSV: {error}", where, "is a quotation mark left open?"
        ) from None


def _decoded(content: bytes) -> str:
    """UTF-8, else what Windows calls Latin-1, which most files of that name are in."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _row(row: Row, labels: Labels, where: Source) -> tuple[bool, str]:
    _, label, text = row
    if label not in labels.both:
        _reject_label(label, text, labels, where)
    if not clean(text):
        raise TalkError("the text is empty", where, f"{FORMAT}; delete the line or write a text")
    return label == labels.positive, text


def _reject_label(label: str, text: str, labels: Labels, where: Source) -> None:
    hint = nearest(label, labels.both)
    if text.rpartition("\t")[2].strip() in labels.both:
        hint = "the label comes first: label, tab, text"
    elif where.line == 1 and text.strip().casefold() in TEXT_HEADS:
        hint = "delete the header line"
    shown = label if len(label) <= 30 else label[:29] + "…"
    raise TalkError(f"unknown label `{shown}`", where, hint)
