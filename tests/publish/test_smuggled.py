"""Words of the script in hiding: each kind of nesting, packing and parting is looked into."""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.problems import Source
from pipeline.publish.content import read_file
from pipeline.publish.secrets import Secrets, leaks_in
from pipeline.publish.words import runs_of

SAID = "good bread needs little more than flour water and time"
SECRETS = Secrets(
    {run: Source(Path("script.md"), 1) for run in runs_of(SAID)},
    frozenset(),
    {},
    (),
    frozenset(),
    (),
)
WORDS = SAID.split()
CODED = base64.b64encode(SAID.encode()).decode()
PACKED = base64.b64encode(gzip.compress(SAID.encode())).decode()
HALVES = SAID[:24], SAID[24:]
BACK = SAID[::-1]
LOOKALIKE = SAID.translate(str.maketrans("aeo", "аео"))


def png(*chunks: tuple[bytes, bytes], after: bytes = b"") -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG")
    content = made.getvalue()
    more = b"".join(
        struct.pack("!I", len(text)) + kind + text + struct.pack("!I", zlib.crc32(kind + text))
        for kind, text in chunks
    )
    return content[:33] + more + content[33:] + after


def picture(kind: str, **more: object) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new("P" if kind == "GIF" else "RGB", (4, 4)).save(made, kind, **more)
    return made.getvalue()


