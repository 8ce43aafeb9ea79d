"""Code on a slide: what a fence's first line says, lines of a file, lines that are emphasised.

    ```python {1-2|4|all} numbers title="src/app.py"
    ```python {2} file: src/app.py lines 10-24

The forms of other tools are read as what they mean, or refused with ours.
"""

from __future__ import annotations

import difflib
import functools
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from markdown_it.token import Token
from msgspec.structs import replace

from pipeline.files import as_text, read_bytes
from pipeline.numbers.fill import clean_text
from pipeline.paths import file_below
from pipeline.problems import Source, TalkError, nearest

FORM = 'LANGUAGE {1-2|4|all} numbers title="…" file: PATH lines A-B'
MOST_SIGNS = 20_000  # of a piece of code
MOST_BYTES = 2**20  # of a file that lines are taken from
_PLAIN = {"plain", "plaintext", "none", "text", "txt"}
_NUMBERS = {
    "numbers",
    "numberLines",
    "number-lines",
    "showLineNumbers",
    "+line_numbers",
    "linenums",
}
_FROM = {"numbers", "startFrom", "start-from", "startLine", "linenums", "first-number", "start"}
_PIECE = re.compile(
    r"""\s*(?:
      \{(?P<braces>[^{}]*)\}
    | \[(?P<square>[^\[\]]*)\]
    | file:\s*(?P<file>"[^"]*"|'[^']*'|[^\s{]+)
      (?:\s+lines?\s+(?P<first>\d+)(?P<to>\s*[-–]\s*(?P<last>\d*))?|\s+region\s+(?P<region>[\w-]+))?
    | (?P<key>[\w-]+)=(?P<value>"[^"]*"|'[^']*'|[^\s{]+)
    | (?P<word>[^\s{]+)
    )""",
    re.VERBOSE,
)
_RANGES = re.compile(r"[\d\s,|*–-]*(?:\ball\b[\d\s,|*–-]*)*")
_RANGE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d*))?")

_DIAGRAM = "a diagram is a file in deck/diagrams, shown by ![](diagram:NAME)"
_DRAWN = {"mermaid": _DIAGRAM, "plantuml": _DIAGRAM, "d2": _DIAGRAM}

Lines = frozenset[int] | None  # numbers from 1; None: no line before the others


class CodeBlock(msgspec.Struct, frozen=True):
    """A piece of code as a slide shows it.

    `groups`: the lines that are emphasised, those at once first, then those of each step;
    `first_step` is the number of the first of these steps.
    """

    text: str  # without the last line's end
    language: str  # the name by which Pygments knows it; "" for plain text
    source: Source
    groups: tuple[Lines, ...] = (None,)
    number: int | None = None  # of its first line, where numbers are shown
    title: str = ""  # measured values stand in it as marks
    plain_title: str = ""
    path: Path | None = None  # the file that it was taken from
    first_step: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    @property
    def steps(self) -> int:
        return len(self.groups) - 1

    @property
    def columns(self) -> int:
        """How many letters wide it is; a tab is four."""
        return max(len(line.expandtabs(4)) for line in self.lines)


class _Said(msgspec.Struct):
    """What a fence's first line says."""

    language: str = ""
    ranges: str = ""
    number: int | None = None
    has_numbers: bool = False
    title: str = ""
    file: str = ""
    first: int = 1
    last: int | None = None
    region: str = ""


def mark_code(
    tokens: Iterable[Token], shown: Callable[[str], str], at: Callable[[Token], Source]
) -> None:
    """Give each piece of code its CodeBlock, in `meta["code"]`, and its text as the content.

    `shown` makes what is shown of a text. Raises TalkError with the fence's line.
    """
    for token in tokens:
        if token.type in ("fence", "code_block"):
            block = read_code(token.info, shown(token.content), at(token))
            token.meta["code"] = replace(block, plain_title=shown(block.title))
            token.content = block.text + "\n"


