"""Inputs that nobody would write: real files with changes, each of which can be taken back."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST = 100_000  # bytes of an input
KINDS = ("cut", "repeat", "insert", "instead", "swap", "flip", "line", "number", "splice")
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
