"""Markdown of one part of a slide -> its parsed content, steps, words, links and pictures.

CommonMark and what `rules` and `formulas` add. `[words]{.class}` gives inline classes,
`{.class}` on a line of its own gives them to the next block. How it is written as HTML is
the pages' business: tokens say in their `meta` what is a step, a lead or a cell's heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from msgspec.structs import replace

from pipeline import formulas
from pipeline.memo import from_plain
from pipeline.numbers.fill import CLOSE, LINE, MARK, OPEN, Filled, Numbers
from pipeline.paths import composed
from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.blocks import Block, joined, plain_text, text_blocks, words_of
from pipeline.slides.chart_fence import FENCE, is_chart
from pipeline.slides.charts import ChartBlock, Charts, table_of
from pipeline.slides.code import CodeBlock, mark_code
from pipeline.slides.footnotes import Numbering
from pipeline.slides.lists import mark_items
from pipeline.slides.media import MediaUse, linked_file, picture_or_video
from pipeline.slides.rules import HTML, REFERENCE, REFUSED, add_rules, refusal
from pipeline.slides.tables import At, check_tables, label_cells

KINDS = ("figure", "diagram", "drawing")
MOST_SIGNS = 20_000  # of a part, or of a paragraph
_LINK = re.compile(r"#/([\w-]+)$|https?://|mailto:")
# Signs of a picture or a file that stayed text: most often because of a space in its path.
_UNREAD = re.compile(
    r"!\[(?:(?!!\[)[^\]])*+\]\((?:(?!!\[)[^)])*+\)"
    r"|\[[^\[\]]++\]\((?=[^()]*\s)[^()]*\.[A-Za-z0-9]{2,5}\)"
)


class PictureUse(msgspec.Struct, frozen=True):
    """A picture that a slide asks for by name; kind is figure, diagram, drawing or chart."""

    kind: str
    name: str
    source: Source
    opened: str = ""  # words of the link that opens it in a new tab; empty: shown in its place


class Link(msgspec.Struct, frozen=True):
    """A link to another slide of the deck, by its short name."""

    target: str
    source: Source


class Content(msgspec.Struct, frozen=True):
    """Parsed Markdown with the values for its marks; nobody changes a token any more.

    `meta` of a token: `step` is the number of the step on which it appears, `code` the CodeBlock
    that a fence is, `chart` the ChartBlock of a picture that a fence asked for, `label` the heading
    of a cell's column, `figure` the picture that a link opens alone, `media` the file of the talk
    that a picture, video or link is (a MediaUse); `empty` is on a heading without a word, `picture`
    on a paragraph that is one, `lead` on bold words that begin a list's item; `rest_open` and
    `rest_close` stand around what follows those, and around an item of several blocks.
    """

    tokens: tuple[Token, ...]
    filled: Filled

    def html(self) -> str:
        """The tokens as HTML, the values escaped."""
        return self.filled.in_html(_MARKDOWN.renderer.render(self.tokens, _MARKDOWN.options, {}))

    @property
    def code(self) -> tuple[CodeBlock, ...]:
        """The pieces of code that stand in it."""
        return tuple(token.meta["code"] for token in self.tokens if "code" in token.meta)

    @property
    def charts(self) -> tuple[ChartBlock, ...]:
        """The charts that its fences ask for."""
        tokens = (one for token in self.tokens for one in (token, *(token.children or ())))
        return tuple(token.meta["chart"] for token in tokens if "chart" in token.meta)

    @property
    def pictures(self) -> tuple[str, ...]:
        """The names of the pictures that stand in it."""
        return tuple(
            picture_name(child)
            for token in self.tokens
            for child in token.children or ()
            if child.type == "image" and "media" not in child.meta
        )

    @property
    def media(self) -> tuple[MediaUse, ...]:
        """The files of the talk that it shows or leads to."""
        return tuple(
            child.meta["media"]
            for token in self.tokens
            for child in token.children or ()
            if "media" in child.meta
        )


class Item(msgspec.Struct, frozen=True):
    """One item of a top-level list, without the list's own tags."""

    content: Content
    links: tuple[Link, ...]