def read_code(info: str, body: str, where: Source) -> CodeBlock:
    """A piece of code from a fence's first line and what stands in it."""
    said = _said(info, where)
    text, path = body.removesuffix("\n"), None
    if said.file:
        if body.strip():
            raise TalkError(
                "code stands in the fence, and its first line names a file",
                where,
                "keep one of the two: the fence of a file is empty",
            )
        path = file_below(where.path.parent.parent.parent, said.file, "file", where)
        text, said.first = _taken(path, said, where)
    if not text.strip():
        raise TalkError("there is no code in the fence", where, "fill it or drop it")
    if len(text) > MOST_SIGNS:
        hint = "show fewer lines: file: PATH lines A-B"
        raise TalkError(f"more than {MOST_SIGNS:,} signs of code on a slide", where, hint)
    language = said.language or (path.name if path else "")
    first = said.number or (said.first if said.file else 1)
    return CodeBlock(
        text=clean_text(text),
        language=language_of(language, where, is_file=not said.language),
        source=where,
        groups=_groups(said.ranges, text.count("\n") + 1, where),
        number=first if said.has_numbers else None,
        title=said.title,
        path=path,
    )


# --- The first line -------------------------------------------------------------------------------


def _said(info: str, where: Source) -> _Said:
    said, at, is_first = _Said(), 0, True
    text = info.strip()
    while at < len(text):
        found = _PIECE.match(text, at)
        if not found or found.end() == at:
            raise _meaningless(text[at:], where)
        at = found.end()
        _take(said, found, where, is_first=is_first)
        is_first = False
    return said


def _take(said: _Said, found: re.Match[str], where: Source, *, is_first: bool) -> None:
    """Take in one piece of the line."""
    if (braces := found["braces"]) is not None:
        if _RANGES.fullmatch(braces) and braces.strip():
            said.ranges = braces
        else:
            _take_braces(said, braces, where, is_first=is_first)
    elif (square := found["square"]) is not None:
        if re.fullmatch(r"[\d\s,|-]+", square):  # reveal.js
            said.ranges = square
        else:  # Slidev's name of a file
            said.title = square
    elif found["file"] is not None:
        said.file, said.region = _bare(found["file"]), found["region"] or ""
        said.first = int(found["first"] or 1)
        last = found["last"] if found["to"] else found["first"]
        said.last = int(last) if last else None
    elif found["key"] is not None:
        _take_value(said, found["key"], _bare(found["value"]), where)
    elif found["word"] in _NUMBERS:
        said.has_numbers = True
    elif is_first:
        said.language = found["word"]
    else:
        raise _meaningless(found["word"], where)


def _take_braces(said: _Said, braces: str, where: Source, *, is_first: bool) -> None:
    """What stands in braces elsewhere: `{lines:true}`, `{.python .numberLines startFrom="5"}`."""
    pieces = re.findall(r"""[\w-]+\s*[:=]\s*(?:"[^"]*"|'[^']*'|[^\s,]+)|[^\s,]+""", braces)
    for index, piece in enumerate(pieces):
        sign = next((sign for sign in piece if sign in ":="), "")
        key, _, value = map(str.strip, piece.partition(sign or ":"))
        if key == "lines" and value in ("true", "false"):
            said.has_numbers = value == "true"
        elif sign:
            _take_value(said, key, _bare(value), where)
        elif key.lstrip(".") in _NUMBERS:
            said.has_numbers = True
        elif is_first and index == 0 and not said.language:
            said.language = key.lstrip(".")
        else:
            raise _meaningless(f"{{{braces}}}", where)
    if not pieces:
        raise _meaningless("{}", where)


def _take_value(said: _Said, key: str, value: str, where: Source) -> None:
    if key in ("title", "filename", "caption", "name"):
        said.title = value
    elif key in ("hl_lines", "hl-lines", "highlight", "data-line-numbers", "code-line-numbers"):
        said.ranges = "|".join(",".join(group.split()) for group in value.split("|"))
    elif key in _FROM and value.isdecimal():
        said.has_numbers, said.number = True, int(value)
    else:
        raise _meaningless(f"{key}={value}", where)


def _bare(text: str) -> str:
    return text[1:-1] if text[:1] in "\"'" and text[:1] == text[-1:] and text[1:] else text


def _meaningless(words: str, where: Source) -> TalkError:
    return TalkError(f"`{words.strip()}` says nothing about code", where, f"```{FORM}")


def _groups(written: str, lines: int, where: Source) -> tuple[Lines, ...]:
    """The lines of each group. Raises TalkError for one that the code doesn't have."""
    if not written:
        return (None,)
    return tuple(_group(group.strip(), lines, where) for group in written.split("|"))


