"""pandoc and Quarto: slides at headings, columns, notes and steps in fenced divs.

As https://pandoc.org/MANUAL.html#slide-shows and https://quarto.org/docs/presentations/ have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.imports.deck import Backdrop, Deck, ForeignSlide, Kind, Ledger
from pipeline.imports.meta import Meta, head_of, plain
from pipeline.imports.split import heading_text, headings
from pipeline.imports.text import Piece, masked, references_of, tokens_of, whole
from pipeline.problems import Source

_ABOUT = ("title", "subtitle", "author", "institute", "date", "lang", "slide-level", "incremental")
_PERCENT = re.compile(r"((?:%[^\n]*(?:\n[ \t]+[^\n]*)*\n){1,3})")
_ATTRIBUTES = re.compile(r"(?:(?<![ \t])[ \t]++)?\{([^{}\n]*+)\}[ \t]*$")
_DIV = re.compile(
    r"^[ ]{0,3}(?P<colons>:{3,}+)[ \t]*+(?:\{(?P<said>[^{}\n]*)\}|(?P<name>[\w-]++))?"
    r"[ \t]*+:*+[ \t]*+$"
)
_PAUSE = re.compile(r"^[ ]{0,3}\.[ \t]\.[ \t]\.[ \t]*$", re.MULTILINE)
_SHORTCODE = re.compile(
    r"\{\{<\s*+(?P<name>[\w-]++)\s*+"
    r"(?P<said>(?:[^\S\n]*+(?!>\}\}|\{\{<)\S)*+)\s*+>\}\}"
)
_DASHES = re.compile(r"[ ]*-{2,}(?:[ ]+-{2,})+[ ]*")
_CELL = re.compile(r"^[ \t]*#\|")
_FOOTNOTE = re.compile(
    r"^\[\^([^\]\s]+)\]:[ \t]*((?:[^\n]*)(?:\n(?:[ \t]+\S[^\n]*))*)", re.MULTILINE
)
_PICTURE = re.compile(r"background-image=[\"']?([^\"'\s}]+)")
_ANCHOR = re.compile(r"#([\w:.-]+)")
_WORDS = re.compile(r"[\w-]+")


def read_pandoc(path: Path, text: str, ledger: Ledger) -> Deck:
    """A deck for pandoc."""
    return _read(path, text, ledger, "pandoc")


def read_quarto(path: Path, text: str, ledger: Ledger) -> Deck:
    """A deck for Quarto."""
    return _read(path, text, ledger, "quarto")


def _read(path: Path, text: str, ledger: Ledger, kind: Kind) -> Deck:
    meta, piece = head_of(whole(text, path))
    about = {
        "title": meta.text("title"),
        "subtitle": meta.text("subtitle"),
        "speaker": meta.text("author"),
        "event": meta.text("institute"),
        "date": meta.text("date"),
        "language": meta.text("lang"),
    }
    if not meta.said:
        about, piece = _percent_lines(piece, about)
    for key in meta.others(*_ABOUT):
        ledger.left_out(meta.where(key), f"`{key}` of the front matter", meta.written(key))
    for key in ("slide-level", "incremental"):
        if key in meta.said:
            ledger.changed(meta.where(key), "of the front matter", meta.written(key))
    notes: dict[str, Piece] = {}
    piece = _without_footnotes(piece, notes)
    piece = _tables(_code(piece, ledger))
    level = _level(meta, piece, kind)
    slides: list[ForeignSlide] = []
    anchors: dict[str, int] = {}
    if about["title"]:
        where = meta.where("title") if meta.said else Source(path, 1)
        title = Piece(about["title"], path, where.line or 1)
        slides.append(ForeignSlide(where, Piece("", path, title.line), title, role="title"))
    for one in _divided(piece, level):
        if one.body.is_empty and one.title is None:
            continue
        slides.append(_slide(one, meta, ledger))
        if one.anchor:
            anchors[one.anchor] = len(slides)
    return Deck(
        kind,
        path,
        tuple(slides),
        about,
        notes_of=notes,
        addresses=references_of(piece.text),
        anchors=anchors,
    )


def _percent_lines(piece: Piece, about: dict[str, str]) -> tuple[dict[str, str], Piece]:
    """Title, author and date as lines that begin with `%`."""
    found = _PERCENT.match(piece.text)
    if not found:
        return about, piece
    said = [" ".join(one.split()) for one in re.split(r"^%", found[1], flags=re.M)[1:]]
    said += [""] * (3 - len(said))
    about = {**about, "title": said[0], "speaker": said[1].replace(";", ","), "date": said[2]}
    return about, piece.without(0, found[1].count("\n"))


def _without_footnotes(piece: Piece, notes: dict[str, Piece]) -> Piece:
    def take(found: re.Match[str], at: Source) -> str:
        if found[1] in notes:
            return found[0]
        notes[found[1]] = Piece(found[2], piece.path, at.line or 1)
        return ""

    return piece.edited(_FOOTNOTE, take)


def _code(piece: Piece, ledger: Ledger) -> Piece:
    """Cells and raw blocks: what isn't shown is left out, options of cells too."""
    rows = piece.rows
    for token in tokens_of(piece.text):
        if token.type != "fence" or not token.map:
            continue
        first, last = token.map
        info, where = token.info.strip(), Source(piece.path, piece.line + first)
        text = "\n".join(rows[first:last])
        if info.startswith("{="):
            ledger.left_out(where, "raw text of another format", text)
            rows[first:last] = [""] * (last - first)
            continue
        options = [at for at in range(first + 1, last) if _CELL.match(rows[at])]
        said = " ".join(rows[at] for at in options)
        if re.search(r"(?:echo|include)\s*:\s*false", said):
            ledger.left_out(where, "a cell that isn't shown; what it makes isn't made", text)
            rows[first:last] = [""] * (last - first)
            continue
        if re.match(r"\{\w[^=]*\}$", info):
            options_text = "\n".join(rows[at] for at in options)
            ledger.changed(where, "a cell: its code is shown, it isn't run", options_text)
            for at in reversed(options):
                del rows[at]
            rows[last - len(options) : last - len(options)] = [""] * len(options)
    return replace(piece, text="\n".join(rows))


