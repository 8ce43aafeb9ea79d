"""PowerPoint files: what people put on slides, and what nobody should open."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from support.imported import imported, talk_in

from pipeline.cli import main
from pipeline.imports.talk import LIST

pytest.importorskip("pptx")


@pytest.fixture(scope="module")
def talk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of six slides, imported."""
    from support.made_pptx import made_pptx

    room = tmp_path_factory.mktemp("pptx")
    assert imported(made_pptx(room / "bikes.pptx"), room / "talk").slides == 6
    return room / "talk"


def test_slides_come_with_levels_columns_tables_and_notes(talk_folder: Path) -> None:
    """In their order, signs of Markdown as text, the hidden one hidden."""
    talk = talk_in(talk_folder)
    assert [slide.layout for slide in talk.slides] == ["title", "text", "text", "table", "picture"]
    assert talk.slides[1].title_text == "What breaks *first*"
    assert "Chain {% oil %}" in talk.slides[1].parts[0].text
    assert [part.name for part in talk.slides[2].parts] == ["left", "right"]
    assert "<none>" in talk.slides[3].parts[0].text
    assert talk.slides[4].media[0].alt == "A rack of wheels"
    assert [slide.title_text for slide in talk.hidden] == ["Old prices"]
    assert talk.config.talk.speaker == "Lou Marsh"
    assert "every rain" in (talk_folder / "script" / "voiceover.md").read_text("utf-8")


def test_a_chart_is_named_with_its_numbers(talk_folder: Path) -> None:
    """What can't be kept is in the list, with its slide."""
    text = (talk_folder / LIST).read_text("utf-8")
    assert "bikes.pptx, slide 5: a chart: `km Jan Feb 120" in text


def test_nothing_is_wrong(talk_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` finds no error in what was made."""
    assert main(["check", "--no-browser", "--talk", str(talk_folder)]) == 0
    assert "error:" not in capsys.readouterr().err


def test_macros_are_named_and_never_read(tmp_path: Path) -> None:
    """The rest of the deck comes in."""
    from support.made_pptx import made_pptx

    deck = made_pptx(tmp_path / "deck.pptm")
    with zipfile.ZipFile(deck, "a") as archive:
        archive.writestr("ppt/vbaProject.bin", b"Sub Evil()")
    done = imported(deck, tmp_path / "talk")
    assert "macros: nothing of them is read or run" in str(done.left_out[0])


def test_a_bomb_is_refused_by_what_it_says_it_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of it is unpacked, and nothing written."""
    deck = tmp_path / "bomb.pptx"
    with zipfile.ZipFile(deck, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ppt/presentation.xml", bytes(8 * 2**20))
    assert main(["import", str(deck), "--into", str(tmp_path / "talk")]) == 1
    assert "`ppt/presentation.xml` unpacks to 8 MiB" in capsys.readouterr().err
    assert not (tmp_path / "talk").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no deck at all"])
def test_what_is_no_powerpoint_file_is_said(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clear error in place of a traceback."""
    deck = tmp_path / "deck.pptx"
    deck.write_bytes(content)
    assert main(["import", str(deck), "--into", str(tmp_path / "talk")]) == 1
    assert "this is no PowerPoint file" in capsys.readouterr().err


def test_broken_xml_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slide that ends in its middle."""
    from support.made_pptx import made_pptx

    whole, deck = made_pptx(tmp_path / "whole.pptx"), tmp_path / "deck.pptx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(deck, "w") as new:
        for name in old.namelist():
            cut = 300 if name.endswith("slide2.xml") else None
            new.writestr(name, old.read(name)[:cut])
    assert main(["import", str(deck), "--into", str(tmp_path / "talk")]) == 1
    assert "can't be read as PowerPoint" in capsys.readouterr().err
