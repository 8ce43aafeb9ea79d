"""Slides stand in the order of their files' numbers and are counted as they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up

from pipeline.numbers.fill import Numbers
from pipeline.places import arranged
from pipeline.problems import TalkError
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slides, read_slides
from pipeline.slides.source import places_of, read_slide, slide_files

LAYOUTS = load_layouts()
NUMBERS = Numbers(made_up())


def slide(title: str, more: str = "", words: str = "Words") -> str:
    return f"---\nlayout: quote\ntitle: {title}\n{more}---\n{words}\n"


def folder(tmp_path: Path, **files: str) -> Path:
    """A folder of slides: `s10_intro=…` is 10-intro.md."""
    for name, text in files.items():
        number, _, rest = name.removeprefix("s").partition("_")
        (tmp_path / f"{number}-{rest.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return tmp_path


def read(path: Path) -> Slides:
    return read_slides(path, LAYOUTS, NUMBERS)


def fault(path: Path) -> str:
    """What is wrong, with file, line and hint."""
    with pytest.raises(TalkError) as caught:
        read(path)
    where = caught.value.where
    assert where
    return f"{where.path.name}:{where.line}: {caught.value.message} | {caught.value.hint}"


def test_gaps_are_fine_and_pages_count_what_is_shown(tmp_path: Path) -> None:
    """Files 5, 10 and 200 are the slides 1, 2 and 3; the file's number stays the key."""
    files = folder(tmp_path, s10_b=slide("B"), s05_a=slide("A"), s200_c=slide("C"))
    assert [(s.number, s.shown, s.name) for s in read(files).shown] == [
        (5, "1", "a"),
        (10, "2", "b"),
        (200, "3", "c"),
    ]


def test_backups_come_last_with_numbers_of_their_own(tmp_path: Path) -> None:
    """A backup stands behind the end wherever its number would put it, and isn't counted."""
    files = folder(
        tmp_path,
        s01_proof=slide("Proof", "backup: true\n"),
        s02_a=slide("A"),
        s03_more=slide("More", "backup: yes\n"),
        s04_b=slide("B", "backup: false\n"),
    )
    shown = read(files).shown
    assert [(s.shown, s.name, s.is_backup) for s in shown] == [
        ("1", "a", False),
        ("2", "b", False),
        ("B1", "proof", True),
        ("B2", "more", True),
    ]


def test_a_hidden_slide_is_checked_and_not_shown(tmp_path: Path) -> None:
    """It is in no order and counts nowhere; a fault in it is still said."""
    files = folder(tmp_path, s1_a=slide("A"), s2_b=slide("B", "hidden: true\n"), s3_c=slide("C"))
    slides = read(files)
    assert [(s.shown, s.name) for s in slides.shown] == [("1", "a"), ("2", "c")]
    assert [s.name for s in slides.hidden] == ["b"]
    (files / "2-b.md").write_text(slide("B", "hidden: true\nsubtitle: x\n"), encoding="utf-8")
    assert "2-b.md:5: unknown field `subtitle`" in fault(files)


def test_a_link_to_a_hidden_slide_is_an_error(tmp_path: Path) -> None:
    """With the link's line; between hidden slides it is none."""
    files = folder(
        tmp_path,
        s1_a=slide("A", words="[B](#/b)"),
        s2_b=slide("B", "hidden: true\n", "[C](#/c)"),
        s3_c=slide("C", "hidden: true\n"),
    )
    assert fault(files) == (
        "1-a.md:5: a link leads to `#/b`, and that slide is hidden | show it, or take the link away"
    )
    (files / "1-a.md").write_text(slide("A"), encoding="utf-8")
    assert len(read(files).hidden) == 2


def test_a_slide_is_shown_again(tmp_path: Path) -> None:
    """Content, layout and steps of the other, with its own name, number and, if given, title."""
    files = folder(
        tmp_path,
        s1_demo="---\nlayout: list\ntitle: Demo\nkicker: Now\ntime: 1m\n---\n"
        "::: items each\n- One\n- Two\n:::\n",
        s2_end=slide("End"),
        s3_again="---\nsame: demo\n---\n",
        s4_more="---\nsame: demo\ntitle: Demo, longer\nbackup: true\n---\n",
    )
    demo, _, again, more = read(files).shown
    assert (again.name, again.number, again.shown) == ("again", 3, "3")
    assert (again.title_text, again.steps, again.layout) == ("Demo", 2, "list")
    assert again.parts[0].content == demo.parts[0].content
    assert (more.title_text, more.fields["kicker"].text, more.shown) == (
        "Demo, longer",
        "Now",
        "B1",
    )
    assert again.same == more.same == demo.source.path
    assert "time" not in again.fields


SAME = [
    ("same: again\n", "", "the slide shows itself again"),
    ("same: demmo\n", "", "`same`: no slide has the name `demmo` | did you mean `demo`?"),
    ("same: demo\n", "hidden: true\n", "`same`: the slide `demo` is hidden"),
    ("same: other\n", "", "`same`: the slide `other` shows another one again"),
    ("same: demo\nlayout: list\n", "", "`layout` belongs to the slide `demo`"),
]


@pytest.mark.parametrize(("fields", "of_demo", "message"), SAME, ids=[m for *_, m in SAME])
def test_a_slide_that_cant_be_shown_again(
    tmp_path: Path, fields: str, of_demo: str, message: str
) -> None:
    """Itself, none, a hidden one, one that does the same (a circle too), or with more fields."""
    files = folder(
        tmp_path,
        s1_demo=slide("Demo", of_demo),
        s2_again=f"---\n{fields}---\n",
        s3_other="---\nsame: again\n---\n" if "other" in fields else slide("Other"),
    )
    assert f"2-again.md:{3 if 'layout' in fields else 2}: {message}" in fault(files)


def test_a_slide_shown_again_has_no_content_of_its_own(tmp_path: Path) -> None:
    """A word below its front matter would be lost, so it is refused."""
    files = folder(tmp_path, s1_demo=slide("Demo"), s2_again="---\nsame: demo\n---\nWords\n")
    assert "2-again.md:4: a slide with `same` has no content of its own" in fault(files)


NOTHING = [
    ("hidden: true\n", "all slides are hidden"),
    ("backup: true\n", "every slide is hidden or a backup"),
    ("hidden: maybe\n", "`hidden` can't be `maybe` | `hidden: true`, or drop the line"),
]


@pytest.mark.parametrize(("field", "message"), NOTHING, ids=[m for _, m in NOTHING])
def test_something_is_shown(tmp_path: Path, field: str, message: str) -> None:
    """A deck without a slide can't be made, nor one of an unknown answer."""
    files = folder(tmp_path, s1_a=slide("A", field))
    assert message in fault(files)
    with pytest.raises(TalkError):
        places_of(read_slide(path) for _, _, path in slide_files(files))


def test_messages_name_a_slide_whose_number_differs() -> None:
    """“slide 2 (demo)” for the file 20-demo.md: both numbers can be found again."""
    places = arranged([(10, "intro", "slide"), (20, "demo", "slide"), (30, "proof", "backup")])
    assert [places.label(number) for number in (10, 20, 30, 40)] == [
        "1 (intro)",
        "2 (demo)",
        "B1 (proof)",
        "40",
    ]
    assert arranged([(1, "intro", "slide")]).label(1) == "1"
