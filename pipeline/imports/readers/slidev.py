"""Slidev: front matter at each slide, layouts with slots, clicks, notes as the last comment.

As https://sli.dev/guide/syntax and https://sli.dev/builtin/layouts have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.files import read_text
from pipeline.imports.deck import MOST_SIGNS, Backdrop, Deck, ForeignSlide, Ledger, Role, too_long
from pipeline.imports.meta import Meta, plain, read_meta
from pipeline.imports.readers.columns import html_columns
from pipeline.imports.split import titled
from pipeline.imports.text import Piece, masked, references_of, tokens_of, whole
from pipeline.paths import inside, leads_out
from pipeline.problems import Source, TalkError
from pipeline.slides.code import fenced

DECK_KEYS = (
    *("themeConfig", "transition", "mdc", "drawings", "highlighter", "routerMode", "canvasWidth"),
    *("colorSchema", "fonts", "lineNumbers", "monaco", "exportFilename", "aspectRatio", "addons"),
    *("twoslash", "presenter", "download", "seoMeta", "record", "htmlAttrs", "defaults", "info"),
)
_ABOUT = ("title", "author", "info", "duration", "lang", "date", "event")
_ROLES: Mapping[str, Role] = {
    **dict.fromkeys(("cover", "intro"), "title"),
    "section": "section",
    **dict.fromkeys(("quote", "statement", "fact"), "quote"),
    "end": "closing",
}
_KEPT = (*_ABOUT, "layout", "src", "hide", "disabled", "background", "image", "routeAlias")
_SLOT = re.compile(r"^::\s*([\w-]+)\s*::[ \t]*$", re.MULTILINE)
_CLICKS = re.compile(r"</?v-clicks?\b[^>]*>", re.IGNORECASE)
_AFTER = re.compile(r"</?v-(?:after|switch|drag)\b[^>]*>", re.IGNORECASE)
_SNIPPET = re.compile(r"^<<<[ \t]+(\S+?)(?:#([\w-]+))?(?=[ \t\n]|$)([^\n]*)$", re.MULTILINE)
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})(.*)$")
_DEEPEST = 5  # files that are taken in
_MOST_FILES = 500  # each as often as it is taken in: ten at each depth are 100,000


def read_slidev(path: Path, text: str, ledger: Ledger) -> Deck:
    """A Slidev deck with the files that it takes in. Raises TalkError for what can't be read."""
    piece = whole(text, path)
    pages = list(_pages(piece, _Taken(path.parent, ledger, len(text)), (path.resolve(),)))
    head = pages[0][0] if pages else Meta()
    about = {
        "title": head.text("title"),
        "speaker": head.text("author"),
        "description": head.text("info"),
        "length": head.text("duration"),
        "language": head.text("lang"),
        "date": head.text("date"),
        "event": head.text("event"),
    }
    slides = [_slide(meta, one, at == 0, ledger) for at, (meta, one) in enumerate(pages)]
    anchors = {meta.text("routeAlias"): at for at, (meta, _) in enumerate(pages, 1)}
    return Deck(
        "slidev", path, tuple(slides), about, addresses=references_of(text), anchors=anchors
    )


class _Taken(msgspec.Struct):
    """The files that a deck takes in, all together."""

    root: Path
    ledger: Ledger
    signs: int
    files: int = 0

    def count(self, signs: int, where: Source) -> None:
        """One more of so many signs. Raises TalkError where all are far too much."""
        self.signs, self.files = self.signs + signs, self.files + 1
        if self.files > _MOST_FILES:
            message = f"the deck takes in more than {_MOST_FILES:,} files"
            raise TalkError(message, where, "most of them more than once: name each once")
        if self.signs > MOST_SIGNS:
            raise too_long(self.signs, where.path)


def _pages(piece: Piece, taken: _Taken, within: tuple[Path, ...]) -> Iterator[tuple[Meta, Piece]]:
    """Front matter and content of each slide, those of other files in their places.

    `within` are the files that lead to it, its own the last.
    """
    for meta, page in _cut_up(piece):
        if source := meta.text("src"):
            if not page.is_empty:
                taken.ledger.left_out(page.first, "content beside `src`", page.text)
            taken.ledger.changed(meta.where("src"), "slides of another file", meta.written("src"))
            yield from _taken_in(source, meta, taken, within)
        else:
            yield meta, page


