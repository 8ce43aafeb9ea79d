"""A paragraph's Markdown: as HTML for the speaker, and bare, as it is said and shown elsewhere."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.formulas import add_words_to

_MARKUP = re.compile(r"[*_`\[\\&]|\$[^$]|^[ \t]*(?:[-+]|[0-9]{1,9}[.)])\s", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_BREATH = re.compile(r"(?<=[.,;:!?…—–]) /(?= |$)| //(?= |$)")  # where to breathe

# No HTML; of links and pictures their words: the script is said.
_RULES = ["emphasis", "backticks", "list", "escape", "newline", "entity"]
_WORDS = MarkdownIt("zero", {"breaks": True}).enable(_RULES)
_LINKS = MarkdownIt("zero", {"breaks": True}).enable([*_RULES, "link", "image"])
_LINKS.add_render_rule("link_open", lambda *_: "")
_LINKS.add_render_rule("link_close", lambda *_: "")
_LINKS.add_render_rule("image", lambda _, tokens, at, *__: html.escape(_as_text([tokens[at]])))


for _parser in (_WORDS, _LINKS):
    add_words_to(_parser)


def _reader(text: str) -> MarkdownIt:
    """Looking for links takes long where many brackets open, so only where one may be."""
    return _LINKS if "](" in text else _WORDS


def _as_text(tokens: Sequence[Token]) -> str:
    return "".join(
        " "
        if token.type in ("softbreak", "hardbreak")
        else _as_text(token.children or ()) or token.content
        for token in tokens
    )


def as_html(text: str) -> str:
    """A paragraph as HTML."""
    return str(_reader(text).render(text))


def bare_text(text: str) -> str:
    """A paragraph without Markdown and line ends."""
    if _MARKUP.search(text):
        pieces = []
        for token in _reader(text).parse(text):
            if token.type == "inline":
                pieces.append(_as_text([token]))
            elif token.type == "list_item_open" and len(token.info) > 3:
                pieces.append(token.info + token.markup)  # a year that ends a sentence
        text = " ".join(pieces)
    text = " ".join(_CONTROL.sub(" ", text).split())
    return _BREATH.sub("", text) if "/" in text else text


def columns(text: str) -> int:
    """How wide a text is: Chinese and Japanese signs are as wide as two letters."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
