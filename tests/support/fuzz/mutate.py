"""Inputs that nobody would write: real files with changes, in their bytes or inside their form.

A cut through JSON or a zip is refused at once, and little of a reader is tried by it. So most
changes of such a file leave its form whole: a value is another one, a part is missing or twice.
"""

from __future__ import annotations

import html
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

MOST = 100_000  # bytes of an input
KINDS = ("cut", "repeat", "insert", "instead", "swap", "flip", "line", "number", "splice")
Form = Literal["", "json", "xml", "quoted", "zip"]  # what of a file its changes may leave whole
_OFTEN = 0.75  # of the changes of a file with a form: inside it
Seed = tuple[str, bytes]  # the name of a file, and its content
TIMES = (1, 1, 1, 1, 2, 3, 10, 100, 1000)
# What has broken readers, here or elsewhere; each reader adds words of its own.
WORDS = tuple(
    word.encode(errors="surrogateescape")
    for word in (
        *("$1", "1/", "1-", "a-", "1:", "0:0", ",", "~", "|", "[", "]", "(", ")", "*", "_", "`"),
        *("{{", "}}", "{%", "%}", "{#", "#}", "{{ 1e999 }}", "{% if 1 %}", "{% for a in b %}"),
        *("<", ">", "<!--", "-->", "<![CDATA[", "]]>", "&#0;", "&amp;", "</", "/>", "<b>", "\\"),
        *(":::", "```", "~~~", "---", "[^1]", "[^1]: ", "![](", "](#/x)", "- ", "1. ", "  ", "\t"),
        *("\n", "\n\n", "\r", "\0", "\x1b[", "\x7f", "\u2028", "\ufeff", "\ue000", "\ue0010\ue001"),
        *("\u202e", "\u00ad", "é", "e\u0301", "ß", "İ", "漢字", "١٢", "²", "½", "😀", "👩‍👩‍👧"),
        *("9" * 30, "9" * 5000, "-0", "1e999", "nan", "inf", "-1", "0", "1.5.5", "1,000,00", "007"),
        *("true", "null", "None", "[[", "]]", '"', "'", '"""', "#", "=", "://", "javascript:"),
        *("[PAUSE 3s]", "[SHOW x]", "[CLICK]", "slide 1", "1:30", "50%", "1 s", "Jan", "1999"),
        *("../", "/", "CON", ".", "x" * 300, "$", "$$", "\\frac{", "^", "{", "}", "é" * 200),
        *("\udcff", "\udced\udca0\udc80", "\udcc3", "\udcf4\udc90\udc80\udc80", "\0" * 4),
    )
)
# Repeated to 100 kB: what regular expressions, and loops in loops, take long for.
PUMPED = (
    *("$1", "1/", "1-", "a-", "1:", "0:0", ",", ", ", "~", "|", "[", "]", "(", "*", "_", "`", "<"),
    *(
        "a",
        "1",
        " ",
        "\n",
        "a ",
        "1 ",
        "a\n",
        "1.",
        "1,",
        "a.",
        "A ",
        "é",
        "漢",
        "#",
        "'",
        '"',
        "\\",
    ),
    *(
        "*a ",
        "**",
        "[a](",
        "![",
        "![](a) ",
        "[^a]",
        "[a] ",
        "<a",
        "<a ",
        "<!--",
        "&",
        "&amp;",
        "- ",
    ),
    *(
        "\n- ",
        "\n\n",
        "\n> ",
        "\n:::",
        "\n::: a",
        "\n```\n",
        "\n|a|",
        "|a",
        "\n---\n",
        "\n# a",
        "\n1. ",
    ),
    *(
        "{",
        "{{",
        "{% if 1 %}",
        "{#",
        "{{ 1 }}",
        "}",
        "$",
        "$$",
        "$a$ ",
        "\\a",
        "a{",
        "a_",
        "a^",
        "://",
    ),
    *(
        "one ",
        "one hundred ",
        "1 s ",
        "5% ",
        "2024 ",
        "Jan ",
        "A. ",
        "IF TIME ",
        "slide 1 ",
        "x=",
        "=",
    ),
    *(
        "\n[CLICK]",
        "[a] ",
        "\t",
        "a\t",
        "\r",
        "@",
        "a@",
        "+",
        "1e",
        "-1",
        "·",
        "–",
        "1–",
        "½",
        "\u202f1",
    ),
)
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an input; places are shares of its length, so that they fit any."""

    kind: str  # of KINDS
    at: float  # from 0 to 1
    length: float  # of what is cut or repeated, from 0 to 1; most are short
    word: int  # which one is put in
    times: int


def changed(raw: bytes, change: Change, words: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    """An input with one change, of at most MOST bytes."""
    at = int(change.at * len(raw))
    end = min(len(raw), at + 1 + int(change.length**4 * len(raw)))
    word = words[change.word % len(words)]
    before, middle, after = raw[:at], raw[at:end], raw[end:]
    times = min(change.times, MOST // max(len(word), 1) + 1)
    match change.kind:
        case "cut":
            made = before + after
        case "repeat":
            made = before + middle * min(change.times, MOST // (len(middle) or 1) + 1) + after
        case "insert":
            made = before + word * times + middle + after
        case "instead":
            made = before + word * times + after
        case "swap":
            made = before + after[: len(middle)] + middle + after[len(middle) :]
        case "flip":
            made = (
                before + bytes(byte ^ (1 << change.word % 8) for byte in middle[:1]) + raw[at + 1 :]
            )
        case "line":
            lines = raw.split(b"\n")
            here, there = int(change.at * len(lines)), int(change.length * len(lines))
            moved = lines.pop(min(here, len(lines) - 1))
            lines[there:there] = [moved] * min(times, MOST // (len(moved) + 1) + 1)
            made = b"\n".join(lines)
        case "number":
            found = _NUMBER.search(raw, at)
            made = raw if not found else raw[: found.start()] + word + raw[found.end() :]
        case _:
            other = others[change.word % len(others)] if others else raw
            here = int(change.length * len(other))
            made = before + other[here : here + 2000] + (after if change.times > 1 else b"")
    return made[:MOST]


def all_changed(
    raw: bytes, changes: Sequence[Change], words: Sequence[bytes], others: Sequence[bytes]
) -> bytes:
    for change in changes:
        raw = changed(raw, change, words, others)
    return raw


def drawn(source: random.Random) -> tuple[Change, ...]:
    """One to four changes at random."""
    return tuple(
        Change(
            source.choice(KINDS),
            source.random(),
            source.random(),
            source.randrange(1 << 16),
            source.choice(TIMES if source.random() < 0.98 else (10_000, 50_000)),
        )
        for _ in range(source.choice((1, 1, 1, 2, 3, 4)))
    )


def small(seeds: Sequence[Seed], most: int) -> list[Seed]:
    """The seeds of at most so many bytes, or the smallest: none is cut."""
    fitting = [seed for seed in seeds if len(seed[1]) <= most]
    return fitting or [min(seeds, key=lambda seed: len(seed[1]))]


def made(
    source: random.Random, seeds: Sequence[Seed], words: Sequence[bytes], most: int, form: Form
) -> Seed:
    """A seed with changes: of one that has a form, three times of four inside it.

    It is no longer than `most`, or than the seed was.
    """
    name, raw = source.choice(seeds)
    others = [content for _, content in seeds]

    def rewritten(text: bytes) -> bytes:
        return all_changed(text, drawn(source), words, others)[: max(most, len(text))]

    inside = _INSIDE.get(form)
    if inside and source.random() < _OFTEN:
        return name, inside(raw, source, rewritten)
    return name, rewritten(raw)


_Rewritten = Callable[[bytes], bytes]
_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 0.5, 2**31, -(2**63), 10**30, 1e308, 5e-324, -0.0),
    *("", " ", "0", "\0", "\n", "\ud800", "é", [], {}, [[]], [None], {"": None}),
)


def _in_json(raw: bytes, source: random.Random, rewritten: _Rewritten) -> bytes:
    """Values are others, of another kind too, or missing, or twice; keys are others."""
    top = [json.loads(raw)]
    for _ in range(source.choice((1, 1, 2, 4))):
        slots = list(_slots(top))
        holder, key = source.choice(slots)
        value = holder[key]
        match source.choice(("odd", "like", "like", "text", "other", "drop", "twice", "key")):
            case "like" if alike := [one for one in _ODD if type(one) is type(value)]:
                holder[key] = deepcopy(source.choice(alike))
            case "text":
                text = value if isinstance(value, str) else json.dumps(value)
                holder[key] = rewritten(text.encode(errors="replace")).decode(errors="replace")
            case "other":
                there, other = source.choice(slots)
                holder[key] = json.loads(json.dumps(there[other]))
            case "drop" if holder is not top:
                del holder[key]
            case "twice" if isinstance(holder, list) and holder is not top:
                holder[key:key] = [value] * source.choice((1, 2, 20))
            case "key" if isinstance(holder, dict):
                holder[source.choice(("", "a", key.upper(), key + "s"))] = holder.pop(key)
            case _:
                holder[key] = deepcopy(source.choice(_ODD))
    return json.dumps(top[0], ensure_ascii=False).encode(errors="surrogatepass") + b"\n"


def _slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each place of a value that may be changed: what holds it, and its key there."""
    if isinstance(value, list | dict):
        for key in range(len(value)) if isinstance(value, list) else value:
            yield value, key
            yield from _slots(value[key])


