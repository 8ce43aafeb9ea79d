"""PowerPoint: titles, text with its levels, tables, pictures, notes, hidden slides.

python-pptx reads the file. It is looked at before: what unpacks to far too much is refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.command import install
from pipeline.imports.deck import Deck, ForeignSlide, Ledger, Role, Unlined
from pipeline.problems import Source, TalkError

_MOST_BYTES = 2**30  # of all that is in the file
_MOST_XML = 64 * 2**20  # of all parts that may be text, which takes several times that when read
_PACKS, _FEW = 20, 2**28  # more than so few bytes pack no better than this, all together
_MOST_PARTS = 20_000
_RATIO = 200  # a part that packs better than this, and is large, is a bomb
_LARGE = 4 * 2**20
_MEDIA = re.compile(
    r"\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|wdp|svg|webp|mp4|m4[av]|mov|avi|wmv|webm|mp3|wav|aac|ogg"
    r"|bin|fntdata|odttf|[ot]tf|xlsx?|docx?|pptx)$",
    re.I,
)
_SIGNS = re.compile(r"[\\`*\[\]$]|(?<!\w)_|_(?!\w)|~(?=~)|=(?==)")
_STARTS = re.compile(r"^([-+:#>]|\d+(?=[.)]\s))")
_TEXT = re.compile(r"<(?:a:t|c:v)>([^<]*)<")
_UNSEEN = ("DATE", "FOOTER", "SLIDE_NUMBER", "HEADER")


def read_powerpoint(path: Path, ledger: Ledger) -> Deck:
    """A PowerPoint file. Raises TalkError for what is none, or unpacks to far too much."""
    names = _checked(path)
    try:
        from pptx import Presentation
    except ImportError:
        raise TalkError("python-pptx is missing", hint=install("publish")) from None
    reading = Unlined(path, ledger, "slide")
    for name in names:
        if name.lower().endswith("vbaproject.bin"):
            ledger.left_out(Source(path), "macros: nothing of them is read or run", name, path.name)
    try:
        show: Any = Presentation(str(path))
        slides = [_slide(slide, number, reading) for number, slide in enumerate(show.slides, 1)]
        core = show.core_properties
        about = {"title": core.title or "", "speaker": core.author or ""}
        about |= {"language": core.language or ""}
    except TalkError:
        raise
    except Exception as error:  # whatever a broken file makes of lxml and python-pptx
        hint = "open it in PowerPoint or LibreOffice and save it as .pptx, then again"
        message = f"this can't be read as PowerPoint: {str(error)[:200] or type(error).__name__}"
        raise TalkError(message, Source(path), hint) from error
    return Deck("pptx", path, tuple(slides), about, files=reading.files, places=reading.places)


def _checked(path: Path) -> list[str]:
    """The names of what a file packs, if it unpacks to a size that can be read."""
    try:
        if path.exists() and not path.is_file():
            raise TalkError("the deck is no plain file", Source(path), "name a .pptx")
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            packed = path.stat().st_size
    except FileNotFoundError:
        raise TalkError("the deck is missing", Source(path), "check the path") from None
    except PermissionError as error:
        raise TalkError(f"the deck can't be read: {error.strerror}", Source(path)) from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        hint = "save it as .pptx; a .ppt is of PowerPoint 2003 or older"
        raise TalkError("this is no PowerPoint file", Source(path), hint) from None
    if message := _too_much(parts, packed):
        raise TalkError(message, Source(path), "no deck needs that: it isn't opened")
    return [part.filename for part in parts]


def _too_much(parts: list[zipfile.ZipInfo], packed: int) -> str:
    """What unpacks to more than a deck holds; whatever isn't called media may be read as XML."""
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > _LARGE and ratio > _RATIO:
            return f"`{part.filename}` unpacks to {part.file_size / 2**20:,.0f} MiB"
    texts = [part for part in parts if not _MEDIA.search(part.filename)]
    text, total = (sum(part.file_size for part in some) for some in (texts, parts))
    if text > _MOST_XML:
        return f"the file unpacks to {text / 2**20:,.0f} MiB of text"
    if total > _MOST_BYTES or total > max(_PACKS * packed, _FEW) or len(parts) > _MOST_PARTS:
        return f"the file unpacks to {total / 2**20:,.0f} MiB in {len(parts):,} parts"
    return ""


def _slide(slide: Any, number: int, reading: Unlined) -> ForeignSlide:
    reading.number, where = number, reading.where
    title_shape = slide.shapes.title
    words = _line(title_shape.text_frame) if title_shape is not None else ""
    title = reading.piece(words) if words else None
    shapes = [shape for shape in _flat(slide.shapes) if not _is_title(shape, title_shape)]
    sides = _sides(shapes)
    left = right = None
    if sides:
        shapes = [shape for shape in shapes if shape not in sides]
        left, right = (reading.piece(_text(_blocks(side, reading))) for side in sides)
    body = reading.piece(_text(block for shape in shapes for block in _blocks(shape, reading)))
    notes = None
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        said = [_line(p) for p in slide.notes_slide.notes_text_frame.paragraphs]
        notes = reading.piece(_text(said)) if any(said) else None
    xml = slide._element
    if xml.find(".//{*}timing//{*}par") is not None:
        reading.changed("animations: all of it is there at once")
    return ForeignSlide(
        where,
        body,
        title,
        left,
        right,
        notes,
        role=_role(slide),
        is_hidden=xml.get("show") in ("0", "false"),
    )


def _text(blocks: Iterable[str]) -> str:
    return "\n\n".join(filter(None, blocks))


