"""Files that slides lead to are looked into; what can't be, or never ends, is a problem."""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile

import pytest
from support.media import photo

from pipeline.publish.content import read_file


def packed(*entries: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def marked(raw: bytes, *, flag: int = 0, method: int | None = None) -> bytes:
    """An archive whose only file says that it has a password, or is packed in another way."""
    made, central = bytearray(raw), raw.find(b"PK\1\2")
    for at in (central + 8, 6):
        made[at] |= flag
    for at in (central + 10, 8):
        made[at] = made[at] if method is None else method
    return bytes(made)


def in_each_other(depth: int) -> bytes:
    made = packed(("a.txt", b"x"))
    for _ in range(depth):
        made = packed(("a.zip", made))
    return made


def pdf(*, size: bytes = b"") -> bytes:
    from pypdf import PdfWriter

    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Subject": "the last object"})
    writer.write(made)
    return re.sub(rb"/Size \d+", b"/Size " + size, made.getvalue()) if size else made.getvalue()


ONE = packed(("a.txt", b"x"))
BOMB = packed(("a.txt", bytes(40_000_000)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.zip", marked(ONE, flag=1), "encrypted"),
        ("a.pptx", marked(ONE, flag=1), "encrypted"),
        ("a.zip", marked(ONE, method=99), "compression method"),
        ("a.zip", in_each_other(9), "archives in archives"),
        (
            "a.zip",
            packed(*((f"{n}.zip", BOMB) for n in range(9))),
            "it unpacks to more than 300 MB",
        ),
        ("a.json", b"[" * 100_000, "recursion"),
        ("a.woff2", b"wOF2" + bytes(50), "no font"),
        ("a.ttf", b"\0\1\0\0" + b"\xff" * 50, "no font"),
        ("a.pdf", b"%PDF-1.4\n", "it can't be read"),
    ],
    ids=["password", "notes", "method", "deep", "bomb", "json", "woff2", "ttf", "pdf"],
)
def test_what_cant_be_looked_into_is_said(name: str, content: bytes, message: str) -> None:
    """It is not published, and nothing crashes."""
    assert message in read_file(name, content).problem


@pytest.mark.parametrize("size", [b"2", b"999999999"])
def test_a_pdf_is_read_to_its_end(size: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it says of how many objects it has: one more would hide, and a billion never end."""
    caplog.set_level(logging.CRITICAL)
    assert "the last object" in read_file("a.pdf", pdf(size=size)).texts


def test_a_place_in_a_picture_of_a_linked_presentation_is_found() -> None:
    """Office keeps photos as they came from the camera."""
    assert read_file("a.pptx", packed(("ppt/media/image1.jpg", photo(size=(60, 40))))).carries == [
        "EXIF with a place (GPS), in ppt/media/image1.jpg"
    ]


def test_a_place_in_a_picture_of_a_pdf_is_found() -> None:
    """LaTeX puts JPEGs into PDFs byte by byte."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, StreamObject

    writer, made, picture = PdfWriter(), io.BytesIO(), StreamObject()
    page = writer.add_blank_page(100, 100)
    picture.set_data(photo(size=(60, 40)))
    picture[NameObject("/Filter")] = NameObject("/DCTDecode")
    page[NameObject("/Thumb")] = writer._add_object(picture)
    writer.write(made)
    assert read_file("a.pdf", made.getvalue()).carries == ["EXIF in a picture"]


def test_an_archive_of_a_few_files_is_fine() -> None:
    """Also one in another."""
    made = read_file("a.zip", packed(("b.json", json.dumps(["flour"]).encode()), ("c.zip", ONE)))
    assert (made.problem, "flour" in made.texts) == ("", True)