class Markup(msgspec.Struct, frozen=True):
    """A piece of content, read; `words` leaves tables and code out."""

    content: Content
    text: str
    words: int
    steps: int = 0
    items: tuple[Item, ...] = ()
    links: tuple[Link, ...] = ()
    pictures: tuple[PictureUse, ...] = ()


_MARKS = (OPEN, CLOSE, LINE)
_META = {"code": CodeBlock, "chart": ChartBlock, "media": MediaUse}


def mend_meta(token: Token) -> None:
    """Give a token that was kept, and those in it, the objects that its `meta` had."""
    for name in _META.keys() & token.meta.keys():
        token.meta[name] = msgspec.convert(token.meta[name], _META[name], dec_hook=from_plain)
    for child in token.children or ():
        mend_meta(child)


def picture_name(image: Token) -> str:
    """`loss` of ![](figure:loss)."""
    return _picture_address(str(image.attrs["src"]))[1]


def _picture_address(address: str) -> tuple[str, str]:
    """Kind and name of `figure:loss`; the same name however its letters are composed."""
    kind, _, name = composed(unquote(address)).partition(":")
    return kind, name


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.use(attrs_plugin, spans=True, allowed=["class"])
    markdown.use(attrs_block_plugin, allowed=["class"])
    formulas.add_to(markdown)
    add_rules(markdown)
    markdown.core.ruler.before("text_join", "marks", _take_out_marks)
    return markdown


def _take_out_marks(state: StateCore) -> None:
    """`&#xE000;` is no mark of ours: what stands between two would be taken for a number."""
    if "&#" in state.src:
        for token in (child for one in state.tokens for child in one.children or ()):
            if token.type == "text_special" and token.content in _MARKS:
                token.content = "\ufffd"


_MARKDOWN = _markdown()


def read(
    filled: Filled,
    where: Source,
    classes: Collection[str],
    *,
    each: bool = False,
    cards: bool = False,
    first_step: int = 0,
    footnotes: Numbering | None = None,
    charts: Charts | None = None,
) -> Markup:
    """Parse the Markdown of one part.

    `cards`: a `###` heading and what follows it become one card. `each`: every top-level list
    item, card or body row of a table is a step. Those, and steps of code and charts, count from
    `first_step`. `classes` are those that content may use, `charts` reads its charts. Raises
    TalkError with the line that is to blame.
    """
    _check_size(filled, where)
    tokens = _MARKDOWN.parse(filled.text)

    def at(token: Token, below: int = 0) -> Source:
        row = (token.map[0] if token.map else 0) + below
        return Source(where.path, filled.lines[min(row, len(filled.lines) - 1)])

    _read_formulas(tokens, filled, at)
    _blocks_of(tokens, at, classes)
    if charts:
        tokens, filled = _read_charts(tokens, filled, at, charts)
    mark_code(tokens, lambda text: replace(filled, text=text).plain, at)
    links, pictures = _inline(tokens, filled, at, classes, footnotes or Numbering())
    check_tables(tokens, filled, at)
    label_cells(tokens, filled)
    tokens = mark_items(tokens)
    _mark_pictures(tokens)
    if cards:
        tokens = _in_cards(tokens)
    steps = _number_steps(tokens, first_step, each=each)
    if each and not any("step" in token.meta for token in tokens):
        raise TalkError(
            "`each` finds nothing to show one by one", where, "write a list, cards or a table"
        )
    words, text = words_of(tokens, filled)
    items = tuple(_items(tokens, filled, at))
    content = Content(tuple(tokens), filled)
    return Markup(content, text, words, steps, items, tuple(links), tuple(pictures))


def _blocks_of(tokens: list[Token], at: At, classes: Collection[str]) -> None:
    """The classes of blocks, and the levels of headings: the slide's title is the page's h1."""
    for token in tokens:
        _check_classes(token, at(token), classes)
        if token.tag in ("h1", "h2", "h3", "h4"):
            token.tag = "h3" if token.tag == "h4" else "h2"


