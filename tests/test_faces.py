"""A talk's own font files: read, or refused with the line that names them."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont
from support.second_talk import write_second_talk

from pipeline.config import Config, load_config
from pipeline.faces import covered, own_faces
from pipeline.measured import NOTHING
from pipeline.pages.deck import DeckMaker, deck_input
from pipeline.pages.faces import code_families, face_files, face_rules, stack, text_families
from pipeline.pages.reading import licences_page
from pipeline.problems import TalkError
from pipeline.resources import package_file
from pipeline.slides.layouts import load_layouts
from pipeline.talk import load_talk

pytestmark = pytest.mark.slow

DEJAVU = Path(matplotlib.get_data_path()) / "fonts/ttf"


def config_of(root: Path, lines: str) -> Config:
    """A small talk with fonts in its folder, and these lines in [brand.faces]."""
    write_second_talk(root)
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"):
        (root / name).write_bytes((DEJAVU / name).read_bytes())
    variable = package_file("font_manrope", "files/Manrope-VariableFont_wght.ttf")
    (root / "variable.ttf").write_bytes(variable.read_bytes())
    text = (root / "talk.toml").read_text("utf-8")
    (root / "talk.toml").write_text(f"{text}\n[brand.faces]\n{lines}\n", "utf-8")
    return load_config(root)


def points_of(woff2: bytes) -> set[int]:
    return set(TTFont(io.BytesIO(woff2)).getBestCmap())


def test_a_face_comes_before_ours(tmp_path: Path) -> None:
    """Its file has the letters in use alone; a wide one is scaled, so that text fits as before."""
    config = config_of(tmp_path, 'text = "DejaVuSans.ttf"\nbold = "DejaVuSans-Bold.ttf"')
    faces = own_faces(config, tmp_path / ".cache")
    files = face_files(faces, "Größe →", tmp_path / ".cache")
    assert sorted(files) == ["face-bold.woff2", "face-text.woff2"]
    assert {ord("ö"), ord("ß"), ord("→"), ord("A")} <= points_of(files["face-text.woff2"])
    assert ord("é") not in points_of(files["face-text.woff2"])
    rules = face_rules(faces)
    assert "font-weight: 1 599; font-display: block; size-adjust: 91.9%" in rules
    assert "font-weight: 600 1000" in rules
    assert stack(text_families(faces)).startswith('"Talk", "Manrope", "Helvetica Neue"')
    assert code_families(faces) == ()
    assert files == face_files(own_faces(config), "Größe →", None)


def test_a_variable_face_keeps_its_weights(tmp_path: Path) -> None:
    """Its rule says from where to where they go."""
    faces = own_faces(config_of(tmp_path, 'text = "variable.ttf"'))
    assert faces[0].is_variable
    assert "font-weight: 200 800" in face_rules(faces)
    assert "fvar" in TTFont(io.BytesIO(face_files(faces, "a", None)["face-text.woff2"]))


def test_a_fallback_has_what_the_others_lack(tmp_path: Path) -> None:
    """Hebrew out of the second face, and none of the letters that ours has."""
    config = config_of(tmp_path, 'fallback = ["DejaVuSansMono.ttf", "DejaVuSans.ttf"]')
    faces = own_faces(config)
    files = face_files(faces, "Gruß שלום λ", None)
    assert points_of(files["face-fallback-2.woff2"]) == {ord(sign) for sign in "שלום"}
    assert ord("ש") in covered(faces)
    assert text_families(faces)[:3] == ("Manrope", "Talk fallback-1", "Talk fallback-2")


def test_a_face_for_code(tmp_path: Path) -> None:
    """It is used for code, and for nothing else."""
    faces = own_faces(config_of(tmp_path, 'code = "DejaVuSansMono.ttf"'))
    assert text_families(faces) == ()
    assert code_families(faces)[:2] == ("Talk Code", "Code")
    assert ".slide code" in face_rules(faces)


def test_the_deck_brings_its_faces(tmp_path: Path) -> None:
    """Beside the page, named in its styles, and with their licence."""
    config = config_of(tmp_path, 'text = "DejaVuSans.ttf"')
    talk = load_talk(config, NOTHING, load_layouts())
    cache = tmp_path / ".cache"
    deck = DeckMaker(cache).make(deck_input(talk, cache))
    assert {ord("B"), ord("h")} <= points_of(deck.files["face-text.woff2"])
    assert 'url("face-text.woff2")' in deck.files["deck.css"].decode()
    page = licences_page(config.talk, None, None, (), faces=own_faces(config))  # type: ignore[arg-type]
    assert "DejaVu Sans" in page


def restricted(rights: int) -> bytes:
    font = TTFont(DEJAVU / "DejaVuSans.ttf")
    font["OS/2"].fsType = rights
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


BAD = [
    (None, "there is no font `x.ttf`"),
    (b"\x89PNG\r\n\x1a\n", "`x.ttf` is no font"),
    (b"", "`x.ttf` is no font"),
    (2, "forbids embedding it (fsType 2)"),
    (0x100, "forbids embedding a part of it"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_a_font_that_cant_be_is_one_error(
    tmp_path: Path, content: bytes | int | None, message: str
) -> None:
    """No font, not there, or not to be embedded: with the line of its key."""
    config = config_of(tmp_path, 'code = "DejaVuSansMono.ttf"\ntext = "x.ttf"')
    if content is not None:
        made = restricted(content) if isinstance(content, int) else content
        (tmp_path / "x.ttf").write_bytes(made)
    with pytest.raises(TalkError) as caught:
        own_faces(config)
    assert message in caught.value.message
    lines = (tmp_path / "talk.toml").read_text("utf-8").split("\n")
    assert caught.value.where is not None
    assert caught.value.where.line == lines.index('text = "x.ttf"') + 1


def test_a_damaged_font_is_one_error(tmp_path: Path) -> None:
    """Its letters can be listed, but not be taken out of it."""
    config = config_of(tmp_path, 'text = "x.ttf"')
    font = TTFont(DEJAVU / "DejaVuSans.ttf", lazy=True)
    table = font.reader.tables["glyf"]
    raw = (DEJAVU / "DejaVuSans.ttf").read_bytes()
    noise = b"\0\1" + b"\xff" * (table.length - 2)
    damaged = raw[: table.offset] + noise + raw[table.offset + table.length :]
    (tmp_path / "x.ttf").write_bytes(damaged)
    with pytest.raises(TalkError, match="can't be cut to the letters in use") as caught:
        face_files(own_faces(config), "bread", None)
    assert caught.value.where is not None
    assert caught.value.where.path.name == "talk.toml"


def test_a_face_without_the_talks_letters_is_an_error(tmp_path: Path) -> None:
    """A face for another script can't be the text's: it goes behind one that can."""
    faces = own_faces(config_of(tmp_path, 'text = "DejaVuSans.ttf"'))
    with pytest.raises(TalkError, match="of the 6 letters in use") as caught:
        face_files(faces, "日本語の話は", None)
    assert "under `fallback`" in caught.value.hint


def test_a_font_outside_the_talk_is_refused(tmp_path: Path) -> None:
    """No path leads out of the talk's folder."""
    with pytest.raises(TalkError, match="lies outside the talk's folder"):
        own_faces(config_of(tmp_path / "talk", 'text = "../x.ttf"'))


def test_bold_goes_with_text(tmp_path: Path) -> None:
    """A bold face alone is an error."""
    with pytest.raises(TalkError, match="`bold` goes with `text`"):
        config_of(tmp_path, 'bold = "DejaVuSans-Bold.ttf"')
