"""The lines of a chart's fence: `key: value`, each with its place, and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from pipeline.problems import Source, TalkError, nearest

FENCE = "chart"
KINDS = ("bars", "lines", "slope", "histogram", "dots", "table")
KEYS = (
    *("kind", "values", "rows", "x", "y", "by", "labels", "title", "note", "alt"),
    *("scale", "from", "unit", "format", "sort", "highlight", "size", "step", "interval"),
)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "scale": ("lin", "log", "log x", "log both"),
    "sort": ("value", "name", "given"),
    "size": ("half", "full"),
    "step": ("each",),
    "interval": ("shown",),
}
_ALSO_CALLED = {
    **dict.fromkeys(("type", "chart"), "kind"),
    **dict.fromkeys(("data", "value", "column", "columns"), "values"),
    **dict.fromkeys(("table", "row"), "rows"),
    **dict.fromkeys(("group", "series", "hue", "color", "colour"), "by"),
    **dict.fromkeys(("caption", "heading"), "title"),
    **dict.fromkeys(("min", "start", "begin"), "from"),
    **dict.fromkeys(("order", "sorted"), "sort"),
    **dict.fromkeys(("steps", "each"), "step"),
    **dict.fromkeys(("width",), "size"),
    **dict.fromkeys(("intervals", "range"), "interval"),
    **dict.fromkeys(("names", "rename", "label"), "labels"),
}
_LINE = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*\S))?[ \t]*$")
_ITEM = re.compile(r"""(?:"[^"]*"|'[^']*'|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|[^,"'\[])+""")
ROWS_KEYS = ("x", "y", "by")

At = Callable[[int], Source]  # the place of a line of the fence, counted from its first line
Said = Mapping[str, tuple[str, Source]]


def is_chart(info: str) -> bool:
    """Whether a fence with this first line is a chart."""
    return info.split()[:1] == [FENCE]


def chart_words(text: str) -> Iterator[tuple[int, str]]:
    """The words of a fence that a reader meets, each with its line, counted from the fence's."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _LINE.match(line)
        if found and found[1].lower() in ("title", "note", "alt", "labels") and found[2]:
            yield number, found[2]


def fields_of(text: str, at: At) -> dict[str, tuple[str, Source]]:
    """Key -> value and place; an indented line goes on with the one above it."""
    said: dict[str, tuple[str, Source]] = {}
    last = ""
    for number, line in enumerate(text.split("\n"), 1):
        where = at(number)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " \t" and last:
            value, first = said[last]
            said[last] = f"{value} {line.strip()}".strip(), first
            continue
        found = _LINE.match(line)
        if not found:
            hint = "a chart has lines `key: value`, such as `kind: bars`"
            raise TalkError(f"no line of a chart: {line.strip()}", where, hint)
        last = found[1].lower()
        if last not in KEYS:
            meant = _ALSO_CALLED.get(last)
            hint = f"did you mean `{meant}`?" if meant else nearest(last, KEYS)
            raise TalkError(f"a chart has no `{found[1]}`", where, hint)
        if last in said:
            raise TalkError(f"`{last}` stands twice", where, "keep one of them")
        said[last] = found[2] or "", where
    for key, (value, where) in said.items():
        if not value:
            raise TalkError(f"`{key}` is empty", where, "give it a value or drop the line")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise TalkError(f"`{key}` can't be `{value}`", where, nearest(value, _CHOICES[key]))
    if "kind" not in said:
        hint = f"add `kind: bars`, or another of: {', '.join(KINDS)}"
        raise TalkError("a chart without its kind", at(0), hint)
    return said


def items(text: str) -> tuple[str, ...]:
    """The items of a list with commas between them; quotes go around one that has its own."""
    found = (item.strip() for item in _ITEM.findall(text))
    return tuple(_bare(item) for item in found if item)


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "\"'" and text[0] == text[-1] else text


def said_as(said: Said, key: str, default: str = "") -> str:
    return said[key][0] if key in said else default


def labels_of(said: Said) -> dict[str, str]:
    """What names are called instead."""
    made: dict[str, str] = {}
    for item in items(said_as(said, "labels")):
        name, sign, label = item.partition("=")
        if not sign or not name.strip() or not label.strip():
            hint = "labels: std::map = Red-black tree, robin_hood = Robin Hood"
            raise TalkError(f"no label: `{item}`", said["labels"][1], hint)
        made[_bare(name.strip())] = _bare(label.strip())
    return made


def pretty(name: str) -> str:
    """A name out of a file as a chart shows it."""
    return name.replace("_", " ").strip()