def read_inline(
    filled: Filled, where: Source, classes: Collection[str], footnotes: Numbering | None = None
) -> Markup:
    """Parse one line (a title, a field), without a paragraph around it."""
    _check_size(filled, where)
    tokens = _MARKDOWN.parseInline(filled.text)
    _read_formulas(tokens, filled, lambda _: where)
    links, pictures = _inline(
        tokens, filled, lambda token, below=0: where, classes, footnotes or Numbering()
    )
    content = Content(tuple(tokens), filled)
    shown = [use for use in content.media if use.kind != "file"]
    if shown or any(not use.opened for use in pictures):
        raise TalkError("a picture can't stand here", where, "put it into a part")
    words, text = words_of(tokens, filled)
    return Markup(content, text, words, links=tuple(links), pictures=tuple(pictures))


def _check_size(filled: Filled, where: Source) -> None:
    if len(filled.text) > MOST_SIGNS:
        raise TalkError(f"a text of more than {MOST_SIGNS:,} signs on a slide", where, "say less")


def _check_classes(token: Token, where: Source, classes: Collection[str]) -> None:
    for name in str(token.attrs.get("class", "")).split():
        if name not in classes:
            raise TalkError(f"unknown class `.{name}`", where, nearest(name, classes))


def _inline(
    tokens: list[Token],
    filled: Filled,
    at: At,
    classes: Collection[str],
    footnotes: Numbering,
) -> tuple[list[Link], list[PictureUse]]:
    links: list[Link] = []
    pictures: list[PictureUse] = []
    for token in tokens:
        where, below = at(token), 0
        for index, child in enumerate(token.children or []):
            if child.type in ("softbreak", "hardbreak"):
                below += child.markup != HTML
                where = at(token, below)
            _check_classes(child, where, classes)
            if child.type == "link_open" and _is_picture(child):
                words = plain_text((token.children or [])[index:], filled)
                pictures.append(_opened(child, words, where))
            elif child.type == "link_open":
                links += _link(child, where)
            elif child.type == "image":
                pictures += _picture(child, filled, where)
            elif child.type == "text" and (unread := _UNREAD.search(child.content)):
                raise _unread(unread[0], where)
            elif child.type == REFUSED:
                message, hint = refusal(child)
                raise TalkError(message, where, hint)
            elif child.type == REFERENCE:
                child.content = str(footnotes.number(child.meta["label"], where))
            elif child.type == "span_open" and "bar" in str(child.attrs.get("class", "")).split():
                _measure_bar(child, (token.children or [])[index:], filled, where)
    return links, pictures


def _read_formulas(tokens: list[Token], filled: Filled, at: Callable[[Token], Source]) -> None:
    """Each formula's token gets its MathML, and the text that is read where there is only text."""
    for token in tokens:
        where, rest = at(token), ""
        for one in (token, *(token.children or [])):
            if one.type in formulas.TOKENS:
                display = one.type != formulas.INLINE
                made = formulas.read_formula(one.content, filled, where, display=display)
                one.meta.update(mathml=made.mathml, plain=made.plain)
            elif one.type in ("text", "softbreak"):
                rest += one.content or "\n"
            lines = one.content.count("\n") + (one.type in ("softbreak", "hardbreak"))
            if one is not token and lines:
                where = replace(where, line=(where.line or 1) + lines)
        if "\\$" not in token.content:
            formulas.check_closed(rest, at(token))


def _unread(written: str, where: Source) -> TalkError:
    hint = "a path with spaces stands in < >: ![what it shows](<my photo.jpg>)"
    if found := re.search(r"\((drawing|diagram):([^()]*+)\)", written):
        hint = f"show the file by its path: ![what it shows](<{found[1]}s/{found[2]}.svg>)"
    return TalkError(f"no picture and no link: {written}", where, hint)


def _is_picture(link: Token) -> bool:
    return str(link.attrs.get("href", "")).partition(":")[0] in KINDS


