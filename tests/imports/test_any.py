"""Whatever a deck holds: a talk that can be read, each word kept or listed, or a clear error."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.imported import imported, missing, talk_in

from pipeline.imports.deck import Kind
from pipeline.imports.talk import Wanted
from pipeline.problems import TalkError

PIECES = [
    *("# Title", "## Sub {.smaller #id}", "### Third", "Setext\n===", "Words go here.", "plain"),
    *("- item", "* step", "1) first", "- [ ] task", "> quoted", "---", "----", "***", "::: notes"),
    *(":::", "::: {.column}", "::: left", "::right::", ". . .", "Note: said", "???", "^ caret"),
    *(
        "```python {1-9}\nx = {{ y }}\n```",
        "```klingon file: a\n\n```",
        "~~~\n---\n~~~",
        "    code",
    ),
    *("{{ value }}", "{% if x %}", "{# gone #}", "{.class}", "[span]{.red}", "a `code {{ x }}` b"),
    *("$x^2$", "$\\wrong{$", "$$\n\\frac{{1}}{2}\n$$", "costs $5 or $6", "$ \\alpha"),
    *("<b>bold</b>", '<div class="columns">', "</div>", "<Comp a='1>2' />", "<file>", "a < b > c"),
    *(
        "<!-- a comment -->",
        "<!-- _class: lead -->",
        "<!-- .slide: data-x -->",
        "<style>p{}</style>",
    ),
    *("![alt](no.png)", "![bg](https://e.org/x.png)", "![](data:image/png;base64,xx)", "![", "[x]"),
    *("[a](b.html)", "[c](#/d)", "[e][f]", "[f]: https://e.org", "[^1]", "[^1]: note", "^[inline]"),
    *("| a | b |\n|---|---|\n| 1 |", "| a |\n|---|\n| 1 | 2 |", "Term\n: means", "<<<<<<< ours"),
    *("[pause]", "now [click] go", "[0:45] start", "**Q: why?**", "END OF SCRIPT", "## SLIDE 3: X"),
    *(
        "layout: cover",
        "title: x: y",
        "--- ",
        "% title",
        "&amp; &#123;",
        "\\",
        "`",
        "***",
        "\ue003",
    ),
    *(
        "==mark==",
        "~~gone~~",
        "a\u202eb",
        "\x07",
        "{{< video x.mp4 >}}",
        "<<< @/x.ts",
        "<https://e.org>",
    ),
]
DECK = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["\n", "\n\n"])), max_size=8)
KINDS: list[Kind] = ["marp", "revealmd", "slidev", "quarto", "pandoc"]


@pytest.mark.parametrize("kind", KINDS)
@settings(  # some 60 ms each
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck]
)
@given(pieces=DECK)
def test_any_deck_becomes_a_talk_or_an_error(kind: Kind, pieces: list[tuple[str, str]]) -> None:
    """No traceback, no word lost, and what is written can be read as a build reads it."""
    text = "".join(map("".join, pieces))
    room = Path(tempfile.mkdtemp())
    try:
        deck = room / "deck.md"
        deck.write_text(text, "utf-8")
        try:
            imported(deck, room / "talk", Wanted(kind=kind))
        except TalkError:
            assert not (room / "talk").exists()
            return
        talk = talk_in(room / "talk")
        assert not talk.script.problems
        lost = missing(text, room / "talk")
        assert sum(lost.values()) <= 0, (lost, text)
    finally:
        shutil.rmtree(room)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["slide", "# A", "image/png", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "metadata",
                    "slideshow",
                    "slide_type",
                    "tags",
                    "outputs",
                    "data",
                    "image/png",
                    "text/plain",
                    "text",
                    "output_type",
                    "attachments",
                    "jupyter",
                    "name",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
_CELLS = st.lists(
    st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["markdown", "code", "raw", 3]), "source": _JSON},
        optional={"metadata": _JSON, "outputs": st.lists(_JSON, max_size=3), "attachments": _JSON},
    ),
    max_size=4,
)


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(cells=_CELLS, metadata=_JSON)
def test_any_notebook_becomes_a_talk_or_an_error(cells: list[object], metadata: object) -> None:
    """Whatever stands where lists, tables and texts should."""
    room = Path(tempfile.mkdtemp())
    try:
        deck = room / "deck.ipynb"
        deck.write_text(json.dumps({"cells": cells, "metadata": metadata}))
        try:
            imported(deck, room / "talk")
        except TalkError:
            assert not (room / "talk").exists()
            return
        assert talk_in(room / "talk").slides
    finally:
        shutil.rmtree(room)


@pytest.mark.parametrize(
    "line",
    [
        "![" + "\\\\" * 3000,
        "[![a](b)" * 200,
        "<a " * 3000,
        "a " + "`" * 3000 + "x",
        "$x" * 3000,
        "{" * 3000,
    ],
)
def test_a_line_that_never_closes_is_read_at_once(line: str, tmp_path: Path) -> None:
    """No pattern tries all the ways in which signs could belong together."""
    (tmp_path / "deck.md").write_text(f"# A\n\n{line}\n")
    imported(tmp_path / "deck.md", tmp_path / "talk", Wanted(kind="marp"))
    assert talk_in(tmp_path / "talk").slides
