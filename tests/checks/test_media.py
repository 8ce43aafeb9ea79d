"""Pictures without words are an error, those with too few pixels a warning."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from support.media import figure, photo, svg, talk_with

from pipeline.checks.media import media_problems
from pipeline.pictures.media import media_of
from pipeline.problems import Problem


def problems(root: Path, slide: str, raw: bytes) -> list[Problem]:
    talk = talk_with(root, slide, {"deck/p.jpg": raw})
    return list(media_problems(talk.slides, media_of(talk.slides, None)))


def field(more: str) -> str:
    return f"---\nlayout: picture\ntitle: A\npicture: p.jpg\n{more}\n---\n"


@pytest.mark.parametrize(
    ("slide", "line", "hint"),
    [
        (
            figure("![](p.jpg)"),
            6,
            "![what it shows](p.jpg), or ![](p.jpg){.decoration} if it says nothing",
        ),
        (
            field("look: full"),
            4,
            "`alt: what it shows`, or `alt: decoration` if it says nothing",
        ),
    ],
)
def test_a_picture_without_words_is_an_error(
    tmp_path: Path, slide: str, line: int, hint: str
) -> None:
    """Its line, and how they are written; the pages that everybody sees are concerned."""
    (found,) = problems(tmp_path / "t", slide, photo())
    assert found.message == "`p.jpg` has no words for who can't see it"
    assert (found.is_error, found.concerns, found.hint) == (True, "pages", hint)
    assert found.where is not None
    assert found.where.line == line


@pytest.mark.parametrize(
    "slide",
    [
        figure("![Waves](p.jpg)"),
        figure("![](p.jpg){.decoration}"),
        field("alt: Waves"),
        field("alt: decoration"),
    ],
)
def test_words_or_the_word_that_there_are_none(tmp_path: Path, slide: str) -> None:
    """Nothing is wrong with either."""
    assert problems(tmp_path / "t", slide, photo()) == []


@pytest.mark.parametrize(
    ("slide", "size", "found"),
    [
        (field("alt: x\nlook: full"), (1200, 700), "1280 by 720: it gets blurred"),
        (field("alt: x\nlook: full"), (1280, 720), ""),
        (field("alt: x"), (400, 200), "1136 by 576: it stays small"),
        (field("alt: x"), (800, 600), ""),
        (field("alt: x\nlook: beside"), (400, 400), ""),
    ],
)
def test_too_few_pixels_are_a_warning(
    tmp_path: Path, slide: str, size: tuple[int, int], found: str
) -> None:
    """What is stretched over a slide needs its pixels; elsewhere a picture stays small."""
    said = problems(tmp_path / "t", slide, photo(size=size))
    assert [problem.severity for problem in said] == (["warning"] if found else [])
    assert all(problem.message.endswith(found) for problem in said)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("{{ finetuned.f1 | pct }}", "{{ finetuned.f1 | pct }}"),
        ("{{x}}", "{{x}}"),
        ("${{ secrets.TOKEN }}", ""),
        ("{{ .Values.name }}", ""),
        ("{ x }", ""),
    ],
)
def test_a_placeholder_in_a_foreign_svg_is_an_error(tmp_path: Path, words: str, found: str) -> None:
    """It is shown as it is: nobody puts values into it; braces of other programs may stand."""
    raw = svg(f'<text x="1" y="9">F1: {words}</text>')
    talk = talk_with(tmp_path / "t", figure("![Bars](p.svg)"), {"deck/p.svg": raw})
    said = list(media_problems(talk.slides, media_of(talk.slides, None)))
    message = f"`p.svg` is shown as it is, with `{found}` in it"
    assert [problem.message for problem in said] == ([message] if found else [])


def written_by(name: str) -> bytes:
    """A document of that kind, which says who wrote it."""
    made = io.BytesIO()
    if name.endswith(".pdf"):
        from pypdf import PdfWriter

        writer = PdfWriter()
        writer.add_blank_page(100, 100)
        writer.add_metadata({"/Author": "Kim & Ada"})
        writer.write(made)
    else:
        with zipfile.ZipFile(made, "w") as archive:
            core = "<x><dc:creator>Kim &amp; Ada</dc:creator></x>"
            archive.writestr("docProps/core.xml", core)
    return made.getvalue()


@pytest.mark.parametrize("name", ["paper.pdf", "paper.docx", "paper.xlsx", "paper.pptx"])
def test_whom_a_linked_file_names_is_said(tmp_path: Path, name: str) -> None:
    """It is published as it is; a broken one names nobody, and publishing refuses it."""
    slide = figure(f"[the paper]({name})")
    talk = talk_with(tmp_path / "a", slide, {f"deck/{name}": written_by(name)})
    (found,) = media_problems(talk.slides, media_of(talk.slides, None))
    assert found.message == f"`{name}` says in its metadata: author: Kim & Ada"
    assert not found.is_error
    broken = talk_with(tmp_path / "b", slide, {f"deck/{name}": b"broken"})
    assert list(media_problems(broken.slides, media_of(broken.slides, None))) == []