def _taken_in(
    source: str, meta: Meta, taken: _Taken, within: tuple[Path, ...]
) -> Iterator[tuple[Meta, Piece]]:
    where = meta.where("src")
    name, _, wanted = source.partition("#")
    try:
        path = _file(name, where.path.parent, taken.root, where)
        if path.resolve() in within or len(within) > _DEEPEST:
            raise TalkError("files that take each other in", where)
        text = read_text(path, "the deck")
    except TalkError as error:
        taken.ledger.left_out(where, error.message, meta.written("src"))
        return
    taken.count(len(text), where)
    pages = list(_pages(whole(text, path), taken, (*within, path.resolve())))
    for number in _range(wanted, len(pages)):
        yield pages[number - 1]


def _range(text: str, last: int) -> list[int]:
    """`2,5-7` as numbers; all without it."""
    found: list[int] = []
    for first, to in re.findall(r"(\d+)(?:-(\d+))?", text):
        found += range(int(first), min(int(to or first), last) + 1)
    return [number for number in found if 1 <= number <= last] if text else [*range(1, last + 1)]


def _file(name: str, beside: Path, root: Path, where: Source) -> Path:
    """A file that a deck names: from the folder of the slides, or with @/ or / from the root."""
    folder = root if name.startswith(("@/", "/")) else beside
    name = name.removeprefix("@").lstrip("/")
    path = None if leads_out(name, root, folder) else inside(folder, name)
    if path is None or not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        raise TalkError(f"a file that isn't there: `{name}`", where)
    return path


def _cut_up(piece: Piece) -> Iterator[tuple[Meta, Piece]]:
    """Slides as Slidev divides them: a line that begins with `---`, and front matter if the next
    line holds something."""
    rows, hidden = piece.rows, masked(piece.text).split("\n")
    meta, first, at = Meta(), 0, 0
    has_begun = False
    while at < len(rows):
        is_rule = hidden[at].startswith("---")
        if is_rule:
            if has_begun or any(row.strip() for row in rows[first:at]):
                yield meta, piece.part(first, at)
            has_begun, meta, first = True, Meta(), at + 1
            if hidden[at][3:4] != "-" and at + 1 < len(rows) and rows[at + 1].strip():
                end = next((n for n in range(at + 1, len(rows)) if rows[n].rstrip() == "---"), 0)
                if end > at + 1 and _is_meta(rows[at + 1 : end]):
                    meta, first, at = read_meta(piece.part(at + 1, end)), end + 1, end
        at += 1
    yield meta, piece.part(first, len(rows))


def _is_meta(rows: list[str]) -> bool:
    return bool(re.match(r"[\w-]+[ \t]*:|#", rows[0]))


def _slide(meta: Meta, piece: Piece, is_first: bool, ledger: Ledger) -> ForeignSlide:
    where = meta.piece.where() if meta.piece and piece.is_empty else piece.first
    if not meta.said:
        meta, piece = _in_fence(piece)
    notes = None
    if found := _last_comment(masked(piece.text)):
        notes = piece.slice(found.start + len("<!--"), found.stop)
        piece = piece.slice(0, found.start)
    layout = meta.text("layout")
    for key in meta.others(*_KEPT):
        ledger.left_out(meta.where(key), f"Slidev's `{key}`", meta.written(key))
    for key in ("layout", "hide", "disabled", "background", "image", "routeAlias"):
        if key in meta.said:
            ledger.changed(meta.where(key), "of the front matter", meta.written(key))
    if not is_first:
        for key in meta.said:
            if key in _ABOUT and key != "title":
                ledger.left_out(meta.where(key), f"Slidev's `{key}` of a slide", meta.written(key))
    piece, is_stepwise = _clicks(_snippets(piece, ledger), ledger)
    piece = _moved(piece, ledger)
    body, left, right = _slots(piece, layout, ledger)
    title, body = titled(body)
    if title is None and left is not None:
        title, left = titled(left)
    if title is None and meta.text("title") and not is_first:
        title = Piece(meta.text("title"), piece.path, meta.where("title").line or 1)
    elif "title" in meta.said and not is_first:
        ledger.left_out(meta.where("title"), "Slidev's `title`", meta.written("title"))
    if left is None and right is None:
        body, left, right = html_columns(body, ledger)
    return ForeignSlide(
        where,
        body,
        title,
        left,
        right,
        notes,
        tuple(_backdrops(meta, layout)),
        _ROLES.get(layout, ""),
        is_stepwise=is_stepwise,
        is_hidden=any(meta.said.get(key) in (True, "true") for key in ("hide", "disabled")),
    )