_XML = re.compile(rb'(?<=>)[^<>]+(?=<)|(?<==")[^"<]*(?=")|<[^<>]+/>')
_CONTROL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _in_places(
    pattern: re.Pattern[bytes],
    raw: bytes,
    source: random.Random,
    rewritten: _Rewritten,
    other: Callable[[bytes, list[bytes]], bytes],
) -> bytes:
    """One to four of the places that fit are others, made of one and all; else the whole is."""
    for _ in range(source.choice((1, 1, 2, 4))):
        found = [*pattern.finditer(raw)]
        if not found:
            return rewritten(raw)
        one = source.choice(found)
        new = other(one[0], [place[0] for place in found])
        raw = raw[: one.start()] + new + raw[one.end() :]
    return raw


def _in_xml(raw: bytes, source: random.Random, rewritten: _Rewritten) -> bytes:
    """Texts and attributes are others, as XML may have them; an empty element is gone, or twice."""

    def other(one: bytes, _: list[bytes]) -> bytes:
        if one.startswith(b"<"):
            return one * source.choice((0, 2, 20))
        text = html.unescape(one.decode(errors="replace"))
        text = rewritten(text.encode(errors="replace")).decode(errors="replace")
        return html.escape(_CONTROL.sub("", text)).encode()

    return _in_places(_XML, raw, source, rewritten, other)