def _tables(piece: Piece) -> Piece:
    """Simple tables of pandoc, whose columns are where their dashes are, as tables with bars."""
    rows, hidden = piece.rows, masked(piece.text).split("\n")
    for at, row in enumerate(hidden):
        if at == 0 or not _DASHES.fullmatch(row) or not hidden[at - 1].strip():
            continue
        spans = [found.span() for found in re.finditer("-+", row)]
        edges = [0, *(start for start, _ in spans[1:]), None]
        last = next((n for n in range(at, len(rows)) if not hidden[n].strip()), len(rows))
        rows[at] = "|" + "---|" * len(spans)
        for n in (at - 1, *range(at + 1, last)):
            if _DASHES.fullmatch(hidden[n]):
                rows[n] = ""
                continue
            cells = [rows[n][a:b].strip() for a, b in pairwise(edges)]
            rows[n] = f"| {' | '.join(cells)} |"
    return replace(piece, text="\n".join(rows))


def _level(meta: Meta, piece: Piece, kind: Kind) -> int:
    """The level of headings that name a slide: said, or the highest that has content below."""
    said: object = meta.said.get("slide-level")
    form = meta.said.get("format")
    for inner in form.values() if isinstance(form, dict) else ():
        if isinstance(inner, dict):
            said = said or inner.get("slide-level")
    if re.fullmatch("[1-6]", plain(said)):
        return int(plain(said))
    if kind == "quarto":
        return 2
    found = list(headings(piece))
    levels = []
    for at, (level, _, last) in enumerate(found):
        end = found[at + 1][1] if at + 1 < len(found) else len(piece.rows)
        if "".join(piece.rows[last:end]).strip():
            levels.append(level)
    return min(levels, default=1)


class _Page(msgspec.Struct, frozen=True):
    body: Piece
    title: Piece | None
    said: str = ""  # the attributes of its heading
    anchor: str = ""
    is_section: bool = False


def _divided(piece: Piece, level: int) -> Iterator[_Page]:
    """A page at each rule, and at each heading of this level or above."""
    rows = piece.rows
    heads = {first: (own, last) for own, first, last in headings(piece)}
    rules = {
        token.map[0]
        for token in tokens_of(piece.text)
        if token.type == "hr" and token.map and token.level == 0
    }
    starts = sorted([first for first, (own, _) in heads.items() if own <= level] + list(rules))
    first_start = starts[0] if starts else len(rows)
    if "".join(rows[:first_start]).strip():
        yield _Page(piece.part(0, first_start), None)
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else len(rows)
        if start in rules:
            yield _Page(piece.part(start + 1, end), None)
            continue
        own, last = heads[start]
        title = heading_text(piece, start, last)
        said = _ATTRIBUTES.search(title.text)
        attributes = said[1] if said else ""
        if said:
            title = replace(title, text=title.text[: said.start()])
        anchor = _ANCHOR.search(attributes)
        name = anchor[1] if anchor else "-".join(_WORDS.findall(title.text.lower()))
        body = piece.part(last, end)
        yield _Page(body, None if title.is_empty else title, attributes, name, own < level)


