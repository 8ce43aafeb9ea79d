"""The rules that the slides of a page need, since a strict policy allows no style attribute."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from markdown_it.token import Token
from markupsafe import Markup

from pipeline.numbers.fill import CLOSE, OPEN
from pipeline.pages.code import step_rules
from pipeline.pictures.svg import Styles

_STEP = re.compile(r'<i class="fragment (?:at|all)-(\d+)"')
_APART = re.compile(f"{OPEN}p(\\d+){CLOSE}")  # signs that no content has


class Piece(msgspec.Struct, frozen=True):
    """HTML of a page with its rules apart: which class a style has depends on what stands before.

    In `html` a mark stands for the class of each of `styles`.
    """

    html: str
    styles: tuple[str, ...]  # of pictures
    lengths: tuple[str, ...]
    code_steps: int


class Looks:
    """The rules that the slides of a page need, gathered as they are drawn.

    A strict policy allows no style attribute: pictures have classes, lengths an attribute that
    says them.
    """

    def __init__(self, pictures: Styles | None = None) -> None:
        self.pictures = pictures or Styles()
        self.code_steps = 0  # at most, of one piece of code
        self._lengths: dict[str, None] = {}

    @classmethod
    def apart(cls) -> Looks:
        """Those of a piece that is to be taken into any page."""
        return cls(Styles(f"{OPEN}p{{}}{CLOSE}"))

    def cut(self, html: str) -> Piece:
        """A piece drawn with these looks, which are its own (`apart`)."""
        return Piece(html, self.pictures.found, tuple(self._lengths), self.code_steps)

    def taken(self, piece: Piece) -> Markup:
        """A piece as it stands in this page, whose rules are these from now on."""
        names = [self.pictures.name_of(style) for style in piece.styles]
        self._lengths |= dict.fromkeys(piece.lengths)
        self.code_steps = max(self.code_steps, piece.code_steps)
        return Markup(_APART.sub(lambda found: names[int(found[1])], piece.html))

    def of(self, style: str) -> str:
        """The value of `data-style` for an element that has this style."""
        self._lengths[style] = None
        return style

    def attribute(self, style: str) -> Markup:
        """The same as an attribute, with a space before it."""
        return Markup(' data-style="{}"').format(self.of(style))

    def moved(self, token: Token) -> Token:
        """The token with its style, if it has one, in such an attribute."""
        if "style" in token.attrs:
            token.attrSet("data-style", self.of(str(token.attrs.pop("style"))))
        return token

    @property
    def css(self) -> str:
        return self._css(self._lengths, self.code_steps)

    def css_of(self, shown: str) -> str:
        """The same for the HTML `shown` alone: what stands there no more leaves no rule behind."""
        lengths = [style for style in self._lengths if f' data-style="{style}"' in shown]
        return self._css(lengths, max(map(int, _STEP.findall(shown)), default=0))

    def _css(self, lengths: Iterable[str], code_steps: int) -> str:
        rules = (f'[data-style="{style}"]{{{style}}}' for style in lengths)
        return self.pictures.css + "".join(rules) + step_rules(code_steps)
