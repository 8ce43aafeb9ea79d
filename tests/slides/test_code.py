"""Code on slides: what a fence's first line says, its steps, lines of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.slides.code import CodeBlock, read_code
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, read_slides

BODY = "one\ntwo\nthree\nfour\n"
APP = """\
import os

class A:
    # region go
    def go(self):
        return {{ x }}
    # endregion
"""


def code(info: str, body: str = BODY) -> CodeBlock:
    return read_code(info, body, Source(Path("talk/deck/slides/01-a.md"), 7))


def told(info: str, body: str = BODY) -> str:
    with pytest.raises(TalkError) as error:
        code(info, body)
    assert error.value.where == Source(Path("talk/deck/slides/01-a.md"), 7)
    return f"{error.value.message} ({error.value.hint})"


def slide(root: Path, text: str) -> Slide:
    folder = root / "deck" / "slides"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "01-a.md").write_text(f"---\nlayout: code\ntitle: A\n---\n{text}", "utf-8")
    return read_slides(folder, load_layouts(), Numbers(NOTHING)).shown[0]


def fence(info: str, body: str = BODY) -> str:
    return f"```{info}\n{body}```\n"


def lines(block: CodeBlock) -> list[list[int] | None]:
    return [None if group is None else sorted(group) for group in block.groups]


def test_a_fence_is_code_as_it_stands() -> None:
    """Without a word nothing is emphasised, numbered or coloured, and no letter is lost."""
    block = code("", "a  b\n\n\tc \n")
    assert block.lines == ("a  b", "", "\tc ")
    assert (block.language, block.groups, block.number, block.title) == ("", (None,), None, "")
    assert block.columns == 6


@pytest.mark.parametrize(
    ("info", "groups"),
    [
        ("python {2,4}", [[2, 4]]),
        ("python {1, 3-4}", [[1, 3, 4]]),
        ("python {2-}", [[2, 3, 4]]),
        ("python{1,3}", [[1, 3]]),
        ("python {1-2|4|all}", [[1, 2], [4], None]),
        ("{1|2}", [[1], [2]]),
        ("ts {*|1}", [None, [1]]),
        ("js [1-2|3]", [[1, 2], [3]]),
        ('python hl_lines="1 3"', [[1, 3]]),
    ],
)
def test_lines_are_emphasised_at_once_or_in_steps(
    info: str, groups: list[list[int] | None]
) -> None:
    """The first group is there at once, each other one is a step; others' forms are read, too."""
    assert lines(code(info)) == groups
    assert code(info).steps == len(groups) - 1


@pytest.mark.parametrize(
    ("info", "number"),
    [
        ("python numbers", 1),
        ("python numbers=10", 10),
        ("js {1|2-3|all}{lines:true}", 1),
        ("js {lines:false}", None),
        ("ts {startLine:5}", 5),
        ('{.python .numberLines startFrom="5"}', 5),
        ("rust {1} +line_numbers", 1),
        ('python linenums="3"', 3),
        ("ts showLineNumbers", 1),
    ],
)
def test_lines_are_numbered_on_wish(info: str, number: int | None) -> None:
    """From 1 or from a number that is given, in the forms of several tools."""
    assert code(info).number == number
    assert code(info).language


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("python", "python"),
        ("Python", "python"),
        ("py", "py"),
        ("tsx", "tsx"),
        ("mjs", "javascript"),
        ("kt", "kotlin"),
        ("c++", "c++"),
        ("plaintext", ""),
        ("text", ""),
        ("{python}", "python"),
    ],
)
def test_a_language_has_the_names_that_people_use(name: str, language: str) -> None:
    """Pygments' names, and the ends of files."""
    assert code(name).language == language


def test_a_title_is_read() -> None:
    """`title=` with spaces in it, and a file's name in square brackets, as Slidev has it."""
    assert code('python title="src/the app.py" {1}').title == "src/the app.py"
    assert code("ts [app.ts]").title == "app.ts"


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ("pyhton", "no language `pyhton` is known (did you mean `python`?)"),
        ("qqqqqqq", "no language `qqqqqqq` is known (without a name it is plain text)"),
        ("mermaid", "no language `mermaid` is known (a diagram is a file in deck/diagrams"),
        ("python {7}", "the line 7 is emphasised, and the code has 4"),
        ("python {3-9}", "the lines 3-9 are emphasised, and the code has 4"),
        ("python {3-2}", "the lines 3-2 are emphasised"),
        ("python {1|}", "`` names no lines ({2,4-6}, or {1-2|4|all} in steps)"),
        ("python {a}", "`{a}` says nothing about code (```LANGUAGE {1-2|4|all}"),
        ("python {}", "`{}` says nothing about code"),
        ("js twoslash", "`twoslash` says nothing about code"),
        ("text {maxHeight:'100px'}", "`maxHeight=100px` says nothing about code"),
    ],
)
def test_what_means_nothing_is_an_error_with_the_right_form(info: str, said: str) -> None:
    """One message with the fence's line."""
    assert said in told(info)


