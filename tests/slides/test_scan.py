"""Code is code and comments are nobody's, whatever stands in them and around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up

from pipeline.measured import NOTHING
from pipeline.numbers.fill import BRACE, GONE, Numbers, draft
from pipeline.problems import Source, TalkError
from pipeline.slides.markdown import blocks
from pipeline.slides.scan import scanned
from pipeline.slides.source import read_slide

PATH = Path("01-case.md")


def lines(text: str) -> list[str]:
    return [line.text for line in scanned(text, PATH)]


def code_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(scanned(text, PATH), 1) if line.is_code]


def read(text: str) -> str:
    """A text as it is after it is filled."""
    scan = "\n".join(lines(text))
    return Numbers(made_up()).fill(scan, Source(PATH, 1)).text


CODE = [
    pytest.param("```yaml\n:::\n---\n<!-- x -->\n${{ a }} {% b %} {# c\n```\nafter", id="fence"),
    pytest.param("~~~\n```\n{{ a }}\n~~~", id="tildes"),
    pytest.param("````md\n```\n{{ a }}\n```\n````", id="a fence in a fence"),
    pytest.param("- item\n\n  ```\n  {{ a }}\n  :::\n  ```\n- more", id="in a list"),
    pytest.param("1. ```\n   {{ a }}\n   ```", id="after a list's sign"),
    pytest.param("- a\n  - b\n\n    ```\n    {{ a }}\n    ```", id="in a list in a list"),
    pytest.param("> ```\n> {{ a }}\n> ```", id="in a quote"),
    pytest.param("a `{{ b }}` c ``{% ` %}`` d", id="inline"),
    pytest.param("a `{{ b\n}}` c", id="inline over two lines"),
    pytest.param("`<!-- no comment -->` and \\<!-- none either", id="a comment's sign in code"),
    pytest.param("`{{{ a }}}`", id="three braces"),
    pytest.param("a\n\n    {{ b }}\n    {% c\n\n    `{# d\n\ne", id="indented"),
    pytest.param("# a\n    {{ b }}", id="indented after a heading"),
    pytest.param("- a\n\n      {{ b }}", id="indented in a list"),
    pytest.param("a\n\n    b\n    <!-- c -->", id="a comment in indented code"),
]


@pytest.mark.parametrize("text", CODE)
def test_code_stays_as_it_was_written(text: str) -> None:
    """Fences, by CommonMark's rules, and code spans lose nothing and are never filled in."""
    assert read(text) == text


def test_lines_of_a_fence_are_code() -> None:
    """The first and the last line of a fence belong to it; what looks like one may be none."""
    assert code_lines("a\n```\nb\n```\nc\n~~~x\n~~~~\nd") == [2, 3, 4, 6, 7]
    assert code_lines("text\n\n    ```\n    indented code") == [3, 4]
    assert code_lines("```a`b\ntext") == [], "a code span may begin with three backticks"


def test_placeholders_beside_code_are_filled() -> None:
    """A backtick in a placeholder begins no code, and one without a partner is a backtick."""
    assert "\ue000" in read("a ` {{ data.messages | count }}\n\nb ` c")
    assert "\ue000" in read('{{ data.messages | count }} `a` {{ "`" | holds(true) }}')


@pytest.mark.parametrize(
    "text",
    ["a\n    {{ V }}", "- a\n\n    {{ V }}", "a\n: b\n\n    {{ V }}", "[^1]: a\n\n    {{ V }}"],
)
def test_four_spaces_that_go_on_with_something_are_no_code(text: str) -> None:
    """Lines of a paragraph, of a list's item, of a definition or a footnote are filled in."""
    assert "\ue000" in read(text.replace("V", "data.messages | count"))


def test_the_title_of_code_can_hold_a_value() -> None:
    """What stands behind the sign of a fence is filled in, a class of other tools is not."""
    made = read('```py title="{{ data.messages | count }}"\n{{ a }}\n```')
    assert made.startswith('```py title="\ue000')
    assert made.endswith('"\n{{ a }}\n```')
    assert read("```{#id .py}\na\n```") == "```{#id .py}\na\n```"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a <!-- b --> c", ["a  c"]),
        ("a\n<!-- b -->\nc", ["a", GONE, "c"]),
        ("a <!-- b\n::: c\n```\n{{ d --> e", ["a", GONE, GONE, " e"]),
        ("- a\n  <!-- b -->\n- c", ["- a", GONE, "- c"]),
        ("a\n\n    <!-- b -->\nc", ["a", "", GONE, "c"]),
        ("a <!---->b<!-->c", ["a bc"]),
        ("`a` <!-- `b -->`c`", ["`a` `c`"]),
    ],
)
def test_comments_are_gone_and_lines_stay(text: str, left: list[str]) -> None:
    """Whatever a comment holds is nobody's; what stands around it keeps its line."""
    assert lines(text) == left


