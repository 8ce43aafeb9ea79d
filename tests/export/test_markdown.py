"""The deck as one Markdown file: what the room sees, filled in, and read again as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.imported import imported, talk_in

from pipeline.cli import main
from pipeline.export.markdown import Form, export_markdown
from pipeline.imports.talk import Wanted
from pipeline.pages.deck import pictures_of
from pipeline.problems import TalkError
from pipeline.slides.slide import Slide


@pytest.fixture(scope="module")
def talk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A talk of thirty slides: the imported Marp deck."""
    folder = tmp_path_factory.mktemp("talk") / "talk"
    imported("marp.md", folder)
    return folder


def exported(folder: Path, to: Path, form: Form = "marp", *, with_notes: bool = False) -> str:
    """The exported deck's text."""
    talk = talk_in(folder)
    pictures = pictures_of(talk, folder / ".cache")
    return export_markdown(talk, pictures, to, form, with_notes=with_notes).read_text("utf-8")


def seen(slide: Slide) -> tuple[object, ...]:
    """What a slide shows."""
    parts = [(part.name, part.text, len(part.content.media)) for part in slide.parts]
    return slide.layout, slide.title_text, parts, slide.steps, len(slide.media)


def test_an_export_for_marp_read_again_has_the_same_slides(
    talk_folder: Path, tmp_path: Path
) -> None:
    """Layouts, titles, words, code, steps and pictures."""
    exported(talk_folder, tmp_path / "deck.md")
    imported(tmp_path / "deck.md", tmp_path / "again")
    old, new = talk_in(talk_folder).slides, talk_in(tmp_path / "again").slides
    assert [seen(slide) for slide in new] == [seen(slide) for slide in old]


@pytest.mark.parametrize("form", ["marp", "markdown"])
def test_what_is_said_stays_with_the_speaker(form: Form, talk_folder: Path, tmp_path: Path) -> None:
    """Unless it is asked for: then it stands in comments."""
    assert "broken production" not in exported(talk_folder, tmp_path / "deck.md", form)
    text = exported(talk_folder, tmp_path / "deck.md", form, with_notes=True)
    assert "<!--\nGood morning, everybody." in text


def test_pictures_lie_beside_the_file(talk_folder: Path, tmp_path: Path) -> None:
    """And the document names them as they lie there."""
    text = exported(talk_folder, tmp_path / "deck.md", "markdown")
    assert "![A rack of servers](deck-files/servers.png)" in text
    assert (tmp_path / "deck-files" / "servers.png").is_file()


def test_a_file_of_somebody_else_is_left_alone(
    talk_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An earlier export is replaced; nothing else is."""
    mine = tmp_path / "mine.md"
    mine.write_text("mine")
    assert main(["export", "--marp", str(mine), "--talk", str(talk_folder)]) == 1
    assert "this file wasn't exported" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    assert exported(talk_folder, tmp_path / "d.md") == exported(talk_folder, tmp_path / "d.md")


def test_an_export_of_nothing_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It names what there is."""
    assert main(["export"]) == 2
    assert "--marp FILE" in capsys.readouterr().err


def test_measured_values_and_diagrams_are_filled_in(tmp_path: Path) -> None:
    """Nothing of our own is left: no placeholder, no class, no name of a picture."""
    (tmp_path / "talk" / "deck" / "slides").mkdir(parents=True)
    (tmp_path / "talk" / "deck" / "diagrams").mkdir()
    (tmp_path / "talk" / "talk.toml").write_text('[talk]\ntitle = "T"\nspeaker = "S"\n')
    (tmp_path / "talk" / "deck" / "diagrams" / "flow.dot").write_text(
        'digraph { title="A flow" desc="From a to b." a -> b }'
    )
    (tmp_path / "talk" / "deck" / "slides" / "01-a.md").write_text(
        "---\nlayout: framework\ntitle: A [word]{.accent}\ndiagram: flow\n---\n"
        "::: point\n[Big]{.big} and `[x]{.y}`\n:::\n"
    )
    text = exported(tmp_path / "talk", tmp_path / "deck.md", "markdown")
    assert "# A word" in text
    assert "Big and `[x]{.y}`" in text
    assert "](deck-files/flow.svg)" in text
    svg = (tmp_path / "deck-files" / "flow.svg").read_text()
    assert "@font-face" not in svg


def test_a_title_that_nobody_sees_is_not_in_it(tmp_path: Path) -> None:
    """Of a quote the thought alone, as a quote."""
    deck = tmp_path / "deck.md"
    deck.write_text("# A\n\n---\n\n> One thought.\n")
    imported(deck, tmp_path / "talk", Wanted(kind="marp"))
    text = exported(tmp_path / "talk", tmp_path / "out.md")
    assert "> One thought." in text
    assert text.count("# A\n") == 1


def test_no_file_of_somebody_else_is_overwritten(talk_folder: Path, tmp_path: Path) -> None:
    """Neither the document nor a picture beside it; an export is, by the next one."""
    theirs = tmp_path / "deck-files" / "servers.png"
    theirs.parent.mkdir()
    theirs.write_bytes(b"theirs")
    with pytest.raises(TalkError, match="already"):
        exported(talk_folder, tmp_path / "deck.md")
    assert theirs.read_bytes() == b"theirs"
    assert not (tmp_path / "deck.md").exists()
    exported(talk_folder, tmp_path / "other.md")
    exported(talk_folder, tmp_path / "other.md")


def test_code_that_holds_a_fence_stays_one_piece(tmp_path: Path) -> None:
    """Its own fence is longer than those in it."""
    deck = tmp_path / "deck.md"
    deck.write_text("# A\n\n---\n\n# B\n\n````markdown\n```sh\nls\n```\n````\n")
    imported(deck, tmp_path / "talk", Wanted(kind="marp"))
    text = exported(tmp_path / "talk", tmp_path / "out.md")
    assert "````markdown\n```sh\nls\n```\n````" in text