def test_an_empty_fence_is_an_error_and_so_is_a_book() -> None:
    """There is nothing to show, or far too much."""
    assert "there is no code in the fence" in told("python", "\n")
    assert "more than 20,000 signs of code on a slide" in told("python", "x" * 20_001)


def test_steps_of_code_are_counted_with_those_of_parts(tmp_path: Path) -> None:
    """`::: left step` first, then the steps of its code, then the right part's items."""
    made = slide(
        tmp_path,
        f"::: left step\n{fence('text {1|2|all}')}:::\n"
        "::: right each\n- x\n\n  ```text {1|1}\n  y\n  ```\n- z\n:::\n",
    )
    left, right = made.parts
    assert (left.step, left.steps, left.content.code[0].first_step) == (0, 3, 1)
    assert (right.first_step, right.steps) == (3, 3)
    assert [t.meta["step"] for t in right.content.tokens if "step" in t.meta] == [3, 5]
    assert right.content.code[0].first_step == 4
    assert made.steps == 6


def test_code_is_code_to_its_last_sign(tmp_path: Path) -> None:
    """Braces, `:::`, `---`, comments and links in a fence are shown, and count as no words."""
    body = "---\n::: note\n${{ secrets.KEY }} {% if %}\n<!-- kept -->\n[x](y)\n:::\n"
    made = slide(tmp_path, "::: left\n" + fence("yaml", body) + ":::\n")
    assert made.parts[0].content.code[0].text + "\n" == body
    assert made.parts[0].text == body.strip()
    assert made.words == 1
    assert not made.links


def test_lines_come_from_a_file(tmp_path: Path) -> None:
    """By their numbers or by a region, without the indent that they share; numbered as there."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(APP, "utf-8")
    made = slide(
        tmp_path,
        fence("numbers file: src/app.py lines 5-6", "")
        + fence("file: src/app.py region go", "")
        + fence("text file: src/app.py lines 3-", ""),
    )
    first, second, third = made.parts[0].content.code
    assert (first.text, first.language, first.number) == (
        "def go(self):\n    return {{ x }}",
        "python",
        5,
    )
    assert second.text == first.text
    assert third.lines[0] == "class A:"
    assert third.language == ""
    assert made.files == (tmp_path / "src" / "app.py",) * 3


@pytest.mark.parametrize(
    ("info", "body", "said"),
    [
        ("file: src/app.py lines 6-8", "", "`src/app.py` has 7 lines, and the lines 6-8 are shown"),
        ("file: src/app.py lines 9-", "", "`src/app.py` has 7 lines, and the lines 9- are shown"),
        ("file: src/ap.py", "", "there is no file `src/ap.py`"),
        ("file: ../outside.py", "", "`../outside.py` lies outside the talk's folder"),
        ("file: .env", "", "`.env` is a hidden file"),
        ("file: /etc/passwd", "", "`/etc/passwd` lies outside the talk's folder"),
        ("file: src/link.py", "", "`src/link.py` leads out of the talk's folder"),
        ("file: src/app.py", "x\n", "code stands in the fence, and its first line names a file"),
        ("file: src/app.py region stop", "", "`src/app.py` has no region `stop`"),
        ("file: src/binary.py", "", "`src/binary.py`"),
        ("file: src", "", "the file `src` is a folder"),
    ],
)
def test_a_file_that_can_t_be_shown_is_an_error(
    tmp_path: Path, info: str, body: str, said: str
) -> None:
    """It has the line of the slide, whatever is wrong with the file."""
    talk = tmp_path / "talk"
    (talk / "src").mkdir(parents=True)
    talk.joinpath(".env").write_text("x\n", "utf-8")
    (tmp_path / "outside.py").write_text("x\n", "utf-8")
    (talk / "src" / "app.py").write_text(APP, "utf-8")
    (talk / "src" / "link.py").symlink_to(tmp_path / "outside.py")
    (talk / "src" / "binary.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TalkError) as error:
        slide(talk, fence(info, body))
    assert said in error.value.message
    assert error.value.where
    assert (error.value.where.path.name, error.value.where.line) == ("01-a.md", 5)


def test_steps_follow_the_file_whatever_is_a_part(tmp_path: Path) -> None:
    """Code before the first part takes its steps before it."""
    made = slide(tmp_path, fence("text {1|2}") + "\n::: point step\nSo it is\n:::\n")
    assert [(part.name, part.first_step) for part in made.parts] == [("body", 0), ("point", 1)]
