"""The rules that the slides of a page need, since a strict policy allows no style attribute."""

from __future__ import annotations

from markdown_it.token import Token
from markupsafe import Markup

from pipeline.pages.code import step_rules
from pipeline.pictures.svg import Styles


class Looks:
    """The rules that the slides of a page need, gathered as they are drawn.

    A strict policy allows no style attribute: pictures have classes, lengths an attribute that
    says them.
    """

    def __init__(self) -> None:
        self.pictures = Styles()
        self.code_steps = 0  # at most, of one piece of code
        self._lengths: dict[str, None] = {}

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
        lengths = (f'[data-style="{style}"]{{{style}}}' for style in self._lengths)
        return self.pictures.css + "".join(lengths) + step_rules(self.code_steps)
