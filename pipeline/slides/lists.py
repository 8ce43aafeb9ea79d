"""Lists: bold words that begin an item, what follows them, tasks, and where numbers begin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

_TASK = re.compile(r"\[([ xX])\]\s")


def mark_items(tokens: list[Token]) -> list[Token]:
    """The lists' items: bold words that begin one, and what follows them as one element."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        made.append(token)
        at += 1
        if token.type == "ordered_list_open" and "start" in token.attrs:
            token.attrSet("style", f"--before:{int(token.attrs['start']) - 1}")
        if token.type == "list_item_open":
            end = next(
                index
                for index in range(at, len(tokens))
                if tokens[index].type == "list_item_close" and tokens[index].level == token.level
            )
            inner = tokens[at:end]
            if _is_task(inner):
                token.attrJoin("class", "task")
            made += _item(inner, is_top=token.level == 1)
            at = end
    return made


def _item(inner: list[Token], *, is_top: bool) -> list[Token]:
    """The tokens of a list's item, marked.

    What follows the bold words stands in an element of its own, and so does an item of several
    blocks: a layout can set it beside the bold words, or beside a sign.
    """
    if not inner or inner[0].type != "paragraph_open":
        return [*_rest("div", mark_items(inner))] if is_top and inner else mark_items(inner)
    opened, words, closed, *blocks = inner
    box = _box(words)
    lead, rest = _lead(words.children or [])
    lead[1:1] = box if lead else []
    if box and not lead:
        words.children = [*box, *_rest("span", rest)]
    if not blocks and opened.hidden:
        if lead and rest:
            words.children = [*lead, *_rest("span", rest)]
        return inner
    blocks = mark_items(blocks)
    if not is_top:
        return [opened, words, closed, *blocks]
    if not lead:
        return [*_rest("div", [opened, words, closed, *blocks])]
    words.children = lead
    opened.hidden = closed.hidden = True
    after = [words.copy(children=rest)] if rest else []
    return [opened, words, closed, *_rest("div", [*after, *blocks])]


def _lead(children: list[Token]) -> tuple[list[Token], list[Token]]:
    """Bold words that begin a text, marked, and what follows them; none where it begins else.

    A space stands between them, but where something follows at once: `**Notes**: …`.
    """
    children = [child for child in children if child.type != "text" or child.content]
    if not children or children[0].type != "strong_open":
        return [], children
    children[0].meta["lead"] = True
    end = next(i for i, child in enumerate(children) if child.type == "strong_close") + 1
    lead, rest = children[:end], children[end:]
    is_joined = bool(rest) and rest[0].type == "text" and not rest[0].content[0].isspace()
    if rest and rest[0].type == "softbreak":
        rest = rest[1:]
    if rest:
        rest[0].content = rest[0].content.lstrip()
    return [*lead, Token("text", "", 0, content="" if is_joined else " ")], rest


def _rest(tag: str, tokens: list[Token]) -> Iterator[Token]:
    yield Token("rest_open", tag, 1, block=tag == "div")
    yield from tokens
    yield Token("rest_close", tag, -1, block=tag == "div")


def _is_task(inner: list[Token]) -> bool:
    return len(inner) > 1 and inner[1].type == "inline" and bool(_TASK.match(inner[1].content))


def _box(words: Token) -> list[Token]:
    """The box of a task, taken off the words: `[ ] ` or `[x] ` at their beginning."""
    first = next((c for c in words.children or () if c.type != "text" or c.content), None)
    found = _TASK.match(first.content) if first and first.type == "text" else None
    if not first or not found:
        return []
    first.content = first.content[found.end() :]
    is_done = found[1] != " "
    box = Token("box_open", "span", 1)
    box.attrs = {
        "class": "box done" if is_done else "box",
        "role": "img",
        "aria-label": "done" if is_done else "to do",
    }
    return [box, Token("box_close", "span", -1)]
