"""PowerPoint: titles and words as text, the script in the speaker's file alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

from msgspec.structs import replace
from pptx import Presentation
from support.made_up import made_up_results
from support.media import drawn, photo
from support.published import png, small_talk, this_talk

from pipeline.export.pptx import export_pptx, packed
from pipeline.pages.deck import deck_input
from pipeline.publish.content import read_file
from pipeline.talk import Talk

NASTY = "a\x00b\x1fc \ud800 <script>"


def shots_of(talk: Talk) -> dict[str, bytes]:
    return {slide.name: png() for slide in talk.slides}


def test_a_photo_on_a_slide_keeps_its_colours() -> None:
    """As JPEG; a drawn slide is a PNG of 256 colours, which loses nothing."""
    assert packed(photo("PNG", (640, 360)))[:3] == b"\xff\xd8\xff"
    assert packed(drawn())[:4] == b"\x89PNG"


def test_powerpoint_has_titles_and_alt_texts(tmp_path: Path) -> None:
    """A picture a slide over a real title; the script is in the speaker's file alone."""
    talk = this_talk(tmp_path / "talk")
    pictures = deck_input(talk, talk.config.root / ".cache").pictures
    shots = shots_of(talk)
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
    paths = [export_pptx(talk, shots_of(talk), {}, tmp_path / f"{n}.pptx") for n in (1, 2)]
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
    path = export_pptx(talk, shots_of(talk), pictures, tmp_path / "slides.pptx")
    shown = [shape for slide in Presentation(str(path)).slides for shape in slide.shapes]
    alts = [s._element.nvPicPr.cNvPr.get("descr") for s in shown if s.shape_type == 13]
    assert any("</p:sld><script>alert(1)</script> {{ 7 * 7 }} \ufffd" in alt for alt in alts)


def test_slides_of_4_to_3_are_so_in_powerpoint(tmp_path: Path) -> None:
    """`size = "4:3"`: the pages, and the pictures that fill them."""
    talk = small_talk(tmp_path / "bread")
    tall = replace(talk.config, brand=replace(talk.config.brand, size="4:3"))
    path = export_pptx(replace(talk, config=tall), shots_of(talk), {}, tmp_path / "tall.pptx")
    made = Presentation(str(path))
    assert (made.slide_width, made.slide_height) == (1280 * 9525, 960 * 9525)
    shown = next(s for s in made.slides[0].shapes if s.shape_type == 13)
    assert (shown.width, shown.height) == (made.slide_width, made.slide_height)
