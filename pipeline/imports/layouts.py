"""Which of our layouts a slide of another tool comes nearest to, and its file in that layout."""

from __future__ import annotations

import json
import re

import msgspec
from markdown_it.token import Token
from msgspec.structs import replace

from pipeline.imports.deck import Role
from pipeline.imports.text import Piece, tokens_of

_PICTURE = re.compile(
    r"!\[((?:(?!!\[)[^\]\n])*+)\]\((<[^<>\n]*>|[^\s)]*)(?: (\"[^\"\n]*\"|'[^'\n]*'))?\)"
)
_FEW_WORDS = 14  # of a sentence that stands below a picture, code or a table
_COLUMN_LETTERS, _SLIDE_LETTERS, _MOST_ROWS = 34, 75, 9  # of code, as docs/slides.md says
_PLAIN = re.compile(r"[^\s\"'#&*!|>\[\]{}%@`:,?-][^\"#:\n\\]*")
_END = re.compile(
    r"(?:thank|thanks|questions\??|q ?& ?a|danke|fragen|merci|gracias|the end|fin)\b", re.I
)
Block = tuple[str, int, int]  # what it is, its first line, the line after it


class Content(msgspec.Struct, frozen=True):
    """A slide, cleaned: what our layouts are filled with."""

    title: str
    body: Piece
    left: Piece | None = None
    right: Piece | None = None
    picture: str = ""  # of the front matter
    alt: str = ""
    is_beside: bool = False
    more_pictures: tuple[tuple[str, str], ...] = ()  # path and words
    role: Role = ""
    is_stepwise: bool = False
    is_hidden: bool = False
    is_first: bool = False
    is_last: bool = False
    has_title: bool = True  # False: its title was made from something else


class Draft(msgspec.Struct, frozen=True):
    """A slide as it will be written: a layout, its fields and its parts, in their order."""

    layout: str
    fields: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, Piece], ...]  # "body", "left", "body each", …

    def text(self, notes: str = "") -> str:
        """The file."""
        lines = ["---", f"layout: {self.layout}"]
        lines += [f"{key}: {quoted(value)}" for key, value in self.fields]
        lines += ["---"]
        for name, piece in self.parts:
            text = tidy(piece.text)
            lines += [text, ""] if name == "body" else [f"::: {name}", text, ":::", ""]
        if notes:
            lines += ["::: notes", notes, ":::"]
        return "\n".join(lines).rstrip("\n") + "\n"


def quoted(value: str) -> str:
    """A value of front matter, in quotes where YAML would read it as something else."""
    value = " ".join(value.split())
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def tidy(text: str) -> str:
    """Without empty lines at its ends and two of them in a row, but for code."""
    code = {
        at
        for token in tokens_of(text)
        if token.type in ("fence", "code_block") and token.map
        for at in range(*token.map)
    }
    made: list[str] = []
    for at, row in enumerate(text.split("\n")):
        row = row if at in code else row.rstrip() + "  " * row.endswith("  ") * bool(row.strip())
        if row.strip() or at in code or (made and made[-1].strip()):
            made.append(row)
    while made and not made[0].strip():
        made.pop(0)
    while made and not made[-1].strip():
        made.pop()
    return "\n".join(made)


def draft(slide: Content) -> Draft:
    """The slide in the nearest layout."""
    fields = [("title", slide.title)]
    if slide.is_hidden:
        fields.append(("hidden", "true"))
    if slide.left is not None or slide.right is not None:
        return _columns(slide, fields)
    if slide.picture:
        return _with_picture(slide, fields)
    blocks = _blocks(slide.body)
    kinds = [kind for kind, _, _ in blocks]
    if slide.is_first and slide.role in ("", "title") and _is_short(slide.body, kinds):
        return _simple("title", fields, slide)
    if slide.is_last and _END.match(slide.title) and _is_short(slide.body, kinds):
        return _simple("closing", fields, slide)
    if slide.role == "title" and _is_short(slide.body, kinds):
        return _simple("section", fields, slide)
    if (not blocks and slide.role != "quote") or slide.role == "section":
        layout = "closing" if slide.role == "closing" else "section"
        if _is_short(slide.body, kinds):
            return _simple(layout, fields, slide)
    if slide.role == "quote" and _is_short(slide.body, kinds):
        return _thought(slide, fields)
    if kinds == ["quote"] and not slide.has_title:
        return Draft("quote", tuple(fields), (("body", _unquoted(slide.body)),))
    for kind, layout in (("code", "code"), ("table", "table"), ("picture", "picture")):
        if kinds.count(kind) == 1 and (found := _alone(slide, kind, blocks)):
            part = "rows" if layout == "table" else "body"
            parts = ((part, found[0]), *([("point", found[1])] if found[1] else []))
            return Draft(layout, tuple(fields), parts)
    if kinds and set(kinds) == {"code"} and len(kinds) > 1:
        return Draft("code", tuple(fields), (("body", slide.body),))
    return _worded(slide, fields, kinds)


def _worded(slide: Content, fields: list[tuple[str, str]], kinds: list[str]) -> Draft:
    """Words, with one picture beside them if they have one."""
    pictures = list(_PICTURE.finditer(slide.body.text))
    if kinds.count("picture") == 1 and len(pictures) == 1:
        found = pictures[0]
        rest = replace(
            slide,
            picture=found[2].strip("<>"),
            alt=found[1],
            is_beside=True,
            body=replace(slide.body, text=slide.body.text.replace(found[0], "", 1)),
        )
        if not found[3]:
            return _with_picture(rest, fields)
    each = "body each" if slide.is_stepwise and "list" in kinds else "body"
    return Draft("text", tuple(fields), ((each, slide.body),))