class _Divs(msgspec.Struct):
    """What the fenced divs of a slide hold."""

    notes: list[str] = []
    notes_line: int = 0
    columns: list[list[int]] = []  # rows of each
    is_stepwise: bool = False


def _slide(page: _Page, meta: Meta, ledger: Ledger) -> ForeignSlide:
    where = page.title.where() if page.title else page.body.first
    piece = _shortcodes(page.body, ledger)
    backs = []
    if page.said.strip():
        ledger.changed(where, "attributes of a heading", f"{{{page.said}}}")
        if found := _PICTURE.search(page.said):
            backs.append(Backdrop(found[1], where))

    def pause(found: re.Match[str], at: Source) -> str:
        ledger.changed(at, "a pause: what follows is there at once", found[0])
        return ""

    piece = piece.edited(_PAUSE, pause)
    piece, divs = _opened(piece, ledger)
    left = right = None
    if len(divs.columns) == 2:
        left, right = (_only(piece, set(rows)) for rows in divs.columns)
        piece = _only(piece, set(range(len(piece.rows))) - {*divs.columns[0], *divs.columns[1]})
    notes = None
    if divs.notes:
        notes = Piece("\n".join(divs.notes), piece.path, divs.notes_line)
    return ForeignSlide(
        where,
        piece,
        page.title,
        left,
        right,
        notes,
        tuple(backs),
        "section" if page.is_section else "",
        is_stepwise=divs.is_stepwise
        or meta.said.get("incremental") is True
        or "incremental" in page.said.split("."),
        is_hidden='visibility="hidden"' in page.said,
    )


def _opened(piece: Piece, ledger: Ledger) -> tuple[Piece, _Divs]:
    """A piece without its divs: notes taken out, columns noted, the words of others left."""
    rows, hidden = piece.rows, masked(piece.text).split("\n")
    divs, inside = _Divs(), list[str]()
    for at, row in enumerate(hidden):
        found = _DIV.match(row)
        if not found:
            if "notes" in inside:
                divs.notes.append(rows[at])
                rows[at] = ""
            elif "column" in inside and divs.columns:
                divs.columns[-1].append(at)
            continue
        said = (found["said"] or found["name"] or "").strip()
        where = Source(piece.path, piece.line + at)
        if said:
            kind = _kind(said)
            inside.append(kind)
            if kind == "notes":
                divs.notes_line = divs.notes_line or piece.line + at + 1
            elif kind == "column":
                divs.columns.append([])
            divs.is_stepwise = divs.is_stepwise or kind == "incremental"
            if kind in ("column", "columns", "notes", "incremental"):
                ledger.changed(where, "a div", rows[at])
            else:
                ledger.left_out(where, "a div, but for its words", rows[at])
        elif inside:
            inside.pop()
        rows[at] = ""
    return replace(piece, text="\n".join(rows)), divs


def _kind(said: str) -> str:
    names = re.findall(r"\.([\w-]+)", said) or [said.split()[0]]
    known = ("columns", "column", "notes", "incremental", "nonincremental")
    return next((name for name in names if name in known), str(names[0]))


def _only(piece: Piece, wanted: set[int]) -> Piece:
    rows = [row if at in wanted else "" for at, row in enumerate(piece.rows)]
    return replace(piece, text="\n".join(rows))


def _shortcodes(piece: Piece, ledger: Ledger) -> Piece:
    """`{{< video demo.mp4 >}}` is a video; others are left out."""

    def change(found: re.Match[str], at: Source) -> str:
        address = found["said"].split()[0].strip("\"'") if found["said"] else ""
        if found["name"] == "video" and address and not address.startswith("http"):
            ledger.changed(at, "a shortcode, as a video", found[0])
            return f"![](<{address}>)"
        ledger.left_out(at, "a shortcode", found[0])
        return ""

    return piece.edited(_SHORTCODE, change)