def _opened(link: Token, words: str, where: Source) -> PictureUse:
    """[words](figure:NAME): a link to the picture's own file, in a new tab."""
    kind, name = _picture_address(str(link.attrs["href"]))
    link.meta["figure"] = name
    link.attrs.update(href=f"figures/{name}.svg", target="_blank", rel="noopener")
    return PictureUse(kind, name, where, opened=words)


def _link(token: Token, where: Source) -> list[Link]:
    address = str(token.attrs.get("href", ""))
    if OPEN in str(token.attrs) or "%EE%80%80" in address:
        raise TalkError("a measured value can't stand in a link's address", where, "write it out")
    found = _LINK.match(address)
    if not found and not address.startswith("#"):
        token.meta["media"] = linked_file(address, where)
        return []
    if not found:
        hint = f"`#/{address.lstrip('#/') or 'slide-name'}` is a slide's address"
        raise TalkError(f"`{address}` is no link for a slide", where, hint)
    return [Link(found[1], where)] if found[1] else []


def _picture(token: Token, filled: Filled, where: Source) -> list[PictureUse]:
    """The figure, diagram or drawing that it names; a file of the talk is put into its `meta`."""
    address = str(token.attrs.get("src", ""))
    if OPEN in address or "%EE%80%80" in address:
        raise TalkError("a measured value can't stand in a picture's path", where, "write it out")
    kind, name = _picture_address(address)
    if "chart" in token.meta:
        return [PictureUse(FENCE, name, where)]
    if kind in KINDS and re.fullmatch(r"[\w-]+", name):
        return [PictureUse(kind, name, where)]
    if kind in KINDS:
        hint = f"![what it shows](<{kind}s/{name}.svg>) shows a file by its path"
        raise TalkError(f"`{name}` is no name of a {kind}", where, hint)
    title = replace(filled, text=str(token.attrs.get("title", ""))).plain
    token.meta["media"] = picture_or_video(
        address,
        where,
        alt=plain_text(token.children, filled),
        caption=title,
        classes=tuple(str(token.attrs.get("class", "")).split()),
    )
    return []


def _read_charts(
    tokens: list[Token], filled: Filled, at: At, charts: Charts
) -> tuple[list[Token], Filled]:
    """Each fence of a chart as a paragraph with its picture, or as a table."""
    made: list[Token] = []
    for token in tokens:
        if token.type != "fence" or not is_chart(token.info):
            made.append(token)
            continue
        block = charts.read(
            token.info, replace(filled, text=token.content).plain, partial(at, token)
        )
        if block.data.kind == "table":
            written, filled = table_of(block.data, filled)
            table = _MARKDOWN.parse(written)
            for one in table:
                one.map = token.map if one.type == "table_open" else None
                one.level += token.level
            table[0].meta["chart"] = block
            made += table
            continue
        image = Token("image", "img", 0, attrs={"src": f"{FENCE}:{block.data.name}"}, children=[])
        image.meta["chart"] = block
        inner = Token("inline", "", 0, map=token.map, level=token.level + 1, children=[image])
        more: Mapping[str, Any] = {"map": token.map, "level": token.level, "block": True}
        made += [Token("paragraph_open", "p", 1, **more), inner]
        made.append(Token("paragraph_close", "p", -1, **more))
    return made, filled


def charts_of(filled: Filled, path: Path, numbers: Numbers) -> Iterator[ChartBlock | TalkError]:
    """Each chart in a text, or what is wrong with it."""
    if FENCE not in filled.text or len(filled.text) > MOST_SIGNS:
        return
    charts, last = Charts(numbers, ""), len(filled.lines) - 1
    for token in _MARKDOWN.parse(filled.text):
        if token.type != "fence" or not is_chart(token.info):
            continue
        first = token.map[0] if token.map else 0
        text = replace(filled, text=token.content).plain

        def at(below: int = 0, first: int = first) -> Source:
            return Source(path, filled.lines[min(first + below, last)])

        try:
            yield charts.read(token.info, text, at)
        except TalkError as error:
            yield error


