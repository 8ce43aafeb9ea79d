"""Decks that were made to do harm, or went through programs that did."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from PIL import Image

from pipeline.cli import main
from pipeline.imports.deck import Ledger
from pipeline.imports.read import read_deck
from pipeline.imports.talk import LIST, Imported, Wanted, import_deck
from pipeline.imports.text import references_of


def imported(tmp_path: Path, name: str, content: str | bytes) -> Imported:
    deck = tmp_path / name
    deck.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_deck(deck, tmp_path / "talk", Wanted())


def test_half_a_sign_of_a_notebook_is_named(tmp_path: Path) -> None:
    """Escapes of JSON write what no file can hold: in texts, titles, names, what is left out."""
    cells = [
        {"cell_type": "markdown", "source": "# Oil \ud800\n\nEach \x00 km \ue010"},
        {"cell_type": "raw", "source": "raw \udfff"},
    ]
    metadata = {"title": "T\ud800", "kernelspec": {"name": "```\n# Another slide"}}
    code = {"cell_type": "code", "source": "print(1)"}
    book = {"cells": [*cells, code], "metadata": metadata, "nbformat": 4}
    done = imported(tmp_path, "deck.ipynb", json.dumps(book))
    assert done.slides == 1
    said = "\n".join(map(str, done.left_out))
    for sign in ("U+D800", "U+0000", "U+E010"):
        assert f"deck.ipynb, cell 1: a sign that shows nothing, {sign}" in said
    assert "raw \ufffd" in (tmp_path / "talk" / LIST).read_text("utf-8")


def test_half_a_sign_of_a_front_matter_is_none(tmp_path: Path) -> None:
    """Escapes of YAML write it too, in keys and in values."""
    head = '---\nmarp: true\nauthor: "Lou \\ud800 Marsh"\n"k\\ud800": "v\\udfff"\n---\n'
    imported(tmp_path, "deck.md", f"{head}# Oil\n")
    settings = (tmp_path / "talk" / "talk.toml").read_text("utf-8")
    assert 'speaker = "Lou \ufffd Marsh"' in settings


def test_a_sign_of_a_symbol_face_costs_no_line(tmp_path: Path) -> None:
    """PowerPoint writes Wingdings' bullets and arrows as private signs: the words beside stay."""
    from pptx import Presentation

    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Oil"
    slide.placeholders[1].text = "\uf0e0 every rain"
    made = io.BytesIO()
    show.save(made)
    done = imported(tmp_path, "deck.pptx", made.getvalue())
    slides = (tmp_path / "talk" / "deck" / "slides").glob("*.md")
    assert "\ufffd every rain" in "".join(path.read_text("utf-8") for path in slides)
    assert "deck.pptx, slide 1: a sign that shows nothing, U+F0E0" in map(str, done.left_out)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with a name")