def _group(written: str, lines: int, where: Source) -> Lines:
    if written in ("all", "*"):
        return None
    found: set[int] = set()
    for piece in written.split(","):
        match = _RANGE.fullmatch(piece.strip())
        if not match:
            raise TalkError(
                f"`{written}` names no lines", where, "{2,4-6}, or {1-2|4|all} in steps"
            )
        first = int(match[1])
        last = first if match[2] is None else int(match[2] or lines)
        if not 1 <= first <= last <= lines:
            named = f"line {first} is" if first == last else f"lines {piece.strip()} are"
            raise TalkError(
                f"the {named} emphasised, and the code has {lines}",
                where,
                "lines are counted from 1, where the code on the slide begins",
            )
        found |= set(range(first, last + 1))
    return frozenset(found)


# --- Languages ------------------------------------------------------------------------------------


def language_of(name: str, where: Source, *, is_file: bool = False) -> str:
    """The name by which Pygments knows a language: by its own names, or the ends of its files.

    `is_file`: it is a file's name, and what nobody knows is plain text. Raises TalkError with the
    nearest name.
    """
    known = name.lower()
    if not known or known in _PLAIN:
        return ""
    aliases, endings = _languages()
    if is_file:
        return endings.get(known) or endings.get("*." + known.rpartition(".")[2], "")
    if known in aliases:
        return known
    if f"*.{known}" in endings:
        return endings[f"*.{known}"]
    near = difflib.get_close_matches(known, sorted(aliases), n=1, cutoff=0.7)
    hint = nearest(known, near) if near else "without a name it is plain text"
    hint = _DRAWN.get(known, hint)
    raise TalkError(f"no language `{name}` is known", where, hint)


@functools.cache
def _languages() -> tuple[frozenset[str], dict[str, str]]:
    """All names of languages, and the language of each ending of a file."""
    from pygments.lexers import get_all_lexers

    aliases: set[str] = set()
    endings: dict[str, str] = {}
    for _, names, patterns, _ in sorted(get_all_lexers(plugins=False)):
        aliases |= set(names)
        for pattern in patterns if names else ():
            endings.setdefault(pattern.lower(), names[0])
    # Where several languages share an ending.
    return frozenset(aliases), endings | {
        "*.sql": "sql",
        "*.r": "r",
        "*.h": "c",
        "*.m": "objective-c",
    }


# --- Files ----------------------------------------------------------------------------------------


def _taken(path: Path, said: _Said, where: Source) -> tuple[str, int]:
    """The lines of a file that are meant, and the number of the first."""
    what = f"`{said.file}`"
    try:
        lines = as_text(read_bytes(path, what, MOST_BYTES), path, what).split("\n")
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None
    lines = lines[:-1] if not lines[-1] else lines
    if said.region:
        first, last = _region(lines, said, where)
    else:
        first, last = said.first, said.last or len(lines)
        if not 1 <= first <= last <= len(lines):
            wanted = f"{first}-{last}" if said.last else f"{first}-"
            raise TalkError(
                f"`{said.file}` has {len(lines)} lines, and the lines {wanted} are shown",
                where,
                "name lines that are there",
            )
    return textwrap.dedent("\n".join(lines[first - 1 : last])), first


def _region(lines: Sequence[str], said: _Said, where: Source) -> tuple[int, int]:
    """First and last line between the marks `region NAME` and `endregion` in comments."""
    begins = re.compile(rf"\W*region\s+{re.escape(said.region)}\W*")
    depth = first = 0
    for number, line in enumerate(lines, 1):
        if not first:
            first = number + 1 if begins.fullmatch(line) else 0
        elif re.match(r"\W*region\b", line):
            depth += 1
        elif re.match(r"\W*endregion\b", line):
            if depth == 0 and number > first:
                return first, number - 1
            depth -= 1
    raise TalkError(
        f"the region `{said.region}` of `{said.file}` has no end"
        if first
        else f"`{said.file}` has no region `{said.region}`",
        where,
        f"lines between `# region {said.region}` and `# endregion`",
    )


def fenced(code: str, language: str = "") -> str:
    """Code in a fence that is longer than each row of backticks in it."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"