_QUOTED = re.compile(rb'"[^"\n]*"|(?<![\w."-])\d+(?:\.\d+)?(?![\w."-])')


def _in_quoted(raw: bytes, source: random.Random, rewritten: _Rewritten) -> bytes:
    """Texts in quotes and numbers, of TOML and DOT: others, or one in the other's place."""

    def other(one: bytes, all_of_them: list[bytes]) -> bytes:
        if source.random() < 0.4:
            return source.choice((*all_of_them, b"-1", b"1e9", b"0", b"true"))
        text = rewritten(one.strip(b'"')).decode(errors="replace")
        return json.dumps(_CONTROL.sub("", text), ensure_ascii=False).encode()

    return _in_places(_QUOTED, raw, source, rewritten, other)


def _in_zip(raw: bytes, source: random.Random, rewritten: _Rewritten) -> bytes:
    """One or two files within are others, gone, or have another's content."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(source.choice((1, 1, 2))):
        name = source.choice([*files])
        draw = source.random()
        if draw < 0.05 and len(files) > 1:
            del files[name]
        elif draw < 0.1:
            files[name] = files[source.choice([*files])]
        elif draw < 0.8 and files[name].startswith(b"<"):
            files[name] = _in_xml(files[name], source, rewritten)
        else:
            files[name] = rewritten(files[name])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


_INSIDE: dict[str, Callable[[bytes, random.Random, _Rewritten], bytes]] = {
    "json": _in_json,
    "xml": _in_xml,
    "quoted": _in_quoted,
    "zip": _in_zip,
}
