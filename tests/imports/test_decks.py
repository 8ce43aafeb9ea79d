"""Decks of six other tools become talks: no word is lost, nothing is wrong, and each its way."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.imported import DECKS, imported, missing, talk_in, words_of_talk

from pipeline.cli import main
from pipeline.imports.deck import Ledger
from pipeline.imports.read import read_deck
from pipeline.imports.talk import LIST, Wanted
from pipeline.problems import TalkError

SLIDES = {"reveal.md": 8, "slidev.md": 11, "quarto.qmd": 9, "pandoc.md": 7, "waves.ipynb": 6}
KINDS = ("revealmd", "slidev", "quarto", "pandoc", "ipynb")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each deck, imported."""
    room = tmp_path_factory.mktemp("decks")
    made = {}
    for name, count in SLIDES.items():
        made[name] = room / name.partition(".")[0]
        assert imported(name, made[name]).slides == count
    return made


@pytest.mark.parametrize(("name", "kind"), [*zip(SLIDES, KINDS, strict=True)])
def test_a_deck_says_whose_it_is(name: str, kind: str) -> None:
    """By its ending, its front matter or its signs."""
    assert read_deck(DECKS / name, None, Ledger()).kind == kind


@pytest.mark.parametrize(
    "head", ["## SLIDE {n}: A [1 minute]", "## FOLIE {n}: A (20 Sek.)", "## 幻灯片 {n}：A 【20秒】"]
)
def test_a_script_is_no_deck(head: str, tmp_path: Path) -> None:
    """What is to be said would be shown; `--from` reads it all the same."""
    path = tmp_path / "voiceover.md"
    path.write_text("\n---\n\n".join(f"{head.format(n=n)}\n\nWords.\n" for n in (1, 2)), "utf-8")
    with pytest.raises(TalkError, match="a script, and no deck"):
        read_deck(path, None, Ledger())
    assert len(read_deck(path, "marp", Ledger()).slides) == 2


def test_numbered_titles_make_no_script(tmp_path: Path) -> None:
    """A heading's brackets hold other things than a length."""
    path = tmp_path / "deck.md"
    path.write_text("## Slide 1: A (draft)\n\n---\n\n## Slide 2: B [1]\n", "utf-8")
    assert len(read_deck(path, None, Ledger()).slides) == 2


@pytest.mark.parametrize("name", ["reveal.md", "slidev.md", "quarto.qmd", "pandoc.md"])
def test_no_word_is_lost(name: str, folders: dict[str, Path]) -> None:
    """Each word stands in the talk or in the list, as often as in the deck."""
    assert not missing((DECKS / name).read_text("utf-8"), folders[name])