def font() -> bytes:
    """A face whose private table says something."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib import newTable

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf(
        {".notdef": __import__("fontTools.ttLib.tables._g_l_y_f", fromlist=["x"]).Glyph()}
    )
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "x"})
    builder.setupOS2()
    builder.setupPost()
    table = newTable("TALK")
    table.data = SAID.encode("utf-16-be")
    builder.font["TALK"] = table
    builder.font.flavor = "woff2"
    made = io.BytesIO()
    builder.font.save(made)
    return made.getvalue()


def pdf(kind: str) -> bytes:
    import pypdf
    from pypdf import generic

    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(100, 100)
    text = generic.TextStringObject(SAID)
    if kind == "annotation":
        note = generic.DictionaryObject({generic.NameObject("/Contents"): text})
        page[generic.NameObject("/Annots")] = generic.ArrayObject([writer._add_object(note)])
    elif kind == "attachment":
        writer.add_attachment("x.txt", SAID.encode())
    elif kind == "script":
        action = {"/S": generic.NameObject("/JavaScript"), "/JS": text}
        names = {generic.NameObject(key): value for key, value in action.items()}
        writer.root_object[generic.NameObject("/OpenAction")] = generic.DictionaryObject(names)
    elif kind == "stream":
        stream = generic.DecodedStreamObject()
        stream.set_data(f"/Span <</ActualText ({SAID})>> BDC EMC".encode())
        page[generic.NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    elif kind == "private":
        stream = generic.DecodedStreamObject()
        stream.set_data(SAID.encode())
        page[generic.NameObject("/PieceInfo")] = writer._add_object(stream.flate_encode())
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue() + (f"%{SAID}".encode() if kind == "after" else b"")


def archive(kind: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        entry = zipfile.ZipInfo("a.txt")
        if kind == "comment":
            entry.comment = SAID.encode()
        elif kind == "extra":
            entry.extra = struct.pack("<HH", 0xCAFE, len(SAID)) + SAID.encode()
        elif kind == "name":
            entry.filename = f"{SAID}/a.txt"
        file.writestr(entry, "x")
    return (SAID.encode() if kind == "before" else b"") + made.getvalue()


def office(name: str, text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr(name, text)
    return made.getvalue()


def film(text: str) -> bytes:
    """An MP4 with a track of captions."""
    boxes = (b"ftyp", b"isom\0\0\0\0isom"), (b"moov", b""), (b"mdat", text.encode())
    return b"".join(struct.pack("!I", 8 + len(content)) + kind + content for kind, content in boxes)


def html(text: str) -> bytes:
    return f"<p>x</p>{text}".encode()


def svg(text: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg">{text}</svg>'.encode()


MAP = base64.b64encode(json.dumps({"x": SAID}).encode()).decode()
MATHS = "".join(chr(0x1D41A + ord(sign) - 97) if sign != " " else sign for sign in SAID)
WIDE = "".join(chr(ord(sign) + 0xFEE0) if sign != " " else sign for sign in SAID)
MAPPED = f"//# sourceMappingURL=data:application/json;base64,{MAP}"
SIGNS = ",".join(str(ord(sign)) for sign in SAID)
ZTXT = b"x\0\0" + zlib.compress(SAID.encode())
CAPTIONS = "WEBVTT\n\n" + "\n".join(
    f"00:0{n}.000 --> 00:0{n}.500\n{word}\n" for n, word in enumerate(WORDS[:9])
)
RUNS = "".join(f"<a:r><a:t>{sign}</a:t></a:r>" for sign in SAID)
NOTE = f"<semantics><mi>x</mi><annotation>{SAID}</annotation></semantics>"
NESTED = quote(svg(f"<desc>{SAID}</desc>").decode())
HIDDEN: Mapping[str, tuple[str, bytes]] = {
    "base64 in an attribute": ("a.html", html(f'<p data-x="{CODED}">')),
    "base64 in a script": ("a.js", f'const x = atob("{CODED}")'.encode()),
    "base64 for addresses": ("a.json", json.dumps({"x": CODED.rstrip("=")}).encode()),
    "base64 in base64": ("a.txt", base64.b64encode(CODED.encode())),
    "gzip in base64": ("a.js", f'unpack("{PACKED}")'.encode()),
    "deflate in base64": ("a.txt", base64.b64encode(zlib.compress(SAID.encode()))),
    "hexadecimal": ("a.txt", SAID.encode().hex().encode()),
    "twice in entities": ("a.html", html("".join(f"&amp;#{ord(c)};" for c in SAID))),
    "twice in percent": ("a.html", html(f'<a href="x?{quote(quote(SAID))}">')),
    "a source map": ("a.json", json.dumps({"sourcesContent": [f"// {SAID}"]}).encode()),
    "a source map in a script": (
        "a.js",
        f"//# sourceMappingURL=data:application/json;base64,{MAP}".encode(),
    ),
    "a drawing in a style": (
        "a.css",
        f'a{{background:url("data:image/svg+xml,{NESTED}")}}'.encode(),
    ),
    "a drawing in a drawing": ("a.svg", svg(f'<image href="data:image/svg+xml,{NESTED}"/>')),
    "strings put together": ("a.js", f'const x = "{HALVES[0]}" + "{HALVES[1]}"'.encode()),
    "a list of words in a script": ("a.js", f"const x = {json.dumps(WORDS)}".encode()),
    "numbers of signs": (
        "a.js",
        f"String.fromCharCode({','.join(str(ord(c)) for c in SAID)})".encode(),
    ),
    "content in pieces": ("a.css", f'a::after{{content:"{HALVES[0]}" "{HALVES[1]}"}}'.encode()),
    "a property in a style": ("a.css", f"a{{--x:{SAID}}}".encode()),
    "words in a row of classes": ("a.html", html(f'<p class="{SAID}">')),
    "words as one": ("a.html", html(f'<p id="{SAID.replace(" ", "")}">')),
    "words as one in camel case": ("a.js", f"const {SAID.title().replace(' ', '')} = 1".encode()),
    "a word in each attribute": ("a.html", html("".join(f'<i title="{w}">.</i>' for w in WORDS))),
    "a sign in each element": ("a.html", html("".join(f"<p>{c}</p>" for c in SAID))),
    "a sign in each text of a drawing": ("a.svg", svg("".join(f"<text>{c}</text>" for c in SAID))),
    "keys of JSON": ("a.json", json.dumps(dict.fromkeys(WORDS, 1)).encode()),
    "rows of JSON": ("a.json", json.dumps([[w] for w in WORDS]).encode()),
    "zero width": ("a.html", html("\u200b".join(SAID))),
    "soft hyphens": ("a.html", html("&shy;".join(SAID))),
    "signs that look alike": ("a.html", html(LOOKALIKE)),
    "wide signs": ("a.html", html(WIDE)),
    "letters of mathematics": ("a.html", html(MATHS)),
    "backwards": ("a.html", html(f"\u202e{BACK}\u202c")),
    "backwards by an element": ("a.html", html(f'<bdo dir="rtl">{BACK}</bdo>')),
    "a template": ("a.html", html(f"<template><p>{SAID}</p></template>")),
    "a note of MathML": (
        "a.html",
        html(f"<math><semantics><mi>x</mi><annotation>{SAID}</annotation></semantics></math>"),
    ),
    "CDATA": ("a.svg", svg(f"<desc><![CDATA[{SAID}]]></desc>")),
    "an entity": ("a.svg", f'<!DOCTYPE svg [<!ENTITY x "{SAID}">]><svg>&x;</svg>'.encode()),
    "an instruction": ("a.svg", f"<?x {SAID}?><svg/>".encode()),
    "captions": (
        "a.vtt",
        b"WEBVTT\n\n"
        + b"\n".join(
            f"00:0{n}.000 --> 00:0{n}.500\n{w}\n".encode() for n, w in enumerate(WORDS[:9])
        ),
    ),
    "a note of captions": ("a.vtt", f"WEBVTT\n\nNOTE {SAID}\n".encode()),
    "a table, word by word": ("a.csv", ("x,y\n" + "".join(f"{w},1\n" for w in WORDS)).encode()),
    "a chunk of a picture": ("a.png", png((b"taLk", SAID.encode()))),
    "a packed chunk of a picture": (
        "a.png",
        png((b"zTXt", b"x\0\0" + zlib.compress(SAID.encode()))),
    ),
    "after a picture": ("a.png", png(after=SAID.encode())),
    "after a picture in UTF-16": ("a.png", png(after=SAID.encode("utf-16-le"))),
    "a comment of a photo": ("a.jpg", picture("JPEG", comment=SAID.encode())),
    "a comment of a GIF": ("a.gif", picture("GIF", comment=SAID.encode())),
    "after a photo": ("a.jpg", picture("JPEG") + SAID.encode()),
    "a profile of colours": ("a.png", png((b"iCCP", b"x\0\0" + zlib.compress(SAID.encode())))),
    "a table of a font": ("a.woff2", font()),
    "captions in a film": ("a.mp4", film(SAID)),
    "a note in a PDF": ("a.pdf", pdf("annotation")),
    "a file in a PDF": ("a.pdf", pdf("attachment")),
    "a script in a PDF": ("a.pdf", pdf("script")),
    "a text behind a text in a PDF": ("a.pdf", pdf("stream")),
    "a program's own in a PDF": ("a.pdf", pdf("private")),
    "after a PDF": ("a.pdf", pdf("after")),
    "a comment of an entry": ("a.zip", archive("comment")),
    "an extra of an entry": ("a.zip", archive("extra")),
    "a name of an entry": ("a.zip", archive("name")),
    "before an archive": ("a.zip", archive("before")),
    "properties of a presentation": ("a.pptx", office("docProps/custom.xml", f"<x>{SAID}</x>")),
    "a comment of a presentation": (
        "a.pptx",
        office("ppt/comments/c1.xml", f'<c text="{SAID}"/>'),
    ),
    "runs of a presentation": (
        "a.pptx",
        office("ppt/slides/slide1.xml", "".join(f"<a:r><a:t>{c}</a:t></a:r>" for c in SAID)),
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_hidden_is_found(name: str) -> None:
    """In a file that slides lead to, or in one of ours that a mistake made."""
    read = read_file(*HIDDEN[name])
    leaks = [what for what, _ in leaks_in(read.texts, SECRETS, printed=read.printed)]
    assert read.problem or any(what.startswith("words of the script") for what in leaks)
