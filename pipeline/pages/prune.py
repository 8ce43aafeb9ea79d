"""reveal.js's own stylesheet without the rules that no deck of ours can need.

Its controls, progress bar, numbers, notes, vertical stacks' transitions, previews and the page
that it prints by itself are rules for things that a deck here doesn't have: half of the file.
Read with a parser; what isn't known to be without use stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import tinycss2
from tinycss2 import ast

_CLASSES = frozenset(
    [
        "controls",
        "controls-arrow",
        "progress",
        "slide-number",
        "slide-number-pdf",
        "playback",
        "speaker-notes",
        "speaker-notes-pdf",
        "show-notes",
        "hljs",
        "cube",
        "page",
        "roll",
        "concave",
        "convex",
        "rtl",
        "no-hover",
        "scrollbar",
        "has-parallax-background",
        "has-light-background",
        "has-dark-background",
        "has-vertical-slides",
        "has-horizontal-slides",
        "r-overlay-preview",
        "r-overlay-spinner",
        "r-overlay-external",
        "r-overlay-error",
        "r-vstack",
        "r-hstack",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "data-background-transition",
        "data-preview-image",
        "data-preview-video",
        "data-preview-link",
        "data-navigation-mode",
    ]
)
# Of `data-transition`; the others are moves that no deck asks for.
_TRANSITIONS = frozenset(["none", "fade"])
_FRAMES = frozenset(["bounce-right", "bounce-left", "bounce-up", "bounce-down"])


def pruned(css: str) -> str:
    """The stylesheet without them. Raises ValueError for one that can't be read."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "".join(_kept(rules))


def _kept(rules: Sequence[ast.Node]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, ast.QualifiedRule):
            wanted = [one for one in _selectors(rule.prelude) if _is_wanted(one)]
            if wanted:
                selector = ",".join(tinycss2.serialize(one).strip() for one in wanted)
                yield f"{selector}{{{tinycss2.serialize(rule.content)}}}"
        elif isinstance(rule, ast.AtRule):
            yield from _of_at_rule(rule)
        elif isinstance(rule, ast.ParseError):
            raise ValueError(f"line {rule.source_line}: {rule.message}")


def _of_at_rule(rule: ast.AtRule) -> Iterator[str]:
    prelude = tinycss2.serialize(rule.prelude).strip()
    if rule.content is None:
        yield rule.serialize()
    elif rule.lower_at_keyword == "media":
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        if inside := "".join(_kept(inner)):
            yield f"@media {prelude}{{{inside}}}"
    elif not (rule.lower_at_keyword.endswith("keyframes") and prelude in _FRAMES):
        yield rule.serialize()


def _selectors(prelude: Iterable[ast.Node]) -> list[list[ast.Node]]:
    """The selectors between the commas."""
    found: list[list[ast.Node]] = [[]]
    for node in prelude:
        if isinstance(node, ast.LiteralToken) and node.value == ",":
            found.append([])
        else:
            found[-1].append(node)
    return found


def _is_wanted(selector: Sequence[ast.Node]) -> bool:
    """Whether a deck can have what a selector names; what stands in `:not(…)` is no matter, but
    for the page that reveal.js prints by itself, which it marks so.
    """
    names = tinycss2.serialize(selector)
    if "html:not(.print-pdf)" in names:
        return False
    for before, node in zip((None, *selector), selector, strict=False):
        is_class = isinstance(before, ast.LiteralToken) and before.value == "."
        if is_class and isinstance(node, ast.IdentToken) and node.value in _CLASSES:
            return False
        if isinstance(node, ast.SquareBracketsBlock) and not _can_be(node.content):
            return False
    return True


def _can_be(attribute: Sequence[ast.Node]) -> bool:
    """Whether an element of a deck can have this attribute, with this value."""
    words = [n.value for n in attribute if isinstance(n, ast.IdentToken | ast.StringToken)]
    if words[0] == "data-transition":
        return any(words[-1].startswith(name) for name in _TRANSITIONS)
    return words[0] not in _ATTRIBUTES