@pytest.mark.parametrize("kind", ["marp", "pptx"])
def test_a_pipe_is_not_waited_for(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever kind of deck it is said to be."""
    os.mkfifo(tmp_path / "deck")
    words = ["import", str(tmp_path / "deck"), "--from", kind, "--into", str(tmp_path / "talk")]
    assert main(words) == 1
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ppt/slides/slide{}.dat", "MiB of text"),  # read as a slide if the list of parts says so
        ("ppt/media/picture{}.emf", "MiB in 70 parts"),
    ],
)
def test_many_small_parts_are_a_bomb_too(
    tmp_path: Path, name: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """None of them is large, and all together are; what they hold is not unpacked."""
    deck, packed = tmp_path / "bomb.pptx", io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(70):
            archive.writestr(name.format(f"{number:02}"), b"x")
    raw = bytearray(packed.getvalue())
    at = raw.find(b"PK\x01\x02")
    while at >= 0:  # what the archive's directory says of each
        raw[at + 24 : at + 28] = (4_100_000).to_bytes(4, "little")
        at = raw.find(b"PK\x01\x02", at + 1)
    deck.write_bytes(raw)
    assert main(["import", str(deck), "--into", str(tmp_path / "talk")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "talk").exists()


def test_a_picture_with_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    """A BMP or TIFF, which is redrawn, says its size in its head as others do."""
    head = b"BM" + (54).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    size = (12_000).to_bytes(4, "little")
    head += (40).to_bytes(4, "little") + size + size + b"\x01\0\x18\0" + bytes(24)
    (tmp_path / "wall.bmp").write_bytes(head)
    done = imported(tmp_path, "deck.md", "---\nmarp: true\n---\n# Oil\n\n![](wall.bmp)\n")
    assert "`wall.bmp` has 144 million pixels" in str(done.left_out[0])


def test_a_picture_in_its_address_is_not_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time grows with the square of its size; what base64 writes stays as it is anyway."""
    encoded: list[str] = []

    def normalize(self: MarkdownIt, url: str) -> str:
        encoded.append(url)
        return url

    monkeypatch.setattr(MarkdownIt, "normalizeLink", normalize)
    picture = f"data:image/png;base64,{'A+/=' * 100}"
    assert references_of(f"[x]: {picture}\n[y]: a%20b.png\n") == {"x": picture, "y": "a%20b.png"}
    assert encoded == ["a%20b.png"]


def test_a_large_picture_in_its_address_is_taken_out_first(tmp_path: Path) -> None:
    """The text is gone through many times without it; what can't be read is named."""
    image = Image.frombytes("RGB", (40, 40), bytes(range(256)) * 18 + bytes(192))
    image.save(png := io.BytesIO(), "PNG", compress_level=0)
    text = base64.b64encode(png.getvalue()).decode()
    head = "---\nmarp: true\n---\n# Oil\n\n"
    assert len(text) > 4000
    deck = tmp_path / "deck.md"
    deck.write_text(f"{head}![](data:image/png;base64,{text})\n", "utf-8")
    found = read_deck(deck, None, Ledger())
    assert len(found.slides[0].body.text) < 100
    (address,) = found.files
    assert found.files[address] == png.getvalue()
    done = imported(tmp_path, "deck.md", deck.read_text("utf-8"))
    assert not done.left_out
    name = address.removeprefix("data:")
    (slide,) = (tmp_path / "talk" / "deck" / "slides").iterdir()
    assert f"![Picture](pictures/{name})" in slide.read_text("utf-8")
    assert (tmp_path / "talk" / "deck" / "pictures" / name).is_file()
    shutil.rmtree(tmp_path / "talk")
    done = imported(tmp_path, "deck.md", f"{head}![](data:image/png;base64,{text[:-5]})\n")
    assert "a picture in its address that is broken" in str(done.left_out[0])


def test_files_that_take_each_other_in_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten at each depth would be a hundred thousand files; a loop alone is no deck."""
    deck = tmp_path / "deck.md"
    words = ["import", str(deck), "--from", "slidev", "--into", str(tmp_path / "talk")]
    deck.write_text("---\nsrc: ./deck.md\n---\n" * 9)
    assert main(words) == 1
    assert "deck.md:2: files that take each other in" in capsys.readouterr().err
    deck.write_text("---\nsrc: 1.md\n---\n" * 2)
    for number in range(1, 5):
        (tmp_path / f"{number}.md").write_text(f"---\nsrc: {number + 1}.md\n---\n" * 10)
    (tmp_path / "5.md").write_text("# Oil\n")
    assert main(words) == 1
    assert "4.md:26: the deck takes in more than 500 files" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["deck.md", "deck.ipynb"])
def test_a_text_that_is_no_decks_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Far more than anybody says in a day: before it is read for minutes."""
    text = "# Oil\n\n" + "word " * 600_001
    if name == "deck.ipynb":
        text = json.dumps({"cells": [{"cell_type": "markdown", "source": text}]})
    (tmp_path / name).write_text(text)
    assert main(["import", str(tmp_path / name), "--into", str(tmp_path / "talk")]) == 1
    assert "signs of text, 3,000,000 are the most" in capsys.readouterr().err


def test_a_paragraph_of_brackets_is_left_out(tmp_path: Path) -> None:
    """Each might begin a link: the one paragraph goes, with its line, and what is around stays."""
    deck = f"---\nmarp: true\n---\n# Oil\n\n{'[' * 50_000}\n\nEach 500 km.\n"
    done = imported(tmp_path, "deck.md", deck)
    (left,) = done.left_out
    assert str(left).startswith(f"{tmp_path / 'deck.md'}:6: a paragraph of more than 1,000")
    (slide,) = (tmp_path / "talk" / "deck" / "slides").glob("*.md")
    assert "Each 500 km." in slide.read_text("utf-8")