@pytest.mark.parametrize("name", SLIDES)
def test_nothing_is_wrong(
    name: str, folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` finds no error in what was made."""
    assert main(["check", "--no-browser", "--talk", str(folders[name])]) == 0
    assert "error:" not in capsys.readouterr().err


def test_reveal_stacks_stand_in_a_row_and_fragments_are_steps(folders: dict[str, Path]) -> None:
    """Slides below others come after them; a hidden one stays hidden."""
    talk = talk_in(folders["reveal.md"])
    assert [slide.title_text for slide in talk.slides][2:4] == ["What we log", "And what we need"]
    assert talk.slides[2].steps == 3
    assert [slide.title_text for slide in talk.hidden] == ["Old numbers"]


def test_slidev_layouts_slots_files_and_length(folders: dict[str, Path]) -> None:
    """Columns of code, a picture beside words, another file's slides, the length of the deck."""
    talk = talk_in(folders["slidev.md"])
    slides = {slide.name: slide for slide in talk.slides}
    assert talk.slides[0].layout == "title"
    code = slides["before-and-after"]  # too wide to stand side by side
    assert (code.layout, [part.name for part in code.parts]) == ("code", ["body"])
    assert len(code.parts[0].content.code) == 2
    quote = slides["make-illegal-states-unrepresentable"]  # nobody sees the title of a quote
    assert [part.text for part in quote.parts][1:] == ["Yaron Minsky"]
    assert "unrepresentable" in quote.parts[0].text
    assert slides["where-it-pays"].fields["look"].text == "beside"
    assert slides["unions"].parts[0].content.code[1].text == "type Shape = Circle | Square"
    assert slides["a-snippet"].parts[0].content.code[0].text.startswith("export function")
    assert talk.config.cuts["full"].length == "12:00"


def test_quarto_divs_become_columns_steps_and_notes(folders: dict[str, Path]) -> None:
    """The title of the front matter is a slide; cells that aren't shown are named."""
    talk = talk_in(folders["quarto.qmd"])
    assert talk.slides[0].layout == "title"
    assert talk.config.talk.subtitle == "A season of measuring"
    assert talk.slides[2].steps == 3
    assert [part.name for part in talk.slides[3].parts] == ["left", "right"]
    assert "hist(bees)" in (folders["quarto.qmd"] / LIST).read_text("utf-8")
    assert talk.config.talk.language == "en-GB"


def test_pandoc_tables_notes_and_terms(folders: dict[str, Path]) -> None:
    """A table by its dashes, a note in the line, a title in lines with a percent sign."""
    talk = talk_in(folders["pandoc.md"])
    assert talk.config.talk.speaker == "Jo Park, Lee Wood"
    assert "3000" in talk.slides[4].parts[0].text
    assert len(talk.slides[4].footnotes) == 1


def test_notebook_cells_by_their_types(folders: dict[str, Path]) -> None:
    """Code and what it printed, a picture that it drew, and where it was in the list."""
    talk = talk_in(folders["waves.ipynb"])
    assert [code.text for code in talk.slides[2].parts[0].content.code][1] == "6000 heights"
    assert talk.slides[3].media[0].name == "deck/pictures/cell-6-1.png"
    assert "waves.ipynb, cell 8: a cell that is skipped" in (
        folders["waves.ipynb"] / LIST
    ).read_text("utf-8")


def test_the_length_is_dealt_by_the_words_of_the_notes(tmp_path: Path) -> None:
    """Where the notes are no text for their time they stand on the slides, whole."""
    imported("reveal.md", tmp_path / "talk", Wanted(length="20m"))
    talk = talk_in(tmp_path / "talk")
    assert sum(talk.slots_s.values()) == 1200
    assert not (tmp_path / "talk" / "script").exists()
    assert words_of_talk(tmp_path / "talk")["welcome"] == 1


def test_notes_stand_on_the_slides_where_nobody_wants_a_script(tmp_path: Path) -> None:
    """`--without-script`: the same words in `::: notes`."""
    imported("quarto.qmd", tmp_path / "talk", Wanted(without_script=True))
    assert not (tmp_path / "talk" / "script").exists()
    assert any(
        "a pencil" in slide.notes.text for slide in talk_in(tmp_path / "talk").slides if slide.notes
    )


def test_a_deck_in_another_language_keeps_it(tmp_path: Path) -> None:
    """`lang: de` is the talk's language."""
    deck = tmp_path / "deck.md"
    deck.write_text("---\nmarp: true\nlang: de\n---\n# Brot\n\n---\n\n# Danke\n")
    imported(deck, tmp_path / "talk")
    assert talk_in(tmp_path / "talk").config.talk.language == "de"


@pytest.mark.parametrize(
    ("language", "notes"),
    [
        (
            "zh",
            "大家好。今天我想讲一讲缓存，以及它为什么总是在凌晨三点出问题。请大家先想一想自己的系统。",
        ),
        (
            "he",
            "שלום לכולם. היום אדבר על מטמון ועל הסיבה שהוא תמיד נשבר בשלוש בלילה אצל כולנו."
            " מי מכם כבר ראה את זה קורה?",
        ),
        (
            "de",
            "Guten Abend. Ich habe ein Glas mitgebracht, darin lebt etwas."
            " Heute füttern wir es, und zwar alle.",
        ),
    ],
)
def test_notes_in_another_language_fill_their_slots(
    language: str, notes: str, tmp_path: Path
) -> None:
    """What is said is timed as its language is."""
    deck = tmp_path / "deck.md"
    deck.write_text(f"---\nmarp: true\nlang: {language}\n---\n# A\n\n<!-- {notes} -->\n", "utf-8")
    imported(deck, tmp_path / "talk")
    talk = talk_in(tmp_path / "talk")
    assert (tmp_path / "talk" / "script").is_dir()
    assert not talk.timings[talk.cut].findings
    assert not talk.script.problems


def test_a_length_that_is_none_is_listed(tmp_path: Path) -> None:
    """What another tool takes for a length needn't be one here."""
    deck = tmp_path / "deck.md"
    deck.write_text("---\ntheme: seriph\nduration: soon\nmdc: true\n---\n# A\n")
    imported(deck, tmp_path / "talk")
    assert "soon" in (tmp_path / "talk" / LIST).read_text("utf-8")


def test_a_slot_keeps_its_words_beside_columns_of_html(tmp_path: Path) -> None:
    """The columns' words stay in the body then."""
    deck = tmp_path / "slides.md"
    columns = '<div class="grid">\n<div>\n\none\n\n</div>\n<div>\n\ntwo\n\n</div>\n</div>'
    deck.write_text(f"# A\n\n{columns}\n\n::right::\n\nin the slot\n")
    slide = read_deck(deck, "slidev", Ledger()).slides[0]
    assert slide.right is not None
    assert "in the slot" in slide.right.text
    assert "one" in slide.body.text
