"""The PDFs: every page there, text as text, the script in the speaker's file alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from support.needs import need
from support.pages import build_deck
from support.published import ADDRESS, small_talk, this_talk

from pipeline.export import pdf as export_pdf_module
from pipeline.export.chromium import find_browser
from pipeline.export.pdf import export_notes, export_pdf, same_each_time
from pipeline.export.screenshots import slide_pictures
from pipeline.pages.deck import deck_input
from pipeline.problems import TalkError
from pipeline.script.elements import Speech
from pipeline.talk import Talk


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Talk, Path, Path]:
    """This talk, its deck's page, and its PDF."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
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
    monkeypatch.setattr(export_pdf_module, "in_browser", lambda *_: (pdf.read_bytes(), [], 0))
    with pytest.raises(TalkError, match="the PDF has 22 pages and the talk 21 slides"):
        export_pdf(page, tmp_path / "again.pdf", cache, 21)
    assert list(tmp_path.iterdir()) == []


def test_tags_are_counted_alike_each_time() -> None:
    """Chromium's numbers of nodes start anywhere; no offset moves, and their order stays."""
    one, two = (b"%%PDF (node%08d) (node%08d) [(node%08d)]" % (n + 9, n, n + 9) for n in (599, 600))
    assert same_each_time(one) == same_each_time(two)
    assert same_each_time(one) == b"%PDF (node00000002) (node00000001) [(node00000002)]"


@pytest.mark.browser
@pytest.mark.slow
def test_slides_are_pictured_at_twice_their_size(tmp_path: Path) -> None:
    """The pictures for PowerPoint have 2560 by 1440 pixels."""
    from PIL import Image

    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    talk = small_talk(tmp_path / "talk")
    build_deck(deck_input(talk, tmp_path, for_speaker=False), tmp_path / "deck", tmp_path)
    shots = slide_pictures(tmp_path / "deck" / "index.html", scale=2)
    assert list(shots) == [slide.name for slide in talk.slides]
    assert {Image.open(io.BytesIO(shot)).size for shot in shots.values()} == {(2560, 1440)}
    assert len(set(shots.values())) == 3
