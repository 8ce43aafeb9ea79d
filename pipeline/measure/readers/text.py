"""Bytes -> text: UTF-8, or UTF-16 as Windows' shells write it; anything else is one error."""

from __future__ import annotations

import codecs
from pathlib import Path

from pipeline.files import as_text
from pipeline.problems import Source, TalkError

WHAT = "the file of measured values"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_of(raw: bytes, path: Path) -> str:
    """The text of a file, line ends as `\\n`. Raises TalkError with the line of a bad byte."""
    if raw.startswith(_WIDE):
        try:
            text = raw.decode("utf-16").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = raw[: error.start].decode("utf-16", "ignore").count("\n") + 1
            hint = "save it as UTF-8"
            raise TalkError(f"{WHAT} is broken UTF-16", Source(path, line), hint) from None
    else:
        text = as_text(raw, path, WHAT)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        hint = "values are read from text: JSON, CSV, or lines such as `name = 12.5 ms`"
        raise TalkError(f"{WHAT} is no text: it holds a NUL", Source(path, line), hint)
    if not text.strip():
        raise TalkError(f"{WHAT} is empty", Source(path), "it must hold at least one number")
    return text
