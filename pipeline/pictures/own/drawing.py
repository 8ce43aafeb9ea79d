"""One of the speaker's own charts is drawn: its process started, ended, and not trusted.

What comes back is cleaned as any drawing of the talk is: its code could have written anything.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import msgspec

from pipeline import processes
from pipeline.files import read_bytes
from pipeline.pictures.own import process
from pipeline.pictures.own.inside import Answer, Request
from pipeline.pictures.picture import Picture
from pipeline.pictures.sanitize import sanitized
from pipeline.pictures.theme import SVG, describe, written
from pipeline.problems import Source, TalkError, shortened

LIMIT_S = 60
MOST_KB = 1500  # of a drawing: a page loads it whole
MOST_LINES = 20  # of what it prints
MOST_PIXELS = 8_000_000  # of a picture in it
_IMAGE = f"{{{SVG}}}image"
_HREF = "href"


def drawn(
    file: Path, root: Path, values: Mapping[str, Any], say: Callable[[str], None]
) -> tuple[Picture, Answer]:
    """The picture that a file of `deck/figures` draws of these values, and what it is made from.

    What it prints is said as it comes. Raises TalkError with its line for whatever goes wrong.
    """
    with tempfile.TemporaryDirectory(prefix="figure-") as folder:
        asked, out = Path(folder) / "request.json", Path(folder) / "answer.json"
        path = [entry for entry in sys.path if Path(entry).is_absolute()]
        request = Request(tuple(path), str(root), str(file), dict(values))
        asked.write_bytes(msgspec.json.encode(request))
        ended = _run([str(asked), str(out)], root, file, say)
        made = _answer(out, ended, file)
    if made.message:
        at = Path(made.at) if made.at else file
        raise TalkError(made.message, Source(at, made.line or None), made.hint)
    most = max(len(made.svg), len(made.narrow))
    if most > MOST_KB * 1000:
        size = f"{most / 1e6:.1f} MB"
        hint = "draw fewer points, or those with rasterized=True: they become one picture"
        raise TalkError(
            f"the drawing has {size}, {MOST_KB / 1000:g} are the most", _top(file), hint
        )
    return _picture(made, file), made


def _answer(out: Path, ended: processes.Ended, file: Path) -> Answer:
    where, status = _top(file), ended.status
    if not out.is_file():
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        said = f": {ended.last[-1]}" if ended.last else ""
        message = f"it ended {how} before the chart was drawn{said}"
        raise TalkError(message, where, "`draw` returns when it is done; it ends no process")
    try:
        raw = read_bytes(out, "the answer of a drawing", 64 * 2**20)
        return msgspec.json.decode(raw, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise TalkError("what came of the drawing can't be read", where) from None


def _top(file: Path) -> Source:
    return Source(file, 1)


# --- Its process --------------------------------------------------------------------------------


def _run(
    arguments: list[str], root: Path, file: Path, say: Callable[[str], None]
) -> processes.Ended:
    """How the process ended. Raises TalkError where it had to be ended."""
    words = [sys.executable, "-P", "-s", "-B", "-X", "utf8", process.__file__, *arguments]
    command = processes.Command(words, root, LIMIT_S, shows_stdout=True, environment=_environment())
    printed = Path(arguments[0]).with_name("printed")
    ended = processes.run(command, printed, _Said(say).heard, lambda: None)
    if ended.stopped == "limit":
        message = f"it was still drawing after {LIMIT_S} seconds, and was ended"
        hint = "what takes long belongs into a measurement: [measure.NAME] in talk.toml"
        raise TalkError(message, _top(file), hint)
    if ended.stopped:
        message = f"it printed more than {processes.MOST_PRINTED // 2**20} MiB, and was ended"
        raise TalkError(message, _top(file), "print less")
    return ended


def _environment() -> dict[str, str]:
    """The user's, but what Python takes out of it: the same code draws the same everywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {
        **kept,
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "svg",
        "TZ": "UTC",
    }


class _Said:
    """Says the first lines that a drawing prints."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._lines = say, 0

    def heard(self, line: str) -> None:
        self._lines += 1
        if self._lines <= MOST_LINES:
            self._say(f"  {line}")
        elif self._lines == MOST_LINES + 1:
            self._say("  … and more")


# --- What it drew -------------------------------------------------------------------------------


def _picture(made: Answer, file: Path) -> Picture:
    """The drawing, cleaned, with its words and the places of its numbers."""
    name, where = file.stem, _top(file)
    wide = "plot wide" if made.narrow else "plot"
    svg = _page_svg(made.svg, made.marks, where, wide, made, name)
    narrow = (
        _page_svg(made.narrow, made.narrow_marks, where, "plot", made, name) if made.narrow else ""
    )
    return Picture(name, svg, made.title, made.alt, made.rows, narrow=narrow)


def _page_svg(
    svg: str, marks: Mapping[str, str], where: Source, kind: str, made: Answer, name: str
) -> str:
    try:
        root = _cleaned(svg, where)
    except ElementTree.ParseError:
        raise TalkError("what was drawn is no SVG", where) from None
    except TalkError as error:
        message = f"what was drawn can't stand in a page: {error.message}"
        raise TalkError(message, where) from None
    for element in list(root.iter(f"{{{SVG}}}text")):
        at = marks.get(element.attrib.pop("id", ""))
        if at:
            number = SubElement(element, f"{{{SVG}}}tspan", {"class": "measured", "data-at": at})
            number.text, element.text = element.text, None
    root.set("class", kind)
    describe(root, name, made.title, made.alt, "img")
    return written(root)


def _cleaned(svg: str, where: Source) -> Element:
    """Only what can stand in a page; pictures in it as plain PNG."""
    if "<!" in svg:
        raise TalkError("it declares something", where)
    root, images = ElementTree.fromstring(svg), dict[str, str]()
    for at, element in enumerate(list(root.iter(_IMAGE))):
        element.tag = f"{{{SVG}}}rect"  # a drawing has no pictures: they are cleaned by themselves
        element.set("id", f"image-{at}")
        images[f"image-{at}"] = element.attrib.pop(_HREF, "")
    drawing = sanitized(ElementTree.tostring(root, "unicode"), where)
    for element in drawing.root.iter(f"{{{SVG}}}rect"):
        address = images.get(element.get("id", ""))
        if address is not None:
            element.tag = _IMAGE
            del element.attrib["id"]
            element.set(_HREF, _plain_png(address, where))
    return drawing.root


def _plain_png(address: str, where: Source) -> str:
    """A picture in the drawing, read and written anew."""
    from PIL import Image

    kind, _, packed = address.partition(",")
    if kind != "data:image/png;base64":
        raise TalkError(f"a picture in it is no PNG: {shortened(kind)}", where)
    try:
        with Image.open(io.BytesIO(base64.b64decode(packed)), formats=["PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise TalkError("a picture in it has too many pixels", where)
            out = io.BytesIO()
            picture.convert("RGBA").save(out, "PNG", optimize=True)
    except (binascii.Error, OSError, ValueError, Image.DecompressionBombError):
        raise TalkError("a picture in it is broken", where) from None
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
