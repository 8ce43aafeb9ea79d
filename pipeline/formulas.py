"""Formulas in Markdown: `$…$` in a line, `$$…$$` on display.

A dollar sign is money unless it can only be a formula's: `is_formula` says when.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath.index import math_block_dollar, math_inline_dollar

from pipeline.problems import Source, TalkError, shortened
from pipeline.tex import DOLLAR, MARK, OPERATOR, TEXT, Formula, WrongError, translated

if TYPE_CHECKING:
    from pipeline.numbers.fill import Filled

INLINE, DOUBLE, BLOCK = "math_inline", "math_inline_double", "math_block"
TOKENS = (INLINE, DOUBLE, BLOCK)
WIDE = 20  # signs of a formula's text
# What may follow a formula without a space: `$n$th`, `$k$s`, `$n$te`.
_ENDING = re.compile(r"(?:th|st|nd|rd|s|e|er|es|te|ten|ter|tes|tem|ème|me)?(?![A-Za-z0-9])")
_WORD = re.compile(r"(?<![\w\\{])[^\W\d_]{2,}[,.;:]?(?=\s|$)")


def add_to(markdown: MarkdownIt) -> None:
    """Teach a parser both forms; it writes the MathML that is in a token's `meta`."""
    inline = math_inline_dollar(allow_space=True, allow_digits=False, allow_double=True)
    block = math_block_dollar(allow_labels=False, allow_blank_lines=False)

    def on_its_own(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        line, found = state.line, len(state.tokens)
        if not block(state, start, end, silent):
            return False
        text = state.tokens[-1].content
        has_more = text.startswith("$") or "$$" in text  # two on a line are read in the line
        if silent or not text.strip() or has_more or _is_prose(text):
            del state.tokens[found:]
            state.line = line
            return silent
        return True

    def show(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
        token = tokens[index]
        made = str(token.meta.get("mathml", ""))
        tag = {INLINE: "", DOUBLE: "span", BLOCK: "div"}[token.type]
        # What may be wider than a phone has to be reached by who pushes it with keys.
        reach = ' tabindex="0"' if len(str(token.meta.get("plain", ""))) > WIDE else ""
        return f'<{tag} class="formula"{reach}>{made}</{tag}>' if tag else made

    markdown.inline.ruler.before("escape", INLINE, _checked(inline))
    markdown.block.ruler.before("fence", BLOCK, on_its_own, {"alt": ["paragraph"]})
    for name in TOKENS:
        markdown.add_render_rule(name, show)


def add_words_to(markdown: MarkdownIt) -> None:
    """Teach a parser of what is said both forms in a line: they are read and shown as text."""
    rule = _checked(math_inline_dollar(allow_space=True, allow_digits=False, allow_double=True))

    def in_line(state: StateInline, silent: bool) -> bool:
        is_one = rule(state, silent)
        if is_one and not silent:
            state.tokens[-1].content = in_words(state.tokens[-1].content)
        return is_one

    markdown.inline.ruler.before("escape", INLINE, in_line)

    def show(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
        return html.escape(tokens[index].content)

    for name in (INLINE, DOUBLE):
        markdown.add_render_rule(name, show)


def _checked(inline: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """The rule that reads dollars, for those alone that stand around a formula."""

    def in_line(state: StateInline, silent: bool) -> bool:
        start = state.pos
        if not inline(state, True):
            return False
        double = state.src.startswith("$$", start)
        size = 2 if double else 1
        text = state.src[start + size : state.pos - size]
        before, after = state.src[:start][-1:], state.src[state.pos :]
        is_one = text.strip() != "" and (double or is_formula(before, text, after))
        if not is_one or (double and _is_prose(text)):
            state.pos = start
            return False
        if not silent:
            state.pos = start
            inline(state, False)
        return True

    return in_line


def is_formula(before: str, text: str, after: str) -> bool:
    """Whether `$text$` is a formula, and no two amounts of money, names of a shell or cashtags.

    As pandoc does it (no space inside the dollars, no digit behind), and stricter: no letter or
    digit before, nothing but an ending behind (`$n$th`), no sentence between.
    """
    if before.isalnum() or text[0].isspace() or text[-1].isspace():
        return False
    if text[0] in ",.;:!?)]}" or text[-1] in "([{" or "`" in text:
        return False
    if not _ENDING.match(after) or (after[:1].isalpha() and text[-1] in ",;:/-=+"):
        return False
    if after.startswith(("{", "(")) and text.startswith(("{", "(")):
        return False
    words = _plain_words(text)
    return not (len(words) > 1 or (words and (text[0].isdigit() or _WORD.fullmatch(text))))


def _is_prose(text: str) -> bool:
    """Whether words stand between two pairs of dollars, and nothing that a formula has."""
    return bool(_plain_words(text)) and not re.search(r"[\\^_=+<>]", text)


def _plain_words(text: str) -> list[str]:
    return _WORD.findall(TEXT.sub(" ", OPERATOR.sub(" ", text)))


def read_formula(source: str, filled: Filled, where: Source, *, display: bool) -> Formula:
    """Translate one formula. Raises TalkError with the line for what can't be shown as written."""
    latex = " ".join(source.split())
    try:
        made = translated(latex, display)
    except WrongError as error:
        raise TalkError(
            f"the formula {_short(latex, filled)}: {error}", where, error.hint
        ) from None
    shown = MARK.sub(lambda found: filled.marks[int(found[0][1:-1])].text, latex)
    mathml = made.mathml.replace("<math", f'<math alttext="{html.escape(shown)}"', 1)
    return Formula(mathml, made.plain)


def in_words(source: str) -> str:
    """A formula as text, `E = mc²`, values as marks; what can't be shown as it is written."""
    latex = " ".join(source.split())
    try:
        return translated(latex, False).plain
    except WrongError:
        return latex


def _short(latex: str, filled: Filled) -> str:
    shown = MARK.sub(lambda found: filled.marks[int(found[0][1:-1])].text, latex)
    return f"`{shortened(shown)}`"


def check_closed(text: str, where: Source) -> None:
    """Raises TalkError for what begins like a formula and was none."""
    found = re.search(r"\$\$?\s*\\[A-Za-z]+[^$]{0,40}", text)
    if found:
        raise TalkError(
            f"`{found[0].strip()}` begins like a formula and is none",
            where,
            f"$…$ without a space inside its dollars, $$…$$ around a paragraph; {DOLLAR}",
        )
