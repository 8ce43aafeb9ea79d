"""What pages in other languages than English have besides: divided words, directions, faces."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import Config, TalkInfo
from pipeline.locale import ENGLISH, locale_of
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pages.deck import DeckMaker
from pipeline.pages.languages import language_rules, set_in
from pipeline.pages.slide import DeckInput
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import read_slides

SOFT = "\u00ad"


def test_long_words_of_slides_can_be_divided() -> None:
    """By the language's own patterns, four letters at least on either side; short ones stay."""
    german = locale_of("de")
    made = set_in("Milchsäurebakterien und Sauerteig", german)
    assert made.replace(SOFT, "") == "Milchsäurebakterien und Sauerteig"
    assert "Sauerteig" in made
    pieces = made.split()[0].split(SOFT)
    assert len(pieces) > 1
    assert min(map(len, (pieces[0], pieces[-1]))) >= 4
    assert SOFT in set_in("anticonstitutionnellement", locale_of("fr"))


@pytest.mark.parametrize(
    "text",
    [
        "https://beispielwebsite.de/milchsaeurebakterien",
        "milchsaeurebakterien.example.org",
        "jemand@milchsaeurebakterien.de",
        f"Milchsäure{SOFT}bakterien",  # whoever wrote it knows better
        "\ue00017\ue001 Sauerteig",  # a measured value, before it is put in
    ],
)
def test_what_is_no_word_is_never_divided(text: str) -> None:
    """Addresses, what has its own soft hyphens, measured values; and nothing at all in English."""
    assert set_in(text, locale_of("de")) == text
    assert set_in("internationalization", ENGLISH) == "internationalization"
    assert set_in("国际化国际化国际化国际化国际化国际化", locale_of("zh")).count(SOFT) == 0


def test_a_sign_stays_before_its_number_from_right_to_left() -> None:
    """A minus is no letter: among Hebrew words it would go behind the digits."""
    hebrew = locale_of("he")
    assert set_in("ירידה של −1.2 או +3%", hebrew) == "ירידה של \u200e−1.2 או \u200e+3%"
    assert set_in("2020-2024, GPT-2", hebrew) == "2020-2024, GPT-2"


def test_rules_that_a_language_needs() -> None:
    """Faces for letters that ours lacks, drawings that stay from left to right."""
    assert language_rules(ENGLISH, is_read=True) == ""
    assert language_rules(locale_of("de")) == ""
    assert "hyphens: auto" in language_rules(locale_of("de"), is_read=True)
    hebrew, chinese = language_rules(locale_of("he")), language_rules(locale_of("zh-TW"))
    assert "svg { direction: ltr; }" in hebrew
    assert '"Noto Sans Hebrew"' in hebrew
    assert "direction" not in chinese
    assert "hyphens" not in language_rules(locale_of("zh"), is_read=True)
    assert "letter-spacing: 0" in hebrew
    assert "letter-spacing" not in language_rules(locale_of("de"))
    assert '"PingFang TC"' in language_rules(locale_of("zh-Hant-TW"))


def test_code_is_never_divided(tmp_path: Path) -> None:
    """A deck's code keeps its bytes; words around it have their soft hyphens."""
    folder = tmp_path / "deck" / "slides"
    folder.mkdir(parents=True)
    text = "---\nlayout: text\ntitle: T\n---\nMilchsäurebakterien und `Milchsäurebakterien`\n"
    (folder / "01-a.md").write_text(text, "utf-8")
    slides = read_slides(folder, load_layouts(), Numbers(NOTHING)).shown
    config = Config(tmp_path, TalkInfo("T", "S", language="de"))
    deck = DeckMaker(tmp_path / "cache").make(DeckInput(config, NOTHING, slides))
    (section,) = deck.sections.values()
    assert SOFT in section
    assert "Milchsäurebakterien und" in section.replace(SOFT, "")
    assert "<code>Milchsäurebakterien</code>" in section


def test_the_first_slide_and_the_last_are_set_as_the_language_does(tmp_path: Path) -> None:
    """A comma of the language between place and date; an address goes from left to right."""
    folder = tmp_path / "deck" / "slides"
    folder.mkdir(parents=True)
    (folder / "01-a.md").write_text("---\nlayout: title\ntitle: T\n---\n", "utf-8")
    (folder / "02-b.md").write_text("---\nlayout: closing\ntitle: E\n---\n", "utf-8")
    slides = read_slides(folder, load_layouts(), Numbers(NOTHING)).shown

    def sections(language: str) -> str:
        told = {"event": "Hall", "date": "2026", "address": "https://example.org/talk/"}
        config = Config(tmp_path, TalkInfo("T", "S", language=language, **told))
        deck = DeckMaker(tmp_path / "cache").make(DeckInput(config, NOTHING, slides))
        return "".join(deck.sections.values())

    assert "Hall，2026" in sections("zh")
    assert "Hall, 2026" in sections("he")
    assert 'dir="ltr">example.org/talk/' in sections("he")
    assert '"https://example.org/talk/">example.org' in sections("zh")