def _last_comment(text: str) -> range | None:
    """From the `<!--` to the `-->` of the comment that a text ends with."""
    text = text.rstrip()
    if not text.endswith("-->"):
        return None
    end = len(text) - len("-->")
    first = text.find("<!--", max(0, text.rfind("-->", 0, end) - 3), end)
    return None if first < 0 else range(first, end)


def _in_fence(piece: Piece) -> tuple[Meta, Piece]:
    """Front matter as a fence ```yaml at the top of a slide."""
    first = next((token for token in tokens_of(piece.text)), None)
    if first is None or first.type != "fence" or first.info.strip() != "yaml" or not first.map:
        return Meta(), piece
    meta = read_meta(piece.part(first.map[0] + 1, first.map[1] - 1))
    if not set(meta.said) & {"layout", "src", "hide", "class", "background", "transition"}:
        return Meta(), piece
    return meta, piece.without(*first.map)


def _backdrops(meta: Meta, layout: str) -> Iterator[Backdrop]:
    for key in ("image", "background"):
        address = plain(meta.said.get(key))
        if re.search(r"\.\w{3,4}(?:[?#].*)?$|^https?:", address):
            yield Backdrop(address, meta.where(key), layout in ("image-left", "image-right"))


def _slots(piece: Piece, layout: str, ledger: Ledger) -> tuple[Piece, Piece | None, Piece | None]:
    """What stands in the slots of a layout: `::right::` begins one."""
    text, at, name = masked(piece.text), 0, "default"
    slots: dict[str, Piece] = {}
    for found in _SLOT.finditer(text):
        slots[name] = _joined(slots.get(name), piece.slice(at, found.start()))
        ledger.changed(piece.where(found.start()), "a slot of the layout", found[0])
        at, name = found.end(), found[1]
    slots[name] = _joined(slots.get(name), piece.slice(at))
    body = slots.pop("default", replace(piece, text=""))
    left, right = slots.pop("left", None), slots.pop("right", None)
    if right is not None and left is None and layout == "two-cols":
        title, rest = titled(body)
        left, body = rest, replace(body, text=f"# {title.text}" if title else "")
    for other in slots.values():
        body = _joined(body, other)
    return body, left, right


def _joined(one: Piece | None, other: Piece) -> Piece:
    return other if one is None else replace(one, text=f"{one.text}\n\n{other.text}")


def _clicks(piece: Piece, ledger: Ledger) -> tuple[Piece, bool]:
    is_stepwise = False

    def change(found: re.Match[str], at: Source) -> str:
        nonlocal is_stepwise
        is_stepwise = is_stepwise or "clicks" in found[0].lower()
        if not found[0].startswith("</"):
            ledger.changed(at, "a click: lists alone come item by item", found[0])
        return ""

    piece = piece.edited(_CLICKS, change)
    return piece.edited(_AFTER, change), is_stepwise


def _snippets(piece: Piece, ledger: Ledger) -> Piece:
    """`<<< @/snippets/x.ts`: the code of a file, written out."""

    def change(found: re.Match[str], at: Source) -> str:
        root = piece.path.parent
        try:
            path = _file(found[1], root, root, at)
            code = read_text(path, f"`{found[1]}`")
        except TalkError as error:
            ledger.left_out(at, error.message, found[0])
            return ""
        ledger.changed(at, "code of a file, written out", found[0])
        return fenced(code, path.suffix.removeprefix("."))

    return piece.edited(_SNIPPET, change)


def _moved(piece: Piece, ledger: Ledger) -> Piece:
    """Code that changes step by step (magic-move): its steps below each other."""
    rows = piece.rows
    for token in tokens_of(piece.text):
        if token.type == "fence" and "magic-move" in token.info and token.map:
            first, last = token.map
            ledger.changed(piece.part(first, last).first, "code that moves, as pieces", rows[first])
            rows[first], rows[last - 1] = "", ""
    return replace(piece, text="\n".join(rows))
