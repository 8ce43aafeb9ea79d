"""What slides read beyond CommonMark: keys, marks, footnotes; and what other tools read, refused.

HTML is no text: `<br>`, `<wbr>` and the pairs below are taken, any other element's tag is a
`refused` token, which reading a slide turns into an error. A name that is no element, such as
<file>, is text.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin

PAIRS = ("kbd", "mark", "sub", "sup")
BREAKS = ("br", "wbr")
_HTML = """
a abbr article aside audio b big blockquote body button canvas center cite code dd del details
dfn div dl dt em embed figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html
i iframe img ins li link main math meta nav ol p picture pre q s samp script section select
small span strike strong style sub summary sup svg table tbody td textarea th thead tr tt u ul
var video kbd mark
"""
_ELEMENTS = frozenset(_HTML.split())
_INSTEAD = {
    **dict.fromkeys(("b", "strong"), "write **words**"),
    **dict.fromkeys(("i", "em"), "write *words*"),
    **dict.fromkeys(("del", "s", "strike"), "write ~~words~~"),
    **dict.fromkeys(("font", "small", "span", "u"), "write [words]{.class}"),
    **dict.fromkeys(("h1", "h2", "h3", "h4"), "write ### and the words"),
    **dict.fromkeys(("div", "center", "section"), "write ::: left, or another part"),
    **dict.fromkeys(("code", "pre"), "write it between backticks, or in a fence"),
    "a": "write [words](address)",
    "img": "write ![what it shows](file)",
    "video": "write ![what it shows](file)",
}
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)/?>")
_REFERENCE = re.compile(r"\[\^([^\]\s]+)\](?!\()")
_NO_REFERENCE = re.compile(r"\[\^[^\]]*\](?![({])|\^\[[^\]]*\]")
_MARKED = re.compile(r"(?<!\w)==(?=[^\s=])(.+?)(?<=[^\s=])==(?!\w)")
REFUSED, REFERENCE = "refused", "footnote_ref"
HTML = "html"  # the markup of a break that is a tag, and no end of a line


def add_rules(markdown: MarkdownIt) -> None:
    """Teach a parser what slides read beyond its own rules."""
    markdown.use(deflist_plugin)
    markdown.inline.ruler.before("link", "footnote_ref", _footnote_ref)
    markdown.inline.ruler.after("autolink", "tag", _tag)
    markdown.inline.ruler.before("emphasis", "marked", _marked)
    markdown.add_render_rule(REFERENCE, _write_reference)
    markdown.add_render_rule(REFUSED, RendererHTML.text)


def refusal(token: Token) -> tuple[str, str]:
    """What is wrong with a `refused` token, and what to write."""
    if token.content.startswith("<"):
        known = ", ".join(f"<{name}>" for name in ("br", *PAIRS))
        name = token.content.strip("</>").partition(" ")[0].lower()
        instead = _INSTEAD.get(name, f"{known} are read")
        hint = f"{instead}; to show a tag, put it between backticks"
        return f"`{token.content}` is HTML, which a slide doesn't take", hint
    return (
        f"`{token.content}` is no footnote",
        "write [^name] here, and [^name]: with its text on a line of its own",
    )


def _tag(state: StateInline, silent: bool) -> bool:
    found = _TAG.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    name, is_opening = found[1].lower(), found[0][1] != "/"
    is_bare = is_opening and not found[2].strip(" /")
    if is_bare and name in BREAKS:
        if not silent:
            state.push("hardbreak" if name == "br" else "wbr", name, 0).markup = HTML
        state.pos = found.end()
        return True
    close = state.src.find(f"</{name}>", found.end(), state.posMax)
    if is_bare and name in PAIRS and close >= 0:
        _nested(state, silent, name, found.end(), close, close + len(f"</{name}>"))
        return True
    if name not in _ELEMENTS and name not in BREAKS and "=" not in found[2]:
        return False
    _refuse(state, silent, found[0])
    return True


def _marked(state: StateInline, silent: bool) -> bool:
    """==words== are marked, as some tools write it."""
    found = _MARKED.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    _nested(state, silent, "mark", found.start(1), found.end(1), found.end())
    return True


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    found = _REFERENCE.match(state.src, state.pos, state.posMax)
    if not found:
        other = _NO_REFERENCE.match(state.src, state.pos, state.posMax)
        if other:
            _refuse(state, silent, other[0])
        return bool(other)
    if not silent:
        state.push(REFERENCE, "sup", 0).meta["label"] = found[1]
    state.pos = found.end()
    return True


def _refuse(state: StateInline, silent: bool, text: str) -> None:
    if not silent:
        state.push(REFUSED, "", 0).content = text
    state.pos += len(text)


def _nested(state: StateInline, silent: bool, tag: str, start: int, close: int, end: int) -> None:
    """Parse what stands between `start` and `close` within an element."""
    if not silent:
        last = state.posMax
        state.push(f"{tag}_open", tag, 1)
        state.pos, state.posMax = start, close
        state.md.inline.tokenize(state)
        state.push(f"{tag}_close", tag, -1)
        state.posMax = last
    state.pos = end


def _write_reference(
    renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object
) -> str:
    return f'<sup class="reference">{tokens[index].content}</sup>'
