"""Names of files: what of the talk's folder they name, and what they are in an address."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from pipeline.paths import file_below, leads_out, plain_name
from pipeline.problems import Source, TalkError

WHERE = Source(Path("talk.toml"), 7)


def test_letters_in_pieces_name_the_same_file(tmp_path: Path) -> None:
    """A file that macOS wrote is found by a name typed elsewhere, and the other way round."""
    for form, other in (("NFC", "NFD"), ("NFD", "NFC")):
        folder = tmp_path / form / unicodedata.normalize(form, "Größen")
        folder.mkdir(parents=True)
        (folder / unicodedata.normalize(form, "übung.py")).write_text("x", "utf-8")
        found = file_below(
            tmp_path / form, unicodedata.normalize(other, "Größen/übung.py"), "file", WHERE
        )
        assert found.read_text("utf-8") == "x"


@pytest.mark.parametrize("name", ["../out.svg", "a/../../out.svg", "/etc/passwd", "~/x", "a\0b"])
def test_a_name_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    """By its letters alone, whether anything is there or not; with the line that names it."""
    (tmp_path / "talk").mkdir()
    (tmp_path / "out.svg").write_text("<svg/>", "utf-8")
    with pytest.raises(TalkError, match=r"the logo .* lies outside the talk's folder") as caught:
        file_below(tmp_path / "talk", name, "logo", WHERE)
    assert caught.value.where == WHERE


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """What it leads to is not the talk's."""
    (tmp_path / "talk").mkdir()
    (tmp_path / "out.ttf").write_text("x", "utf-8")
    (tmp_path / "talk/in.ttf").symlink_to(tmp_path / "out.ttf")
    with pytest.raises(TalkError, match="leads out of"):
        file_below(tmp_path / "talk", "in.ttf", "font", WHERE)


def test_what_is_missing_names_what_is_near(tmp_path: Path) -> None:
    """A folder is no file; a name nearly right is named."""
    (tmp_path / "logos").mkdir()
    (tmp_path / "logos/dark.svg").write_text("x", "utf-8")
    with pytest.raises(TalkError, match=r"there is no logo `logos/drak\.svg`") as caught:
        file_below(tmp_path, "logos/drak.svg", "logo", WHERE)
    assert caught.value.hint == "did you mean `dark.svg`?"
    with pytest.raises(TalkError, match="the logo `logos` is a folder"):
        file_below(tmp_path, "logos", "logo", WHERE)


def test_a_name_may_go_up_inside_the_talk(tmp_path: Path) -> None:
    """From the folder of slides into the talk's, and no further."""
    assert not leads_out("../photo.jpg", tmp_path, tmp_path / "deck")
    assert leads_out("../../photo.jpg", tmp_path, tmp_path / "deck")


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Größe & Maß (2).final", "groe-ma-2-final"), ("Ünï", "uni"), ("日本", ""), ("--a--", "a")],
)
def test_plain_names(text: str, plain: str) -> None:
    """Letters lose their marks, all else becomes one hyphen."""
    assert plain_name(text) == plain


@pytest.mark.parametrize("name", [".env", "src/../.git/config"])
def test_a_hidden_file_is_refused(name: str, tmp_path: Path) -> None:
    """Keys and passwords lie there; a talk from elsewhere could ask for them."""
    for folder in ("src", ".git"):
        (tmp_path / folder).mkdir()
    for path in (".env", ".git/config"):
        (tmp_path / path).write_text("x", "utf-8")
    with pytest.raises(TalkError, match="is a hidden file"):
        file_below(tmp_path, name, "file", WHERE)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """It is said so, and not that nothing is there."""
    (tmp_path / "src").mkdir()
    with pytest.raises(TalkError, match="the file `src` is a folder"):
        file_below(tmp_path, "src", "file", WHERE)