def _measure_bar(span: Token, following: list[Token], filled: Filled, where: Source) -> None:
    """A bar is as long as the first measured share in it."""
    for child in following:
        for found in MARK.findall(child.content):
            value = filled.marks[int(found)].value
            if value is not None and 0 <= value <= 1:
                span.attrSet("style", f"--share:{value:.4f}")
                return
    raise TalkError("a bar without a share of 1 in it", where, "[{{ … | pct }}]{.bar}")


def _mark_pictures(tokens: list[Token]) -> None:
    """Paragraphs that are a picture and nothing else."""
    for before, inline, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        inside = [child for child in inline.children or () if child.type != "text" or child.content]
        is_alone = [child.type for child in inside] == ["image"]
        if before.type == "paragraph_open" and is_alone and "media" not in inside[0].meta:
            before.meta["picture"] = inline.meta["picture"] = after.meta["picture"] = True


def _in_cards(tokens: list[Token]) -> list[Token]:
    made: list[Token] = []
    is_open = False
    for token in tokens:
        if token.type == "heading_open" and token.level == 0 and token.tag == "h2":
            if is_open:
                made.append(Token("card_close", "div", -1, block=True))
            card = Token("card_open", "div", 1, block=True, map=token.map)
            card.attrs["class"] = "card"
            made.append(card)
            is_open = True
        made.append(token)
    if is_open:
        made.append(Token("card_close", "div", -1, block=True))
    return made


def _number_steps(tokens: list[Token], first_step: int, *, each: bool) -> int:
    steps, in_body, in_card, by_row = 0, False, False, False
    for token in tokens:
        if token.type == "table_open":
            by_row = "chart" in token.meta and token.meta["chart"].data.stepwise
        if token.type in ("tbody_open", "tbody_close"):
            in_body = token.nesting == 1
        if token.type in ("card_open", "card_close"):
            in_card = token.nesting == 1
        is_item = token.type == "list_item_open" and token.level == 1 and not in_card
        is_row = token.type == "tr_open" and in_body and not in_card
        is_term = token.type == "dt_open" and token.level == 1 and not in_card
        if (each and (is_item or is_row or is_term or token.type == "card_open")) or (
            by_row and is_row
        ):
            token.meta["step"] = first_step + steps
            steps += 1
        elif each and token.type == "dd_open" and token.level == 1 and not in_card:
            token.meta["step"] = first_step + steps - 1  # with its term
        if "code" in token.meta:
            token.meta["code"] = replace(token.meta["code"], first_step=first_step + steps)
            steps += token.meta["code"].steps
        for child in token.children or ():
            if "chart" in child.meta:
                child.meta["chart"] = replace(child.meta["chart"], first_step=first_step + steps)
                steps += child.meta["chart"].steps
    return steps


@lru_cache(maxsize=256)
def _tokens(text: str) -> list[Token]:
    """Markdown parsed once for equal texts, where nobody changes a token."""
    return _MARKDOWN.parse(text)


def blocks(filled: Filled) -> Iterator[Block]:
    """What is read in a text: paragraphs, headings, table rows and code, in their order."""
    if len(filled.text) > MOST_SIGNS:
        yield Block("text", filled.text, filled.lines, ())
        return
    row: list[Block] = []
    for block in text_blocks(_tokens(filled.text), filled.lines):
        if row and (block.kind != "cell" or block.lines != row[0].lines):
            yield joined(row)
            row = []
        if block.kind == "cell":
            row.append(block)
        else:
            yield block
    if row:
        yield joined(row)


def _items(tokens: list[Token], filled: Filled, at: Callable[[Token], Source]) -> Iterator[Item]:
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 1 and token.type == "list_item_open":
            start = index + 1
        elif token.level == 1 and token.type == "list_item_close":
            inner = tokens[start:index]
            links = [
                link
                for part in inner
                for child in part.children or []
                if child.type == "link_open" and "figure" not in child.meta
                for link in _link(child, at(part))
            ]
            yield Item(Content(tuple(inner), filled), tuple(links))
