"""PDF and PowerPoint: every page there, text as text, the script in the speaker's files alone."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pptx import Presentation
from support.made_up import made_up_results
from support.needs import chromium_path, need, posix
from support.published import ADDRESS, png, small_talk, this_talk

from pipeline.export import chromium as browser_module
from pipeline.export import pdf as export_pdf_module
from pipeline.export.chromium import in_browser
from pipeline.export.notes import export_notes
from pipeline.export.pdf import export_pdf
from pipeline.export.pptx import export_pptx, slide_pictures
from pipeline.pages.deck import build_deck, deck_input
from pipeline.problems import TalkError
from pipeline.publish.text import read_file
from pipeline.script.elements import Speech
from pipeline.talk import Talk

NASTY = "a\x00b\x1fc \ud800 <script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Talk, Path, Path]:
    """This talk, its deck's page, and its PDF."""
    need(chromium_path(), "there is no Chromium (apt-get install chromium)")
    root = tmp_path_factory.mktemp("files")
    talk = this_talk(root / "talk")
    cache = talk.config.root / ".cache"
    build_deck(deck_input(talk, cache, for_speaker=False), root / "deck", cache)
    page = root / "deck" / "index.html"
    pdf = export_pdf(page, root / "slides.pdf", cache, 22, f"{ADDRESS}/")
    return talk, page, pdf


def titles(outline: list[Any]) -> Iterator[str]:
    for entry in outline:
        if isinstance(entry, list):
            yield from titles(entry)
        else:
            yield str(entry["/Title"])


@pytest.mark.browser
@pytest.mark.slow
def test_the_pdf_is_small_and_whole(made: tuple[Talk, Path, Path]) -> None:
    """22 pages of 16:9, at most 1 MB, tagged, each slide's title in the text and in the outline."""
    talk, _, path = made
    assert path.stat().st_size <= 1_000_000
    pdf = pypdf.PdfReader(path)
    assert len(pdf.pages) == 22
    assert {tuple(map(float, page.mediabox)) for page in pdf.pages} == {(0, 0, 960, 540)}
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    outline = [title.replace("’", "'") for title in titles(pdf.outline)]
    for slide, page in zip(talk.slides, pdf.pages, strict=True):
        words = page.extract_text().replace("’", "'")
        assert all(word in words for word in slide.title_text.replace("’", "'").split()), slide.name
        assert slide.title_text.replace("’", "'") in outline


@pytest.mark.browser
@pytest.mark.slow
def test_fonts_and_links_of_the_pdf(made: tuple[Talk, Path, Path]) -> None:
    """Fonts are embedded as fonts, not as drawings; links go to pages or to the published site."""
    pdf = pypdf.PdfReader(made[2])
    kinds, links, inside = set(), set(), 0
    for page in pdf.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            kinds.add(font["/Subtype"])
            for descendant in font.get("/DescendantFonts", []):
                assert "/FontFile2" in descendant.get_object()["/FontDescriptor"]
        for note in page.get("/Annots", []):
            note = note.get_object()
            if "/URI" in note.get("/A", {}):
                links.add(str(note["/A"]["/URI"]))
            inside += "/Dest" in note
    assert kinds == {"/Type0"}
    assert inside >= 10
    named = set(pdf.named_destinations)
    assert {"/demo", "/methods"} <= named
    assert links >= {f"{ADDRESS}/figures/decision.svg"}
    assert all(link.startswith(ADDRESS) for link in links)


@pytest.mark.browser
@pytest.mark.slow
def test_the_speakers_pdf_has_the_script(made: tuple[Talk, Path, Path], tmp_path: Path) -> None:
    """A sheet of A4 for each slide, with the slide's own text and all that is said on it."""
    talk, page, pdf = made
    path = export_notes(talk, pdf, page, tmp_path / "notes.pdf", talk.config.root / ".cache")
    sheets = pypdf.PdfReader(path).pages
    assert len(sheets) == 22
    assert round(float(sheets[0].mediabox.width)) in (594, 595)
    said = next(i for i in talk.script.slides()[2].items if isinstance(i, Speech))
    text = "".join(sheets[2].extract_text().split())
    assert "".join(said.bare.split())[:60] in text
    assert "".join(talk.slides[2].title_text.split()) in text