def _role(slide: Any) -> Role:
    kind = str(slide.slide_layout._element.get("type") or "")
    roles: dict[str, Role] = {"title": "title", "secHead": "section"}
    return roles.get(kind, "")


def _is_title(shape: Any, title: Any) -> bool:
    return title is not None and shape.shape_id == title.shape_id


def _flat(shapes: Any) -> Iterator[Any]:
    """The shapes from top to bottom, those of groups too."""
    found = []
    for shape in shapes:
        inner = getattr(shape, "shapes", None)
        found += [*_flat(inner)] if inner is not None else [shape]
    return iter(sorted(found, key=lambda one: ((one.top or 0) // 457_200, one.left or 0)))


def _sides(shapes: list[Any]) -> list[Any]:
    """The two that stand beside each other, where a layout has such places; else none."""
    held = [s for s in shapes if s.is_placeholder and _kind(s) not in (*_UNSEEN, "SUBTITLE")]
    if len(held) != 2 or any(None in (s.left, s.top, s.width, s.height) for s in held):
        return []
    one, other = sorted(held, key=lambda s: s.left)
    is_beside = one.left + one.width // 2 < other.left
    overlaps = one.top < other.top + other.height and other.top < one.top + one.height
    return [one, other] if is_beside and overlaps else []


def _kind(shape: Any) -> str:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    return getattr(kind, "name", "") or ""


def _blocks(shape: Any, reading: Unlined) -> Iterator[str]:
    """What a shape shows, as Markdown; what can't be kept is said."""
    if _kind(shape) in _UNSEEN:
        if shape.has_text_frame and shape.text_frame.text.strip():
            reading.left_out("a footer, a date or a number", shape.text_frame.text)
        return
    if getattr(shape, "has_table", False) and shape.has_table:
        yield _table(shape.table)
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        reading.left_out("a chart", " ".join(_texts(shape.chart.part.blob)))
    elif hasattr(shape, "image"):
        yield _picture(shape, reading)
    elif shape.has_text_frame:
        yield _words(shape, reading)
    else:
        xml = shape._element
        related = [*xml.iter("{*}relIds")]
        if related:
            parts = [shape.part.related_part(v) for k, v in related[0].items() if k.endswith("}dm")]
            reading.left_out("SmartArt", " ".join(t for p in parts for t in _texts(p.blob)))
        elif xml.tag.endswith("}graphicFrame") or xml.tag.endswith("}contentPart"):
            reading.left_out("an object of another program", str(shape.name))


def _texts(raw: bytes) -> list[str]:
    return _TEXT.findall(raw.decode("utf-8", "replace"))


def _picture(shape: Any, reading: Unlined) -> str:
    try:
        image = shape.image
        name = f"slide-{reading.number}-{len(reading.files) + 1}.{image.ext}"
        reading.files[name] = image.blob
    except (KeyError, ValueError, AttributeError):  # a linked picture, or none
        reading.left_out("a picture that isn't in the file", str(shape.name))
        return ""
    element = shape._element.find(".//{*}cNvPr")
    alt = " ".join((element.get("descr") or "").split()) if element is not None else ""
    return f"![{escaped(alt)}]({name})"


def _table(table: Any) -> str:
    rows = []
    for row in table.rows:
        cells = [None if cell.is_spanned else cell.text_frame for cell in row.cells]
        texts = ["<br>".join(filter(None, map(_line, c.paragraphs))) if c else "" for c in cells]
        rows.append([text.replace("|", "\\|") for text in texts])
    if not rows:
        return ""
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([lines[0], f"|{'---|' * len(rows[0])}", *lines[1:]])


def _words(shape: Any, reading: Unlined) -> str:
    """Paragraphs: a list with its levels in places for text, else one below the other."""
    formulas = shape._element.findall(".//{*}oMath")
    if formulas:
        text = " ".join("".join(one.itertext()) for one in formulas)
        reading.left_out("a formula", text)
    paragraphs = [(p, _line(p)) for p in shape.text_frame.paragraphs]
    shown = [(p, text) for p, text in paragraphs if text]
    is_list = _kind(shape) in ("BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT")
    is_list = is_list and not (len(shown) == 1 and len(shown[0][1].split()) > 12)
    if not is_list:
        return "\n\n".join(text for _, text in shown)
    return "\n".join(f"{'  ' * p.level}- {text}" for p, text in shown)


def _line(frame: Any) -> str:
    """A paragraph, or a frame, on one line, with its bold and slanted words and its links."""
    if hasattr(frame, "paragraphs"):
        return " ".join(filter(None, map(_line, frame.paragraphs)))
    made = []
    for run in frame.runs:
        text = " ".join(run.text.split())
        if not text:
            made.append(" ")
            continue
        before = " " if run.text[:1].isspace() else ""
        after = " " if run.text[-1:].isspace() else ""
        address = run.hyperlink.address
        text = escaped(text)
        sign = "**" if run.font.bold else "*" if run.font.italic else ""
        text = f"{sign}{text}{sign}"
        made.append(f"{before}{f'[{text}](<{address}>)' if address else text}{after}")
    line = " ".join("".join(made).replace("****", "").split())
    breaks = frame.text.strip()
    if not line and breaks:  # fields, such as a date
        line = escaped(" ".join(breaks.split()))
    return _STARTS.sub(r"\\\1", line)


def escaped(text: str) -> str:
    """A text in which nothing is read as Markdown."""
    text = text.replace("&", "&amp;") if re.search(r"&#?\w+;", text) else text
    return _SIGNS.sub(lambda found: f"\\{found[0]}", text).replace("<", "&lt;")