def test_a_comment_divides_no_list_and_keeps_the_lines_numbers() -> None:
    """A line with nothing but a comment is dropped, filled or drafted; the next knows its own."""
    text = "\n".join(lines("- a\n<!-- b\nc -->\n- {{ data.messages | count }}\n- d"))
    filled = Numbers(made_up()).fill(text, Source(PATH, 7))
    assert filled.plain == "- a\n- 5,574\n- d"
    assert filled.lines == (7, 10, 11)
    assert draft(text, Source(PATH, 7)).filled.lines == (7, 10, 11)
    assert [block.lines for block in blocks(filled)] == [(7,), (10,), (11,)]
    bare = Numbers(NOTHING).fill("\n".join(lines("a\n<!-- b -->\nc")), Source(PATH, 1))
    assert (bare.text, bare.lines) == ("a\nc", (1, 3))


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a\n<!-- b\nc", "the comment is never closed", 2),
        ("a\n```py\nb\n", "the code is never closed", 2),
        ("- a\n  ```\nb\n  ```", "the code is never closed", 2),
        ("> ```\n> a\nb\n> ```", "the code is never closed", 1),
        ("```\n~~~\n", "the code is never closed", 1),
        ("a\n\ue000b", "private-use characters in the content", 2),
        ("a\n<<<<<<< HEAD\nb", "a merge left its marks here: <<<<<<< HEAD", 2),
        ("a\n>>>>>>> main", "a merge left its marks here: >>>>>>> main", 2),
    ],
)
def test_what_never_ends_is_said_with_its_line(text: str, message: str, line: int) -> None:
    """An unclosed comment or fence swallows nothing silently; a merge's marks are no text."""
    with pytest.raises(TalkError) as caught:
        scanned(text, PATH)
    assert (caught.value.message, caught.value.where) == (message, Source(PATH, line))


def test_a_merges_marks_in_code_are_code() -> None:
    """A talk about merging can show them."""
    assert code_lines("```\n<<<<<<< HEAD\n```") == [1, 2, 3]


@pytest.mark.parametrize(
    "text",
    ["` `` ``` " * 20_000, "a `b` " * 30_000, "- " * 50_000, "> " * 50_000, "a <! {{{ " * 20_000],
    ids=["no partners", "code", "lists", "quotes", "other signs"],
)
def test_long_lines_are_read_in_one_pass(text: str) -> None:
    """What has been looked for in a paragraph is not looked for again, sign by sign."""
    assert "".join(lines(text)).replace(BRACE, "{") == text


def test_parts_are_divided_around_code_and_comments(tmp_path: Path) -> None:
    """`:::` in code or in a comment begins and ends no part; `---` ends no front matter there."""
    path = tmp_path / "01-case.md"
    path.write_text(
        "---\nlayout: figure\n<!-- kicker: none\n---\n-->\ntitle: T <!-- t -->\n---\n::: left\n"
        "```yaml\n---\n::: note\n{{ a }}\n:::\n```\n:::\n<!--\n::: right\nx\n:::\n-->\n"
    )
    slide = read_slide(path)
    assert slide.fields["title"] == ("T", Source(path, 6))
    assert [(part.name, part.where.line) for part in slide.parts] == [("left", 9)]
    assert slide.parts[0].text == f"```yaml\n---\n::: note\n{BRACE}{{ a }}}}\n:::\n```"


def test_notes_are_no_part(tmp_path: Path) -> None:
    """`::: notes` is read and kept apart from what the room sees; a comment in it is gone."""
    path = tmp_path / "01-case.md"
    path.write_text("---\ntitle: T\n---\nBody\n::: notes\nSay <!-- not --> hello.\n[CLICK]\n:::\n")
    slide = read_slide(path)
    assert [part.name for part in slide.parts] == ["body"]
    assert slide.notes is not None
    assert (slide.notes.text, slide.notes.where.line) == ("Say  hello.\n[CLICK]", 6)
