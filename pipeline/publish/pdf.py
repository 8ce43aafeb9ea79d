"""What a PDF says: its pages, and every string of every object in it."""

from __future__ import annotations

import io
from typing import Any

from pipeline.publish.content import Anchor, FileContent


def as_text(value: object) -> str:
    return value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)


def read_pdf(content: bytes, made: FileContent) -> str:
    """Read a PDF; what is wrong with it, or ""."""
    from pypdf.errors import PyPdfError

    try:
        return _pdf_objects(content, made)
    except PyPdfError as error:
        return f"it can't be read: {error}"


def _pdf_objects(content: bytes, made: FileContent) -> str:
    """Page texts, and every string in every object: outline, alt texts, titles, addresses.

    Returns what is wrong: a link to a place that no page has.
    """
    import pypdf
    from pypdf.generic import (
        ByteStringObject,
        DictionaryObject,
        IndirectObject,
        NullObject,
        StreamObject,
        TextStringObject,
    )

    reader = pypdf.PdfReader(io.BytesIO(content))
    made.pages = len(reader.pages)
    made.texts += [page.extract_text() for page in reader.pages]
    places = set(reader.named_destinations)
    size: Any = reader.trailer["/Size"]
    for number in range(1, int(size)):
        found = reader.get_object(IndirectObject(number, 0, reader))
        waiting: list[Any] = [found]
        while waiting:
            item = waiting.pop()
            if item is None or isinstance(item, NullObject):
                continue
            if isinstance(item, TextStringObject | ByteStringObject):
                made.texts.append(as_text(item))
            elif isinstance(item, DictionaryObject):
                waiting += item.values()
                place = item.get("/Dest", "")
                if isinstance(place, str) and place and place not in places:
                    return f"a link in it leads to a place that isn't there: {place}"
                if "/URI" in item:
                    made.links.append(Anchor(as_text(item["/URI"]), "noopener", ""))
                if isinstance(item, StreamObject) and item.get("/Type") in (
                    "/Metadata",
                    "/EmbeddedFile",
                ):
                    made.texts.append(item.get_data().decode("utf-8", "ignore"))
            elif isinstance(item, list):
                waiting += item
    return ""
