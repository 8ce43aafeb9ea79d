"""A Marp deck becomes a talk: a slide each, its notes a script, and no word is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.imported import DECKS, imported, missing, talk_in

from pipeline.cli import main
from pipeline.imports.talk import LIST


@pytest.fixture(scope="module")
def talk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deck of thirty slides, imported."""
    folder = tmp_path_factory.mktemp("marp") / "talk"
    assert imported("marp.md", folder).slides == 30
    return folder


def test_thirty_slides_come_in_and_thirty_go_out(talk_folder: Path) -> None:
    """Each in the layout that is nearest to it."""
    slides = talk_in(talk_folder).slides
    assert len(slides) == 30
    layouts = [slide.layout for slide in slides]
    assert layouts[0] == "title"
    assert layouts[6] == "code"
    assert layouts[9] == "table"
    assert layouts[11] == "section"
    assert layouts[-1] == "closing"


def test_no_word_is_lost(talk_folder: Path) -> None:
    """Each word of the deck stands in the talk, or in the list of what it hasn't, as often."""
    assert not missing((DECKS / "marp.md").read_text("utf-8"), talk_folder)


def test_nothing_is_wrong_with_the_talk(
    talk_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` finds no error in what was imported."""
    assert main(["check", "--no-browser", "--talk", str(talk_folder)]) == 0
    assert "error" not in capsys.readouterr().err


def test_dashes_in_code_divide_nothing_and_braces_stay_text(talk_folder: Path) -> None:
    """`---` in a fence is code, and braces of another tool are no placeholders."""
    slide = talk_in(talk_folder).slides[8]
    assert "---" in slide.parts[0].content.code[0].text
    assert "{{ cache.ttl }}" in slide.parts[1].text


def test_comments_are_notes_with_slots_that_fit(talk_folder: Path) -> None:
    """What is said becomes the script; its slots are what its words take."""
    talk = talk_in(talk_folder)
    timing = talk.timings[talk.cut]
    assert "broken production" in (talk_folder / "script" / "voiceover.md").read_text("utf-8")
    assert not timing.findings


def test_a_fragmented_list_comes_item_by_item(talk_folder: Path) -> None:
    """Lists with `*` and `1)` are steps, as Marp has it, with a click each in the script."""
    slides = talk_in(talk_folder).slides
    assert slides[4].steps == 3
    assert slides[12].steps == 3
    assert slides[1].steps == 0


def test_columns_of_html_are_two_parts(talk_folder: Path) -> None:
    """The usual `<div>` of two is left and right, not words below each other."""
    slide = talk_in(talk_folder).slides[16]
    assert [part.name for part in slide.parts] == ["left", "right"]


def test_a_link_to_a_slide_by_number_finds_it(talk_folder: Path) -> None:
    """`#3` of Marp is the third slide."""
    slide = talk_in(talk_folder).slides[20]
    assert [link.target for link in slide.links] == ["slide-3"]


def test_what_is_left_out_has_its_line(talk_folder: Path) -> None:
    """The list names styles and pictures on the web where they stood, which aren't fetched."""
    text = (talk_folder / LIST).read_text("utf-8")
    assert "marp.md:10: Marp's `style`" in text
    assert "section { font-size: 28px; }" in text
    assert "a picture on the web: it isn't fetched: `https://example.org/hits.png`" in text


def test_the_list_is_in_the_order_of_the_lines(talk_folder: Path) -> None:
    """Under each of its headings, so that it is read beside the deck."""
    for part in (talk_folder / LIST).read_text("utf-8").split("\n## ")[1:]:
        lines = [int(line) for line in re.findall(r"^- marp\.md:(\d+)", part, re.MULTILINE)]
        assert lines
        assert lines == sorted(lines)


def test_the_footer_takes_the_place_of_the_sample(talk_folder: Path) -> None:
    """Its settings have one table for the look, not one more as a comment."""
    text = (talk_folder / "talk.toml").read_text("utf-8")
    assert re.findall(r"^.*\[brand\]", text, re.MULTILINE) == ["[brand]"]
    assert re.findall(r"^.*footer = .*", text, re.MULTILINE) == ['footer = "Backend guild, spring"']


def test_headings_divide_where_the_deck_says_so(tmp_path: Path) -> None:
    """`headingDivider: 2` begins a slide at each heading of these levels."""
    deck = tmp_path / "deck.md"
    deck.write_text("---\nmarp: true\nheadingDivider: 2\n---\n# A\n\none\n\n## B\n\ntwo\n\n### C\n")
    imported(deck, tmp_path / "talk")
    assert [slide.title_text for slide in talk_in(tmp_path / "talk").slides] == ["A", "B"]


def test_an_open_fence_is_an_error_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All slides below would be code: nothing is written."""
    deck = tmp_path / "deck.md"
    deck.write_text("---\nmarp: true\n---\n# A\n\n```python\nx = 1\n\n---\n\n# B\n")
    assert main(["import", str(deck), "--into", str(tmp_path / "talk")]) == 1
    assert "deck.md:6: the code is never closed" in capsys.readouterr().err
    assert not (tmp_path / "talk").exists()


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that holds something stays as it is."""
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["import", str(DECKS / "marp.md"), "--into", str(tmp_path)]) == 1
    assert "there is something in this folder already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