def _thought(slide: Content, fields: list[tuple[str, str]]) -> Draft:
    """One thought: nobody sees the title of a quote, so what was one is its words."""
    if not slide.has_title:
        return Draft("quote", tuple(fields), (("body", slide.body),))
    words = replace(slide.body, text=slide.title)
    after = () if slide.body.is_empty else (("after", slide.body),)
    return Draft("quote", tuple(fields), (("body", words), *after))


def _simple(layout: str, fields: list[tuple[str, str]], slide: Content) -> Draft:
    parts = () if slide.body.is_empty else (("body", slide.body),)
    return Draft(layout, tuple(fields), parts)


def _with_picture(slide: Content, fields: list[tuple[str, str]]) -> Draft:
    kinds = [kind for kind, _, _ in _blocks(slide.body)]
    is_video = slide.picture.lower().endswith((".mp4", ".m4v", ".webm"))
    fields = [*fields, ("video" if is_video else "picture", slide.picture), ("alt", slide.alt)]
    layout = "video" if is_video else "picture"
    if slide.is_first and _is_short(slide.body, kinds) and not is_video:
        look = "beside" if slide.is_beside else "full"
        return _simple("title", [*fields, ("look", look)], slide)
    text = slide.body.text.rstrip("\n")
    text += "".join(f"\n\n![{alt}](<{path}>)" for path, alt in slide.more_pictures)
    body = replace(slide.body, text=text)
    look = "full" if body.is_empty and not slide.is_beside else "beside"
    if look == "beside" and body.is_empty:
        return Draft(layout, tuple(fields), ())
    each = "body each" if slide.is_stepwise and "list" in kinds else "body"
    parts = () if body.is_empty else ((each, body),)
    return Draft(layout, (*fields, ("look", look)), parts)


def _columns(slide: Content, fields: list[tuple[str, str]]) -> Draft:
    sides = [("left", slide.left), ("right", slide.right)]
    shown = [(name, side) for name, side in sides if side is not None and not side.is_empty]
    parts: list[tuple[str, Piece]] = []
    blocks = _blocks(slide.body)
    is_below = bool(shown) and (slide.body.first.line or 0) > (shown[0][1].first.line or 0)
    is_point = is_below and [kind for kind, _, _ in blocks] == ["words"]
    if not slide.body.is_empty and not is_point:
        parts.append(("body", slide.body))
    for name, side in shown:
        has_list = any(kind == "list" for kind, _, _ in _blocks(side))
        parts.append((f"{name} each" if slide.is_stepwise and has_list else name, side))
    if is_point:
        parts.append(("point", slide.body))
    kinds = {kind for _, side in shown for kind, _, _ in _blocks(side)}
    layout = "picture" if kinds == {"picture"} else "code" if "code" in kinds else "text"
    return Draft(layout, tuple(fields), tuple(parts))


def stacked(left: Piece | None, right: Piece | None) -> Piece | None:
    """Two columns of code as one below the other, where they fit only so; else None."""
    if left is None or right is None:
        return None
    codes = [t.content for side in (left, right) for t in tokens_of(side.text) if t.type == "fence"]
    rows = [row for code in codes for row in code.rstrip("\n").split("\n")]
    kinds = {kind for side in (left, right) for kind, _, _ in _blocks(side)}
    if not rows or kinds > {"code", "heading"} or len(rows) > _MOST_ROWS:
        return None
    if not _COLUMN_LETTERS < max(len(row.expandtabs(4)) for row in rows) <= _SLIDE_LETTERS:
        return None
    return replace(left, text=f"{left.text}\n\n{right.text}")


def _blocks(piece: Piece) -> list[Block]:
    """The blocks that stand in nothing else: words, picture, list, code, table, quote, other."""
    found: list[Block] = []
    tokens = tokens_of(piece.text)
    for index, token in enumerate(tokens):
        if token.level == 0 and token.map and token.nesting >= 0:
            first, last = token.map
            found.append((_kind(token, tokens[index + 1 : index + 2]), first, last))
    return found


def _kind(token: Token, after: tuple[Token, ...]) -> str:
    kind = token.type.removesuffix("_open")
    if kind == "paragraph" and after:
        rest = _PICTURE.sub("", after[0].content).strip()
        return "picture" if not rest else "words"
    names = {"bullet_list": "list", "ordered_list": "list", "fence": "code"}
    return {**names, "code_block": "code", "blockquote": "quote"}.get(kind, kind)


def _is_short(piece: Piece, kinds: list[str]) -> bool:
    """Whether it is a few lines of words, or nothing."""
    return set(kinds) <= {"words"} and len(piece.text.split()) <= 4 * _FEW_WORDS and len(kinds) < 5


def _alone(slide: Content, kind: str, blocks: list[Block]) -> tuple[Piece, Piece | None] | None:
    """The one block of a kind, and the sentence below it; None where there is more."""
    at = [name for name, _, _ in blocks].index(kind)
    others = [block for index, block in enumerate(blocks) if index != at]
    if not others:
        return slide.body, None
    if len(others) > 1 or at or others[0][0] != "words" or slide.is_stepwise:
        return None
    sentence = slide.body.part(*others[0][1:])
    if len(sentence.text.split()) > _FEW_WORDS:
        return None
    first, last = blocks[at][1:]
    covered = {row for _, begin, end in blocks for row in range(begin, end)}
    rest = [row for n, row in enumerate(slide.body.rows) if n not in covered and row.strip()]
    one = slide.body.part(first, last)
    return replace(one, text="\n\n".join([one.text, *rest])), sentence  # footnotes are no blocks


def _unquoted(piece: Piece) -> Piece:
    return replace(piece, text=re.sub(r"^ {0,3}> ?", "", piece.text, flags=re.MULTILINE))