@pytest.mark.browser
@pytest.mark.slow
def test_the_same_deck_is_the_same_pdf(
    made: tuple[Talk, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No clock in the file; a deck with another number of slides is said."""
    talk, page, pdf = made
    cache = talk.config.root / ".cache"
    again = export_pdf(page, tmp_path / "again.pdf", cache, 22, f"{ADDRESS}/")
    assert again.read_bytes() == pdf.read_bytes()
    again.unlink()
    monkeypatch.setattr(export_pdf_module, "in_browser", lambda *_: pdf.read_bytes())
    with pytest.raises(TalkError, match="the PDF has 22 pages and the talk 21 slides"):
        export_pdf(page, tmp_path / "again.pdf", cache, 21)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_that_hangs_is_ended(tmp_path: Path) -> None:
    """A page that never ends its script is given up after the time limit, and said."""
    need(chromium_path(), "there is no Chromium (apt-get install chromium)")
    page = tmp_path / "hangs.html"
    page.write_text("<script>for (;;) {}</script>")

    async def work(browser: Any) -> None:
        opened = await browser.new_page()
        await opened.goto(page.as_uri())

    with pytest.raises(TalkError, match="the browser did not finish the test within 2 seconds"):
        in_browser(work, "the test", 2)


@posix
def test_a_browser_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that never answers is given up after the time limit, and said."""
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    async def work(browser: Any) -> None:
        raise AssertionError("it never gets here")

    with pytest.raises(TalkError, match="the browser did not finish the test within 1 seconds"):
        in_browser(work, "the test", 1)


def test_no_browser_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Chromium gets a clear word."""
    monkeypatch.setattr(browser_module, "NAMES", ())
    with pytest.raises(browser_module.NoBrowserError, match="there is no Chromium") as error:
        export_pdf(tmp_path / "index.html", tmp_path / "x.pdf", tmp_path, 1)
    assert error.value.hint == "install chromium or Google Chrome"


@pytest.mark.browser
@pytest.mark.slow
def test_slides_are_pictured_at_twice_their_size(made: tuple[Talk, Path, Path]) -> None:
    """The pictures for PowerPoint have 2560 by 1440 pixels."""
    from PIL import Image

    talk, page, _ = made
    shots = slide_pictures(page, [slide.name for slide in talk.slides[:2]], lambda _: None)
    assert [Image.open(io.BytesIO(shot)).size for shot in shots] == [(2560, 1440)] * 2
    assert shots[0] != shots[1]


def test_powerpoint_has_titles_and_alt_texts(tmp_path: Path) -> None:
    """A picture a slide over a real title; the script is in the speaker's file alone."""
    talk = this_talk(tmp_path / "talk")
    pictures = deck_input(talk, talk.config.root / ".cache").pictures
    shots = [png()] * 22
    path = export_pptx(talk, shots, pictures, tmp_path / "slides.pptx")
    slides = list(Presentation(str(path)).slides)
    assert [slide.shapes.title.text for slide in slides] == [s.title_text for s in talk.slides]
    for slide, page in zip(talk.slides, slides, strict=True):
        shown = next(shape for shape in page.shapes if shape.shape_type == 13)
        alt = shown._element.nvPicPr.cNvPr.get("descr")
        assert slide.title_text in alt
        for use in slide.pictures:
            assert " ".join(pictures[use.name].desc.split()) in alt
        assert not page.has_notes_slide
    content = read_file("slides.pptx", path.read_bytes())
    assert content.problem == ""
    assert content.pages == 22
    speaker = export_pptx(talk, shots, pictures, tmp_path / "notes.pptx", with_script=True)
    notes = [s.notes_slide.notes_text_frame.text for s in Presentation(str(speaker)).slides]
    assert all(notes)
    assert "[CLICK]" in notes[2]


def test_powerpoint_is_the_same_each_time_and_holds_any_text(tmp_path: Path) -> None:
    """No clock and no name of another's machine; signs that XML can't hold are replaced."""
    talk = small_talk(tmp_path / "bread")
    first = replace(talk.slides[0], title_text=NASTY)
    talk = replace(talk, slides=(first, *talk.slides[1:]))
    paths = [export_pptx(talk, [png()] * 3, {}, tmp_path / f"{n}.pptx") for n in (1, 2)]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    title = next(iter(Presentation(str(paths[0])).slides)).shapes.title.text
    assert title == "a\ufffdb\ufffdc \ufffd <script>"
    with zipfile.ZipFile(paths[0]) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Canny" not in everything
    assert b"printerSettings" not in everything


def test_hostile_messages_stay_text_in_powerpoint(tmp_path: Path) -> None:
    """A message that looks like XML is an alt text like any other."""
    results = made_up_results()
    hostile = "</p:sld><script>alert(1)</script> {{ 7 * 7 }} \x00"
    examples = (replace(results.examples[0], text=hostile), *results.examples[1:])
    talk = this_talk(tmp_path / "talk", replace(results, examples=examples))
    pictures = deck_input(talk, talk.config.root / ".cache").pictures
    path = export_pptx(talk, [png()] * 22, pictures, tmp_path / "slides.pptx")
    shown = [shape for slide in Presentation(str(path)).slides for shape in slide.shapes]
    alts = [s._element.nvPicPr.cNvPr.get("descr") for s in shown if s.shape_type == 13]
    assert any("</p:sld><script>alert(1)</script> {{ 7 * 7 }} \ufffd" in alt for alt in alts)
