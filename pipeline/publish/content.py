"""What a public file says, loads and links to: pages, pictures, PDF, PowerPoint, fonts."""

from __future__ import annotations

import base64
import binascii
import csv
import html
import io
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

import msgspec

from pipeline.pictures.video import cleaned_video
from pipeline.problems import Source, TalkError
from pipeline.publish.unpacked import css_unescaped, joined_in, texts_between

_INLINE = {
    "a",
    "abbr",
    "b",
    "bdi",
    "code",
    "data",
    "em",
    "i",
    "mark",
    "s",
    "small",
    "span",
    "strong",
}
_INLINE |= {"sub", "sup", "tspan", "u", "wbr", "a:t", "a:r", "a:rpr"}
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?([\w;=.-]*?)(;base64)?,([^\s\"'<>)]+)")
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\[nrt]")
_TIMES = re.compile(r"^(?:[^\n]+\n)?[\d:.]+ +-->.*$|<[^<>\n]*>", re.MULTILINE)  # of captions
_CSS_URL = re.compile(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")
_RUNS = re.compile(r"\s*(?:javascript|vbscript|data:text/html)\b", re.IGNORECASE)
_NAMING = {"id", "class", "href", "name"}  # words in these may be joined to one
_SAYING = {"title", "alt", "content", "label", "value", "placeholder", "summary"}
_TEXT = (
    *(".txt", ".xml", ".json", ".js", ".css", ".vtt", ".md", ".toml", ""),
    *(".csv", ".tsv", ".py", ".yaml", ".yml", ".ipynb", ".rels"),
)
_DRAWN = {"glyf", "loca", "hmtx", "CFF ", "gvar"}  # of a font: outlines alone
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
_FILMS = (".mp4", ".m4v", ".webm")
_FACES = (".woff2", ".woff", ".ttf", ".otf")
_ARCHIVES = (".zip", ".docx", ".xlsx")
_BINARY = (*_PICTURES, *_FILMS, *_FACES, *_ARCHIVES, ".pdf", ".pptx")
MOST_ENTRIES, MOST_UNPACKED = 5000, 300_000_000  # of an archive
_HEAD = 100_000  # bytes of a JPEG before its pixels: a segment has 65,535
MOST_NESTED = 3  # archives in archives
# What a damaged or a hostile file makes of a library; of zip, too: a password, an unknown method.
_BROKEN = (ValueError, OSError, KeyError, IndexError, EOFError, RuntimeError, struct.error)
_LOADING = {("script", "src"), ("img", "src"), ("img", "srcset"), ("iframe", "src")}
_LOADING |= {("audio", "src"), ("video", "src"), ("video", "poster"), ("source", "src")}
_LOADING |= {("source", "srcset"), ("track", "src"), ("embed", "src"), ("object", "data")}
_LOADING |= {("input", "src"), ("form", "action"), ("image", "href"), ("use", "href")}
_LOADING |= {("image", "xlink:href"), ("use", "xlink:href"), ("button", "formaction")}
_LOADING |= {("feimage", "href"), ("body", "background"), ("frame", "src"), ("a", "ping")}


class Anchor(msgspec.Struct):
    """A link that a reader can follow."""

    href: str
    rel: str
    target: str


class FileContent(msgspec.Struct):
    """Everything in one file that the proof looks at; `problem` if it can't be read at all."""

    texts: list[str] = []  # each a run of text, words in their order
    printed: list[str] = []  # those whose words may be in pieces
    loads: list[str] = []  # what a browser fetches by itself
    links: list[Anchor] = []
    mentions: list[str] = []  # addresses of its own in <meta>, <link>
    ids: set[str] = set()
    classes: set[str] = set()
    attributes: set[str] = set()
    tags: set[str] = set()
    scripts: list[str] = []  # inline, run by the browser
    styles: list[str] = []
    policy: str | None = None
    pages: int = 0
    unpacked: int = 0  # bytes in an archive, and in archives in it
    carries: list[str] = []  # what tells of a camera, a place, a program
    problem: str = ""


def read_file(name: str, content: bytes, *, nested: int = 0) -> FileContent:
    """Read one file by its ending; `name` is its path inside the site.

    `nested`: how many archives it lies in.
    """
    made = FileContent()
    ending = PurePosixPath(name).suffix.lower()
    try:
        if ending in (".html", ".svg"):
            _markup(content.decode("utf-8"), made)
        elif ending in _TEXT:
            _plain(content.decode("utf-8"), ending, made)
        elif ending in _PICTURES:
            _image(content, made)
        elif ending in _FILMS:
            _video(content, made)
        elif ending in _FACES:
            made.texts += _font(content)
        elif ending == ".pdf":
            made.problem = read_pdf(content, made)
        elif ending == ".pptx":
            _pptx(content, made)
        elif ending in _ARCHIVES:
            _archive(content, made, nested)
        else:
            made.problem = f"nobody knows how to look into a file `*{ending}`"
        if ending in _BINARY:
            made.texts += texts_between(content)
    except (*_BROKEN, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        made.problem = f"it can't be read: {error}"
    return made


class _Reader(HTMLParser):
    """Gathers texts in document order; an inline element does not part a word."""

    def __init__(self, made: FileContent) -> None:
        super().__init__(convert_charrefs=True)
        self.made, self.text, self.raw_tag, self.raw_type = made, [""], "", ""
        self.columns: dict[str, list[str]] = {}  # what stands in each attribute that says something
        self.naming: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = self.made
        values = {key: value or "" for key, value in attrs}
        made.tags.add(tag)
        made.attributes.update(values)
        made.classes.update(values.get("class", "").split())
        for key, value in values.items():
            if value:
                made.texts.append(value)
                if key in _NAMING:
                    self.naming.add(value)
                elif key in _SAYING or key.startswith(("aria-", "data-")):
                    self.columns.setdefault(key, []).append(value)
        if values.get("id"):
            made.ids.add(values["id"])
        if tag in ("script", "style"):
            self.raw_tag, self.raw_type = tag, values.get("type", "")
        href = values.get("href", values.get("xlink:href", ""))
        if tag in ("a", "area") and href:
            made.links.append(Anchor(href, values.get("rel", ""), values.get("target", "")))
        for key, value in values.items():
            if (tag, key) in _LOADING and value:
                made.loads.append(value)
            made.loads += css_urls(value)  # `style`, and `fill` and its like in a picture
            if _RUNS.match(value):
                made.links.append(Anchor(value, "noopener", ""))
        self._head(tag, values)
        if tag not in _INLINE:
            self.text.append(" ")

    def _head(self, tag: str, values: dict[str, str]) -> None:
        made, rel = self.made, values.get("rel", "").split()
        if tag == "link" and values.get("href"):
            if {"canonical", "alternate", "license", "sitemap"} & set(
                rel
            ) and "stylesheet" not in rel:
                made.mentions.append(values["href"])
            else:
                made.loads.append(values["href"])
        if tag == "meta":
            if values.get("http-equiv", "").lower() == "content-security-policy":
                made.policy = values.get("content", "")
            elif values.get("http-equiv", "").lower() == "refresh":
                made.loads.append(values.get("content", "").partition("=")[2])
            named = values.get("property", values.get("name", ""))
            if re.fullmatch(r"(og|twitter):(image|url)", named):
                made.mentions.append(values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        self.raw_tag = ""
        if tag not in _INLINE:
            self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if self.raw_tag == "style":
            self.made.styles.append(data)
            self.made.loads += css_urls(data)
            self.made.texts.append(data)
        elif self.raw_tag == "script":
            if "json" in self.raw_type:
                self.made.texts += _json_texts(data)
            else:
                self.made.scripts.append(data)
                self.made.texts += _script_texts(data)
        else:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.made.texts.append(data)


def _markup(text: str, made: FileContent) -> None:
    reader = _Reader(made)
    reader.feed(text)
    reader.close()
    made.texts += ["".join(reader.text), html.unescape(text)]
    made.texts += [" ".join(values) for values in reader.columns.values()]
    made.printed += joined_in("".join(reader.text))
    made.printed += (joined for value in reader.naming for joined in joined_in(value))
    _embed(text, made)


def _plain(text: str, ending: str, made: FileContent) -> None:
    made.texts.append(html.unescape(text))
    _embed(text, made)
    if ending == ".css":
        made.loads += css_urls(text)
    elif ending == ".js":
        made.scripts.append(text)
        made.texts += _script_texts(text)
        made.printed += joined_in(text)
    elif ending in (".csv", ".tsv"):
        rows = csv.reader(io.StringIO(text), delimiter="," if ending == ".csv" else "\t")
        made.texts += (" ".join(column) for column in zip_longest(*rows, fillvalue=""))
    elif ending == ".vtt":
        made.texts.append(html.unescape(_TIMES.sub("", text)))
    elif ending == ".json":
        made.texts += _json_texts(text)


def css_urls(css: str) -> list[str]:
    """What a stylesheet loads."""
    found = _CSS_URL.findall(css_unescaped(css))
    return [one or other for one, other in found if not one.startswith("#")]


def _script_texts(script: str) -> Iterator[str]:
    """The script as it is, and as its strings read with their escapes undone."""
    yield script
    if "\\" in script:
        read = _ESCAPED.sub(_unescaped, script)
        yield read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16) % 0x110000) if code else " "


def _json_texts(text: str) -> Iterator[str]:
    waiting: list[Any] = [json.loads(text)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting += value
            yield " ".join(item for item in value if isinstance(item, str))
            yield from _columns([item for item in value if isinstance(item, dict)])
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
            yield " ".join(value)


def _columns(rows: list[dict[str, Any]]) -> Iterator[str]:
    """What stands under each key, one after the other: sentences may go from row to row."""
    for key in {key: None for row in rows for key in row}:
        yield " ".join(text for row in rows if isinstance(text := row.get(key), str))


def _embed(text: str, made: FileContent) -> None:
    """What the files say and carry that stand in a page as data: addresses."""
    for kind, _, is_base64, encoded in _DATA_URL.findall(text):
        try:
            content = base64.b64decode(encoded) if is_base64 else unquote_to_bytes(encoded)
        except binascii.Error:
            continue
        ending = {"image/svg+xml": ".svg", "text/html": ".html", "application/json": ".json"}
        subtype = kind.partition("/")[2]
        inner = read_file(f"inside{ending.get(kind, f'.{subtype}')}", content)
        made.texts += inner.texts if not inner.problem else [content.decode("utf-8", "ignore")]
        made.carries += inner.carries


def _image(content: bytes, made: FileContent) -> None:
    """The metadata of a picture: text chunks, EXIF, XMP, comments."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(content))
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from None
    with image:
        image.load()
        exif = image.getexif()
        facts = [*image.info.items(), *exif.items()]
        facts += [pair for part in (0x8769, 0x8825) for pair in exif.get_ifd(part).items()]
        if exif:
            made.carries.append("EXIF" + (" with a place (GPS)" if exif.get_ifd(0x8825) else ""))
        if any(str(key).lower() in ("xmp", "xml:com.adobe.xmp", "iptc") for key in image.info):
            made.carries.append("XMP")
    made.texts += [as_text(value) for pair in facts for value in pair]


def _video(content: bytes, made: FileContent) -> None:
    """A film that the deck's own cleaning would change carries what it takes out."""
    try:
        if cleaned_video(content, Source(Path("video")), "video").content != content:
            made.carries.append("metadata of a camera or a program")
    except TalkError as error:
        made.problem = error.message


def _font(content: bytes) -> Iterator[str]:
    """The names in a font: its maker, licence and description; and what else is written in it."""
    from fontTools.ttLib import TTFont

    try:
        with TTFont(io.BytesIO(content), lazy=True) as face:
            names = [record.toUnicode(errors="replace") for record in face["name"].names]
            tables = [face.reader[tag] for tag in face.reader.keys() - _DRAWN]
    except Exception as error:  # whatever a broken file makes of fontTools
        raise ValueError(f"no font: {error}") from None
    yield from names
    for table in tables:
        yield from texts_between(table)


def _pptx(content: bytes, made: FileContent) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        made.texts.append(archive.comment.decode("utf-8", "ignore"))
        for name in archive.namelist():
            made.texts.append(name)
            inside = archive.read(name)
            ending = PurePosixPath(name).suffix
            if ending in (".xml", ".rels"):
                inner = FileContent()
                _markup(inside.decode("utf-8"), inner)
                made.texts += inner.texts
                if ending == ".rels":
                    made.links += [
                        Anchor(html.unescape(address), "noopener", "")
                        for address in _outside_relations(inside.decode("utf-8"))
                    ]
            else:
                inner = read_file(name, inside)
                made.texts += inner.texts
                made.problem = made.problem or inner.problem
                if name.startswith("ppt/media/"):
                    made.carries += (f"{what}, in {name}" for what in inner.carries)
            if "/notesSlide" in name and ending == ".xml":
                made.classes.add("notes")
        made.pages = sum(
            1 for name in archive.namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)
        )


def _archive(content: bytes, made: FileContent, nested: int) -> None:
    """What the files in an archive say, as far as they can be looked into."""
    if nested == MOST_NESTED:
        raise ValueError(f"archives in archives, more than {MOST_NESTED} deep")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        made.texts.append(archive.comment.decode("utf-8", "ignore"))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MOST_ENTRIES or total > MOST_UNPACKED:
            made.problem = f"it unpacks to {len(entries):,} files of {total / 1e6:,.0f} MB"
            return
        made.unpacked = total
        for entry in entries:
            made.texts += [as_text(entry.comment), as_text(entry.extra)]
            name = entry.filename.rpartition("/")[2]
            inner = read_file(name, archive.read(entry), nested=nested + 1)
            made.unpacked += inner.unpacked
            if made.unpacked > MOST_UNPACKED:
                raise ValueError(f"it unpacks to more than {MOST_UNPACKED / 1e6:,.0f} MB")
            made.texts += [entry.filename, *inner.texts]
            made.carries += (f"{what}, in {entry.filename}" for what in inner.carries)
            made.problem = made.problem or inner.problem


def _outside_relations(text: str) -> Iterable[str]:
    for relation in re.findall(r"<Relationship\b[^>]*>", text):
        if 'TargetMode="External"' in relation:
            yield from re.findall(r'Target="([^"]*)"', relation)


def inside_page(href: str) -> tuple[str, str]:
    """The path and the fragment of a relative address, decoded."""
    path, _, fragment = href.partition("#")
    return unquote(path.partition("?")[0]), unquote(fragment)


def as_text(value: object) -> str:
    return value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)


def read_pdf(content: bytes, made: FileContent) -> str:
    """Read a PDF; what is wrong with it, or ""."""
    try:
        return _pdf_objects(content, made)
    except Exception as error:  # whatever a broken file makes of pypdf
        return f"it can't be read: {error or type(error).__name__}"


def _pdf_objects(content: bytes, made: FileContent) -> str:
    """Every string in every object; what is wrong: a link to a place that no page has."""
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
    made.printed += [page.extract_text() for page in reader.pages]
    made.texts += made.printed
    places = set(reader.named_destinations)
    # Its own count may be too small, which would hide the last ones, or any number.
    listed = {number for table in reader.xref.values() for number in table}
    for number in sorted(listed | set(reader.xref_objStm)):
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
                if isinstance(item, StreamObject) and item.get("/Filter") == "/DCTDecode":
                    if b"Exif\0\0" in item.get_data()[:_HEAD]:
                        made.carries.append("EXIF in a picture")
                elif isinstance(item, StreamObject) and item.get("/Type") in (
                    "/Metadata",
                    "/EmbeddedFile",
                ):
                    made.texts.append(item.get_data().decode("utf-8", "ignore"))
                elif isinstance(item, StreamObject) and item.get("/Subtype") != "/Image":
                    made.texts += texts_between(item.get_data())
            elif isinstance(item, list):
                waiting += item
    return ""
