"""What a text or a file says in another form: packed, coded, numbered, or between its bytes."""

from __future__ import annotations

import base64
import contextlib
import html
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

RUN = 24  # signs; shorter than a run of words is nothing that could hold one
MOST_DEEP = 3  # forms in forms
_MOST = 10_000_000  # bytes of what is unpacked
_BASE64 = re.compile(rf"(?<!base64,)(?<![\w+/-])[A-Za-z0-9+/_-]{{{RUN},}}={{0,2}}")
_HEX = re.compile(rf"(?<![\w])(?:[0-9a-fA-F]{{2}}){{{RUN},}}(?![\w])")
_NUMBERS = re.compile(rf"\d{{2,6}}(?:\s*,\s*\d{{2,6}}){{{RUN - 1},}}")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_SIGN = rb"[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
_SIGNS = re.compile(rb"(?:" + _SIGN + rb"){%d,}" % RUN)
_WIDE = (
    re.compile(rb"(?:[\x20-\x7e]\x00){%d,}" % RUN),
    re.compile(rb"(?:\x00[\x20-\x7e]){%d,}" % RUN),
)
_JOINED = re.compile(rf"[^\W_]{{{RUN},}}|(?:\b\w{{1,3}}\b[\W_]+){{12,}}")
_FOR_ADDRESSES = str.maketrans("-_", "+/")
_TURNED = ("\u202e", "\u202d", "<bdo", "unicode-bidi")


def css_unescaped(css: str) -> str:
    """A style sheet as a browser reads it: `\\75rl(` is `url(`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16) % 0x110000), css)


_ESCAPES = (
    (re.compile(r"%[0-9a-fA-F]{2}"), unquote),
    (_ESCAPE, css_unescaped),
    (re.compile(r"&[#\w]"), html.unescape),
)


def forms_of(text: str, deep: int = 0) -> Iterator[str]:
    """A text as it is, and as whoever reads its escapes, codes and packings has it."""
    yield text
    if deep == MOST_DEEP:
        return
    for escape, read in _ESCAPES:
        form = text
        for _ in range(MOST_DEEP):
            if not escape.search(form) or form == (form := read(form)):
                break
            yield form
    if any(mark in text for mark in _TURNED):
        yield text[::-1]
    for form in filter(None, _decoded(text)):
        yield from forms_of(form, deep + 1)


def _decoded(text: str) -> Iterator[str]:
    for coded in _BASE64.findall(text):
        whole = coded.rstrip("=").translate(_FOR_ADDRESSES)
        yield _said(base64.b64decode(whole[: len(whole) // 4 * 4 + _rest(whole)] + "==="))
    for coded in _HEX.findall(text):
        yield _said(bytes.fromhex(coded))
    for numbers in _NUMBERS.findall(text):
        yield "".join(chr(int(number) % 0x110000) for number in numbers.split(","))


def joined_in(text: str) -> Iterator[str]:
    """Where words may stand without spaces between them, or with spaces inside."""
    yield from _JOINED.findall(text)


def _rest(coded: str) -> int:
    """Signs after the last four; one alone says nothing."""
    return 0 if len(coded) % 4 == 1 else len(coded) % 4


def _said(content: bytes) -> str:
    """Bytes as text, unpacked where they are packed; "" for what is no text."""
    if content[:1] in (b"\x1f", b"\x78"):  # gzip, zlib
        with contextlib.suppress(zlib.error):
            content = zlib.decompressobj(47).decompress(content, _MOST)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def texts_between(content: bytes) -> Iterator[str]:
    """What stands in plain letters in a file that isn't text: in its parts, or behind its end."""
    for found in _SIGNS.findall(content):
        yield found.decode("utf-8", "ignore")
    for signs, code in zip(_WIDE, ("utf-16-le", "utf-16-be"), strict=True):
        for found in signs.findall(content):
            yield found.decode(code)
